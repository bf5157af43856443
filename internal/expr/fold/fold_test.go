package fold

import (
	"math"
	"testing"

	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func library(t *testing.T) *types.Library {
	t.Helper()
	var list []types.Table
	for name, s := range map[string]types.Special{
		"Object": types.Object, "String": types.String, "Boolean": types.Boolean, "Char": types.Char, "SByte": types.SByte,
		"Byte": types.Byte, "Int16": types.Int16, "UInt16": types.UInt16, "Int32": types.Int32, "UInt32": types.UInt32,
		"Int64": types.Int64, "UInt64": types.UInt64, "Single": types.Single, "Double": types.Double, "Decimal": types.Decimal,
	} {
		decl := "struct " + name
		if s == types.Object || s == types.String {
			decl = "class " + name
		}
		list = append(list, types.Table{Namespace: "System", Decl: decl, Special: s})
	}
	lib, err := types.New(list)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func TestLiteral(t *testing.T) {
	lib := library(t)
	tests := []struct {
		text, typ, code string
		kind            syntax.Kind
		bits            uint64
	}{
		{"1", "int", "", syntax.IntLit, 1},
		{"0x7FFF_FFFF", "int", "", syntax.IntLit, math.MaxInt32},
		{"0b101", "int", "", syntax.IntLit, 5},
		{"2147483648", "uint", "", syntax.IntLit, 1 << 31},
		{"4294967296", "long", "", syntax.IntLit, 1 << 32},
		{"9223372036854775808", "ulong", "", syntax.IntLit, 1 << 63},
		{"1L", "long", "", syntax.IntLit, 1},
		{"1u", "uint", "", syntax.IntLit, 1},
		{"1UL", "ulong", "", syntax.IntLit, 1},
		{"99999999999999999999", "ulong", "CS1021", syntax.IntLit, 0},
		{"1.5", "double", "", syntax.RealLit, math.Float64bits(1.5)},
		{"0.1f", "float", "", syntax.RealLit, math.Float64bits(float64(float32(0.1)))},
		{"1e400", "double", "CS0594", syntax.RealLit, 0},
		{"1.50m", "decimal", "", syntax.RealLit, 0},
		{"1e30m", "decimal", "CS0594", syntax.RealLit, 0},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			v, typ, code := Literal(lib, &syntax.LiteralExpr{Kind: test.kind, Text: test.text})
			if typ.Name() != test.typ || code != test.code || v.Bits() != test.bits {
				t.Errorf("got %s %q %d", typ.Name(), code, v.Bits())
			}
		})
	}
}

func TestBinary(t *testing.T) {
	lib := library(t)
	const least32, least64 = math.MinInt32, math.MinInt64
	tests := []struct {
		name    string
		op      syntax.Kind
		typ     types.Special
		x, y    int64
		checked bool
		want    int64
		outcome Outcome
	}{
		{"add", syntax.Plus, types.Int32, 1, 2, true, 3, OK},
		{"add over", syntax.Plus, types.Int32, math.MaxInt32, 1, true, 0, Overflow},
		{"add wraps", syntax.Plus, types.Int32, math.MaxInt32, 1, false, least32, OK},
		{"add over long", syntax.Plus, types.Int64, math.MaxInt64, 1, true, 0, Overflow},
		{"add over ulong", syntax.Plus, types.UInt64, -1, 1, true, 0, Overflow},
		{"subtract under zero", syntax.Minus, types.UInt32, 1, 2, true, 0, Overflow},
		{"subtract long", syntax.Minus, types.Int64, least64, 1, true, 0, Overflow},
		{"multiply", syntax.Star, types.UInt32, 1 << 31, 2, true, 0, Overflow},
		{"multiply uint squares", syntax.Star, types.UInt32, math.MaxUint32, math.MaxUint32, true, 0, Overflow},
		{"multiply long", syntax.Star, types.Int64, least64, -1, true, 0, Overflow},
		{"divide", syntax.Slash, types.Int32, -7, 2, true, -3, OK},
		{"divide by zero", syntax.Slash, types.Int32, 1, 0, true, 0, DivideByZero},
		{"divide the smallest", syntax.Slash, types.Int32, least32, -1, true, 0, Overflow},
		{"divide ulong", syntax.Slash, types.UInt64, -1, 2, true, math.MaxInt64, OK},
		{"remainder", syntax.Percent, types.Int32, -7, 2, true, -1, OK},
		{"shift", syntax.ShiftLeft, types.Int32, 1, 33, true, 2, OK},
		{"shift right signed", syntax.ShiftRight, types.Int32, -8, 1, true, -4, OK},
		{"shift right unsigned", syntax.ShiftRight, types.UInt64, -1, 63, true, 1, OK},
		{"less unsigned", syntax.Less, types.UInt64, 1, -1, true, 1, OK},
		{"less signed", syntax.Less, types.Int64, 1, -1, true, 0, OK},
		{"xor", syntax.Caret, types.Int32, 6, 3, true, 5, OK},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			typ := lib.Special(test.typ)
			v, outcome := Binary(test.op, typ, lib.Special(types.Boolean), value.Boxed(typ, uint64(test.x)), value.Boxed(typ, uint64(test.y)), test.checked)
			if outcome != test.outcome || outcome == OK && v.Int() != test.want {
				t.Errorf("got %d, outcome %d", v.Int(), outcome)
			}
		})
	}
}

func TestConvert(t *testing.T) {
	lib := library(t)
	float := math.Float64bits
	tests := []struct {
		name     string
		from, to types.Special
		bits     uint64
		checked  bool
		want     uint64
		outcome  Outcome
	}{
		{"int to byte", types.Int32, types.Byte, 255, true, 255, OK},
		{"int too large", types.Int32, types.Byte, 300, true, 0, Overflow},
		{"int cut", types.Int32, types.Byte, 300, false, 44, OK},
		{"negative to ulong", types.Int32, types.UInt64, math.MaxUint64, true, 0, Overflow},
		{"ulong to long", types.UInt64, types.Int64, 1 << 63, true, 0, Overflow},
		{"ulong to double", types.UInt64, types.Double, 1 << 63, true, float(1 << 63), OK},
		{"double to int", types.Double, types.Int32, float(-1.9), true, math.MaxUint64, OK},
		{"double too large", types.Double, types.Int32, float(3e9), true, 0, Overflow},
		{"double not cut", types.Double, types.Int32, float(3e9), false, 0, NotConstant},
		{"double to ulong", types.Double, types.UInt64, float(1 << 63), true, 1 << 63, OK},
		{"NaN", types.Double, types.Int32, float(math.NaN()), true, 0, Overflow},
		{"double to float", types.Double, types.Single, float(0.1), true, float(float64(float32(0.1))), OK},
		{"char to int", types.Char, types.Int32, 'a', true, 'a', OK},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			from, to := lib.Special(test.from), lib.Special(test.to)
			v, outcome := Convert(value.Boxed(from, test.bits), from, to, test.checked)
			if outcome != test.outcome || outcome == OK && v.Bits() != test.want {
				t.Errorf("got %d, outcome %d", v.Bits(), outcome)
			}
		})
	}
}
