package net

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// urlSafe are the characters that UrlEncode leaves as they are, beside letters and digits.
const urlSafe = "-_.!*()"

func urlEncode(s string) string {
	var b strings.Builder
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('+')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(urlSafe, c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// urlDecode reads + and %XX; what is no escape stays as it is.
func urlDecode(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s):
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				b = append(b, '%')
				continue
			}
			b = append(b, byte(n))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// htmlEncode writes the five special characters, and those from U+00A0 to U+00FF and beyond the BMP as numbers.
func htmlEncode(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\'':
			b.WriteString("&#39;")
		case r >= 0xA0 && r <= 0xFF, r >= 0x10000:
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// htmlDecode reads entities that end with a semicolon.
func htmlDecode(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		end := strings.IndexAny(s[1:], ";&") + 1
		if end <= 1 || s[end] != ';' {
			b.WriteByte('&')
			s = s[1:]
			continue
		}
		b.WriteString(entity(s[:end+1]))
		s = s[end+1:]
	}
}

// entity reads one entity, &…; included. A number that is no character stays as it is written.
func entity(s string) string {
	if s[1] != '#' {
		return html.UnescapeString(s)
	}
	digits, base := s[2:len(s)-1], 10
	if digits != "" && digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > unicode.MaxRune {
		return s
	}
	return string(value.AppendRune(nil, rune(n)))
}

// textual makes a static method from a text to a text; null stays null.
func textual(f func(string) string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if c.Args[0].IsNull() {
			return value.Nil, nil
		}
		s := c.Args[0].StringOrNull().Go()
		if e := c.Thread.Budget.AllocString(int64(6 * len(s))); e != nil {
			return value.Nil, e
		}
		return value.OfGo(f(s)), nil
	}
}

// binary makes a static method from a range of bytes to bytes.
func binary(f func(string) string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		b := c.Bytes(0)
		start, n := c.Args[1].Int(), c.Args[2].Int()
		if start < 0 || n < 0 || start+n > int64(len(b)) {
			return value.Nil, value.OutOfRange("offset", "")
		}
		if e := c.Thread.Budget.Alloc(3 * n); e != nil {
			return value.Nil, e
		}
		return object.Of(c.Thread).Bytes([]byte(f(string(b[start : start+n])))), nil
	}
}

func rawDecode(s string) string {
	d := urlDecode(s)
	if utf8.ValidString(d) {
		return d
	}
	return s
}

// webUtilityTable is System.Net.WebUtility.
func webUtilityTable() types.Table {
	return types.Table{Namespace: "System.Net", Decl: "static class WebUtility", Members: []types.Entry{
		{Sig: "static string HtmlDecode(string value)", Impl: textual(htmlDecode)},
		{Sig: "static string HtmlEncode(string value)", Impl: textual(htmlEncode)},
		{Sig: "static string UrlDecode(string encodedValue)", Impl: textual(urlDecode)},
		{Sig: "static byte[] UrlDecodeToBytes(byte[] encodedValue, int offset, int count)", Impl: binary(rawDecode)},
		{Sig: "static string UrlEncode(string value)", Impl: textual(urlEncode)},
		{Sig: "static byte[] UrlEncodeToBytes(byte[] value, int offset, int count)", Impl: binary(urlEncode)},
	}}
}

// Tables returns the tables of this package.
func Tables() []types.Table {
	return append([]types.Table{webUtilityTable()}, addressTables()...)
}
