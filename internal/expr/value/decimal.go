package value

import (
	"math"
	"math/big"
	"strconv"
)

// Decimal is a C# decimal: a 96-bit coefficient divided by a power of ten from 0 to 28. It is an Object where
// it is boxed; arithmetic makes new ones and never changes an operand.
type Decimal struct {
	// Class is the type decimal.
	Class Type

	neg   bool
	scale uint8
	hi    uint32
	lo    uint64
}

// MaxDecimalScale is the largest number of decimal places.
const MaxDecimalScale = 28

// ObjectType returns the type decimal.
func (d *Decimal) ObjectType() Type { return d.Class }

// Neg reports whether the sign bit is set.
func (d *Decimal) Neg() bool { return d.neg }

// Scale returns the number of decimal places.
func (d *Decimal) Scale() int { return int(d.scale) }

// IsZero reports whether the value is 0.
func (d *Decimal) IsZero() bool { return d.hi == 0 && d.lo == 0 }

// Coefficient returns the digits as an integer without sign.
func (d *Decimal) Coefficient() *big.Int {
	c := new(big.Int).SetUint64(uint64(d.hi))
	c.Lsh(c, 64)
	return c.Or(c, new(big.Int).SetUint64(d.lo))
}

// Words returns the coefficient's 96 bits from the lowest.
func (d *Decimal) Words() (lo, mid, hi uint32) { return uint32(d.lo), uint32(d.lo >> 32), d.hi }

// DecimalOfWords returns the decimal with those bits.
func DecimalOfWords(class Type, lo, mid, hi uint32, neg bool, scale uint8) *Decimal {
	return &Decimal{Class: class, neg: neg, scale: scale, hi: hi, lo: uint64(mid)<<32 | uint64(lo)}
}

// AsDecimal returns v as a decimal where its static type says that it is one.
func AsDecimal(v Value) *Decimal {
	if d, ok := v.any.(*Decimal); ok {
		return d
	}
	return &Decimal{}
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// roundQuo returns num/den for positive numbers, rounded half to even.
func roundQuo(num, den *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	switch r.Lsh(r, 1).Cmp(den) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		if q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
	}
	return q
}

// NewDecimal returns coef / 10^scale, with the scale reduced, half to even, until the coefficient has 96 bits.
func NewDecimal(class Type, neg bool, coef *big.Int, scale int) (*Decimal, *Exception) {
	drop := max(scale-MaxDecimalScale, 0)
	if extra := coef.BitLen() - 96; extra > 0 {
		drop = max(drop, int(float64(extra)*math.Log10(2)))
	}
	for {
		c, s := coef, scale
		if drop > 0 {
			c, s = roundQuo(coef, pow10(drop)), scale-drop
		}
		if s < 0 {
			return nil, Overflow("Value was either too large or too small for a Decimal.")
		}
		if c.BitLen() <= 96 {
			d := &Decimal{Class: class, neg: neg, scale: uint8(s)}
			d.lo = new(big.Int).And(c, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
			d.hi = uint32(new(big.Int).Rsh(c, 64).Uint64())
			return d, nil
		}
		drop++
	}
}

// DecimalOfInt returns n as a decimal; unsigned says that n is a ulong's bits.
func DecimalOfInt(class Type, n int64, unsigned bool) *Decimal {
	if unsigned || n >= 0 {
		return &Decimal{Class: class, lo: uint64(n)}
	}
	return &Decimal{Class: class, neg: true, lo: uint64(-n)}
}

// DecimalOfFloat converts a double as C# does: to 15 significant digits, 7 for a float.
func DecimalOfFloat(class Type, f float64, single bool) (*Decimal, *Exception) {
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) >= 7.9228162514264338e28 {
		return nil, Overflow("Value was either too large or too small for a Decimal.")
	}
	digits := 15
	if single {
		digits = 7
	}
	text := strconv.FormatFloat(math.Abs(f), 'e', digits-1, 64)
	e := 0
	for i := range len(text) {
		if text[i] == 'e' {
			e, _ = strconv.Atoi(text[i+1:])
			text = text[:1] + text[2:i]
			break
		}
	}
	for len(text) > 1 && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	coef, _ := new(big.Int).SetString(text, 10)
	scale := len(text) - 1 - e
	if scale < 0 {
		coef.Mul(coef, pow10(-scale))
		scale = 0
	}
	d, x := NewDecimal(class, math.Signbit(f), coef, scale)
	if x == nil && d.IsZero() {
		return &Decimal{Class: class}, nil
	}
	return d, x
}

// Float returns the nearest double.
func (d *Decimal) Float() float64 {
	f, _ := new(big.Rat).SetFrac(d.Coefficient(), pow10(int(d.scale))).Float64()
	if d.neg {
		return -f
	}
	return f
}

// Int returns the integer part as an integer and whether it fits into bits (signed or unsigned).
func (d *Decimal) Int(unsigned bool) (int64, bool) {
	q := new(big.Int).Quo(d.Coefficient(), pow10(int(d.scale)))
	if d.neg {
		q.Neg(q)
	}
	if unsigned {
		return int64(q.Uint64()), q.IsUint64()
	}
	return q.Int64(), q.IsInt64()
}

func (d *Decimal) signed(scale int) *big.Int {
	c := d.Coefficient()
	if scale > int(d.scale) {
		c.Mul(c, pow10(scale-int(d.scale)))
	}
	if d.neg {
		c.Neg(c)
	}
	return c
}

// Add returns d + e, or d - e where minus.
func (d *Decimal) Add(e *Decimal, minus bool) (*Decimal, *Exception) {
	scale := max(int(d.scale), int(e.scale))
	x, y := d.signed(scale), e.signed(scale)
	if minus {
		y.Neg(y)
	}
	x.Add(x, y)
	return NewDecimal(d.Class, x.Sign() < 0, x.Abs(x), scale)
}

// Mul returns d * e.
func (d *Decimal) Mul(e *Decimal) (*Decimal, *Exception) {
	c := d.Coefficient()
	return NewDecimal(d.Class, d.neg != e.neg, c.Mul(c, e.Coefficient()), int(d.scale)+int(e.scale))
}

// Div returns d / e with as many places as are needed, at most 28.
func (d *Decimal) Div(e *Decimal) (*Decimal, *Exception) {
	if e.IsZero() {
		return nil, DivideByZero()
	}
	const extra = 2 * MaxDecimalScale
	num := new(big.Int).Mul(d.Coefficient(), pow10(extra+int(e.scale)))
	q, r := new(big.Int).QuoRem(num, e.Coefficient(), new(big.Int))
	scale := int(d.scale) + extra
	least := int(d.scale) - int(e.scale)
	if r.Sign() != 0 { // A sticky digit keeps the rounding of an inexact quotient right.
		q.Mul(q, big.NewInt(10)).Add(q, big.NewInt(1))
		scale++
	} else {
		ten, m := big.NewInt(10), new(big.Int)
		for scale > max(least, 0) {
			t, _ := new(big.Int).QuoRem(q, ten, m)
			if m.Sign() != 0 {
				break
			}
			q, scale = t, scale-1
		}
	}
	quotient, x := NewDecimal(d.Class, d.neg != e.neg, q, scale)
	if x == nil && quotient.IsZero() && q.Sign() != 0 {
		quotient.scale = 0 // A quotient too small for any digit has no places.
	}
	return quotient, x
}

// Rem returns the remainder of d / e with the sign of d.
func (d *Decimal) Rem(e *Decimal) (*Decimal, *Exception) {
	if e.IsZero() {
		return nil, DivideByZero()
	}
	scale := max(int(d.scale), int(e.scale))
	x := d.signed(scale)
	x.Rem(x, e.signed(scale))
	return NewDecimal(d.Class, d.neg && x.Sign() != 0, x.Abs(x), scale)
}

// Negated returns -d.
func (d *Decimal) Negated() *Decimal {
	n := *d
	n.neg = !d.neg
	return &n
}

// Cmp compares d and e: -1, 0, 1.
func (d *Decimal) Cmp(e *Decimal) int {
	scale := max(int(d.scale), int(e.scale))
	return d.signed(scale).Cmp(e.signed(scale))
}

// Rounding says how a decimal is rounded.
type Rounding uint8

// The roundings, by the numbers of MidpointRounding.
const (
	ToEven Rounding = iota
	AwayFromZero
	ToZero
	ToNegativeInfinity
	ToPositiveInfinity
)

// Round returns d with at most places decimal places.
func (d *Decimal) Round(places int, how Rounding) (*Decimal, *Exception) {
	if int(d.scale) <= places {
		return d, nil
	}
	den := pow10(int(d.scale) - places)
	c := d.Coefficient()
	q, r := new(big.Int).QuoRem(c, den, new(big.Int))
	up := false
	switch half := new(big.Int).Lsh(r, 1).Cmp(den); how {
	case ToEven:
		up = half > 0 || half == 0 && q.Bit(0) == 1
	case AwayFromZero:
		up = half >= 0
	case ToNegativeInfinity:
		up = d.neg && r.Sign() != 0
	case ToPositiveInfinity:
		up = !d.neg && r.Sign() != 0
	}
	if up {
		q.Add(q, big.NewInt(1))
	}
	return NewDecimal(d.Class, d.neg, q, places)
}

// EqualTo reports whether other is a decimal of the same value.
func (d *Decimal) EqualTo(other Value) bool {
	e, ok := other.any.(*Decimal)
	return ok && d.Cmp(e) == 0
}

// HashCode returns a hash that is equal for equal values of different scale.
func (d *Decimal) HashCode() uint64 { return math.Float64bits(d.Float() + 0) }
