// Package document reads JSON and YAML into one small tree that knows where
// everything was, so that errors in configuration and in specifications name a
// line and a column. It is bounded: depth, nodes and what YAML aliases may add.
package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Limits of documents. The size in bytes is for the caller to bound.
const (
	// MaxDepth bounds how deep objects and lists may be nested.
	MaxDepth = 256
	// MaxNodes bounds the values of a document.
	MaxNodes = 4_000_000
	// MaxAliasNodes bounds the values that YAML aliases and merge keys add to
	// those that are written out.
	MaxAliasNodes = 100_000
)

// Kind is the kind of a value.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Object
)

// String returns the word that errors use for the kind.
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "a boolean"
	case Number:
		return "a number"
	case String:
		return "a string"
	case List:
		return "a list"
	case Object:
		return "an object"
	default:
		return "kind " + strconv.Itoa(int(k))
	}
}

// Node is a value. All methods that read accept a nil Node, which is an absent
// value.
type Node struct {
	Kind Kind
	// Line and Column count from 1; the column counts characters.
	Line, Column int32
	// Text is the text of a scalar: a string without quotes and escapes, a
	// number as it was written.
	Text string
	// Items are the elements of a list.
	Items []*Node
	// Members are those of an object, in the order of the document.
	Members []Member
}

// Member is a name and its value in an object.
type Member struct {
	Name         string
	Line, Column int32 // Of the name.
	Value        *Node
}

// SyntaxError is what is wrong with a document and where.
type SyntaxError struct {
	Line, Column int
	Message      string
}

// Error gives line, column and message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Get returns the value of a member, or nil.
func (n *Node) Get(name string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Members {
		if n.Members[i].Name == name {
			return n.Members[i].Value
		}
	}
	return nil
}

// Is reports whether the value is there and of that kind.
func (n *Node) Is(k Kind) bool { return n != nil && n.Kind == k }

// String returns the text of a scalar, and "" of what is none.
func (n *Node) String() string {
	if n == nil || n.Kind == Null {
		return ""
	}
	return n.Text
}

// True reports whether the value is the boolean true.
func (n *Node) True() bool { return n.Is(Bool) && n.Text == "true" }

// Position returns line and column, and 0, 0 of an absent value.
func (n *Node) Position() (line, column int) {
	if n == nil {
		return 0, 0
	}
	return int(n.Line), int(n.Column)
}

// AppendJSON appends the value as JSON without white space, members in their
// order.
func (n *Node) AppendJSON(b []byte) []byte {
	if n == nil {
		return append(b, "null"...)
	}
	switch n.Kind {
	case String:
		return AppendString(b, n.Text)
	case List:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.AppendJSON(b)
		}
		return append(b, ']')
	case Object:
		b = append(b, '{')
		for i := range n.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendString(b, n.Members[i].Name)
			b = append(b, ':')
			b = n.Members[i].Value.AppendJSON(b)
		}
		return append(b, '}')
	case Null:
		return append(b, "null"...)
	default:
		return append(b, n.Text...)
	}
}

// AppendString appends s as a JSON string, without escapes for HTML.
func AppendString(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // A string always encodes.
		return append(b, '"', '"')
	}
	return append(b, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}
