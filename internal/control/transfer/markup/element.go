package markup

import (
	"encoding/xml"
	"iter"
	"strings"
)

// Is reports whether the element has that namespace and name.
func (e *Element) Is(space, local string) bool {
	return e != nil && e.Name.Local == local && e.Name.Space == space
}

// Attribute returns the value of an attribute without a namespace, without
// space around it, and "" where it is absent.
func (e *Element) Attribute(local string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attributes {
		if a.Name.Local == local && a.Name.Space == "" {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// All goes through the children of that namespace and name.
func (e *Element) All(space, local string) iter.Seq[*Element] {
	return func(yield func(*Element) bool) {
		if e == nil {
			return
		}
		for _, c := range e.Children {
			if c.Is(space, local) && !yield(c) {
				return
			}
		}
	}
}

// First returns the first child of that namespace and name, or nil.
func (e *Element) First(space, local string) *Element {
	for c := range e.All(space, local) {
		return c
	}
	return nil
}

// Text returns the text that stands directly in the element, without space
// around it.
func (e *Element) Text() string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(strings.Join(e.pieces, ""))
}

// AllText returns the text of the element and of all below it, with runs of
// space as one.
func (e *Element) AllText() string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	e.appendText(&b)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (e *Element) appendText(b *strings.Builder) {
	for i := range max(len(e.pieces), len(e.Children)) {
		if i < len(e.pieces) {
			b.WriteString(e.pieces[i])
		}
		if i < len(e.Children) {
			b.WriteByte(' ')
			e.Children[i].appendText(b)
		}
	}
}

// addText adds text behind the last child that was read.
func (e *Element) addText(text string) {
	for len(e.pieces) <= len(e.Children) {
		e.pieces = append(e.pieces, "")
	}
	e.pieces[len(e.Children)] += text
}

// Resolve reads the name that an attribute or a text holds, as in
// "tns:Order", with the namespaces that are declared at the element. It is
// false where the prefix is not declared.
func (e *Element) Resolve(name string) (xml.Name, bool) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		prefix, local = "", name
	}
	if prefix == "xml" {
		return xml.Name{Space: "http://www.w3.org/XML/1998/namespace", Local: local}, true
	}
	for at := e; at != nil; at = at.Parent {
		for _, a := range at.Attributes {
			if prefix == "" && a.Name.Space == "" && a.Name.Local == "xmlns" ||
				prefix != "" && a.Name.Space == "xmlns" && a.Name.Local == prefix {
				return xml.Name{Space: a.Value, Local: local}, true
			}
		}
	}
	return xml.Name{Local: local}, prefix == ""
}

// Standalone returns the element as a document of its own: as it was written,
// with the declarations of namespaces that it has from above. Text is what
// Parse returned.
func (e *Element) Standalone(text []byte) string {
	declared := map[string]bool{}
	var added strings.Builder
	for at := e; at != nil; at = at.Parent {
		for _, a := range at.Attributes {
			name := declares(a)
			if name == "" {
				continue
			}
			if !declared[name] && at != e {
				added.WriteString(" " + name + `="` + attributeEscaper.Replace(a.Value) + `"`)
			}
			declared[name] = true
		}
	}
	own := string(text[e.Start:e.End])
	end := strings.IndexAny(own, " \t\r\n/>")
	if end < 0 {
		return own
	}
	return own[:end] + added.String() + own[end:]
}

// declares returns the name of an attribute that declares a namespace, as it
// was written, and "" for any other.
func declares(a xml.Attr) string {
	switch {
	case a.Name.Space == "xmlns":
		return "xmlns:" + a.Name.Local
	case a.Name.Space == "" && a.Name.Local == "xmlns":
		return "xmlns"
	default:
		return ""
	}
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\n", "&#10;", "\t", "&#9;", "\r", "&#13;")
