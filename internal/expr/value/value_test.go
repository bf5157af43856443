package value

import (
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// named is a Type for tests.
type named string

func (n named) Name() string { return string(n) }

func (n named) FullName() string { return "System." + string(n) }

func (n named) AssignableTo(t Type) bool { return Type(n) == t }

func TestUnits(t *testing.T) {
	tests := []struct {
		name, text string
		length     int
	}{
		{"ascii", "abc", 3},
		{"two bytes", "äb", 2},
		{"surrogate pair", "a😀b", 4},
		{"lone surrogate", "a\xed\xa0\xbdb", 3},
		{"bad byte", "a\xffb", 3},
		{"empty", "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			units := Units(test.text)
			if len(units) != test.length || Len(test.text) != test.length || Str(test.text).Len() != test.length {
				t.Errorf("%q has %d units, Len %d, want %d", test.text, len(units), Len(test.text), test.length)
			}
			if back := FromUnits(units); back != test.text && test.name != "bad byte" {
				t.Errorf("FromUnits(Units(%q)) = %q", test.text, back)
			}
		})
	}
}

func TestSlice(t *testing.T) {
	if got := Slice("a😀b", 1, 2); got != "😀" {
		t.Errorf("Slice = %q, want the pair", got)
	}
	half := Slice("a😀b", 1, 1)
	if Len(half) != 1 {
		t.Errorf("half a pair has %d units, want 1", Len(half))
	}
	if u, ok := Str("xä").Measured().At(1); !ok || u != 'ä' {
		t.Errorf("At(1) = %x, %t", u, ok)
	}
	if _, ok := Str("ä").At(1); ok {
		t.Error("At(1) of one unit is there")
	}
	if n := UnitOffset("a😀b", ByteOffset("a😀b", 3)); n != 3 {
		t.Errorf("offset 3 there and back is %d", n)
	}
}

func TestValue(t *testing.T) {
	integer := named("int")
	if s, ok := OfGo("x").Str(); !ok || s.Go() != "x" {
		t.Error("a string is not one")
	}
	if s, ok := OfGo("").Str(); !ok || s.IsNull() {
		t.Error("the empty string is null")
	}
	if !OfString(Null).IsNull() || !OfObject(nil).IsNull() {
		t.Error("null is not null")
	}
	v := Boxed(integer, uint64(7))
	if bt, bits, ok := v.Boxed(); !ok || bt != Type(integer) || bits != 7 || v.Int() != 7 {
		t.Error("a boxed number is not one")
	}
	if _, ok := v.Str(); ok {
		t.Error("a number is a string")
	}
	if _, ok := v.Object(); ok {
		t.Error("a number is an object")
	}
	s := string([]byte("abc"))
	if SameString(s, string([]byte("abc"))) || !SameString(s, s) || !SameString("", "") {
		t.Error("SameString does not tell objects from contents")
	}
}

func decimal(t *testing.T, text string) *Decimal {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	scale := 0
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == '.' {
			scale = len(text) - 1 - i
		}
	}
	n := new(big.Rat).Mul(r, new(big.Rat).SetInt(pow10(scale))).Num()
	d, e := NewDecimal(nil, n.Sign() < 0, new(big.Int).Abs(n), scale)
	if e != nil {
		t.Fatal(e.Message)
	}
	return d
}

func TestDecimal(t *testing.T) {
	type op func(a, b *Decimal) (*Decimal, *Exception)
	add := func(a, b *Decimal) (*Decimal, *Exception) { return a.Add(b, false) }
	sub := func(a, b *Decimal) (*Decimal, *Exception) { return a.Add(b, true) }
	tests := []struct {
		name, a, b string
		do         op
		want       string
		scale      int
	}{
		{"add keeps places", "1.10", "2", add, "3.10", 2},
		{"subtract", "1", "2.5", sub, "-1.5", 1},
		{"multiply adds places", "1.10", "2.0", (*Decimal).Mul, "2.200", 3},
		{"divide exactly", "1.0", "4", (*Decimal).Div, "0.25", 2},
		{"divide", "1", "3", (*Decimal).Div, "0.3333333333333333333333333333", 28},
		{"remainder has the sign of the first", "-7.5", "2", (*Decimal).Rem, "-1.5", 1},
		{"round to 28 places", "0.1000000000000000000000000001", "0.5", (*Decimal).Mul, "0.0500000000000000000000000000", 28},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e := test.do(decimal(t, test.a), decimal(t, test.b))
			if e != nil {
				t.Fatal(e.Message)
			}
			if want := decimal(t, test.want); got.Cmp(want) != 0 || got.Scale() != test.scale {
				t.Errorf("got coefficient %s with %d places, want %s", got.Coefficient(), got.Scale(), test.want)
			}
		})
	}
	largest := decimal(t, "79228162514264337593543950335")
	if _, e := largest.Add(decimal(t, "1"), false); e == nil || e.Type != OverflowException {
		t.Errorf("the largest decimal plus one is %v", e)
	}
	if _, e := largest.Div(decimal(t, "0")); e == nil || e.Type != DivideByZeroException {
		t.Errorf("division by zero is %v", e)
	}
}

func TestDecimalRound(t *testing.T) {
	tests := []struct {
		name, text string
		places     int
		how        Rounding
		want       string
	}{
		{"half to even", "2.5", 0, ToEven, "2"},
		{"half away", "2.5", 0, AwayFromZero, "3"},
		{"down", "-2.1", 0, ToNegativeInfinity, "-3"},
		{"up", "2.1", 0, ToPositiveInfinity, "3"},
		{"cut", "-2.9", 0, ToZero, "-2"},
		{"places", "1.245", 2, ToEven, "1.24"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e := decimal(t, test.text).Round(test.places, test.how)
			if e != nil || got.Cmp(decimal(t, test.want)) != 0 {
				t.Errorf("got %s, %v; want %s", got.Coefficient(), e, test.want)
			}
		})
	}
}

func TestDecimalOfFloat(t *testing.T) {
	tests := []struct {
		name   string
		f      float64
		single bool
		want   string
	}{
		{"fifteen digits", 0.30000000000000004, false, "0.3"},
		{"seven digits", float64(float32(0.1)), true, "0.1"},
		{"large", 1e20, false, "100000000000000000000"},
		{"negative", -1.5, false, "-1.5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e := DecimalOfFloat(nil, test.f, test.single)
			if e != nil || got.Cmp(decimal(t, test.want)) != 0 {
				t.Errorf("got %v, %v; want %s", got, e, test.want)
			}
		})
	}
	if _, e := DecimalOfFloat(nil, 1e29, false); e == nil {
		t.Error("1e29 is a decimal")
	}
}

func TestBudget(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	b := NewBudget(Limits{Steps: 5000, Memory: 100, StringLength: 50, Elements: 3, Depth: 1, Time: time.Second}, func() time.Time { return now })
	var got []string
	note := func(e *Exception) {
		if e == nil {
			got = append(got, "")
			return
		}
		got = append(got, e.Budget)
	}
	note(b.AllocString(51))
	note(b.AllocElements(4, 1))
	note(b.Alloc(80))
	note(b.Alloc(80))
	note(b.Enter())
	note(b.Enter())
	b.Leave()
	note(b.Enter())
	note(b.Steps(timeCheckEvery))
	now = now.Add(2 * time.Second)
	note(b.Steps(timeCheckEvery))
	note(b.Steps(5000))
	want := []string{BudgetStringLength, BudgetElements, "", BudgetMemory, "", BudgetDepth, "", "", BudgetTime, BudgetSteps}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
