package clr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// comparison is System.StringComparison.
type comparison int64

const (
	currentCulture comparison = iota
	currentCultureIgnoreCase
	invariantCulture
	invariantCultureIgnoreCase
	ordinal
	ordinalIgnoreCase
)

// ignoresCase reports whether the comparison ignores case.
func (k comparison) ignoresCase() bool { return k%2 == 1 }

// equal compares for equality. Culture and ordinal agree on what policies compare.
func (k comparison) equal(a, b string) bool {
	if k.ignoresCase() {
		return equalFold(a, b)
	}
	return a == b
}

// compare orders two strings.
func (k comparison) compare(a, b string) int {
	switch k {
	case ordinal:
		return object.CompareOrdinal(a, b)
	case ordinalIgnoreCase:
		return object.CompareOrdinal(upper(a), upper(b))
	}
	return object.CompareCulture(a, b, k.ignoresCase())
}

// equalFold compares by the simple upper case of each character, as ordinal comparison without case does.
func equalFold(a, b string) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := a[i], b[i]
		if x|y >= utf8.RuneSelf {
			return upper(a[i:]) == upper(b[i:])
		}
		if x == y {
			continue
		}
		if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
			return false
		}
	}
	return len(a) == len(b)
}

// The dotted and the dotless i have no other case in the invariant culture.
const (
	dottedI  = 'İ'
	dotlessI = 'ı'
)

func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if r == dotlessI || r == utf8.RuneError {
			return r
		}
		return unicode.ToUpper(r)
	}, s)
}

func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r == dottedI || r == utf8.RuneError {
			return r
		}
		return unicode.ToLower(r)
	}, s)
}

// index returns the byte offset of b in a from a byte offset, -1 where it is not.
func (k comparison) index(a, b string, from int) int {
	if k.ignoresCase() {
		x, y := upper(a[from:]), upper(b)
		if len(x) == len(a)-from {
			return plus(strings.Index(x, y), from)
		}
		return plus(slowIndex(a[from:], y), from)
	}
	return plus(strings.Index(a[from:], b), from)
}

// slowIndex finds upper case b in a where upper case changes lengths.
func slowIndex(a, b string) int {
	for i := range a {
		if strings.HasPrefix(upper(a[i:]), b) {
			return i
		}
	}
	return -1
}

// lastIndex returns the byte offset of the last b in a, -1 where it is not.
func (k comparison) lastIndex(a, b string) int {
	if !k.ignoresCase() {
		return strings.LastIndex(a, b)
	}
	for i := len(a); i >= 0; i-- {
		if k.index(a, b, i) == i {
			return i
		}
	}
	return -1
}

func plus(i, from int) int {
	if i < 0 {
		return -1
	}
	return i + from
}

// format implements string.Format.
func format(t *value.Thread, text string, args []value.Value) (string, *value.Exception) {
	b := value.NewText(t)
	for i := 0; i < len(text) && b.Err() == nil; {
		switch c := text[i]; {
		case (c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			b.Char(c)
			i += 2
		case c == '}':
			return "", value.BadFormat("Input string was not in a correct format. Failure to parse near offset " + "of a closing brace.")
		case c == '{':
			n, e := hole(t, &b, text[i:], args)
			if e != nil {
				return "", e
			}
			i += n
		default:
			b.Char(c)
			i++
		}
	}
	return b.Done()
}

// maxAlign is the largest alignment of a hole of a composite format.
const maxAlign = 1_000_000

// hole writes one {index,align:format} and returns its width.
func hole(t *value.Thread, b *value.Text, text string, args []value.Value) (int, *value.Exception) {
	bad := value.BadFormat("Input string was not in a correct format.")
	i, index, ok := digits(text, 1)
	if !ok {
		return 0, bad
	}
	i = spaces(text, i)
	align := 0
	if i < len(text) && text[i] == ',' {
		i = spaces(text, i+1)
		neg := i < len(text) && text[i] == '-'
		if neg {
			i++
		}
		if i, align, ok = digits(text, i); !ok || align > maxAlign {
			return 0, bad
		}
		if neg {
			align = -align
		}
		i = spaces(text, i)
	}
	spec := ""
	if i < len(text) && text[i] == ':' {
		end := strings.IndexByte(text[i:], '}')
		if end < 0 || strings.IndexByte(text[i:i+end], '{') >= 0 {
			return 0, bad
		}
		spec = text[i+1 : i+end]
		i += end
	}
	if i >= len(text) || text[i] != '}' {
		return 0, bad
	}
	if index >= len(args) {
		return 0, value.BadFormat("Index (zero based) must be greater than or equal to zero and less than the size of the argument list.")
	}
	s, e := formatIn(t, args[index], spec)
	if e != nil {
		return 0, e
	}
	n := value.Len(s.Go())
	b.Repeat(" ", align-n)
	b.Add(s.Go())
	b.Repeat(" ", -align-n)
	return i + 1, nil
}

// formatBytes is how many bytes each byte of a custom format gives at most.
const formatBytes = 16

// formatIn returns what object.Format returns, and charges a run for it.
func formatIn(t *value.Thread, v value.Value, format string) (value.String, *value.Exception) {
	if format == "" {
		return object.TextIn(t, v)
	}
	if e := t.Budget.Room(formatBytes * int64(len(format))); e != nil {
		return value.Null, e
	}
	s, e := object.Format(v, format)
	if _, ok := v.Str(); !ok && e == nil {
		e = t.Budget.AllocString(int64(len(s.Go())))
	}
	return s, e
}

func digits(text string, i int) (end, n int, ok bool) {
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		n, ok = min(n*10+int(text[i]-'0'), maxAlign+1), true
	}
	return i, n, ok
}

func spaces(text string, i int) int {
	for i < len(text) && text[i] == ' ' {
		i++
	}
	return i
}

// trimSet returns a test for the characters of a char[], for white space where it is null or empty.
func trimSet(v value.Value) func(rune) bool {
	o, _ := v.Object()
	a, _ := o.(value.Vector)
	if a == nil || a.Count() == 0 {
		return unicode.IsSpace
	}
	if a.Count() == 1 {
		one := rune(a.At(0).Int())
		return func(r rune) bool { return r == one }
	}
	set := &unitSet{}
	for i := range a.Count() {
		set.add(uint16(a.At(i).Int()))
	}
	return func(r rune) bool { return r <= unitMax && set.has(uint16(r)) }
}

// part returns a part of a text: a copy where the whole would be kept for little of it.
func part(t *value.Thread, part, whole string) (string, *value.Exception) {
	if len(whole) > 4096 && len(part)*2 < len(whole) {
		if e := t.Budget.Alloc(int64(len(part))); e != nil {
			return "", e
		}
		return strings.Clone(part), nil
	}
	return part, nil
}
