package clr

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// charOf returns the character that a static member of char is asked about: c, or s[index], there where whole
// both halves of a surrogate pair.
func charOf(c *value.Call, whole bool) (rune, *value.Exception) {
	if len(c.Args) == 1 {
		return rune(c.Int(0)), nil
	}
	if e := c.NotNull(0, "s"); e != nil {
		return 0, e
	}
	u, ok := c.String(0).At(c.Int(1))
	if !ok {
		return 0, value.OutOfRange("index", "")
	}
	if whole && utf16.IsSurrogate(rune(u)) {
		if low, ok := c.String(0).At(c.Int(1) + 1); ok {
			if r := utf16.DecodeRune(rune(u), rune(low)); r != unicode.ReplacementChar {
				return r, nil
			}
		}
	}
	return rune(u), nil
}

func charTestMembers() []types.Entry {
	tests := []struct {
		name string
		is   func(rune) bool
	}{
		{"IsLetter", unicode.IsLetter}, {"IsDigit", unicode.IsDigit},
		{"IsLetterOrDigit", func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }},
		{"IsNumber", unicode.IsNumber}, {"IsUpper", unicode.IsUpper}, {"IsLower", unicode.IsLower},
		{"IsWhiteSpace", unicode.IsSpace}, {"IsPunctuation", unicode.IsPunct}, {"IsSymbol", unicode.IsSymbol},
		{"IsControl", unicode.IsControl}, {"IsSeparator", func(r rune) bool { return unicode.In(r, unicode.Z) }},
		{"IsSurrogate", utf16.IsSurrogate},
		{"IsHighSurrogate", func(r rune) bool { return r >= 0xD800 && r < 0xDC00 }},
		{"IsLowSurrogate", func(r rune) bool { return r >= 0xDC00 && r < 0xE000 }},
	}
	var list []types.Entry
	for _, t := range tests {
		impl := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			r, e := charOf(c, !strings.HasSuffix(t.name, "Surrogate"))
			if e != nil {
				return value.Nil, e
			}
			return c.ReturnBool(t.is(r))
		})
		list = append(list,
			types.Entry{Sig: "static bool " + t.name + "(char c)", Impl: impl},
			types.Entry{Sig: "static bool " + t.name + "(string s, int index)", Impl: impl})
	}
	return list
}

func charMap(f func(string) string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		u := value.Units(f(value.UnitString(uint16(c.Int(0)))))
		if len(u) != 1 {
			return c.Args[0], nil
		}
		return c.ReturnInt(int64(u[0]))
	}
}

func numericValue(c *value.Call) (value.Value, *value.Exception) {
	r, e := charOf(c, true)
	if e != nil {
		return value.Nil, e
	}
	switch {
	case r >= '0' && r <= '9':
		return c.ReturnFloat(float64(r - '0'))
	case unicode.Is(unicode.Nd, r):
		first := r
		for unicode.Is(unicode.Nd, first-1) && r-first < 9 {
			first--
		}
		return c.ReturnFloat(float64(r - first))
	}
	for i, f := range "¼½¾⅓⅔⅛" {
		if r == f {
			values := map[int]float64{0: 0.25, 2: 0.5, 4: 0.75, 6: 1.0 / 3, 9: 2.0 / 3, 12: 0.125}
			return c.ReturnFloat(values[i])
		}
	}
	for i, s := range []rune("⁰¹²³⁴⁵⁶⁷⁸⁹") {
		if r == s {
			return c.ReturnFloat(float64(i))
		}
	}
	if r >= 0x2160 && r <= 0x216B {
		return c.ReturnFloat(float64(r - 0x2160 + 1))
	}
	return c.ReturnFloat(-1)
}

func charTable() types.Table {
	list := []types.Entry{
		{Sig: "static readonly char MaxValue", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(0xFFFF) })},
		{Sig: "static readonly char MinValue", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(0) })},
		{Sig: "bool Equals(char obj)", Impl: types.Func(equals)},
		{Sig: "bool Equals(object obj)", Impl: types.Func(equals)},
		{Sig: "int CompareTo(char value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(c.Int(0) - c.Int(1)) })},
		{Sig: "int CompareTo(object value)", Impl: types.Func(Compare)},
		{Sig: "int GetHashCode()", Impl: types.Func(hashCode)},
		typeCodeEntry,
		{Sig: "string ToString()", Impl: types.Func(unformatted)},
		{Sig: "string ToString(IFormatProvider provider)", Impl: types.Func(unformatted)},
		{Sig: "static string ToString(char c)", Impl: types.Func(unformatted)},
		{Sig: "static char ToUpper(char c)", Impl: charMap(upper)},
		{Sig: "static char ToLower(char c)", Impl: charMap(lower)},
		{Sig: "static char ToUpperInvariant(char c)", Impl: charMap(upper)},
		{Sig: "static char ToLowerInvariant(char c)", Impl: charMap(lower)},
		{Sig: "static char ToUpper(char c, CultureInfo culture)", Impl: charMap(upper)},
		{Sig: "static char ToLower(char c, CultureInfo culture)", Impl: charMap(lower)},
		{Sig: "static double GetNumericValue(char c)", Impl: types.Func(numericValue)},
		{Sig: "static double GetNumericValue(string s, int index)", Impl: types.Func(numericValue)},
		{Sig: "static System.Globalization.UnicodeCategory GetUnicodeCategory(char c)", Impl: types.Func(category)},
		{Sig: "static System.Globalization.UnicodeCategory GetUnicodeCategory(string s, int index)", Impl: types.Func(category)},
		{Sig: "static string ConvertFromUtf32(int utf32)", Impl: types.Func(fromUTF32)},
		{Sig: "static int ConvertToUtf32(string s, int index)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			r, e := charOf(c, true)
			if e != nil {
				return value.Nil, e
			}
			if utf16.IsSurrogate(r) {
				return value.Nil, value.Argument("s", "Found a surrogate character without the other of its pair at index "+strconv.FormatInt(c.Int(1), 10)+".")
			}
			return c.ReturnInt(int64(r))
		})},
		{Sig: "static int ConvertToUtf32(char highSurrogate, char lowSurrogate)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(int64(utf16.DecodeRune(rune(c.Int(0)), rune(c.Int(1)))))
		})},
		{Sig: "static bool IsSurrogatePair(char highSurrogate, char lowSurrogate)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnBool(utf16.DecodeRune(rune(c.Int(0)), rune(c.Int(1))) != unicode.ReplacementChar)
		})},
		{Sig: "static char Parse(string s)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if e := c.NotNull(0, "s"); e != nil {
				return value.Nil, e
			}
			return toChar(c.Thread, c.Result, c.Args[0])
		})},
		{Sig: "static bool TryParse(string s, out char result)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			u := value.Units(c.Go(0))
			if len(u) == 1 {
				c.Args[1] = value.Boxed(c.Declaring, uint64(u[0]))
			}
			return c.ReturnBool(len(u) == 1)
		})},
	}
	return types.Table{Namespace: system, Decl: "struct Char : IComparable, IComparable<char>, IEquatable<char>, IConvertible", Special: types.Char, Members: append(list, charTestMembers()...)}
}

func fromUTF32(c *value.Call) (value.Value, *value.Exception) {
	n := c.Int(0)
	if n < 0 || n > unicode.MaxRune || n >= 0xD800 && n <= 0xDFFF {
		return value.Nil, value.OutOfRange("utf32", "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate codepoint values (0x00d800 ~ 0x00dfff).")
	}
	return value.OfGo(string(rune(n))), nil
}

// categories are the Unicode categories by the numbers of UnicodeCategory.
var categories = []string{"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"}

func category(c *value.Call) (value.Value, *value.Exception) {
	r, e := charOf(c, true)
	if e != nil {
		return value.Nil, e
	}
	for i, name := range categories {
		if unicode.Is(unicode.Categories[name], r) {
			return c.ReturnInt(int64(i))
		}
	}
	return c.ReturnInt(29)
}
