package document_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
)

// errorVectors are documents that are refused, with all that is said about them.
var errorVectors = []struct {
	name   string
	format document.Format
	src    string
	want   []string
}{
	{name: "empty", src: "", want: []string{
		"1:1: the document has no element (write <policies>…</policies> or <fragment>…</fragment>)"}},
	{name: "only a comment", src: "\uFEFF<!-- x -->", want: []string{
		"1:11: the document has no element (write <policies>…</policies> or <fragment>…</fragment>)"}},
	{name: "other root", src: "<inbound><base /></inbound>", want: []string{
		"1:1: inbound: the root element is <inbound> (write <policies>…</policies>, or <fragment>…</fragment> for a policy fragment)"}},
	{name: "two roots", src: "<policies />\n<policies />", want: []string{
		"2:1: a second element after the end of <policies> (a document has one root element)"}},
	{name: "text outside", src: "hello <policies /> @(x)", want: []string{
		"1:1: text outside of the root element (put it into an element or into <!-- -->)",
		"1:20: text outside of the root element (put it into an element or into <!-- -->)"}},
	{name: "document type", src: "<!DOCTYPE x><policies />", want: []string{
		"1:1: document type declarations and other '<!' declarations are not allowed (remove it; the only entities are &lt; &gt; &amp; &quot; &apos; and numeric ones such as &#10;)"}},
	{name: "not closed", src: "<policies>\n  <inbound>\n", want: []string{
		"3:1: inbound: the document ends inside of <inbound>, which begins at 2:3 (close it with </inbound>)"}},
	{name: "closed in the wrong order", src: "<policies>\n <choose>\n  <when>\n </choose>\n</policies>", want: []string{
		"4:2: when: found </choose> where </when> is expected: <when> of 3:3 is not closed (close it with </when>, or write <when … />)"}},
	{name: "two mistakes", src: "<policies>\n <a>\n <b></c></b>\n <d x=1 />\n</policies>", want: []string{
		"3:5: b: found </c>, but no <c> is open (remove it, or write </b>)",
		"4:7: d: found '1' where the quoted value of \"x\" is expected (write x=\"value\")",
		"5:1: a: found </policies> where </a> is expected: <a> of 2:2 is not closed (close it with </a>, or write <a … />)"}},
	{name: "attribute twice", src: `<policies a="1" b="2" a="3" />`, want: []string{
		`1:23: policies: the attribute "a" is written twice (remove one)`}},
	{name: "attribute without value", src: `<policies a b="2" />`, want: []string{
		`1:11: policies: the attribute "a" has no value (write a="value")`}},
	{name: "attributes without space", src: `<policies a="1"b="2" />`, want: []string{
		`1:16: policies: found 'b' where white space, '/>' or '>' is expected (separate attributes with white space)`}},
	{name: "quote in a literal", src: `<policies a="say "hi"" />`, want: []string{
		`1:19: policies: found 'h' where white space, '/>' or '>' is expected (write &quot; for a quote in the value of "a")`}},
	{name: "missing quote", src: "<policies>\n<a b=\"x />\n<c d=\"y\" />\n</policies>", want: []string{
		`3:7: a: found 'y' where white space, '/>' or '>' is expected (a quote is missing in front of it; the value of "b" begins at 2:7)`}},
	{name: "text before an expression", src: `<policies a="Hi @(x["a"])" />`, want: []string{
		`1:22: policies: found 'a' where white space, '/>' or '>' is expected (an expression must be the whole value of "a": begin it right behind the quote, and end the value right behind it)`}},
	{name: "tag not closed", src: "<policies>\n<a b=\"1\"\n<c />\n</a></policies>", want: []string{
		"3:1: a: found '<' in the tag <a> of 2:1 (close the tag with > or />)"}},
	{name: "unknown entity", src: `<policies><a>x&nbsp;y</a><b c="&foo;" /></policies>`, want: []string{
		"1:15: a: the entity &nbsp; is not known (XML has &lt; &gt; &amp; &quot; &apos; and numeric ones such as &#10;; write &amp; for '&' itself)",
		"1:32: b: the entity &foo; is not known (XML has &lt; &gt; &amp; &quot; &apos; and numeric ones such as &#10;; write &amp; for '&' itself)"}},
	{name: "less in text", src: "<policies><a>1 < 2</a></policies>", want: []string{
		"1:16: a: a '<' that begins no tag (write &lt; for it)"}},
	{name: "expression not closed", src: "<policies>\n<a b=\"@(f(1)\" />\n</policies>", want: []string{
		"2:13: a: the string is not closed on its line (close it with \"; text of several lines is written @\"…\")"}},
	{name: "expression not closed, no string", src: "<policies>\n<a>@(f(1)</a>\n</policies>", want: []string{
		"2:4: a: the expression has no closing ')' (the '(' at 2:5 is not closed; mind quotes and // comments, which reach to the end of their line)"}},
	{name: "comment swallows the end", src: "<policies><a>@{ return 1; // }</a></policies>", want: []string{
		"1:14: a: the expression has no closing '}' (the '{' at 1:15 is not closed; mind quotes and // comments, which reach to the end of their line)"}},
	{name: "wrong bracket", src: "<policies>\n<a>@(f(1])</a>\n<b>@{ ) }</b></policies>", want: []string{
		"2:9: a: found ']' in the expression where ')' is expected (')' closes the '(' at 2:7)",
		"3:7: b: found ')' in the expression where '}' is expected ('}' closes the '{' at 3:5)"}},
	{name: "open string in a hole", src: "<policies><a>@($\"{x:\")</a></policies>", want: []string{
		"1:18: a: the '{' in the interpolated string is not closed (close it with '}'; a brace that is text is written {{)"}},
	{name: "comment not closed", src: "<policies>\n<!-- x", want: []string{"2:1: policies: the comment is not closed (close it with -->)"}},
	{name: "CDATA not closed", src: "<policies><![CDATA[ x", want: []string{"1:11: policies: the CDATA section is not closed (close it with ]]>)"}},
	{name: "instruction outside", src: `<?xml version="1.0"?><?x y?><policies />`, want: []string{
		"1:22: the processing instruction <?x?> outside of the root element (remove it)"}},
	{name: "declaration at the end", src: `<policies /><?xml version="1.0"?>`, want: []string{
		"1:13: an XML declaration that is not at the start of the document (remove it)"}},
	{name: "instruction without a name", src: `<policies><?></policies>`, want: []string{
		"1:11: policies: the '<?' is not closed (close it with ?>)"}},
	{name: "not UTF-8", src: "<policies>\n\xFF", want: []string{"2:1: the document is not UTF-8 here (save it as UTF-8)"}},
	{name: "UTF-16", src: "\xFF\xFE<\x00", want: []string{"1:1: the document is UTF-16 (save it as UTF-8)"}},
	{name: "control character", src: "<policies>é\x01", want: []string{"1:12: the character U+0001 is not allowed in a document (remove it)"}},
	{name: "column counts characters", src: "<policies><a b=\"äö\" c /></policies>", want: []string{
		`1:21: a: the attribute "c" has no value (write c="value")`}},
	{name: "XML: raw quotes", format: document.XML, src: `<policies><a b="@(x["y"])" /></policies>`, want: []string{
		`1:22: a: found 'y' where white space, '/>' or '>' is expected (write &quot; for a quote in the value of "b"; C# as it is needs the format rawxml)`}},
	{name: "XML: expression not closed", format: document.XML, src: `<policies><a b="@((1&#10;)" /></policies>`, want: []string{
		"1:17: a: the expression has no closing ')' (the '(' at 1:18 is not closed; mind quotes and // comments, which reach to the end of their line)"}},
	{name: "XML: less", format: document.XML, src: `<policies><a b="@(1 < 2)" /></policies>`, want: []string{
		"1:21: a: found '<' in an attribute's value (write &lt; for it, or close the value that begins at 1:16; C# with '<' in it needs the format rawxml)"}},
	{name: "XML: bare ampersand", format: document.XML, src: `<policies a="1&2">&</policies>`, want: []string{
		"1:15: policies: an '&' that begins no entity (write &amp; for it)",
		"1:19: policies: an '&' that begins no entity (write &amp; for it)"}},
	{name: "XML: dashes in a comment", format: document.XML, src: `<policies><!-- a -- b --></policies>`, want: []string{
		"1:18: policies: '--' in a comment (XML allows it only at its end; write - - or use the format rawxml)"}},
	{name: "XML: end of CDATA", format: document.XML, src: `<policies>a]]>b</policies>`, want: []string{
		"1:12: policies: ']]>' outside of a CDATA section (write ]]&gt; for it)"}},
	{name: "XML: late declaration", format: document.XML, src: "\n<?xml version=\"1.0\"?><policies />", want: []string{
		"2:1: an XML declaration that is not at the start of the document (remove it)"}},
	{name: "XML: encoding", format: document.XML, src: `<?xml version="1.0" encoding="utf-16"?><policies />`, want: []string{
		`1:1: the XML declaration has another encoding than utf-8 (write <?xml version="1.0" encoding="utf-8"?>)`}},
}

func TestErrors(t *testing.T) {
	for _, tt := range errorVectors {
		t.Run(tt.name, func(t *testing.T) {
			root, err := document.Parse([]byte(tt.src), tt.format, document.Limits{})
			if err == nil || root != nil {
				t.Fatalf("got %v and the error %v", root, err)
			}
			if diff := cmp.Diff(tt.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
			var first *document.Error
			if !errors.As(err, &first) || first.Message == "" || first.Hint == "" {
				t.Errorf("no *Error with a message and a hint in %T", err)
			}
			ps := document.Problems(err, "p.xml")
			if len(ps) != len(tt.want) || ps[0].String() != "p.xml:"+tt.want[0] {
				t.Errorf("as problems: %v", ps)
			}
		})
	}
}

func TestProblemsOfForeignError(t *testing.T) {
	want := problem.Problems{{Location: problem.Location{File: "p.xml"}, Message: "x"}}
	if diff := cmp.Diff(want, document.Problems(errors.New("x"), "p.xml")); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	src := "<policies>" + strings.Repeat("</a>", 1000) + "</policies>"
	_, err := document.Parse([]byte(src), document.Auto, document.Limits{})
	if n := len(document.Problems(err, "")); n != document.MaxErrors {
		t.Errorf("got %d errors, want %d", n, document.MaxErrors)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name   string
		src    string
		limits document.Limits
		want   string
	}{
		{"document bytes", "<policies>    </policies>", document.Limits{DocumentBytes: 24, FragmentBytes: 30},
			"1:1: policies: the document has 25 bytes, more than the limit of 24 (move parts of it to policy fragments)"},
		{"fragment bytes", "<fragment>    </fragment>", document.Limits{DocumentBytes: 24, FragmentBytes: 24},
			"1:1: the document has 25 bytes, more than the limit of 24 (move parts of it to policy fragments)"},
		{"default document bytes", "<policies>" + strings.Repeat(" ", document.MaxDocumentBytes) + "</policies>", document.Limits{},
			"1:1: policies: the document has 262165 bytes, more than the limit of 262144 (move parts of it to policy fragments)"},
		{"depth", "<policies><a><b /></a></policies>", document.Limits{Depth: 2},
			"1:14: b: elements nest deeper than 2 (move inner ones to policy fragments)"},
		{"elements", "<policies><a /><b /></policies>", document.Limits{Elements: 2},
			"1:16: b: the document has more than 2 elements (move parts of it to policy fragments)"},
		{"attributes", `<policies a="" b="" c="" />`, document.Limits{Attributes: 2},
			"1:21: policies: the element has more than 2 attributes (remove some)"},
		{"element name", `<policies><` + strings.Repeat("a", 30) + ` /></policies>`, document.Limits{NameLength: 29},
			"1:11: aaaaaaaaaaaaaaaa…: the element's name has more than 29 bytes (use a shorter name)"},
		{"attribute name", `<policies aaaaaaaaa="1" />`, document.Limits{NameLength: 8},
			"1:11: policies: the attribute's name has more than 8 bytes (use a shorter name)"},
		{"end tag name", `<policies></aaaaaaaaa>`, document.Limits{NameLength: 8},
			"1:11: policies: the name of the end tag has more than 8 bytes (use a shorter name)"},
		{"expression depth", `<policies>@(((1)))</policies>`, document.Limits{ExpressionDepth: 2},
			"1:14: policies: the expression nests deeper than 2 brackets (use variables for parts of it)"},
		{"interpolation depth", `<policies>@($"{$"{1}"}")</policies>`, document.Limits{ExpressionDepth: 4},
			"1:18: policies: the expression nests deeper than 4 brackets (use variables for parts of it)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := document.Parse([]byte(tt.src), document.Auto, tt.limits)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			limits := document.Limits{DocumentBytes: 1 << 20, Depth: 10}
			if _, err := document.Parse([]byte(tt.src), document.Auto, limits); err != nil && !strings.Contains(tt.src, "</aaa") {
				t.Errorf("above the limit: %v", err)
			}
		})
	}
}
