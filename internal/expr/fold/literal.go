package fold

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Literal returns the value and the type of a literal. The code is the C# compiler's number where the
// literal is out of range, "" otherwise.
func Literal(lib *types.Library, x *syntax.LiteralExpr) (v value.Value, t *types.Type, code string) {
	switch x.Kind {
	case syntax.KwNull:
		return value.Nil, lib.Basic(types.Null), ""
	case syntax.KwTrue, syntax.KwFalse:
		t = lib.Special(types.Boolean)
		return value.BoxedBool(t, x.Kind == syntax.KwTrue), t, ""
	case syntax.StringLit:
		return value.OfGo(x.Value), lib.Special(types.String), ""
	case syntax.CharLit:
		t = lib.Special(types.Char)
		units := value.Units(x.Value)
		if len(units) == 0 {
			return value.Boxed(t, 0), t, ""
		}
		return value.Boxed(t, uint64(units[0])), t, ""
	case syntax.IntLit:
		return intLiteral(lib, strings.ToLower(strings.ReplaceAll(x.Text, "_", "")))
	default:
		return realLiteral(lib, strings.ToLower(strings.ReplaceAll(x.Text, "_", "")))
	}
}

// intLiteral gives an integer the first of int, uint, long and ulong that holds it, as its suffix allows.
func intLiteral(lib *types.Library, text string) (value.Value, *types.Type, string) {
	digits, base := text, 10
	if strings.HasPrefix(text, "0x") {
		digits, base = text[2:], 16
	} else if strings.HasPrefix(text, "0b") {
		digits, base = text[2:], 2
	}
	suffix := strings.TrimLeft(digits, "0123456789abcdef")
	n, err := strconv.ParseUint(strings.TrimSuffix(digits, suffix), base, 64)
	unsigned, long := strings.Contains(suffix, "u"), strings.Contains(suffix, "l")
	s := types.UInt64
	switch {
	case !unsigned && !long && n <= math.MaxInt32:
		s = types.Int32
	case !long && n <= math.MaxUint32:
		s = types.UInt32
	case !unsigned && n <= math.MaxInt64:
		s = types.Int64
	}
	t := lib.Special(s)
	if err != nil {
		return value.Boxed(t, 0), t, "CS1021"
	}
	return value.Boxed(t, n), t, ""
}

// realLiteral reads a float, double or decimal.
func realLiteral(lib *types.Library, text string) (value.Value, *types.Type, string) {
	digits := strings.TrimRight(text, "fdm")
	s, bits := types.Double, 64
	switch text[len(digits):] {
	case "f":
		s, bits = types.Single, 32
	case "m":
		return decimalLiteral(lib, digits)
	}
	t := lib.Special(s)
	f, err := strconv.ParseFloat(digits, bits)
	if err != nil {
		return value.BoxedFloat(t, 0), t, "CS0594"
	}
	return value.BoxedFloat(t, f), t, ""
}

// decimalLiteral keeps the decimal places as they are written.
func decimalLiteral(lib *types.Library, digits string) (value.Value, *types.Type, string) {
	t := lib.Special(types.Decimal)
	exp := 0
	if i := strings.IndexByte(digits, 'e'); i >= 0 {
		exp, _ = strconv.Atoi(digits[i+1:]) // The lexer has checked the digits; too many are out of range below.
		digits = digits[:i]
	}
	if i := strings.IndexByte(digits, '.'); i >= 0 {
		exp -= len(digits) - i - 1
		digits = digits[:i] + digits[i+1:]
	}
	const most = 100 // More digits or powers than any decimal has.
	coef, ok := new(big.Int).SetString(digits, 10)
	if !ok || exp > most || len(digits) > most*most {
		return value.OfObject(value.DecimalOfInt(t, 0, false)), t, "CS0594"
	}
	if exp > 0 {
		coef.Mul(coef, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exp)), nil))
		exp = 0
	}
	exp = max(exp, -most*most)
	d, e := value.NewDecimal(t, false, coef, -exp)
	if e != nil {
		return value.OfObject(value.DecimalOfInt(t, 0, false)), t, "CS0594"
	}
	return value.OfObject(d), t, ""
}
