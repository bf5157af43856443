package expr

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Position is a place in a policy document: line and column from 1, columns in UTF-16 code units as
// editors and the C# compiler count them.
type Position struct {
	Line, Column int
}

// Source is the text of one expression and where it stands in its document.
type Source struct {
	// Code is the C# text between the brackets of @(…) or @{…}, with XML entities decoded and named values
	// replaced.
	Code string
	// Block says that it is the statements of @{…} rather than the expression of @(…).
	Block bool
	// File is the document's name for messages; it may be empty.
	File string
	// Start is the position of the first character of Code in the document; the zero value is line 1, column 1.
	Start Position
	// Locate, where it is not nil, returns the position of a byte of Code instead of counting from Start: the
	// document may write a character as an entity, or have a named value in its place.
	Locate func(offset int) Position
}

// Position returns where the byte at offset of Code stands in the document.
func (s *Source) Position(offset int) Position {
	offset = min(max(offset, 0), len(s.Code))
	if s.Locate != nil {
		return s.Locate(offset)
	}
	p := s.Start
	if p.Line == 0 {
		p = Position{Line: 1, Column: 1}
	}
	for i := 0; i < offset; {
		r, n := utf8.DecodeRuneInString(s.Code[i:])
		i += n
		switch {
		case r == '\n', r == '\r' && (i >= len(s.Code) || s.Code[i] != '\n'):
			p = Position{Line: p.Line + 1, Column: 1}
		default:
			p.Column += max(utf16.RuneLen(r), 1)
		}
	}
	return p
}
