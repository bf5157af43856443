package export

import (
	"encoding/xml"
	"strings"
)

// xmlWriter writes elements, one a line. An element without content is closed
// where it begins.
type xmlWriter struct {
	b    strings.Builder
	open []string // Names of the elements that are open.
	bare bool     // The last one has no content yet.
}

// start begins an element. Attributes are names and values in turn; those
// without a value are left out.
func (x *xmlWriter) start(name string, attributes ...string) {
	x.content()
	x.indent()
	x.b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			x.b.WriteString(" " + attributes[i] + `="` + escape(attributes[i+1]) + `"`)
		}
	}
	x.open = append(x.open, name)
	x.bare = true
}

// content ends the start of the element that is open.
func (x *xmlWriter) content() {
	if x.bare {
		x.b.WriteString(">\n")
		x.bare = false
	}
}

func (x *xmlWriter) indent() { x.b.WriteString(strings.Repeat("  ", len(x.open))) }

// end ends the element that was started last.
func (x *xmlWriter) end() {
	name := x.open[len(x.open)-1]
	x.open = x.open[:len(x.open)-1]
	if x.bare {
		x.b.WriteString(" />\n")
		x.bare = false
		return
	}
	x.indent()
	x.b.WriteString("</" + name + ">\n")
}

// line writes XML as it is.
func (x *xmlWriter) line(text string) {
	x.content()
	x.indent()
	x.b.WriteString(text + "\n")
}

// doc writes documentation where there is some.
func (x *xmlWriter) doc(title, text string) {
	if title == "" && text == "" {
		return
	}
	attribute := ""
	if title != "" {
		attribute = ` title="` + escape(title) + `"`
	}
	if text == "" {
		x.line("<doc" + attribute + " />")
		return
	}
	x.line("<doc" + attribute + ">" + escape(text) + "</doc>")
}

// escape writes text for XML; characters that XML does not have are replaced.
func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // A Builder takes everything.
	}
	return b.String()
}
