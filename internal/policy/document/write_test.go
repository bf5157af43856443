package document_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policy/document"
)

func TestWrite(t *testing.T) {
	src := `<!-- dropped --><policies><inbound><base></base>
<set-header name='a"b' exists-action="@(x ? "o<" : &quot;&amp;lt;&quot;)"><value>@{ return "<"; }</value><value> 1 &gt; &#64;(2) </value></set-header>
<set-body template="liquid"><a  b='{{c}}'>1 &lt; @(d["e"])</a><!-- kept --></set-body>
<mixed>text <b/></mixed><v a="1
2" /></inbound></policies>`
	tests := []struct {
		format document.Format
		want   string
	}{
		{document.RawXML, `<policies>
    <inbound>
        <base />
        <set-header name="a&quot;b" exists-action="@(x ? "o<" : "&amp;lt;")">
            <value>@{ return "<"; }</value>
            <value> 1 > &#64;(2) </value>
        </set-header>
        <set-body template="liquid"><a  b='{{c}}'>1 &lt; @(d["e"])</a><!-- kept --></set-body>
        <mixed>text <b/></mixed>
        <v a="1
2" />
    </inbound>
</policies>
`},
		{document.XML, `<policies>
    <inbound>
        <base />
        <set-header name="a&quot;b" exists-action="@(x ? &quot;o&lt;&quot; : &quot;&amp;lt;&quot;)">
            <value>@{ return "&lt;"; }</value>
            <value> 1 &gt; &#64;(2) </value>
        </set-header>
        <set-body template="liquid"><a  b='{{c}}'>1 &lt; @(d[&quot;e&quot;])</a><!-- kept --></set-body>
        <mixed>text <b/></mixed>
        <v a="1&#10;2" />
    </inbound>
</policies>
`},
	}
	root, err := document.Parse([]byte(src), document.Auto, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.format.String(), func(t *testing.T) {
			var out bytes.Buffer
			if err := document.Write(&out, root, tt.format); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Error(diff)
			}
			again, err := document.Parse(out.Bytes(), tt.format, document.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var twice bytes.Buffer
			if err := document.Write(&twice, again, tt.format); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, twice.String()); diff != "" {
				t.Errorf("the canonical form is not stable:\n%s", diff)
			}
		})
	}
}

func TestWriteWhatWasNotRead(t *testing.T) {
	leaf := func(text document.Text) *document.Element {
		return &document.Element{Name: "fragment", Children: []*document.Element{{Name: "a", Text: text}}}
	}
	deep := &document.Element{Name: "a"}
	for range 2000 {
		deep = &document.Element{Name: "a", Children: []*document.Element{deep}}
	}
	tests := []struct {
		name      string
		root      *document.Element
		want, err string
	}{
		{name: "literal", root: leaf(document.Literal(`<@(&`)), want: "<a>&lt;&#64;(&amp;</a>"},
		{name: "expression", root: leaf(document.Expression(`f("<")`, false)), want: `<a>@(f("<"))</a>`},
		{name: "block", root: leaf(document.Expression(` return 1; `, true)), want: "<a>@{ return 1; }</a>"},
		{name: "inner", root: &document.Element{Name: "fragment", Children: []*document.Element{
			{Name: "set-body", Inner: "<x/> ", Children: []*document.Element{{Name: "x"}}}}}, want: "<set-body><x/> </set-body>"},
		{name: "open expression", root: leaf(document.Expression(`f(`, false)), err: "no closing ')'"},
		{name: "closing expression", root: leaf(document.Expression(`1) + (2`, false)), err: "closes a bracket at offset 1"},
		{name: "control character", root: leaf(document.Literal("\x00")), err: "a character that XML does not allow"},
		{name: "no UTF-8", root: leaf(document.Literal("a\xff")), err: "at offset 1"},
		{name: "name", root: &document.Element{Name: "a b"}, err: `"a b" is no XML name`},
		{name: "attribute's name", root: &document.Element{Name: "a", Attributes: []document.Attribute{{Name: "1"}}}, err: `"1" is no XML name`},
		{name: "too deep", root: deep, err: "nest deeper than 1000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := document.Write(&out, tt.root, document.RawXML)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || out.Len() > 0 {
					t.Errorf("wrote %q with the error %v, want %q", out.String(), err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := "<fragment>\n    " + tt.want + "\n</fragment>\n"; out.String() != want {
				t.Errorf("got %q, want %q", out.String(), want)
			}
		})
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteError(t *testing.T) {
	err := document.Write(brokenWriter{}, &document.Element{Name: "fragment"}, document.Auto)
	if err == nil || err.Error() != "writing a policy document: disk full" {
		t.Error(err)
	}
}

func TestPayload(t *testing.T) {
	tests := []struct {
		name, inner, want string
	}{
		{"JSON", `{"a": "b &amp; c"}`, `{"a": "b & c"}`},
		{"CDATA", `<![CDATA[<a>&amp;</a>]]>`, `<a>&amp;</a>`},
		{"markup", ` <a b='c'>&amp;<!-- d --></a> `, ` <a b='c'>&amp;<!-- d --></a> `},
		{"markup with CDATA and a declaration", `<?xml version="1.0"?><a><![CDATA[<]]></a>`, `<?xml version="1.0"?><a><![CDATA[<]]></a>`},
		{"markup with expressions", `<a b="@(c["d"])">@(1 < 2)</a>`, `<a b="@(c["d"])">@(1 < 2)</a>`},
		{"expression", ` @("</set-body>") `, `"</set-body>"`},
		{"Liquid", `{% if a %}{{b}}{% endif %}`, `{% if a %}{{b}}{% endif %}`},
		{"line ends", "a\r\n<b/>\r\n", "a\r\n<b/>\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := "<fragment>\n<set-body>" + tt.inner + "</set-body></fragment>"
			root, err := document.Parse([]byte(src), document.Auto, document.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			body := root.Children[0]
			if got := body.Payload(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if body.Inner != tt.inner || body.InnerPos.String() != "2:11" {
				t.Errorf("inner %q at %v", body.Inner, body.InnerPos)
			}
			checkRoundTrip(t, tt.name, root)
		})
	}
}

func TestPositionAt(t *testing.T) {
	src := "<fragment a=\"é&lt;&#x1F600;b\r\nc\">  x&amp;y<!-- -->z<![CDATA[<w]]>  </fragment>"
	root, err := document.Parse([]byte(src), document.Auto, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	a, _ := root.Attr("a")
	if a.Value != "é<😀b\nc" {
		t.Fatalf("a is %q", a.Value)
	}
	for offset, want := range map[int]string{0: "1:14", 2: "1:15", 3: "1:19", 5: "1:19", 7: "1:28", 8: "1:29", 9: "2:1", 10: "2:2", 11: "2:2", -1: "1:14"} {
		if got := a.PositionAt(offset).String(); got != want {
			t.Errorf("offset %d is at %s, want %s", offset, got, want)
		}
	}
	text := root.Text.Trim()
	if text.Value != "x&yz<w" || text.Pos.String() != "2:6" {
		t.Fatalf("the text is %q at %v", text.Value, text.Pos)
	}
	for offset, want := range map[int]string{0: "2:6", 1: "2:7", 2: "2:12", 3: "2:21", 4: "2:31", 5: "2:32", 6: "2:36"} {
		if got := text.PositionAt(offset).String(); got != want {
			t.Errorf("offset %d is at %s, want %s", offset, got, want)
		}
	}
	if got := document.Literal("x").PositionAt(1); got != (document.Position{}) {
		t.Errorf("a text that was not read is at %v", got)
	}
}

func TestBlankTextBetweenChildren(t *testing.T) {
	root, err := document.Parse([]byte("\uFEFF<policies>\n <a> </a>\n</policies>\n<!-- end -->"), document.XML, document.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if !root.Text.IsZero() || root.Children[0].Text.Value != " " {
		t.Errorf("texts %q and %q", root.Text.Value, root.Children[0].Text.Value)
	}
	if root.Pos.String() != "1:1" || root.Pos.Offset != 3 || root.End.String() != "3:12" {
		t.Errorf("from %v to %v", root.Pos, root.End)
	}
	empty, err := document.Parse([]byte("<policies a=\"\">\n</policies>"), document.Auto, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := empty.Attributes[0].Value.PositionAt(0).String(); got != "1:14" {
		t.Errorf("the empty value is at %s", got)
	}
	if _, ok := root.Attr("x"); ok {
		t.Error("an attribute that is not there")
	}
}

func BenchmarkParse(b *testing.B) {
	src := []byte("<policies><inbound><base />" + strings.Repeat(`
        <set-header name="X-A" exists-action="override">
            <value>@(context.Request.Headers.GetValueOrDefault("X-B", "") + "<")</value>
        </set-header>`, 20) + "</inbound></policies>")
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := document.Parse(src, document.Auto, document.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
