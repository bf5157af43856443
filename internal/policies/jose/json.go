package jose

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const (
	// MaxTokenBytes is the longest token that is read.
	MaxTokenBytes = 64 << 10
	// MaxHeaderBytes is the longest protected header of a token, decoded.
	MaxHeaderBytes = 8 << 10
	// MaxDepth is how deep the JSON of a header or of claims may nest.
	MaxDepth = 32
)

// strictEncoding refuses padding and unused bits.
var strictEncoding = base64.RawURLEncoding.Strict()

// decodeBase64 decodes strict base64url. Line breaks, which the standard
// library skips, are refused as well.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, fail(Malformed, "a part of the token is not base64url")
	}
	data, err := strictEncoding.DecodeString(text)
	if err != nil {
		return nil, fail(Malformed, "a part of the token is not base64url")
	}
	return data, nil
}

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds of JSON values.
const (
	Null Kind = iota
	Boolean
	Number
	Text
	Array
	Object
)

// Value is a JSON value.
type Value struct {
	Kind Kind
	// Text is a string's content, or a number or a truth value as it is written.
	Text    string
	Items   []Value  // of an array
	Members []Member // of an object, in order; each name stands once
}

// Member is a member of a JSON object.
type Member struct {
	Name  string
	Value Value
}

// Get returns the member of an object with exactly that name.
func (v *Value) Get(name string) (*Value, bool) {
	for i := range v.Members {
		if v.Members[i].Name == name {
			return &v.Members[i].Value, true
		}
	}
	return nil, false
}

// text returns a member that is a string, or "".
func (v *Value) text(name string) string {
	if m, ok := v.Get(name); ok && m.Kind == Text {
		return m.Text
	}
	return ""
}

// ParseObject reads a JSON object. Members that stand twice and text that is
// not UTF-8 are refused, as are values nested deeper than MaxDepth.
func ParseObject(data []byte) (Value, error) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return Value{}, fail(Malformed, "the JSON of the token cannot be read")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return Value{}, err
	}
	if v.Kind != Object {
		return Value{}, fail(Malformed, "the token has JSON that is no object")
	}
	return v, nil
}

// readValue reads one value of a text that is known to be valid JSON.
func readValue(d *json.Decoder, depth int) (Value, error) {
	token, err := d.Token()
	if err != nil {
		return Value{}, fail(Malformed, "the JSON of the token cannot be read")
	}
	switch t := token.(type) {
	case string:
		return Value{Kind: Text, Text: t}, nil
	case json.Number:
		return Value{Kind: Number, Text: string(t)}, nil
	case bool:
		if t {
			return Value{Kind: Boolean, Text: "true"}, nil
		}
		return Value{Kind: Boolean, Text: "false"}, nil
	case json.Delim:
		if depth >= MaxDepth {
			return Value{}, fail(Malformed, "the JSON of the token nests deeper than %d", MaxDepth)
		}
		if t == '[' {
			return readArray(d, depth+1)
		}
		return readObject(d, depth+1)
	}
	return Value{}, nil
}

func readArray(d *json.Decoder, depth int) (Value, error) {
	v := Value{Kind: Array}
	for d.More() {
		item, err := readValue(d, depth)
		if err != nil {
			return Value{}, err
		}
		v.Items = append(v.Items, item)
	}
	_, err := d.Token()
	return v, err
}

func readObject(d *json.Decoder, depth int) (Value, error) {
	v := Value{Kind: Object}
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return Value{}, fail(Malformed, "the JSON of the token cannot be read")
		}
		key, _ := name.(string)
		if seen[key] {
			return Value{}, fail(Malformed, "the JSON of the token has a member twice")
		}
		seen[key] = true
		value, err := readValue(d, depth)
		if err != nil {
			return Value{}, err
		}
		v.Members = append(v.Members, Member{Name: key, Value: value})
	}
	_, err := d.Token()
	return v, err
}
