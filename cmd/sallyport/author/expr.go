// Package author has the commands for those who write policy documents and
// expressions: they need neither a gateway nor a management plane.
package author

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/library/reference"
)

// The output formats.
const (
	outputText = "text"
	outputJSON = "json"
)

// exprFlags are the flags of expr.
type exprFlags struct {
	block     bool
	request   string
	variables string
	vectors   string
	contexts  string
	output    string
	runtime   RuntimeFlag
}

// ExprCommand evaluates expressions, and runs files of them.
func ExprCommand() *cobra.Command {
	var f exprFlags
	c := &cobra.Command{
		Use:   "expr CODE",
		Short: "Evaluate a policy expression, or run a file of expression vectors",
		Long: "CODE is C#, with or without the brackets of a policy: Request.Method, @(…), @{…}; - reads it from the\n" +
			"standard input. It runs as in a gateway, on the request of --request (GET https://localhost/ without it).\n" +
			"The first line is the type of the value, and the value follows; or each error of the compiler, or the\n" +
			"exception, with its line and column in CODE.\n\n" +
			"With --vectors a file of vectors is run instead, one JSON object a line, each in a context of --contexts.\n" +
			"Each that fails is printed with what was expected and got; the last line counts: N passed, M failed.\n" +
			"Where .NET and the .NET Framework differ, --runtime says whose answers are given and expected.\n\n" +
			"Exit codes: 0 a value, or all vectors passed; 1 the expression does not compile or ends with an exception,\n" +
			"a vector failed, or a file cannot be read; 2 wrong command line.",
		Example: "  sallyport expr 'context.Request.Headers.GetValueOrDefault(\"Accept\", \"*/*\")' --request request.http\n" +
			"  sallyport expr --block 'var n = 1; for (int i = 2; i < 6; i++) { n *= i; } return n;'\n" +
			"  sallyport expr --vectors expressions.jsonl --contexts contexts.json",
		Args: func(_ *cobra.Command, args []string) error { return f.check(args) },
		RunE: func(c *cobra.Command, args []string) error {
			if f.vectors != "" {
				return f.runVectors(c.OutOrStdout())
			}
			return f.evaluate(args[0], c.InOrStdin(), c.OutOrStdout())
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.block, "block", false, "CODE is statements, as between @{ and }")
	flags.StringVar(&f.request, "request", "", "file with the request: the text of an HTTP/1.1 message")
	flags.StringVar(&f.variables, "vars", "",
		"file with context.Variables: a JSON object; {\"type\": \"long\", \"value\": \"1\"} names a C# type")
	flags.StringVar(&f.vectors, "vectors", "", "file of vectors to run")
	flags.StringVar(&f.contexts, "contexts", "", "file of the contexts that the vectors name")
	f.runtime.Bind(flags)
	flags.StringVarP(&f.output, "output", "o", outputText, "text or json")
	c.AddCommand(exprDocsCommand())
	return c
}

// check refuses a command line that asks for nothing or for two things.
func (f *exprFlags) check(args []string) error {
	wrong := ""
	switch {
	case f.output != outputText && f.output != outputJSON:
		wrong = fmt.Sprintf("--output %s: choose text or json", f.output)
	case (f.vectors == "") != (f.contexts == ""):
		wrong = "--vectors and --contexts belong together"
	case f.vectors != "" && (len(args) > 0 || f.block || f.request != "" || f.variables != ""):
		wrong = "--vectors takes neither CODE nor --block, --request or --vars"
	case f.vectors == "" && len(args) != 1:
		wrong = "expr needs one CODE (in single quotes, so that the shell leaves it alone), or --vectors"
	}
	if wrong == "" {
		return nil
	}
	return &commandline.UsageError{Err: errors.New(wrong)}
}

// exprDocsCommand writes the reference page of the library.
func exprDocsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "docs DIR",
		Short: "Write the reference pages of the types and members that expressions can use",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			compiler, err := expr.NewCompiler()
			if err != nil {
				return err
			}
			return reference.Write(args[0], compiler.Library())
		},
	}
}

// readFile reads a file of no more than limit bytes; what it is for stands in the error.
func readFile(purpose, path string, limit int64) ([]byte, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", purpose, err)
	}
	defer func() { _ = file.Close() }() // It is only read.
	data, err := readBounded(file, limit)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %s: %w", purpose, path, err)
	}
	return data, nil
}

// readBounded reads all of r, no more than limit bytes.
func readBounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it has more than the %d bytes that are read", limit)
	}
	return data, nil
}

// oneLine keeps a text on its line.
func oneLine(text string) string {
	return strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(text)
}
