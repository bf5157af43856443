// Package sample makes an example of a JSON Schema: a value that has the shape
// which the schema describes. It is what mock-response answers with where a
// specification has schemas and no examples.
package sample

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Limits of a sample. A schema that refers to itself, or to very many others,
// gives a sample that stops there.
const (
	// MaxDepth bounds how deep values are nested.
	MaxDepth = 16
	// MaxValues bounds the values of a sample.
	MaxValues = 2000
	// MaxSchemaBytes bounds the schemas that are read, in bytes of JSON.
	MaxSchemaBytes = 4 << 20
	// maxReferences bounds how many references follow each other.
	maxReferences = 32
)

// Of returns a sample of the type with that name, as JSON. schemas is a JSON
// object of name to schema, as the components of an OpenAPI document have it
// below "schemas", or the definitions of a Swagger document.
func Of(schemas json.RawMessage, name string) ([]byte, error) {
	if len(schemas) > MaxSchemaBytes {
		return nil, fmt.Errorf("reading schemas: they are larger than %d bytes (MaxSchemaBytes)", MaxSchemaBytes)
	}
	s := &sampler{left: MaxValues, open: map[string]bool{name: true}}
	if err := json.Unmarshal(schemas, &s.named); err != nil {
		return nil, fmt.Errorf("reading schemas: %w", err)
	}
	if nested, ok := s.named["schemas"]; ok && s.named[name] == nil {
		s.named = nil
		if err := json.Unmarshal(nested, &s.named); err != nil {
			return nil, fmt.Errorf("reading schemas: %w", err)
		}
	}
	schema, ok := s.named[name]
	if !ok {
		return nil, fmt.Errorf("making a sample: there is no schema %.60q", name)
	}
	var out bytes.Buffer
	if err := s.write(&out, schema, 0); err != nil {
		return nil, fmt.Errorf("making a sample of %.60q: %w", name, err)
	}
	return out.Bytes(), nil
}

// schema is what a sample depends on.
type schema struct {
	Ref        string                     `json:"$ref"`
	Type       types                      `json:"type"`
	Format     string                     `json:"format"`
	Example    json.RawMessage            `json:"example"`
	Examples   []json.RawMessage          `json:"examples"`
	Default    json.RawMessage            `json:"default"`
	Const      json.RawMessage            `json:"const"`
	Enum       []json.RawMessage          `json:"enum"`
	Minimum    json.Number                `json:"minimum"`
	Properties map[string]json.RawMessage `json:"properties"`
	Items      json.RawMessage            `json:"items"`
	AllOf      []json.RawMessage          `json:"allOf"`
	OneOf      []json.RawMessage          `json:"oneOf"`
	AnyOf      []json.RawMessage          `json:"anyOf"`
}

// types is the type of a schema: one, or several of which the first that is not
// null counts.
type types string

// UnmarshalJSON reads a name or a list of names.
func (t *types) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = types(one)
		return nil
	}
	var list []string
	_ = json.Unmarshal(data, &list) // A type of another form says nothing.
	if i := slices.IndexFunc(list, func(name string) bool { return name != "null" }); i >= 0 {
		*t = types(list[i])
	}
	return nil
}

type sampler struct {
	named map[string]json.RawMessage
	left  int             // values that may still be written
	open  map[string]bool // named schemas whose sample is being written
}

var errReferences = errors.New("references follow each other without end")

// write writes a sample of a schema.
func (s *sampler) write(out *bytes.Buffer, raw json.RawMessage, depth int) error {
	var sch schema
	name, err := s.resolve(raw, &sch)
	if err != nil {
		return err
	}
	// A type inside itself is left out: one level shows what it looks like.
	if s.left--; s.left < 0 || depth > MaxDepth || s.open[name] {
		out.WriteString("null")
		return nil
	}
	if name != "" {
		s.open[name] = true
		defer delete(s.open, name)
	}
	if given := sch.given(); given != nil {
		return json.Compact(out, given)
	}
	switch {
	case len(sch.AllOf) > 0:
		return s.writeAll(out, &sch, depth)
	case len(sch.OneOf) > 0:
		return s.write(out, sch.OneOf[0], depth+1)
	case len(sch.AnyOf) > 0:
		return s.write(out, sch.AnyOf[0], depth+1)
	case sch.Type == "object" || sch.Properties != nil:
		return s.writeObject(out, sch.Properties, depth)
	case sch.Type == "array":
		return s.writeArray(out, sch.Items, depth)
	}
	out.WriteString(sch.scalar())
	return nil
}

// resolve reads a schema, following references. It returns the name of the last
// one, or "".
func (s *sampler) resolve(raw json.RawMessage, sch *schema) (name string, err error) {
	for range maxReferences {
		*sch = schema{}
		if !isObject(raw) {
			return name, nil // true and false are schemas too, and say nothing of a value.
		}
		// A member of another form than expected says nothing; the rest counts.
		if err := json.Unmarshal(raw, sch); err != nil {
			if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); !wrong {
				return name, fmt.Errorf("reading a schema: %w", err)
			}
		}
		if sch.Ref == "" {
			return name, nil
		}
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(sch.Ref[strings.LastIndexByte(sch.Ref, '/')+1:])
		next, ok := s.named[name]
		if !ok {
			return "", nil
		}
		raw = next
	}
	return "", errReferences
}

func isObject(raw json.RawMessage) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) > 0 && raw[0] == '{'
}

// given returns a value that the schema itself has.
func (sch *schema) given() json.RawMessage {
	for _, raw := range []json.RawMessage{sch.Example, sch.Const, sch.Default} {
		if len(raw) > 0 {
			return raw
		}
	}
	if len(sch.Examples) > 0 {
		return sch.Examples[0]
	}
	if len(sch.Enum) > 0 {
		return sch.Enum[0]
	}
	return nil
}

// writeAll writes the members of all schemas that hold together as one object.
func (s *sampler) writeAll(out *bytes.Buffer, sch *schema, depth int) error {
	members := maps.Clone(sch.Properties)
	if members == nil {
		members = map[string]json.RawMessage{}
	}
	if err := s.collect(sch.AllOf, members, depth); err != nil {
		return err
	}
	if len(members) == 0 {
		return s.write(out, sch.AllOf[0], depth+1)
	}
	return s.writeObject(out, members, depth)
}

// collect adds the properties of schemas, and of what they are made of.
func (s *sampler) collect(parts []json.RawMessage, members map[string]json.RawMessage, depth int) error {
	if depth > MaxDepth {
		return nil
	}
	for _, raw := range parts {
		if s.left--; s.left < 0 {
			return nil
		}
		var part schema
		if _, err := s.resolve(raw, &part); err != nil {
			return err
		}
		maps.Copy(members, part.Properties)
		if err := s.collect(part.AllOf, members, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// writeObject writes the properties in the order of their names, so that a
// schema always has the same sample.
func (s *sampler) writeObject(out *bytes.Buffer, properties map[string]json.RawMessage, depth int) error {
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	out.WriteByte('{')
	for i, name := range names {
		if s.left <= 0 {
			break
		}
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return fmt.Errorf("writing a name: %w", err)
		}
		out.Write(key)
		out.WriteByte(':')
		if err := s.write(out, properties[name], depth+1); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

// writeArray writes an array of one element.
func (s *sampler) writeArray(out *bytes.Buffer, items json.RawMessage, depth int) error {
	if !isObject(items) || depth >= MaxDepth {
		out.WriteString("[]")
		return nil
	}
	out.WriteByte('[')
	if err := s.write(out, items, depth+1); err != nil {
		return err
	}
	out.WriteByte(']')
	return nil
}

// scalar returns a sample of a type that has no parts.
func (sch *schema) scalar() string {
	switch sch.Type {
	case "integer", "number":
		if sch.Minimum != "" {
			return sch.Minimum.String()
		}
		return "0"
	case "boolean":
		return "true"
	case "string":
		return `"` + textOf(sch.Format) + `"`
	}
	return "null"
}

// textOf returns a text in a format of JSON Schema or OpenAPI.
func textOf(format string) string {
	switch format {
	case "date":
		return "2026-01-31"
	case "date-time":
		return "2026-01-31T12:00:00Z"
	case "time":
		return "12:00:00Z"
	case "duration":
		return "PT1M"
	case "uuid":
		return "00000000-0000-0000-0000-000000000000"
	case "email":
		return "user@example.com"
	case "uri", "url":
		return "https://example.com/"
	case "hostname":
		return "example.com"
	case "ipv4":
		return "192.0.2.1"
	case "ipv6":
		return "2001:db8::1"
	case "byte":
		return "c3RyaW5n"
	}
	return "string"
}
