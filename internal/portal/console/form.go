package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// Limits of what a form offers.
const (
	maxInputs  = 100
	maxOptions = 200
	maxExample = 64 << 10
)

// input is a parameter with what was filled in.
type input struct {
	Name, Label, Type, Hint string
	Required                bool
	Options                 []page.Option
	Value, Problem          string
}

// group is the parameters that go to one place.
type group struct {
	Title  string
	Inputs []input
}

// media is one media type of a body that the operation takes.
type media struct {
	Type    string
	Example string
	// Fields and Files are those of a form.
	Fields, Files []input
	Form          bool
}

// filled gives what the visitor filled in, or what a form begins with.
type filled struct {
	draft    *draft
	problems []page.Problem
}

// value is what was sent for a field, or what it begins with.
func (f filled) value(name, initial string) string {
	if f.draft == nil {
		return initial
	}
	return f.draft.get(name)
}

func (f filled) problem(name string) string {
	for _, p := range f.problems {
		if p.Field == name {
			return p.Text
		}
	}
	return ""
}

// input is a parameter as a field of the form.
func (f filled) input(prefix string, p client.Parameter, required bool) input {
	in := input{Name: prefix + p.Name, Label: p.Name, Type: inputType(p.Type), Required: required, Hint: hint(p)}
	initial := p.DefaultValue
	if initial == "" && required {
		initial = exampleOf(p.Examples)
	}
	in.Value, in.Problem = f.value(in.Name, initial), f.problem(in.Name)
	values := p.Values
	if len(values) == 0 && p.Type == "boolean" {
		values = []string{"true", "false"}
	}
	if n := len(values); n > 0 && n <= maxOptions {
		in.Options = append(in.Options, page.Option{Value: "", Text: "(not sent)"})
		if required {
			in.Options[0].Text = "(choose)"
		}
		for _, v := range values {
			in.Options = append(in.Options, page.Option{Value: v, Text: v})
		}
	}
	return in
}

// inputType is the type of the field: numbers are typed as text, because fields
// for numbers would round what is large.
func inputType(parameter string) string {
	if parameter == "password" {
		return "password"
	}
	return "text"
}

// hint says what a parameter is, in plain text.
func hint(p client.Parameter) string {
	text := strings.Join(strings.Fields(p.Description), " ")
	kind := p.Type
	switch {
	case kind == "" || kind == "string":
		return shorten(text, 300)
	case text == "":
		return kind
	}
	return kind + " – " + shorten(text, 300)
}

// exampleOf is the text of the first example, by name, with "default" before all.
func exampleOf(examples map[string]client.Example) string {
	names := slices.SortedFunc(maps.Keys(examples), func(a, b string) int {
		return cmp.Or(-cmp.Compare(boolInt(a == "default"), boolInt(b == "default")), strings.Compare(a, b))
	})
	for _, name := range names {
		raw := examples[name].Value
		if len(raw) == 0 || len(raw) > maxExample {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) == nil {
			return text
		}
		var b bytes.Buffer
		if json.Indent(&b, raw, "", "  ") == nil && b.String() != "null" {
			return b.String()
		}
	}
	return ""
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// groups are the parameters of an operation.
func (f filled) groups(o *client.Operation) []group {
	var path, query, header group
	path.Title, query.Title, header.Title = "Path", "Query", "Header"
	described := map[string]client.Parameter{}
	for _, p := range o.TemplateParameters {
		described[p.Name] = p
	}
	for _, t := range templateParameters(o.URLTemplate) {
		p := described[t.Name]
		if p.Name = t.Name; t.Name == "*" && p.Description == "" {
			p.Description = "the rest of the path"
		}
		path.add(f.input(pathField, p, !t.Wildcard))
	}
	if o.Request != nil {
		for _, p := range o.Request.QueryParameters {
			query.add(f.input(queryField, p, p.Required))
		}
		for _, p := range o.Request.Headers {
			// The body's media type has a field of its own.
			if strings.EqualFold(p.Name, "Content-Type") || checkField("", p.Name, "") != nil {
				continue
			}
			header.add(f.input(headerField, p, p.Required))
		}
	}
	return slices.DeleteFunc([]group{path, query, header}, func(g group) bool { return len(g.Inputs) == 0 })
}

func (g *group) add(in input) {
	if len(g.Inputs) < maxInputs {
		g.Inputs = append(g.Inputs, in)
	}
}

// bodies are the media types that an operation takes. One that describes none
// takes any, unless its method has no body.
func (f filled) bodies(o *client.Operation) []media {
	var found []media
	if o.Request != nil {
		for _, r := range o.Request.Representations {
			if len(found) < maxInputs {
				found = append(found, f.media(r))
			}
		}
	}
	if len(found) == 0 && !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, o.Method) {
		found = append(found, media{Type: "application/json"})
	}
	return found
}

func (f filled) media(r client.Representation) media {
	m := media{Type: r.ContentType, Form: r.ContentType == formMedia || r.ContentType == multipartMedia}
	for _, p := range r.FormParameters {
		switch {
		case len(m.Fields)+len(m.Files) >= maxInputs:
		case isFile(p) && r.ContentType == multipartMedia:
			m.Files = append(m.Files, f.input(fileField, p, p.Required))
		default:
			m.Fields = append(m.Fields, f.input(formField, p, p.Required))
		}
	}
	if !m.Form {
		m.Example = exampleOf(r.Examples)
	}
	return m
}

// isFile says whether a field of a form is a file.
func isFile(p client.Parameter) bool { return p.Type == "file" || p.Type == "binary" }
