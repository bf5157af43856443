package wsdl

import (
	"encoding/xml"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/transfer/markup"
)

// types are the global declarations of all schemas of a document.
type types struct {
	*reader
	schemas  []*markup.Element
	spaces   map[string]bool
	elements map[xml.Name]*markup.Element
	named    map[xml.Name]*markup.Element // Types, simple and complex.
	// fields counts those of all messages, and leftOut has the declarations that
	// a warning has named.
	fields  int
	leftOut map[*markup.Element]bool
}

func newTypes(r *reader) *types {
	t := &types{
		reader: r, spaces: map[string]bool{}, leftOut: map[*markup.Element]bool{},
		elements: map[xml.Name]*markup.Element{}, named: map[xml.Name]*markup.Element{},
	}
	for list := range r.root.All(wsdlSpace, "types") {
		for s := range list.All(xsdSpace, "schema") {
			t.schemas = append(t.schemas, s)
			space := s.Attribute("targetNamespace")
			t.spaces[space] = true
			for _, c := range s.Children {
				name := xml.Name{Space: space, Local: c.Attribute("name")}
				switch {
				case c.Is(xsdSpace, "element"):
					t.elements[name] = c
				case c.Is(xsdSpace, "complexType"), c.Is(xsdSpace, "simpleType"):
					t.named[name] = c
				}
			}
		}
	}
	return t
}

// kind is what a field is in JSON.
type kind string

const (
	kindObject  kind = "object"
	kindString  kind = "string"
	kindInteger kind = "integer"
	kindNumber  kind = "number"
	kindBoolean kind = "boolean"
)

// field is an element of a message, with what is in it.
type field struct {
	name xml.Name // The namespace is empty where the element has none.
	kind kind
	// list is set where the element may come several times.
	list     bool
	required bool
	nillable bool
	fields   []*field
}

// json is the name of a field in JSON, as API Management writes it: the
// element's, with a small first letter.
func (f *field) json() string {
	if f.name.Local == "" {
		return ""
	}
	c := f.name.Local[0]
	if c >= 'A' && c <= 'Z' {
		return string(c+'a'-'A') + f.name.Local[1:]
	}
	return f.name.Local
}

// walk resolves one message.
type walk struct {
	*types
	count int
	// open are the types that are being read, so that recursion ends.
	open  map[*markup.Element]bool
	depth int
	ok    bool
}

// message resolves a global element to all its fields. It has reported why
// where it returns nil.
func (t *types) message(at *markup.Element, name xml.Name) *field {
	e, ok := t.elements[name]
	if !ok {
		t.fail(at, "message", fmt.Sprintf("the document has no element %q of the namespace %q", clip(name.Local), clip(name.Space)), "")
		return nil
	}
	w := &walk{types: t, open: map[*markup.Element]bool{}, ok: true}
	f := w.element(e)
	if !w.ok {
		return nil
	}
	return f
}

func (w *walk) stop(at *markup.Element, message, hint string) {
	if w.ok {
		w.fail(at, at.Name.Local, message, hint)
	}
	w.ok = false
}

// element reads a declaration of an element, global or local.
func (w *walk) element(e *markup.Element) *field {
	if ref := e.Attribute("ref"); ref != "" {
		return w.reference(e, ref)
	}
	f := &field{name: xml.Name{Local: e.Attribute("name")}, kind: kindString, nillable: e.Attribute("nillable") == "true"}
	schema := schemaAbove(e)
	if e.Parent == schema || qualified(e, schema) {
		f.name.Space = schema.Attribute("targetNamespace")
	}
	f.occurs(e)
	if w.count++; w.count > MaxFields {
		w.stop(e, fmt.Sprintf("a message has more than %d fields (limit MaxFields)", MaxFields), "import the service with the type soap")
		return f
	}
	if w.fields++; w.fields > MaxFieldsInAll {
		w.stop(e, fmt.Sprintf("the messages have more than %d fields together (limit MaxFieldsInAll)", MaxFieldsInAll),
			"import the service with the type soap")
		return f
	}
	if w.depth++; w.depth > MaxNesting {
		w.stop(e, fmt.Sprintf("types are nested deeper than %d (limit MaxNesting)", MaxNesting), "import the service with the type soap")
	}
	if w.ok {
		w.typeOf(f, e)
	}
	w.depth--
	return f
}

func (f *field) occurs(e *markup.Element) {
	f.required = e.Attribute("minOccurs") != "0"
	most := e.Attribute("maxOccurs")
	f.list = most != "" && most != "0" && most != "1"
}

func (w *walk) reference(e *markup.Element, ref string) *field {
	name, _ := e.Resolve(ref)
	target, ok := w.elements[name]
	if !ok || target.Attribute("ref") != "" {
		w.stop(e, fmt.Sprintf("the document has no element %q", clip(ref)), "")
		return &field{name: name, kind: kindString}
	}
	f := w.element(target)
	f.occurs(e)
	return f
}

// schemaAbove returns the schema that an element of one stands in.
func schemaAbove(e *markup.Element) *markup.Element {
	for e.Parent != nil && !e.Is(xsdSpace, "schema") {
		e = e.Parent
	}
	return e
}

// qualified reports whether a local element is of the schema's namespace.
func qualified(e, schema *markup.Element) bool {
	if form := e.Attribute("form"); form != "" {
		return form == "qualified"
	}
	return schema.Attribute("elementFormDefault") == "qualified"
}

// typeOf reads the type of an element: a named one, or one that stands in it.
func (w *walk) typeOf(f *field, e *markup.Element) {
	if text := e.Attribute("type"); text != "" {
		w.namedType(f, e, text)
		return
	}
	if c := e.First(xsdSpace, "complexType"); c != nil {
		w.complexType(f, c)
		return
	}
	if s := e.First(xsdSpace, "simpleType"); s != nil {
		w.simpleType(f, s)
	}
}

func (w *walk) namedType(f *field, at *markup.Element, text string) {
	name, ok := at.Resolve(text)
	if name.Space == xsdSpace {
		f.kind = builtIn(name.Local)
		return
	}
	t := w.named[name]
	switch {
	case !ok || t == nil:
		w.stop(at, fmt.Sprintf("the document has no type %q", clip(text)), "")
	case t.Name.Local == "simpleType":
		w.simpleType(f, t)
	default:
		w.complexType(f, t)
	}
}

// simpleType takes the kind of what is restricted; a list or a union is text.
func (w *walk) simpleType(f *field, t *markup.Element) {
	if !w.enter(t) {
		return
	}
	defer delete(w.open, t)
	if r := t.First(xsdSpace, "restriction"); r.Attribute("base") != "" {
		w.namedType(f, r, r.Attribute("base"))
	}
}

// enter notes that a type is being read. It is false, and has said why, where
// the type is being read already.
func (w *walk) enter(t *markup.Element) bool {
	if w.open[t] {
		w.stop(t, fmt.Sprintf("the type %q holds itself, which JSON made of it cannot", clip(t.Attribute("name"))),
			"import the service with the type soap")
		return false
	}
	w.open[t] = true
	return true
}

func (w *walk) complexType(f *field, t *markup.Element) {
	if !w.enter(t) {
		return
	}
	defer delete(w.open, t)
	if content := t.First(xsdSpace, "simpleContent"); content != nil {
		for _, way := range []string{"extension", "restriction"} {
			if e := content.First(xsdSpace, way); e != nil {
				w.namedType(f, e, e.Attribute("base"))
			}
		}
		return
	}
	f.kind = kindObject
	if e := t.First(xsdSpace, "complexContent").First(xsdSpace, "extension"); e != nil {
		w.namedType(f, e, e.Attribute("base"))
		f.kind = kindObject
		w.particles(f, e)
		return
	}
	if e := t.First(xsdSpace, "complexContent").First(xsdSpace, "restriction"); e != nil {
		w.particles(f, e)
		return
	}
	w.particles(f, t)
}

// particles adds the elements of a sequence, a choice or an all to the field.
func (w *walk) particles(f *field, at *markup.Element) {
	for _, c := range at.Children {
		if !w.ok || c.Name.Space != xsdSpace {
			continue
		}
		switch c.Name.Local {
		case "sequence", "all", "choice":
			if w.depth++; w.depth > MaxNesting {
				w.stop(c, fmt.Sprintf("types are nested deeper than %d (limit MaxNesting)", MaxNesting), "")
			}
			before := len(f.fields)
			w.particles(f, c)
			w.depth--
			for _, added := range f.fields[before:] {
				added.required = added.required && c.Name.Local != "choice"
			}
		case "element":
			f.fields = append(f.fields, w.element(c))
		case "any", "group", "attribute", "attributeGroup":
			if !w.leftOut[c] {
				w.leftOut[c] = true
				w.warn(c, c.Name.Local, "has no place in the JSON of the operation, and is left out")
			}
		}
	}
}

// builtIn is the kind of a type of XML Schema itself.
func builtIn(name string) kind {
	switch name {
	case "boolean":
		return kindBoolean
	case "decimal", "float", "double":
		return kindNumber
	case "int", "integer", "long", "short", "byte", "unsignedInt", "unsignedShort", "unsignedByte", "unsignedLong",
		"nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger":
		return kindInteger
	default:
		return kindString
	}
}
