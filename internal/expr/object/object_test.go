package object

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/value"
)

func TestCompareCulture(t *testing.T) {
	tests := []struct {
		name, a, b string
		ignore     bool
		want       int
	}{
		{"letters without case first", "a", "B", false, -1},
		{"lower before upper", "a", "A", false, -1},
		{"ignored case", "a", "A", true, 0},
		{"digits before letters", "1", "a", false, -1},
		{"punctuation before digits", "_", "1", false, -1},
		{"prefix", "ab", "abc", false, -1},
		{"equal", "abc", "abc", false, 0},
		{"case only where all else is equal", "A", "ab", false, -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := CompareCulture(test.a, test.b, test.ignore); got != test.want {
				t.Errorf("CompareCulture(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
			}
			if got := CompareCulture(test.b, test.a, test.ignore); got != -test.want {
				t.Errorf("CompareCulture(%q, %q) = %d, want %d", test.b, test.a, got, -test.want)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	id := func(b byte) value.Value { return value.OfObject(&Guid{ID: [16]byte{b}}) }
	tests := []struct {
		name string
		a, b value.Value
		want bool
	}{
		{"null", value.Nil, value.Nil, true},
		{"null and a string", value.Nil, value.OfGo(""), false},
		{"strings", value.OfGo("a"), value.OfGo("a"), true},
		{"string and guid", value.OfGo("a"), id(1), false},
		{"guids", id(1), id(1), true},
		{"other guids", id(1), id(2), false},
		{"points in time", value.OfObject(&Offset{Ticks: 100}), value.OfObject(&Offset{Ticks: 150, By: 50}), true},
		{"pairs", value.OfObject(&Pair{Key: value.OfGo("k")}), value.OfObject(&Pair{Key: value.OfGo("k")}), true},
		{"tuples", value.OfObject(&value.Record{Items: []value.Value{id(1)}}), value.OfObject(&value.Record{Items: []value.Value{id(1)}}), true},
		{"arrays are references", value.OfObject(&value.Array{}), value.OfObject(&value.Array{}), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Equal(test.a, test.b); got != test.want {
				t.Errorf("Equal = %t, want %t", got, test.want)
			}
			if test.want && Hash(test.a) != Hash(test.b) {
				t.Error("equal values have different hashes")
			}
		})
	}
}

func TestCompareOrdinal(t *testing.T) {
	// U+FF5E comes before the surrogates of U+1F600 by its bytes, and behind them by its code units.
	if CompareOrdinal("\uFF5E", "\U0001F600") != 1 {
		t.Error("strings are not ordered by their UTF-16 code units")
	}
}

func TestGuid(t *testing.T) {
	g := &Guid{ID: [16]byte{0x0f, 0x8f, 0xad, 0x5b, 0xd9, 0xcb, 0x46, 0x9f, 0xa1, 0x65, 0x70, 0x86, 0x77, 0x28, 0x95, 0x0e}}
	for format, want := range map[string]string{
		"": "0f8fad5b-d9cb-469f-a165-70867728950e", "N": "0f8fad5bd9cb469fa16570867728950e", "B": "{0f8fad5b-d9cb-469f-a165-70867728950e}",
		"P": "(0f8fad5b-d9cb-469f-a165-70867728950e)", "X": "{0x0f8fad5b,0xd9cb,0x469f,{0xa1,0x65,0x70,0x86,0x77,0x28,0x95,0x0e}}",
	} {
		if got, e := g.NetFormat(format); e != nil || got.Go() != want {
			t.Errorf("format %q is %q, want %q", format, got.Go(), want)
		}
	}
	if _, e := g.NetFormat("Q"); e == nil {
		t.Error("the format Q exists")
	}
}

func TestAlign(t *testing.T) {
	if got := Align("ä", 3) + Align("ä", -3) + Align("abc", 2); got != "  ää  abc" {
		t.Errorf("got %q", got)
	}
}
