package document

import (
	"unicode"
	"unicode/utf8"
)

// nameLength returns the length in bytes of the name that text starts with, or 0.
func nameLength(text string) int {
	for i, r := range text {
		if isNameStart(r) || i > 0 && isNamePart(r) {
			continue
		}
		return i
	}
	return len(text)
}

func isNameStart(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == ':'
	}
	return r != utf8.RuneError && unicode.IsLetter(r)
}

func isNamePart(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r == '-' || r == '.'
	}
	return unicode.In(r, unicode.Nd, unicode.Mn, unicode.Mc) || r == '\u00B7'
}
