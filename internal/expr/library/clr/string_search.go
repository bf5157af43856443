package clr

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// test adapts a predicate of two strings; a null argument is an ArgumentNullException.
func test(f func(s, a string) bool) types.StrStrBool {
	return func(s string, a value.String) (bool, *value.Exception) {
		if a.IsNull() {
			return false, value.NullArgument("value")
		}
		return f(s, a.Go()), nil
	}
}

// testBy adapts a predicate by a StringComparison in the third argument.
func testBy(f func(k comparison, s, a string) bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if e := c.NotNull(1, "value"); e != nil {
			return value.Nil, e
		}
		k, e := comparisonOf(c, 2)
		if e != nil {
			return value.Nil, e
		}
		return c.ReturnBool(f(k, c.Go(0), c.Go(1)))
	}
}

func hasPrefix(k comparison, s, a string) bool {
	if k.ignoresCase() {
		return k.index(s, a, 0) == 0
	}
	return strings.HasPrefix(s, a)
}

func hasSuffix(k comparison, s, a string) bool {
	if k.ignoresCase() {
		return strings.HasSuffix(upper(s), upper(a))
	}
	return strings.HasSuffix(s, a)
}

func contains(k comparison, s, a string) bool { return k.index(s, a, 0) >= 0 }

func charTest(f func(s, a string) bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return c.ReturnBool(f(c.Go(0), value.UnitString(uint16(c.Int(1)))))
	}
}

func stringSearchMembers() []types.Entry {
	list := []types.Entry{
		{Sig: "bool Contains(string value)", Impl: test(strings.Contains)},
		{Sig: "bool Contains(char value)", Impl: charTest(strings.Contains)},
		{Sig: "bool Contains(string value, StringComparison comparisonType)", Impl: testBy(contains)},
		{Sig: "bool Contains(char value, StringComparison comparisonType)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnBool(contains(comparison(c.Int(2)), c.Go(0), value.UnitString(uint16(c.Int(1)))))
		})},
		{Sig: "bool StartsWith(string value)", Impl: test(strings.HasPrefix)},
		{Sig: "bool StartsWith(char value)", Impl: charTest(strings.HasPrefix)},
		{Sig: "bool StartsWith(string value, StringComparison comparisonType)", Impl: testBy(hasPrefix)},
		{Sig: "bool StartsWith(string value, bool ignoreCase, CultureInfo culture)", Impl: testBy(hasPrefix)},
		{Sig: "bool EndsWith(string value)", Impl: test(strings.HasSuffix)},
		{Sig: "bool EndsWith(char value)", Impl: charTest(strings.HasSuffix)},
		{Sig: "bool EndsWith(string value, StringComparison comparisonType)", Impl: testBy(hasSuffix)},
		{Sig: "bool EndsWith(string value, bool ignoreCase, CultureInfo culture)", Impl: testBy(hasSuffix)},
		{Sig: "int IndexOfAny(char[] anyOf)", Impl: types.Func(indexOfAny)},
		{Sig: "int IndexOfAny(char[] anyOf, int startIndex)", Impl: types.Func(indexOfAny)},
		{Sig: "int IndexOfAny(char[] anyOf, int startIndex, int count)", Impl: types.Func(indexOfAny)},
		{Sig: "int LastIndexOfAny(char[] anyOf)", Impl: types.Func(lastIndexOfAny)},
		{Sig: "int LastIndexOfAny(char[] anyOf, int startIndex)", Impl: types.Func(lastIndexOfAny)},
		{Sig: "int LastIndexOfAny(char[] anyOf, int startIndex, int count)", Impl: types.Func(lastIndexOfAny)},
	}
	for _, kind := range []string{"string", "char"} {
		list = append(list,
			types.Entry{Sig: "int IndexOf(" + kind + " value)", Impl: types.Func(indexOf(0))},
			types.Entry{Sig: "int IndexOf(" + kind + " value, int startIndex)", Impl: types.Func(indexOf(1))},
			types.Entry{Sig: "int IndexOf(" + kind + " value, int startIndex, int count)", Impl: types.Func(indexOf(2))},
			types.Entry{Sig: "int LastIndexOf(" + kind + " value)", Impl: types.Func(lastIndexOf(0))},
			types.Entry{Sig: "int LastIndexOf(" + kind + " value, int startIndex)", Impl: types.Func(lastIndexOf(1))},
			types.Entry{Sig: "int LastIndexOf(" + kind + " value, int startIndex, int count)", Impl: types.Func(lastIndexOf(2))},
		)
	}
	return append(list,
		types.Entry{Sig: "int IndexOf(string value, StringComparison comparisonType)", Impl: types.Func(indexOf(0))},
		types.Entry{Sig: "int IndexOf(char value, StringComparison comparisonType)", Impl: types.Func(indexOf(0))},
		types.Entry{Sig: "int IndexOf(string value, int startIndex, StringComparison comparisonType)", Impl: types.Func(indexOf(1))},
		types.Entry{Sig: "int IndexOf(string value, int startIndex, int count, StringComparison comparisonType)", Impl: types.Func(indexOf(2))},
		types.Entry{Sig: "int LastIndexOf(string value, StringComparison comparisonType)", Impl: types.Func(lastIndexOf(0))},
		types.Entry{Sig: "int LastIndexOf(string value, int startIndex, StringComparison comparisonType)", Impl: types.Func(lastIndexOf(1))},
		types.Entry{Sig: "int LastIndexOf(string value, int startIndex, int count, StringComparison comparisonType)", Impl: types.Func(lastIndexOf(2))},
	)
}

// sought returns what a search looks for: a string or a character.
func sought(c *value.Call) (string, *value.Exception) {
	if s, ok := c.Args[1].Str(); ok {
		return s.Go(), nil
	}
	if c.Args[1].IsNull() {
		return "", value.NullArgument("value")
	}
	return value.UnitString(uint16(c.Int(1))), nil
}

// kindOf returns the StringComparison behind n further arguments, ordinal where there is none.
func kindOf(c *value.Call, n int) (comparison, *value.Exception) {
	if len(c.Args) > 2+n {
		return comparisonOf(c, 2+n)
	}
	return ordinal, nil
}

// indexOf implements IndexOf with n position arguments.
func indexOf(n int) func(c *value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		what, e := sought(c)
		if e != nil {
			return value.Nil, e
		}
		s := c.Go(0)
		length := int64(value.Len(s))
		start, count := int64(0), length
		if n > 0 {
			start = c.Int(2)
			count = length - start
		}
		if n > 1 {
			count = c.Int(3)
		}
		if start < 0 || start > length {
			return value.Nil, value.OutOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
		}
		if count < 0 || start+count > length {
			return value.Nil, value.OutOfRange("count", "Count must be positive and count must refer to a location within the string/array/collection.")
		}
		from, end := value.ByteOffset(s, int(start)), value.ByteOffset(s, int(start+count))
		k, e := kindOf(c, n)
		if e != nil {
			return value.Nil, e
		}
		i := k.index(s[:end], what, from)
		if i < 0 {
			return c.ReturnInt(-1)
		}
		return c.ReturnInt(int64(value.UnitOffset(s, i)))
	}
}

// lastIndexOf implements LastIndexOf with n position arguments: the search goes from startIndex backwards.
func lastIndexOf(n int) func(c *value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		what, e := sought(c)
		if e != nil {
			return value.Nil, e
		}
		s := c.Go(0)
		length := int64(value.Len(s))
		start := length - 1
		if n > 0 {
			start = c.Int(2)
		}
		if length == 0 {
			if what == "" {
				return c.ReturnInt(0)
			}
			return c.ReturnInt(-1)
		}
		if start == length {
			start--
		}
		if start < 0 || start > length {
			return value.Nil, value.OutOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
		}
		low := int64(0)
		if n > 1 {
			low = start - c.Int(3) + 1
			if c.Int(3) < 0 || low < 0 {
				return value.Nil, value.OutOfRange("count", "Count must be positive and count must refer to a location within the string/array/collection.")
			}
		}
		from, end := value.ByteOffset(s, int(low)), value.ByteOffset(s, int(start+1))
		k, e := kindOf(c, n)
		if e != nil {
			return value.Nil, e
		}
		i := k.lastIndex(s[from:end], what)
		if i < 0 {
			return c.ReturnInt(-1)
		}
		return c.ReturnInt(int64(value.UnitOffset(s, from+i)))
	}
}

// unitSet is a set of code units.
type unitSet [1 << 16 / 64]uint64

// unitMax is the last code unit.
const unitMax = 1<<16 - 1

func (s *unitSet) add(u uint16) { s[u/64] |= 1 << (u % 64) }

func (s *unitSet) has(u uint16) bool { return s[u/64]&(1<<(u%64)) != 0 }

// searched returns the string that is searched, and the set of what is looked for: one pass over each.
func searched(c *value.Call) ([]uint16, *unitSet, *value.Exception) {
	list, e := unitsOf(c.Thread, c.Go(0))
	if e != nil {
		return nil, nil, e
	}
	anyOf, e := units(c.Thread, c.Args[1])
	if e != nil {
		return nil, nil, e
	}
	if e := c.Thread.Budget.Steps(int64(len(list)+len(anyOf)) / 64); e != nil {
		return nil, nil, e
	}
	set := &unitSet{}
	for _, u := range anyOf {
		set.add(u)
	}
	return list, set, nil
}

func indexOfAny(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "anyOf"); e != nil {
		return value.Nil, e
	}
	list, set, e := searched(c)
	if e != nil {
		return value.Nil, e
	}
	start, end := int64(0), int64(len(list))
	if len(c.Args) > 2 {
		start = c.Int(2)
	}
	if len(c.Args) > 3 {
		end = start + c.Int(3)
	}
	if start < 0 || start > int64(len(list)) || end < start || end > int64(len(list)) {
		return value.Nil, value.OutOfRange("startIndex", "")
	}
	for i := start; i < end; i++ {
		if set.has(list[i]) {
			return c.ReturnInt(i)
		}
	}
	return c.ReturnInt(-1)
}

func lastIndexOfAny(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "anyOf"); e != nil {
		return value.Nil, e
	}
	list, set, e := searched(c)
	if e != nil {
		return value.Nil, e
	}
	if len(c.Args) > 2 {
		if len(list) == 0 {
			return c.ReturnInt(-1)
		}
		start := c.Int(2)
		if start < 0 || start >= int64(len(list)) {
			return value.Nil, value.OutOfRange("startIndex", "")
		}
		list = list[:start+1]
	}
	low := 0
	if len(c.Args) > 3 {
		n := c.Int(3)
		if n < 0 || n > int64(len(list)) {
			return value.Nil, value.OutOfRange("count", "")
		}
		low = len(list) - int(n)
	}
	for i, u := range slices.Backward(list[low:]) {
		if set.has(u) {
			return c.ReturnInt(int64(low + i))
		}
	}
	return c.ReturnInt(-1)
}
