package rewrite

import (
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Upgrade turns a document of OpenAPI 3.0 into one of 3.1.
func Upgrade(root document.Value) []byte {
	w := &object{}
	for name, v := range root.Members() {
		if name == "openapi" {
			w.put(name, text("3.1.0"))
			continue
		}
		w.put(name, upgraded(v, false))
	}
	return w.bytes()
}

// upgraded is a value in the words of 3.1. Names says that the members of the
// object are named by the document, and are no keywords.
func upgraded(v document.Value, names bool) []byte {
	switch v.Kind() {
	case document.List:
		out := []byte{'['}
		for item := range v.Items() {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(out, upgraded(item, false)...)
		}
		return append(out, ']')
	case document.Object:
		return upgradedObject(v, names)
	default:
		return v.JSON()
	}
}

func upgradedObject(v document.Value, names bool) []byte {
	w := &object{}
	nullable := !names && v.Get("nullable").True()
	for name, inner := range v.Members() {
		switch {
		case names:
			w.put(name, upgraded(inner, false))
		case literal(name):
			w.put(name, inner.JSON())
		case name == "nullable" && inner.Kind() == document.Bool:
		case name == "type" && nullable && inner.Kind() == document.String:
			w.put(name, append(append([]byte{'['}, inner.JSON()...), `,"null"]`...))
		case name == "enum" && nullable && inner.Kind() == document.List:
			w.put(name, withNull(inner))
		case strings.HasPrefix(name, "exclusive") && inner.Kind() == document.Bool:
			if bound := v.Get(strings.ToLower(strings.TrimPrefix(name, "exclusive"))); inner.True() && bound.Exists() {
				w.put(name, bound.JSON())
			}
		case excluded(name, v):
		default:
			w.put(name, upgraded(inner, named(name)))
		}
	}
	return w.bytes()
}

// excluded reports whether a bound of a schema is one that its exclusive form has
// taken over.
func excluded(name string, v document.Value) bool {
	return name == "minimum" && v.Get("exclusiveMinimum").True() || name == "maximum" && v.Get("exclusiveMaximum").True()
}

// withNull is the list of an enum with null in it.
func withNull(list document.Value) []byte {
	for item := range list.Items() {
		if item.Kind() == document.Null {
			return list.JSON()
		}
	}
	raw := list.JSON()
	out := append([]byte(nil), raw[:len(raw)-1]...)
	if len(raw) > len("[]") {
		out = append(out, ',')
	}
	return append(out, "null]"...)
}

// literal reports whether what a keyword has is data.
func literal(name string) bool {
	return name == "example" || name == "default" || name == "const" || name == "value" || extension(name)
}

// named reports whether the members of what a keyword has are named by the
// document.
func named(name string) bool {
	switch name {
	case "properties", "patternProperties", "schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes",
		"links", "callbacks", "paths", "content", "definitions", "dependentSchemas", "$defs", "encoding", "variables", "mapping", "scopes":
		return true
	default:
		return false
	}
}
