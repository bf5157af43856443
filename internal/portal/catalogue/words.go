package catalogue

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// folding is what letters are compared as that Unicode does not take apart into a letter and marks.
var folding = map[rune]string{
	'ß': "ss", 'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ı': "i", 'ς': "σ",
}

// fold brings a text into the form in which words are compared: lower case, without diacritics, one form of
// wide, narrow and ligated letters.
func fold(s string) string {
	if isPlain(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		if other, ok := folding[r]; ok {
			b.WriteString(other)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Terms are the words of a query in the form in which they are looked for: at most MaxTerms of at most
// MaxQuery bytes, each once. A text without a letter or a digit has none.
func Terms(query string) []string {
	var terms []string
	for word := range strings.FieldsFuncSeq(fold(cut(strings.ToValidUTF8(cut(query, MaxQuery), " "), MaxQuery)), between) {
		word = cut(word, maxTerm)
		if word != "" && !slices.Contains(terms, word) {
			terms = append(terms, word)
		}
		if len(terms) == MaxTerms {
			break
		}
	}
	return terms
}

// between reports whether a character stands between words.
func between(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
}

// words calls take with each word of a text as it is indexed: folded, and from each of its parts on, so that
// getPetById is found by "pet" and "petbyid" too. Each character begins a part where a script writes no
// spaces between words.
func words(text string, take func(string)) {
	text = strings.ToValidUTF8(text, " ")
	for word := range strings.FieldsFuncSeq(text, between) {
		var last rune
		for i, r := range word {
			if i == 0 || begins(last, r) {
				if w := cut(fold(cut(word[i:], maxTerm)), maxTerm); w != "" {
					take(w)
				}
			}
			last = r
		}
	}
}

// begins reports whether r begins a part of a word in which last stands before it.
func begins(last, r rune) bool {
	if unicode.IsUpper(r) {
		return !unicode.IsUpper(last)
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer)
}
