// Package mergesettings is Newtonsoft's JsonMergeSettings: how JContainer.Merge merges.
package mergesettings

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// How arrays are merged, as Newtonsoft's MergeArrayHandling.
const (
	Concat = iota
	Union
	Replace
	Merge
)

// ordinal is StringComparison.Ordinal.
const ordinal = 4

// Settings is a JsonMergeSettings.
type Settings struct {
	class value.Type
	// Arrays says how arrays are merged.
	Arrays int
	// Nulls says that null replaces what is there.
	Nulls bool
	// Names is the StringComparison of properties.
	Names int64
}

// ObjectType returns the type JsonMergeSettings.
func (s *Settings) ObjectType() value.Type { return s.class }

// Of returns a value as settings, nil where it is none.
func Of(v value.Value) *Settings {
	s, _ := value.As[*Settings](v)
	return s
}

func construct(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&Settings{class: c.Declaring, Names: ordinal}), nil
}

// getter makes the reading half of a property.
func getter(f func(s *Settings) int64) types.Impl {
	return types.ObjInt(func(_ *value.Thread, o value.Value) (int64, *value.Exception) { return f(Of(o)), nil })
}

// setter makes the writing half of a property.
func setter(f func(s *Settings, n int64)) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		f(Of(c.Args[0]), c.Args[1].Int())
		return value.Nil, nil
	}
}

func nulls(s *Settings) int64 {
	if s.Nulls {
		return 1
	}
	return 0
}

// Tables returns the tables of JsonMergeSettings and its enums.
func Tables() []types.Table {
	const linq = "Newtonsoft.Json.Linq"
	return []types.Table{
		{Namespace: linq, Decl: "enum MergeArrayHandling", Storage: types.Int, Members: []types.Entry{
			{Sig: "Concat = 0"}, {Sig: "Union = 1"}, {Sig: "Replace = 2"}, {Sig: "Merge = 3"},
		}},
		{Namespace: linq, Decl: "enum MergeNullValueHandling", Storage: types.Int, Members: []types.Entry{
			{Sig: "Ignore = 0"}, {Sig: "Merge = 1"},
		}},
		{Namespace: linq, Decl: "class JsonMergeSettings", Members: []types.Entry{
			{Sig: "JsonMergeSettings()", Impl: types.Func(construct)},
			{Sig: "MergeArrayHandling MergeArrayHandling { get; set; }", //nolint:dupword // The type and the property have one name.
				Impl: getter(func(s *Settings) int64 { return int64(s.Arrays) }), Set: setter(func(s *Settings, n int64) { s.Arrays = int(n) })},
			{Sig: "MergeNullValueHandling MergeNullValueHandling { get; set; }", //nolint:dupword // The type and the property have one name.
				Impl: getter(nulls), Set: setter(func(s *Settings, n int64) { s.Nulls = n == 1 })},
			{Sig: "StringComparison PropertyNameComparison { get; set; }",
				Impl: getter(func(s *Settings) int64 { return s.Names }), Set: setter(func(s *Settings, n int64) { s.Names = n })},
		}},
	}
}
