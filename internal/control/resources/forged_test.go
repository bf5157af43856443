package resources_test

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/contract"
)

// assigned is in every text that nobody may assign.
const assigned = "mass-assigned"

// forged are values for fields that are not the client's to set.
type forged struct {
	contracts *contract.Set
	// truth is what booleans are set to; shout spells names in capitals.
	truth, shout bool
	count        int
}

// value is a forged value of a type.
func (f *forged) value(of string) any {
	if element, ok := strings.CutPrefix(of, "[]"); ok {
		return []any{f.value(element)}
	}
	if element, ok := strings.CutPrefix(of, "{}"); ok {
		return map[string]any{assigned: f.value(element)}
	}
	switch of {
	case "string":
		return assigned
	case "integer", "number":
		return 987654321
	case "boolean":
		return f.truth
	case "time":
		return "1987-06-05T04:03:02Z"
	case "any":
		return map[string]any{assigned: assigned}
	}
	m, err := f.contracts.Model(of)
	if err != nil {
		return assigned
	}
	object := map[string]any{}
	for _, field := range m.Fields {
		if inner, err := f.contracts.Model(strings.TrimLeft(field.Type, "[]{}")); err != nil || inner.Name != of {
			object[field.Name] = f.value(field.Type)
		}
	}
	return object
}

// into adds to an object, and to those in it, every field that is read-only in
// one of the two models, or that only what is answered has, and some that no
// model has.
func (f *forged) into(object map[string]any, taken, answered *contract.Model) {
	for name, value := range object {
		for _, inner := range objectsIn(value) {
			f.into(inner, f.model(taken, name), f.model(answered, name))
		}
	}
	for name, value := range map[string]any{"zz-unknown": assigned, "isAdmin": true, "etag": assigned, "systemData": map[string]any{"createdBy": assigned},
		"__proto__": map[string]any{"isAdmin": true}, "name": assigned, "type": assigned, "id": "/subscriptions/" + assigned} {
		if taken == nil {
			continue
		}
		if field, ok := taken.Field(name); !ok || field.ReadOnly {
			f.set(object, name, value)
		}
	}
	for _, m := range []*contract.Model{taken, answered} {
		if m == nil || taken == nil {
			continue
		}
		for _, field := range m.Fields {
			if own, ok := taken.Field(field.Name); !ok || own.ReadOnly {
				f.set(object, field.Name, f.value(field.Type))
			}
		}
	}
}

func (f *forged) set(object map[string]any, name string, value any) {
	if f.shout {
		name = strings.ToUpper(name)
	}
	if _, given := object[name]; !given {
		object[name] = value
		f.count++
	}
}

func (f *forged) model(m *contract.Model, field string) *contract.Model {
	if m == nil {
		return nil
	}
	found, ok := m.Field(field)
	if !ok {
		return nil
	}
	inner, err := f.contracts.Model(strings.TrimLeft(found.Type, "[]"))
	if err != nil {
		return nil
	}
	return inner
}

// objectsIn are the objects that a value is, or has as elements.
func objectsIn(value any) []map[string]any {
	switch v := value.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		var all []map[string]any
		for _, element := range v {
			all = append(all, objectsIn(element)...)
		}
		return all
	}
	return nil
}
