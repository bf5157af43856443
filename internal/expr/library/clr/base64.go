package clr

import (
	"encoding/base64"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// base64Line is the length of a line of InsertLineBreaks.
const base64Line = 76

// encodeBase64 writes bytes as Base64, in lines where asked to.
func encodeBase64(c *value.Call, data []byte, lines bool) (value.Value, *value.Exception) {
	n := base64.StdEncoding.EncodedLen(len(data))
	if e := c.Thread.Budget.AllocString(int64(n + n/base64Line*2)); e != nil {
		return value.Nil, e
	}
	s := base64.StdEncoding.EncodeToString(data)
	if lines {
		var b strings.Builder
		for len(s) > base64Line {
			b.WriteString(s[:base64Line] + "\r\n")
			s = s[base64Line:]
		}
		s = b.String() + s
	}
	return value.OfGo(s), nil
}

func toBase64(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "inArray"); e != nil {
		return value.Nil, e
	}
	return encodeBase64(c, c.Bytes(0), len(c.Args) > 1 && c.Int(1) == 1)
}

// base64Range returns a part of the bytes of a call.
func base64Range(c *value.Call, param string) ([]byte, *value.Exception) {
	if e := c.NotNull(0, "inArray"); e != nil {
		return nil, e
	}
	data, from, n := c.Bytes(0), c.Int(1), c.Int(2)
	switch {
	case n < 0:
		return nil, value.OutOfRange("length", "Index was out of range. Must be non-negative and less than the size of the collection.")
	case from < 0 || from+n > int64(len(data)):
		return nil, value.OutOfRange(param, "Offset and length must refer to a position in the string.")
	}
	return data[from : from+n], nil
}

func toBase64Part(c *value.Call) (value.Value, *value.Exception) {
	data, e := base64Range(c, "offset")
	if e != nil {
		return value.Nil, e
	}
	return encodeBase64(c, data, len(c.Args) > 3 && c.Int(3) == 1)
}

// toBase64Chars is ToBase64CharArray: the number of characters that it has stored.
func toBase64Chars(c *value.Call) (value.Value, *value.Exception) {
	data, e := base64Range(c, "offsetIn")
	if e != nil {
		return value.Nil, e
	}
	out, ok := c.Object(3).(value.Settable)
	if !ok {
		return value.Nil, value.NullArgument("outArray")
	}
	v, e := encodeBase64(c, data, false)
	text, at := v.StringOrNull().Go(), c.Int(4)
	if e == nil && (at < 0 || at+int64(len(text)) > int64(out.Count())) {
		e = value.OutOfRange("offsetOut", "Either offset did not refer to a position in the string, or there is an insufficient length of destination character array.")
	}
	if e != nil {
		return value.Nil, e
	}
	class, _ := out.ObjectType().(*types.Type)
	for i := range len(text) {
		out.Set(int(at)+i, value.Boxed(class.Elem, uint64(text[i])))
	}
	return c.ReturnInt(int64(len(text)))
}

// fromBase64Chars is FromBase64CharArray.
func fromBase64Chars(c *value.Call) (value.Value, *value.Exception) {
	chars, ok := c.Object(0).(value.Vector)
	if !ok {
		return value.Nil, value.NullArgument("inArray")
	}
	from, n := c.Int(1), c.Int(2)
	if from < 0 || n < 0 || from+n > int64(chars.Count()) {
		return value.Nil, value.OutOfRange("offset", "Offset and length must refer to a position in the string.")
	}
	units, e := value.Make[uint16](c.Thread, int(n))
	if e != nil {
		return value.Nil, e
	}
	for i := range units {
		units[i] = uint16(chars.At(int(from) + i).Bits())
	}
	return decodeBase64(c, value.FromUnits(units))
}

func fromBase64(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "s"); e != nil {
		return value.Nil, e
	}
	return decodeBase64(c, c.Go(0))
}

// decodeBase64 reads Base64 with white space in it.
func decodeBase64(c *value.Call, text string) (value.Value, *value.Exception) {
	text = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, text)
	if e := c.Thread.Budget.Alloc(int64(len(text))); e != nil {
		return value.Nil, e
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return value.Nil, value.BadFormat("The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.")
	}
	return object.Of(c.Thread).Bytes(data), nil
}
