package dates

import (
	"math"

	"github.com/sallyport/sallyport/internal/expr/library/clr"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// spanUnits are the units of TimeSpan with the place at which they turn over.
var spanUnits = []struct {
	name       string
	ticks, mod int64
}{
	{"Days", date.PerDay, math.MaxInt64}, {"Hours", date.PerHour, 24}, {"Minutes", date.PerMinute, 60},
	{"Seconds", date.PerSecond, 60}, {"Milliseconds", date.PerMillisecond, 1000},
}

func spanSum(sign int64) types.IntIntInt {
	return func(a, b int64) (int64, *value.Exception) {
		n := a + sign*b
		if sign > 0 && (a > 0) == (b > 0) && (n > 0) != (a > 0) && a != 0 && b != 0 {
			return 0, value.Overflow("TimeSpan overflowed because the duration is too long.")
		}
		return n, nil
	}
}

func negateSpan(n int64) (int64, *value.Exception) {
	if n == math.MinInt64 {
		return 0, value.Overflow("Negating the minimum value of a twos complement number is invalid.")
	}
	return -n, nil
}

// newSpan takes hours, minutes, seconds, or days first and milliseconds last.
func newSpan(c *value.Call) (value.Value, *value.Exception) {
	units := []int64{date.PerDay, date.PerHour, date.PerMinute, date.PerSecond, date.PerMillisecond}
	switch len(c.Args) {
	case 0:
		return c.ReturnInt(0)
	case 1:
		return c.ReturnInt(c.Int(0))
	case 3:
		units = units[1:]
	}
	total := 0.0
	ticks := int64(0)
	for i := range c.Args {
		ticks += c.Int(i) * units[i]
		total += float64(c.Int(i)) * float64(units[i])
	}
	if math.Abs(total) > math.MaxInt64 {
		return value.Nil, value.OutOfRange("", "TimeSpan overflowed because the duration is too long.")
	}
	return c.ReturnInt(ticks)
}

func spanParse(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "s"); e != nil {
		return value.Nil, e
	}
	n, e := date.ParseSpan(c.Go(0))
	return value.Boxed(c.Result, uint64(n)), e
}

func spanTryParse(c *value.Call) (value.Value, *value.Exception) {
	n, e := date.ParseSpan(c.Go(0))
	c.Args[len(c.Args)-1] = value.Boxed(c.Declaring, uint64(n))
	return c.ReturnBool(e == nil)
}

func spanParseExact(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "input"); e != nil {
		return value.Nil, e
	}
	n, e := date.ParseSpanExact(c.Go(0), c.Go(1))
	return value.Boxed(c.Result, uint64(n)), e
}

func spanTryParseExact(c *value.Call) (value.Value, *value.Exception) {
	n, e := date.ParseSpanExact(c.Go(0), c.Go(1))
	c.Args[3] = value.Boxed(c.Declaring, uint64(n))
	return c.ReturnBool(e == nil)
}

// bitsCompare compares structs kept as integers.
func bitsCompare(want func(n int) bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n, e := object.Compare(c.Args[0], c.Args[1])
		if e != nil {
			return value.Nil, e
		}
		return c.ReturnBool(want(n))
	}
}

// spanFunc returns the ticks of n units of time.
type spanFunc func(n float64, unit int64) (int64, *value.Exception)

// spanOf returns the function with which TimeSpan.FromX makes a span, and the one with which AddX of the dates does.
// .NET adds the whole units exactly, and then what is left.
func spanOf(runtime value.Runtime) (from, add spanFunc) {
	if runtime == value.NetFramework {
		return date.SpanInMilliseconds, date.SpanInMilliseconds
	}
	return date.SpanOf, func(n float64, unit int64) (int64, *value.Exception) {
		whole := int64(n)
		return whole*unit + int64((n-float64(whole))*float64(unit)), nil
	}
}

func timeSpanTable(span spanFunc) types.Table {
	constant := func(n int64) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(n) }
	}
	members := append(clr.ValueMembers("TimeSpan"), comparisonOperators("TimeSpan", bitsCompare)...)
	members = append(members,
		types.Entry{Sig: "static readonly TimeSpan Zero", Impl: constant(0)},
		types.Entry{Sig: "static readonly TimeSpan MinValue", Impl: constant(math.MinInt64)},
		types.Entry{Sig: "static readonly TimeSpan MaxValue", Impl: constant(math.MaxInt64)},
		types.Entry{Sig: "const long TicksPerDay = 864000000000"}, types.Entry{Sig: "const long TicksPerHour = 36000000000"},
		types.Entry{Sig: "const long TicksPerMinute = 600000000"}, types.Entry{Sig: "const long TicksPerSecond = 10000000"},
		types.Entry{Sig: "const long TicksPerMillisecond = 10000"},
		types.Entry{Sig: "TimeSpan()", Impl: types.Func(newSpan)},
		types.Entry{Sig: "TimeSpan(long ticks)", Impl: types.Func(newSpan)},
		types.Entry{Sig: "TimeSpan(int hours, int minutes, int seconds)", Impl: types.Func(newSpan)},
		types.Entry{Sig: "TimeSpan(int days, int hours, int minutes, int seconds)", Impl: types.Func(newSpan)},
		types.Entry{Sig: "TimeSpan(int days, int hours, int minutes, int seconds, int milliseconds)", Impl: types.Func(newSpan)},
		types.Entry{Sig: "long Ticks { get; }", Impl: types.IntInt(func(n int64) (int64, *value.Exception) { return n, nil })},
		types.Entry{Sig: "TimeSpan Add(TimeSpan ts)", Impl: spanSum(1)},
		types.Entry{Sig: "TimeSpan Subtract(TimeSpan ts)", Impl: spanSum(-1)},
		types.Entry{Sig: "TimeSpan Negate()", Impl: types.IntInt(negateSpan)},
		types.Entry{Sig: "TimeSpan Duration()", Impl: types.IntInt(func(n int64) (int64, *value.Exception) {
			if n < 0 {
				return negateSpan(n)
			}
			return n, nil
		})},
		types.Entry{Sig: "static TimeSpan FromTicks(long value)", Impl: types.IntInt(func(n int64) (int64, *value.Exception) { return n, nil })},
		types.Entry{Sig: "static TimeSpan Parse(string s)", Impl: types.Func(spanParse)},
		types.Entry{Sig: "static TimeSpan Parse(string s, IFormatProvider provider)", Impl: types.Func(spanParse)},
		types.Entry{Sig: "static bool TryParse(string s, out TimeSpan result)", Impl: types.Func(spanTryParse)},
		types.Entry{Sig: "static bool TryParse(string s, IFormatProvider provider, out TimeSpan result)", Impl: types.Func(spanTryParse)},
		types.Entry{Sig: "static TimeSpan ParseExact(string input, string format, IFormatProvider formatProvider)", Impl: types.Func(spanParseExact)},
		types.Entry{Sig: "static bool TryParseExact(string input, string format, IFormatProvider formatProvider, out TimeSpan result)", Impl: types.Func(spanTryParseExact)},
		types.Entry{Sig: "static bool Equals(TimeSpan t1, TimeSpan t2)", Impl: bitsCompare(func(n int) bool { return n == 0 })},
		types.Entry{Sig: "TimeSpan Multiply(double factor)", Impl: scaleSpan(func(a, b float64) float64 { return a * b }, 0, 1)},
		types.Entry{Sig: "TimeSpan Divide(double divisor)", Impl: scaleSpan(func(a, b float64) float64 { return a / b }, 0, 1)},
		types.Entry{Sig: "static int Compare(TimeSpan t1, TimeSpan t2)", Impl: types.Func(clr.Compare)},
		types.Entry{Sig: "static TimeSpan operator +(TimeSpan a, TimeSpan b)", Impl: spanSum(1)},
		types.Entry{Sig: "static TimeSpan operator -(TimeSpan a, TimeSpan b)", Impl: spanSum(-1)},
		types.Entry{Sig: "static TimeSpan operator -(TimeSpan a)", Impl: types.IntInt(negateSpan)},
		types.Entry{Sig: "static TimeSpan operator *(TimeSpan a, double b)", Impl: scaleSpan(func(a, b float64) float64 { return a * b }, 0, 1)},
		types.Entry{Sig: "static TimeSpan operator *(double a, TimeSpan b)", Impl: scaleSpan(func(a, b float64) float64 { return a * b }, 1, 0)},
		types.Entry{Sig: "static TimeSpan operator /(TimeSpan a, double b)", Impl: scaleSpan(func(a, b float64) float64 { return a / b }, 0, 1)},
		types.Entry{Sig: "static double operator /(TimeSpan a, TimeSpan b)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnFloat(float64(c.Int(0)) / float64(c.Int(1)))
		})},
	)
	for _, u := range spanUnits {
		members = append(members,
			types.Entry{Sig: "int " + u.name + " { get; }", Impl: types.IntInt(func(n int64) (int64, *value.Exception) { return n / u.ticks % u.mod, nil })},
			types.Entry{Sig: "double Total" + u.name + " { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
				return c.ReturnFloat(float64(c.Int(0)) / float64(u.ticks))
			})},
			types.Entry{Sig: "static TimeSpan From" + u.name + "(double value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
				n, e := span(c.Float(0), u.ticks)
				return value.Boxed(c.Result, uint64(n)), e
			})})
	}
	return types.Table{Namespace: system, Decl: "struct TimeSpan : IComparable, IComparable<TimeSpan>, IEquatable<TimeSpan>, IFormattable", Special: types.TimeSpan, Members: members}
}

func scaleSpan(f func(a, b float64) float64, span, by int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n, e := date.SpanOf(math.RoundToEven(f(float64(c.Int(span)), c.Float(by))), 1)
		return value.Boxed(c.Result, uint64(n)), e
	}
}
