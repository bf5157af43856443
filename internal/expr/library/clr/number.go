package clr

import (
	"math"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/number"
)

// comparableTo is what every struct with an order implements.
func comparableTo(keyword string) string {
	return " : IComparable, IComparable<" + keyword + ">, IEquatable<" + keyword + ">, IFormattable, IConvertible"
}

// ValueMembers are those that every struct has: Equals, CompareTo, ToString, GetHashCode.
func ValueMembers(keyword string) []types.Entry {
	return []types.Entry{
		{Sig: "bool Equals(" + keyword + " obj)", Impl: types.Func(equals)},
		{Sig: "bool Equals(object obj)", Impl: types.Func(equals)},
		{Sig: "int CompareTo(" + keyword + " value)", Impl: types.Func(Compare)},
		{Sig: "int CompareTo(object value)", Impl: types.Func(Compare)},
		{Sig: "int GetHashCode()", Impl: types.Func(hashCode)},
		{Sig: "string ToString()", Impl: types.Func(unformatted)},
		{Sig: "string ToString(string format)", Impl: types.Func(formatted)},
		{Sig: "string ToString(IFormatProvider provider)", Impl: types.Func(unformatted)},
		{Sig: "string ToString(string format, IFormatProvider provider)", Impl: types.Func(formatted)},
	}
}

// parseMembers are Parse and TryParse of a number type.
func parseMembers(keyword string, parse func(c *value.Call, s string, style number.Style) (value.Value, *value.Exception), usual number.Style) []types.Entry {
	styled := func(c *value.Call) number.Style {
		if len(c.Args) > 1 && !c.Args[1].IsNull() {
			if _, _, ok := c.Args[1].Boxed(); ok {
				return number.Style(c.Int(1))
			}
		}
		return usual
	}
	full := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		style := styled(c)
		if e := style.Check(usual == number.Integer); e != nil {
			return value.Nil, e
		}
		if e := c.NotNull(0, "s"); e != nil {
			return value.Nil, e
		}
		return parse(c, c.Go(0), style)
	})
	try := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		out, style := len(c.Args)-1, usual
		if len(c.Args) > 2 {
			style = styled(c)
		}
		if e := style.Check(usual == number.Integer); e != nil {
			return value.Nil, e
		}
		if c.Args[0].IsNull() {
			return c.ReturnBool(false)
		}
		class := c.Result
		c.Result = c.Declaring
		v, e := parse(c, c.Go(0), style)
		c.Result = class
		if e == nil {
			c.Args[out] = v
		}
		return c.ReturnBool(e == nil)
	})
	return []types.Entry{
		{Sig: "static " + keyword + " Parse(string s)", Impl: full},
		{Sig: "static " + keyword + " Parse(string s, NumberStyles style)", Impl: full},
		{Sig: "static " + keyword + " Parse(string s, IFormatProvider provider)", Impl: full},
		{Sig: "static " + keyword + " Parse(string s, NumberStyles style, IFormatProvider provider)", Impl: full},
		{Sig: "static bool TryParse(string s, out " + keyword + " result)", Impl: try},
		{Sig: "static bool TryParse(string s, NumberStyles style, IFormatProvider provider, out " + keyword + " result)", Impl: try},
	}
}

// integerType is one of the eight integer types.
type integerType struct {
	name, keyword string
	special       types.Special
	bits          int
	unsigned      bool
}

var integerTypes = []integerType{
	{"SByte", "sbyte", types.SByte, 8, false}, {"Byte", "byte", types.Byte, 8, true},
	{"Int16", "short", types.Int16, 16, false}, {"UInt16", "ushort", types.UInt16, 16, true},
	{"Int32", "int", types.Int32, 32, false}, {"UInt32", "uint", types.UInt32, 32, true},
	{"Int64", "long", types.Int64, 64, false}, {"UInt64", "ulong", types.UInt64, 64, true},
}

func numberTables() []types.Table {
	var list []types.Table
	for _, t := range integerTypes {
		list = append(list, integerTable(t))
	}
	return append(list, floatTable("Double", "double", types.Double, false), floatTable("Single", "float", types.Single, true))
}

func (t integerType) limits() (low, high string) {
	if t.unsigned {
		return "0", strconv.FormatUint(math.MaxUint64>>(64-t.bits), 10)
	}
	return strconv.FormatInt(math.MinInt64>>(64-t.bits), 10), strconv.FormatInt(math.MaxInt64>>(64-t.bits), 10)
}

func integerTable(t integerType) types.Table {
	low, high := t.limits()
	members := append(ValueMembers(t.keyword),
		types.Entry{Sig: "const " + t.keyword + " MinValue = " + low},
		types.Entry{Sig: "const " + t.keyword + " MaxValue = " + high},
		typeCodeEntry,
	)
	members = append(members, parseMembers(t.keyword, func(c *value.Call, s string, style number.Style) (value.Value, *value.Exception) {
		n, e := number.ParseInt(s, style, t.bits, t.unsigned)
		return value.Boxed(c.Result, uint64(n)), e
	}, number.Integer)...)
	return types.Table{Namespace: system, Decl: "struct " + t.name + comparableTo(t.keyword), Special: t.special, Members: members}
}

func floatTable(name, keyword string, special types.Special, single bool) types.Table {
	constant := func(v float64) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnFloat(v) }
	}
	test := func(f func(float64) bool) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(f(c.Float(0))) }
	}
	high, least := math.MaxFloat64, math.SmallestNonzeroFloat64
	if single {
		high, least = math.MaxFloat32, math.SmallestNonzeroFloat32
	}
	field := "static readonly " + keyword + " "
	members := append(ValueMembers(keyword), typeCodeEntry,
		types.Entry{Sig: field + "MaxValue", Impl: constant(high)},
		types.Entry{Sig: field + "MinValue", Impl: constant(-high)},
		types.Entry{Sig: field + "Epsilon", Impl: constant(least)},
		types.Entry{Sig: field + "NaN", Impl: constant(math.NaN())},
		types.Entry{Sig: field + "PositiveInfinity", Impl: constant(math.Inf(1))},
		types.Entry{Sig: field + "NegativeInfinity", Impl: constant(math.Inf(-1))},
		types.Entry{Sig: "static bool IsNaN(" + keyword + " d)", Impl: test(math.IsNaN)},
		types.Entry{Sig: "static bool IsInfinity(" + keyword + " d)", Impl: test(func(f float64) bool { return math.IsInf(f, 0) })},
		types.Entry{Sig: "static bool IsPositiveInfinity(" + keyword + " d)", Impl: test(func(f float64) bool { return math.IsInf(f, 1) })},
		types.Entry{Sig: "static bool IsNegativeInfinity(" + keyword + " d)", Impl: test(func(f float64) bool { return math.IsInf(f, -1) })},
		types.Entry{Sig: "static bool IsFinite(" + keyword + " d)", Impl: test(func(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) })},
	)
	members = append(members, parseMembers(keyword, func(c *value.Call, s string, style number.Style) (value.Value, *value.Exception) {
		f, e := object.RealOf(c.Result, single).Parse(s, style)
		return value.BoxedFloat(c.Result, f), e
	}, number.FloatStyle|number.Thousands)...)
	return types.Table{Namespace: system, Decl: "struct " + name + comparableTo(keyword), Special: special, Members: members}
}

func boolTable() types.Table {
	parse := func(s string) (bool, bool) {
		switch s = strings.Trim(s, " \t\n\v\f\r\x00"); {
		case strings.EqualFold(s, "true"):
			return true, true
		case strings.EqualFold(s, "false"):
			return false, true
		}
		return false, false
	}
	return types.Table{Namespace: system, Decl: "struct Boolean : IComparable, IComparable<bool>, IEquatable<bool>, IConvertible", Special: types.Boolean, Members: []types.Entry{
		{Sig: "static readonly string TrueString", Impl: types.Func(func(*value.Call) (value.Value, *value.Exception) { return value.OfGo("True"), nil })},
		{Sig: "static readonly string FalseString", Impl: types.Func(func(*value.Call) (value.Value, *value.Exception) { return value.OfGo("False"), nil })},
		{Sig: "bool Equals(bool obj)", Impl: types.Func(equals)},
		{Sig: "bool Equals(object obj)", Impl: types.Func(equals)},
		{Sig: "int CompareTo(bool value)", Impl: types.Func(Compare)},
		{Sig: "int CompareTo(object value)", Impl: types.Func(Compare)},
		{Sig: "int GetHashCode()", Impl: types.Func(hashCode)},
		typeCodeEntry,
		{Sig: "string ToString()", Impl: types.Func(unformatted)},
		{Sig: "string ToString(IFormatProvider provider)", Impl: types.Func(unformatted)},
		{Sig: "static bool Parse(string value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if e := c.NotNull(0, "value"); e != nil {
				return value.Nil, e
			}
			b, ok := parse(c.Go(0))
			if !ok {
				return value.Nil, value.BadFormat("String '" + c.Go(0) + "' was not recognized as a valid Boolean.")
			}
			return c.ReturnBool(b)
		})},
		{Sig: "static bool TryParse(string value, out bool result)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			b, ok := parse(c.Go(0))
			c.Args[1] = object.Of(c.Thread).Bool(b)
			return c.ReturnBool(ok)
		})},
	}}
}
