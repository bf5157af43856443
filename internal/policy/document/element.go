package document

import "strings"

// Format says by which rules a document is read or written.
type Format int

// The formats, as the management API names them.
const (
	// Auto is for documents of unknown format. The rules of RawXML read every
	// well-formed XML document with the same result, so Auto uses them.
	Auto Format = iota
	// XML is XML 1.0: all of C# is escaped as XML demands ("xml").
	XML
	// RawXML leaves C# in expressions as it is ("rawxml").
	RawXML
)

// String gives the format's name in the management API; Auto is "auto".
func (f Format) String() string {
	switch f {
	case XML:
		return "xml"
	case RawXML:
		return "rawxml"
	}
	return "auto"
}

// Names of the two possible root elements.
const (
	RootPolicies = "policies"
	RootFragment = "fragment"
)

// Element is one element of a document.
type Element struct {
	// Name is the name as written, with its prefix if it has one.
	Name string
	// Attributes are in the order of the document; names are unique.
	Attributes []Attribute
	// Children are the child elements in the order of the document.
	Children []*Element
	// Text is the element's own text: all character data and CDATA outside of
	// child elements, without comments, entities decoded. White space is kept,
	// except around an expression and between child elements.
	Text Text
	// Pos is the position of the '<' of the start tag, End the one after the '>'
	// of the end tag.
	Pos, End Position
	// Inner is the markup between the tags verbatim, after named values were put
	// in: with comments, CDATA marks and entities as the user wrote them.
	Inner string
	// InnerPos is the position of the first character of Inner.
	InnerPos Position

	src   *source // nil for elements that were not read.
	start int     // of Inner in src.text.
}

// Attribute is a name with a value.
type Attribute struct {
	// Name is the name as written, with its prefix if it has one.
	Name string
	// Value is the value without its quotes.
	Value Text
	// Pos is the position of the first character of the name.
	Pos Position
}

// Attr returns the value of the attribute name and whether there is one.
func (e *Element) Attr(name string) (Text, bool) {
	for i := range e.Attributes {
		if e.Attributes[i].Name == name {
			return e.Attributes[i].Value, true
		}
	}
	return Text{}, false
}

// Payload returns what an element with a literal body (set-body and its like)
// stands for: the markup verbatim where it has child elements, and otherwise its
// text with entities decoded and CDATA unwrapped. For an element whose text is
// an expression it returns the C# source.
func (e *Element) Payload() string {
	if len(e.Children) > 0 {
		return e.Inner
	}
	return e.Text.Value
}

// isLiquid says whether the element's body is a Liquid template.
func (e *Element) isLiquid() bool {
	template, ok := e.Attr("template")
	return ok && strings.EqualFold(strings.TrimSpace(template.Value), "liquid")
}
