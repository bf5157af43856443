package resource

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
)

// Entity is one resource as the management plane works on it.
type Entity struct {
	ID ID
	// Body is the resource without id, name and type: {"properties": {…}} and,
	// for a service, location, sku, tags and the like. Numbers are json.Number.
	// Secret fields hold sealed text; see Session.Reveal.
	Body map[string]any
	// Changed is the revision that wrote it last: its version. It is 0 for what
	// was computed or never written.
	Changed store.Revision
	// Work is what Prepare leaves for Written, such as a document that it read. It
	// is not kept.
	Work any
}

// Properties returns the object "properties" of the body, which it makes where
// there is none.
func (e *Entity) Properties() map[string]any {
	if p, ok := e.Body["properties"].(map[string]any); ok {
		return p
	}
	p := map[string]any{}
	if e.Body == nil {
		e.Body = map[string]any{}
	}
	e.Body["properties"] = p
	return p
}

// Text returns a text property: e.Text("displayName"); "" where there is none.
func (e *Entity) Text(property string) string {
	s, _ := e.Properties()[property].(string)
	return s
}

// Bool returns a property that is true or false; otherwise where there is none.
func (e *Entity) Bool(property string, otherwise bool) bool {
	if b, ok := e.Properties()[property].(bool); ok {
		return b
	}
	return otherwise
}

// Set sets a property, and SetDefault one that is not there yet.
func (e *Entity) Set(property string, value any) { e.Properties()[property] = value }

// SetDefault sets a property that is absent.
func (e *Entity) SetDefault(property string, value any) {
	if _, ok := e.Properties()[property]; !ok {
		e.Properties()[property] = value
	}
}

// Unset removes a property.
func (e *Entity) Unset(property string) { delete(e.Properties(), property) }

// ETag is the entity's version in the form of the header.
func (e *Entity) ETag() string { return fmt.Sprintf(`"%016x"`, uint64(e.Changed)) }

// Clone copies the entity, so that the copy's body may be changed.
func (e *Entity) Clone() *Entity {
	body, _ := cloneTree(e.Body).(map[string]any)
	return &Entity{ID: e.ID, Body: body, Changed: e.Changed}
}

func cloneTree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for name, value := range v {
			c[name] = cloneTree(value)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, value := range v {
			c[i] = cloneTree(value)
		}
		return c
	default:
		return v
	}
}

// Merge applies a JSON merge patch (RFC 7396) to the body: objects are merged,
// null removes, and everything else replaces.
func Merge(body, patch map[string]any) {
	for name, value := range patch {
		switch v := value.(type) {
		case nil:
			delete(body, name)
		case map[string]any:
			old, ok := body[name].(map[string]any)
			if !ok {
				old = map[string]any{}
			}
			Merge(old, v)
			body[name] = old
		default:
			body[name] = value
		}
	}
}

// encode returns the body as canonical JSON: keys sorted, no white space.
func encode(body map[string]any) ([]byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return model.Canonical(raw)
}

// writtenField is the field of a record's value that says which revision wrote
// it. A store does not write what is there already, and clients expect another
// ETag after each of their writes, also of the same body.
const writtenField = "~written"

// encodeValue returns the value of the entity's record.
func encodeValue(e *Entity) ([]byte, error) {
	value := maps.Clone(e.Body)
	if value == nil {
		value = map[string]any{}
	}
	value[writtenField] = uint64(e.Changed)
	return encode(value)
}

// SameValue reports whether two records say the same, whenever they were
// written.
func SameValue(a, b store.Record) (bool, error) {
	x, err := decode(a)
	if err != nil {
		return false, err
	}
	y, err := decode(b)
	if err != nil {
		return false, err
	}
	return sameBody(x, y.Body)
}

// decode reads a record's value.
func decode(record store.Record) (*Entity, error) {
	d := json.NewDecoder(strings.NewReader(string(record.Value)))
	d.UseNumber()
	e := &Entity{ID: ID(record.ID), Changed: record.Changed}
	if err := d.Decode(&e.Body); err != nil {
		return nil, fmt.Errorf("reading %s from the store: %w", record.ID, err)
	}
	delete(e.Body, writtenField)
	return e, nil
}

// Object makes a body with these properties.
func Object(properties map[string]any) map[string]any {
	return map[string]any{"properties": maps.Clone(properties)}
}

// Decode reads a version of a record; nil for one that says that the resource
// was deleted.
func (s *Session) Decode(v store.Version) (*Entity, error) {
	if v.Deleted {
		return nil, nil
	}
	return decode(v.Record)
}
