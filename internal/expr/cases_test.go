package expr_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/exprtest"
	"github.com/sallyport/sallyport/internal/expr/host"
)

// languageCase is one entry of a file in testdata/language: a line of C#, or several, with the answer of C# under
// it. The files were written from the C# specification ("authored"). A colon before the code says that it is
// statements. The answer is one of
//
//	= int 5                     the type of the value and its ToString()
//	! System.FormatException    the exception, and optionally its message after a colon
//	~ CS0029 CS1662             all errors of the compiler; a « in the code stands before the place of each
//	~                           some errors of the compiler
type languageCase struct {
	line       int
	code, want string
	block      bool
}

// languageCases reads one file.
func languageCases(t *testing.T, file string) []languageCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []languageCase
	var code []string
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case len(code) == 0 && (line == "" || strings.HasPrefix(line, "#")):
		case len(code) > 0 && (strings.HasPrefix(line, "= ") || strings.HasPrefix(line, "! ") || strings.HasPrefix(line, "~")):
			one := languageCase{line: i, code: strings.Join(code, "\n"), want: line}
			if rest, ok := strings.CutPrefix(one.code, ": "); ok {
				one.code, one.block = rest, true
			}
			one.place()
			list, code = append(list, one), nil
		default:
			code = append(code, line)
		}
	}
	if len(code) > 0 {
		t.Fatalf("%s: the last case has no answer", file)
	}
	return list
}

// place takes the marks out of the code and writes the places behind the errors that are expected.
func (k *languageCase) place() {
	if !strings.HasPrefix(k.want, "~ ") {
		return
	}
	codes := strings.Fields(k.want)[1:]
	for i := range codes {
		before, after, ok := strings.Cut(k.code, "«")
		if !ok {
			break
		}
		line := strings.Count(before, "\n") + 1
		codes[i] += fmt.Sprintf("@%d:%d", line, len(before)-strings.LastIndexByte(before, '\n'))
		k.code = before + after
	}
	k.want = "~ " + strings.Join(codes, " ")
}

// answer runs a case and writes what came out as the files do.
func (k *languageCase) answer(c *expr.Compiler) string {
	p, err := c.Compile(expr.Source{Code: k.code, Block: k.block})
	if list, ok := errors.AsType[expr.Errors](err); ok {
		if k.want == "~" {
			return k.want
		}
		parts := []string{"~"}
		for _, e := range list {
			parts = append(parts, fmt.Sprintf("%s@%d:%d", e.Code, e.Line, e.Column))
		}
		return strings.Join(parts, " ")
	}
	if err != nil {
		return err.Error()
	}
	ctx := &expr.Context{Static: &host.Static{}, Now: exprtest.Now}
	v, err := p.Run(ctx)
	var text string
	if err == nil {
		text, _, err = p.Text(ctx)
	}
	var x *expr.Exception
	switch {
	case errors.As(err, &x):
		if _, message, ok := strings.Cut(k.want, ": "); ok && message != "" {
			return "! " + x.Type + ": " + x.Message
		}
		return "! " + x.Type
	case v.IsNull():
		return "= null"
	}
	return strings.TrimRight("= "+typeOf(v)+" "+strings.ReplaceAll(text, "\n", `\n`), " ")
}

// typeOf is the C# name of a value's type.
func typeOf(v expr.Value) string {
	if t, _, ok := v.Boxed(); ok {
		return t.Name()
	}
	if o, ok := v.Object(); ok {
		return o.ObjectType().Name()
	}
	return "string"
}

// TestLanguage runs the files of testdata/language.
func TestLanguage(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "language", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	c := newCompiler(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			for _, one := range languageCases(t, file) {
				if got := one.answer(c); got != one.want {
					t.Errorf("%s:%d: %s\n got  %s\n want %s", file, one.line, one.code, got, one.want)
				}
			}
		})
	}
}
