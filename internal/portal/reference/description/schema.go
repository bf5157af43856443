package description

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Schema says what a value is.
type Schema struct {
	// Name is that of the component that it is; "" where it has none. Linked says
	// that the component is not shown here, but on a page of its own, and
	// Recursive that it is shown around this place already.
	Name              string
	Linked, Recursive bool
	Title, Text       string
	// Types are string, number, integer, boolean, array and object, without null.
	Types    []string
	Format   string
	Nullable bool
	Facts    []Fact
	// Enum are the values that are allowed, as JSON; one for const.
	Enum     []string
	Traits   Traits
	Examples []Example
	// Properties are those of an object, Parts what else is inside.
	Properties    []Property
	Parts         []Part
	Discriminator *Discriminator
	External      *External
	// Cut says that there is more than is shown.
	Cut    bool
	Anchor string

	node document.Value
}

// Traits are what is or is not so of a schema.
type Traits struct {
	ReadOnly, WriteOnly, Deprecated bool
	// Closed says that an object has no other properties, Never that no value is
	// allowed.
	Closed, Never bool
}

// Fact is a keyword with its value: "maxLength" "80".
type Fact struct{ Word, Value string }

// Property is a property of an object.
type Property struct {
	Name     string
	Required bool
	Schema   *Schema
}

// Part is a keyword that holds schemas: oneOf, items, additionalProperties ….
type Part struct {
	Word string
	// Labels are the names of the schemas in the part, where it gives them names:
	// the patterns of patternProperties.
	Labels  []string
	Schemas []*Schema
}

// Discriminator tells alternatives apart by a property.
type Discriminator struct {
	Property string
	// Mapping says which schema a value of the property means.
	Mapping []Mapping
}

// Mapping is one value of a discriminator. Schema is "" where no component is
// meant.
type Mapping struct{ Value, Schema string }

// Schemas are the names of the components that are schemas, in their order.
func (d *Description) Schemas() []string {
	var out []string
	for name := range d.components().Members() {
		if len(out) < MaxOperations {
			out = append(out, name)
		}
	}
	return out
}

func (d *Description) components() document.Value {
	if d.swagger {
		return d.doc.At("#/definitions")
	}
	return d.doc.At("#/components/schemas")
}

// Schema reads the component with the name.
func (d *Description) Schema(name string) (*Schema, bool) {
	v := d.component(name)
	if !v.Exists() {
		return nil, false
	}
	r := &reader{d: d, left: MaxShown, each: MaxShown, bytes: MaxExamples}
	s := r.schema(v, spot{stack: []string{d.pointer(name)}, anchor: "schema"})
	s.Name = name
	return s, true
}

func (d *Description) component(name string) document.Value { return d.doc.At(d.pointer(name)) }

func (d *Description) pointer(name string) string {
	name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	if d.swagger {
		return "#/definitions/" + name
	}
	return "#/components/schemas/" + name
}

// spot is where a schema stands on a page.
type spot struct {
	// stack are the references that lead here, depth how many schemas are around,
	// level how many of them are properties.
	stack        []string
	depth, level int
	anchor       string
}

// into is a step further inside.
func (p spot) into(name string) spot {
	p.depth++
	p.anchor = anchor(p.anchor, name)
	return p
}

// top reads a schema that stands by itself.
func (r *reader) top(v document.Value, at string) *Schema {
	r.each = MaxShownEach
	return r.schema(v, spot{anchor: at})
}

// schema reads a schema, of which a component is followed where it is near the
// top or says little, and linked elsewhere.
func (r *reader) schema(v document.Value, at spot) *Schema {
	if v.Get("$ref").Kind() == document.String {
		return r.reference(v, at)
	}
	s := &Schema{Anchor: at.anchor, node: v}
	r.left--
	r.each--
	if at.depth > MaxNested || r.left < 0 || r.each < 0 {
		s.Cut = true
		r.types(s, v)
		return s
	}
	if v.Kind() == document.Bool {
		s.Traits.Never = !v.True()
		return s
	}
	r.facts(s, v)
	r.object(s, v, at)
	r.parts(s, v, at)
	unwrapNull(s)
	return s
}

// reference reads a schema that refers to another.
func (r *reader) reference(v document.Value, at spot) *Schema {
	to, pointer := r.d.doc.Follow(v)
	name, kind := document.NameOf(pointer)
	if kind != "schemas" {
		name = ""
	}
	s := &Schema{Name: name, Anchor: at.anchor, node: to}
	switch {
	case !to.Exists():
		s.Text = "The document refers to " + pointer + ", which it does not have."
	case slices.Contains(at.stack, pointer):
		r.left--
		r.each--
		s.Recursive, s.Linked = true, name != ""
	case name != "" && (at.level > 0 || r.each <= 0 || r.left <= 0) && !simple(to):
		r.left--
		r.each--
		s.Linked = true
		r.types(s, to)
	default:
		at.stack = append(slices.Clip(at.stack), pointer)
		s = r.schema(to, at)
		s.Name = name
	}
	if t := text(v); t != "" {
		s.Text = t
	}
	return s
}

// simple reports whether a schema is a value and not one with others inside.
func simple(v document.Value) bool {
	const small = 2 << 10
	if len(v.JSON()) > small {
		return false
	}
	for _, word := range []string{
		"properties", "items", "allOf", "oneOf", "anyOf", "additionalProperties", "prefixItems", "patternProperties",
	} {
		if v.Get(word).Exists() {
			return false
		}
	}
	return true
}

// object reads the properties.
func (r *reader) object(s *Schema, v document.Value, at spot) {
	needed := map[string]bool{}
	for _, name := range v.Get("required").Texts() {
		needed[name] = true
	}
	for name, p := range v.Get("properties").Members() {
		if r.left <= 0 || r.each <= 0 {
			s.Cut = true
			break
		}
		inner := at.into(name)
		inner.level++
		s.Properties = append(s.Properties, Property{name, needed[name], r.schema(p, inner)})
	}
}

// single and several are the keywords that hold one schema, and a list of them;
// named those that hold schemas by names.
var (
	single = []string{
		"items", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "propertyNames",
		"not", "if", "then", "else", "contentSchema",
	}
	several = []string{"allOf", "oneOf", "anyOf", "prefixItems"}
	named   = []string{"patternProperties", "dependentSchemas"}
)

// parts reads what else has schemas inside.
func (r *reader) parts(s *Schema, v document.Value, at spot) {
	for _, word := range several {
		p := Part{Word: word}
		for item := range v.Get(word).Items() {
			if len(p.Schemas) == MaxList || r.left <= 0 || r.each <= 0 {
				s.Cut = true
				break
			}
			p.Schemas = append(p.Schemas, r.schema(item, at.into(word).into(strconv.Itoa(len(p.Schemas)))))
		}
		s.add(p)
	}
	for _, word := range single {
		inner := v.Get(word)
		switch {
		case word == "items" && inner.Kind() == document.List: // Of old drafts.
			p := Part{Word: "prefixItems"}
			for item := range inner.Items() {
				if len(p.Schemas) < MaxList {
					p.Schemas = append(p.Schemas, r.schema(item, at.into(word).into(strconv.Itoa(len(p.Schemas)))))
				}
			}
			s.add(p)
		case inner.Kind() == document.Bool && !inner.True() && (word == "additionalProperties" || word == "unevaluatedProperties"):
			s.Traits.Closed = true
		case inner.Kind() == document.Object:
			below := at.into(word)
			if word != "items" {
				below.level++
			}
			s.add(Part{Word: word, Schemas: []*Schema{r.schema(inner, below)}})
		}
	}
	for _, word := range named {
		p := Part{Word: word}
		for name, item := range v.Get(word).Members() {
			if len(p.Schemas) == MaxList {
				break
			}
			below := at.into(word).into(name)
			below.level++
			p.Labels, p.Schemas = append(p.Labels, name), append(p.Schemas, r.schema(item, below))
		}
		s.add(p)
	}
}

func (s *Schema) add(p Part) {
	if len(p.Schemas) > 0 {
		s.Parts = append(s.Parts, p)
	}
}

// unwrapNull turns "one of X and null" into an X that may be null.
func unwrapNull(s *Schema) {
	for i := range s.Parts {
		p := &s.Parts[i]
		if p.Word != "oneOf" && p.Word != "anyOf" {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(p.Schemas), func(a *Schema) bool { return a.onlyNull() })
		if len(kept) == len(p.Schemas) || len(kept) == 0 {
			continue
		}
		s.Nullable, p.Schemas = true, kept
		if len(kept) > 1 || len(s.Parts) > 1 || len(s.Types)+len(s.Properties)+len(s.Enum) > 0 {
			continue
		}
		outer := *s
		*s = *kept[0]
		s.Nullable, s.Anchor = true, outer.Anchor
		if outer.Text != "" {
			s.Text = outer.Text
		}
		s.Facts = append(s.Facts, outer.Facts...)
		return
	}
}

func (s *Schema) onlyNull() bool {
	return s.Nullable && len(s.Types) == 0 && len(s.Parts) == 0 && s.Name == "" && len(s.Enum) == 0
}
