package uri_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/exprtest"
)

func TestHexMembers(t *testing.T) {
	exprtest.Check(t, [][2]string{
		{`Uri.HexEscape('/') + Uri.IsHexDigit('g') + Uri.FromHex('f')`, "%2FFalse15"},
		{`Uri.FromHex('x')`, "!System.ArgumentException"},
		{`Uri.HexEscape('\u0100')`, "!System.ArgumentOutOfRangeException"},
		{`Uri.IsHexEncoding("a%2f", 1) && !Uri.IsHexEncoding("a%2f", 2) && !Uri.IsHexEncoding("%2", 0)`, "True"},
		{`new Uri("http://host/a%20b").IsWellFormedOriginalString() + "," + new Uri("http://host/a b").IsWellFormedOriginalString()`, "True,False"},
		{`{Uri u; return Uri.TryCreate(new Uri("http://host/a/b"), new Uri("../c", UriKind.Relative), out u) + u.AbsoluteUri + Uri.SchemeDelimiter;}`, "Truehttp://host/c://"},
	})
}
