package author

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/control/transfer/apiops"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policies/reference"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// PolicyCommand is what can be done with policies without a gateway.
func PolicyCommand() *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "Check policy documents, and read about policies"}
	c.AddCommand(policyCheckCommand(), policyDocsCommand())
	return c
}

// policyCheckCommand compiles documents and says what is wrong.
func policyCheckCommand() *cobra.Command {
	k := &checker{}
	c := &cobra.Command{
		Use:   "check PATH...",
		Short: "Compile policy documents and say what is wrong with them",
		Long: "A PATH is an APIOps folder, which is compiled as a gateway would; a folder of bare policy documents (*.xml);\n" +
			"or one document. In bare documents, fragments that are not there count as empty, and a named value that is\n" +
			"not there is tried as a number, a truth value, a word and a URL.\n\n" +
			"The last line counts: N passed, M failed. The exit code is 1 where one failed.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &commandline.UsageError{Err: fmt.Errorf("policy check needs a folder or a document")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			k.out = c.OutOrStdout()
			for _, path := range args {
				if err := k.path(path); err != nil {
					return err
				}
			}
			fmt.Fprintf(k.out, "%d passed, %d failed\n", k.passed, k.failed)
			if k.failed > 0 {
				return fmt.Errorf("%d of %d documents have errors", k.failed, k.passed+k.failed)
			}
			return nil
		},
	}
	c.Flags().StringVar(&k.overrides, "overrides", "", "file of overrides to lay over a folder (configuration.prod.yaml)")
	c.Flags().BoolVar(&k.missing, "allow-missing-values", false,
		"where an environment variable or a file with a value is missing, take its name as the value: for checks that are given no secrets")
	return c
}

// policyDocsCommand writes the reference pages.
func policyDocsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "docs DIR",
		Short: "Write the reference page of each policy",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return reference.Write(args[0], policies.All()) },
	}
}

// checker checks documents and counts.
type checker struct {
	out            io.Writer
	overrides      string // file, or ""
	missing        bool   // missing values are allowed
	compiler       *expr.Compiler
	passed, failed int
}

// path checks one argument.
func (k *checker) path(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("checking policies: %w", err)
	}
	if k.compiler == nil {
		if k.compiler, err = expr.NewCompiler(); err != nil {
			return fmt.Errorf("preparing the expression compiler: %w", err)
		}
	}
	switch {
	case !info.IsDir():
		return k.document(path)
	case isConfiguration(path):
		return k.configuration(path)
	}
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(name), ".xml") {
			return err
		}
		return k.document(name)
	})
}

// isConfiguration reports whether a folder is an APIOps folder.
func isConfiguration(dir string) bool {
	for _, name := range []string{"apis", "products", "policy fragments", "workspaces", "policy.xml"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// configuration compiles an APIOps folder; each policy document counts.
func (k *checker) configuration(dir string) error {
	options, err := k.options(dir)
	if err != nil {
		return err
	}
	read, problems := apiops.Read(os.DirFS(dir), options)
	if !problems.HasErrors() {
		_, compiled := snapshot.Compile(&snapshot.Document{Revision: 1, Resources: read.Resources},
			&snapshot.Settings{Policies: policies.All(), Expressions: k.compiler})
		problems = append(problems, read.Locate(compiled)...)
	}
	failed := map[string]bool{}
	for _, p := range problems {
		p.File = filepath.Join(dir, p.File)
		fmt.Fprintln(k.out, p)
		if p.Severity == problem.SeverityError {
			failed[p.File] = true
		}
	}
	documents := 0
	if read != nil {
		for _, r := range read.Resources {
			if r.Kind() == "policy" || r.Kind() == "policyFragment" {
				documents++
			}
		}
	}
	k.failed += len(failed)
	k.passed += max(documents-len(failed), 0)
	return nil
}

// options are those that a folder is read with.
func (k *checker) options(dir string) (apiops.Options, error) {
	o := apiops.Options{Env: os.LookupEnv, ReadValue: ValueReader(dir)}
	if k.overrides != "" {
		data, err := os.ReadFile(filepath.Clean(k.overrides))
		if err != nil {
			return o, fmt.Errorf("reading the overrides: %w", err)
		}
		o.Overrides, o.OverridesFile = data, k.overrides
	}
	if !k.missing {
		return o, nil
	}
	o.Env = func(name string) (string, bool) {
		if value, ok := os.LookupEnv(name); ok {
			return value, true
		}
		return name, true
	}
	read := o.ReadValue
	o.ReadValue = func(name string) ([]byte, error) {
		data, err := read(name)
		if errors.Is(err, fs.ErrNotExist) {
			return []byte(name), nil
		}
		return data, err
	}
	return o, nil
}

// ValueReader reads the files of values; one that is not absolute is looked for
// in the configuration folder.
func ValueReader(dir string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return os.ReadFile(filepath.Clean(name))
	}
}
