package types

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func entries(sigs ...string) []Entry {
	list := make([]Entry, len(sigs))
	for i, s := range sigs {
		list[i].Sig = s
	}
	return list
}

func tables() []Table {
	const ns = "System.Collections.Generic"
	list := []Table{
		{Namespace: "System", Decl: "class Object", Special: Object, Members: entries("string ToString()")},
		{Namespace: "System", Decl: "abstract class ValueType", Special: ValueType},
		{Namespace: "System", Decl: "abstract class Enum : ValueType", Special: EnumBase},
		{Namespace: "System", Decl: "abstract class Array", Special: ArrayBase},
		{Namespace: "System", Decl: "struct Nullable<T>", Special: Nullable, Members: entries("T Value { get; }")},
		{Namespace: "System", Decl: "sealed class String : IEnumerable<char>", Special: String, Members: entries(
			"string Substring(int startIndex, int length = -1)", "static readonly string Empty")},
		{Namespace: "System", Decl: "enum DayOfWeek", Members: entries("Sunday", "Monday", "Friday = 5", "Saturday")},
		{Namespace: "System", Decl: "enum Options : byte", Flags: true, Members: entries("A = 1", "B = 1 << 1", "Both = A | B")},
		{Namespace: "System", Decl: "static class Math", Members: entries("const double PI = 3.25", "const long Big = 0x1_0000", "static int Pick(DayOfWeek d = DayOfWeek.Friday)")},
		{Namespace: "System", Decl: "delegate TResult Func<in T, out TResult>(T arg)"},
		{Namespace: ns, Decl: "interface IEnumerable<out T>", Special: EnumerableT},
		{Namespace: ns, Decl: "interface IList<T> : IEnumerable<T>"},
		{Namespace: ns, Decl: "class List<T> : IList<T>", Members: entries("List()", "void Add(T item)", "T this[int index] { get; }", "List<U> ConvertAll<U>(Func<T, U> f)")},
		{Namespace: ns, Decl: "class Dictionary<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>"},
		{Namespace: ns, Decl: "struct KeyValuePair<TKey, TValue>"},
		{Namespace: "System", Decl: "class TimeZoneInfo"},
		{Namespace: "System", Decl: "class TimeZoneInfo.AdjustmentRule"},
		{Namespace: "Json", Decl: "class Token", Members: entries(
			"static implicit operator Token(string s)", "static implicit operator Token(int n)", "static explicit operator int?(Token t)", "static explicit operator string(Token t)")},
		{Namespace: "Json", Decl: "class Sub : Token"},
		{Namespace: "System.Linq", Decl: "static class Enumerable", Members: entries("static T First<T>(this IEnumerable<T> source)")},
	}
	for name, s := range map[string]Special{
		"Boolean": Boolean, "Char": Char, "Byte": Byte, "Int16": Int16, "Int32": Int32, "UInt32": UInt32, "Int64": Int64,
		"UInt64": UInt64, "Single": Single, "Double": Double, "Decimal": Decimal,
	} {
		list = append(list, Table{Namespace: "System", Decl: "struct " + name, Special: s})
	}
	return list
}

func library(t *testing.T) *Library {
	t.Helper()
	lib, err := New(tables())
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func TestNames(t *testing.T) {
	l := library(t)
	str, num := l.Special(String), l.Special(Int32)
	list := l.Lookup("List", 1)
	tests := []struct {
		name, want, full string
		typ              *Type
	}{
		{"keyword", "int", "System.Int32", num},
		{"generic", "List<string>", "System.Collections.Generic.List`1[System.String]", l.Construct(list, str)},
		{"two arguments", "Dictionary<string,int>", "System.Collections.Generic.Dictionary`2[System.String,System.Int32]", l.Construct(l.Lookup("Dictionary", 2), str, num)},
		{"nullable", "int?", "System.Nullable`1[System.Int32]", l.NullableOf(num)},
		{"array", "int[]", "System.Int32[]", l.ArrayOf(num, 1)},
		{"array of arrays", "int[][,]", "System.Int32[][,]", l.ArrayOf(l.ArrayOf(num, 2), 1)},
		{"tuple", "(int a, string)", "System.ValueTuple`2[System.Int32,System.String]", l.TupleOf([]*Type{num, str}, []string{"a", ""})},
		{"nested", "TimeZoneInfo.AdjustmentRule", "System.TimeZoneInfo+AdjustmentRule", l.Lookup("TimeZoneInfo.AdjustmentRule", 0).Self()},
		{"open", "List<T>", "System.Collections.Generic.List`1[T]", list.Self()},
		{"void", "void", "System.Void", l.Basic(Void)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.typ.Name(); got != test.want {
				t.Errorf("Name is %q, want %q", got, test.want)
			}
			if got := test.typ.FullName(); got != test.full {
				t.Errorf("FullName is %q, want %q", got, test.full)
			}
		})
	}
}

func TestTypesAreCanonical(t *testing.T) {
	l := library(t)
	num, str := l.Special(Int32), l.Special(String)
	if once, again := l.ArrayOf(num, 1), l.ArrayOf(num, 1); once != again {
		t.Error("two arrays of int are different types")
	}
	named := l.TupleOf([]*Type{num, str}, []string{"a", "b"})
	if plain := l.TupleOf([]*Type{num, str}, nil); named == plain || named.Plain != plain {
		t.Error("a tuple with names is not another type with the same plain one")
	}
	list := l.Lookup("List", 1)
	if l.Construct(list, list.Params[0]) != list.Self() {
		t.Error("the open type is not the one of its own parameters")
	}
}

func TestMembersAreSubstituted(t *testing.T) {
	l := library(t)
	list := l.Construct(l.Lookup("List", 1), l.Special(String))
	if got := list.Members("this")[0].Result.Name(); got != "string" {
		t.Errorf("the indexer of List<string> is of type %s", got)
	}
	m := list.Members("ConvertAll")[0]
	if got := m.Params[0].Type.Name(); got != "Func<string,U>" {
		t.Errorf("the parameter of ConvertAll is %s", got)
	}
	if m.Origin == m || m.Origin.Declaring != l.Lookup("List", 1).Self() {
		t.Error("the origin of a substituted member is not the declared one")
	}
	f := l.Construct(l.Lookup("Func", 2), l.Special(Int32), l.Special(String)).Invoke()
	if f.Params[0].Type.Name() != "int" || f.Result.Name() != "string" {
		t.Errorf("Func<int,string> takes %s and returns %s", f.Params[0].Type.Name(), f.Result.Name())
	}
	if got := len(l.Extensions("First")); got != 1 {
		t.Errorf("there are %d extension methods First", got)
	}
}

func TestConstants(t *testing.T) {
	l := library(t)
	got := map[string]int64{}
	for _, name := range []string{"DayOfWeek", "Options"} {
		for _, m := range l.Lookup(name, 0).Members {
			got[m.Name] = m.Const.Int()
		}
	}
	math := l.Lookup("Math", 0).Self()
	got["Big"] = math.Members("Big")[0].Const.Int()
	got["default"] = math.Members("Pick")[0].Params[0].Default.Int()
	got["length"] = l.Special(String).Members("Substring")[0].Params[1].Default.Int()
	want := map[string]int64{
		"Sunday": 0, "Monday": 1, "Friday": 5, "Saturday": 6, "A": 1, "B": 2, "Both": 3, "Big": 65536, "default": 5, "length": -1,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if pi := math.Members("PI")[0].Const.Float(); pi != 3.25 {
		t.Errorf("PI is %v", pi)
	}
}

func TestConversions(t *testing.T) {
	l := library(t)
	types := map[string]*Type{
		"int?": l.NullableOf(l.Special(Int32)), "long?": l.NullableOf(l.Special(Int64)), "null": l.Basic(Null),
		"string[]": l.ArrayOf(l.Special(String), 1), "object[]": l.ArrayOf(l.Special(Object), 1), "int[]": l.ArrayOf(l.Special(Int32), 1),
		"(int,string)": l.TupleOf([]*Type{l.Special(Int32), l.Special(String)}, nil), "(long,object)": l.TupleOf([]*Type{l.Special(Int64), l.Special(Object)}, nil),
	}
	for name, def := range map[string]string{"List": "List", "IList": "IList", "IEnumerable": "IEnumerable"} {
		for _, arg := range []Special{Object, String, Int32} {
			a := l.Special(arg)
			types[name+"<"+a.Name()+">"] = l.Construct(l.Lookup(def, 1), a)
		}
	}
	for _, s := range []Special{Object, String, Boolean, Char, Byte, Int16, Int32, UInt32, Int64, UInt64, Single, Double, Decimal} {
		types[l.Special(s).Name()] = l.Special(s)
	}
	for _, name := range []string{"Token", "Sub", "DayOfWeek"} {
		types[name] = l.Lookup(name, 0).Self()
	}
	tests := []struct {
		from, to string
		implicit ConversionKind
		explicit ConversionKind
	}{
		{"int", "int", ToSame, ToSame},
		{"int", "long", ToNumber, ToNumber},
		{"long", "int", NoConversion, ToNumber},
		{"char", "int", ToNumber, ToNumber},
		{"int", "char", NoConversion, ToNumber},
		{"ulong", "double", ToNumber, ToNumber},
		{"double", "decimal", NoConversion, ToNumber},
		{"float", "double", ToNumber, ToNumber},
		{"bool", "int", NoConversion, NoConversion},
		{"int", "DayOfWeek", NoConversion, ToNumber},
		{"int", "int?", ToNullable, ToNullable},
		{"int", "long?", ToNullable, ToNullable},
		{"int?", "long?", ToNullable, ToNullable},
		{"long?", "int?", NoConversion, ToNullable},
		{"int?", "int", NoConversion, ToNullable},
		{"null", "int?", ToNull, ToNull},
		{"null", "string", ToNull, ToNull},
		{"null", "int", NoConversion, NoConversion},
		{"int", "object", ToObject, ToObject},
		{"int?", "object", ToObject, ToObject},
		{"object", "int", NoConversion, FromObject},
		{"object", "int?", NoConversion, FromObject},
		{"string", "object", ToBase, ToBase},
		{"object", "string", NoConversion, ToDerived},
		{"string", "int", NoConversion, NoConversion},
		{"Sub", "Token", ToBase, ToBase},
		{"Token", "Sub", NoConversion, ToDerived},
		{"string", "Token", ToUser, ToUser},
		{"int", "Token", ToUser, ToUser},
		{"short", "Token", ToUser, ToUser},
		{"Token", "string", NoConversion, ToUser},
		{"Token", "int", NoConversion, ToUser},
		{"Token", "int?", NoConversion, ToUser},
		{"Sub", "int?", NoConversion, ToUser},
		{"object", "Token", NoConversion, ToDerived},
		{"List<string>", "IEnumerable<object>", ToBase, ToBase},
		{"List<int>", "IEnumerable<object>", NoConversion, ToDerived},
		{"List<string>", "IList<object>", NoConversion, ToDerived},
		{"IEnumerable<object>", "List<string>", NoConversion, ToDerived},
		{"string[]", "object[]", ToBase, ToBase},
		{"string[]", "IEnumerable<object>", ToBase, ToBase},
		{"int[]", "object[]", NoConversion, NoConversion},
		{"int[]", "IEnumerable<int>", ToBase, ToBase},
		{"object[]", "string[]", NoConversion, ToDerived},
		{"(int,string)", "(long,object)", ToTuple, ToTuple},
	}
	for _, test := range tests {
		t.Run(test.from+" to "+test.to, func(t *testing.T) {
			from, to := types[test.from], types[test.to]
			if got := l.Implicit(from, to).Kind; got != test.implicit {
				t.Errorf("the implicit conversion is %d, want %d", got, test.implicit)
			}
			if got := l.Explicit(from, to).Kind; got != test.explicit {
				t.Errorf("the explicit conversion is %d, want %d", got, test.explicit)
			}
		})
	}
}

func TestInference(t *testing.T) {
	l := library(t)
	p := l.NewParam("T", 0)
	params := []*Type{p}
	iface, list := l.Lookup("IEnumerable", 1), l.Lookup("List", 1)
	tests := []struct {
		name  string
		lower [][2]*Type
		want  string
	}{
		{"itself", [][2]*Type{{l.Special(Int32), p}}, "int"},
		{"through an interface", [][2]*Type{{l.Construct(list, l.Special(String)), l.Construct(iface, p)}}, "string"},
		{"array", [][2]*Type{{l.ArrayOf(l.Special(Int32), 1), l.Construct(iface, p)}}, "int"},
		{"widest", [][2]*Type{{l.Special(Int32), p}, {l.Special(Int64), p}}, "long"},
		{"base", [][2]*Type{{l.Lookup("Sub", 0).Self(), p}, {l.Lookup("Token", 0).Self(), p}}, "Token"},
		{"nothing in common", [][2]*Type{{l.Special(Int32), p}, {l.Special(String), p}}, ""},
		{"null says nothing", [][2]*Type{{l.Basic(Null), p}, {l.Special(String), p}}, "string"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := l.NewInference(params)
			for _, b := range test.lower {
				f.Lower(b[0], b[1])
			}
			got := ""
			if f.Fix(0) {
				got = f.Fixed()[0].Name()
			}
			if got != test.want {
				t.Errorf("T is %q, want %q", got, test.want)
			}
		})
	}
}

func TestBadTables(t *testing.T) {
	tests := []struct {
		name, want string
		table      Table
	}{
		{"declaration", "", Table{Decl: "klass X"}},
		{"twice", "declared twice", Table{Namespace: "System", Decl: "class Object"}},
		{"unknown type", "no table declares the type Nope", Table{Decl: "class X", Members: entries("Nope F()")}},
		{"unknown base", "no table declares the type Nope", Table{Decl: "class X : Nope"}},
		{"two bases", "cannot be a base", Table{Decl: "class X : TimeZoneInfo, Token"}},
		{"own base", "its own base", Table{Decl: "class X : X"}},
		{"constant", "has been declared before", Table{Decl: "enum X", Members: entries("A = B")}},
		{"signature", "member", Table{Decl: "class X", Members: entries("int F(")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(tables(), []Table{test.table})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one with %q", err, test.want)
			}
		})
	}
}
