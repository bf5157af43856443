package sample

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// isSeen reports whether a character beyond ASCII is one that editors show, and
// that no language takes for a line break.
func isSeen(c rune) bool {
	return unicode.IsPrint(c) && c != 0x85 && c != 0x2028 && c != 0x2029 && c != 0xFEFF && !unicode.Is(unicode.Bidi_Control, c)
}

// literal writes a text in double quotes. escaped are the characters that have a
// backslash before them, and other writes one that is not seen.
func literal(text, escaped string, other func(rune) string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '"' || c == '\\' || strings.ContainsRune(escaped, c):
			b.WriteByte('\\')
			b.WriteRune(c)
		case c >= ' ' && c < 0x7f || c > 0x7f && isSeen(c):
			b.WriteRune(c)
		default:
			b.WriteString(other(c))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// utf16Escape is \uXXXX, twice for what is beyond the basic plane: of C#, Java and
// JavaScript.
func utf16Escape(c rune) string {
	if c <= 0xFFFF {
		return fmt.Sprintf(`\u%04x`, c)
	}
	high, low := utf16.EncodeRune(c)
	return fmt.Sprintf(`\u%04x\u%04x`, high, low)
}

// utf32Escape is \uXXXX or \UXXXXXXXX: of Go and Python.
func utf32Escape(c rune) string {
	if c <= 0xFFFF {
		return fmt.Sprintf(`\u%04x`, c)
	}
	return fmt.Sprintf(`\U%08x`, c)
}

// braceEscape is \u{X}: of PHP.
func braceEscape(c rune) string { return fmt.Sprintf(`\u{%x}`, c) }

func quoteUTF16(text string) string { return literal(text, "", utf16Escape) }
func quoteUTF32(text string) string { return literal(text, "", utf32Escape) }
func quotePHP(text string) string   { return literal(text, "$", braceEscape) }

// quoteShell writes a text in single quotes, in which nothing is special.
func quoteShell(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
