package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// lexer turns text into tokens. It never fails: what is no token becomes an Invalid one with an error.
type lexer struct {
	src string
	pos int
	end int
	// holes is the number of interpolated strings around.
	holes int
	diags *syntax.Diagnostics
	// openComment says that a comment runs to the end of the text, from comment on.
	openComment bool
	comment     int
}

// firstTokens is how many tokens there is room for at first.
const firstTokens = 64

// tokenize returns all tokens of the text, ended by EOF; positions are those of src.
func (l *lexer) tokenize() []syntax.Token {
	list := make([]syntax.Token, 0, min((l.end-l.pos)/4+1, firstTokens))
	for {
		t := l.next()
		if len(list) == cap(list) {
			list = append(make([]syntax.Token, 0, 2*cap(list)), list...)
		}
		list = append(list, t)
		if t.Kind == syntax.EOF {
			return list
		}
		if len(list) > MaxTokens {
			l.diags.Report(t.Span, codeLimit, "The expression has more than %d tokens (limit expression-tokens).", MaxTokens)
			l.openComment = false
			return append(list, syntax.Token{Kind: syntax.EOF, Span: span(t.End, t.End)})
		}
	}
}

func (l *lexer) errorAt(start, end int, code, format string, args ...any) {
	l.diags.Report(span(syntax.Pos(start), syntax.Pos(end)), code, format, args...)
}

// peek returns the byte n places ahead, 0 at the end.
func (l *lexer) peek(n int) byte {
	if l.pos+n < l.end {
		return l.src[l.pos+n]
	}
	return 0
}

func (l *lexer) next() syntax.Token {
	l.skipTrivia()
	start := l.pos
	if start >= l.end {
		return syntax.Token{Kind: syntax.EOF, Span: span(syntax.Pos(l.end), syntax.Pos(l.end))}
	}
	c := l.src[start]
	switch {
	case c >= '0' && c <= '9', c == '.' && isDigit(l.peek(1)):
		return l.number()
	case c == '"':
		return l.regularString()
	case c == '\'':
		return l.char()
	case c == '$' && (l.peek(1) == '"' || l.peek(1) == '@' && l.peek(2) == '"'),
		c == '@' && l.peek(1) == '$' && l.peek(2) == '"':
		return l.interpolated()
	case c == '@' && l.peek(1) == '"':
		return l.verbatimString()
	case c == '@' || c == '_' || c == '\\' || isLetter(l.rune()):
		return l.identifier()
	}
	if kind, n := syntax.Operator(l.src[start:l.end]); n > 0 {
		l.pos += n
		return l.token(kind, start)
	}
	r, n := utf8.DecodeRuneInString(l.src[start:l.end])
	l.pos += n
	if r == '#' {
		// A directive ends the statements around it; the parser says so.
		if line := l.src[strings.LastIndexAny(l.src[:start], "\r\n")+1 : start]; strings.TrimSpace(line) != "" {
			l.errorAt(start, l.pos, "CS1040", "Preprocessor directives must appear as the first non-whitespace character on a line")
		}
		return l.token(syntax.Invalid, start)
	}
	l.errorAt(start, l.pos, "CS1056", "Unexpected character '%s'", string(r))
	return l.token(syntax.Invalid, start)
}

func (l *lexer) rune() rune {
	r, _ := utf8.DecodeRuneInString(l.src[l.pos:l.end])
	return r
}

func (l *lexer) token(kind syntax.Kind, start int) syntax.Token {
	return syntax.Token{Kind: kind, Span: span(syntax.Pos(start), syntax.Pos(l.pos)), Text: l.src[start:l.pos]}
}

// skipTrivia skips white space and comments.
func (l *lexer) skipTrivia() {
	for l.pos < l.end {
		c := l.src[l.pos]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f':
			l.pos++
		case c == '/' && l.peek(1) == '/':
			for l.pos < l.end && l.src[l.pos] != '\n' && l.src[l.pos] != '\r' {
				l.pos++
			}
		case c == '/' && l.peek(1) == '*':
			l.blockComment()
		case c >= utf8.RuneSelf && isSpace(l.rune()):
			l.pos += utf8.RuneLen(l.rune())
		default:
			return
		}
	}
}

func (l *lexer) blockComment() {
	if n := strings.Index(l.src[l.pos+2:l.end], "*/"); n >= 0 {
		l.pos += n + 4
		return
	}
	l.openComment, l.comment = true, l.pos
	l.pos = l.end
}

func (l *lexer) identifier() syntax.Token {
	start := l.pos
	verbatim := l.src[l.pos] == '@'
	if verbatim {
		l.pos++
	}
	nameStart := l.pos
	var escaped strings.Builder
	for l.pos < l.end {
		r, n := utf8.DecodeRuneInString(l.src[l.pos:l.end])
		if r == '\\' {
			if r, n = l.identifierEscape(); n == 0 {
				break
			}
			if escaped.Len() == 0 {
				escaped.WriteString(l.src[nameStart:l.pos])
			}
		} else if !isLetter(r) && (l.pos == nameStart || !isIdentPart(r)) {
			break
		}
		if escaped.Len() > 0 || l.src[l.pos] == '\\' {
			escaped.WriteRune(r)
		}
		l.pos += n
	}
	if l.pos == nameStart {
		return l.badIdentifier(start)
	}
	t := l.token(syntax.Ident, start)
	t.Text = l.src[nameStart:l.pos]
	if escaped.Len() > 0 {
		t.Text = escaped.String()
	} else if kind, ok := syntax.Keyword(t.Text); ok && !verbatim {
		t.Kind = kind
	}
	t.Verbatim = verbatim
	return t
}

// badIdentifier is an @ or a backslash that begins no identifier.
func (l *lexer) badIdentifier(start int) syntax.Token {
	if l.pos == start {
		l.pos++
	}
	// Like the C# compiler, the parser's own error about the token comes first; CS1646 would follow it.
	return l.token(syntax.Invalid, start)
}

// identifierEscape reads \uXXXX or \UXXXXXXXX in an identifier without advancing.
func (l *lexer) identifierEscape() (rune, int) {
	var digits int
	switch l.peek(1) {
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return 0, 0
	}
	r := rune(0)
	for i := range digits {
		d := hexValue(l.peek(2 + i))
		if d < 0 {
			return 0, 0
		}
		r = r<<4 | rune(d)
	}
	if !isLetter(r) && !isIdentPart(r) {
		return 0, 0
	}
	return r, 2 + digits
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(r rune) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' ||
		r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.Is(unicode.Nl, r))
}

func isIdentPart(r rune) bool {
	return r >= '0' && r <= '9' ||
		r >= utf8.RuneSelf && unicode.In(r, unicode.Nd, unicode.Mn, unicode.Mc, unicode.Pc, unicode.Cf)
}

func isSpace(r rune) bool {
	return unicode.Is(unicode.Zs, r) || r == '\ufeff' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// hexValue returns the value of a hexadecimal digit, -1 for other bytes.
func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
