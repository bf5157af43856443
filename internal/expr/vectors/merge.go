package vectors

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Contexts are the base contexts by name.
type Contexts map[string]json.RawMessage

// ReadContexts reads a file of base contexts.
func ReadContexts(data []byte) (Contexts, error) {
	var c Contexts
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("reading contexts: %w", err)
	}
	return c, nil
}

// document returns the context document of a vector: its base with its patch.
func (c Contexts) document(v *Vector) (*contextDoc, error) {
	doc, ok := c[v.Context.Base]
	if !ok {
		return nil, fmt.Errorf("vector %s: no base context %q", v.ID, v.Context.Base)
	}
	if len(v.Context.Patch) > 0 {
		merged, err := mergePatch(doc, v.Context.Patch)
		if err != nil {
			return nil, fmt.Errorf("vector %s: merging its context: %w", v.ID, err)
		}
		doc = merged
	}
	out := &contextDoc{}
	if err := json.Unmarshal(doc, out); err != nil { //nolint:musttag // The host's types have the file's names.
		return nil, fmt.Errorf("vector %s: reading its context: %w", v.ID, err)
	}
	return out, nil
}

// object is a JSON object in the order of its text: a dictionary in C# shows that order.
type object struct {
	names  []string
	values map[string]json.RawMessage
}

func readObject(data json.RawMessage) (*object, error) {
	o := &object{values: map[string]json.RawMessage{}}
	if !isObject(data) {
		return o, nil
	}
	err := eachMember(data, func(name string, raw json.RawMessage) error {
		o.set(name, raw)
		return nil
	})
	return o, err
}

func isObject(data json.RawMessage) bool {
	return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{"))
}

func (o *object) set(name string, v json.RawMessage) {
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = v
}

func (o *object) remove(name string) {
	if _, ok := o.values[name]; !ok {
		return
	}
	delete(o.values, name)
	for i, n := range o.names {
		if n == name {
			o.names = append(o.names[:i], o.names[i+1:]...)
			return
		}
	}
}

func (o *object) text() (json.RawMessage, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(o.values[name])
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// mergePatch applies a JSON merge patch (RFC 7396); members keep their order, new ones come last.
func mergePatch(target, patch json.RawMessage) (json.RawMessage, error) {
	if !isObject(patch) {
		return patch, nil
	}
	out, err := readObject(target)
	if err != nil {
		return nil, err
	}
	changes, err := readObject(patch)
	if err != nil {
		return nil, err
	}
	for _, name := range changes.names {
		change := changes.values[name]
		if string(bytes.TrimSpace(change)) == "null" {
			out.remove(name)
			continue
		}
		merged, err := mergePatch(out.values[name], change)
		if err != nil {
			return nil, err
		}
		out.set(name, merged)
	}
	return out.text()
}
