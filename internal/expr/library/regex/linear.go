package regex

import (
	"regexp"
	"strings"

	"github.com/dlclark/regexp2"
)

// maxLinear is the length of the patterns that are compiled for the linear engine too, in bytes.
const maxLinear = 1024

// stepBytes is how many bytes of text the linear engine reads in one step of the budget.
const stepBytes = 16

// linearOf compiles a pattern for Go's own engine, which never backtracks, or returns nil. It takes only the part of
// the syntax that says which texts match alike in both, where pattern and text are ASCII: literals, classes, groups,
// alternatives, quantifiers, ^ and $. Where a match is and what its groups hold is the other engine's to say.
func linearOf(pattern string, options regexp2.RegexOptions) *regexp.Regexp {
	if options&^regexp2.IgnoreCase != 0 || len(pattern) > maxLinear {
		return nil
	}
	text, ok := translate(pattern)
	if !ok {
		return nil
	}
	if options&regexp2.IgnoreCase != 0 {
		text = "(?i)" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return re
}

// translate writes a pattern in Go's syntax, and reports whether it can be.
func translate(pattern string) (string, bool) {
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c < ' ' || c >= 0x7f:
			return "", false
		case c == '\\':
			if i++; i == len(pattern) {
				return "", false
			}
			if !writeEscape(&b, pattern[i], class) {
				return "", false
			}
		case c == '[' && class:
			return "", false // A POSIX class there, a subtraction or a literal here.
		case c == '[' || c == ']' && class:
			class = c == '['
			b.WriteByte(c)
			if rest := pattern[i+1:]; class && (strings.HasPrefix(rest, "]") || strings.HasPrefix(rest, "^]")) {
				return "", false
			}
		case c == '$' && !class:
			b.WriteString(`(?:\n?\z)`)
		case c == '(' && !class && strings.HasPrefix(pattern[i:], "(?") && !strings.HasPrefix(pattern[i:], "(?:"):
			return "", false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), !class
}

// writeEscape writes what stands for an escape, and reports whether there is such.
func writeEscape(b *strings.Builder, c byte, class bool) bool {
	switch {
	case strings.IndexByte("dDwWnrt", c) >= 0, strings.IndexByte(`.\+*?()|[]{}^$/-`, c) >= 0 && c != '/':
		b.WriteString(`\` + string(c))
	case c == '/':
		b.WriteByte(c)
	case c == 's' && class:
		b.WriteString(`\t\n\v\f\r `)
	case c == 's':
		b.WriteString(`[\t\n\v\f\r ]`)
	case c == 'b' && !class:
		b.WriteString(`\b`)
	default:
		return false
	}
	return true
}
