package contract

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed 2024-05-01.txt
var source string

// Set holds all models of one api-version. It does not change once it is loaded,
// and may be used by many goroutines.
type Set struct {
	models map[string]*Model
}

// Load parses the models that are built into the program. The error is for a
// mistake in the embedded file, with its line.
func Load() (*Set, error) {
	set, err := parse(source)
	if err != nil {
		return nil, fmt.Errorf("reading the contracts of 2024-05-01: %w", err)
	}
	return set, nil
}

// Model returns the model of this name, spelled as in the Go SDK, for example
// "ProductContract". It returns an error where there is none.
func (s *Set) Model(name string) (*Model, error) {
	m, ok := s.models[name]
	if !ok {
		return nil, fmt.Errorf("the contracts of 2024-05-01 have no model %q", name)
	}
	return m, nil
}

// Model is the form of one JSON object of the API.
type Model struct {
	// Name is the name of the model in the Go SDK.
	Name string
	// Fields are the members that the object may have, in the order of the file.
	Fields []Field

	byName map[string]*Field // by the name in lower case
}

// Field is one member of an object, with what its value must satisfy.
type Field struct {
	// Name is the member's name as the service spells it, for example "displayName".
	Name string
	// Type is the type as the package comment describes it, for example "[]string".
	Type string
	// Required says that a PUT must give the member.
	Required bool
	// ReadOnly says that the service computes the member, and what a client sends is dropped.
	ReadOnly bool
	// MinLength and MaxLength bound the length of a string in UTF-16 units, as the
	// service counts it; 0 is no bound.
	MinLength, MaxLength int
	// MinItems and MaxItems bound the length of an array; 0 is no bound.
	MinItems, MaxItems int
	// Minimum and Maximum bound a number; nil is no bound.
	Minimum, Maximum *float64
	// Pattern is "identifier" where only letters, digits, dots, dashes and
	// underscores are allowed, else empty.
	Pattern string

	form *form
	// size is the largest length of a string without MaxLength, in bytes.
	size int
	// unless, where it is set, excuses an object from giving a required member.
	unless func(object map[string]any) bool
}

// Field finds a field by a path of names with dots between them, for example
// "properties.displayName". Names are matched without regard to case; arrays and
// maps on the way are stepped through.
func (m *Model) Field(path string) (*Field, bool) {
	for {
		name, rest, more := strings.Cut(path, ".")
		f, ok := m.field(name)
		if !ok || !more {
			return f, ok
		}
		m = f.form.object()
		if m == nil {
			return nil, false
		}
		path = rest
	}
}

// field finds a field of m itself.
func (m *Model) field(name string) (*Field, bool) {
	if f, ok := m.byName[name]; ok {
		return f, true
	}
	f, ok := m.byName[strings.ToLower(name)]
	return f, ok
}

// kind says which JSON values a form allows.
type kind int

const (
	kindString kind = iota
	kindInteger
	kindNumber
	kindBoolean
	kindTime
	kindAny
	kindEnum
	kindModel
	kindList
	kindMap
)

// form is a resolved type.
type form struct {
	kind  kind
	enum  *enum  // of kindEnum
	model *Model // of kindModel
	elem  *form  // of kindList and kindMap
}

// object returns the model that f or its elements have, or nil.
func (f *form) object() *Model {
	for f.elem != nil {
		f = f.elem
	}
	return f.model
}

// enum is a closed list of strings.
type enum struct {
	name   string
	values []string
}

// spelled returns the value as the contract spells it.
func (e *enum) spelled(value string) (string, bool) {
	for _, v := range e.values {
		if strings.EqualFold(v, value) {
			return v, true
		}
	}
	return "", false
}
