package dates

import (
	"time"
	_ "time/tzdata" // Policies name time zones, and a container may have none.

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// zone is a TimeZoneInfo.
type zone struct {
	class value.Type
	id    string
	loc   *time.Location
}

func (z *zone) ObjectType() value.Type { return z.class }

// windowsZones are the Windows names that policies use most, as names of the time zone database.
var windowsZones = map[string]string{
	"UTC": "UTC", "GMT Standard Time": "Europe/London", "W. Europe Standard Time": "Europe/Berlin", "Romance Standard Time": "Europe/Paris",
	"Central Europe Standard Time": "Europe/Budapest", "Central European Standard Time": "Europe/Warsaw", "E. Europe Standard Time": "Europe/Chisinau",
	"FLE Standard Time": "Europe/Kiev", "GTB Standard Time": "Europe/Bucharest", "Russian Standard Time": "Europe/Moscow", "Turkey Standard Time": "Europe/Istanbul",
	"Eastern Standard Time": "America/New_York", "Central Standard Time": "America/Chicago", "Mountain Standard Time": "America/Denver", "Pacific Standard Time": "America/Los_Angeles",
	"India Standard Time": "Asia/Kolkata", "China Standard Time": "Asia/Shanghai", "Tokyo Standard Time": "Asia/Tokyo", "Singapore Standard Time": "Asia/Singapore",
	"Arabian Standard Time": "Asia/Dubai", "Israel Standard Time": "Asia/Jerusalem", "AUS Eastern Standard Time": "Australia/Sydney", "New Zealand Standard Time": "Pacific/Auckland",
	"E. South America Standard Time": "America/Sao_Paulo", "SA Pacific Standard Time": "America/Bogota", "South Africa Standard Time": "Africa/Johannesburg", "Egypt Standard Time": "Africa/Cairo",
}

func findZone(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "id"); e != nil {
		return value.Nil, e
	}
	id := c.Go(0)
	name, ok := windowsZones[id]
	if !ok {
		name = id
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return value.Nil, value.Throw("System.TimeZoneNotFoundException", "The time zone ID '"+id+"' was not found on the local computer.")
	}
	return value.OfObject(&zone{class: c.Result, id: id, loc: loc}), nil
}

func zoneArg(c *value.Call, i int) (*zone, *value.Exception) {
	z, ok := c.Object(i).(*zone)
	if !ok {
		return nil, value.NullArgument("timeZone")
	}
	return z, nil
}

// wall returns the ticks that a clock in loc shows at the ticks in UTC.
func wall(ticks int64, loc *time.Location) (local, offset int64) {
	_, sec := date.Time(ticks).In(loc).Zone()
	offset = int64(sec) * date.PerSecond
	return ticks + offset, offset
}

// unwall returns the ticks in UTC at which a clock in loc shows ticks.
func unwall(ticks int64, loc *time.Location) int64 {
	t := date.Time(ticks)
	return date.OfTime(time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc).UTC())
}

func kindIn(loc *time.Location) date.Kind {
	if loc == time.UTC || loc.String() == "UTC" {
		return date.UTC
	}
	return date.Unspecified
}

func convertFromUTC(c *value.Call) (value.Value, *value.Exception) {
	z, e := zoneArg(c, 1)
	if e != nil {
		return value.Nil, e
	}
	local, _ := wall(date.Ticks(c.Int(0)), z.loc)
	return c.ReturnInt(date.Bits(local, kindIn(z.loc)))
}

func convertToUTC(c *value.Call) (value.Value, *value.Exception) {
	ticks := date.Ticks(c.Int(0))
	if len(c.Args) > 1 {
		z, e := zoneArg(c, 1)
		if e != nil {
			return value.Nil, e
		}
		if date.KindOf(c.Int(0)) == date.Unspecified {
			ticks = unwall(ticks, z.loc)
		}
	}
	return c.ReturnInt(date.Bits(ticks, date.UTC))
}

// convertTime converts a DateTime to a zone, from another where three arguments are given.
func convertTime(c *value.Call) (value.Value, *value.Exception) {
	ticks := date.Ticks(c.Int(0))
	if len(c.Args) == 3 {
		from, e := zoneArg(c, 1)
		if e != nil {
			return value.Nil, e
		}
		ticks = unwall(ticks, from.loc)
	}
	z, e := zoneArg(c, len(c.Args)-1)
	if e != nil {
		return value.Nil, e
	}
	local, _ := wall(ticks, z.loc)
	return c.ReturnInt(date.Bits(local, kindIn(z.loc)))
}

func convertOffset(c *value.Call) (value.Value, *value.Exception) {
	z, e := zoneArg(c, 1)
	if e != nil {
		return value.Nil, e
	}
	local, by := wall(offsetArg(c, 0).UTC(), z.loc)
	return newOffset(c.Thread, local, by)
}

// zoneOffset reads the offset of a zone at a time.
func zoneOffset(at func(c *value.Call, z *zone) time.Time) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		z, e := zoneArg(c, 0)
		if e != nil {
			return value.Nil, e
		}
		_, sec := at(c, z).Zone()
		return c.ReturnInt(int64(sec) * date.PerSecond)
	}
}

func timeZoneTables() []types.Table {
	utc := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		return value.OfObject(&zone{class: c.Result, id: "UTC", loc: time.UTC}), nil
	})
	text := func(c *value.Call) (value.Value, *value.Exception) {
		z, e := zoneArg(c, 0)
		if e != nil {
			return value.Nil, e
		}
		return value.OfGo(z.id), nil
	}
	local := func(c *value.Call, z *zone) time.Time {
		return date.Time(unwall(date.Ticks(c.Int(1)), z.loc)).In(z.loc)
	}
	return []types.Table{
		timeZoneTable(utc, text),
		{Namespace: system, Decl: "sealed class TimeZoneInfo", Members: []types.Entry{
			{Sig: "static TimeZoneInfo Utc { get; }", Impl: utc},
			{Sig: "static TimeZoneInfo Local { get; }", Impl: utc},
			{Sig: "static TimeZoneInfo FindSystemTimeZoneById(string id)", Impl: types.Func(findZone)},
			{Sig: "string Id { get; }", Impl: types.Func(text)},
			{Sig: "string StandardName { get; }", Impl: types.Func(text)},
			{Sig: "string DisplayName { get; }", Impl: types.Func(text)},
			{Sig: "TimeSpan BaseUtcOffset { get; }", Impl: zoneOffset(func(_ *value.Call, z *zone) time.Time {
				t := time.Date(2024, 1, 1, 0, 0, 0, 0, z.loc)
				if t.IsDST() {
					return time.Date(2024, 7, 1, 0, 0, 0, 0, z.loc)
				}
				return t
			})},
			{Sig: "bool SupportsDaylightSavingTime { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
				z, e := zoneArg(c, 0)
				if e != nil {
					return value.Nil, e
				}
				_, winter := time.Date(2024, 1, 1, 0, 0, 0, 0, z.loc).Zone()
				_, summer := time.Date(2024, 7, 1, 0, 0, 0, 0, z.loc).Zone()
				return c.ReturnBool(winter != summer)
			})},
			{Sig: "TimeSpan GetUtcOffset(DateTimeOffset dateTimeOffset)", Impl: zoneOffset(func(c *value.Call, z *zone) time.Time {
				return date.Time(offsetArg(c, 1).UTC()).In(z.loc)
			})},
			{Sig: "TimeSpan GetUtcOffset(DateTime dateTime)", Impl: zoneOffset(local)},
			{Sig: "bool IsDaylightSavingTime(DateTime dateTime)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
				z, e := zoneArg(c, 0)
				if e != nil {
					return value.Nil, e
				}
				return c.ReturnBool(local(c, z).IsDST())
			})},
			{Sig: "static DateTime ConvertTimeFromUtc(DateTime dateTime, TimeZoneInfo destinationTimeZone)", Impl: types.Func(convertFromUTC)},
			{Sig: "static DateTime ConvertTimeToUtc(DateTime dateTime)", Impl: types.Func(convertToUTC)},
			{Sig: "static DateTime ConvertTimeToUtc(DateTime dateTime, TimeZoneInfo sourceTimeZone)", Impl: types.Func(convertToUTC)},
			{Sig: "static DateTime ConvertTime(DateTime dateTime, TimeZoneInfo destinationTimeZone)", Impl: types.Func(convertTime)},
			{Sig: "static DateTime ConvertTime(DateTime dateTime, TimeZoneInfo sourceTimeZone, TimeZoneInfo destinationTimeZone)", Impl: types.Func(convertTime)},
			{Sig: "static DateTimeOffset ConvertTime(DateTimeOffset dateTimeOffset, TimeZoneInfo destinationTimeZone)", Impl: types.Func(convertOffset)},
			{Sig: "static DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string destinationTimeZoneId)", Impl: types.Func(convertByID)},
		}},
	}
}

// timeZoneTable declares the class that came before TimeZoneInfo.
func timeZoneTable(utc, text types.Func) types.Table {
	return types.Table{Namespace: system, Decl: "abstract class TimeZone", Members: []types.Entry{
		{Sig: "static TimeZone CurrentTimeZone { get; }", Impl: utc},
		{Sig: "string StandardName { get; }", Impl: text},
		{Sig: "DateTime ToLocalTime(DateTime time)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(date.Bits(date.Ticks(c.Int(1)), date.Local))
		})},
		{Sig: "DateTime ToUniversalTime(DateTime time)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(date.Bits(date.Ticks(c.Int(1)), date.UTC))
		})},
		{Sig: "TimeSpan GetUtcOffset(DateTime time)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(0) })},
	}}
}

func convertByID(c *value.Call) (value.Value, *value.Exception) {
	found, e := findZone(&value.Call{Thread: c.Thread, Args: c.Args[1:], Result: object.Of(c.Thread).Named("System.TimeZoneInfo")})
	if e != nil {
		return value.Nil, e
	}
	c.Args[1] = found
	return convertFromUTC(c)
}
