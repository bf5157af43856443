package parse

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// number reads an integer or real literal with its suffix. The value is the checker's business.
func (l *lexer) number() syntax.Token {
	start := l.pos
	if l.src[l.pos] == '0' && (l.peek(1)|0x20 == 'x' || l.peek(1)|0x20 == 'b') {
		return l.prefixedNumber(start)
	}
	kind := syntax.IntLit
	l.digits(start, isDigit)
	if l.peek(0) == '.' && isDigit(l.peek(1)) {
		kind = syntax.RealLit
		l.pos++
		l.digits(start, isDigit)
	}
	if l.peek(0)|0x20 == 'e' {
		kind = syntax.RealLit
		l.pos++
		if c := l.peek(0); c == '+' || c == '-' {
			l.pos++
		}
		if !isDigit(l.peek(0)) {
			l.errorAt(start, start, "CS0595", "Invalid real literal.")
		}
		l.digits(start, isDigit)
	}
	switch l.peek(0) | 0x20 {
	case 'f', 'd', 'm':
		kind = syntax.RealLit
		l.pos++
	default:
		if kind == syntax.IntLit {
			l.integerSuffix()
		}
	}
	return l.token(kind, start)
}

// prefixedNumber reads a hexadecimal or binary literal.
func (l *lexer) prefixedNumber(start int) syntax.Token {
	ok := func(c byte) bool { return hexValue(c) >= 0 }
	if l.peek(1)|0x20 == 'b' {
		ok = func(c byte) bool { return c == '0' || c == '1' }
	}
	l.pos += 2
	first := l.pos
	l.digits(start, ok)
	if strings.Trim(l.src[first:l.pos], "_") == "" {
		l.errorAt(start, start, "CS1013", "Invalid number")
	}
	l.integerSuffix()
	return l.token(syntax.IntLit, start)
}

// digits skips digits and the underscores between them; start is where the literal begins.
func (l *lexer) digits(start int, ok func(byte) bool) {
	for ok(l.peek(0)) || l.peek(0) == '_' {
		l.pos++
	}
	if l.pos > 0 && l.src[l.pos-1] == '_' {
		l.errorAt(start, l.pos, "CS1013", "Invalid number")
	}
}

// integerSuffix skips u, l, ul and lu in any case.
func (l *lexer) integerSuffix() {
	switch l.peek(0) | 0x20 {
	case 'u':
		l.pos++
		if l.peek(0)|0x20 == 'l' {
			l.pos++
		}
	case 'l':
		l.pos++
		if l.peek(0)|0x20 == 'u' {
			l.pos++
		}
	}
}
