package document

import (
	"fmt"
	"unicode/utf8"
)

// scanner finds the end of C# code without understanding it. It knows what can
// hold a bracket that is none: strings, characters and comments.
type scanner struct {
	text     string
	pos      int
	entities bool // XML references count as the character that they stand for.
	depth    int  // open brackets and interpolated strings.
	maxDepth int
}

// scanError says why the end of an expression could not be found.
type scanError struct {
	at      int // offset in the scanned text.
	message string
	hint    string
	opened  int // offset of what the hint's "%s" names as opened there, or -1.
}

// bracket is an open bracket.
type bracket struct {
	opener rune
	at     int
}

// hole says whether brackets are a hole of an interpolated string, and of which.
type hole int

const (
	noHole       hole = iota
	regularHole       // of $"…"
	verbatimHole      // of $@"…"
)

// isExpressionStart says whether an expression begins at the offset: "@(" or
// "@{", but not after another '@'.
func isExpressionStart(text string, at int) bool {
	return at+1 < len(text) && text[at] == '@' && (text[at+1] == '(' || text[at+1] == '{') &&
		(at == 0 || text[at-1] != '@')
}

// scanExpression returns the offset behind the expression whose '@' is at start.
func scanExpression(text string, start int, entities bool, maxDepth int) (int, *scanError) {
	s := scanner{text: text, pos: start + 1, entities: entities, maxDepth: maxDepth}
	if err := s.brackets(noHole); err != nil {
		return 0, err
	}
	return s.pos, nil
}

// peekAt returns the character at an offset and its width in the text; the width
// is 0 at the end.
func (s *scanner) peekAt(at int) (rune, int) {
	if at >= len(s.text) {
		return 0, 0
	}
	c := s.text[at]
	if c == '&' && s.entities {
		if r, width, known := reference(s.text[at:]); known {
			return r, width
		}
	}
	if c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s.text[at:])
}

func (s *scanner) peek() (rune, int) { return s.peekAt(s.pos) }

// follows says whether the character r comes at an offset, and returns the
// offset behind it.
func (s *scanner) follows(at int, r rune) (int, bool) {
	c, width := s.peekAt(at)
	return at + width, width > 0 && c == r
}

// brackets scans from an opening bracket to behind the one that closes it. In
// the hole of an interpolated string a ':' outside of inner brackets begins the
// format, which reaches to the '}'.
func (s *scanner) brackets(kind hole) *scanError {
	var stack []bracket
	for {
		r, width := s.peek()
		if width == 0 {
			return unclosed(stack, kind)
		}
		switch r {
		case '(', '[', '{':
			stack = append(stack, bracket{r, s.pos})
			if s.depth++; s.depth > s.maxDepth {
				return s.tooDeep()
			}
			s.pos += width
		case ')', ']', '}':
			top := stack[len(stack)-1]
			if r != closer(top.opener) {
				return s.mismatch(r, top)
			}
			s.pos += width
			s.depth--
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return nil
			}
		case ':':
			s.pos += width
			if kind != noHole && len(stack) == 1 {
				s.depth--
				return s.format(stack[0], kind)
			}
		default:
			if err := s.token(r, width); err != nil {
				return err
			}
		}
	}
}

// token skips a string, a character, a comment, or else one character.
func (s *scanner) token(r rune, width int) *scanError {
	start := s.pos
	next, nextWidth := s.peekAt(s.pos + width)
	behind := s.pos + width + nextWidth
	switch {
	case r == '"':
		s.pos += width
		return s.regularString(start)
	case r == '\'':
		s.pos += width
		return s.character(start)
	case r == '@' && next == '"':
		s.pos = behind
		return s.verbatimString(start)
	case r == '$' && next == '"':
		s.pos = behind
		return s.interpolatedString(start, regularHole)
	case r == '$' && next == '@' || r == '@' && next == '$':
		if end, ok := s.follows(behind, '"'); ok {
			s.pos = end
			return s.interpolatedString(start, verbatimHole)
		}
	case r == '/' && next == '/':
		s.lineComment()
		return nil
	case r == '/' && next == '*':
		s.pos = behind
		return s.blockComment(start)
	}
	s.pos += width
	return nil
}

func (s *scanner) lineComment() {
	for {
		r, width := s.peek()
		if width == 0 || isLineEnd(r) {
			return
		}
		s.pos += width
	}
}

func (s *scanner) blockComment(start int) *scanError {
	for {
		r, width := s.peek()
		if width == 0 {
			return &scanError{start, "the comment /* is not closed", "close it with */", -1}
		}
		s.pos += width
		if r != '*' {
			continue
		}
		if end, ok := s.follows(s.pos, '/'); ok {
			s.pos = end
			return nil
		}
	}
}

func closer(opener rune) rune {
	switch opener {
	case '(':
		return ')'
	case '[':
		return ']'
	}
	return '}'
}

// isLineEnd knows C#'s ends of lines.
func isLineEnd(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

func unclosed(stack []bracket, kind hole) *scanError {
	first, top := stack[0], stack[len(stack)-1]
	if kind != noHole {
		return unclosedHole(first)
	}
	return &scanError{first.at - len("@"),
		fmt.Sprintf("the expression has no closing '%c'", closer(first.opener)),
		fmt.Sprintf("the '%c' at %%s is not closed; mind quotes and // comments, which reach to the end of their line", top.opener),
		top.at}
}

func (s *scanner) mismatch(found rune, top bracket) *scanError {
	return &scanError{s.pos,
		fmt.Sprintf("found '%c' in the expression where '%c' is expected", found, closer(top.opener)),
		fmt.Sprintf("'%c' closes the '%c' at %%s", closer(top.opener), top.opener),
		top.at}
}

func (s *scanner) tooDeep() *scanError {
	return &scanError{s.pos, fmt.Sprintf("the expression nests deeper than %d brackets", s.maxDepth),
		"use variables for parts of it", -1}
}
