package document

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
)

// Kind is what a value is.
type Kind uint8

// The kinds of values. Missing is that of what is not there.
const (
	Missing Kind = iota
	Null
	Bool
	Number
	String
	Object
	List
)

// Value is one value of a document. The zero Value is one that is not there, and
// all methods may be called of it.
type Value struct{ text []byte }

// Kind is what the value is.
func (v Value) Kind() Kind {
	if len(v.text) == 0 {
		return Missing
	}
	switch v.text[0] {
	case '{':
		return Object
	case '[':
		return List
	case '"':
		return String
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	default:
		return Number
	}
}

// Exists reports whether the value is there, be it null.
func (v Value) Exists() bool { return len(v.text) > 0 }

// JSON is the value's text, without white space. It must not be changed.
func (v Value) JSON() []byte { return v.text }

// Text is a text; numbers and truth values are as they are written. It is ""
// for all else.
func (v Value) Text() string {
	switch v.Kind() {
	case String:
		return unquote(v.text)
	case Number, Bool:
		return string(v.text)
	default:
		return ""
	}
}

// True reports whether the value is true.
func (v Value) True() bool { return len(v.text) == 4 && v.text[0] == 't' }

// Get returns the member of an object.
func (v Value) Get(name string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	for key, value := range members(v.text) {
		if sameName(key, name) {
			return value
		}
	}
	return Value{}
}

// Members are those of an object, in their order.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != Object {
			return
		}
		for key, value := range members(v.text) {
			if !yield(unquote(key), value) {
				return
			}
		}
	}
}

// Items are those of a list.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != List {
			return
		}
		for at := 1; at < len(v.text)-1; {
			end := endOfValue(v.text, at)
			if !yield(Value{v.text[at:end]}) {
				return
			}
			at = end + 1
		}
	}
}

// Texts are the texts of a list.
func (v Value) Texts() []string {
	var out []string
	for item := range v.Items() {
		if text := item.Text(); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// members are the names, as they are written, and the values of an object.
func members(text []byte) iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		for at := 1; at < len(text)-1; {
			name := endOfString(text, at)
			end := endOfValue(text, name+1)
			if !yield(text[at:name], Value{text[name+1 : end]}) {
				return
			}
			at = end + 1
		}
	}
}

// endOfString is where a text that begins at a quote ends: at the next quote that
// no backslash escapes, which has an even number of them before it.
func endOfString(text []byte, at int) int {
	for i := at + 1; ; i++ {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return len(text)
		}
		i += n
		first := i
		for first > at+1 && text[first-1] == '\\' {
			first--
		}
		if (i-first)%2 == 0 {
			return i + 1
		}
	}
}

// endOfValue is where a value ends.
func endOfValue(text []byte, at int) int {
	for depth, i := 0, at; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = endOfString(text, i) - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				if depth < 0 {
					return i
				}
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(text)
}

func sameName(quoted []byte, name string) bool {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner) == name
	}
	return unquote(quoted) == name
}

// unquote is the text that is written in quotes.
func unquote(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return strings.ToValidUTF8(string(inner), "\uFFFD")
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return "" // Documents are checked before they are kept.
	}
	return text
}

// Of makes a value of JSON, such as an example that was generated. What is no
// JSON is a missing value.
func Of(text []byte) Value {
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		return Value{}
	}
	return Value{out.Bytes()}
}
