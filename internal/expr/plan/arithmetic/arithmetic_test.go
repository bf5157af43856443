package arithmetic

import (
	"math"
	"testing"

	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/value"
)

var (
	int32s  = Shape{Bits: 32}
	uint32s = Shape{Bits: 32, Unsigned: true}
	int64s  = Shape{Bits: 64}
	uint64s = Shape{Bits: 64, Unsigned: true}
	bytes   = Shape{Bits: 8, Unsigned: true}
)

func TestIntegerOp(t *testing.T) {
	tests := []struct {
		name    string
		op      syntax.Kind
		s       Shape
		checked bool
		a, b    int64
		want    int64
		throws  string
	}{
		{"int wraps", syntax.Plus, int32s, false, math.MaxInt32, 1, math.MinInt32, ""},
		{"uint wraps", syntax.Minus, uint32s, false, 0, 1, math.MaxUint32, ""},
		{"checked int", syntax.Star, int32s, true, 1 << 20, 1 << 20, 0, value.OverflowException},
		{"checked long sum", syntax.Plus, int64s, true, math.MaxInt64, 1, 0, value.OverflowException},
		{"checked long difference", syntax.Minus, int64s, true, math.MinInt64, 1, 0, value.OverflowException},
		{"checked long product", syntax.Star, int64s, true, math.MinInt64, -1, 0, value.OverflowException},
		{"checked long fits", syntax.Star, int64s, true, -3, 4, -12, ""},
		{"checked ulong", syntax.Plus, uint64s, true, -1, 1, 0, value.OverflowException},
		{"ulong division", syntax.Slash, uint64s, false, -1, 2, math.MaxInt64, ""},
		{"division by zero", syntax.Percent, int32s, false, 1, 0, 0, value.DivideByZeroException},
		{"least by minus one", syntax.Slash, int32s, false, math.MinInt32, -1, 0, value.OverflowException},
		{"division cuts", syntax.Slash, int32s, false, -7, 2, -3, ""},
		{"remainder", syntax.Percent, int32s, false, -7, 2, -1, ""},
		{"shift count is masked", syntax.ShiftLeft, int32s, false, 1, 33, 2, ""},
		{"shift keeps the sign", syntax.ShiftRight, int32s, false, -8, 1, -4, ""},
		{"unsigned shift", syntax.ShiftRight, uint32s, false, 1 << 31, 31, 1, ""},
		{"exclusive or", syntax.Caret, bytes, false, 0xF0, 0xFF, 0x0F, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e := IntegerOp(test.op, test.s, test.checked)(test.a, test.b)
			switch {
			case e != nil && e.Type != test.throws, e == nil && test.throws != "":
				t.Errorf("threw %v, want %q", e, test.throws)
			case e == nil && got != test.want:
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestTruncate(t *testing.T) {
	tests := []struct {
		name    string
		v       float64
		s       Shape
		checked bool
		want    int64
		throws  bool
	}{
		{"cut", -2.9, int32s, false, -2, false},
		{"saturates", 1e20, int32s, false, math.MaxInt32, false},
		{"saturates below", -1e20, int64s, false, math.MinInt64, false},
		{"not a number", math.NaN(), int32s, false, 0, false},
		{"negative to unsigned", -1, uint32s, false, 0, false},
		{"large ulong", 18e18, uint64s, false, -446744073709551616, false},
		{"byte goes through int", 300, bytes, false, 44, false},
		{"checked", 300, bytes, true, 0, true},
		{"checked not a number", math.NaN(), int32s, true, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e := Truncate(test.v, test.s, test.checked)
			if (e != nil) != test.throws || got != test.want {
				t.Errorf("Truncate(%v) = %d, %v; want %d", test.v, got, e, test.want)
			}
		})
	}
}

func TestComparisons(t *testing.T) {
	for op, want := range map[syntax.Kind]bool{syntax.Less: true, syntax.LessEq: true, syntax.Greater: false, syntax.GreaterEq: false, syntax.EqEq: false, syntax.NotEq: true} {
		if got := IntegerTest(op, int64s)(-1, 1); got != want {
			t.Errorf("-1 %v 1 is %t", op, got)
		}
		if got := FloatTest(op)(-1, 1); got != want {
			t.Errorf("-1.0 %v 1.0 is %t", op, got)
		}
	}
	if IntegerTest(syntax.Less, uint64s)(-1, 1) {
		t.Error("the largest ulong is below 1")
	}
	if IntegerTest(syntax.Plus, int64s) != nil || FloatTest(syntax.Plus) != nil {
		t.Error("+ is a comparison")
	}
}
