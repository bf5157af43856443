package description

import (
	"encoding/json"
	"slices"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// The media types of forms.
const (
	formURLEncoded = "application/x-www-form-urlencoded"
	formMultipart  = "multipart/form-data"
	jsonType       = "application/json"
)

// mediaTypes are those that an operation of Swagger 2 takes or gives.
func (r *reader) mediaTypes(node document.Value, word string) []string {
	list := node.Get(word)
	if !list.Exists() {
		list = r.d.doc.At("#/" + word)
	}
	types := list.Texts()
	return types[:min(len(types), MaxList)]
}

// swaggerBody makes a body of a parameter in body, or of those of a form.
func (r *reader) swaggerBody(e *Entry, parameters []document.Value) *Body {
	types := r.mediaTypes(e.node, "consumes")
	var fields []document.Value
	for _, p := range parameters {
		switch p.Get("in").Text() {
		case "body":
			body := &Body{Text: text(p), Required: p.Get("required").True()}
			if len(types) == 0 {
				types = []string{jsonType}
			}
			for _, name := range types {
				m := r.media(name, p.Get("schema"), document.Value{}, "request", body.Media)
				m.Examples = r.swaggerExample(p, name)
				body.Media = append(body.Media, m)
			}
			return body
		case "formData":
			fields = append(fields, p)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	schema, multipart, needed := formSchema(fields)
	if len(types) == 0 {
		types = []string{formURLEncoded}
		if multipart {
			types = []string{formMultipart}
		}
	}
	body := &Body{Required: needed}
	for _, name := range types {
		body.Media = append(body.Media, r.media(name, schema, document.Value{}, "request", body.Media))
	}
	return body
}

// swaggerExample is the example of a body that many documents have, although
// Swagger 2 does not: x-example, or x-examples by media types.
func (r *reader) swaggerExample(p document.Value, media string) []Example {
	for _, v := range []document.Value{p.Get("x-examples").Get(media), p.Get("x-example")} {
		if v.Exists() {
			return []Example{r.example(Example{}, v)}
		}
	}
	return nil
}

// formSchema is the schema of the object that a form is.
func formSchema(fields []document.Value) (schema document.Value, multipart, needed bool) {
	out := []byte(`{"type":"object","properties":{`)
	required := []byte(`},"required":[`)
	names := 0
	for i, f := range fields {
		name, err := json.Marshal(f.Get("name").Text())
		if err != nil {
			continue
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, name...), ':')
		if f.Get("type").Text() == "file" {
			multipart = true
			out = append(out, `{"type":"string","format":"binary"`...)
			if t, err := json.Marshal(f.Get("description").Text()); err == nil {
				out = append(append(out, `,"description":`...), t...)
			}
			out = append(out, '}')
		} else {
			out = append(out, f.JSON()...)
		}
		if f.Get("required").True() {
			needed = true
			if names++; names > 1 {
				required = append(required, ',')
			}
			required = append(required, name...)
		}
	}
	return document.Of(append(append(out, required...), `]}`...)), multipart, needed
}

// swaggerContent makes the media types of a response of Swagger 2.
func (r *reader) swaggerContent(node, response document.Value, at string) []Media {
	schema, examples := response.Get("schema"), response.Get("examples")
	types := r.mediaTypes(node, "produces")
	for name := range examples.Members() {
		if !slices.Contains(types, name) && len(types) < MaxList {
			types = append(types, name)
		}
	}
	if !schema.Exists() && !examples.Exists() {
		return nil
	}
	if len(types) == 0 {
		types = []string{jsonType}
	}
	var out []Media
	for _, name := range types {
		m := r.media(name, schema, document.Value{}, at, out)
		if v := examples.Get(name); v.Exists() {
			m.Examples = []Example{r.example(Example{}, v)}
		}
		out = append(out, m)
	}
	return out
}
