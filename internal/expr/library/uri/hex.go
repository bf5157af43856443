package uri

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// hexMembers are the static members of Uri for single escaped characters, and what it knows of the original text.
func hexMembers() []types.Entry {
	return []types.Entry{
		{Sig: "static string HexEscape(char character)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			n := c.Int(0)
			if n > 255 {
				return value.Nil, value.OutOfRange("character", "Specified argument was out of the range of valid values.")
			}
			return value.OfGo(string([]byte{'%', upperHex[n>>4], upperHex[n&15]})), nil
		})},
		{Sig: "static bool IsHexDigit(char character)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnBool(hexDigit(c.Int(0)) >= 0)
		})},
		{Sig: "static int FromHex(char digit)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			n := hexDigit(c.Int(0))
			if n < 0 {
				return value.Nil, value.Argument("digit", "The digit is not a valid hexadecimal digit.")
			}
			return c.ReturnInt(n)
		})},
		{Sig: "static bool IsHexEncoding(string pattern, int index)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if c.Args[0].IsNull() {
				return value.Nil, value.NullReference()
			}
			s, i := c.Go(0), c.Int(1)
			return c.ReturnBool(i >= 0 && i <= int64(len(s)-3) && s[i] == '%' && hexDigit(int64(s[i+1])) >= 0 && hexDigit(int64(s[i+2])) >= 0)
		})},
		{Sig: "bool IsWellFormedOriginalString()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			c.Args[0] = value.OfGo(of(c.Args[0]).original)
			return isWellFormed(&value.Call{Thread: c.Thread, Result: c.Result, Args: []value.Value{c.Args[0], value.Boxed(c.Result, 0)}})
		})},
		{Sig: "bool UserEscaped { get; }", Impl: types.ObjBool(func(*value.Thread, value.Value) (bool, *value.Exception) { return false, nil })},
		{Sig: "static bool TryCreate(Uri baseUri, Uri relativeUri, out Uri result)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if c.Args[0].IsNull() || c.Args[1].IsNull() {
				c.Args[2] = value.Nil
				return c.ReturnBool(false)
			}
			c.Args[1] = value.OfGo(of(c.Args[1]).original)
			return tryCombine(c)
		})},
		{Sig: `const string SchemeDelimiter = "://"`}, {Sig: `const string UriSchemeGopher = "gopher"`}, {Sig: `const string UriSchemeNews = "news"`},
		{Sig: `const string UriSchemeNntp = "nntp"`}, {Sig: `const string UriSchemeNetTcp = "net.tcp"`}, {Sig: `const string UriSchemeNetPipe = "net.pipe"`},
	}
}

// hexDigit returns the value of a hexadecimal digit, -1 for another character.
func hexDigit(c int64) int64 {
	if c > 'f' {
		return -1
	}
	return int64(strings.IndexByte(upperHex, strings.ToUpper(string(rune(c)))[0]))
}
