package document_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policy/document"
)

// expressionVectors are C# sources that are hard to delimit: each must be read
// as a whole, in an attribute with either quote and as text of an element.
var expressionVectors = []struct {
	name  string
	code  string
	block bool
}{
	{name: "empty", code: ``},
	{name: "nested brackets", code: `a[(1 + (2))] + new[] { 1, f(x => { return x; }) }[0]`},
	{name: "closing bracket in a string", code: `"a)" + 1`},
	{name: "opening bracket in a string", code: `"a(" + 1`},
	{name: "closing bracket in a character", code: `x == ')'`},
	{name: "opening bracket in a character", code: `x == '('`},
	{name: "brace in a character", code: `x == '}' || x == '{'`},
	{name: "quote in a character", code: `x == '"' ? ')' : '\''`},
	{name: "escaped characters", code: `new[] { '\'', '\\', ')', '\u0041', '\x29' }`},
	{name: "apostrophe in a string", code: `"it's )" + 1`},
	{name: "escaped quote in a string", code: `"a\")" + 1`},
	{name: "escaped backslash in a string", code: `"a\\" + f(")")`},
	{name: "verbatim string", code: `@"a\" + (1)`},
	{name: "verbatim string with quotes", code: `@"a "")"" b" + 1`},
	{name: "verbatim string of two lines", code: "@\"a)\n(b\" + 1"},
	{name: "interpolated string", code: `$"a{b})"`},
	{name: "interpolated string with braces as text", code: `$"{{)}}" + $"{{{x}}}"`},
	{name: "string in a hole", code: `$"{context.Variables["x"]})"`},
	{name: "bracket in a string in a hole", code: `$"{f(")}")}("`},
	{name: "string in a string in a hole", code: `$"{f($"{g(")")}")}"`},
	{name: "three levels of holes", code: `$"1{$"2{$"3{")"}("})"}("`},
	{name: "format in a hole", code: `$"{x:N2})" + $"{x,10:yyyy-MM-dd}("`},
	{name: "format with an escape", code: `$"{x:hh\:mm}("`},
	{name: "conditional in a hole", code: `$"{(a ? ")" : "(")}"`},
	{name: "character in a hole", code: `$"{x == ')'}{y == '}'}"`},
	{name: "brackets in a hole", code: `$"{new[] { 1, 2 }[0]}"`},
	{name: "interpolated verbatim string", code: `$@"a\{b["c"]})"" (" + @$"\{d}("`},
	{name: "interpolated verbatim string of two lines", code: "$@\"a)\n{b}(\" + 1"},
	{name: "format with quotes in a verbatim hole", code: `$@"{x:""yyyy"" }("`},
	{name: "escape before a hole", code: `$"\\{x}\"("`},
	{name: "block comment", code: `1 /* ) " ' */ + 2`},
	{name: "block comment with stars", code: `1 /**)**/ + 2`},
	{name: "line comment", code: "1 // don't ) stop \" here\n + 2"},
	{name: "division", code: `a / b / (c)`},
	{name: "comment marks in a string", code: `"http://x/*" + ")"`},
	{name: "generic", code: `context.Request.Body.As<JObject>(true)`},
	{name: "comparison", code: `a < b && c > d && e <= f`},
	{name: "something like a tag", code: `a <b> (c) </value>`},
	{name: "bit operation like an entity", code: `a &b; c`},
	{name: "named argument", code: `f(preserveContent: true)`},
	{name: "identifier with at", code: `@class + @(x)`},
	{name: "double at", code: `a @@ b`},
	{name: "surrounding white space", code: "\n  1 \t"},
	{name: "not ASCII", code: `"äöü – 漢字 😀)" + 'ß'`},
	{name: "trailing semicolon", code: `1;`},
	{name: "character literal of three", code: `x == ''')'`},
	{name: "statements", block: true, code: `if (a < 1) { return "}"; } return '}';`},
	{name: "statements with comments", block: true, code: "\n// isn't }\nvar x = 1; /* } */\nreturn x; // }\n"},
	{name: "statements with a local function", block: true, code: `int F(int x) { return x; } return F(1);`},
	{name: "empty block", block: true, code: ``},
}

func TestExpressionsAreDelimited(t *testing.T) {
	for _, tt := range expressionVectors {
		t.Run(tt.name, func(t *testing.T) { checkDelimited(t, tt.code, tt.block) })
	}
}

// TestVectorsAreDelimited reads every expression that real C# accepts.
func TestVectorsAreDelimited(t *testing.T) {
	file, err := os.Open(filepath.Join(sharedDirectory(t, "vectors"), "expressions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		var v struct {
			ID       string `json:"id"`
			Kind     string `json:"kind"`
			Code     string `json:"code"`
			Expected struct {
				Error struct {
					Phase string `json:"phase"`
				} `json:"error"`
			} `json:"expected"`
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if v.Expected.Error.Phase == "compile" || strings.ContainsAny(v.Code, "\x00\x01") {
			continue
		}
		n++
		if !checkDelimited(t, v.Code, v.Kind == "statements") {
			t.Errorf("%s: %s", v.ID, v.Code)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d expressions, each in 6 places", n)
}

// checkDelimited reads code at all places where an expression may stand.
func checkDelimited(t *testing.T, code string, block bool) bool {
	t.Helper()
	raw := "@(" + code + ")"
	if block {
		raw = "@{" + code + "}"
	}
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "\r", "&#13;").Replace
	ok := true
	for _, place := range []struct {
		name, value string
		format      document.Format
	}{
		{"double quotes", `<fragment v="` + raw + `" w="1"><a /></fragment>`, document.RawXML},
		{"single quotes", `<fragment v=' ` + raw + ` ' w="1"><a /></fragment>`, document.RawXML},
		{"text", "<fragment>\n" + raw + "\n</fragment>", document.Auto},
		{"escaped, read as XML", `<fragment v="` + escape(raw) + `" w="1"><a /></fragment>`, document.XML},
		{"escaped, read as raw", `<fragment v="` + escape(raw) + `" w="1"><a /></fragment>`, document.RawXML},
		{"escaped text", `<fragment>` + escape(raw) + `</fragment>`, document.RawXML},
	} {
		if strings.ContainsAny(code, "\r") || strings.Contains(code, "&lt;") {
			if !strings.HasPrefix(place.name, "escaped") {
				continue // Read as the end of a line and as '<'.
			}
		}
		root, err := document.Parse([]byte(place.value), place.format, document.Limits{})
		if err != nil {
			t.Errorf("%s: %v", place.name, err)
			ok = false
			continue
		}
		got := root.Text
		if v, has := root.Attr("v"); has {
			got = v
		}
		want := document.Text{Value: code, Expression: true, Block: block}
		if got.Value != want.Value || !got.Expression || got.Block != block {
			t.Errorf("%s: got %+v, want %+v", place.name, got.Value, want.Value)
			ok = false
		}
	}
	return ok
}

func TestTexts(t *testing.T) {
	type text struct {
		Value      string
		Expression bool
		Mixed      []int
	}
	tests := []struct {
		name string
		src  string // an element's content, or with "v=" an attribute.
		want text
	}{
		{"literal", `abc`, text{Value: `abc`}},
		{"white space is kept", " a \n", text{Value: " a \n"}},
		{"line ends", "a\r\nb\rc", text{Value: "a\nb\nc"}},
		{"entities", `&lt;&gt;&amp;&quot;&apos;&#65;&#x42;`, text{Value: `<>&"'AB`}},
		{"entity of a carriage return", `a&#13;b`, text{Value: "a\rb"}},
		{"CDATA", `<![CDATA[a &lt; <b>]]>`, text{Value: `a &lt; <b>`}},
		{"CDATA beside text", `1 <![CDATA[<]]> 2`, text{Value: `1 < 2`}},
		{"comment", `a<!-- @( -->b`, text{Value: `ab`}},
		{"bare ampersand", `a & b`, text{Value: `a & b`}},
		{"expression in CDATA", `<![CDATA[ @("<" + ")") ]]>`, text{Value: `"<" + ")"`, Expression: true}},
		{"expression beside a comment", `<!-- a --> @(1) <!-- b -->`, text{Value: `1`, Expression: true}},
		{"entities in an expression", `@(&quot;)&quot; &amp;&amp; 1 &lt; 2)`, text{Value: `")" && 1 < 2`, Expression: true}},
		{"raw quotes and entities", `@(a["b"] &amp;&amp; c == &quot;)&quot;)`, text{Value: `a["b"] && c == ")"`, Expression: true}},
		{"entity of an entity", `@("&amp;lt;")`, text{Value: `"&lt;"`, Expression: true}},
		{"unknown entity in an expression", `@("&nbsp;")`, text{Value: `"&nbsp;"`, Expression: true}},
		{"at alone", `@expr`, text{Value: `@expr`}},
		{"two ats", `@@(x`, text{Value: `@@(x`}},
		{"at and star", `<![CDATA[@*]]>`, text{Value: `@*`}},
		{"at as a reference", `&#64;(x`, text{Value: `@(x`}},
		{"text in front", `Hello @(x)`, text{Value: `Hello @(x)`, Mixed: []int{6}}},
		{"text behind", `@(x) there`, text{Value: `@(x) there`, Mixed: []int{0}}},
		{"two expressions", `@(x)@{y}`, text{Value: `@(x)@{y}`, Mixed: []int{0, 4}}},
		{"tag in a mixed expression", `a @(b<c>("</a>"))`, text{Value: `a @(b<c>("</a>"))`, Mixed: []int{2}}},
		{"unclosed in CDATA", `<![CDATA[a @( b]]>`, text{Value: `a @( b`}},
		{"attribute", `v="a"`, text{Value: `a`}},
		{"attribute in single quotes", `v = 'a"b'`, text{Value: `a"b`}},
		{"white space in an attribute is kept", "v=\" a\n\tb \"", text{Value: " a\n\tb "}},
		{"white space around an expression", `v=" @(1) "`, text{Value: `1`, Expression: true}},
		{"new lines in an expression", "v=\"@(1 // )\n+ 2)\"", text{Value: "1 // )\n+ 2", Expression: true}},
		{"less in an attribute", `v="a<b"`, text{Value: `a<b`}},
		{"at and star in an attribute", `v="@*"`, text{Value: `@*`}},
		{"two ats in an attribute", `v="@@(x"`, text{Value: `@@(x`}},
		{"text in front in an attribute", `v="Hello @(x)"`, text{Value: `Hello @(x)`, Mixed: []int{6}}},
		{"text behind in an attribute", `v="@(x["a"]) there"`, text{Value: `@(x["a"]) there`, Mixed: []int{0}}},
		{"unclosed inside of an attribute", `v="a @( b"`, text{Value: `a @( b`}},
		{"entity in an attribute", `v="?a=1&amp;b=2&c=3"`, text{Value: `?a=1&b=2&c=3`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := "<fragment>" + tt.src + "</fragment>"
			if strings.HasPrefix(tt.src, "v") {
				src = "<fragment " + tt.src + " />"
			}
			root, err := document.Parse([]byte(src), document.Auto, document.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got := root.Text
			if v, ok := root.Attr("v"); ok {
				got = v
			}
			if diff := cmp.Diff(tt.want, text{got.Value, got.Expression, got.Mixed}); diff != "" {
				t.Error(diff)
			}
			checkPositions(t, src, root)
			checkRoundTrip(t, tt.name, root)
		})
	}
}
