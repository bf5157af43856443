package dates

import (
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

const zoneName = "System.TimeZoneInfo"

// zoneCost is what a zone of the database takes, in bytes.
const zoneCost = 8 << 10

// fixedZones are TimeZoneInfo.Utc and TimeZoneInfo.Local, which are the same objects each time.
type fixedZones struct {
	once       sync.Once
	utc, local *zone
}

func (f *fixedZones) get(class value.Type) *fixedZones {
	f.once.Do(func() {
		f.utc = ofLocation(class, "UTC", time.UTC)
		f.local = ofLocation(class, "Etc/UTC", time.UTC)
		f.local.display, f.local.standard, f.local.daylight, f.local.kind = "UTC", "UTC", "UTC", date.Local
	})
	return f
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
	if e := c.Thread.Budget.Alloc(zoneCost); e != nil {
		return value.Nil, e
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return value.Nil, value.Throw("System.TimeZoneNotFoundException", "The time zone ID '"+id+"' was not found on the local computer.")
	}
	return value.OfObject(ofLocation(c.Result, id, loc)), nil
}

// customZone is TimeZoneInfo.CreateCustomTimeZone: id, offset, display name, standard name, and perhaps daylight name,
// rules and whether to leave the rules out.
func customZone(c *value.Call) (value.Value, *value.Exception) {
	z := &zone{class: c.Result, id: c.Go(0), base: c.Int(1), display: c.Go(2), standard: c.Go(3)}
	switch {
	case c.Args[0].IsNull():
		return value.Nil, value.NullArgument("id")
	case z.id == "":
		return value.Nil, value.Argument("id", "The specified ID parameter '' is not supported.")
	case z.base%date.PerMinute != 0:
		return value.Nil, value.Argument("baseUtcOffset", "The TimeSpan parameter cannot be specified more precisely than whole minutes.")
	case z.base > date.MaxOffset || z.base < -date.MaxOffset:
		return value.Nil, value.OutOfRange("baseUtcOffset", "The TimeSpan parameter must be within plus or minus 14.0 hours.")
	case len(c.Args) == 4:
		z.daylight = z.standard
		return value.OfObject(z), nil
	case len(c.Args) == 7 && c.Bool(6):
		return value.OfObject(z), nil
	}
	z.daylight = c.Go(4)
	if c.Args[5].IsNull() {
		return value.OfObject(z), nil
	}
	items, e := object.List(c.Thread, c.Args[5])
	if e != nil {
		return value.Nil, e
	}
	for _, item := range items {
		o, _ := item.Object()
		r, ok := o.(*rule)
		if !ok {
			return value.Nil, value.Throw("System.InvalidTimeZoneException", "The AdjustmentRule array cannot contain null elements.")
		}
		if n := len(z.rules); n > 0 && r.start <= z.rules[n-1].end {
			return value.Nil, value.Throw("System.InvalidTimeZoneException", "The elements of the AdjustmentRule array must be in chronological order and must not overlap.")
		}
		z.rules = append(z.rules, r)
	}
	return value.OfObject(z), nil
}

func adjustmentRules(c *value.Call) (value.Value, *value.Exception) {
	z, e := zoneArg(c, 0, "this")
	if e != nil {
		return value.Nil, e
	}
	rules := z.rules
	if z.loc != nil && z.observes() {
		if e := c.Thread.Budget.Steps(2 * (lastRuleYear - firstRuleYear)); e != nil {
			return value.Nil, e
		}
		rules = z.yearlyRules(c.Thread)
	}
	if e := c.Thread.Budget.AllocElements(int64(len(rules)), 256); e != nil {
		return value.Nil, e
	}
	items := make([]value.Value, len(rules))
	for i, r := range rules {
		items[i] = value.OfObject(r)
	}
	class, ok := c.Result.(*types.Type)
	if !ok {
		return value.Nil, nil
	}
	return object.ArrayOf(class, items), nil
}

// zoneTables are TimeZoneInfo, the types inside it, and the class that came before it.
func zoneTables() []types.Table {
	fixed := &fixedZones{}
	utc := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		return value.OfObject(fixed.get(c.Result).utc), nil
	})
	local := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		return value.OfObject(fixed.get(c.Result).local), nil
	})
	find := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		if c.Go(0) == "UTC" {
			return value.OfObject(fixed.get(c.Result).utc), nil
		}
		return findZone(c)
	})
	members := append(conversionMembers(), zoneMembers()...)
	members = append(members,
		types.Entry{Sig: "static TimeZoneInfo Utc { get; }", Impl: utc},
		types.Entry{Sig: "static TimeZoneInfo Local { get; }", Impl: local},
		types.Entry{Sig: "static TimeZoneInfo FindSystemTimeZoneById(string id)", Impl: find},
	)
	list := []types.Table{
		{Namespace: system, Decl: "sealed class TimeZoneInfo : IEquatable<TimeZoneInfo>", Members: members},
		oldZoneTable(),
	}
	return append(list, transitionTables()...)
}

// conversionMembers are the static methods that convert, and those that make zones.
func conversionMembers() []types.Entry {
	const custom = "static TimeZoneInfo CreateCustomTimeZone(string id, TimeSpan baseUtcOffset, string displayName, string standardDisplayName"
	const rules = ", string daylightDisplayName, TimeZoneInfo.AdjustmentRule[] adjustmentRules"
	return []types.Entry{
		{Sig: "static DateTime ConvertTimeFromUtc(DateTime dateTime, TimeZoneInfo destinationTimeZone)", Impl: types.Func(convertFromUTC)},
		{Sig: "static DateTime ConvertTimeToUtc(DateTime dateTime)", Impl: types.Func(convertToUTC)},
		{Sig: "static DateTime ConvertTimeToUtc(DateTime dateTime, TimeZoneInfo sourceTimeZone)", Impl: types.Func(convertToUTC)},
		{Sig: "static DateTime ConvertTime(DateTime dateTime, TimeZoneInfo destinationTimeZone)", Impl: types.Func(convertTime)},
		{Sig: "static DateTime ConvertTime(DateTime dateTime, TimeZoneInfo sourceTimeZone, TimeZoneInfo destinationTimeZone)", Impl: types.Func(convertTime)},
		{Sig: "static DateTimeOffset ConvertTime(DateTimeOffset dateTimeOffset, TimeZoneInfo destinationTimeZone)", Impl: types.Func(convertOffset)},
		{Sig: "static DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string destinationTimeZoneId)", Impl: byID(convertTime)},
		{Sig: "static DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string sourceTimeZoneId, string destinationTimeZoneId)", Impl: byID(convertTime)},
		{Sig: "static DateTimeOffset ConvertTimeBySystemTimeZoneId(DateTimeOffset dateTimeOffset, string destinationTimeZoneId)", Impl: byID(convertOffset)},
		{Sig: custom + ")", Impl: types.Func(customZone)},
		{Sig: custom + rules + ")", Impl: types.Func(customZone)},
		{Sig: custom + rules + ", bool disableDaylightSavingTime)", Impl: types.Func(customZone)},
		{Sig: "static void ClearCachedData()", Impl: types.Func(func(*value.Call) (value.Value, *value.Exception) { return value.Nil, nil })},
	}
}

// zoneMembers are the members of one zone.
func zoneMembers() []types.Entry {
	text := func(f func(z *zone) string) types.ObjStr {
		return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
			x, _ := o.Object()
			z, ok := x.(*zone)
			if !ok {
				return value.Null, value.NullReference()
			}
			return value.Str(f(z)), nil
		}
	}
	return []types.Entry{
		{Sig: "string Id { get; }", Impl: text(func(z *zone) string { return z.id })},
		{Sig: "string DisplayName { get; }", Impl: text(func(z *zone) string { return z.display })},
		{Sig: "string StandardName { get; }", Impl: text(func(z *zone) string { return z.standard })},
		{Sig: "string DaylightName { get; }", Impl: text(func(z *zone) string { return z.daylight })},
		{Sig: "TimeSpan BaseUtcOffset { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			z, e := zoneArg(c, 0, "this")
			if e != nil {
				return value.Nil, e
			}
			return c.ReturnInt(z.base)
		})},
		{Sig: "bool SupportsDaylightSavingTime { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			z, e := zoneArg(c, 0, "this")
			if e != nil {
				return value.Nil, e
			}
			return c.ReturnBool(z.observes())
		})},
		{Sig: "TimeSpan GetUtcOffset(DateTimeOffset dateTimeOffset)", Impl: types.Func(zoneOffset)},
		{Sig: "TimeSpan GetUtcOffset(DateTime dateTime)", Impl: types.Func(zoneOffset)},
		{Sig: "bool IsDaylightSavingTime(DateTimeOffset dateTimeOffset)", Impl: types.Func(zoneDaylight)},
		{Sig: "bool IsDaylightSavingTime(DateTime dateTime)", Impl: types.Func(zoneDaylight)},
		{Sig: "bool IsAmbiguousTime(DateTimeOffset dateTimeOffset)", Impl: types.Func(isAmbiguous)},
		{Sig: "bool IsAmbiguousTime(DateTime dateTime)", Impl: types.Func(isAmbiguous)},
		{Sig: "bool IsInvalidTime(DateTime dateTime)", Impl: types.Func(isInvalid)},
		{Sig: "TimeSpan[] GetAmbiguousTimeOffsets(DateTimeOffset dateTimeOffset)", Impl: types.Func(ambiguousOffsets)},
		{Sig: "TimeSpan[] GetAmbiguousTimeOffsets(DateTime dateTime)", Impl: types.Func(ambiguousOffsets)},
		{Sig: "TimeZoneInfo.AdjustmentRule[] GetAdjustmentRules()", Impl: types.Func(adjustmentRules)},
		{Sig: "bool HasSameRules(TimeZoneInfo other)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			z, e := zoneArg(c, 0, "this")
			if e != nil {
				return value.Nil, e
			}
			other, e := zoneArg(c, 1, "other")
			if e != nil {
				return value.Nil, e
			}
			return c.ReturnBool(z.sameRules(other))
		})},
		{Sig: "bool Equals(TimeZoneInfo other)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			z, ok := c.Object(0).(*zone)
			return c.ReturnBool(ok && z.EqualTo(c.Args[1]))
		})},
	}
}

// oldZoneTable declares the class that came before TimeZoneInfo. It knows the local zone only, which is UTC.
func oldZoneTable() types.Table {
	name := types.ObjStr(func(*value.Thread, value.Value) (value.String, *value.Exception) { return value.Str("UTC"), nil })
	toKind := func(kind date.Kind) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(date.Bits(date.Ticks(c.Int(1)), kind))
		}
	}
	return types.Table{Namespace: system, Decl: "abstract class TimeZone", Members: []types.Entry{
		{Sig: "static TimeZone CurrentTimeZone { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return value.OfObject(ofLocation(c.Result, "UTC", time.UTC)), nil
		})},
		{Sig: "string StandardName { get; }", Impl: name},
		{Sig: "string DaylightName { get; }", Impl: name},
		{Sig: "DateTime ToLocalTime(DateTime time)", Impl: toKind(date.Local)},
		{Sig: "DateTime ToUniversalTime(DateTime time)", Impl: toKind(date.UTC)},
		{Sig: "TimeSpan GetUtcOffset(DateTime time)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(0) })},
		{Sig: "bool IsDaylightSavingTime(DateTime time)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(false) })},
	}}
}
