package markup

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf16"
)

const sample = `<?xml version="1.0" encoding="utf-16"?>
<a:root xmlns:a="urn:a" xmlns="urn:b" x=" 1 ">
  <child type="a:T">one <b>two</b> three</child>
  <a:child ref="U"/>
</a:root>`

func TestParse(t *testing.T) {
	little := []byte{0xff, 0xfe}
	big := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(sample)) {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	for name, data := range map[string][]byte{"UTF-8": []byte("\xef\xbb\xbf" + sample), "UTF-16": little, "UTF-16, big": big} {
		t.Run(name, func(t *testing.T) {
			root, text, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			child := root.First("urn:b", "child")
			if !root.Is("urn:a", "root") || root.Attribute("x") != "1" || child.AllText() != "one two three" || child.Text() != "one  three" {
				t.Errorf("got %+v, %q", root, child.AllText())
			}
			if string(text[child.Start:child.End]) != `<child type="a:T">one <b>two</b> three</child>` || child.Line != 3 || child.Column != 3 {
				t.Errorf("at %d:%d: %s", child.Line, child.Column, text[child.Start:child.End])
			}
			if n, ok := child.Resolve(child.Attribute("type")); !ok || n != (xml.Name{Space: "urn:a", Local: "T"}) {
				t.Errorf("got %v", n)
			}
			if n, ok := root.First("urn:a", "child").Resolve("U"); !ok || n.Space != "urn:b" {
				t.Errorf("got %v", n)
			}
			if _, ok := root.Resolve("c:U"); ok {
				t.Error("a prefix that is not declared is resolved")
			}
		})
	}
	var absent *Element
	if absent.First("", "a") != nil || absent.Attribute("a")+absent.Text()+absent.AllText() != "" {
		t.Error("an absent element has something")
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"document type", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "line 1, column 1: the document has a document type"},
		{"external entity", `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, "document type"},
		{"entity", "<a>\n&b;</a>", "line 2, column 4: the document is not XML: invalid character entity &b;"},
		{"encoding", `<?xml version="1.0" encoding="iso-8859-1"?><a/>`, "save the document as UTF-8"},
		{"not closed", "<a><b></a>", "not XML"},
		{"two roots", "<a/><b/>", "second root"},
		{"empty", "", "no element"},
		{"text", "a", "no element"},
		{"deep", strings.Repeat("<a>", MaxDepth+1), "limit MaxDepth"},
		{"wide", "<a>" + strings.Repeat("<b/>", MaxElements) + "</a>", "limit MaxElements"},
		{"attributes", "<a" + manyAttributes() + "/>", "limit MaxAttributes"},
		{"large", strings.Repeat(" ", MaxSize+1), "limit MaxSize"},
		{"not UTF-8", "<a>\xff</a>", "invalid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Parse([]byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func manyAttributes() string {
	var b strings.Builder
	for i := range MaxAttributes + 1 {
		b.WriteString(" a")
		b.WriteString(strings.Repeat("b", i))
		b.WriteString(`=""`)
	}
	return b.String()
}

// FuzzParse checks that no document makes the reader panic, and that each
// element is where it says.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("\xff\xfe<\x00a\x00/\x00>\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, text, err := Parse(data)
		if err != nil {
			return
		}
		if !strings.HasPrefix(string(text[root.Start:]), "<") || root.End < root.Start || root.End > len(text) {
			t.Fatalf("the root is at %d to %d", root.Start, root.End)
		}
		root.AllText()
	})
}
