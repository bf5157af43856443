package clr

import (
	"strings"
	"unicode"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func stringTable() types.Table {
	members := []types.Entry{
		{Sig: "static readonly string Empty", Impl: types.Func(func(*value.Call) (value.Value, *value.Exception) { return value.OfGo(""), nil })},
		{Sig: "int Length { get; }", Impl: types.StrInt((*value.Thread).Len)},
		{Sig: "char this[int index] { get; }", Impl: types.StrIntInt((*value.Thread).At)},
		{Sig: "String(char c, int count)", Impl: types.Func(stringOfChar)},
		{Sig: "String(char[] value)", Impl: types.Func(stringOfChars)},
		{Sig: "String(char[] value, int startIndex, int length)", Impl: types.Func(stringOfChars)},
		{Sig: "static bool IsNullOrEmpty(string value)", Impl: types.NullStrBool(func(s value.String) bool { return s.Go() == "" })},
		{Sig: "static bool IsNullOrWhiteSpace(string value)", Impl: types.NullStrBool(func(s value.String) bool {
			return strings.IndexFunc(s.Go(), func(r rune) bool { return !unicode.IsSpace(r) }) < 0
		})},
		{Sig: "string ToString()", Impl: types.StrStr(same)},
		{Sig: "string ToString(IFormatProvider provider)", Impl: types.StrStrStr(sameOther)},
		{Sig: "object Clone()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.Args[0], nil })},
		{Sig: "static string Copy(string str)", Impl: types.StrStr(same)},
		{Sig: "static string Intern(string str)", Impl: types.StrStr(same)},
		{Sig: "string ToUpper()", Impl: mapped(upper)},
		{Sig: "string ToLower()", Impl: mapped(lower)},
		{Sig: "string ToUpperInvariant()", Impl: mapped(upper)},
		{Sig: "string ToLowerInvariant()", Impl: mapped(lower)},
		{Sig: "string ToUpper(CultureInfo culture)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnString(upper(c.Go(0))) })},
		{Sig: "string ToLower(CultureInfo culture)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnString(lower(c.Go(0))) })},
		{Sig: "string Trim()", Impl: trimmed(strings.TrimFunc)},
		{Sig: "string TrimStart()", Impl: trimmed(strings.TrimLeftFunc)},
		{Sig: "string TrimEnd()", Impl: trimmed(strings.TrimRightFunc)},
		{Sig: "string Trim(params char[] trimChars)", Impl: trimmedBy(strings.TrimFunc)},
		{Sig: "string TrimStart(params char[] trimChars)", Impl: trimmedBy(strings.TrimLeftFunc)},
		{Sig: "string TrimEnd(params char[] trimChars)", Impl: trimmedBy(strings.TrimRightFunc)},
		{Sig: "string PadLeft(int totalWidth)", Impl: types.Func(pad(1))},
		{Sig: "string PadLeft(int totalWidth, char paddingChar)", Impl: types.Func(pad(1))},
		{Sig: "string PadRight(int totalWidth)", Impl: types.Func(pad(-1))},
		{Sig: "string PadRight(int totalWidth, char paddingChar)", Impl: types.Func(pad(-1))},
		{Sig: "void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)", Impl: types.Func(copyChars)},
		{Sig: "char[] ToCharArray()", Impl: types.Func(toChars)},
		{Sig: "char[] ToCharArray(int startIndex, int length)", Impl: types.Func(toChars)},
		{Sig: "string Normalize()", Impl: mapped(formC.String)},
		{Sig: "bool IsNormalized()", Impl: types.StrBool(formC.IsNormalString)},
		{Sig: "string Normalize(System.Text.NormalizationForm normalizationForm)", Impl: types.Func(normalize)},
		{Sig: "bool IsNormalized(System.Text.NormalizationForm normalizationForm)", Impl: types.Func(isNormalized)},
		{Sig: "int GetHashCode()", Impl: types.Func(hashCode)},
		{Sig: "TypeCode GetTypeCode()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(18) })},
	}
	members = append(members, stringCompareMembers()...)
	members = append(members, stringSearchMembers()...)
	members = append(members, stringEditMembers()...)
	return types.Table{Namespace: system, Special: types.String, Members: members,
		Decl: "sealed class String : IComparable, IComparable<string>, IEquatable<string>, IConvertible, System.Collections.Generic.IEnumerable<char>"}
}

func same(_ *value.Thread, s string) (string, *value.Exception) { return s, nil }

func sameOther(_ *value.Thread, s string, _ value.String) (value.String, *value.Exception) {
	return value.Str(s), nil
}

// mapped charges for the result only where the text has changed.
func mapped(f func(string) string) types.StrStr {
	return func(t *value.Thread, s string) (string, *value.Exception) {
		if e := t.Budget.Room(unitBytes * int64(len(s))); e != nil {
			return "", e
		}
		r := f(s)
		if len(r) == len(s) && r == s {
			return s, nil
		}
		return r, t.Budget.AllocString(int64(len(r)))
	}
}

func trimmed(f func(string, func(rune) bool) string) types.StrStr {
	return func(t *value.Thread, s string) (string, *value.Exception) {
		return part(t, f(s, unicode.IsSpace), s)
	}
}

func trimmedBy(f func(string, func(rune) bool) string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		s := c.Go(0)
		r, e := part(c.Thread, f(s, trimSet(c.Args[1])), s)
		return value.OfGo(r), e
	}
}

func stringOfChar(c *value.Call) (value.Value, *value.Exception) {
	n := c.Int(1)
	if n < 0 {
		return value.Nil, value.OutOfRange("count", "'count' must be non-negative.")
	}
	one := value.UnitString(uint16(c.Int(0)))
	if e := c.Thread.Budget.AllocString(n * int64(len(one))); e != nil {
		return value.Nil, e
	}
	return value.OfGo(strings.Repeat(one, int(n))), nil
}

// units returns the characters of a char[].
func units(t *value.Thread, v value.Value) ([]uint16, *value.Exception) {
	o, _ := v.Object()
	a, _ := o.(value.Vector)
	if a == nil {
		return nil, nil
	}
	list, e := value.Make[uint16](t, a.Count())
	for i := range list {
		list[i] = uint16(a.At(i).Int())
	}
	return list, e
}

// unitBytes is how many bytes each byte of a text takes at most while a call looks at its UTF-16 units.
const unitBytes = 4

// unitsOf returns the UTF-16 units of a text, for as long as a call runs.
func unitsOf(t *value.Thread, s string) ([]uint16, *value.Exception) {
	if e := t.Budget.Room(unitBytes * int64(len(s))); e != nil {
		return nil, e
	}
	return value.Units(s), nil
}

func stringOfChars(c *value.Call) (value.Value, *value.Exception) {
	list, e := units(c.Thread, c.Args[0])
	if e == nil {
		e = c.Thread.Budget.Room(2 * unitBytes * int64(len(list)))
	}
	if e != nil {
		return value.Nil, e
	}
	if len(c.Args) == 3 {
		start, n := c.Int(1), c.Int(2)
		if e := checkRange(len(list), start, n); e != nil {
			return value.Nil, e
		}
		list = list[start : start+n]
	}
	return c.ReturnString(value.FromUnits(list))
}

// checkRange checks startIndex and length against a length.
func checkRange(have int, start, n int64) *value.Exception {
	switch {
	case start < 0:
		return value.OutOfRange("startIndex", "StartIndex cannot be less than zero.")
	case start > int64(have):
		return value.OutOfRange("startIndex", "startIndex cannot be larger than length of string.")
	case n < 0:
		return value.OutOfRange("length", "Length cannot be less than zero.")
	case start+n > int64(have):
		return value.OutOfRange("length", "Index and length must refer to a location within the string.")
	}
	return nil
}

func pad(sign int64) func(c *value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		s, width := c.Go(0), c.Int(1)
		if width < 0 {
			return value.Nil, value.OutOfRange("totalWidth", "Non-negative number required.")
		}
		one := " "
		if len(c.Args) == 3 {
			one = value.UnitString(uint16(c.Int(2)))
		}
		n := width - int64(value.Len(s))
		if n <= 0 {
			return c.Args[0], nil
		}
		b := value.NewText(c.Thread)
		n = min(n, c.Thread.Budget.Limits.StringLength+1)
		if !b.Grow(len(s) + int(n)*len(one)) {
			return value.Nil, b.Err()
		}
		if sign < 0 {
			b.Add(s)
		}
		b.Repeat(one, int(n))
		if sign > 0 {
			b.Add(s)
		}
		return b.Value()
	}
}

func toChars(c *value.Call) (value.Value, *value.Exception) {
	list, e := unitsOf(c.Thread, c.Go(0))
	if e != nil {
		return value.Nil, e
	}
	if len(c.Args) == 3 {
		if e := checkRange(len(list), c.Int(1), c.Int(2)); e != nil {
			return value.Nil, e
		}
		list = list[c.Int(1) : c.Int(1)+c.Int(2)]
	}
	if e := c.Thread.Budget.AllocElements(int64(len(list)), object.ElementSize); e != nil {
		return value.Nil, e
	}
	class, _ := c.Result.(*types.Type)
	a := object.NewArray(class, len(list))
	for i, u := range list {
		a.Set(i, value.Boxed(class.Elem, uint64(u)))
	}
	return value.OfObject(a), nil
}

// copyChars is string.CopyTo.
func copyChars(c *value.Call) (value.Value, *value.Exception) {
	from, to, n := c.Int(1), c.Int(3), c.Int(4)
	list, e := unitsOf(c.Thread, c.Go(0))
	if e != nil {
		return value.Nil, e
	}
	a, ok := c.Object(2).(value.Settable)
	if !ok {
		return value.Nil, value.NullArgument("destination")
	}
	if from < 0 || to < 0 || n < 0 || from+n > int64(len(list)) || to+n > int64(a.Count()) {
		return value.Nil, value.OutOfRange("count", "")
	}
	class, _ := a.ObjectType().(*types.Type)
	for i := range n {
		a.Set(int(to+i), value.Boxed(class.Elem, uint64(list[from+i])))
	}
	return value.Nil, nil
}
