package description

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// Limits of texts that are made of patterns.
const (
	maxPattern  = 500
	maxMatching = 80
)

// matching returns a text that a pattern matches. It is false where the pattern
// is one that Go does not know, or no short text was found.
func matching(pattern string) (string, bool) {
	if len(pattern) > maxPattern {
		return "", false
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	writeMatching(&b, tree.Simplify())
	if b.Len() > maxMatching {
		return "", false
	}
	expression, err := regexp.Compile(pattern)
	if err != nil || !expression.MatchString(b.String()) {
		return "", false
	}
	return b.String(), true
}

// writeMatching writes the shortest text that is plainly one.
func writeMatching(b *strings.Builder, e *syntax.Regexp) {
	if b.Len() > maxMatching {
		return
	}
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		b.WriteRune(oneOfClass(e.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpCapture, syntax.OpPlus:
		writeMatching(b, e.Sub[0])
	case syntax.OpConcat:
		for _, inner := range e.Sub {
			writeMatching(b, inner)
		}
	case syntax.OpAlternate:
		writeMatching(b, e.Sub[0])
	case syntax.OpRepeat:
		for range min(e.Min, maxMatching) {
			writeMatching(b, e.Sub[0])
		}
	}
}

// oneOfClass is a character of a class: a letter or a digit where it has one.
func oneOfClass(ranges []rune) rune {
	for _, wanted := range []rune{'a', 'A', '0', '1', 'b', '-', '_'} {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= wanted && wanted <= ranges[i+1] {
				return wanted
			}
		}
	}
	if len(ranges) == 0 {
		return 'a'
	}
	return ranges[0]
}
