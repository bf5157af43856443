package text

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/clr"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const namespace = "System.Text"

// Builder is a StringBuilder. It keeps UTF-8; an index into it counts UTF-16 units.
type Builder struct {
	class value.Type
	b     []byte
}

// ObjectType returns the type StringBuilder.
func (b *Builder) ObjectType() value.Type { return b.class }

// NetString returns the text.
func (b *Builder) NetString() (value.String, *value.Exception) { return value.Str(string(b.b)), nil }

func asBuilder(v value.Value) *Builder {
	o, _ := v.Object()
	b, ok := o.(*Builder)
	if !ok {
		return &Builder{}
	}
	return b
}

// grow charges the budget for n more bytes.
func (b *Builder) grow(t *value.Thread, n int) *value.Exception {
	if int64(len(b.b)+n) > t.Budget.Limits.StringLength {
		return t.Budget.AllocString(int64(len(b.b) + n))
	}
	return t.Budget.Alloc(int64(n))
}

func (b *Builder) add(t *value.Thread, s string) *value.Exception {
	if e := b.grow(t, len(s)); e != nil {
		return e
	}
	b.b = append(b.b, s...)
	return nil
}

// set replaces the whole text.
func (b *Builder) set(t *value.Thread, s string) *value.Exception {
	if e := b.grow(t, len(s)); e != nil {
		return e
	}
	b.b = append(b.b[:0], s...)
	return nil
}

func newBuilder(c *value.Call) (value.Value, *value.Exception) {
	b := &Builder{class: c.Declaring}
	for _, a := range c.Args {
		if s, ok := a.Str(); ok {
			if e := b.add(c.Thread, s.Go()); e != nil {
				return value.Nil, e
			}
		}
	}
	return value.OfObject(b), nil
}

// textOf is what Append and Insert make of an argument: a char[] is its characters.
func textOf(v value.Value) (string, *value.Exception) {
	if o, ok := v.Object(); ok {
		if a, ok := o.(*value.Array); ok {
			units := make([]uint16, len(a.Items))
			for i, item := range a.Items {
				units[i] = uint16(item.Bits())
			}
			return value.FromUnits(units), nil
		}
	}
	s, e := object.Text(v)
	return s.Go(), e
}

func appendAny(c *value.Call) (value.Value, *value.Exception) {
	s, e := textOf(c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	return c.Args[0], asBuilder(c.Args[0]).add(c.Thread, s)
}

func appendRepeat(c *value.Call) (value.Value, *value.Exception) {
	n := c.Args[2].Int()
	if n < 0 {
		return value.Nil, value.OutOfRange("repeatCount", "")
	}
	s := value.UnitString(uint16(c.Args[1].Bits()))
	if e := c.Thread.Budget.AllocString(n * int64(len(s))); e != nil {
		return value.Nil, e
	}
	return c.Args[0], asBuilder(c.Args[0]).add(c.Thread, strings.Repeat(s, int(n)))
}

func appendPart(c *value.Call) (value.Value, *value.Exception) {
	s, e := textOf(c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	start, n := c.Args[2].Int(), c.Args[3].Int()
	if start < 0 || n < 0 || start+n > int64(value.Len(s)) {
		return value.Nil, value.OutOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
	}
	return c.Args[0], asBuilder(c.Args[0]).add(c.Thread, value.Slice(s, int(start), int(n)))
}

func appendLine(c *value.Call) (value.Value, *value.Exception) {
	s := ""
	if len(c.Args) > 1 {
		s = c.Args[1].StringOrNull().Go()
	}
	return c.Args[0], asBuilder(c.Args[0]).add(c.Thread, s+"\n")
}

func appendFormat(c *value.Call) (value.Value, *value.Exception) {
	s, e := formatArgs(c, 1)
	if e != nil {
		return value.Nil, e
	}
	return c.Args[0], asBuilder(c.Args[0]).add(c.Thread, s)
}

// formatArgs formats by the text at a place and the arguments after it, or those in the array after it.
func formatArgs(c *value.Call, at int) (string, *value.Exception) {
	if e := c.NotNull(at, "format"); e != nil {
		return "", e
	}
	args := c.Args[at+1:]
	if len(args) == 1 {
		if o, ok := args[0].Object(); ok {
			if a, ok := o.(*value.Array); ok {
				args = a.Items
			}
		}
	}
	return clr.FormatText(c.Thread, c.Args[at].StringOrNull().Go(), args)
}

func appendJoin(c *value.Call) (value.Value, *value.Exception) {
	list, e := object.List(c.Thread, c.Args[2])
	if e != nil {
		return value.Nil, e
	}
	sep, e := textOf(c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	b := asBuilder(c.Args[0])
	for i, v := range list {
		s, e := textOf(v)
		if e == nil && i > 0 {
			e = b.add(c.Thread, sep)
		}
		if e == nil {
			e = b.add(c.Thread, s)
		}
		if e != nil {
			return value.Nil, e
		}
	}
	return c.Args[0], nil
}

// cut returns the byte offsets of a range in UTF-16 units, or an exception.
func (b *Builder) cut(start, n int64, param string) (from, to int, e *value.Exception) {
	s := string(b.b)
	if start < 0 || n < 0 || start+n > int64(value.Len(s)) {
		return 0, 0, value.OutOfRange(param, "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
	}
	return value.ByteOffset(s, int(start)), value.ByteOffset(s, int(start+n)), nil
}

func insert(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	at, _, e := b.cut(c.Args[1].Int(), 0, "index")
	if e != nil {
		return value.Nil, e
	}
	s, e := textOf(c.Args[2])
	if e != nil {
		return value.Nil, e
	}
	return c.Args[0], b.set(c.Thread, string(b.b[:at])+s+string(b.b[at:]))
}

func remove(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	from, to, e := b.cut(c.Args[1].Int(), c.Args[2].Int(), "index")
	if e != nil {
		return value.Nil, e
	}
	b.b = append(b.b[:from], b.b[to:]...)
	return c.Args[0], nil
}

func replace(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	from, e := textOf(c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	if from == "" {
		if c.Args[1].IsNull() {
			return value.Nil, value.NullArgument("oldValue")
		}
		return value.Nil, value.Argument("oldValue", "Empty name is not legal.")
	}
	to, e := textOf(c.Args[2])
	if e != nil {
		return value.Nil, e
	}
	n := strings.Count(string(b.b), from)
	if e := b.grow(c.Thread, n*max(len(to)-len(from), 0)); e != nil {
		return value.Nil, e
	}
	return c.Args[0], b.set(c.Thread, strings.ReplaceAll(string(b.b), from, to))
}

func clearBuilder(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	b.b = b.b[:0]
	return c.Args[0], nil
}

func builderText(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	if len(c.Args) > 2 {
		from, to, e := b.cut(c.Args[1].Int(), c.Args[2].Int(), "startIndex")
		if e != nil {
			return value.Nil, e
		}
		return c.ReturnString(string(b.b[from:to]))
	}
	return c.ReturnString(string(b.b))
}

func length(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(value.Len(string(asBuilder(o).b))), nil
}

func setLength(c *value.Call) (value.Value, *value.Exception) {
	b, n := asBuilder(c.Args[0]), c.Args[1].Int()
	have := int64(value.Len(string(b.b)))
	switch {
	case n < 0:
		return value.Nil, value.OutOfRange("value", "Length cannot be less than zero.")
	case n > have:
		if e := c.Thread.Budget.AllocString(n); e != nil {
			return value.Nil, e
		}
		return value.Nil, b.add(c.Thread, strings.Repeat("\x00", int(n-have)))
	}
	b.b = b.b[:value.ByteOffset(string(b.b), int(n))]
	return value.Nil, nil
}

func charAt(c *value.Call) (value.Value, *value.Exception) {
	u, ok := value.Str(string(asBuilder(c.Args[0]).b)).At(c.Args[1].Int())
	if !ok {
		return value.Nil, value.IndexOutOfRange()
	}
	return value.Boxed(c.Result, uint64(u)), nil
}

func setChar(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	from, to, e := b.cut(c.Args[1].Int(), 1, "index")
	if e != nil {
		return value.Nil, e
	}
	s := value.UnitString(uint16(c.Args[2].Bits()))
	return value.Nil, b.set(c.Thread, string(b.b[:from])+s+string(b.b[to:]))
}

func capacity(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(max(16, len(asBuilder(o).b))), nil
}

func ignore(*value.Call) (value.Value, *value.Exception) { return value.Nil, nil }

// plain are the types that Append and Insert have overloads for.
var plain = []string{
	"string", "char", "char[]", "bool", "int", "long", "double", "float", "decimal", "byte", "sbyte", "short",
	"ushort", "uint", "ulong", "object",
}

// builderTable is System.Text.StringBuilder.
func builderTable() types.Table {
	table := types.Table{Namespace: namespace, Decl: "sealed class StringBuilder", Members: []types.Entry{
		{Sig: "StringBuilder()", Impl: types.Func(newBuilder)},
		{Sig: "StringBuilder(int capacity)", Impl: types.Func(newBuilder)},
		{Sig: "StringBuilder(string value)", Impl: types.Func(newBuilder)},
		{Sig: "StringBuilder(string value, int capacity)", Impl: types.Func(newBuilder)},
		{Sig: "int Length { get; set; }", Impl: types.ObjInt(length), Set: types.Func(setLength)},
		{Sig: "int Capacity { get; set; }", Impl: types.ObjInt(capacity), Set: types.Func(ignore)},
		{Sig: "char this[int index] { get; set; }", Impl: types.Func(charAt), Set: types.Func(setChar)},
		{Sig: "StringBuilder Append(char value, int repeatCount)", Impl: types.Func(appendRepeat)},
		{Sig: "StringBuilder Append(string value, int startIndex, int count)", Impl: types.Func(appendPart)},
		{Sig: "StringBuilder Append(char[] value, int startIndex, int charCount)", Impl: types.Func(appendPart)},
		{Sig: "StringBuilder Append(StringBuilder value)", Impl: types.Func(appendAny)},
		{Sig: "StringBuilder AppendLine()", Impl: types.Func(appendLine)},
		{Sig: "StringBuilder AppendLine(string value)", Impl: types.Func(appendLine)},
		{Sig: "StringBuilder AppendFormat(string format, object arg0)", Impl: types.Func(appendFormat)},
		{Sig: "StringBuilder AppendFormat(string format, object arg0, object arg1)", Impl: types.Func(appendFormat)},
		{Sig: "StringBuilder AppendFormat(string format, object arg0, object arg1, object arg2)", Impl: types.Func(appendFormat)},
		{Sig: "StringBuilder AppendFormat(string format, params object[] args)", Impl: types.Func(appendFormat)},
		{Sig: "StringBuilder AppendJoin(string separator, params string[] values)", Impl: types.Func(appendJoin)},
		{Sig: "StringBuilder AppendJoin<T>(string separator, IEnumerable<T> values)", Impl: types.Func(appendJoin)},
		{Sig: "StringBuilder AppendJoin(char separator, params string[] values)", Impl: types.Func(appendJoin)},
		{Sig: "StringBuilder Clear()", Impl: types.Func(clearBuilder)},
		{Sig: "StringBuilder Remove(int startIndex, int length)", Impl: types.Func(remove)},
		{Sig: "StringBuilder Replace(string oldValue, string newValue)", Impl: types.Func(replace)},
		{Sig: "StringBuilder Replace(char oldChar, char newChar)", Impl: types.Func(replace)},
		{Sig: "string ToString()", Impl: types.Func(builderText)},
		{Sig: "string ToString(int startIndex, int length)", Impl: types.Func(builderText)},
	}}
	for _, t := range plain {
		table.Members = append(table.Members,
			types.Entry{Sig: "StringBuilder Append(" + t + " value)", Impl: types.Func(appendAny)},
			types.Entry{Sig: "StringBuilder Insert(int index, " + t + " value)", Impl: types.Func(insert)},
		)
	}
	return table
}
