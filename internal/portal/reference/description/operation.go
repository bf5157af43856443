package description

import (
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Operation is all that a document says of an operation.
type Operation struct {
	Name, Method, Path, Summary, Text string
	Tags                              []string
	Deprecated                        bool
	External                          *External
	// Parameters are those of the path, the query, the header and cookies.
	Parameters []Parameter
	// Body is nil where the operation takes none.
	Body      *Body
	Responses []Response
	// Security has the alternatives, any of which opens the operation. It is
	// empty where the document asks for nothing.
	Security  []Requirement
	Callbacks []Callback
}

// Parameter is a parameter, or a header of a response, or a field of a form.
type Parameter struct {
	Name string
	// In is path, query, header or cookie.
	In, Text                        string
	Required, Deprecated, MayBeNone bool
	// Form says how lists and objects are written, in words; "" is as usual.
	Form string
	// Type is the media type of a parameter that has one.
	Type     string
	Schema   *Schema
	Examples []Example
	// Anchor is what links to the parameter end in.
	Anchor string
}

// Body is what an operation takes.
type Body struct {
	Text     string
	Required bool
	Media    []Media
}

// Response is one answer of an operation.
type Response struct {
	// Status is a number, a range as 4XX, or default.
	Status, Text string
	Headers      []Parameter
	Media        []Media
	Links        []ResponseLink
	Anchor       string
}

// ResponseLink says that what is answered can be given to another operation.
type ResponseLink struct{ Name, Operation, Text string }

// Callback is a call that the API makes to whoever called it.
type Callback struct {
	Name, Expression string
	Operations       []Operation
}

// maxCallbacks bounds the callbacks of an operation, and how many of them are
// read inside of each other.
const (
	maxCallbacks     = 20
	maxCallbackDepth = 1
)

// Read returns the operation of an entry.
func (d *Description) Read(e *Entry) *Operation {
	r := &reader{d: d, left: MaxShown, bytes: MaxExamples}
	return r.operation(e, 0)
}

// reader is the state of reading one operation, or one schema.
type reader struct {
	d *Description
	// left is how many schemas may still be read, each of those of the one at
	// hand, and bytes how long further examples may be.
	left, each, bytes int
	// base begins the anchors of what is no part of the operation itself.
	base string
}

func (r *reader) operation(e *Entry, depth int) *Operation {
	o := &Operation{
		Name: e.Name, Method: e.Method, Path: e.Path, Summary: e.Summary, Text: text(e.node),
		Tags: e.Tags, Deprecated: e.Deprecated, External: external(e.node),
	}
	if o.Text == "" {
		o.Text = text(e.item)
	}
	if depth == 0 {
		o.Security = r.d.security(e.node)
	}
	list := r.parameterList(e)
	for _, p := range list {
		in := p.Get("in").Text()
		if in == "body" || in == "formData" {
			continue
		}
		o.Parameters = append(o.Parameters, r.parameter(p.Get("name").Text(), in, p))
	}
	if r.d.swagger {
		o.Body = r.swaggerBody(e, list)
	} else {
		o.Body = r.body(e.node.Get("requestBody"))
	}
	o.Responses = r.responses(e.node)
	if depth < maxCallbackDepth {
		o.Callbacks = r.callbacks(e.node, depth)
	}
	return o
}

// parameterList are the parameters of an operation and those of its path which
// it does not have itself.
func (r *reader) parameterList(e *Entry) []document.Value {
	var out []document.Value
	seen := map[string]bool{}
	for _, holder := range []document.Value{e.node, e.item} {
		for p := range holder.Get("parameters").Items() {
			p, _ = r.d.doc.Follow(p)
			key := p.Get("in").Text() + " " + p.Get("name").Text()
			if p.Get("name").Text() == "" || seen[key] || len(out) == MaxList {
				continue
			}
			seen[key] = true
			out = append(out, p)
		}
	}
	return out
}

// parameter reads a parameter, or a header.
func (r *reader) parameter(name, in string, v document.Value) Parameter {
	p := Parameter{
		Name: name, In: in, Text: text(v), Required: v.Get("required").True() || in == "path",
		Deprecated: v.Get("deprecated").True(), MayBeNone: v.Get("allowEmptyValue").True(),
		Form: form(v), Examples: r.examples(v), Anchor: anchor(in, name),
	}
	schema := v.Get("schema")
	for media, content := range v.Get("content").Members() {
		p.Type, schema = media, content.Get("schema")
		p.Examples = append(p.Examples, r.examples(content)...)
		break
	}
	if !schema.Exists() {
		schema = v // Of Swagger 2, and of its headers: the type is the parameter's own.
	}
	p.Schema = r.top(schema, p.Anchor)
	if schema.Get("description").Text() == p.Text {
		p.Schema.Text = ""
	}
	return p
}

// form says how a list or an object is written in a parameter.
func form(v document.Value) string {
	style, explode := v.Get("style").Text(), v.Get("explode")
	switch v.Get("collectionFormat").Text() {
	case "csv":
		return "values with commas between"
	case "ssv":
		return "values with spaces between"
	case "tsv":
		return "values with tabs between"
	case "pipes":
		return "values with | between"
	case "multi":
		return "one parameter for each value"
	}
	switch style {
	case "spaceDelimited":
		return "values with spaces between"
	case "pipeDelimited":
		return "values with | between"
	case "deepObject":
		return "name[property]=value"
	case "label":
		return "values with dots before"
	case "matrix":
		return ";name=value"
	}
	if explode.Exists() && !explode.True() {
		return "values with commas between"
	}
	return ""
}

func (r *reader) callbacks(node document.Value, depth int) []Callback {
	var out []Callback
	for name, v := range node.Get("callbacks").Members() {
		v, _ = r.d.doc.Follow(v)
		for expression, item := range v.Members() {
			if len(out) == maxCallbacks {
				return out
			}
			c := Callback{Name: name, Expression: expression}
			r.base = anchor("callback", name) + "."
			for _, e := range r.d.entries(nil, expression, item) {
				c.Operations = append(c.Operations, *r.operation(&e, depth+1))
			}
			r.base = ""
			out = append(out, c)
		}
	}
	return out
}

// anchor makes what links end in of names.
func anchor(names ...string) string {
	return strings.Map(func(c rune) rune {
		if c <= ' ' || c == 0x7f {
			return '_'
		}
		return c
	}, strings.Join(names, "."))
}
