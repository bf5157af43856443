package clr

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
	"github.com/sallyport/sallyport/internal/expr/value/number"
)

// target is what Convert.ToX converts to: an integer type, or one of the others by its special type.
type target struct {
	integer integerType
	special types.Special
}

// convertTo implements Convert.ToX for an argument of any type.
func convertTo(to target) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return to.convert(c.Thread, c.Result, c.Args[0])
	}
}

func badCast(t *value.Thread, v value.Value, to value.Type) *value.Exception {
	from := "null"
	if have := object.Of(t).TypeOf(v); have != nil {
		from = simpleName(have)
	}
	name := to.FullName()
	return value.Throw(value.InvalidCastException, "Invalid cast from '"+from+"' to '"+name[strings.LastIndexByte(name, '.')+1:]+"'.")
}

func simpleName(t *types.Type) string {
	if t.Def != nil {
		return t.Def.Name
	}
	return t.Name()
}

func (to target) convert(t *value.Thread, result value.Type, v value.Value) (value.Value, *value.Exception) {
	env := object.Of(t)
	switch to.special {
	case types.Boolean:
		b, e := toBool(t, result, v)
		return env.Bool(b), e
	case types.Double, types.Single:
		f, e := toFloat(t, result, v, to.special == types.Single)
		if to.special == types.Single {
			f = float64(float32(f))
		}
		return value.BoxedFloat(result, f), e
	case types.Decimal:
		return toDecimal(t, result, v)
	case types.Char:
		return toChar(t, result, v)
	}
	n, e := to.integer.convert(t, result, v)
	return value.Boxed(result, uint64(n)), e
}

// kindOfValue says how a value converts: 'n' null, 's' string, 'b' bool, 'c' char, 'i' integer, 'u' ulong,
// 'f' float, 'm' decimal, 0 not at all.
func kindOfValue(v value.Value) (kind byte, t *types.Type) {
	if v.IsNull() {
		return 'n', nil
	}
	if _, ok := v.Str(); ok {
		return 's', nil
	}
	if o, ok := v.Object(); ok {
		if _, ok := o.(*value.Decimal); ok {
			return 'm', nil
		}
		return 0, nil
	}
	bt, _, _ := v.Boxed()
	t, _ = bt.(*types.Type)
	switch s := t.Special(); {
	case s == types.Boolean:
		return 'b', t
	case s == types.Char:
		return 'c', t
	case s == types.UInt64:
		return 'u', t
	case s == types.Double || s == types.Single:
		return 'f', t
	case t.IsInteger() || t.Kind == types.Enum:
		return 'i', t
	}
	return 0, t
}

func (t integerType) fits(n int64) bool {
	if t.unsigned {
		return n >= 0 && (t.bits == 64 || n < 1<<t.bits)
	}
	return t.bits == 64 || n >= -1<<(t.bits-1) && n < 1<<(t.bits-1)
}

func (t integerType) overflow() *value.Exception {
	_, e := number.ParseInt("99999999999999999999999", number.Integer, t.bits, t.unsigned)
	return e
}

func (t integerType) convert(th *value.Thread, result value.Type, v value.Value) (int64, *value.Exception) {
	kind, _ := kindOfValue(v)
	switch kind {
	case 'n':
		return 0, nil
	case 's':
		return number.ParseInt(v.StringOrNull().Go(), number.Integer, t.bits, t.unsigned)
	case 'b', 'c', 'i':
		if !t.fits(v.Int()) {
			return 0, t.overflow()
		}
		return v.Int(), nil
	case 'u':
		if !(t.unsigned && t.bits == 64) && (v.Int() < 0 || !t.fits(v.Int())) {
			return 0, t.overflow()
		}
		return v.Int(), nil
	case 'f':
		return t.ofFloat(v.Float())
	case 'm':
		return t.ofBig(bigInt(value.AsDecimal(v)))
	}
	if o, ok := v.Object(); ok {
		if k, ok := o.(Convertible); ok {
			inner, e := k.Convertible()
			if e != nil {
				return 0, e
			}
			return t.convert(th, result, inner)
		}
	}
	return 0, badCast(th, v, result)
}

// Convertible is an Object that is IConvertible: a JValue.
type Convertible interface {
	// Convertible returns the primitive value to convert.
	Convertible() (value.Value, *value.Exception)
}

func (t integerType) ofFloat(f float64) (int64, *value.Exception) {
	r := math.RoundToEven(f)
	if r != r || math.IsInf(r, 0) {
		return 0, t.overflow()
	}
	n, _ := big.NewFloat(r).Int(nil)
	return t.ofBig(n)
}

func (t integerType) ofBig(n *big.Int) (int64, *value.Exception) {
	switch {
	case n == nil:
		return 0, t.overflow()
	case t.unsigned && t.bits == 64 && n.IsUint64():
		return int64(n.Uint64()), nil
	case !n.IsInt64() || !t.fits(n.Int64()):
		return 0, t.overflow()
	}
	return n.Int64(), nil
}

func toBool(t *value.Thread, result value.Type, v value.Value) (bool, *value.Exception) {
	kind, _ := kindOfValue(v)
	switch kind {
	case 'n':
		return false, nil
	case 's':
		s := strings.Trim(v.StringOrNull().Go(), " \t\n\v\f\r\x00")
		switch {
		case strings.EqualFold(s, "true"):
			return true, nil
		case strings.EqualFold(s, "false"):
			return false, nil
		}
		return false, value.BadFormat("String '" + s + "' was not recognized as a valid Boolean.")
	case 'b', 'i', 'u':
		return v.Bool(), nil
	case 'f':
		return v.Float() != 0, nil
	case 'm':
		return !value.AsDecimal(v).IsZero(), nil
	}
	if o, ok := v.Object(); ok {
		if k, ok := o.(Convertible); ok {
			inner, e := k.Convertible()
			if e != nil {
				return false, e
			}
			return toBool(t, result, inner)
		}
	}
	return false, badCast(t, v, result)
}

func toFloat(t *value.Thread, result value.Type, v value.Value, single bool) (float64, *value.Exception) {
	kind, _ := kindOfValue(v)
	switch kind {
	case 'n':
		return 0, nil
	case 's':
		return object.RealOf(result, single).Parse(v.StringOrNull().Go(), number.FloatStyle|number.Thousands)
	case 'b', 'i':
		return float64(v.Int()), nil
	case 'u':
		return float64(v.Bits()), nil
	case 'f':
		return v.Float(), nil
	case 'm':
		return value.AsDecimal(v).Float(), nil
	}
	if o, ok := v.Object(); ok {
		if k, ok := o.(Convertible); ok {
			inner, e := k.Convertible()
			if e != nil {
				return 0, e
			}
			return toFloat(t, result, inner, single)
		}
	}
	return 0, badCast(t, v, result)
}

func toDecimal(t *value.Thread, result value.Type, v value.Value) (value.Value, *value.Exception) {
	class := object.Of(t).Type(types.Decimal)
	kind, vt := kindOfValue(v)
	switch kind {
	case 'n':
		return value.OfObject(&value.Decimal{Class: class}), nil
	case 's':
		d, e := number.ParseDecimal(class, v.StringOrNull().Go(), number.NumberAll)
		return ofDecimal(t, d, e)
	case 'b', 'i', 'u':
		return value.OfObject(value.DecimalOfInt(class, v.Int(), kind == 'u')), nil
	case 'f':
		d, e := value.DecimalOfFloat(class, v.Float(), vt.Special() == types.Single)
		return ofDecimal(t, d, e)
	case 'm':
		return v, nil
	}
	if o, ok := v.Object(); ok {
		if k, ok := o.(Convertible); ok {
			inner, e := k.Convertible()
			if e != nil {
				return value.Nil, e
			}
			return toDecimal(t, result, inner)
		}
	}
	return value.Nil, badCast(t, v, result)
}

func toChar(t *value.Thread, result value.Type, v value.Value) (value.Value, *value.Exception) {
	switch kind, _ := kindOfValue(v); kind {
	case 'n':
		return value.Boxed(result, 0), nil
	case 's':
		u := value.Units(v.StringOrNull().Go())
		if len(u) != 1 {
			return value.Nil, value.BadFormat("String must be exactly one character long.")
		}
		return value.Boxed(result, uint64(u[0])), nil
	case 'c', 'i', 'u':
		if v.Int() < 0 || v.Int() > math.MaxUint16 {
			return value.Nil, value.Overflow("Value was either too large or too small for a character.")
		}
		return value.Boxed(result, v.Bits()), nil
	}
	return value.Nil, badCast(t, v, result)
}

// charOfString is Convert.ToChar(string), the only one that takes no null.
func charOfString(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "value"); e != nil {
		return value.Nil, e
	}
	return toChar(c.Thread, c.Result, c.Args[0])
}

func convertTable() types.Table {
	targets := []struct {
		name, keyword string
		to            target
	}{
		{"Boolean", "bool", target{special: types.Boolean}}, {"Char", "char", target{special: types.Char}},
		{"Double", "double", target{special: types.Double}}, {"Single", "float", target{special: types.Single}},
		{"Decimal", "decimal", target{special: types.Decimal}},
	}
	for _, t := range integerTypes {
		targets = append(targets, struct {
			name, keyword string
			to            target
		}{t.name, t.keyword, target{integer: t}})
	}
	sources := []string{"object", "bool", "char", "sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "decimal", "string", "DateTime"}
	var list []types.Entry
	for _, t := range targets {
		for _, s := range sources {
			impl := convertTo(t.to)
			if s == "string" && t.to.special == types.Char {
				impl = charOfString
			}
			list = append(list, types.Entry{Sig: "static " + t.keyword + " To" + t.name + "(" + s + " value)", Impl: impl})
		}
		list = append(list, types.Entry{Sig: "static " + t.keyword + " To" + t.name + "(object value, IFormatProvider provider)", Impl: convertTo(t.to)},
			types.Entry{Sig: "static " + t.keyword + " To" + t.name + "(string value, IFormatProvider provider)", Impl: convertTo(t.to)})
		if t.to.integer.bits > 0 {
			list = append(list, types.Entry{Sig: "static " + t.keyword + " To" + t.name + "(string value, int fromBase)", Impl: fromBase(t.to.integer)})
		}
	}
	for _, s := range sources {
		text := types.Func(convertToString)
		if s == "string" { // Null stays null.
			text = func(c *value.Call) (value.Value, *value.Exception) { return c.Args[0], nil }
		}
		list = append(list,
			types.Entry{Sig: "static string ToString(" + s + " value)", Impl: text},
			types.Entry{Sig: "static string ToString(" + s + " value, IFormatProvider provider)", Impl: text})
	}
	for _, t := range []integerType{integerTypes[1], integerTypes[2], integerTypes[4], integerTypes[6]} {
		list = append(list, types.Entry{Sig: "static string ToString(" + t.keyword + " value, int toBase)", Impl: toBase(t)})
	}
	return types.Table{Namespace: system, Decl: "static class Convert", Members: append(list, convertOthers()...)}
}

func convertOthers() []types.Entry {
	toDate := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		if s, ok := c.Args[0].Str(); ok {
			bits, e := date.Parse(s.Go(), 0, c.Thread.Now())
			return value.Boxed(c.Result, uint64(bits)), e
		}
		if c.Args[0].IsNull() {
			return c.ReturnInt(0)
		}
		if t, _, ok := c.Args[0].Boxed(); ok && t == c.Result {
			return c.Args[0], nil
		}
		return value.Nil, badCast(c.Thread, c.Args[0], c.Result)
	})
	return []types.Entry{
		{Sig: "static DateTime ToDateTime(string value)", Impl: toDate},
		{Sig: "static DateTime ToDateTime(object value)", Impl: toDate},
		{Sig: "static DateTime ToDateTime(string value, IFormatProvider provider)", Impl: toDate},
		{Sig: "static DateTime ToDateTime(object value, IFormatProvider provider)", Impl: toDate},
		{Sig: "static DateTime ToDateTime(DateTime value)", Impl: toDate},
		{Sig: "static string ToBase64String(byte[] inArray)", Impl: types.Func(toBase64)},
		{Sig: "static string ToBase64String(byte[] inArray, Base64FormattingOptions options)", Impl: types.Func(toBase64)},
		{Sig: "static string ToBase64String(byte[] inArray, int offset, int length)", Impl: types.Func(toBase64Part)},
		{Sig: "static string ToBase64String(byte[] inArray, int offset, int length, Base64FormattingOptions options)", Impl: types.Func(toBase64Part)},
		{Sig: "static int ToBase64CharArray(byte[] inArray, int offsetIn, int length, char[] outArray, int offsetOut)", Impl: types.Func(toBase64Chars)},
		{Sig: "static byte[] FromBase64String(string s)", Impl: types.Func(fromBase64)},
		{Sig: "static byte[] FromBase64CharArray(char[] inArray, int offset, int length)", Impl: types.Func(fromBase64Chars)},
		{Sig: "static TypeCode GetTypeCode(object value)", Impl: types.Func(typeCode)},
		{Sig: "static object ChangeType(object value, TypeCode typeCode)", Impl: types.Func(changeTypeCode)},
		{Sig: "static object ChangeType(object value, TypeCode typeCode, IFormatProvider provider)", Impl: types.Func(changeTypeCode)},
		{Sig: "static string ToHexString(byte[] inArray)", Impl: types.Func(toHex)},
		{Sig: "static byte[] FromHexString(string s)", Impl: types.Func(fromHex)},
		{Sig: "static object ChangeType(object value, Type conversionType)", Impl: types.Func(changeType)},
		{Sig: "static object ChangeType(object value, Type conversionType, IFormatProvider provider)", Impl: types.Func(changeType)},
		{Sig: "static bool IsDBNull(object value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(false) })},
	}
}

func convertToString(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return value.OfGo(""), nil
	}
	s, e := object.TextIn(c.Thread, c.Args[0])
	return value.OfString(s), e
}

// fromBase implements Convert.ToX(string, int).
func fromBase(t integerType) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		base := int(c.Int(1))
		if base != 2 && base != 8 && base != 10 && base != 16 {
			return value.Nil, value.Argument("", "Invalid Base.")
		}
		s := c.Go(0)
		if c.Args[0].IsNull() {
			return c.ReturnInt(0)
		}
		if s == "" {
			return value.Nil, value.OutOfRange("", "Index was out of range. Must be non-negative and less than the size of the collection.")
		}
		if base == 10 {
			if t.unsigned && s[0] == '-' {
				return value.Nil, value.Overflow("The string was being parsed as an unsigned number and could not have a negative sign.")
			}
			n, e := number.ParseInt(s, number.LeadingSign, t.bits, t.unsigned)
			return value.Boxed(c.Result, uint64(n)), e
		}
		if s[0] == '-' {
			return value.Nil, value.Argument("", "String cannot contain a minus sign if the base is not 10.")
		}
		s = strings.TrimPrefix(s, "+")
		if base == 16 && len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
			s = s[2:]
		}
		n, err := strconv.ParseUint(s, base, 64)
		if err != nil && !strings.Contains(err.Error(), "range") {
			return value.Nil, value.BadFormat("Could not find any recognizable digits.")
		}
		if err != nil || t.bits < 64 && n >= 1<<t.bits {
			return value.Nil, t.overflow()
		}
		if !t.unsigned {
			return c.ReturnInt(int64(n) << (64 - t.bits) >> (64 - t.bits))
		}
		return c.ReturnInt(int64(n))
	}
}

func toBase(t integerType) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		base := int(c.Int(1))
		if base != 2 && base != 8 && base != 10 && base != 16 {
			return value.Nil, value.Argument("", "Invalid Base.")
		}
		if base == 10 {
			return value.OfGo(strconv.FormatInt(c.Int(0), 10)), nil
		}
		return value.OfGo(strconv.FormatUint(uint64(c.Int(0))&(math.MaxUint64>>(64-t.bits)), base)), nil
	}
}
