package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxPropertyDepth bounds the nesting of properties that Decode keeps.
const maxPropertyDepth = 200

// Canonical returns a JSON document with keys sorted at every level, numbers
// as they were written, no white space and no HTML escapes.
func Canonical(document []byte) ([]byte, error) {
	tree, err := decodeTree(document)
	if err != nil {
		return nil, err
	}
	return encodeTree(tree)
}

// canonical encodes any value as canonical JSON.
func canonical(v any) ([]byte, error) {
	raw, err := encodeTree(v)
	if err != nil {
		return nil, err
	}
	if sorted, ok := sortKeys(raw); ok {
		return sorted, nil
	}
	return Canonical(raw)
}

func decodeTree(document []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("more than one JSON value")
	}
	return tree, nil
}

// encodeTree writes maps in the order of their keys, as encoding/json does.
func encodeTree(tree any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(tree); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// keepRest stores in the entity's Rest what properties say and the entity does
// not. Properties that Encode wrote have nothing left, which is found out
// without building trees.
func keepRest(e entity, properties []byte) error {
	known, err := canonical(e)
	if err != nil {
		return err
	}
	if bytes.Equal(known, properties) {
		return nil
	}
	if sorted, ok := sortKeys(properties); ok && bytes.Equal(known, sorted) {
		return nil
	}
	given, err := decodeTree(properties)
	if err != nil {
		return err
	}
	kept, err := decodeTree(known)
	if err != nil {
		return err
	}
	left, ok := leftover(given, kept, 0)
	if !ok {
		return nil
	}
	object, ok := left.(map[string]any)
	if !ok {
		return fmt.Errorf("properties must be an object")
	}
	rest := make(Rest, len(object))
	for name, value := range object {
		if rest[name], err = encodeTree(value); err != nil {
			return err
		}
	}
	*e.rest() = rest
	return nil
}

// leftover returns what given has and kept lacks. A list is compared element
// by element where both have as many, so that unknown properties inside lists
// are kept too; elements without a leftover are null in the result.
func leftover(given, kept any, depth int) (any, bool) {
	if depth > maxPropertyDepth {
		return nil, false
	}
	switch g := given.(type) {
	case map[string]any:
		k, ok := kept.(map[string]any)
		if !ok {
			return nil, false
		}
		return leftoverObject(g, k, depth)
	case []any:
		k, ok := kept.([]any)
		if !ok || len(k) != len(g) {
			return nil, false
		}
		return leftoverList(g, k, depth)
	default:
		return nil, false
	}
}

func leftoverObject(given, kept map[string]any, depth int) (any, bool) {
	left := map[string]any{}
	for name, value := range given {
		k, ok := kept[name]
		if !ok {
			if !hasFold(kept, name) {
				left[name] = value
			}
			continue
		}
		if l, ok := leftover(value, k, depth+1); ok {
			left[name] = l
		}
	}
	return left, len(left) > 0
}

func leftoverList(given, kept []any, depth int) (any, bool) {
	left, found := make([]any, len(given)), false
	for i := range given {
		if l, ok := leftover(given[i], kept[i], depth+1); ok {
			left[i], found = l, true
		}
	}
	return left, found
}

// hasFold reports whether the object has the name in another case: the struct
// has then taken the value, since encoding/json matches names so.
func hasFold(object map[string]any, name string) bool {
	for n := range object {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// withRest merges the rest below what is known and encodes both.
func withRest(known []byte, rest Rest) ([]byte, error) {
	tree, err := decodeTree(known)
	if err != nil {
		return nil, err
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return nil, errors.New("properties must be an object")
	}
	for name, raw := range rest {
		value, err := decodeTree(raw)
		if err != nil {
			return nil, fmt.Errorf("property %s: %w", name, err)
		}
		if k, ok := object[name]; ok {
			object[name] = overlay(k, value)
		} else if !hasFold(object, name) {
			object[name] = value
		}
	}
	return encodeTree(object)
}

// overlay adds to known what only left has. A list takes part only while it
// has as many elements as when it was read.
func overlay(known, left any) any {
	switch k := known.(type) {
	case map[string]any:
		l, ok := left.(map[string]any)
		if !ok {
			return known
		}
		for name, value := range l {
			if old, ok := k[name]; ok {
				k[name] = overlay(old, value)
			} else {
				k[name] = value
			}
		}
		return k
	case []any:
		l, ok := left.([]any)
		if !ok || len(l) != len(k) {
			return known
		}
		for i := range k {
			k[i] = overlay(k[i], l[i])
		}
		return k
	default:
		return known
	}
}

// describeJSONError says in the words of the document, not of Go, what is
// wrong with it.
func describeJSONError(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	return &WrongTypeError{Element: wrong.Field, Value: wrong.Value}
}

// WrongTypeError is what Decode wraps where a property's JSON type is not the
// one that the management API gives it.
type WrongTypeError struct {
	// Element is the path of the property, without the indices of lists; it is
	// empty where the properties as a whole are of the wrong type.
	Element string
	// Value says what was found: "number", "string", "object" ….
	Value string
}

// Error names the property and what was found.
func (e *WrongTypeError) Error() string {
	if e.Element == "" {
		return "properties must not be a " + e.Value
	}
	return e.Element + " must not be a " + e.Value
}
