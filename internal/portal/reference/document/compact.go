package document

import (
	"bytes"
	"errors"
	"fmt"
)

// scanner reads JSON once: it checks it, applies the limits of a document's form,
// and writes it without white space.
type scanner struct {
	in, out []byte
	at      int
	values  int
}

// compactJSON returns JSON without white space. It fails with ErrTooLarge beyond a
// limit, and with another error for what is no JSON.
func compactJSON(data []byte) ([]byte, error) {
	s := &scanner{in: data, out: make([]byte, 0, len(data))}
	if err := s.value(0); err != nil {
		return nil, err
	}
	if s.space(); s.at < len(s.in) {
		return nil, s.unexpected()
	}
	return bytes.Clone(s.out), nil // White space can be a third of a document.
}

// unexpected says what stands where something else has to.
func (s *scanner) unexpected() error {
	if s.at >= len(s.in) {
		return errors.New("the document ends too early")
	}
	return fmt.Errorf("there is %q where it cannot be, at byte %d", s.in[s.at], s.at)
}

// space passes by white space.
func (s *scanner) space() {
	for s.at < len(s.in) {
		switch s.in[s.at] {
		case ' ', '\n', '\t', '\r':
			s.at++
		default:
			return
		}
	}
}

// next passes by white space and returns what stands there; 0 at the end.
func (s *scanner) next() byte {
	if s.space(); s.at < len(s.in) {
		return s.in[s.at]
	}
	return 0
}

// take writes the character that stands here, and goes on.
func (s *scanner) take() {
	s.out = append(s.out, s.in[s.at])
	s.at++
}

func (s *scanner) value(depth int) error {
	if s.values++; s.values > MaxValues {
		return fmt.Errorf("%w: it has more than %d values (limit MaxValues)", ErrTooLarge, MaxValues)
	}
	switch c := s.next(); {
	case c == '{' || c == '[':
		if depth == MaxDepth {
			return fmt.Errorf("%w: it is nested deeper than %d (limit MaxDepth)", ErrTooLarge, MaxDepth)
		}
		return s.inside(c, depth+1)
	case c == '"':
		return s.text()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

// inside reads the members of an object, or the items of a list.
func (s *scanner) inside(open byte, depth int) error {
	end := open + 2 // So it is in ASCII.
	s.take()
	if s.next() == end {
		s.take()
		return nil
	}
	for {
		if open == '{' {
			if err := s.name(); err != nil {
				return err
			}
		}
		if err := s.value(depth); err != nil {
			return err
		}
		switch s.next() {
		case end:
			s.take()
			return nil
		case ',':
			s.take()
		default:
			return s.unexpected()
		}
	}
}

// name reads the name of a member, and the colon.
func (s *scanner) name() error {
	if s.next() != '"' {
		return s.unexpected()
	}
	if err := s.text(); err != nil {
		return err
	}
	if s.next() != ':' {
		return s.unexpected()
	}
	s.take()
	return nil
}

// text reads what is in quotes. Nearly all of a description is texts, so what
// needs no look at each character is passed by at once.
func (s *scanner) text() error {
	begin := s.at
	for s.at++; s.at < len(s.in); s.at++ {
		switch c := s.in[s.at]; {
		case c == '"':
			s.at++
			s.out = append(s.out, s.in[begin:s.at]...)
			return nil
		case c < ' ':
			return s.unexpected()
		case c == '\\':
			if err := s.escape(); err != nil {
				return err
			}
		}
	}
	return s.unexpected()
}

// escape reads what stands after a backslash.
func (s *scanner) escape() error {
	if s.at++; s.at >= len(s.in) {
		return s.unexpected()
	}
	switch s.in[s.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
		for range 4 {
			if s.at++; s.at >= len(s.in) || !isHex(s.in[s.at]) {
				return s.unexpected()
			}
		}
		return nil
	}
	return s.unexpected()
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (s *scanner) word(word string) error {
	for i := range len(word) {
		if s.at >= len(s.in) || s.in[s.at] != word[i] {
			return s.unexpected()
		}
		s.take()
	}
	return nil
}

func (s *scanner) number() error {
	begin := s.at
	if s.is('-') {
		s.at++
	}
	if s.is('0') {
		s.at++
	} else if !s.digits() {
		return s.unexpected()
	}
	if s.is('.') {
		if s.at++; !s.digits() {
			return s.unexpected()
		}
	}
	if s.is('e') || s.is('E') {
		if s.at++; s.is('+') || s.is('-') {
			s.at++
		}
		if !s.digits() {
			return s.unexpected()
		}
	}
	s.out = append(s.out, s.in[begin:s.at]...)
	return nil
}

func (s *scanner) is(c byte) bool { return s.at < len(s.in) && s.in[s.at] == c }

// digits passes by them, and reports whether there are any.
func (s *scanner) digits() bool {
	begin := s.at
	for s.at < len(s.in) && isDigit(s.in[s.at]) {
		s.at++
	}
	return s.at > begin
}
