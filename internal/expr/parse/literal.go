package parse

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// regularString reads "…".
func (l *lexer) regularString() syntax.Token {
	start := l.pos
	l.pos++
	first := l.pos
	for i := l.pos; i < l.end; i++ {
		switch l.src[i] {
		case '"':
			l.pos = i + 1
			t := l.token(syntax.StringLit, start)
			t.Value = l.src[first:i]
			return t
		case '\\', '\n', '\r':
			return l.escapedString(start)
		}
	}
	l.pos = l.end
	return l.unterminated(start, l.src[first:l.end])
}

// escapedString reads "…" with escapes, from its first character on.
func (l *lexer) escapedString(start int) syntax.Token {
	var b strings.Builder
	for l.pos < l.end {
		switch c := l.src[l.pos]; c {
		case '"':
			l.pos++
			t := l.token(syntax.StringLit, start)
			t.Value = joinSurrogates(b.String())
			return t
		case '\n', '\r':
			return l.unterminated(start, b.String())
		case '\\':
			l.escape(&b)
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	return l.unterminated(start, b.String())
}

func (l *lexer) unterminated(start int, value string) syntax.Token {
	l.errorAt(start, start, "CS1010", "Newline in constant")
	t := l.token(syntax.StringLit, start)
	t.Value = value
	return t
}

// verbatimString reads @"…".
func (l *lexer) verbatimString() syntax.Token {
	start := l.pos
	l.pos += 2
	var b strings.Builder
	for l.pos < l.end {
		c := l.src[l.pos]
		l.pos++
		if c != '"' {
			b.WriteByte(c)
			continue
		}
		if l.peek(0) != '"' {
			t := l.token(syntax.StringLit, start)
			t.Value = b.String()
			return t
		}
		b.WriteByte('"')
		l.pos++
	}
	l.errorAt(start, start, "CS1039", "Unterminated string literal")
	t := l.token(syntax.StringLit, start)
	t.Value = b.String()
	return t
}

// char reads a character literal.
func (l *lexer) char() syntax.Token {
	start := l.pos
	l.pos++
	var b strings.Builder
	switch c := l.peek(0); {
	case l.pos >= l.end || c == '\n' || c == '\r':
		l.errorAt(start, start, "CS1010", "Newline in constant")
	case c == '\'':
		l.pos++
		l.errorAt(start, start, "CS1011", "Empty character literal")
		return l.token(syntax.CharLit, start)
	case c == '\\':
		l.escape(&b)
	default:
		_, n := utf8.DecodeRuneInString(l.src[l.pos:l.end])
		b.WriteString(l.src[l.pos : l.pos+n])
		l.pos += n
	}
	value := b.String()
	if l.peek(0) == '\'' {
		l.pos++
		if r, n := utf8.DecodeRuneInString(value); n == len(value) && r > 0xFFFF {
			l.errorAt(start, start, "CS1012", "Too many characters in character literal")
		}
	} else {
		l.endLongChar(start)
	}
	t := l.token(syntax.CharLit, start)
	t.Value = value
	return t
}

// endLongChar skips what stands in a character literal after its first character. A literal that the line ends is
// an error of its own.
func (l *lexer) endLongChar(start int) {
	for i := l.pos; i < l.end && l.src[i] != '\n' && l.src[i] != '\r'; i++ {
		if l.src[i] == '\'' {
			l.pos = i + 1
			l.errorAt(start, start, "CS1012", "Too many characters in character literal")
			return
		}
	}
	l.errorAt(start, start, "CS1010", "Newline in constant")
	l.errorAt(start, start, "CS1012", "Too many characters in character literal")
}

// simpleEscapes are the escapes of one letter.
var simpleEscapes = map[byte]byte{
	'\'': '\'', '"': '"', '\\': '\\', '0': 0, 'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// escape reads one backslash escape and writes its character.
func (l *lexer) escape(b *strings.Builder) {
	start := l.pos
	c := l.peek(1)
	if s, ok := simpleEscapes[c]; ok && l.pos+1 < l.end {
		l.pos += 2
		b.WriteByte(s)
		return
	}
	var minDigits, maxDigits int
	switch c {
	case 'x':
		minDigits, maxDigits = 1, 4
	case 'u':
		minDigits, maxDigits = 4, 4
	case 'U':
		minDigits, maxDigits = 8, 8
	default:
		l.pos = min(l.pos+2, l.end)
		l.errorAt(start, l.pos, "CS1009", "Unrecognized escape sequence")
		return
	}
	l.pos += 2
	r, n := uint32(0), 0
	for n < maxDigits && hexValue(l.peek(0)) >= 0 {
		r = r<<4 | uint32(hexValue(l.peek(0)))
		l.pos++
		n++
	}
	if n < minDigits || r > utf8.MaxRune {
		l.errorAt(start, l.pos, "CS1009", "Unrecognized escape sequence")
		return
	}
	writeUnit(b, rune(r))
}

// writeUnit writes a character, a lone surrogate as its three bytes.
func writeUnit(b *strings.Builder, r rune) {
	if utf16.IsSurrogate(r) {
		b.Write([]byte{0xE0 | byte(r>>12), 0x80 | byte(r>>6)&0x3F, 0x80 | byte(r)&0x3F})
		return
	}
	b.WriteRune(r)
}

// joinSurrogates replaces pairs of surrogates that were written as two escapes by the character they mean.
func joinSurrogates(s string) string {
	if !strings.Contains(s, "\xED") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		hi, lo := surrogateAt(s, i), surrogateAt(s, i+3)
		if r := utf16.DecodeRune(hi, lo); r != utf8.RuneError {
			b.WriteRune(r)
			i += 6
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// surrogateAt returns the surrogate encoded at s[i:], 0 for none.
func surrogateAt(s string, i int) rune {
	if i+3 > len(s) || s[i] != 0xED || s[i+1] < 0xA0 {
		return 0
	}
	return 0xD000 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)
}
