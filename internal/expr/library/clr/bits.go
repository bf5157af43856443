package clr

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func toHex(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "inArray"); e != nil {
		return value.Nil, e
	}
	return c.ReturnString(strings.ToUpper(hex.EncodeToString(c.Bytes(0))))
}

func fromHex(c *value.Call) (value.Value, *value.Exception) {
	data, err := hex.DecodeString(c.Go(0))
	if err != nil {
		return value.Nil, value.BadFormat("The input is not a valid hex string.")
	}
	return object.Of(c.Thread).Bytes(data), nil
}

// wide are the types of BitConverter with their sizes in bytes.
var wide = []struct {
	name, keyword string
	size          int
}{
	{"Boolean", "bool", 1}, {"Char", "char", 2}, {"Int16", "short", 2}, {"UInt16", "ushort", 2}, {"Int32", "int", 4},
	{"UInt32", "uint", 4}, {"Int64", "long", 8}, {"UInt64", "ulong", 8}, {"Single", "float", 4}, {"Double", "double", 8},
}

func bitConverterTable() types.Table {
	list := []types.Entry{
		{Sig: "static readonly bool IsLittleEndian", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(true) })},
		{Sig: "static string ToString(byte[] value)", Impl: types.Func(bytesText)},
		{Sig: "static string ToString(byte[] value, int startIndex)", Impl: types.Func(bytesText)},
		{Sig: "static string ToString(byte[] value, int startIndex, int length)", Impl: types.Func(bytesText)},
		{Sig: "static long DoubleToInt64Bits(double value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return value.Boxed(c.Result, floatBits(c.Float(0), false)), nil
		})},
		{Sig: "static int SingleToInt32Bits(float value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(int64(int32(floatBits(c.Float(0), true))))
		})},
		{Sig: "static float Int32BitsToSingle(int value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnFloat(float64(math.Float32frombits(uint32(c.Int(0)))))
		})},
		{Sig: "static double Int64BitsToDouble(long value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnFloat(math.Float64frombits(uint64(c.Int(0))))
		})},
	}
	for _, w := range wide {
		list = append(list,
			types.Entry{Sig: "static byte[] GetBytes(" + w.keyword + " value)", Impl: toBytes(w.keyword, w.size)},
			types.Entry{Sig: "static " + w.keyword + " To" + w.name + "(byte[] value, int startIndex)", Impl: ofBytes(w.keyword, w.size)})
	}
	return types.Table{Namespace: system, Decl: "static class BitConverter", Members: list}
}

// floatBits returns the bits of a double or a float. Not-a-Number has the bits that .NET gives it.
func floatBits(f float64, single bool) uint64 {
	const nan, singleNaN = 0xFFF8 << 48, 0xFFC0 << 16
	switch {
	case single && f != f:
		return singleNaN
	case f != f:
		return nan
	case single:
		return uint64(math.Float32bits(float32(f)))
	}
	return math.Float64bits(f)
}

func toBytes(keyword string, size int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n := c.Args[0].Bits()
		if keyword == "float" || keyword == "double" {
			n = floatBits(c.Float(0), keyword == "float")
		}
		return object.Of(c.Thread).Bytes(binary.LittleEndian.AppendUint64(nil, n)[:size]), nil
	}
}

func ofBytes(keyword string, size int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if e := c.NotNull(0, "value"); e != nil {
			return value.Nil, e
		}
		data, from := c.Bytes(0), c.Int(1)
		if from < 0 || from >= int64(len(data)) {
			return value.Nil, value.OutOfRange("startIndex", "")
		}
		if from+int64(size) > int64(len(data)) {
			return value.Nil, value.Argument("value", "Destination array is not long enough to copy all the items in the collection. Check array index and length.")
		}
		var buf [8]byte
		copy(buf[:], data[from:from+int64(size)])
		n := binary.LittleEndian.Uint64(buf[:])
		switch keyword {
		case "float":
			return c.ReturnFloat(float64(math.Float32frombits(uint32(n))))
		case "short", "int":
			return c.ReturnInt(int64(n) << (64 - 8*size) >> (64 - 8*size))
		case "bool":
			return c.ReturnBool(n != 0)
		}
		return value.Boxed(c.Result, n), nil
	}
}

func bytesText(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "value"); e != nil {
		return value.Nil, e
	}
	data := c.Bytes(0)
	from, n := int64(0), int64(len(data))
	if len(c.Args) > 1 {
		from = c.Int(1)
		n -= from
	}
	if len(c.Args) > 2 {
		n = c.Int(2)
	}
	switch {
	case from < 0 || from >= int64(len(data)) && from > 0:
		return value.Nil, value.OutOfRange("startIndex", "Index was out of range. Must be non-negative and less than the size of the collection.")
	case n < 0:
		return value.Nil, value.OutOfRange("length", "Value must be non-negative.")
	case from+n > int64(len(data)):
		return value.Nil, value.Argument("value", "Destination array is not long enough to copy all the items in the collection. Check array index and length.")
	}
	if e := c.Thread.Budget.AllocString(3 * n); e != nil {
		return value.Nil, e
	}
	var b strings.Builder
	for i, x := range data[from : from+n] {
		if i > 0 {
			b.WriteByte('-')
		}
		const digits = "0123456789ABCDEF"
		b.WriteByte(digits[x>>4])
		b.WriteByte(digits[x&15])
	}
	return value.OfGo(b.String()), nil
}
