package clr

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func stringCompareMembers() []types.Entry {
	return []types.Entry{
		{Sig: "bool Equals(string value)", Impl: types.StrStrBool(func(s string, a value.String) (bool, *value.Exception) {
			return !a.IsNull() && s == a.Go(), nil
		})},
		{Sig: "bool Equals(object obj)", Impl: types.Func(equals)},
		{Sig: "bool Equals(string value, StringComparison comparisonType)", Impl: types.Func(stringEquals)},
		{Sig: "static bool Equals(string a, string b)", Impl: types.Func(equals)},
		{Sig: "static bool Equals(string a, string b, StringComparison comparisonType)", Impl: types.Func(stringEquals)},
		{Sig: "int CompareTo(string strB)", Impl: types.Func(compareStrings(invariantCulture))},
		{Sig: "int CompareTo(object value)", Impl: types.Func(compareStrings(invariantCulture))},
		{Sig: "static int CompareOrdinal(string strA, string strB)", Impl: types.Func(compareStrings(ordinal))},
		{Sig: "static int CompareOrdinal(string strA, int indexA, string strB, int indexB, int length)", Impl: types.Func(compareOrdinalParts)},
		{Sig: "static int Compare(string strA, string strB)", Impl: types.Func(compareStrings(invariantCulture))},
		{Sig: "static int Compare(string strA, string strB, bool ignoreCase)", Impl: types.Func(compareStringsBy)},
		{Sig: "static int Compare(string strA, string strB, bool ignoreCase, CultureInfo culture)", Impl: types.Func(compareStringsBy)},
		{Sig: "static int Compare(string strA, string strB, StringComparison comparisonType)", Impl: types.Func(compareStringsBy)},
		{Sig: "static int Compare(string strA, int indexA, string strB, int indexB, int length)", Impl: types.Func(compareParts)},
		{Sig: "static int Compare(string strA, int indexA, string strB, int indexB, int length, bool ignoreCase)", Impl: types.Func(compareParts)},
		{Sig: "static int Compare(string strA, int indexA, string strB, int indexB, int length, StringComparison comparisonType)", Impl: types.Func(compareParts)},
	}
}

func stringEquals(c *value.Call) (value.Value, *value.Exception) {
	a, b := c.String(0), c.String(1)
	if a.IsNull() || b.IsNull() {
		return c.ReturnBool(a.IsNull() && b.IsNull())
	}
	k, e := comparisonOf(c, 2)
	if e != nil {
		return value.Nil, e
	}
	return c.ReturnBool(k.equal(a.Go(), b.Go()))
}

// comparisonOf returns the StringComparison in an argument.
func comparisonOf(c *value.Call, i int) (comparison, *value.Exception) {
	k := comparison(c.Int(i))
	if k < 0 || k > ordinalIgnoreCase {
		return k, value.Argument("comparisonType", "The string comparison type passed in is currently not supported.")
	}
	return k, nil
}

func compareNullable(k comparison, a, b value.String) int {
	switch {
	case a.IsNull() && b.IsNull():
		return 0
	case a.IsNull():
		return -1
	case b.IsNull():
		return 1
	}
	return k.compare(a.Go(), b.Go())
}

func compareStrings(k comparison) func(c *value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if _, ok := c.Args[1].Str(); !ok && !c.Args[1].IsNull() {
			return value.Nil, value.Argument("", "Object must be of type String.")
		}
		if e := roomToCompare(c, 1); e != nil {
			return value.Nil, e
		}
		if k == ordinal && !c.Args[0].IsNull() && !c.Args[1].IsNull() {
			return c.ReturnInt(ordinalDifference(c.Go(0), c.Go(1)))
		}
		return c.ReturnInt(int64(compareNullable(k, c.String(0), c.String(1))))
	}
}

// roomToCompare checks that a run has room for the units of the first argument and another, in capitals.
func roomToCompare(c *value.Call, other int) *value.Exception {
	return c.Thread.Budget.Room(2 * unitBytes * int64(len(c.Go(0))+len(c.Go(other))))
}

// ordinalDifference is what CompareOrdinal returns: the difference of the first characters that differ, or of
// the lengths. .NET compares two characters at a time, so that the end of a text that stops in the middle of
// such a pair counts as the character zero.
func ordinalDifference(a, b string) int64 {
	x, y := value.Units(a), value.Units(b)
	if n := min(len(x), len(y)); len(x) != len(y) && (n%2 == 1 || n == 0) {
		x, y = append(x, 0), append(y, 0)
	}
	return unitDifference(x, y)
}

// unitDifference is the difference of the first characters that differ, or of the lengths.
func unitDifference(x, y []uint16) int64 {
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return int64(x[i]) - int64(y[i])
		}
	}
	return int64(len(x) - len(y))
}

// compareStringsBy takes ignoreCase or a StringComparison: true has the number of CurrentCultureIgnoreCase.
func compareStringsBy(c *value.Call) (value.Value, *value.Exception) {
	k, e := comparisonOf(c, 2)
	if e != nil {
		return value.Nil, e
	}
	if e := roomToCompare(c, 1); e != nil {
		return value.Nil, e
	}
	switch both := !c.Args[0].IsNull() && !c.Args[1].IsNull(); {
	case both && k == ordinal:
		return c.ReturnInt(ordinalDifference(c.Go(0), c.Go(1)))
	case both && k == ordinalIgnoreCase:
		return c.ReturnInt(unitDifference(value.Units(upper(c.Go(0))), value.Units(upper(c.Go(1)))))
	}
	return c.ReturnInt(int64(compareNullable(k, c.String(0), c.String(1))))
}

// partOf returns the characters of a string that a comparison of parts looks at; the string is an argument, its
// start the next, and the most characters the fifth.
func partOf(c *value.Call, i int) ([]uint16, *value.Exception) {
	u := value.Units(c.Go(i))
	from, n := c.Int(i+1), c.Int(4)
	if from < 0 || from > int64(len(u)) || n < 0 {
		return nil, value.OutOfRange("length", "")
	}
	return u[from:min(from+n, int64(len(u)))], nil
}

// partsOf returns both sides of a comparison of parts; null is before every text, which order tells then.
func partsOf(c *value.Call) (a, b []uint16, order int64, e *value.Exception) {
	switch none := c.Args[0].IsNull(); {
	case none && c.Args[2].IsNull():
		return nil, nil, 0, nil
	case none:
		return nil, nil, -1, nil
	case c.Args[2].IsNull():
		return nil, nil, 1, nil
	}
	if e := roomToCompare(c, 2); e != nil {
		return nil, nil, 0, e
	}
	if a, e = partOf(c, 0); e == nil {
		b, e = partOf(c, 2)
	}
	return a, b, 0, e
}

func compareOrdinalParts(c *value.Call) (value.Value, *value.Exception) {
	a, b, order, e := partsOf(c)
	switch {
	case e != nil:
		return value.Nil, e
	case order != 0:
		return c.ReturnInt(order)
	}
	return c.ReturnInt(unitDifference(a, b))
}

func compareParts(c *value.Call) (value.Value, *value.Exception) {
	kind := invariantCulture
	if len(c.Args) > 5 {
		var e *value.Exception
		if kind, e = comparisonOf(c, 5); e != nil {
			return value.Nil, e
		}
	}
	a, b, order, e := partsOf(c)
	switch {
	case e != nil:
		return value.Nil, e
	case order != 0:
		return c.ReturnInt(order)
	case kind == ordinal:
		return c.ReturnInt(unitDifference(a, b))
	case kind == ordinalIgnoreCase:
		return c.ReturnInt(unitDifference(value.Units(upper(value.FromUnits(a))), value.Units(upper(value.FromUnits(b)))))
	}
	return c.ReturnInt(int64(kind.compare(value.FromUnits(a), value.FromUnits(b))))
}

func stringComparisonTable() types.Table {
	return types.Table{Namespace: system, Decl: "enum StringComparison", Members: []types.Entry{
		{Sig: "CurrentCulture = 0"}, {Sig: "CurrentCultureIgnoreCase = 1"}, {Sig: "InvariantCulture = 2"},
		{Sig: "InvariantCultureIgnoreCase = 3"}, {Sig: "Ordinal = 4"}, {Sig: "OrdinalIgnoreCase = 5"},
	}}
}

// comparer is a StringComparer.
type comparer struct {
	class value.Type
	kind  comparison
}

// ObjectType returns the type StringComparer.
func (k *comparer) ObjectType() value.Type { return k.class }

// Fold returns what two strings that are equal to the comparer have in common.
func (k *comparer) Fold(s string) string {
	if k.kind.ignoresCase() {
		return upper(s)
	}
	return s
}

// EqualValues reports whether two strings are equal to the comparer.
func (k *comparer) EqualValues(a, b value.Value) bool {
	s, ok := a.Str()
	t, ok2 := b.Str()
	if !ok || !ok2 {
		return object.Equal(a, b)
	}
	return k.kind.equal(s.Go(), t.Go())
}

// HashValue returns a hash that agrees with EqualValues.
func (k *comparer) HashValue(v value.Value) uint64 {
	if s, ok := v.Str(); ok {
		return object.Hash(value.OfGo(k.Fold(s.Go())))
	}
	return object.Hash(v)
}

// CompareValues orders two strings.
func (k *comparer) CompareValues(a, b value.Value) (int, *value.Exception) {
	return compareNullable(k.kind, a.StringOrNull(), b.StringOrNull()), nil
}

func stringComparerTable() types.Table {
	get := func(kind comparison) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) {
			return value.OfObject(&comparer{class: c.Result, kind: kind}), nil
		}
	}
	of := func(c *value.Call) comparison {
		k, _ := c.Object(0).(*comparer)
		if k == nil {
			return ordinal
		}
		return k.kind
	}
	return types.Table{Namespace: system, Members: []types.Entry{
		{Sig: "static StringComparer Ordinal { get; }", Impl: get(ordinal)},
		{Sig: "static StringComparer OrdinalIgnoreCase { get; }", Impl: get(ordinalIgnoreCase)},
		{Sig: "static StringComparer InvariantCulture { get; }", Impl: get(invariantCulture)},
		{Sig: "static StringComparer InvariantCultureIgnoreCase { get; }", Impl: get(invariantCultureIgnoreCase)},
		{Sig: "static StringComparer CurrentCulture { get; }", Impl: get(currentCulture)},
		{Sig: "static StringComparer CurrentCultureIgnoreCase { get; }", Impl: get(currentCultureIgnoreCase)},
		{Sig: "bool Equals(string x, string y)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			a, b := c.String(1), c.String(2)
			return c.ReturnBool(a.IsNull() && b.IsNull() || !a.IsNull() && !b.IsNull() && of(c).equal(a.Go(), b.Go()))
		})},
		{Sig: "int GetHashCode(string obj)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(int64(int32(object.HashString((&comparer{kind: of(c)}).Fold(c.Go(1))))))
		})},
		{Sig: "int Compare(string x, string y)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(int64(compareNullable(of(c), c.String(1), c.String(2))))
		})},
	}, Decl: "abstract class StringComparer : System.Collections.Generic.IEqualityComparer<string>, System.Collections.Generic.IComparer<string>"}
}
