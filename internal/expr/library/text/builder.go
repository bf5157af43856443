package text

import (
	"slices"
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
	// wide says that a byte above 0x7F has been added, so that offsets in bytes and in UTF-16 units differ.
	wide bool
}

// ObjectType returns the type StringBuilder.
func (b *Builder) ObjectType() value.Type { return b.class }

// NetString returns the text.
func (b *Builder) NetString() (value.String, *value.Exception) { return b.NetText(nil) }

// NetText returns the text, and charges a run for it.
func (b *Builder) NetText(t *value.Thread) (value.String, *value.Exception) {
	if t != nil {
		if e := t.Budget.AllocString(int64(len(b.b))); e != nil {
			return value.Null, e
		}
	}
	return value.Str(string(b.b)), nil
}

func asBuilder(v value.Value) *Builder {
	o, _ := v.Object()
	b, ok := o.(*Builder)
	if !ok {
		return &Builder{}
	}
	return b
}

// grow makes room for n more bytes.
func (b *Builder) grow(t *value.Thread, n int) *value.Exception {
	grown, e := value.GrowText(t, b.b, n)
	if e == nil {
		b.b = grown
	}
	return e
}

func (b *Builder) add(t *value.Thread, s string) *value.Exception {
	if e := b.grow(t, len(s)); e != nil {
		return e
	}
	b.b = append(b.b, s...)
	b.wide = b.wide || !value.ASCII(s)
	return nil
}

// splice puts a text in the place of a range of bytes.
func (b *Builder) splice(t *value.Thread, from, to int, s string) *value.Exception {
	if e := b.grow(t, max(len(s)-(to-from), 0)); e != nil {
		return e
	}
	b.b = slices.Replace(b.b, from, to, []byte(s)...)
	b.wide = b.wide || !value.ASCII(s)
	return t.Budget.Steps(int64(len(b.b)-from) / movedStep)
}

// movedStep is how many bytes are moved or looked at in one step of the budget.
const movedStep = 256

// units is the length in UTF-16 units.
func (b *Builder) units() int {
	if !b.wide {
		return len(b.b)
	}
	return value.Len(value.View(b.b))
}

// offset is the place in bytes of a place in UTF-16 units.
func (b *Builder) offset(unit int) int {
	if !b.wide {
		return unit
	}
	return value.ByteOffset(value.View(b.b), unit)
}

// scan takes the steps of looking through the text.
func (b *Builder) scan(t *value.Thread) *value.Exception {
	if !b.wide {
		return nil
	}
	return t.Budget.Steps(int64(len(b.b)) / movedStep)
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

// unitBytes is what a UTF-16 unit takes of the memory budget while it becomes text.
const unitBytes = 8

// textOf is what Append and Insert make of an argument: a char[] is its characters.
func textOf(t *value.Thread, v value.Value) (string, *value.Exception) {
	if o, ok := v.Object(); ok {
		if a, ok := o.(*value.Array); ok {
			if e := t.Budget.AllocString(unitBytes * int64(len(a.Items))); e != nil {
				return "", e
			}
			units := make([]uint16, len(a.Items))
			for i, item := range a.Items {
				units[i] = uint16(item.Bits())
			}
			return value.FromUnits(units), nil
		}
	}
	s, e := object.TextIn(t, v)
	return s.Go(), e
}

func appendAny(c *value.Call) (value.Value, *value.Exception) {
	s, e := textOf(c.Thread, c.Args[1])
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
	return c.Args[0], asBuilder(c.Args[0]).repeat(c.Thread, value.UnitString(uint16(c.Args[1].Bits())), n)
}

// repeat appends a short text n times.
func (b *Builder) repeat(t *value.Thread, s string, n int64) *value.Exception {
	if n > t.Budget.Limits.StringLength {
		return t.Budget.AllocString(n)
	}
	if e := b.grow(t, int(n)*len(s)); e != nil {
		return e
	}
	for range n {
		b.b = append(b.b, s...)
	}
	b.wide = b.wide || !value.ASCII(s)
	return nil
}

func appendPart(c *value.Call) (value.Value, *value.Exception) {
	s, e := textOf(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	start, n := c.Args[2].Int(), c.Args[3].Int()
	if start < 0 || n < 0 || start+n > int64(value.Len(s)) {
		return value.Nil, value.OutOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
	}
	if !value.ASCII(s) {
		if e := c.Thread.Budget.Alloc(unitBytes * int64(len(s))); e != nil {
			return value.Nil, e
		}
	}
	return c.Args[0], asBuilder(c.Args[0]).add(c.Thread, value.Slice(s, int(start), int(n)))
}

func appendLine(c *value.Call) (value.Value, *value.Exception) {
	s := ""
	if len(c.Args) > 1 {
		s = c.Args[1].StringOrNull().Go()
	}
	b := asBuilder(c.Args[0])
	if e := b.add(c.Thread, s); e != nil {
		return value.Nil, e
	}
	return c.Args[0], b.add(c.Thread, "\n")
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
	sep, e := textOf(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	b := asBuilder(c.Args[0])
	for i, v := range list {
		s, e := textOf(c.Thread, v)
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
func (b *Builder) cut(t *value.Thread, start, n int64, param string) (from, to int, e *value.Exception) {
	if e := b.scan(t); e != nil {
		return 0, 0, e
	}
	if start < 0 || n < 0 || start+n > int64(b.units()) {
		return 0, 0, value.OutOfRange(param, "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
	}
	return b.offset(int(start)), b.offset(int(start + n)), nil
}

func insert(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	at, _, e := b.cut(c.Thread, c.Args[1].Int(), 0, "index")
	if e != nil {
		return value.Nil, e
	}
	s, e := textOf(c.Thread, c.Args[2])
	if e != nil {
		return value.Nil, e
	}
	return c.Args[0], b.splice(c.Thread, at, at, s)
}

func remove(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	from, to, e := b.cut(c.Thread, c.Args[1].Int(), c.Args[2].Int(), "index")
	if e != nil {
		return value.Nil, e
	}
	return c.Args[0], b.splice(c.Thread, from, to, "")
}

func replace(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	from, e := textOf(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	if from == "" {
		if c.Args[1].IsNull() {
			return value.Nil, value.NullArgument("oldValue")
		}
		return value.Nil, value.Argument("oldValue", "Empty name is not legal.")
	}
	to, e := textOf(c.Thread, c.Args[2])
	if e != nil {
		return value.Nil, e
	}
	if e := c.Thread.Budget.Steps(int64(len(b.b)) / movedStep); e != nil {
		return value.Nil, e
	}
	return c.Args[0], b.replace(c.Thread, from, to)
}

// replace puts a text in the place of another wherever that is.
func (b *Builder) replace(t *value.Thread, from, to string) *value.Exception {
	rest := value.View(b.b)
	if !strings.Contains(rest, from) {
		return nil
	}
	out := value.NewText(t)
	out.Grow(len(rest))
	for i := strings.Index(rest, from); i >= 0 && out.Err() == nil; i = strings.Index(rest, from) {
		out.Add(rest[:i])
		out.Add(to)
		rest = rest[i+len(from):]
	}
	out.Add(rest)
	b.wide = b.wide || !value.ASCII(to)
	return out.Into(&b.b)
}

func clearBuilder(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	b.b, b.wide = b.b[:0], false
	return c.Args[0], nil
}

func builderText(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	if len(c.Args) > 2 {
		from, to, e := b.cut(c.Thread, c.Args[1].Int(), c.Args[2].Int(), "startIndex")
		if e != nil {
			return value.Nil, e
		}
		b = &Builder{b: b.b[from:to]}
	}
	s, e := b.NetText(c.Thread)
	return value.OfString(s), e
}

func length(t *value.Thread, o value.Value) (int64, *value.Exception) {
	b := asBuilder(o)
	return int64(b.units()), b.scan(t)
}

func setLength(c *value.Call) (value.Value, *value.Exception) {
	b, n := asBuilder(c.Args[0]), c.Args[1].Int()
	have := int64(b.units())
	switch {
	case n < 0:
		return value.Nil, value.OutOfRange("value", "Length cannot be less than zero.")
	case n > have:
		return value.Nil, b.repeat(c.Thread, "\x00", n-have)
	}
	b.b = b.b[:b.offset(int(n))]
	return value.Nil, b.scan(c.Thread)
}

func charAt(c *value.Call) (value.Value, *value.Exception) {
	b, at := asBuilder(c.Args[0]), c.Args[1].Int()
	if !b.wide && at >= 0 && at < int64(len(b.b)) {
		return value.Boxed(c.Result, uint64(b.b[at])), nil
	}
	if b.wide {
		if e := c.Thread.Budget.Alloc(2 * int64(len(b.b))); e != nil {
			return value.Nil, e
		}
	}
	u, ok := value.Str(value.View(b.b)).At(at)
	if !ok {
		return value.Nil, value.IndexOutOfRange()
	}
	return value.Boxed(c.Result, uint64(u)), b.scan(c.Thread)
}

func setChar(c *value.Call) (value.Value, *value.Exception) {
	b := asBuilder(c.Args[0])
	from, to, e := b.cut(c.Thread, c.Args[1].Int(), 1, "index")
	if e != nil {
		return value.Nil, e
	}
	s := value.UnitString(uint16(c.Args[2].Bits()))
	return value.Nil, b.splice(c.Thread, from, to, s)
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
