package regex

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// .NET matches UTF-16 units: a character beyond U+FFFF is two of them, each of which "." matches. The engine takes runes,
// so that a text with such characters is given to it as its units, and a pattern with them is written with their units.

// unitsOf returns the units of a text as runes.
func unitsOf(text string) []rune {
	if plain(text) {
		return []rune(text)
	}
	units := value.Units(text)
	runes := make([]rune, len(units))
	for i, u := range units {
		runes[i] = rune(u)
	}
	return runes
}

// plain reports whether each character of a text is one unit.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] >= 0xED { // The first byte of surrogates by themselves, and of what is beyond U+FFFF.
			return text[i] != 0xED && !strings.ContainsFunc(text[i:], func(r rune) bool { return r >= 0x10000 || r == utf8.RuneError })
		}
	}
	return true
}

// whole joins surrogates that are next to each other.
func whole(runes []rune) []rune {
	for i, r := range runes {
		if !utf16.IsSurrogate(r) {
			continue
		}
		list := append([]rune(nil), runes[:i]...)
		for ; i < len(runes); i++ {
			if i+1 < len(runes) {
				if pair := utf16.DecodeRune(runes[i], runes[i+1]); pair != utf8.RuneError {
					list = append(list, pair)
					i++
					continue
				}
			}
			list = append(list, runes[i])
		}
		return list
	}
	return runes
}

// rewrite writes a pattern as the engine understands it: characters beyond U+FFFF as their units, and the blocks of
// Unicode that .NET names as ranges.
func rewrite(pattern string) string {
	if plain(pattern) && !strings.Contains(pattern, `p{Is`) && !strings.Contains(pattern, `P{Is`) {
		return pattern
	}
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); {
		rest := pattern[i:]
		if text, n := rewriteBlock(rest, inClass); n > 0 {
			b.WriteString(text)
			i += n
			continue
		}
		if rest[0] == '\\' && len(rest) > 1 {
			_, n := utf8.DecodeRuneInString(rest[1:])
			b.WriteString(rest[:1+n])
			i += 1 + n
			continue
		}
		r, n := value.DecodeRune(rest)
		switch {
		case r == '[':
			inClass = true
		case r == ']':
			inClass = false
		}
		switch {
		case r >= 0x10000:
			high, low := utf16.EncodeRune(r)
			writeUnit(&b, high)
			writeUnit(&b, low)
		case utf16.IsSurrogate(r):
			writeUnit(&b, r)
		default:
			b.WriteString(rest[:n])
		}
		i += n
	}
	return b.String()
}

// writeUnit writes one unit as an escape.
func writeUnit(b *strings.Builder, r rune) {
	const digits = "0123456789abcdef"
	b.WriteString(`\u`)
	for shift := 12; shift >= 0; shift -= 4 {
		b.WriteByte(digits[r>>shift&15])
	}
}

// rewriteBlock returns what \p{IsName} or \P{IsName} at the start of a pattern is written as, and its length; 0 where
// there is none or no block has the name.
func rewriteBlock(s string, inClass bool) (string, int) {
	if !strings.HasPrefix(s, `\p{Is`) && !strings.HasPrefix(s, `\P{Is`) {
		return "", 0
	}
	end := strings.IndexByte(s, '}')
	if end < 0 {
		return "", 0
	}
	r, ok := blocks[s[len(`\p{Is`):end]]
	if !ok {
		return "", 0
	}
	var b strings.Builder
	span := func(from, to rune) {
		writeUnit(&b, from)
		b.WriteByte('-')
		writeUnit(&b, to)
	}
	switch not := s[1] == 'P'; {
	case not && inClass:
		if r[0] > 0 {
			span(0, r[0]-1)
		}
		if r[1] < 0xFFFF {
			span(r[1]+1, 0xFFFF)
		}
		return b.String(), end + 1
	case not:
		b.WriteString("[^")
	case !inClass:
		b.WriteByte('[')
	}
	span(r[0], r[1])
	if !inClass {
		b.WriteByte(']')
	}
	return b.String(), end + 1
}
