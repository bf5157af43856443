package dates

import (
	"time"

	"github.com/sallyport/sallyport/internal/expr/library/clr"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

func offsetArg(c *value.Call, i int) *object.Offset {
	o, ok := c.Object(i).(*object.Offset)
	if !ok {
		return &object.Offset{}
	}
	return o
}

// newOffset checks the ranges and returns a DateTimeOffset.
func newOffset(t *value.Thread, ticks, by int64) (value.Value, *value.Exception) {
	if by > date.MaxOffset || by < -date.MaxOffset {
		return value.Nil, value.OutOfRange("offset", "Offset must be within plus or minus 14 hours.")
	}
	if by%date.PerMinute != 0 {
		return value.Nil, value.Argument("offset", "Offset must be specified in whole minutes.")
	}
	if !date.Valid(ticks) || !date.Valid(ticks-by) {
		return value.Nil, value.OutOfRange("", "The UTC time represented when the offset is applied must be between year 0 and 10,000.")
	}
	return value.OfObject(&object.Offset{Class: object.Of(t).Named("System.DateTimeOffset"), Ticks: ticks, By: by}), nil
}

// offsetPart reads a part of the local date or time.
func offsetPart(f func(t time.Time) int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return c.ReturnInt(int64(f(date.Time(offsetArg(c, 0).Ticks))))
	}
}

func offsetAdd(span spanFunc, unit int64) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n, e := unitTicks(span, c.Float(1), unit)
		if e != nil {
			return value.Nil, e
		}
		o := offsetArg(c, 0)
		return newOffset(c.Thread, o.Ticks+n, o.By)
	}
}

func offsetMonths(months int64) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		o := offsetArg(c, 0)
		ticks, ok := date.AddMonths(o.Ticks, c.Int(1)*months)
		if !ok {
			return value.Nil, dateRange("months")
		}
		return newOffset(c.Thread, ticks, o.By)
	}
}

func offsetSpan(sign int64) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		o := offsetArg(c, 0)
		return newOffset(c.Thread, o.Ticks+sign*c.Int(1), o.By)
	}
}

func offsetDifference(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnInt(offsetArg(c, 0).UTC() - offsetArg(c, 1).UTC())
}

func offsetOfDate(c *value.Call) (value.Value, *value.Exception) {
	by := int64(0)
	if len(c.Args) > 1 {
		by = c.Int(1)
		if date.KindOf(c.Int(0)) != date.Unspecified && by != 0 {
			return value.Nil, value.Argument("offset", "The UTC Offset for Utc DateTime instances must be 0.")
		}
	}
	return newOffset(c.Thread, date.Ticks(c.Int(0)), by)
}

func offsetOfParts(n int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		ticks := c.Int(0)
		if n > 1 {
			var e *value.Exception
			if ticks, e = dateParts(c, n); e != nil {
				return value.Nil, e
			}
		}
		return newOffset(c.Thread, ticks, c.Int(n))
	}
}

func parseOffset(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "input"); e != nil {
		return value.Nil, e
	}
	ticks, by, e := date.ParseOffset(c.Go(0), dateStyles(c, 2), c.Thread.Now())
	if e != nil {
		return value.Nil, e
	}
	return newOffset(c.Thread, ticks, by)
}

func tryParseOffset(c *value.Call) (value.Value, *value.Exception) {
	out, styles := len(c.Args)-1, date.Styles(0)
	if out == 3 {
		styles = date.Styles(c.Int(2))
	}
	ticks, by, e := date.ParseOffset(c.Go(0), styles, c.Thread.Now())
	if e != nil {
		ticks, by = 0, 0
	}
	c.Args[out] = value.OfObject(&object.Offset{Class: c.Declaring, Ticks: ticks, By: by})
	return c.ReturnBool(e == nil)
}

func parseOffsetExact(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "input"); e != nil {
		return value.Nil, e
	}
	formats, e := formatsOf(c)
	if e != nil {
		return value.Nil, e
	}
	ticks, by, e := date.ParseOffsetExact(c.Go(0), formats, dateStyles(c, 3), c.Thread.Now())
	if e != nil {
		return value.Nil, e
	}
	return newOffset(c.Thread, ticks, by)
}

func tryParseOffsetExact(c *value.Call) (value.Value, *value.Exception) {
	o := &object.Offset{Class: c.Declaring}
	formats, e := formatsOf(c)
	if e == nil && !c.Args[0].IsNull() {
		ticks, by, e := date.ParseOffsetExact(c.Go(0), formats, date.Styles(c.Int(3)), c.Thread.Now())
		if e == nil {
			o.Ticks, o.By = ticks, by
			c.Args[4] = value.OfObject(o)
			return c.ReturnBool(true)
		}
	}
	c.Args[4] = value.OfObject(o)
	return c.ReturnBool(false)
}

// floorDiv divides rounding down, as the Unix times before 1970 need.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func fromUnix(unit int64) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n := c.Int(0)
		if n > date.MaxTicks/unit || n < -date.UnixTicks/unit {
			return value.Nil, value.OutOfRange("seconds", "Valid values are between -62135596800 and 253402300799, inclusive.")
		}
		return newOffset(c.Thread, date.UnixTicks+n*unit, 0)
	}
}

func toUnix(unit int64) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return c.ReturnInt(floorDiv(offsetArg(c, 0).UTC(), unit) - date.UnixTicks/unit)
	}
}

func offsetTable(span spanFunc) types.Table {
	now := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		return newOffset(c.Thread, date.OfTime(c.Thread.Now()), 0)
	})
	of := func(f func(o *object.Offset) int64) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(f(offsetArg(c, 0))) }
	}
	constant := func(ticks int64) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) { return newOffset(c.Thread, ticks, 0) }
	}
	members := append(clr.ValueMembers("DateTimeOffset"), comparisonOperators("DateTimeOffset", bitsCompare)...)
	members = append(members, []types.Entry{
		{Sig: "static readonly DateTimeOffset MinValue", Impl: constant(0)}, {Sig: "static readonly DateTimeOffset MaxValue", Impl: constant(date.MaxTicks)},
		{Sig: "static readonly DateTimeOffset UnixEpoch", Impl: constant(date.UnixTicks)},
		{Sig: "static DateTimeOffset Now { get; }", Impl: now}, {Sig: "static DateTimeOffset UtcNow { get; }", Impl: now},
		{Sig: "DateTimeOffset()", Impl: constant(0)},
		{Sig: "DateTimeOffset(DateTime dateTime)", Impl: types.Func(offsetOfDate)}, {Sig: "DateTimeOffset(DateTime dateTime, TimeSpan offset)", Impl: types.Func(offsetOfDate)},
		{Sig: "DateTimeOffset(long ticks, TimeSpan offset)", Impl: offsetOfParts(1)},
		{Sig: "DateTimeOffset(int year, int month, int day, int hour, int minute, int second, TimeSpan offset)", Impl: offsetOfParts(6)},
		{Sig: "DateTimeOffset(int year, int month, int day, int hour, int minute, int second, int millisecond, TimeSpan offset)", Impl: offsetOfParts(7)},
		{Sig: "int Year { get; }", Impl: offsetPart(time.Time.Year)}, {Sig: "int Month { get; }", Impl: offsetPart(func(t time.Time) int { return int(t.Month()) })},
		{Sig: "int Day { get; }", Impl: offsetPart(time.Time.Day)}, {Sig: "int Hour { get; }", Impl: offsetPart(time.Time.Hour)},
		{Sig: "int Minute { get; }", Impl: offsetPart(time.Time.Minute)}, {Sig: "int Second { get; }", Impl: offsetPart(time.Time.Second)},
		{Sig: "int Millisecond { get; }", Impl: offsetPart(func(t time.Time) int { return t.Nanosecond() / 1e6 })},
		{Sig: "System.DayOfWeek DayOfWeek { get; }", Impl: offsetPart(func(t time.Time) int { return int(t.Weekday()) })}, {Sig: "int DayOfYear { get; }", Impl: offsetPart(time.Time.YearDay)},
		{Sig: "long Ticks { get; }", Impl: of(func(o *object.Offset) int64 { return o.Ticks })},
		{Sig: "long UtcTicks { get; }", Impl: of((*object.Offset).UTC)},
		{Sig: "TimeSpan Offset { get; }", Impl: of(func(o *object.Offset) int64 { return o.By })},
		{Sig: "TimeSpan TimeOfDay { get; }", Impl: of(func(o *object.Offset) int64 { return o.Ticks % date.PerDay })},
		{Sig: "DateTime Date { get; }", Impl: of(func(o *object.Offset) int64 { return o.Ticks - o.Ticks%date.PerDay })},
		{Sig: "System.DateTime DateTime { get; }", Impl: of(func(o *object.Offset) int64 { return o.Ticks })},
		{Sig: "DateTime UtcDateTime { get; }", Impl: of(func(o *object.Offset) int64 { return date.Bits(o.UTC(), date.UTC) })},
		{Sig: "DateTime LocalDateTime { get; }", Impl: of(func(o *object.Offset) int64 { return date.Bits(o.UTC(), date.Local) })},
		{Sig: "DateTimeOffset ToUniversalTime()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return newOffset(c.Thread, offsetArg(c, 0).UTC(), 0)
		})},
		{Sig: "DateTimeOffset ToLocalTime()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return newOffset(c.Thread, offsetArg(c, 0).UTC(), 0)
		})},
		{Sig: "DateTimeOffset ToOffset(TimeSpan offset)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return newOffset(c.Thread, offsetArg(c, 0).UTC()+c.Int(1), c.Int(1))
		})},
		{Sig: "DateTimeOffset Add(TimeSpan timeSpan)", Impl: offsetSpan(1)}, {Sig: "DateTimeOffset Subtract(TimeSpan value)", Impl: offsetSpan(-1)},
		{Sig: "TimeSpan Subtract(DateTimeOffset value)", Impl: types.Func(offsetDifference)}, {Sig: "DateTimeOffset AddTicks(long ticks)", Impl: offsetSpan(1)},
		{Sig: "DateTimeOffset AddMilliseconds(double milliseconds)", Impl: offsetAdd(span, date.PerMillisecond)}, {Sig: "DateTimeOffset AddSeconds(double seconds)", Impl: offsetAdd(span, date.PerSecond)},
		{Sig: "DateTimeOffset AddMinutes(double minutes)", Impl: offsetAdd(span, date.PerMinute)}, {Sig: "DateTimeOffset AddHours(double hours)", Impl: offsetAdd(span, date.PerHour)},
		{Sig: "DateTimeOffset AddDays(double days)", Impl: offsetAdd(span, date.PerDay)}, {Sig: "DateTimeOffset AddMonths(int months)", Impl: offsetMonths(1)}, {Sig: "DateTimeOffset AddYears(int years)", Impl: offsetMonths(12)},
		{Sig: "static DateTimeOffset FromUnixTimeSeconds(long seconds)", Impl: fromUnix(date.PerSecond)}, {Sig: "static DateTimeOffset FromUnixTimeMilliseconds(long milliseconds)", Impl: fromUnix(date.PerMillisecond)},
		{Sig: "long ToUnixTimeSeconds()", Impl: toUnix(date.PerSecond)}, {Sig: "long ToUnixTimeMilliseconds()", Impl: toUnix(date.PerMillisecond)},
		{Sig: "static int Compare(DateTimeOffset first, DateTimeOffset second)", Impl: types.Func(clr.Compare)},
		{Sig: "static implicit operator DateTimeOffset(DateTime dateTime)", Impl: types.Func(offsetOfDate)},
		{Sig: "static DateTimeOffset operator +(DateTimeOffset d, TimeSpan t)", Impl: offsetSpan(1)}, {Sig: "static DateTimeOffset operator -(DateTimeOffset d, TimeSpan t)", Impl: offsetSpan(-1)},
		{Sig: "static TimeSpan operator -(DateTimeOffset a, DateTimeOffset b)", Impl: types.Func(offsetDifference)},
	}...)
	return types.Table{Namespace: system, Decl: "struct DateTimeOffset : IComparable, IComparable<DateTimeOffset>, IEquatable<DateTimeOffset>, IFormattable", Members: append(members, offsetParseMembers()...)}
}

func offsetParseMembers() []types.Entry {
	const styles = "System.Globalization.DateTimeStyles"
	return []types.Entry{
		{Sig: "static DateTimeOffset Parse(string input)", Impl: types.Func(parseOffset)},
		{Sig: "static DateTimeOffset Parse(string input, IFormatProvider formatProvider)", Impl: types.Func(parseOffset)},
		{Sig: "static DateTimeOffset Parse(string input, IFormatProvider formatProvider, " + styles + " styles)", Impl: types.Func(parseOffset)},
		{Sig: "static bool TryParse(string input, out DateTimeOffset result)", Impl: types.Func(tryParseOffset)},
		{Sig: "static bool TryParse(string input, IFormatProvider formatProvider, " + styles + " styles, out DateTimeOffset result)", Impl: types.Func(tryParseOffset)},
		{Sig: "static DateTimeOffset ParseExact(string input, string[] formats, IFormatProvider formatProvider, " + styles + " styles)", Impl: types.Func(parseOffsetExact)},
		{Sig: "static bool TryParseExact(string input, string format, IFormatProvider formatProvider, " + styles + " styles, out DateTimeOffset result)", Impl: types.Func(tryParseOffsetExact)},
		{Sig: "static bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, " + styles + " styles, out DateTimeOffset result)", Impl: types.Func(tryParseOffsetExact)},
		{Sig: "long ToFileTime()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(offsetArg(c, 0).UTC() - fileTimeTicks)
		})},
		{Sig: "static DateTimeOffset FromFileTime(long fileTime)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if n := c.Int(0); n < 0 || n > date.MaxTicks-fileTimeTicks {
				return value.Nil, value.OutOfRange("fileTime", "Not a valid Win32 FileTime.")
			}
			return newOffset(c.Thread, c.Int(0)+fileTimeTicks, 0)
		})},
		{Sig: "bool EqualsExact(DateTimeOffset other)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			a, b := offsetArg(c, 0), offsetArg(c, 1)
			return c.ReturnBool(a.Ticks == b.Ticks && a.By == b.By)
		})},
		{Sig: "static bool Equals(DateTimeOffset first, DateTimeOffset second)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnBool(offsetArg(c, 0).UTC() == offsetArg(c, 1).UTC())
		})},
		{Sig: "static DateTimeOffset ParseExact(string input, string format, IFormatProvider formatProvider)", Impl: types.Func(parseOffsetExact)},
		{Sig: "static DateTimeOffset ParseExact(string input, string format, IFormatProvider formatProvider, " + styles + " styles)", Impl: types.Func(parseOffsetExact)},
	}
}
