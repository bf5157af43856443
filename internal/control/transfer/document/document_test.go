package document

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, in, want string
	}{
		{"JSON", ` {"a": [1, -2.50e3, true, null, "x\"\u00e9"], "b": {}, "c": []}`, `{"a":[1,-2.50e3,true,null,"x\"é"],"b":{},"c":[]}`},
		{"byte order mark", "\xef\xbb\xbf{}", `{}`},
		{"flow YAML", `{a: b}`, `{"a":"b"}`},
		{"YAML", "a: 1\nb: [yes, true, ~, '1', 1.5, 0x1F, .inf]\n200:\n  c: |\n    text\n", `{"a":1,"b":["yes",true,null,"1",1.5,31,".inf"],"200":{"c":"text\n"}}`},
		{"dates are strings", "a: 2024-01-02\n", `{"a":"2024-01-02"}`},
		{"aliases", "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  b: 2\n  e: 3\n", `{"a":{"b":1},"c":{"b":1},"d":{"b":2,"e":3}}`},
		{"empty YAML", "", `null`},
		{"only a comment", "# nothing\n", `null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := Parse([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(n.AppendJSON(nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPositions(t *testing.T) {
	for _, in := range []string{"{\n  \"é\": 1, \"b\": {\"c\": \"d\"}\n}", "{\n  \"é\": 1, \"b\": {\"c\": \"d\"}\n}\n#"} {
		n, err := Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		line, column := n.Get("b").Get("c").Position()
		if line != 2 || column != 22 {
			t.Errorf("%q: c is at %d:%d, want 2:22", in, line, column)
		}
		if m := n.Members[1]; m.Line != 2 || m.Column != 11 {
			t.Errorf("%q: b is at %d:%d, want 2:11", in, m.Line, m.Column)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	tests := []struct {
		name, in     string
		line, column int
		message      string
	}{
		{"end", `{"a": `, 1, 7, "ends where a value"},
		{"comma", "{\n\"a\": 1\n\"b\": 2}", 3, 1, "a comma or }"},
		{"trailing comma", `{"a":1,}`, 1, 8, "a name in quotes"},
		{"twice", "{\"a\":1,\n\"a\":2}", 2, 1, `the name "a" is there twice`},
		{"twice in YAML", "a: 1\nb: 2\na: 3\n", 3, 1, `the name "a" is there twice`},
		{"number", `[01]`, 1, 2, `"01" is not a number`},
		{"escape", `["\q"]`, 1, 2, "an escape"},
		{"control", "{\"a\nb\":1}", 1, 4, "control character"},
		{"after", `{} {}`, 1, 4, "after the document"},
		{"YAML tab", "a:\n\t- b\n", 2, 1, ""},
		{"YAML indentation", "a: b\n  c: d\n", 2, 4, ""},
		{"no anchor", "a: *b\n", 1, 4, ""},
		{"deep", strings.Repeat("[", 300), 1, 258, "MaxDepth"},
		{"deep YAML", strings.Repeat("- ", 300) + "a", 1, 0, "MaxDepth"},
		{"key", "? [a]\n: b\n", 1, 3, "must be a scalar"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parse := ParseYAML
			if strings.HasPrefix(tt.in, "{") || strings.HasPrefix(tt.in, "[") {
				parse = ParseJSON
			}
			_, err := parse([]byte(tt.in))
			var e *SyntaxError
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a SyntaxError", err)
			}
			if e.Line != tt.line || tt.column > 0 && e.Column != tt.column || !strings.Contains(e.Message, tt.message) {
				t.Errorf("got %v; want %d:%d and %q", e, tt.line, tt.column, tt.message)
			}
		})
	}
}

// TestAliasBombs checks that what aliases add is bounded.
func TestAliasBombs(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := byte('b'); c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 8) + "*" + string(c-1) + "]\n"
	}
	for in, want := range map[string]string{bomb: "MaxAliasNodes", "a: &a [*a]\n": "a"} {
		if _, err := Parse([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %q", in, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\u00e9"}],"c":null}`))
	f.Add([]byte("a: &x [1, *x]\nb:\n  <<: *x\n"))
	f.Add([]byte("- ? a\n  : |\n   b\n- !!int '3'\n- 0o17\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(data)
		if err != nil {
			return
		}
		out := n.AppendJSON(nil)
		again, err := ParseJSON(out)
		if err != nil {
			if strings.Contains(err.Error(), "is there twice") {
				return
			}
			t.Fatalf("%q: %v", out, err)
		}
		if got := again.AppendJSON(nil); !bytes.Equal(got, out) {
			t.Fatalf("%q\n%q", out, got)
		}
	})
}
