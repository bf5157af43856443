package object

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
	"github.com/sallyport/sallyport/internal/expr/value/number"
)

// Formatter is an Object that is IFormattable.
type Formatter interface {
	// NetFormat returns what ToString(format) returns in the invariant culture.
	NetFormat(format string) (value.String, *value.Exception)
}

// Text returns what ToString() returns, null for null.
func Text(v value.Value) (value.String, *value.Exception) {
	if s, ok := v.Str(); ok {
		return s, nil
	}
	return Format(v, "")
}

// Paid is an Object whose text is as long as its content.
type Paid interface {
	// NetText returns what ToString() returns. The run pays for the text as it grows; without one it is bounded.
	NetText(t *value.Thread) (value.String, *value.Exception)
}

// TextIn returns what Text returns, and charges a run for it where it is not there yet.
func TextIn(t *value.Thread, v value.Value) (value.String, *value.Exception) {
	if s, ok := v.Str(); ok {
		return s, nil
	}
	if o, ok := v.Object(); ok {
		if p, ok := o.(Paid); ok {
			return p.NetText(t)
		}
		if x, ok := o.(*value.Exception); ok && t != nil && len(x.Message) > maxNesting {
			if e := t.Budget.Room(2 * int64(len(x.Message))); e != nil {
				return value.Null, e
			}
		}
	}
	s, e := Format(v, "")
	if e == nil && t != nil {
		e = t.Budget.AllocString(int64(len(s.Go())))
	}
	return s, e
}

// Format returns what ToString(format) returns, for a value that has no formats what ToString() returns, and
// null for null.
func Format(v value.Value, format string) (value.String, *value.Exception) {
	if v.IsNull() {
		return value.Null, nil
	}
	if s, ok := v.Str(); ok {
		return s, nil
	}
	if o, ok := v.Object(); ok {
		return formatObject(o, format)
	}
	t, bits, _ := v.Boxed()
	s, e := FormatBits(t.(*types.Type), bits, format)
	return value.Str(s), e
}

func formatObject(o value.Object, format string) (value.String, *value.Exception) {
	switch o := o.(type) {
	case *value.Decimal:
		s, e := number.Decimal(o, format)
		return value.Str(s), e
	case Formatter:
		if format != "" {
			return o.NetFormat(format)
		}
	case *value.Exception:
		return exceptionText(o)
	case *value.Record, *Pair:
		return recordText(o)
	case *value.TypeRef:
		return value.Str(o.Of.FullName()), nil
	}
	if s, ok := o.(value.Stringer); ok {
		return s.NetString()
	}
	return value.Str(o.ObjectType().FullName()), nil
}

// maxNesting is how deep tuples, pairs, anonymous objects and exceptions are written inside each other, and maxNested
// how many bytes that gives: a value that holds one part twice, at each of many levels, has a text without end.
const (
	maxNesting = 100
	maxNested  = 256 << 10
)

// tooLong is the exception of a text that is longer than maxNested. No catch holds it up.
func tooLong() *value.Exception {
	e := value.InvalidOperation("The text of a value with values inside it is longer than " + strconv.Itoa(maxNested) + " bytes.")
	e.Budget = value.BudgetStringLength
	return e
}

func exceptionText(x *value.Exception) (value.String, *value.Exception) {
	var b strings.Builder
	depth := 0
	for ; x != nil && depth < maxNesting; x = x.Inner {
		if depth > 0 && b.Len()+len(x.Message) > maxNested {
			return value.Null, tooLong()
		}
		if depth > 0 {
			b.WriteString("\n ---> ")
		}
		b.WriteString(x.Type)
		if x.Message != "" {
			b.WriteString(": " + x.Message)
		}
		depth++
	}
	b.WriteString(strings.Repeat("\n   --- End of inner exception stack trace ---", depth-1))
	return value.Str(b.String()), nil
}

func recordText(o value.Object) (value.String, *value.Exception) {
	var b strings.Builder
	if e := writeObject(&b, o, 0); e != nil {
		return value.Null, e
	}
	return value.Str(b.String()), nil
}

// writeObject writes a tuple, an anonymous object or a pair with all that is inside it.
func writeObject(b *strings.Builder, o value.Object, depth int) *value.Exception {
	if depth > maxNesting {
		return value.Throw("System.InsufficientExecutionStackException", "Insufficient stack to continue executing the program safely.")
	}
	if p, ok := o.(*Pair); ok {
		return writeItems(b, []value.Value{p.Key, p.Value}, nil, [2]string{"[", "]"}, depth)
	}
	r, ok := o.(*value.Record)
	if !ok {
		return nil
	}
	brackets := [2]string{"(", ")"}
	if r.Names != nil {
		brackets = [2]string{"{ ", " }"}
	}
	return writeItems(b, r.Items, r.Names, brackets, depth)
}

func writeItems(b *strings.Builder, items []value.Value, names []string, brackets [2]string, depth int) *value.Exception {
	if len(items) == 0 && names != nil {
		b.WriteString("{ }")
		return nil
	}
	b.WriteString(brackets[0])
	for i, item := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		if names != nil {
			b.WriteString(names[i] + " = ")
		}
		if e := writeItem(b, item, depth); e != nil {
			return e
		}
	}
	b.WriteString(brackets[1])
	return nil
}

func writeItem(b *strings.Builder, item value.Value, depth int) *value.Exception {
	if b.Len() > maxNested {
		return tooLong()
	}
	if o, ok := item.Object(); ok {
		switch o.(type) {
		case *value.Record, *Pair:
			return writeObject(b, o, depth+1)
		}
	}
	s, e := Text(item)
	if e == nil {
		b.WriteString(s.Go())
	}
	return e
}

// integers are the size and the sign of the integer types.
var integers = [types.TypeOf + 1]struct {
	bits     int
	unsigned bool
}{
	types.SByte: {8, false}, types.Byte: {8, true}, types.Int16: {16, false}, types.UInt16: {16, true},
	types.Int32: {32, false}, types.UInt32: {32, true}, types.Int64: {64, false}, types.UInt64: {64, true},
	types.Char: {16, true},
}

// IntegerSize returns the size in bits of an integer type or char, and whether it is unsigned; 0 for another type.
func IntegerSize(s types.Special) (bits int, unsigned bool) {
	return integers[s].bits, integers[s].unsigned
}

// Real returns how numbers of a floating-point type are written and read.
func Real(t *types.Type) number.Real {
	return number.Real{Single: t.Special() == types.Single, Runtime: t.Runtime()}
}

// RealOf is Real for the type of a result, where it is known only that it is a float or a double.
func RealOf(t value.Type, single bool) number.Real {
	r := number.Real{Single: single}
	if t, ok := t.(*types.Type); ok {
		r.Runtime = t.Runtime()
	}
	return r
}

// FormatBits formats a number, character, enum, DateTime or TimeSpan by its type and bits.
func FormatBits(t *types.Type, bits uint64, format string) (string, *value.Exception) {
	s := t.Special()
	switch s {
	case types.Boolean:
		if bits != 0 {
			return "True", nil
		}
		return "False", nil
	case types.Char:
		return value.UnitString(uint16(bits)), nil
	case types.Double, types.Single:
		return Real(t).Format(math.Float64frombits(bits), format)
	case types.DateTime:
		return date.Format(int64(bits), format)
	case types.TimeSpan:
		return date.FormatSpan(int64(bits), format)
	}
	if t.Kind == types.Enum {
		return formatEnum(t, int64(bits), format)
	}
	size := integers[s]
	return number.Int(int64(bits), size.unsigned, size.bits, format)
}

func formatEnum(t *types.Type, n int64, format string) (string, *value.Exception) {
	size := integers[t.Def.Underlying.Special()]
	switch format {
	case "", "G", "g", "F", "f":
		if name := EnumName(t, n); name != "" {
			return name, nil
		}
		if t.Def.Flags || format == "F" || format == "f" {
			if s := enumFlags(t, n); s != "" {
				return s, nil
			}
		}
		return number.Int(n, size.unsigned, size.bits, "")
	case "D", "d":
		return number.Int(n, size.unsigned, size.bits, "")
	case "X", "x":
		return number.Int(n, size.unsigned, size.bits, "X"+strconv.Itoa(size.bits/4))
	}
	return "", value.BadFormat("Format string can be only \"G\", \"g\", \"X\", \"x\", \"F\", \"f\", \"D\" or \"d\".")
}

// EnumName returns the name of the member of an enum with that value, or "".
func EnumName(t *types.Type, n int64) string {
	for _, m := range t.Def.Members {
		if m.Const.Int() == n {
			return m.Name
		}
	}
	return ""
}

func enumFlags(t *types.Type, n int64) string {
	rest, list := n, []string(nil)
	for _, m := range slices.Backward(t.Def.Members) {
		if m.Const.Int() != 0 && rest&m.Const.Int() == m.Const.Int() {
			rest &^= m.Const.Int()
			list = append([]string{m.Name}, list...)
		}
	}
	if rest != 0 {
		return ""
	}
	return strings.Join(list, ", ")
}

// Align pads s with spaces to a width: on the left where it is positive, on the right where it is negative.
func Align(s string, width int) string {
	n := value.Len(s)
	switch {
	case width > n:
		return strings.Repeat(" ", width-n) + s
	case -width > n:
		return s + strings.Repeat(" ", -width-n)
	}
	return s
}
