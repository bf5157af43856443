package dates

import (
	"math"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/expr/library/clr"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

func dateRange(param string) *value.Exception {
	return value.OutOfRange(param, "The added or subtracted value results in an un-representable DateTime.")
}

// ofTicks keeps the kind of old.
func ofTicks(old, ticks int64) (int64, *value.Exception) {
	if !date.Valid(ticks) {
		return 0, dateRange("value")
	}
	return date.Bits(ticks, date.KindOf(old)), nil
}

// part reads a part of the date or the time.
func part(f func(t time.Time) int) types.IntInt {
	return func(bits int64) (int64, *value.Exception) { return int64(f(date.Time(date.Ticks(bits)))), nil }
}

// unitTicks returns the ticks that AddDays and its kin add for n units.
func unitTicks(span spanFunc, n float64, unit int64) (int64, *value.Exception) {
	all := n * float64(unit)
	if math.IsNaN(all) || math.Abs(all) >= float64(date.MaxTicks) {
		return 0, value.OutOfRange("value", "Value to add was out of range.")
	}
	return span(n, unit)
}

// addUnits implements AddDays and its kin: a double number of units.
func addUnits(span spanFunc, unit int64) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		ticks, e := unitTicks(span, c.Float(1), unit)
		if e != nil {
			return value.Nil, e
		}
		bits, e := ofTicks(c.Int(0), date.Ticks(c.Int(0))+ticks)
		return value.Boxed(c.Result, uint64(bits)), e
	}
}

func addMonths(months int64) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		ticks, ok := date.AddMonths(date.Ticks(c.Int(0)), c.Int(1)*months)
		if !ok {
			return value.Nil, dateRange("months")
		}
		return c.ReturnInt(date.Bits(ticks, date.KindOf(c.Int(0))))
	}
}

// dateParts reads year, month, day and what follows from the first n arguments.
func dateParts(c *value.Call, n int) (int64, *value.Exception) {
	ticks, ok := date.Of(int(c.Int(0)), int(c.Int(1)), int(c.Int(2)))
	if !ok {
		return 0, value.OutOfRange("", "Year, Month, and Day parameters describe an un-representable DateTime.")
	}
	if n >= 6 {
		clock, ok := date.Clock(int(c.Int(3)), int(c.Int(4)), int(c.Int(5)))
		if !ok {
			return 0, value.OutOfRange("", "Hour, Minute, and Second parameters describe an un-representable DateTime.")
		}
		ticks += clock
	}
	if n >= 7 {
		if ms := c.Int(6); ms < 0 || ms > 999 {
			return 0, value.OutOfRange("millisecond", "Valid values are between 0 and 999, inclusive.")
		}
		ticks += c.Int(6) * date.PerMillisecond
	}
	return ticks, nil
}

// newDateTime takes n numbers and perhaps a kind behind them.
func newDateTime(n int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		kind := date.Unspecified
		if len(c.Args) > n {
			kind = date.Kind(c.Int(n))
		}
		if n == 1 {
			if !date.Valid(c.Int(0)) {
				return value.Nil, value.OutOfRange("ticks", "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.")
			}
			return c.ReturnInt(date.Bits(c.Int(0), kind))
		}
		ticks, e := dateParts(c, n)
		return value.Boxed(c.Result, uint64(date.Bits(ticks, kind))), e
	}
}

func nowOf(kind date.Kind, day bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		ticks := date.OfTime(c.Thread.Now())
		if day {
			ticks -= ticks % date.PerDay
		}
		return c.ReturnInt(date.Bits(ticks, kind))
	}
}

// dateStyles returns the styles in the argument at i, if there is one.
func dateStyles(c *value.Call, i int) date.Styles {
	if len(c.Args) > i {
		return date.Styles(c.Int(i))
	}
	return 0
}

func parseDate(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "s"); e != nil {
		return value.Nil, e
	}
	bits, e := date.Parse(c.Go(0), dateStyles(c, 2), c.Thread.Now())
	return value.Boxed(c.Result, uint64(bits)), e
}

func tryParseDate(c *value.Call) (value.Value, *value.Exception) {
	out, styles := len(c.Args)-1, date.Styles(0)
	if out == 3 {
		styles = date.Styles(c.Int(2))
	}
	bits, e := date.Parse(c.Go(0), styles, c.Thread.Now())
	c.Args[out] = value.Boxed(c.Declaring, uint64(bits))
	return c.ReturnBool(e == nil)
}

// formatsOf returns the formats in the second argument: one, or an array of them.
func formatsOf(c *value.Call) ([]string, *value.Exception) {
	if s, ok := c.Args[1].Str(); ok {
		return []string{s.Go()}, nil
	}
	if c.Args[1].IsNull() {
		return nil, value.NullArgument("format")
	}
	return object.Strings(c.Thread, c.Args[1])
}

func parseDateExact(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "s"); e != nil {
		return value.Nil, e
	}
	formats, e := formatsOf(c)
	if e != nil {
		return value.Nil, e
	}
	bits, e := date.ParseExact(c.Go(0), formats, dateStyles(c, 3), c.Thread.Now())
	return value.Boxed(c.Result, uint64(bits)), e
}

// toKind converts between UTC and local, which are the same clock here.
func toKind(kind date.Kind) types.IntInt {
	return func(bits int64) (int64, *value.Exception) { return date.Bits(date.Ticks(bits), kind), nil }
}

// dateCompare compares two dates by their ticks.
func dateCompare(want func(n int) bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		a, b := date.Ticks(c.Int(0)), date.Ticks(c.Int(1))
		n := 0
		switch {
		case a < b:
			n = -1
		case a > b:
			n = 1
		}
		return c.ReturnBool(want(n))
	}
}

func dateAddSpan(sign int64) types.IntIntInt {
	return func(bits, span int64) (int64, *value.Exception) { return ofTicks(bits, date.Ticks(bits)+sign*span) }
}

func dateTimeMembers(span spanFunc) []types.Entry {
	difference := types.IntIntInt(func(a, b int64) (int64, *value.Exception) { return date.Ticks(a) - date.Ticks(b), nil })
	constant := func(n int64) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(n) }
	}
	return []types.Entry{
		{Sig: "static readonly DateTime MinValue", Impl: constant(0)},
		{Sig: "static readonly DateTime MaxValue", Impl: constant(date.MaxTicks)},
		{Sig: "static DateTime Now { get; }", Impl: nowOf(date.Local, false)},
		{Sig: "static DateTime UtcNow { get; }", Impl: nowOf(date.UTC, false)},
		{Sig: "static DateTime Today { get; }", Impl: nowOf(date.Local, true)},
		{Sig: "int Year { get; }", Impl: part(time.Time.Year)}, {Sig: "int Month { get; }", Impl: part(func(t time.Time) int { return int(t.Month()) })},
		{Sig: "int Day { get; }", Impl: part(time.Time.Day)}, {Sig: "int Hour { get; }", Impl: part(time.Time.Hour)},
		{Sig: "int Minute { get; }", Impl: part(time.Time.Minute)}, {Sig: "int Second { get; }", Impl: part(time.Time.Second)},
		{Sig: "int Millisecond { get; }", Impl: part(func(t time.Time) int { return t.Nanosecond() / 1e6 })},
		{Sig: "System.DayOfWeek DayOfWeek { get; }", Impl: part(func(t time.Time) int { return int(t.Weekday()) })},
		{Sig: "int DayOfYear { get; }", Impl: part(time.Time.YearDay)},
		{Sig: "long Ticks { get; }", Impl: types.IntInt(func(bits int64) (int64, *value.Exception) { return date.Ticks(bits), nil })},
		{Sig: "DateTimeKind Kind { get; }", Impl: types.IntInt(func(bits int64) (int64, *value.Exception) { return int64(date.KindOf(bits)), nil }), Traits: types.Unlisted},
		{Sig: "DateTime Date { get; }", Impl: types.IntInt(func(bits int64) (int64, *value.Exception) {
			return ofTicks(bits, date.Ticks(bits)-date.Ticks(bits)%date.PerDay)
		})},
		{Sig: "TimeSpan TimeOfDay { get; }", Impl: types.IntInt(func(bits int64) (int64, *value.Exception) { return date.Ticks(bits) % date.PerDay, nil })},
		{Sig: "DateTime Add(TimeSpan value)", Impl: dateAddSpan(1)},
		{Sig: "DateTime Subtract(TimeSpan value)", Impl: dateAddSpan(-1)},
		{Sig: "TimeSpan Subtract(DateTime value)", Impl: difference},
		{Sig: "DateTime AddTicks(long value)", Impl: dateAddSpan(1)},
		{Sig: "DateTime AddMilliseconds(double value)", Impl: addUnits(span, date.PerMillisecond)}, {Sig: "DateTime AddSeconds(double value)", Impl: addUnits(span, date.PerSecond)},
		{Sig: "DateTime AddMinutes(double value)", Impl: addUnits(span, date.PerMinute)}, {Sig: "DateTime AddHours(double value)", Impl: addUnits(span, date.PerHour)},
		{Sig: "DateTime AddDays(double value)", Impl: addUnits(span, date.PerDay)},
		{Sig: "DateTime AddMonths(int months)", Impl: addMonths(1)}, {Sig: "DateTime AddYears(int value)", Impl: addMonths(12)},
		{Sig: "DateTime ToUniversalTime()", Impl: toKind(date.UTC), Traits: types.Unlisted}, {Sig: "DateTime ToLocalTime()", Impl: toKind(date.Local), Traits: types.Unlisted},
		{Sig: "bool IsDaylightSavingTime()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(false) })},
		{Sig: "static int DaysInMonth(int year, int month)", Impl: types.IntIntInt(daysInMonth)},
		{Sig: "static bool IsLeapYear(int year)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(date.Leap(int(c.Int(0)))) })},
		{Sig: "static DateTime operator +(DateTime d, TimeSpan t)", Impl: dateAddSpan(1)},
		{Sig: "static DateTime operator -(DateTime d, TimeSpan t)", Impl: dateAddSpan(-1)},
		{Sig: "static TimeSpan operator -(DateTime d1, DateTime d2)", Impl: difference},
	}
}

func longTime(c *value.Call) (value.Value, *value.Exception) {
	s, e := object.Format(c.Args[0], "T")
	return value.OfString(s), e
}

func daysInMonth(year, month int64) (int64, *value.Exception) {
	if _, ok := date.Of(int(year), int(month), 1); !ok {
		return 0, value.OutOfRange("month", "Month must be between one and twelve.")
	}
	return int64(date.DaysIn(int(year), int(month))), nil
}

// comparisonOperators are == != < <= > >= of a struct.
func comparisonOperators(name string, by func(want func(n int) bool) types.Func) []types.Entry {
	var list []types.Entry
	for _, op := range []struct {
		text string
		want func(n int) bool
	}{
		{"==", func(n int) bool { return n == 0 }}, {"!=", func(n int) bool { return n != 0 }}, {"<", func(n int) bool { return n < 0 }},
		{"<=", func(n int) bool { return n <= 0 }}, {">", func(n int) bool { return n > 0 }}, {">=", func(n int) bool { return n >= 0 }},
	} {
		list = append(list, types.Entry{Sig: "static bool operator " + op.text + "(" + name + " a, " + name + " b)", Impl: by(op.want)})
	}
	return list
}

func dateTimeTables(span spanFunc) []types.Table {
	const provider = "IFormatProvider provider"
	const styles = "System.Globalization.DateTimeStyles"
	members := dateTimeMembers(span)
	for _, m := range clr.ValueMembers("DateTime") {
		if strings.Contains(m.Sig, "CompareTo") {
			m.Traits |= types.Unlisted
		}
		members = append(members, m)
	}
	members = append(members, comparisonOperators("DateTime", dateCompare)...)
	const day, clock = "int year, int month, int day", ", int hour, int minute, int second"
	for _, ctor := range []struct {
		n   int
		sig string
	}{{1, "long ticks"}, {3, day}, {6, day + clock}, {7, day + clock + ", int millisecond"}} {
		members = append(members, types.Entry{Sig: "DateTime(" + ctor.sig + ")", Impl: newDateTime(ctor.n)})
		if ctor.n != 3 {
			members = append(members, types.Entry{Sig: "DateTime(" + ctor.sig + ", DateTimeKind kind)", Impl: newDateTime(ctor.n)})
		}
	}
	bits := types.IntInt(func(n int64) (int64, *value.Exception) { return n, nil })
	members = append(members,
		types.Entry{Sig: "DateTime()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(0) })},
		types.Entry{Sig: "static DateTime Parse(string s)", Impl: types.Func(parseDate)},
		types.Entry{Sig: "static DateTime Parse(string s, " + provider + ")", Impl: types.Func(parseDate)},
		types.Entry{Sig: "static DateTime Parse(string s, " + provider + ", " + styles + " styles)", Impl: types.Func(parseDate)},
		types.Entry{Sig: "static bool TryParse(string s, out DateTime result)", Impl: types.Func(tryParseDate), Traits: types.Unlisted},
		types.Entry{Sig: "static bool TryParse(string s, " + provider + ", " + styles + " styles, out DateTime result)", Impl: types.Func(tryParseDate), Traits: types.Unlisted},
		types.Entry{Sig: "static DateTime ParseExact(string s, string format, " + provider + ")", Impl: types.Func(parseDateExact), Traits: types.Unlisted},
		types.Entry{Sig: "static DateTime ParseExact(string s, string format, " + provider + ", " + styles + " style)", Impl: types.Func(parseDateExact), Traits: types.Unlisted},
		types.Entry{Sig: "static DateTime ParseExact(string s, string[] formats, " + provider + ", " + styles + " style)", Impl: types.Func(parseDateExact), Traits: types.Unlisted},
		types.Entry{Sig: "static DateTime FromBinary(long dateData)", Impl: bits, Traits: types.Unlisted},
		types.Entry{Sig: "long ToBinary()", Impl: bits, Traits: types.Unlisted},
		types.Entry{Sig: "string ToLongTimeString()", Impl: types.Func(longTime), Traits: types.Unlisted},
		types.Entry{Sig: "long ToFileTimeUtc()", Impl: types.IntInt(func(n int64) (int64, *value.Exception) { return date.Ticks(n) - fileTimeTicks, nil }), Traits: types.Unlisted},
	)
	return []types.Table{
		{Namespace: system, Decl: "struct DateTime : IComparable, IComparable<DateTime>, IEquatable<DateTime>, IFormattable, IConvertible", Special: types.DateTime, Members: members},
		{Namespace: system, Decl: "enum DateTimeKind", Members: []types.Entry{
			{Sig: "Unspecified = 0", Traits: types.Unnamed}, {Sig: "Utc = 1"}, {Sig: "Local = 2", Traits: types.Unnamed},
		}},
		{Namespace: system, Decl: "enum DayOfWeek", Members: []types.Entry{
			{Sig: "Sunday = 0"}, {Sig: "Monday = 1"}, {Sig: "Tuesday = 2"}, {Sig: "Wednesday = 3"}, {Sig: "Thursday = 4"}, {Sig: "Friday = 5"}, {Sig: "Saturday = 6"},
		}},
	}
}

// fileTimeTicks are those of 1601-01-01, the epoch of Windows file times.
const fileTimeTicks = 504911232000000000
