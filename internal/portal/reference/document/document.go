// Package document reads the text of a description, JSON or YAML, into one that
// is quick to look things up in and small to keep: JSON without white space, of
// which values are slices. Nothing is decoded until somebody asks for it, so a
// document of ten megabytes costs what its text does.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Limits of documents.
const (
	// MaxSize bounds a document as it was written, in bytes.
	MaxSize = 32 << 20
	// MaxDepth bounds how many objects and lists may be inside each other.
	MaxDepth = 200
	// MaxValues bounds the values of a document.
	MaxValues = 4_000_000
	// MaxAliased bounds the values that aliases of YAML add to a document.
	MaxAliased = 100_000
)

// ErrTooLarge is what a document beyond a limit is refused with; the text of the
// error has the limit's name.
var ErrTooLarge = errors.New("the document is too large")

// Document is a description that was read. It does not change.
type Document struct {
	root Value
	// index has what stands one and two levels below the root, and each component,
	// by its pointer.
	index map[string]Value
}

// Read reads a document: JSON where it begins with a brace, YAML elsewhere.
func Read(data []byte) (*Document, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes (limit MaxSize, %d)", ErrTooLarge, len(data), MaxSize)
	}
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	text, err := compact(data)
	if err != nil {
		return nil, err
	}
	d := &Document{root: Value{text}}
	if d.root.Kind() != Object {
		return nil, errors.New("the document is no object")
	}
	d.fill()
	return d, nil
}

// compact returns the document as JSON without white space.
func compact(data []byte) ([]byte, error) {
	if len(data) == 0 {
		return nil, errors.New("the document is empty")
	}
	if data[0] != '{' {
		return fromYAML(data)
	}
	text, err := compactJSON(data)
	if err == nil || errors.Is(err, ErrTooLarge) {
		return text, err
	}
	if text, yamlErr := fromYAML(data); yamlErr == nil { // Flow style begins as JSON does.
		return text, nil
	}
	return nil, fmt.Errorf("the document is no JSON: %w", err)
}

// fill makes the index of what references lead to most.
func (d *Document) fill() {
	d.index = map[string]Value{}
	for name, section := range d.root.Members() {
		d.keep("#/"+escape(name), section)
		if section.Kind() != Object {
			continue
		}
		for inner, value := range section.Members() {
			at := "#/" + escape(name) + "/" + escape(inner)
			d.keep(at, value)
			if name != "components" {
				continue
			}
			for component, value := range value.Members() {
				d.keep(at+"/"+escape(component), value)
			}
		}
	}
}

func (d *Document) keep(pointer string, value Value) {
	if _, there := d.index[pointer]; !there {
		d.index[pointer] = value
	}
}

func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// Root is the document's object.
func (d *Document) Root() Value { return d.root }

// Size is what the document takes in memory, in bytes.
func (d *Document) Size() int {
	const entry = 96 // A key of the index, with its string and its slice.
	return len(d.root.text) + len(d.index)*entry
}
