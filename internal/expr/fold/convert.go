package fold

import (
	"math"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Convert converts a constant between numeric types, char and enums. Checked says that a value that does not
// fit is an overflow; unchecked integers wrap, and floating-point numbers that do not fit are left to the run.
func Convert(v value.Value, from, to *types.Type, checked bool) (value.Value, Outcome) {
	if from == to {
		return v, OK
	}
	switch {
	case from.Special() == types.Decimal:
		return fromDecimal(value.AsDecimal(v), to)
	case from.Storage() == types.Float:
		return fromFloat(v.Float(), from, to, checked)
	case IsIntegral(from):
		return fromInteger(v.Int(), from, to, checked)
	default:
		return value.Nil, NotConstant
	}
}

func fromInteger(n int64, from, to *types.Type, checked bool) (value.Value, Outcome) {
	bits, unsigned := shape(from)
	wide := bits == 64 && unsigned
	switch {
	case to.Special() == types.Decimal:
		return value.OfObject(value.DecimalOfInt(to, n, wide)), OK
	case to.Storage() == types.Float && to.Special() == types.Single:
		if wide {
			return floating(to, float64(float32(uint64(n))))
		}
		return floating(to, float64(float32(n)))
	case to.Storage() == types.Float:
		if wide {
			return floating(to, float64(uint64(n)))
		}
		return floating(to, float64(n))
	case !IsIntegral(to):
		return value.Nil, NotConstant
	case checked && !Fits(n, wide, to):
		return value.Nil, Overflow
	}
	bits, unsigned = shape(to)
	return value.Boxed(to, uint64(wrap(n, bits, unsigned))), OK
}

func fromFloat(f float64, from, to *types.Type, checked bool) (value.Value, Outcome) {
	switch {
	case to.Storage() == types.Float:
		return floating(to, f)
	case to.Special() == types.Decimal:
		return decimal(value.DecimalOfFloat(to, f, from.Special() == types.Single))
	case !IsIntegral(to):
		return value.Nil, NotConstant
	}
	t := math.Trunc(f)
	bits, unsigned := shape(to)
	low, high := -math.Ldexp(1, int(bits)-1), math.Ldexp(1, int(bits)-1)
	if unsigned {
		low, high = 0, math.Ldexp(1, int(bits))
	}
	if math.IsNaN(f) || t < low || t >= high {
		if checked {
			return value.Nil, Overflow
		}
		return value.Nil, NotConstant
	}
	if t >= math.MaxInt64 {
		return value.Boxed(to, uint64(t)), OK
	}
	return value.Boxed(to, uint64(int64(t))), OK
}

func fromDecimal(d *value.Decimal, to *types.Type) (value.Value, Outcome) {
	switch {
	case to.Storage() == types.Float:
		return floating(to, d.Float())
	case !IsIntegral(to):
		return value.Nil, NotConstant
	}
	bits, unsigned := shape(to)
	n, ok := d.Int(unsigned && bits == 64)
	if !ok || !Fits(n, unsigned && bits == 64, to) {
		return value.Nil, Overflow
	}
	return value.Boxed(to, uint64(n)), OK
}
