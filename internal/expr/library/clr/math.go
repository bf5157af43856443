package clr

import (
	"math"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// signed and numeric are the types that overloads of Math exist for.
var (
	signedKeywords  = []string{"sbyte", "short", "int", "long", "float", "double", "decimal"}
	numericKeywords = []string{"sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "decimal"}
)

// floatFunctions are the functions of one double.
var floatFunctions = []struct {
	name string
	impl types.FloatFloat
}{
	{"Sqrt", math.Sqrt},
	{"Cbrt", math.Cbrt},
	{"Exp", math.Exp},
	{"Log", math.Log},
	{"Log10", math.Log10},
	{"Log2", math.Log2},
	{"Sin", math.Sin},
	{"Cos", math.Cos},
	{"Tan", math.Tan},
	{"Asinh", math.Asinh},
	{"Acosh", math.Acosh},
	{"Atanh", math.Atanh},
	{"Asin", math.Asin},
	{"Acos", math.Acos},
	{"Atan", math.Atan},
	{"Sinh", math.Sinh},
	{"Cosh", math.Cosh},
	{"Tanh", math.Tanh},
}

func mathTable() types.Table {
	list := []types.Entry{
		{Sig: "const double PI = 3.1415926535897931"}, {Sig: "const double E = 2.7182818284590451"},
		{Sig: "static double Atan2(double y, double x)", Impl: types.Float2(math.Atan2)},
		{Sig: "static double Pow(double x, double y)", Impl: types.Float2(math.Pow)},
		{Sig: "static double IEEERemainder(double x, double y)", Impl: types.Float2(math.Remainder)},
		{Sig: "static double Log(double a, double newBase)", Impl: types.Float2(logOf)},
		{Sig: "static long BigMul(int a, int b)", Impl: types.IntIntInt(func(a, b int64) (int64, *value.Exception) { return a * b, nil })},
		{Sig: "static int DivRem(int a, int b, out int result)", Impl: types.Func(divRem)},
		{Sig: "static long DivRem(long a, long b, out long result)", Impl: types.Func(divRem)},
		{Sig: "static double CopySign(double x, double y)", Impl: types.Float2(math.Copysign)},
		{Sig: "static double Floor(double d)", Impl: types.FloatFloat(math.Floor)},
		{Sig: "static double Ceiling(double a)", Impl: types.FloatFloat(math.Ceil)},
		{Sig: "static double Truncate(double d)", Impl: types.FloatFloat(math.Trunc)},
		{Sig: "static double Round(double a)", Impl: types.FloatFloat(math.RoundToEven)},
		{Sig: "static double Round(double value, int digits)", Impl: types.Func(roundFloat)},
		{Sig: "static double Round(double value, MidpointRounding mode)", Impl: types.Func(roundFloat)},
		{Sig: "static double Round(double value, int digits, MidpointRounding mode)", Impl: types.Func(roundFloat)},
		{Sig: "static decimal Floor(decimal d)", Impl: roundDecimal(value.ToNegativeInfinity)},
		{Sig: "static decimal Ceiling(decimal d)", Impl: roundDecimal(value.ToPositiveInfinity)},
		{Sig: "static decimal Truncate(decimal d)", Impl: roundDecimal(value.ToZero)},
		{Sig: "static decimal Round(decimal d)", Impl: roundDecimal(value.ToEven)},
		{Sig: "static decimal Round(decimal d, int decimals)", Impl: roundDecimal(value.ToEven)},
		{Sig: "static decimal Round(decimal d, MidpointRounding mode)", Impl: roundDecimal(value.ToEven)},
		{Sig: "static decimal Round(decimal d, int decimals, MidpointRounding mode)", Impl: roundDecimal(value.ToEven)},
	}
	for _, f := range floatFunctions {
		list = append(list, types.Entry{Sig: "static double " + f.name + "(double d)", Impl: f.impl})
	}
	for _, k := range signedKeywords {
		list = append(list, types.Entry{Sig: "static " + k + " Abs(" + k + " value)", Impl: types.Func(abs)},
			types.Entry{Sig: "static int Sign(" + k + " value)", Impl: types.Func(sign)})
	}
	for _, k := range numericKeywords {
		list = append(list, types.Entry{Sig: "static " + k + " Max(" + k + " val1, " + k + " val2)", Impl: extreme(1)},
			types.Entry{Sig: "static " + k + " Min(" + k + " val1, " + k + " val2)", Impl: extreme(-1)},
			types.Entry{Sig: "static " + k + " Clamp(" + k + " value, " + k + " min, " + k + " max)", Impl: types.Func(clamp)})
	}
	return types.Table{Namespace: system, Decl: "static class Math", Members: list}
}

// logOf is the logarithm of a number to a base.
func logOf(a, base float64) float64 {
	if base == 1 || a != 1 && (base == 0 || math.IsInf(base, 1)) {
		return math.NaN()
	}
	return math.Log(a) / math.Log(base)
}

func divRem(c *value.Call) (value.Value, *value.Exception) {
	a, b := c.Int(0), c.Int(1)
	if b == 0 {
		return value.Nil, value.DivideByZero()
	}
	c.Args[2] = value.Boxed(c.Result, uint64(a%b))
	return c.ReturnInt(a / b)
}

// maxRoundDigits is the largest number of places that Math.Round takes for a double.
const maxRoundDigits = 15

func roundFloat(c *value.Call) (value.Value, *value.Exception) {
	places, mode := int64(0), value.ToEven
	for i := 1; i < len(c.Args); i++ {
		t, bits, _ := c.Args[i].Boxed()
		if tt, ok := t.(*types.Type); ok && tt.Kind == types.Enum {
			mode = value.Rounding(bits)
		} else {
			places = int64(bits)
		}
	}
	if places < 0 || places > maxRoundDigits {
		return value.Nil, value.OutOfRange("digits", "Rounding digits must be between 0 and 15, inclusive.")
	}
	f := c.Float(0)
	if math.Abs(f) >= 1e16 {
		return c.ReturnFloat(f)
	}
	p := math.Pow10(int(places))
	f *= p
	switch mode {
	case value.ToEven:
		f = math.RoundToEven(f)
	case value.AwayFromZero:
		f = math.Round(f)
	case value.ToZero:
		f = math.Trunc(f)
	case value.ToNegativeInfinity:
		f = math.Floor(f)
	default:
		f = math.Ceil(f)
	}
	return c.ReturnFloat(f / p)
}

func abs(c *value.Call) (value.Value, *value.Exception) {
	t, _ := c.Result.(*types.Type)
	switch t.Storage() {
	case types.Float:
		return c.ReturnFloat(math.Abs(c.Float(0)))
	case types.Int:
		n := c.Int(0)
		bits, _ := object.IntegerSize(t.Special())
		if n == math.MinInt64>>(64-bits) {
			return value.Nil, value.Overflow("Negating the minimum value of a twos complement number is invalid.")
		}
		return c.ReturnInt(max(n, -n))
	}
	if d := dec(c, 0); d.Neg() {
		return value.OfObject(d.Negated()), nil
	}
	return c.Args[0], nil
}

func sign(c *value.Call) (value.Value, *value.Exception) {
	if o := c.Object(0); o != nil {
		return c.ReturnInt(int64(dec(c, 0).Cmp(&value.Decimal{})))
	}
	t, bits, _ := c.Args[0].Boxed()
	tt, _ := t.(*types.Type)
	if tt.Storage() == types.Float && math.IsNaN(c.Float(0)) {
		return value.Nil, value.Throw("System.ArithmeticException", "Function does not accept floating point Not-a-Number values.")
	}
	return c.ReturnInt(int64(object.CompareBits(tt, bits, 0)))
}

func extreme(want int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if t, _ := c.Result.(*types.Type); t.Storage() == types.Float {
			if want > 0 {
				return c.ReturnFloat(math.Max(c.Float(0), c.Float(1)))
			}
			return c.ReturnFloat(math.Min(c.Float(0), c.Float(1)))
		}
		n, e := object.Compare(c.Args[0], c.Args[1])
		if n*want > 0 || n == 0 && want > 0 {
			return c.Args[0], e
		}
		return c.Args[1], e
	}
}

func clamp(c *value.Call) (value.Value, *value.Exception) {
	if n, _ := object.Compare(c.Args[1], c.Args[2]); n > 0 {
		return value.Nil, value.Argument("", "'min' cannot be greater than 'max'.")
	}
	for i, want := range []int{-1, 1} {
		if n, e := object.Compare(c.Args[0], c.Args[i+1]); n == want {
			return c.Args[i+1], e
		}
	}
	return c.Args[0], nil
}

func midpointTable() types.Table {
	return types.Table{Namespace: system, Decl: "enum MidpointRounding", Members: []types.Entry{
		{Sig: "ToEven = 0"}, {Sig: "AwayFromZero = 1"}, {Sig: "ToZero = 2"}, {Sig: "ToNegativeInfinity = 3"}, {Sig: "ToPositiveInfinity = 4"},
	}}
}
