package document

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxReference bounds a reference such as "&#x10FFFF;" with leading zeros. A
// longer one is not taken for a reference.
const maxReference = 32

// reference reads the entity or character reference that text starts with. It
// returns the character and the bytes read. The width is 0 where text does not
// start with a reference; known is false for a reference to an entity that XML
// does not define or to a character that it does not allow.
func reference(text string) (r rune, width int, known bool) {
	if len(text) < 3 || text[0] != '&' {
		return 0, 0, false
	}
	end := strings.IndexByte(text[:min(len(text), maxReference)], ';')
	if end < 2 {
		return 0, 0, false
	}
	name := text[1:end]
	switch name {
	case "quot":
		return '"', end + 1, true
	case "apos":
		return '\'', end + 1, true
	case "lt":
		return '<', end + 1, true
	case "gt":
		return '>', end + 1, true
	case "amp":
		return '&', end + 1, true
	}
	if name[0] == '#' {
		r, known = characterReference(name[1:])
		return r, end + 1, known
	}
	if nameLength(name) == len(name) {
		return 0, end + 1, false
	}
	return 0, 0, false
}

func characterReference(digits string) (r rune, known bool) {
	base := 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 31)
	if err != nil || !isCharacter(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// isCharacter says whether XML 1.0 allows r in a document.
func isCharacter(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF ||
		r >= 0xE000 && r <= 0xFFFD ||
		r >= 0x10000 && r <= utf8.MaxRune
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// trimSpace returns the range of s without XML's white space around it.
func trimSpace(s string) (start, end int) {
	end = len(s)
	for start < end && isSpace(s[start]) {
		start++
	}
	for end > start && isSpace(s[end-1]) {
		end--
	}
	return start, end
}
