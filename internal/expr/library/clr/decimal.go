package clr

import (
	"math/big"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/number"
)

func dec(c *value.Call, i int) *value.Decimal { return value.AsDecimal(c.Args[i]) }

// ofDecimal returns d as a value of the type decimal.
func ofDecimal(t *value.Thread, d *value.Decimal, e *value.Exception) (value.Value, *value.Exception) {
	if e != nil {
		return value.Nil, e
	}
	d.Class = object.Of(t).Type(types.Decimal)
	return value.OfObject(d), nil
}

func decimalPair(f func(a, b *value.Decimal) (*value.Decimal, *value.Exception)) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		d, e := f(dec(c, 0), dec(c, 1))
		return ofDecimal(c.Thread, d, e)
	}
}

func decimalConst(text string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		d, e := number.ParseDecimal(c.Result, text, number.NumberAll)
		return ofDecimal(c.Thread, d, e)
	}
}

// roundDecimal implements Floor, Ceiling, Truncate and Round with fixed places.
func roundDecimal(how value.Rounding) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		places := int64(0)
		mode := how
		for i := 1; i < len(c.Args); i++ {
			t, bits, _ := c.Args[i].Boxed()
			if tt, ok := t.(*types.Type); ok && tt.Kind == types.Enum {
				mode = value.Rounding(bits)
			} else {
				places = int64(bits)
			}
		}
		if places < 0 || places > value.MaxDecimalScale {
			return value.Nil, value.OutOfRange("decimals", "Decimal can only round to between 0 and 28 digits of precision.")
		}
		d, e := dec(c, 0).Round(int(places), mode)
		return ofDecimal(c.Thread, d, e)
	}
}

func newDecimal(c *value.Call) (value.Value, *value.Exception) {
	class := c.Declaring
	if o := c.Object(0); o != nil {
		bits, _ := o.(value.Vector)
		if bits == nil || bits.Count() != 4 {
			return value.Nil, value.Argument("", "Decimal constructor requires an array or span of four valid decimal bytes.")
		}
		flags := uint32(bits.At(3).Int())
		return value.OfObject(value.DecimalOfWords(class, uint32(bits.At(0).Int()), uint32(bits.At(1).Int()), uint32(bits.At(2).Int()), flags>>31 == 1, uint8(flags>>16))), nil
	}
	if len(c.Args) == 5 {
		return value.OfObject(value.DecimalOfWords(class, uint32(c.Int(0)), uint32(c.Int(1)), uint32(c.Int(2)), c.Bool(3), uint8(c.Int(4)))), nil
	}
	t, bits, _ := c.Args[0].Boxed()
	tt, _ := t.(*types.Type)
	if tt.Storage() == types.Float {
		d, e := value.DecimalOfFloat(class, c.Float(0), tt.Special() == types.Single)
		return ofDecimal(c.Thread, d, e)
	}
	return value.OfObject(value.DecimalOfInt(class, int64(bits), tt.Special() == types.UInt64)), nil
}

func decimalTable() types.Table {
	members := append(ValueMembers("decimal"), typeCodeEntry,
		types.Entry{Sig: "static readonly decimal Zero", Impl: decimalConst("0")},
		types.Entry{Sig: "static readonly decimal One", Impl: decimalConst("1")},
		types.Entry{Sig: "static readonly decimal MinusOne", Impl: decimalConst("-1")},
		types.Entry{Sig: "static readonly decimal MaxValue", Impl: decimalConst("79228162514264337593543950335")},
		types.Entry{Sig: "static readonly decimal MinValue", Impl: decimalConst("-79228162514264337593543950335")},
		types.Entry{Sig: "Decimal(int lo, int mid, int hi, bool isNegative, byte scale)", Impl: types.Func(newDecimal)},
		types.Entry{Sig: "Decimal(int[] bits)", Impl: types.Func(newDecimal)},
		types.Entry{Sig: "static decimal Add(decimal d1, decimal d2)", Impl: decimalPair(func(a, b *value.Decimal) (*value.Decimal, *value.Exception) { return a.Add(b, false) })},
		types.Entry{Sig: "static decimal Subtract(decimal d1, decimal d2)", Impl: decimalPair(func(a, b *value.Decimal) (*value.Decimal, *value.Exception) { return a.Add(b, true) })},
		types.Entry{Sig: "static decimal Multiply(decimal d1, decimal d2)", Impl: decimalPair((*value.Decimal).Mul)},
		types.Entry{Sig: "static decimal Divide(decimal d1, decimal d2)", Impl: decimalPair((*value.Decimal).Div)},
		types.Entry{Sig: "static decimal Remainder(decimal d1, decimal d2)", Impl: decimalPair((*value.Decimal).Rem)},
		types.Entry{Sig: "static decimal Negate(decimal d)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return value.OfObject(dec(c, 0).Negated()), nil
		})},
		types.Entry{Sig: "static decimal Floor(decimal d)", Impl: roundDecimal(value.ToNegativeInfinity)},
		types.Entry{Sig: "static decimal Ceiling(decimal d)", Impl: roundDecimal(value.ToPositiveInfinity)},
		types.Entry{Sig: "static decimal Truncate(decimal d)", Impl: roundDecimal(value.ToZero)},
		types.Entry{Sig: "static decimal Round(decimal d)", Impl: roundDecimal(value.ToEven)},
		types.Entry{Sig: "static decimal Round(decimal d, int decimals)", Impl: roundDecimal(value.ToEven)},
		types.Entry{Sig: "static decimal Round(decimal d, MidpointRounding mode)", Impl: roundDecimal(value.ToEven)},
		types.Entry{Sig: "static decimal Round(decimal d, int decimals, MidpointRounding mode)", Impl: roundDecimal(value.ToEven)},
		types.Entry{Sig: "static int Compare(decimal d1, decimal d2)", Impl: types.Func(Compare)},
		types.Entry{Sig: "static bool Equals(decimal d1, decimal d2)", Impl: types.Func(equals)},
		types.Entry{Sig: "static int[] GetBits(decimal d)", Impl: types.Func(decimalBits)},
		types.Entry{Sig: "static double ToDouble(decimal d)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnFloat(dec(c, 0).Float()) })},
	)
	for _, t := range integerTypes {
		members = append(members, types.Entry{Sig: "static " + t.keyword + " To" + t.name + "(decimal d)", Impl: truncated(t)})
	}
	members = append(members, types.Entry{Sig: "static float ToSingle(decimal d)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		return c.ReturnFloat(float64(float32(dec(c, 0).Float())))
	})}, types.Entry{Sig: "static decimal FromOACurrency(long cy)", Impl: types.Func(fromCurrency)},
		types.Entry{Sig: "static long ToOACurrency(decimal value)", Impl: types.Func(toCurrency)})
	for _, keyword := range []string{"int", "uint", "long", "ulong", "float", "double"} {
		members = append(members, types.Entry{Sig: "Decimal(" + keyword + " value)", Impl: types.Func(newDecimal)})
	}
	members = append(members, parseMembers("decimal", func(c *value.Call, s string, style number.Style) (value.Value, *value.Exception) {
		d, e := number.ParseDecimal(c.Result, s, style)
		return ofDecimal(c.Thread, d, e)
	}, number.NumberAll)...)
	return types.Table{Namespace: system, Decl: "struct Decimal" + comparableTo("decimal"), Special: types.Decimal, Members: members}
}

// truncated is decimal.ToInt32 and the like, which drop the places; Convert rounds.
func truncated(t integerType) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n, fits := dec(c, 0).Int(t.unsigned)
		if !fits || !(t.unsigned && t.bits == 64) && !t.fits(n) {
			return value.Nil, t.overflow()
		}
		return c.ReturnInt(n)
	}
}

// perUnit is how many parts an OLE Automation currency has of one.
const perUnit = 10_000

func fromCurrency(c *value.Call) (value.Value, *value.Exception) {
	d, e := value.DecimalOfInt(c.Result, c.Int(0), false).Div(value.DecimalOfInt(c.Result, perUnit, false))
	return ofDecimal(c.Thread, d, e)
}

func toCurrency(c *value.Call) (value.Value, *value.Exception) {
	d, e := dec(c, 0).Mul(value.DecimalOfInt(c.Result, perUnit, false))
	if e != nil {
		return value.Nil, e
	}
	n := bigInt(d)
	if n == nil || !n.IsInt64() {
		return value.Nil, value.Overflow("Value was either too large or too small for a Currency.")
	}
	return c.ReturnInt(n.Int64())
}

func decimalBits(c *value.Call) (value.Value, *value.Exception) {
	d := dec(c, 0)
	lo, mid, hi := d.Words()
	flags := uint32(d.Scale()) << 16
	if d.Neg() {
		flags |= 1 << 31
	}
	class, _ := c.Result.(*types.Type)
	a := object.NewArray(class, 4)
	for i, w := range []uint32{lo, mid, hi, flags} {
		a.Set(i, value.Boxed(class.Elem, uint64(int64(int32(w)))))
	}
	return value.OfObject(a), nil
}

// bigInt returns the integer that a decimal is rounded to, half to even, as Convert does.
func bigInt(d *value.Decimal) *big.Int {
	r, e := d.Round(0, value.ToEven)
	if e != nil {
		return nil
	}
	n := r.Coefficient()
	if r.Scale() > 0 { // A decimal that had no places keeps its scale of 0, so this cannot be.
		return nil
	}
	if r.Neg() {
		n.Neg(n)
	}
	return n
}
