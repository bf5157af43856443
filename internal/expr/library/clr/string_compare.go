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
		{Sig: "static int CompareOrdinal(string strA, int indexA, string strB, int indexB, int length)", Impl: types.Func(compareParts)},
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
	k := comparison(c.Int(2))
	if k < 0 || k > ordinalIgnoreCase {
		return value.Nil, value.Argument("comparisonType", "The string comparison type passed in is currently not supported.")
	}
	return c.ReturnBool(k.equal(a.Go(), b.Go()))
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
		if k == ordinal && !c.Args[0].IsNull() && !c.Args[1].IsNull() {
			return c.ReturnInt(ordinalDifference(c.Go(0), c.Go(1)))
		}
		return c.ReturnInt(int64(compareNullable(k, c.String(0), c.String(1))))
	}
}

// ordinalDifference is what CompareOrdinal returns: the difference of the first characters that differ, or of
// the lengths.
func ordinalDifference(a, b string) int64 {
	x, y := value.Units(a), value.Units(b)
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return int64(x[i]) - int64(y[i])
		}
	}
	return int64(len(x) - len(y))
}

// compareStringsBy takes ignoreCase or a StringComparison: true has the number of CurrentCultureIgnoreCase.
func compareStringsBy(c *value.Call) (value.Value, *value.Exception) {
	k := comparison(c.Int(2))
	if k == ordinal && !c.Args[0].IsNull() && !c.Args[1].IsNull() {
		return c.ReturnInt(ordinalDifference(c.Go(0), c.Go(1)))
	}
	return c.ReturnInt(int64(compareNullable(k, c.String(0), c.String(1))))
}

func compareParts(c *value.Call) (value.Value, *value.Exception) {
	part := func(i int) (string, bool) {
		u := value.Units(c.Go(i))
		from, n := c.Int(i+1), c.Int(4)
		if from < 0 || from > int64(len(u)) || n < 0 {
			return "", false
		}
		return value.FromUnits(u[from:min(from+n, int64(len(u)))]), true
	}
	a, ok := part(0)
	b, ok2 := part(2)
	if !ok || !ok2 {
		return value.Nil, value.OutOfRange("length", "")
	}
	kind := invariantCulture
	if len(c.Args) > 5 {
		kind = comparison(c.Int(5))
	}
	return c.ReturnInt(int64(kind.compare(a, b)))
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
