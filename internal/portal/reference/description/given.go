package description

import (
	"encoding/xml"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Example is the body that an example of the media type has: the first that the
// document gives, or else one that is made of the schema. made says that it was
// made. It is "" where there is none, as of files.
func (m *Media) Example(way Way) (body string, made bool) {
	for i := range m.Examples {
		if m.Examples[i].Value != "" {
			return m.Examples[i].Value, false
		}
	}
	if m.d == nil || !m.schema.Exists() {
		return "", false
	}
	v := m.d.make(m.schema, way)
	if !v.Exists() {
		return "", true
	}
	return m.d.written(m.Type, m.schema, v), true
}

// Fields are the fields of a form's example.
func (m *Media) Fields() []Field {
	if m.d == nil {
		return nil
	}
	example := document.Value{}
	for i := range m.Examples {
		if v := document.Of([]byte(m.Examples[i].Value)); v.Kind() == document.Object {
			example = v
			break
		}
	}
	if !example.Exists() {
		example = m.d.make(m.schema, Request)
	}
	schema, _ := m.d.doc.Follow(m.schema)
	var out []Field
	for name, v := range example.Members() {
		if len(out) == MaxList {
			break
		}
		p, _ := m.d.doc.Follow(schema.Get("properties").Get(name))
		items, _ := m.d.doc.Follow(p.Get("items"))
		file := isFile(p) || isFile(items)
		out = append(out, Field{Name: name, Value: plain(v), File: file})
	}
	return out
}

func isFile(v document.Value) bool {
	return v.Get("format").Text() == "binary" || v.Get("contentMediaType").Exists() && v.Get("contentEncoding").Text() == "" ||
		v.Get("type").Text() == "file"
}

// Field is a field of a form.
type Field struct {
	Name, Value string
	File        bool
}

// Example is a value of the parameter, as it is written in a URL or a header
// before it is escaped: the first example, the default, or one that is made.
func (d *Description) Example(p *Parameter) string {
	for i := range p.Examples {
		if v := p.Examples[i].Value; v != "" {
			if value := document.Of([]byte(v)); value.Kind() == document.List {
				return plain(value)
			}
			return v
		}
	}
	return plain(d.Make(p.Schema, Request))
}

// plain is a value as text: lists with commas between.
func plain(v document.Value) string {
	if v.Kind() != document.List {
		if v.Kind() == document.Object {
			return string(v.JSON())
		}
		return v.Text()
	}
	var parts []string
	for item := range v.Items() {
		parts = append(parts, plain(item))
	}
	return strings.Join(parts, ",")
}

// written is a value in a media type.
func (d *Description) written(media string, schema, v document.Value) string {
	media, _, _ = strings.Cut(strings.ToLower(media), ";")
	switch {
	case strings.HasSuffix(media, "json") || media == "*/*" || media == "application/*":
		return Pretty(v)
	case strings.HasSuffix(media, "xml"):
		w := &xmlWriter{d: d}
		name := "root"
		if component, _ := document.NameOf(schema.Get("$ref").Text()); component != "" {
			name = component
		}
		w.element(schema, v, name, 0)
		return w.b.String()
	case media == formURLEncoded:
		form := url.Values{}
		for name, value := range v.Members() {
			form.Set(name, plain(value))
		}
		return form.Encode()
	case media == formMultipart:
		return ""
	case strings.HasPrefix(media, "text/"):
		return plain(v)
	case v.Kind() == document.Object || v.Kind() == document.List:
		return Pretty(v)
	default:
		return ""
	}
}

// Pretty is a value as JSON that can be read, texts in quotes.
func Pretty(v document.Value) string {
	if v.Kind() == document.String {
		return string(v.JSON())
	}
	return show(v)
}

// xmlWriter writes a value as XML, as the schema says.
type xmlWriter struct {
	d *Description
	b strings.Builder
}

func (w *xmlWriter) element(schema, v document.Value, name string, depth int) {
	schema, _ = w.d.doc.Follow(schema)
	if said := schema.Get("xml").Get("name").Text(); said != "" {
		name = said
	}
	name = xmlName(name)
	indent := strings.Repeat("  ", depth)
	if v.Kind() == document.List {
		items := schema.Get("items")
		wrapped := schema.Get("xml").Get("wrapped").True() || depth == 0
		if wrapped {
			w.b.WriteString(indent + "<" + name + ">\n")
			depth++
		}
		for item := range v.Items() {
			inner := name
			if component, _ := document.NameOf(items.Get("$ref").Text()); component != "" && wrapped {
				inner = component
			}
			w.element(items, item, inner, depth)
		}
		if wrapped {
			w.b.WriteString(indent + "</" + name + ">\n")
		}
		return
	}
	w.b.WriteString(indent + "<" + name)
	if v.Kind() != document.Object {
		w.b.WriteString(">" + escapeXML(v.Text()) + "</" + name + ">\n")
		return
	}
	w.members(schema, v, depth)
	w.b.WriteString(indent + "</" + name + ">\n")
}

// members writes the attributes of an element, and then what is in it.
func (w *xmlWriter) members(schema, v document.Value, depth int) {
	attribute := func(name string) (document.Value, bool) {
		p := w.property(schema, name)
		return p, p.Get("xml").Get("attribute").True()
	}
	for name, value := range v.Members() {
		if p, ok := attribute(name); ok {
			if said := p.Get("xml").Get("name").Text(); said != "" {
				name = said
			}
			w.b.WriteString(" " + xmlName(name) + `="` + escapeXML(plain(value)) + `"`)
		}
	}
	w.b.WriteString(">\n")
	for name, value := range v.Members() {
		if p, ok := attribute(name); !ok {
			w.element(p, value, name, depth+1)
		}
	}
}

// property finds a property of a schema, also in those that it is made of.
func (w *xmlWriter) property(schema document.Value, name string) document.Value {
	if p, _ := w.d.doc.Follow(schema.Get("properties").Get(name)); p.Exists() {
		return p
	}
	for part := range schema.Get("allOf").Items() {
		part, _ = w.d.doc.Follow(part)
		if p, _ := w.d.doc.Follow(part.Get("properties").Get(name)); p.Exists() {
			return p
		}
	}
	return document.Value{}
}

// xmlName makes a name of what is none.
func xmlName(name string) string {
	name = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-.:", c) || c > 0x7f {
			return c
		}
		return '_'
	}, name)
	if name == "" || strings.ContainsRune("0123456789-.", rune(name[0])) {
		return "_" + name
	}
	return name
}

func escapeXML(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // Builders take everything.
	}
	return b.String()
}

// Given reports whether the document itself gives a value of the parameter: an
// example, a default, or the values that are allowed.
func (p *Parameter) Given() bool {
	return len(p.Examples) > 0 || p.Schema != nil && (givenValue(p.Schema.node).Exists() || len(p.Schema.Enum) > 0)
}
