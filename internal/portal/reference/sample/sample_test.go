package sample_test

import (
	"context"
	"encoding/json"
	"flag"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/portal/reference/sample"
)

var (
	update = flag.Bool("update", false, "write the golden files")
	long   = flag.Bool("long", false, "run samples of compiled languages too")
)

// hostile are texts that end literals where they are not escaped.
var hostile = []string{
	`'; touch /tmp/x; '`, `"+process.exit()+"`, "`touch x`", `$(touch x)`, `${process.exit()}`, `{$x}`, `\`, `\'`, `\"`, `"""`, "'''", "EOT",
	`\u0022`, `\\u0022;`, "a\u2028b\u2029c\u0085d", "\x01\x02\x7f", "é ü 漢字 😀", "%s%d{0}", "</script><!--", "@file", "<?php ?>", "#{x}", "\u202e", "tab\there",
}

func requests() map[string]sample.Request {
	body := "{\n  \"name\": \"Ann O'Neil\",\n  \"quote\": \"\\\"\\\\ `${x}` $y \\u0041\"\n}"
	return map[string]sample.Request{
		"get":  {Method: "GET", URL: "https://api.example.com/pets?limit=10&q=a%20b", Headers: []sample.Pair{{"Ocp-Apim-Subscription-Key", "YOUR_KEY"}}},
		"post": {Method: "POST", URL: "https://api.example.com/pets", Headers: []sample.Pair{{"Content-Type", "application/json"}, {"Ocp-Apim-Subscription-Key", "YOUR_KEY"}}, Body: body},
		"form": {Method: "POST", URL: "https://api.example.com/pets/1/photo", Headers: []sample.Pair{{"Ocp-Apim-Subscription-Key", "YOUR_KEY"}},
			Form: []sample.Field{{"name", "Rex's", false}, {"file", "photo.jpg", true}}},
	}
}

func TestSamples(t *testing.T) {
	for name, r := range requests() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".txtar")
			var got txtar.Archive
			for _, l := range sample.Languages() {
				got.Files = append(got.Files, txtar.File{Name: l.Name, Data: []byte(l.Write(r))})
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(&got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range got.Files {
				if diff := cmp.Diff(string(want.Files[i].Data), string(f.Data)); diff != "" {
					t.Errorf("%s: %s", f.Name, diff)
				}
			}
		})
	}
}

// received is what a server was sent.
type received struct {
	Method, Path, Query, Body string
	Header                    string
	Fields                    map[string]string
}

// server keeps the last request.
type server struct {
	*httptest.Server
	mu   sync.Mutex
	last *received
}

func listen(t *testing.T) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got := &received{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header.Get("X-Text")}
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			got.Fields = map[string]string{}
			if err := r.ParseMultipartForm(1 << 20); err == nil {
				for name, values := range r.MultipartForm.Value {
					got.Fields[name] = values[0]
				}
				for name := range r.MultipartForm.File {
					got.Fields[name] = "a file"
				}
			}
		} else if body, err := io.ReadAll(r.Body); err == nil {
			got.Body = string(body)
		}
		s.mu.Lock()
		s.last = got
		s.mu.Unlock()
	}))
	t.Cleanup(s.Close)
	return s
}

// run runs a sample, and returns what the server got.
func run(t *testing.T, s *server, language, code string) *received {
	t.Helper()
	commands := map[string][]string{
		"curl": {"bash", "sample.sh"}, "python": {"python3", "sample.py"}, "javascript": {"node", "sample.mjs"},
		"go": {"go", "run", "sample.go"}, "java": {"java", "Sample.java"}, "php": {"php", "sample.php"},
	}
	dir := t.TempDir()
	if language == "csharp" {
		commands[language] = compileCSharp(t, dir, code)
	}
	command := commands[language]
	if command == nil {
		t.Skip("SKIPPED: nothing runs " + language)
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		missing(t, language, command[0])
	}
	file := command[len(command)-1]
	if language == "csharp" {
		file = "sample.txt" // What is run was compiled.
	}
	for name, text := range map[string]string{file: code, "photo.jpg": "a picture"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.mu.Lock()
	s.last = nil
	s.mu.Unlock()
	c := exec.CommandContext(context.Background(), command[0], command[1:]...) //nolint:gosec // The commands are above.
	c.Dir = dir
	c.Env = append(os.Environ(), "GO111MODULE=off", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	out, err := c.CombinedOutput()
	if strings.Contains(string(out), "No module named 'requests'") {
		t.Skip("SKIPPED: Python has no package requests")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || s.last == nil {
		t.Fatalf("%s: %v\n%s\n%s", language, err, out, code)
	}
	return s.last
}

// missing skips a test whose program is not on the machine. That of PHP is what
// scripts/services.sh installs.
func missing(t *testing.T, language, program string) {
	t.Helper()
	if language == "php" {
		if os.Getenv("CI") != "" {
			t.Fatal("SKIPPED-REQUIRED: php is not on this machine: run scripts/services.sh samples")
		}
		t.Skip("SKIPPED-REQUIRED: php is not on this machine: run scripts/services.sh samples")
	}
	t.Skip("SKIPPED: " + program + " is not on this machine")
}

// TestSamplesRun runs the samples, and compares what a server gets with what was
// to be sent.
func TestSamplesRun(t *testing.T) {
	s := listen(t)
	text := strings.Join(hostile, " ")
	header := strings.Map(func(c rune) rune {
		if c < ' ' || c > 0x7e {
			return -1
		}
		return c
	}, text)
	multi := "{\n  \"a\": " + quoted(strings.Join(hostile[:12], " ")) + ",\n  \"b\": \"é 😀 \\\\u0022\"\n}"
	tests := []struct {
		name string
		r    sample.Request
		want received
	}{
		{"body", sample.Request{Method: "POST", URL: s.URL + "/a%20b?q=%27%22&x={y}", Headers: []sample.Pair{{"X-Text", header}, {"Content-Type", "text/plain"}}, Body: text},
			received{Method: "POST", Path: "/a%20b", Body: text, Header: header}},
		{"several lines", sample.Request{Method: "PATCH", URL: s.URL + "/b", Headers: []sample.Pair{{"Content-Type", "application/json"}}, Body: multi},
			received{Method: "PATCH", Path: "/b", Body: multi}},
		{"form", sample.Request{Method: "POST", URL: s.URL + "/c", Form: []sample.Field{{"text", "It's \"$x\" `y` \\ @z", false}, {"file", "photo.jpg", true}}},
			received{Method: "POST", Path: "/c", Fields: map[string]string{"text": "It's \"$x\" `y` \\ @z", "file": "a file"}}},
		{"delete", sample.Request{Method: "DELETE", URL: s.URL + "/d"}, received{Method: "DELETE", Path: "/d"}},
	}
	for _, l := range sample.Languages() {
		for _, test := range tests {
			t.Run(l.Name+" "+test.name, func(t *testing.T) {
				if (l.Name == "go" || l.Name == "java") && !*long {
					t.Skip("SKIPPED: compiled languages run with -args -long")
				}
				if l.Name == "javascript" && test.name == "form" {
					test.want.Fields = map[string]string{"text": test.want.Fields["text"], "file": "a file"}
				}
				r := test.r
				if l.Name == "java" { // It refuses what is no URI.
					r.URL = strings.ReplaceAll(r.URL, "{y}", "y")
				}
				got := *run(t, s, l.Name, l.Write(r))
				got.Query = ""
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(raw)
}

// TestSamplesParse parses samples of every hostile text in every place.
func TestSamplesParse(t *testing.T) {
	var all []sample.Request
	for _, text := range hostile {
		all = append(all,
			sample.Request{Method: text, URL: "https://x.example/" + text, Headers: []sample.Pair{{text, text}, {"A", text}}, Body: text},
			sample.Request{Method: "PUT", URL: text, Body: "x\n" + text + "\ny"},
			sample.Request{Method: "POST", URL: "https://x.example", Form: []sample.Field{{text, text, false}, {text, text, true}}})
	}
	for _, l := range sample.Languages() {
		t.Run(l.Name, func(t *testing.T) {
			var samples []string
			for _, r := range all {
				samples = append(samples, l.Write(r))
			}
			parse(t, l.Name, samples)
		})
	}
}

// parse fails where one of the samples is no program.
func parse(t *testing.T, language string, samples []string) {
	t.Helper()
	var command []string
	switch language {
	case "go":
		for _, code := range samples {
			if _, err := parser.ParseFile(token.NewFileSet(), "sample.go", code, parser.AllErrors); err != nil {
				t.Errorf("%v\n%s", err, code)
			}
		}
		return
	case "python":
		command = []string{"python3", "-c", "import sys,json,ast\nfor s in json.load(sys.stdin): ast.parse(s)"}
	case "javascript":
		command = []string{"node", "--input-type=module", "-e", "import vm from 'vm'; import fs from 'fs';\nfor (const s of JSON.parse(fs.readFileSync(0))) new vm.Script('(async () => {' + s + '})')"}
	case "curl":
		command = []string{"bash", "-n", "/dev/stdin"}
	case "php":
		command = []string{"php", "-r", "foreach (json_decode(stream_get_contents(STDIN), true) as $s) token_get_all($s, TOKEN_PARSE);"}
	default:
		t.Skip("SKIPPED: nothing here parses " + language)
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		missing(t, language, command[0])
	}
	input, err := json.Marshal(samples)
	if err != nil {
		t.Fatal(err)
	}
	if language == "curl" {
		input = []byte(strings.Join(samples, "\n"))
	}
	c := exec.CommandContext(context.Background(), command[0], command[1:]...) //nolint:gosec // The commands are above.
	c.Stdin = strings.NewReader(string(input))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// FuzzWrite writes samples of anything: those in Go have the texts as they are.
func FuzzWrite(f *testing.F) {
	for _, text := range hostile {
		f.Add("GET", "https://x.example/"+text, "X", text, text)
	}
	f.Fuzz(func(t *testing.T, method, url, name, value, body string) {
		r := sample.Request{Method: method, URL: url, Headers: []sample.Pair{{name, value}}, Body: body}
		for _, l := range sample.Languages() {
			code := l.Write(r)
			if l.Name == "go" {
				if _, err := parser.ParseFile(token.NewFileSet(), "sample.go", code, 0); err != nil {
					t.Errorf("%v\n%s", err, code)
				}
			}
			if strings.ContainsAny(code, "\x00") {
				t.Errorf("%s has a zero", l.Name)
			}
		}
	})
}
