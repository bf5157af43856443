package description

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// facts reads what a schema says of the value itself.
func (r *reader) facts(s *Schema, v document.Value) {
	s.Title, s.Text = v.Get("title").Text(), text(v)
	r.types(s, v)
	s.Traits.ReadOnly, s.Traits.WriteOnly = v.Get("readOnly").True(), v.Get("writeOnly").True()
	s.Traits.Deprecated = v.Get("deprecated").True()
	s.External = external(v)
	for _, word := range factWords {
		if value := v.Get(word); value.Exists() {
			s.Facts = append(s.Facts, fact(word, value))
		}
	}
	if missing := requiredElsewhere(v); len(missing) > 0 {
		s.Facts = append(s.Facts, Fact{"required", strings.Join(missing, ", ")})
	}
	if constant := v.Get("const"); constant.Exists() {
		s.Enum = append(s.Enum, clip(constant))
	}
	for value := range v.Get("enum").Items() {
		if len(s.Enum) == MaxList {
			s.Cut = true
			break
		}
		if value.Kind() == document.Null {
			s.Nullable = true
			continue
		}
		s.Enum = append(s.Enum, clip(value))
	}
	if example := v.Get("example"); example.Exists() {
		s.Examples = append(s.Examples, r.example(Example{}, example))
	}
	for example := range v.Get("examples").Items() {
		if len(s.Examples) < maxSchemaExamples {
			s.Examples = append(s.Examples, r.example(Example{}, example))
		}
	}
	s.Discriminator = discriminator(v.Get("discriminator"))
}

// requiredElsewhere are the properties that a schema wants and does not describe,
// as the parts of allOf and if do.
func requiredElsewhere(v document.Value) []string {
	var out []string
	for _, name := range v.Get("required").Texts() {
		if len(out) < MaxList && !v.Get("properties").Get(name).Exists() {
			out = append(out, name)
		}
	}
	return out
}

// maxSchemaExamples bounds the examples of one schema.
const maxSchemaExamples = 5

// factWords are the keywords that are shown as they are.
var factWords = []string{
	"default", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
	"minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties",
	"contentEncoding", "contentMediaType", "dependentRequired", "xml", "collectionFormat",
}

func fact(word string, v document.Value) Fact {
	if word == "pattern" || word == "contentEncoding" || word == "contentMediaType" || word == "collectionFormat" {
		return Fact{word, v.Text()}
	}
	return Fact{word, clip(v)}
}

// maxClipped bounds a value that is shown in a line, in bytes.
const maxClipped = 300

// clip is a value as JSON in one line.
func clip(v document.Value) string {
	t := string(v.JSON())
	if len(t) > maxClipped {
		t = t[:maxClipped] + "…"
	}
	return strings.ToValidUTF8(t, "")
}

// types reads what a value may be.
func (r *reader) types(s *Schema, v document.Value) {
	t := v.Get("type")
	types := t.Texts()
	if t.Kind() == document.String {
		types = []string{t.Text()}
	}
	for _, name := range types {
		switch {
		case name == "null":
			s.Nullable = true
		case len(s.Types) < MaxList:
			s.Types = append(s.Types, name)
		}
	}
	if len(types) == 0 {
		s.Types = inferred(v)
	}
	s.Format = v.Get("format").Text()
	s.Nullable = s.Nullable || v.Get("nullable").True() || v.Get("x-nullable").True()
	if len(s.Types) == 1 && s.Types[0] == "file" {
		s.Types, s.Format = []string{"string"}, "binary"
	}
	if s.Title == "" {
		s.Title = v.Get("title").Text()
	}
}

// inferred is the type of a schema that says none.
func inferred(v document.Value) []string {
	switch {
	case v.Get("properties").Exists() || v.Get("patternProperties").Exists() || v.Get("additionalProperties").Kind() == document.Object:
		return []string{"object"}
	case v.Get("items").Exists() || v.Get("prefixItems").Exists():
		return []string{"array"}
	default:
		return nil
	}
}

func discriminator(v document.Value) *Discriminator {
	if v.Kind() == document.String { // Of Swagger 2.
		return &Discriminator{Property: v.Text()}
	}
	if v.Kind() != document.Object {
		return nil
	}
	d := &Discriminator{Property: v.Get("propertyName").Text()}
	for value, to := range v.Get("mapping").Members() {
		if len(d.Mapping) == MaxList {
			break
		}
		name, kind := document.NameOf(to.Text())
		if name == "" && !strings.ContainsAny(to.Text(), "#/") {
			name, kind = to.Text(), "schemas"
		}
		if kind != "schemas" {
			name = ""
		}
		d.Mapping = append(d.Mapping, Mapping{value, name})
	}
	return d
}

// Type is what the value is, in a few words: "string (date-time)", "array of
// Pet", "one of Cat, Dog".
func (s *Schema) Type() string { return s.words(0) }

// maxWords bounds how deep a type is told, and how many alternatives it names.
const (
	maxWords        = 3
	maxAlternatives = 4
)

func (s *Schema) words(depth int) string {
	if s == nil || depth > maxWords {
		return "…"
	}
	if s.Name != "" {
		return s.Name
	}
	if s.Traits.Never {
		return "nothing"
	}
	if len(s.Types) == 0 {
		return s.alternatives(depth)
	}
	var out []string
	for _, t := range s.Types {
		if t == "array" {
			out = append(out, "array"+s.element(depth))
			continue
		}
		out = append(out, t)
	}
	t := strings.Join(out, " or ")
	if s.Format != "" {
		t += " (" + s.Format + ")"
	}
	return t
}

func (s *Schema) element(depth int) string {
	if i := slices.IndexFunc(s.Parts, func(p Part) bool { return p.Word == "items" }); i >= 0 {
		if of := s.Parts[i].Schemas[0].words(depth + 1); of != "any" {
			return " of " + of
		}
	}
	return ""
}

func (s *Schema) alternatives(depth int) string {
	for _, p := range s.Parts {
		word := map[string]string{"oneOf": "one of ", "anyOf": "any of ", "allOf": "all of "}[p.Word]
		if word == "" {
			continue
		}
		var names []string
		for _, a := range p.Schemas {
			if len(names) == maxAlternatives {
				names = append(names, "…")
				break
			}
			names = append(names, a.words(depth+1))
		}
		if p.Word == "allOf" && len(p.Schemas) == 1 {
			return names[0]
		}
		return word + strings.Join(names, ", ")
	}
	if s.Nullable && len(s.Enum) == 0 {
		return "null"
	}
	return "any"
}
