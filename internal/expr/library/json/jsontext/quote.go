// Package jsontext writes the strings of JSON as Newtonsoft does.
package jsontext

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// escapes are the characters that have a short escape.
var escapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`,
	'\u0085': `\u0085`, '\u2028': `\u2028`, '\u2029': `\u2029`,
}

// Quote writes a text in quotes, with the escapes that Newtonsoft uses.
func Quote(b *value.Text, s string) {
	b.Char('"')
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		esc, ok := escapes[r]
		if !ok && r < 0x20 {
			const hex = "0123456789abcdef"
			esc, ok = `\u00`+string(hex[r>>4])+string(hex[r&15]), true
		}
		if ok {
			b.Add(s[start:i])
			b.Add(esc)
			start = i + n
		}
		i += n
	}
	b.Add(s[start:])
	b.Char('"')
}

// Step returns a name as a step of a path, in brackets where it needs them.
func Step(name string) string {
	if plainName(name) {
		return "." + name
	}
	return "['" + strings.ReplaceAll(name, "'", `\'`) + "']"
}

// plainName reports whether a name needs no brackets in a path.
func plainName(name string) bool {
	for i := range len(name) {
		switch name[i] {
		case '.', ' ', '\'', '/', '"', '[', ']', '(', ')', '\t', '\n', '\r', '\f', '\b', '\\':
			return false
		}
	}
	return true
}

// Special returns the number that NaN and Infinity stand for.
func Special(text string) float64 {
	switch text {
	case "NaN":
		return math.NaN()
	case "Infinity":
		return math.Inf(1)
	}
	return math.Inf(-1)
}
