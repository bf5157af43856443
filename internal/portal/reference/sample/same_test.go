package sample_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/portal/reference/sample"
)

// operations are requests of the kinds that APIs have.
func operations(url string) map[string]sample.Request {
	key := sample.Pair{Name: "Ocp-Apim-Subscription-Key", Value: "0123abc"}
	text := sample.Pair{Name: "X-Text", Value: `It's "so": 100 % $x \n`}
	return map[string]sample.Request{
		"query and header": {Method: "GET", URL: url + "/pets?limit=10&q=a%20b%26c&empty=", Headers: []sample.Pair{key, text}},
		"path":             {Method: "GET", URL: url + "/pets/a%2Fb%20c%3F%23/%C3%A9%E2%82%AC;v=1/it's,(so)", Headers: []sample.Pair{text}},
		"JSON": {Method: "POST", URL: url + "/pets", Headers: []sample.Pair{{Name: "Content-Type", Value: "application/json"}, text},
			Body: "{\n  \"name\": \"O'Neil \\\"x\\\" \\\\ é €\",\n  \"tags\": [\"${a}\", \"`b`\", \"$c\"]\n}"},
		"one line of JSON": {Method: "PUT", URL: url + "/pets/1", Headers: []sample.Pair{{Name: "Content-Type", Value: "application/merge-patch+json"}, text},
			Body: `{"name":"\u0041 \"q\" $x"}`},
		"form": {Method: "POST", URL: url + "/pets/1/photo", Headers: []sample.Pair{text},
			Form: []sample.Field{{Name: "caption", Value: "It's \"$x\" é @z"}, {Name: "photo", Value: "photo.jpg", File: true}}},
		"form of fields": {Method: "POST", URL: url + "/pets/1", Headers: []sample.Pair{text},
			Form: []sample.Field{{Name: "a b", Value: "@photo.jpg"}, {Name: "c", Value: ""}}},
		"bearer":        {Method: "DELETE", URL: url + "/pets/1", Headers: []sample.Pair{{Name: "Authorization", Value: "Bearer a.b-c_d~e+f/g=="}, text}},
		"body of a GET": {Method: "GET", URL: url + "/search", Headers: []sample.Pair{{Name: "Content-Type", Value: "text/plain"}, text}, Body: "a & b"},
	}
}

// TestSamplesAreTheSame runs the samples of operations in every language that the
// machine has, and compares what a server gets with what curl sends.
func TestSamplesAreTheSame(t *testing.T) {
	s := listen(t)
	for name, r := range operations(s.URL) {
		t.Run(name, func(t *testing.T) {
			var want *received
			for _, l := range sample.Languages() {
				t.Run(l.Name, func(t *testing.T) {
					if (l.Name == "go" || l.Name == "java" || l.Name == "csharp") && !*long {
						t.Skip("SKIPPED: compiled languages run with -args -long")
					}
					if name == "body of a GET" && (l.Name == "javascript" || l.Name == "csharp") {
						t.Skip("SKIPPED: fetch, and the HttpClient of Mono, refuse it")
					}
					got := run(t, s, l.Name, l.Write(r))
					if l.Name == "curl" {
						want = got
						return
					}
					if want == nil {
						t.Skip("SKIPPED: there is nothing to compare with")
					}
					if diff := cmp.Diff(*want, *got); diff != "" {
						t.Errorf("what curl sends is different: %s", diff)
					}
				})
			}
		})
	}
}

// compileCSharp compiles a sample with Mono's compiler and returns what runs it.
// That knows C# 7, so what is newer in a sample is written in the older way: the
// usings that .NET adds by itself, statements without a class, declarations with
// using, and raw literals.
func compileCSharp(t *testing.T, dir, code string) []string {
	t.Helper()
	if _, err := exec.LookPath("mcs"); err != nil {
		t.Skip("SKIPPED: mcs is not on this machine: make samples says what it needs")
	}
	usings, body := "using System;\nusing System.IO;\nusing System.Net.Http;\nusing System.Threading.Tasks;\n", ""
	for line := range strings.Lines(code) {
		if strings.HasPrefix(line, "using System.") {
			usings += line
			continue
		}
		body += line
	}
	body = raw.ReplaceAllStringFunc(body, func(literal string) string {
		text := raw.FindStringSubmatch(literal)[1]
		return `@"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	})
	body = strings.ReplaceAll(body, "using var ", "var ")
	older := usings + "class Sample {\nstatic void Main() { Run().Wait(); }\nstatic async Task Run() {\n" + body + "}\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "sample.cs"), []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(context.Background(), "mcs", "-r:System.Net.Http", "-out:sample.exe", "sample.cs")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("compiling: %v\n%s\n%s", err, out, older)
	}
	return []string{"mono", "sample.exe"}
}

// raw is a raw literal of several lines.
var raw = regexp.MustCompile(`(?s)"{3,}\n(.*?)\n"{3,}`)
