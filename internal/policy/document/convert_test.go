package document

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConvert(t *testing.T) {
	tests := []struct {
		name, raw, xml string
	}{
		{"plain", "<policies>\r\n  <inbound />\r\n</policies>", "<policies>\r\n  <inbound />\r\n</policies>"},
		{"an attribute",
			`<policies><inbound><set-variable name="a" value="@(1 < 2 && "x" == "y")" /></inbound></policies>`,
			`<policies><inbound><set-variable name="a" value="@(1 &lt; 2 &amp;&amp; &quot;x&quot; == &quot;y&quot;)" /></inbound></policies>`},
		{"a text",
			"<policies><inbound><set-body>@{\n  return \"a\" + (1 < 2);\n}</set-body></inbound></policies>",
			"<policies><inbound><set-body>@{\n  return \"a\" + (1 &lt; 2);\n}</set-body></inbound></policies>"},
		{"beside text",
			`<policies><inbound><set-header name="a"><value>x @(h => h.Key=="Via") y</value></set-header></inbound></policies>`,
			`<policies><inbound><set-header name="a"><value>x @(h =&gt; h.Key=="Via") y</value></set-header></inbound></policies>`},
		{"an entity as typed",
			`<policies><inbound><set-body>@("&amp;lt;".Length)</set-body></inbound></policies>`,
			`<policies><inbound><set-body>@("&amp;lt;".Length)</set-body></inbound></policies>`},
		{"comments and layout stay",
			"<!-- a -->\n<policies>\n\t<inbound>\n\t\t<!-- b -->\n\t\t<base/>\n\t\t<set-variable  name='a'\n\t\t\tvalue='@(\"a\")'/>\n\t</inbound>\n</policies>\n",
			"<!-- a -->\n<policies>\n\t<inbound>\n\t\t<!-- b -->\n\t\t<base/>\n\t\t<set-variable  name='a'\n\t\t\tvalue='@(&quot;a&quot;)'/>\n\t</inbound>\n</policies>\n"},
		{"a value that only looks like XML",
			`<fragment><set-body template="liquid">{{body.x}} &lt; 3</set-body></fragment>`,
			`<fragment><set-body template="liquid">{{body.x}} &lt; 3</set-body></fragment>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Convert([]byte(test.raw), RawXML, XML)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.xml, string(got)); diff != "" {
				t.Errorf("as xml (-want +got):\n%s", diff)
			}
			back, err := Convert([]byte(test.xml), XML, RawXML)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.raw, string(back)); diff != "" {
				t.Errorf("as typed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConvertRefuses(t *testing.T) {
	if _, err := Convert([]byte("<policies>"), XML, RawXML); err == nil {
		t.Error("a document that is cut off was converted")
	}
}
