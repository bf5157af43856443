package reference

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/reference/description"
	"github.com/sallyport/sallyport/internal/problem"
)

// schemaView is a schema on a page, which knows the addresses of others.
type schemaView struct {
	*description.Schema
	b *subject
}

func (b *subject) view(s *description.Schema) schemaView { return schemaView{s, b} }

// Words is the schema's text.
func (v schemaView) Words() template.HTML { return words(v.Text, v.Anchor) }

// Link is the page of the component that the schema is; "" where it is none that
// has a page.
func (v schemaView) Link() string {
	if v.Schema == nil || v.Name == "" || !v.b.has(v.Name) {
		return ""
	}
	return v.b.SchemaPath(v.Name)
}

// has reports whether a schema has a page.
func (b *subject) has(name string) bool {
	d := b.Known
	return d != nil && (d.document != nil && d.reached[d.document.Pointer(name)] || d.made != nil && d.reachedMade[d.made.Pointer(name)])
}

// ElementLink is Link for the elements of a list that says nothing else.
func (v schemaView) ElementLink() string {
	if e := v.element(); e != nil && v.Name == "" && len(v.Types) == 1 {
		return v.b.view(e).Link()
	}
	return ""
}

// Element is the name of the component that the elements of a list are.
func (v schemaView) Element() string { return v.element().Name }

func (v schemaView) element() *description.Schema {
	for _, p := range v.Parts {
		if p.Word == "items" && p.Schemas[0].Name != "" {
			return p.Schemas[0]
		}
	}
	return nil
}

// Kind is what the schema is, whatever its name.
func (v schemaView) Kind() string {
	bare := *v.Schema
	bare.Name = ""
	return bare.Type()
}

// propertyView is a property.
type propertyView struct {
	Name     string
	Required bool
	Of       schemaView
}

// Members are the properties.
func (v schemaView) Members() []propertyView {
	out := make([]propertyView, len(v.Properties))
	for i, p := range v.Properties {
		out[i] = propertyView{p.Name, p.Required, v.b.view(p.Schema)}
	}
	return out
}

// partView is what else is inside a schema.
type partView struct {
	Title   string
	Schemas []labelled
	// Plain says that the schema inside is shown without a box of its own.
	Plain bool
}

type labelled struct {
	Label string
	Of    schemaView
}

// partTitles are what parts are called.
var partTitles = map[string]string{
	"oneOf": "One of", "anyOf": "Any of", "allOf": "All of", "not": "None of", "if": "If", "then": "Then", "else": "Otherwise",
	"items": "Each element", "prefixItems": "First elements, in order", "contains": "At least one element",
	"additionalProperties": "Further properties", "unevaluatedProperties": "Further properties", "unevaluatedItems": "Further elements",
	"propertyNames": "Names of properties", "patternProperties": "Properties by pattern", "dependentSchemas": "Where a property is there",
	"contentSchema": "What is written in the text",
}

// Inside are the parts that say more than the type does.
func (v schemaView) Inside() []partView {
	var out []partView
	for _, p := range v.Parts {
		part := partView{Title: partTitles[p.Word], Plain: len(p.Schemas) == 1 && (p.Word == "items" || p.Word == "allOf")}
		telling := p.Word != "items"
		for i, s := range p.Schemas {
			l := labelled{Of: v.b.view(s)}
			if i < len(p.Labels) {
				l.Label = p.Labels[i]
			}
			telling = telling || l.Of.Telling()
			part.Schemas = append(part.Schemas, l)
		}
		if telling {
			out = append(out, part)
		}
	}
	return out
}

// Telling reports whether there is more to say of the schema than its type.
func (v schemaView) Telling() bool {
	s := v.Schema
	if s == nil {
		return false
	}
	facts := slices.ContainsFunc(s.Facts, func(f description.Fact) bool { return f.Word != "xml" })
	return !s.Linked && (facts || s.Text != "" || s.Title != "" || len(s.Enum)+len(s.Properties)+len(s.Examples) > 0 || s.Cut ||
		s.Discriminator != nil || s.Traits.Closed || len(v.Inside()) > 0)
}

// Deep reports whether there are schemas inside, which are disclosed.
func (v schemaView) Deep() bool {
	return v.Schema != nil && !v.Linked && (len(v.Properties) > 0 || len(v.Inside()) > 0)
}

// MappingLinks are the values of the discriminator with the pages of what they
// mean.
func (v schemaView) MappingLinks() []page.Link {
	var out []page.Link
	for _, m := range v.Discriminator.Mapping {
		l := page.Link{Text: m.Value}
		if m.Schema != "" && v.b.has(m.Schema) {
			l.Path = v.b.SchemaPath(m.Schema)
		}
		out = append(out, l)
	}
	return out
}

// ShortExamples are the examples that fit in a line.
func (v schemaView) ShortExamples() []string {
	var out []string
	for _, e := range v.Examples {
		if e.Value != "" && len(e.Value) <= maxShortExample && !strings.Contains(e.Value, "\n") {
			out = append(out, e.Value)
		}
	}
	return out
}

// maxShortExample bounds an example in a line, in bytes.
const maxShortExample = 120

// schemaPage is the page of a schema.
type schemaPage struct {
	*subject
	View    schemaView
	Example string
}

func (s *section) schema(x *page.Exchange) error {
	b, err := s.find(x)
	if err != nil {
		return err
	}
	name := x.Value("schema")
	if b.Known == nil {
		return problem.New(http.StatusServiceUnavailable, problem.CodeUnavailable,
			"The service behind this portal does not answer, and this schema is not kept here. Try it again.")
	}
	schema, of, ok := b.Known.Schema(name)
	if !ok {
		return problem.NotFound("Schema", name)
	}
	v := &schemaPage{subject: b, View: b.view(schema)}
	if example := of.Make(schema, description.Answer); example.Exists() {
		v.Example = description.Pretty(example)
	}
	return x.Render(http.StatusOK, b.page(name, "reference-schema", v, page.Link{Text: "Schemas", Path: b.Path("schemas")}))
}

// schemaList is the page of all schemas.
type schemaList struct {
	*subject
	Names []string
}

func (s *section) schemas(x *page.Exchange) error {
	b, err := s.find(x)
	if err != nil {
		return err
	}
	l := &schemaList{subject: b}
	if b.Known != nil {
		l.Names = b.Known.Schemas()
	}
	return x.Render(http.StatusOK, b.page("Schemas of "+b.Title(), "reference-schemas", l))
}
