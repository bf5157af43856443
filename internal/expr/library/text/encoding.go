package text

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// charset is one encoding.
type charset struct {
	names    []string
	display  string
	codePage int
	preamble []byte
	encode   func(s string) []byte
	decode   func(b []byte) string
}

// charsets are the encodings that every .NET has.
var charsets = []charset{
	{[]string{"utf-8", "utf8", "unicode-1-1-utf-8"}, "Unicode (UTF-8)", 65001, []byte{0xEF, 0xBB, 0xBF}, encodeUTF8, decodeUTF8},
	{[]string{"us-ascii", "ascii", "iso646-us"}, "US-ASCII", 20127, nil, narrow(0x7F), widen(0x7F)},
	{[]string{"utf-16", "unicode", "utf-16le"}, "Unicode", 1200, []byte{0xFF, 0xFE}, encode16(false), decode16(false)},
	{[]string{"utf-16be", "unicodefffe"}, "Unicode (Big-Endian)", 1201, []byte{0xFE, 0xFF}, encode16(true), decode16(true)},
	{[]string{"utf-32", "utf-32le"}, "Unicode (UTF-32)", 12000, []byte{0xFF, 0xFE, 0, 0}, encode32, decode32},
	{[]string{"iso-8859-1", "latin1", "iso_8859-1"}, "Western European (ISO)", 28591, nil, narrow(0xFF), widen(0xFF)},
}

// encodeBytes and decodeBytes are how many bytes each byte of a text and of its encoding takes at most meanwhile.
const (
	encodeBytes = 5
	decodeBytes = 7
)

// encodeIn encodes a text, and charges a run for it.
func (cs *charset) encodeIn(t *value.Thread, s string) ([]byte, *value.Exception) {
	cost := encodeBytes * int64(len(s))
	if cs == &charsets[0] && utf8.ValidString(s) {
		cost = int64(len(s))
	}
	if e := t.Budget.AllocString(int64(len(s))); e != nil {
		return nil, e
	}
	if e := t.Budget.Alloc(cost - int64(len(s))); e != nil {
		return nil, e
	}
	return cs.encode(s), nil
}

// decodeIn decodes a text, and charges a run for it.
func (cs *charset) decodeIn(t *value.Thread, b []byte) (string, *value.Exception) {
	cost := decodeBytes * int64(len(b))
	if cs == &charsets[0] && utf8.Valid(b) {
		cost = int64(len(b))
	}
	if e := t.Budget.AllocString(int64(len(b))); e != nil {
		return "", e
	}
	if e := t.Budget.Alloc(cost - int64(len(b))); e != nil {
		return "", e
	}
	return cs.decode(b), nil
}

func encodeUTF8(s string) []byte { return []byte(strings.ToValidUTF8(s, "\uFFFD")) }

func decodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]byte, 0, 3*len(b))
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = badPrefix(b)
		}
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return string(out)
}

// badPrefix is the number of bytes at the start of b that one replacement character stands for: as many as
// begin a sequence that could have been valid.
func badPrefix(b []byte) int {
	n := 1
	switch c := b[0]; {
	case c >= 0xF0 && c <= 0xF4:
		n = 4
	case c >= 0xE0 && c <= 0xEF:
		n = 3
	case c >= 0xC2 && c <= 0xDF:
		n = 2
	}
	for i := 1; i < n; i++ {
		if i >= len(b) || b[i]&0xC0 != 0x80 {
			return i
		}
		if i == 1 && (b[0] == 0xE0 && b[1] < 0xA0 || b[0] == 0xED && b[1] > 0x9F || b[0] == 0xF0 && b[1] < 0x90 || b[0] == 0xF4 && b[1] > 0x8F) {
			return 1
		}
	}
	return max(n-1, 1)
}

// narrow encodes one byte a character; what does not fit becomes a question mark.
func narrow(last rune) func(string) []byte {
	return func(s string) []byte {
		units := value.Units(s)
		b := make([]byte, len(units))
		for i, u := range units {
			b[i] = '?'
			if rune(u) <= last {
				b[i] = byte(u)
			}
		}
		return b
	}
}

func widen(last byte) func([]byte) string {
	return func(b []byte) string {
		out := make([]rune, len(b))
		for i, c := range b {
			out[i] = rune(c)
			if c > last {
				out[i] = '?'
			}
		}
		return string(out)
	}
}

func encode16(big bool) func(string) []byte {
	return func(s string) []byte {
		units := value.Units(s)
		b := make([]byte, 0, 2*len(units))
		for _, u := range units {
			hi, lo := byte(u>>8), byte(u)
			if !big {
				hi, lo = lo, hi
			}
			b = append(b, hi, lo)
		}
		return b
	}
}

func decode16(big bool) func([]byte) string {
	return func(b []byte) string {
		units := make([]uint16, 0, len(b)/2+1)
		for ; len(b) >= 2; b = b[2:] {
			u := uint16(b[1])<<8 | uint16(b[0])
			if big {
				u = uint16(b[0])<<8 | uint16(b[1])
			}
			units = append(units, u)
		}
		if len(b) == 1 {
			units = append(units, utf8.RuneError)
		}
		return string(utf16.Decode(units))
	}
}

func encode32(s string) []byte {
	b := make([]byte, 0, 4*len(s))
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8), byte(r>>16), byte(r>>24))
	}
	return b
}

func decode32(b []byte) string {
	out := make([]rune, 0, len(b)/4)
	for ; len(b) >= 4; b = b[4:] {
		out = append(out, rune(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24))
	}
	return string(out)
}

// encoding is an Encoding.
type encoding struct {
	class value.Type
	cs    *charset
}

// ObjectType returns the type Encoding.
func (e *encoding) ObjectType() value.Type { return e.class }

func asEncoding(v value.Value) *charset {
	o, _ := v.Object()
	if e, ok := o.(*encoding); ok {
		return e.cs
	}
	return &charsets[0]
}

// constant makes a static property that is one encoding.
func constant(n int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return value.OfObject(&encoding{class: c.Result, cs: &charsets[n]}), nil
	}
}

func getEncoding(c *value.Call) (value.Value, *value.Exception) {
	name, byName := c.Args[0].Str()
	for i := range charsets {
		cs := &charsets[i]
		if !byName && int64(cs.codePage) == c.Args[0].Int() {
			return constant(i)(c)
		}
		for _, n := range cs.names {
			if byName && strings.EqualFold(n, name.Go()) {
				return constant(i)(c)
			}
		}
	}
	if !byName {
		return value.Nil, value.NotSupported("No data is available for encoding " + strconv.FormatInt(c.Args[0].Int(), 10) + ".")
	}
	return value.Nil, value.Argument("name", "'"+name.Go()+"' is not a supported encoding name.")
}

func getBytes(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "s"); e != nil {
		return value.Nil, e
	}
	s, e := textOf(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	b, e := asEncoding(c.Args[0]).encodeIn(c.Thread, s)
	return object.Of(c.Thread).Bytes(b), e
}

// bytesArg is a byte[] with an optional start and length after it.
func bytesArg(c *value.Call, at int) ([]byte, *value.Exception) {
	if e := c.NotNull(at, "bytes"); e != nil {
		return nil, e
	}
	b := c.Bytes(at)
	if len(c.Args) > at+2 {
		start, n := c.Args[at+1].Int(), c.Args[at+2].Int()
		if start < 0 || n < 0 || start+n > int64(len(b)) {
			return nil, value.OutOfRange("bytes", "Index and count must refer to a location within the buffer.")
		}
		b = b[start : start+n]
	}
	return b, nil
}

func getString(c *value.Call) (value.Value, *value.Exception) {
	b, e := bytesArg(c, 1)
	if e != nil {
		return value.Nil, e
	}
	s, e := asEncoding(c.Args[0]).decodeIn(c.Thread, b)
	return value.OfGo(s), e
}

func getByteCount(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "s"); e != nil {
		return value.Nil, e
	}
	b, e := asEncoding(c.Args[0]).encodeIn(c.Thread, c.Go(1))
	if e != nil {
		return value.Nil, e
	}
	return c.ReturnInt(int64(len(b)))
}

func getCharCount(c *value.Call) (value.Value, *value.Exception) {
	b, e := bytesArg(c, 1)
	if e != nil {
		return value.Nil, e
	}
	s, e := asEncoding(c.Args[0]).decodeIn(c.Thread, b)
	if e != nil {
		return value.Nil, e
	}
	return c.ReturnInt(int64(value.Len(s)))
}

func getChars(c *value.Call) (value.Value, *value.Exception) {
	b, e := bytesArg(c, 1)
	if e != nil {
		return value.Nil, e
	}
	s, e := asEncoding(c.Args[0]).decodeIn(c.Thread, b)
	if e == nil {
		e = c.Thread.Budget.Alloc(2 * int64(len(s)))
	}
	if e != nil {
		return value.Nil, e
	}
	units := value.Units(s)
	class, _ := c.Result.(*types.Type)
	items, e := value.Make[value.Value](c.Thread, len(units))
	for i := range items {
		items[i] = value.Boxed(class.Elem, uint64(units[i]))
	}
	return object.ArrayOf(class, items), e
}

func convertBytes(c *value.Call) (value.Value, *value.Exception) {
	b, e := bytesArg(c, 2)
	if e != nil {
		return value.Nil, e
	}
	s, e := asEncoding(c.Args[0]).decodeIn(c.Thread, b)
	if e != nil {
		return value.Nil, e
	}
	out, e := asEncoding(c.Args[1]).encodeIn(c.Thread, s)
	return object.Of(c.Thread).Bytes(out), e
}

func preamble(c *value.Call) (value.Value, *value.Exception) {
	return object.Of(c.Thread).Bytes(append([]byte(nil), asEncoding(c.Args[0]).preamble...)), nil
}

func webName(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	return value.Str(asEncoding(o).names[0]), nil
}

func encodingName(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	return value.Str(asEncoding(o).display), nil
}

func codePage(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(asEncoding(o).codePage), nil
}

// encodingTable is System.Text.Encoding.
func encodingTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "abstract class Encoding", Members: []types.Entry{
		{Sig: "static Encoding UTF8 { get; }", Impl: constant(0)},
		{Sig: "static Encoding Default { get; }", Impl: constant(0)},
		{Sig: "static Encoding ASCII { get; }", Impl: constant(1)},
		{Sig: "static Encoding Unicode { get; }", Impl: constant(2)},
		{Sig: "static Encoding BigEndianUnicode { get; }", Impl: constant(3)},
		{Sig: "static Encoding UTF32 { get; }", Impl: constant(4)},
		{Sig: "static Encoding Latin1 { get; }", Impl: constant(5)},
		{Sig: "static Encoding GetEncoding(string name)", Impl: types.Func(getEncoding)},
		{Sig: "static Encoding GetEncoding(int codepage)", Impl: types.Func(getEncoding)},
		{Sig: "static byte[] Convert(Encoding srcEncoding, Encoding dstEncoding, byte[] bytes)", Impl: types.Func(convertBytes)},
		{Sig: "string WebName { get; }", Impl: types.ObjStr(webName)},
		{Sig: "string HeaderName { get; }", Impl: types.ObjStr(webName)},
		{Sig: "string BodyName { get; }", Impl: types.ObjStr(webName)},
		{Sig: "string EncodingName { get; }", Impl: types.ObjStr(encodingName)},
		{Sig: "int CodePage { get; }", Impl: types.ObjInt(codePage)},
		{Sig: "byte[] GetBytes(string s)", Impl: types.Func(getBytes)},
		{Sig: "byte[] GetBytes(char[] chars)", Impl: types.Func(getBytes)},
		{Sig: "string GetString(byte[] bytes)", Impl: types.Func(getString)},
		{Sig: "string GetString(byte[] bytes, int index, int count)", Impl: types.Func(getString)},
		{Sig: "char[] GetChars(byte[] bytes)", Impl: types.Func(getChars)},
		{Sig: "int GetByteCount(string s)", Impl: types.Func(getByteCount)},
		{Sig: "int GetCharCount(byte[] bytes)", Impl: types.Func(getCharCount)},
		{Sig: "byte[] GetPreamble()", Impl: types.Func(preamble)},
	}}
}
