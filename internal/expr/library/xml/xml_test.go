package xml_test

import (
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
)

// run returns the text of an expression's value, or its exception's type.
func run(t *testing.T, c *expr.Compiler, code string, block bool) string {
	t.Helper()
	p, err := c.Compile(expr.Source{Code: code, Block: block})
	if err != nil {
		t.Fatal(err)
	}
	s, null, err := p.Text(&host.Context{Static: &host.Static{}})
	switch {
	case err != nil:
		_, text, _ := strings.Cut(err.Error(), ": ")
		name, _, _ := strings.Cut(text, ":")
		return name
	case null:
		return "null"
	}
	return s
}

func TestElements(t *testing.T) {
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	const doc = `XElement.Parse("<r xmlns:p='urn:p' k='1'><a x='1'>one</a><a x='2'>two</a><b><c>3</c></b><p:d>ns</p:d><e/></r>")`
	tests := []struct{ name, code, want string }{
		{"indented", `XElement.Parse("<a><b>1</b><c><d/></c></a>")`, "<a>\n  <b>1</b>\n  <c>\n    <d />\n  </c>\n</a>"},
		{"mixed content", `XElement.Parse("<a><b/>x<c><d/></c></a>")`, "<a>\n  <b />x<c><d /></c></a>"},
		{"white space", `XElement.Parse("<a>\n <b/>\n</a>").ToString()`, "<a>\n  <b />\n</a>"},
		{"preserved", `XElement.Parse("<a xml:space='preserve'> <b/> </a>").Value.Length`, "2"},
		{"empty with end tag", `XElement.Parse("<a></a>")`, "<a></a>"},
		{"entities", `XElement.Parse("<a k='&quot;&lt;'>&amp;&#65;&#x42;</a>")`, `<a k="&quot;&lt;">&amp;AB</a>`},
		{"CDATA", `XElement.Parse("<a><![CDATA[<x>]]></a>")`, "<a><![CDATA[<x>]]></a>"},
		{"comment and instruction", `XElement.Parse("<a><!--c--><?p d?></a>")`, "<a>\n  <!--c-->\n  <?p d?>\n</a>"},
		{"declaration", `XDocument.Parse("<?xml version='1.0' encoding='utf-8'?><a/>").Declaration`, `<?xml version="1.0" encoding="utf-8"?>`},
		{"prefix kept", `XElement.Parse("<p:a xmlns:p='urn:p' p:k='1'/>")`, `<p:a xmlns:p="urn:p" p:k="1" />`},
		{"default namespace", `XElement.Parse("<a xmlns='urn:a'><b/></a>").Elements().First().Name`, "{urn:a}b"},
		{"attribute without namespace", `XElement.Parse("<a xmlns='urn:a' k='1'/>").Attribute("k").Value`, "1"},
		{"child", doc + `.Element("a").Value`, "one"},
		{"no child", doc + `.Element("zz")?.Value`, "null"},
		{"children by name", doc + `.Elements("a").Count()`, "2"},
		{"descendants", doc + `.Descendants().Count()`, "6"},
		{"by namespace", doc + `.Element(XNamespace.Get("urn:p") + "d").Value`, "ns"},
		{"text", doc + `.Value`, "onetwo3ns"},
		{"parent", doc + `.Element("b").Element("c").Parent.Name`, "b"},
		{"ancestors", doc + `.Descendants("c").Ancestors().Count()`, ""},
		{"prefix of namespace", doc + `.GetPrefixOfNamespace("urn:p")`, "p"},
		{"next node", `((XElement)` + doc + `.Element("b").NextNode).Name.LocalName`, "d"},
		{"integer", `(int)` + doc + `.Element("b").Element("c") + 1`, "4"},
		{"nullable", `(int?)` + doc + `.Element("zz")`, "null"},
		{"null to a struct", `(int)` + doc + `.Element("zz")`, "System.ArgumentNullException"},
		{"bad boolean", `(bool)` + doc + `.Element("a")`, "System.FormatException"},
		{"date", `((DateTime)XElement.Parse("<a>2024-01-02T03:04:05Z</a>")).ToString("s")`, "2024-01-02T03:04:05"},
		{"duration", `(TimeSpan)XElement.Parse("<a>P1DT2H3M4.5S</a>")`, "1.02:03:04.5000000"},
		{"written duration", `new XElement("a", new TimeSpan(1, 2, 3, 4)).Value`, "P1DT2H3M4S"},
		{"content", `new XElement("a", new XAttribute("x", 1), "t", new[]{ new XElement("b", true), new XElement("c", 1.5) })`, `<a x="1">t<b>true</b><c>1.5</c></a>`},
		{"null content", `new XElement("a", null)`, "<a />"},
		{"empty content", `new XElement("a", "")`, "<a></a>"},
		{"own namespaces", `new XElement(XNamespace.Get("urn:x") + "a", new XElement("b"))`, "<a xmlns=\"urn:x\">\n  <b xmlns=\"\" />\n</a>"},
		{"bad name", `new XElement("bad name")`, "System.Xml.XmlException"},
		{"bad prefix", `XElement.Parse("<p:a/>")`, "System.Xml.XmlException"},
		{"not closed", `XElement.Parse("<a><b></a>")`, "System.Xml.XmlException"},
		{"two roots", `XElement.Parse("<a/><b/>")`, "System.Xml.XmlException"},
		{"attribute twice", `XElement.Parse("<a b='1' b='2'/>")`, "System.Xml.XmlException"},
		{"unknown entity", `XElement.Parse("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>")`, "System.Xml.XmlException"},
		{"deep equality", `XNode.DeepEquals(XElement.Parse("<a x='1'/>"), XElement.Parse("<a x=\"1\" />"))`, "True"},
		{"equality comparer", `new XNodeEqualityComparer().Equals(XElement.Parse("<a/>"), XElement.Parse("<b/>"))`, "False"},
		{"document order", `new XNodeDocumentOrderComparer().Compare(` + doc + `.FirstNode, null)`, "1"},
		{"names are equal", `XElement.Parse("<a/>").Name == "a"`, "True"},
	}
	for _, test := range tests {
		if test.want == "" {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			if got := run(t, c, test.code, false); got != test.want {
				t.Errorf("%s\ngot  %q\nwant %q", test.code, got, test.want)
			}
		})
	}
}

func TestEdits(t *testing.T) {
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = `var x = XElement.Parse("<a k='1'><b>1</b><c/></a>"); `, ` return x.ToString(SaveOptions.DisableFormatting);`
	tests := []struct{ name, code, want string }{
		{"add", `x.Add(new XElement("d"), "t");`, `<a k="1"><b>1</b><c /><d />t</a>`},
		{"add first", `x.AddFirst(new XElement("d"));`, `<a k="1"><d /><b>1</b><c /></a>`},
		{"add beside", `x.Element("b").AddAfterSelf(new XElement("d")); x.Element("b").AddBeforeSelf(new XComment("e"));`, `<a k="1"><!--e--><b>1</b><d /><c /></a>`},
		{"copy of what has a parent", `x.Add(x.Element("b"));`, `<a k="1"><b>1</b><c /><b>1</b></a>`},
		{"itself", `x.Add(x);`, `<a k="1"><b>1</b><c /><a k="1"><b>1</b><c /></a></a>`},
		{"value", `x.Element("b").Value = "<";`, `<a k="1"><b>&lt;</b><c /></a>`},
		{"attribute", `x.SetAttributeValue("k", null); x.SetAttributeValue("l", 2);`, `<a l="2"><b>1</b><c /></a>`},
		{"element value", `x.SetElementValue("b", null); x.SetElementValue("d", 2);`, `<a k="1"><c /><d>2</d></a>`},
		{"remove", `x.Element("b").Remove();`, `<a k="1"><c /></a>`},
		{"remove many", `x.Elements().Remove(); x.Attributes().Remove();`, `<a />`},
		{"replace", `x.Element("b").ReplaceWith(new XElement("z"), "t");`, `<a k="1"><z />t<c /></a>`},
		{"replace nodes", `x.ReplaceNodes("t");`, `<a k="1">t</a>`},
		{"order", `x.SetAttributeValue("o", new XNodeDocumentOrderComparer().Compare(x.FirstNode, x.LastNode));`, `<a k="1" o="-1"><b>1</b><c /></a>`},
		{"rename", `x.Name = XNamespace.Get("urn:x") + "y";`, `<y k="1" xmlns="urn:x"><b xmlns="">1</b><c xmlns="" /></y>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := run(t, c, begin+test.code+end, true); got != test.want {
				t.Errorf("%s\ngot  %s\nwant %s", test.code, got, test.want)
			}
		})
	}
}
