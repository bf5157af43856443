// Package rewrite turns the published examples of Microsoft's Go SDK for API
// Management into tests. The SDK's module holds a file of examples for each
// client: functions that call Azure, followed by a comment with what Azure
// answers, as Go code. Rewrite changes where they are sent, keeps what they
// get, and makes code of what they expect. Nothing of the SDK is kept here: the
// files are read from the module cache whenever the tests run.
package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// example is one function.
type example struct {
	name, client, method string
	body, want           string
}

// Package reads the examples in dir, the folder of a version of the SDK whose
// import path is path, and returns the source of one test file with a package
// called examples, and how many examples it has.
func Package(dir, path, version string) (source []byte, count int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_example_test.go"))
	if err != nil {
		return nil, 0, fmt.Errorf("looking for examples: %w", err)
	}
	slices.Sort(files)
	var all []example
	for _, file := range files {
		found, err := read(file)
		if err != nil {
			return nil, 0, fmt.Errorf("reading the examples in %s: %w", filepath.Base(file), err)
		}
		all = append(all, found...)
	}
	source, err = write(all, path, version)
	return source, len(all), err
}

// read cuts a file into its functions.
func read(file string) ([]example, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var examples []example
	for _, decl := range tree.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
			continue
		}
		body := text[fset.Position(f.Body.Lbrace).Offset+1 : fset.Position(f.Body.Rbrace).Offset]
		examples = append(examples, convert(strings.TrimPrefix(f.Name.Name, "Example"), string(body)))
	}
	return examples, nil
}

// call finds which method of which client a function is about.
var call = regexp.MustCompile(`clientFactory\.New(\w+)\(\)\.(?:Begin|New)?(\w+?)(?:Pager)?\(`)

// convert rewrites one function.
func convert(name, body string) example {
	e := example{name: name}
	if m := call.FindStringSubmatch(body); m != nil {
		e.client, e.method = m[1], m[2]
	}
	// Older examples write a word where newer ones have the id of a subscription.
	body = strings.ReplaceAll(body, "/subscriptions/subid/", "/subscriptions/00000000-0000-0000-0000-000000000000/")
	code, comment := divide(body)
	e.body = strings.NewReplacer(
		"azidentity.NewDefaultAzureCredential(nil)", "h.Credential()",
		`NewClientFactory("<subscription-id>", cred, nil)`, "NewClientFactory(harness.Subscription, cred, h.Options())",
		"log.Fatalf(", "h.Fatalf(",
		"_ = res\n", "h.Got(res)\n",
		"for _, v := range page.", "h.Got(page)\nfor _, v := range page.",
	).Replace(code)
	e.want = expected(comment, e.client+e.method+"Response")
	return e
}

// divide takes the comment with the answer out of a function.
func divide(body string) (code, comment string) {
	var c, w strings.Builder
	inside := false
	for line := range strings.Lines(body) {
		trimmed := strings.TrimLeft(line, "\t ")
		switch {
		case strings.HasPrefix(trimmed, "// If the HTTP response code is"):
			inside = true
		case inside && strings.HasPrefix(trimmed, "//"):
			w.WriteString(strings.TrimPrefix(strings.TrimPrefix(trimmed, "//"), " "))
		default:
			inside = false
			c.WriteString(line)
		}
	}
	return c.String(), w.String()
}

// answer is how a comment names the answer.
var answer = regexp.MustCompile(`(?m)^(res|page)\b`)

// expected makes a function of the comment that gives the answer, or "" where
// there is none, or none that is Go.
func expected(comment, response string) string {
	if strings.TrimSpace(comment) == "" {
		return ""
	}
	code := "func() any {\nvar want armapimanagement." + response + "\n" +
		answer.ReplaceAllString(comment, "want") + "return want\n}"
	if _, err := parser.ParseExpr(code); err != nil {
		return ""
	}
	return code
}

// write puts the examples into one file.
func write(all []example, path, version string) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `package examples

import (
	"context"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	armapimanagement %q

	"github.com/sallyport/sallyport/test/sdk/go/harness"
)

var (
	_ = to.Ptr[int]
	_ = time.Now
)

func TestExamples(t *testing.T) {
	harness.Run(t, %q, []harness.Example{
`, path, version)
	for _, e := range all {
		want := e.want
		if want == "" {
			want = "nil"
		}
		fmt.Fprintf(&b, "{Name: %q, Group: %q, Run: func(h *harness.Call) {\n%s\n}, Want: %s},\n", e.name, e.client, e.body, want)
	}
	b.WriteString("})\n}\n")
	source, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the rewritten examples are not Go: %w", err)
	}
	return source, nil
}
