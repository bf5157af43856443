package jsontext

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/library/json/jsonerror"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Scanner reads the parts of a JSON text.
type Scanner struct {
	// Text is what is read, At how many bytes of it have been.
	Text string
	At   int
	// Thread is charged for what is made.
	Thread *value.Thread
}

// Rune returns the current character.
func (s *Scanner) Rune() rune {
	c, _ := utf8.DecodeRuneInString(s.Text[s.At:])
	return c
}

// Fail returns the exception of a text that cannot be read, with the place that has been reached.
func (s *Scanner) Fail(message string) *value.Exception {
	line, pos := 1, 0
	for _, c := range s.Text[:min(s.At, len(s.Text))] {
		pos++
		if c == '\n' {
			line, pos = line+1, 0
		}
	}
	e := value.Throw(jsonerror.Reader, fmt.Sprintf("%s, line %d, position %d.", message, line, pos))
	e.Detail = &jsonerror.Place{Line: line, Position: pos}
	return e
}

// Peek returns the current byte, 0 at the end.
func (s *Scanner) Peek() byte {
	if s.At < len(s.Text) {
		return s.Text[s.At]
	}
	return 0
}

// Skip goes over white space and comments.
func (s *Scanner) Skip() *value.Exception {
	for s.At < len(s.Text) {
		switch c := s.Text[s.At]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			s.At++
		case c == '/' && strings.HasPrefix(s.Text[s.At:], "/*"):
			n := strings.Index(s.Text[s.At:], "*/")
			if n < 0 {
				s.At = len(s.Text)
				return s.Fail("Unexpected end while parsing comment. Path ''")
			}
			s.At += n + 2
		case c == '/' && strings.HasPrefix(s.Text[s.At:], "//"):
			n := strings.IndexAny(s.Text[s.At:], "\r\n")
			if n < 0 {
				n = len(s.Text) - s.At
			}
			s.At += n
		case c == 0xC2 && strings.HasPrefix(s.Text[s.At:], "\u00a0"):
			s.At += 2
		default:
			return nil
		}
	}
	return nil
}

// Quoted reads a quoted string.
func (s *Scanner) Quoted() (string, *value.Exception) {
	quote := s.Text[s.At]
	s.At++
	start := s.At
	for s.At < len(s.Text) && s.Text[s.At] != quote && s.Text[s.At] != '\\' {
		s.At++
	}
	if s.Peek() == quote && s.At < len(s.Text) {
		s.At++
		return s.Text[start : s.At-1], nil
	}
	return s.escaped(quote, s.Text[start:s.At])
}

// escaped reads the rest of a string that has escapes.
func (s *Scanner) escaped(quote byte, head string) (string, *value.Exception) {
	b := value.NewText(s.Thread)
	b.Add(head)
	surrogates := false
	for s.At < len(s.Text) {
		c := s.Text[s.At]
		s.At++
		switch {
		case c == quote:
			if !surrogates {
				return b.Done()
			}
			return s.joined(&b)
		case c != '\\':
			b.Char(c)
		default:
			u, e := s.escape()
			if e != nil {
				return "", e
			}
			surrogates = surrogates || u >= 0xD800 && u <= 0xDFFF
			b.Rune(rune(u))
		}
	}
	return "", s.Fail("Unterminated string. Expected delimiter: " + string(quote) + ". Path ''")
}

// joined returns a text in which pairs of surrogates that were escaped one by one are one character.
func (s *Scanner) joined(b *value.Text) (string, *value.Exception) {
	text, e := b.Done()
	if e == nil {
		e = s.Thread.Budget.Alloc(joinedBytes * int64(len(text)))
	}
	if e != nil {
		return "", e
	}
	return value.FromUnits(value.Units(text)), nil
}

// escape reads what follows a backslash: one UTF-16 code unit.
func (s *Scanner) escape() (uint16, *value.Exception) {
	if s.At >= len(s.Text) {
		return 0, s.Fail("Unterminated string. Expected delimiter: \". Path ''")
	}
	c := s.Text[s.At]
	s.At++
	if text, ok := shortEscapes[c]; ok {
		return uint16(text), nil
	}
	if c != 'u' {
		return 0, s.Fail("Bad JSON escape sequence: \\" + string(c) + ". Path ''")
	}
	if s.At+4 > len(s.Text) {
		return 0, s.Fail("Unexpected end while parsing Unicode escape sequence. Path ''")
	}
	n, err := strconv.ParseUint(s.Text[s.At:s.At+4], 16, 16)
	if err != nil {
		return 0, s.Fail("Invalid Unicode escape sequence: \\u" + s.Text[s.At:s.At+4] + ". Path ''")
	}
	s.At += 4
	return uint16(n), nil
}

// shortEscapes are the escapes of one letter.
var shortEscapes = map[byte]byte{'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', '\\': '\\', '"': '"', '\'': '\'', '/': '/'}

// joinedBytes is what joining surrogates takes of the memory budget for each byte.
const joinedBytes = 4

// Comment reads the comment that a text begins with.
func (s *Scanner) Comment() (string, bool) {
	text := strings.TrimLeft(s.Text, " \t\r\n")
	if !strings.HasPrefix(text, "/*") && !strings.HasPrefix(text, "//") {
		return "", false
	}
	body := text[len("//"):]
	if text[1] == '*' {
		end := strings.Index(body, "*/")
		if end < 0 {
			return "", false
		}
		s.At = len(s.Text) - len(body) + end + len("*/")
		return body[:end], true
	}
	end := strings.IndexAny(body, "\r\n")
	if end < 0 {
		end = len(body)
	}
	s.At = len(s.Text) - len(body) + end
	return body[:end], true
}

// Blank reports whether a text has white space only.
func Blank(text string) bool { return strings.Trim(text, " \t\n\r") == "" }
