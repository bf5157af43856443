package description

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Media is a body in one media type.
type Media struct {
	Type     string
	Schema   *Schema
	Examples []Example
	// Encoding says of fields of a form how they are written.
	Encoding []Encoding

	d      *Description
	schema document.Value
}

// Encoding is how one field of a form is written.
type Encoding struct{ Field, Type, Form string }

// Example is an example of a value that a document gives.
type Example struct {
	Name, Summary, Text string
	// Value is the example as it is shown: JSON with white space, or the text
	// that it is. It is empty where it stands elsewhere, at URL, or is too long.
	Value, URL string
	TooLong    bool
}

// body reads the request body of OpenAPI 3.
func (r *reader) body(v document.Value) *Body {
	v, _ = r.d.doc.Follow(v)
	if v.Kind() != document.Object {
		return nil
	}
	return &Body{Text: text(v), Required: v.Get("required").True(), Media: r.content(v.Get("content"), r.base+"request")}
}

func (r *reader) content(v document.Value, at string) []Media {
	var out []Media
	for name, m := range v.Members() {
		if len(out) == MaxList {
			break
		}
		m, _ = r.d.doc.Follow(m)
		schema := m.Get("schema")
		if !schema.Exists() {
			schema = m.Get("itemSchema")
		}
		out = append(out, r.media(name, schema, m, at, out))
	}
	return out
}

// media reads a media type. One whose schema is that of an earlier one is not
// read again.
func (r *reader) media(name string, schema, holder document.Value, at string, earlier []Media) Media {
	m := Media{Type: name, Examples: r.examples(holder), d: r.d, schema: schema}
	for field, e := range holder.Get("encoding").Members() {
		if len(m.Encoding) < MaxList {
			m.Encoding = append(m.Encoding, Encoding{field, e.Get("contentType").Text(), form(e)})
		}
	}
	for i := range earlier {
		if bytes.Equal(earlier[i].schema.JSON(), schema.JSON()) {
			m.Schema = earlier[i].Schema
			return m
		}
	}
	if schema.Exists() {
		m.Schema = r.top(schema, anchor(at, name))
	}
	return m
}

// responses reads the answers of an operation, in the order of the document.
func (r *reader) responses(node document.Value) []Response {
	var out []Response
	for status, v := range node.Get("responses").Members() {
		if strings.HasPrefix(status, "x-") || len(out) == MaxList {
			continue
		}
		v, _ = r.d.doc.Follow(v)
		response := Response{Status: status, Text: text(v), Anchor: anchor("response", status)}
		for name, h := range v.Get("headers").Members() {
			if len(response.Headers) == MaxList {
				break
			}
			h, _ = r.d.doc.Follow(h)
			header := r.parameter(name, "header", h)
			header.Anchor = anchor(response.Anchor, "header", name)
			response.Headers = append(response.Headers, header)
		}
		if r.d.swagger {
			response.Media = r.swaggerContent(node, v, response.Anchor)
		} else {
			response.Media = r.content(v.Get("content"), response.Anchor)
		}
		for name, l := range v.Get("links").Members() {
			if len(response.Links) < MaxList {
				l, _ = r.d.doc.Follow(l)
				response.Links = append(response.Links, ResponseLink{name, l.Get("operationId").Text(), text(l)})
			}
		}
		out = append(out, response)
	}
	return out
}

// examples reads example and examples of a media type or a parameter.
func (r *reader) examples(v document.Value) []Example {
	var out []Example
	if one := v.Get("example"); one.Exists() {
		out = append(out, r.example(Example{}, one))
	}
	for name, e := range v.Get("examples").Members() {
		if len(out) == MaxList {
			break
		}
		e, _ = r.d.doc.Follow(e)
		example := Example{Name: name, Summary: e.Get("summary").Text(), Text: text(e)}
		switch url := Link(e.Get("externalValue").Text()); {
		case url != "":
			example.URL = url
			out = append(out, example)
		case e.Get("value").Exists():
			out = append(out, r.example(example, e.Get("value")))
		case e.Get("dataValue").Exists():
			out = append(out, r.example(example, e.Get("dataValue")))
		}
	}
	return out
}

// example fills in the value of an example, unless it is too long.
func (r *reader) example(e Example, v document.Value) Example {
	shown := show(v)
	if len(shown) > MaxExample || len(shown) > r.bytes {
		e.TooLong = true
		return e
	}
	r.bytes -= len(shown)
	e.Value = shown
	return e
}

// show writes a value so that it can be read: texts as they are, all else as
// JSON.
func show(v document.Value) string {
	if v.Kind() == document.String {
		return v.Text()
	}
	var out bytes.Buffer
	if len(v.JSON()) > MaxExample || json.Indent(&out, v.JSON(), "", "  ") != nil {
		return string(v.JSON())
	}
	return out.String()
}
