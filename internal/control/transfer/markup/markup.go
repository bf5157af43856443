// Package markup reads the XML documents that describe APIs (WSDL, WADL, OData
// metadata) into a small tree that knows where everything was. It is bounded,
// and refuses what could fetch or grow: document types and entities of their
// own.
package markup

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of documents.
const (
	// MaxSize bounds a document, in bytes.
	MaxSize = 10 << 20
	// MaxDepth bounds how deep elements may be nested.
	MaxDepth = 128
	// MaxElements bounds the elements of a document.
	MaxElements = 300_000
	// MaxAttributes bounds the attributes of an element.
	MaxAttributes = 256
)

// Element is an element of a document. All methods that read accept a nil
// Element, which is an absent one.
type Element struct {
	// Name has the name and the namespace.
	Name xml.Name
	// Attributes are in the order of the document, declarations of namespaces
	// among them.
	Attributes []xml.Attr
	Children   []*Element
	// Parent is nil for the root.
	Parent *Element
	// Line and Column are those of the start, and count from 1.
	Line, Column int
	// Start and End are the offsets of the element in the document's bytes.
	Start, End int
	// pieces are the texts in the element: the one at i stands before the child
	// at i. There may be fewer than children.
	pieces []string
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

// Problem returns the error of Parse as a problem of a file.
func Problem(err error, file, resource string) problem.Problem {
	p := problem.Problem{Location: problem.Location{File: file, Resource: resource}, Message: err.Error()}
	if at, ok := errors.AsType[*SyntaxError](err); ok {
		p.Line, p.Column, p.Message = at.Line, at.Column, at.Message
	}
	return p
}

// Parse reads a document in UTF-8 or UTF-16 and returns its root, with the
// bytes that offsets count in. The error is a *SyntaxError.
func Parse(data []byte) (*Element, []byte, error) {
	if len(data) > MaxSize {
		return nil, nil, &SyntaxError{1, 1, fmt.Sprintf("the document has %d bytes (limit MaxSize, %d)", len(data), MaxSize)}
	}
	data = plain(data)
	p := &parser{decoder: xml.NewDecoder(bytes.NewReader(data)), data: data}
	// The text of a JSON string is UTF-8 whatever the document says of itself.
	p.decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		switch strings.ToLower(label) {
		case "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "unicode":
			return input, nil
		default:
			return nil, fmt.Errorf("the encoding %q is not read; save the document as UTF-8", label)
		}
	}
	if err := p.read(); err != nil {
		return nil, nil, err
	}
	return p.root, data, nil
}

// plain makes UTF-8 of a document that begins with the mark of UTF-16, and
// takes that of UTF-8 off.
func plain(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	big := bytes.HasPrefix(data, []byte("\xfe\xff"))
	if !big && !bytes.HasPrefix(data, []byte("\xff\xfe")) {
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		low, high := uint16(data[i]), uint16(data[i+1])
		if big {
			low, high = high, low
		}
		units = append(units, high<<8|low)
	}
	return []byte(string(utf16.Decode(units)))
}

type parser struct {
	decoder  *xml.Decoder
	data     []byte
	root     *Element
	current  *Element
	depth    int
	elements int
}

func (p *parser) fail(format string, args ...any) error {
	line, column := p.decoder.InputPos()
	return &SyntaxError{line, column, fmt.Sprintf(format, args...)}
}

func (p *parser) read() error {
	for {
		line, column := p.decoder.InputPos()
		start := int(p.decoder.InputOffset())
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p.syntax(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := p.start(t, line, column, start); err != nil {
				return err
			}
		case xml.EndElement:
			p.current.End = int(p.decoder.InputOffset())
			p.current = p.current.Parent
			p.depth--
		case xml.CharData:
			if p.current != nil {
				p.current.addText(string(t))
			}
		case xml.Directive:
			return &SyntaxError{line, column, "the document has a document type or another declaration (<!…>), which is not read; remove it"}
		}
	}
	if p.root == nil {
		return p.fail("the document has no element")
	}
	return nil
}

// syntax gives errors of the decoder a position and our words.
func (p *parser) syntax(err error) error {
	if s, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return p.fail("the document is not XML: %s", s.Msg)
	}
	return p.fail("the document is not XML: %s", strings.TrimPrefix(err.Error(), "xml: "))
}

func (p *parser) start(t xml.StartElement, line, column, start int) error {
	if p.depth++; p.depth > MaxDepth {
		return p.fail("elements are nested deeper than %d (limit MaxDepth)", MaxDepth)
	}
	if p.elements++; p.elements > MaxElements {
		return p.fail("the document has more than %d elements (limit MaxElements)", MaxElements)
	}
	if len(t.Attr) > MaxAttributes {
		return p.fail("an element has more than %d attributes (limit MaxAttributes)", MaxAttributes)
	}
	if p.current == nil && p.root != nil {
		return p.fail("the document has a second root element, %s", t.Name.Local)
	}
	e := &Element{Name: t.Name, Parent: p.current, Line: line, Column: column, Start: start}
	e.Attributes = append(e.Attributes, t.Attr...)
	if p.current == nil {
		p.root = e
	} else {
		p.current.Children = append(p.current.Children, e)
	}
	p.current = e
	return nil
}
