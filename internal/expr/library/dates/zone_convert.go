package dates

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

func zoneArg(c *value.Call, i int, param string) (*zone, *value.Exception) {
	z, ok := c.Object(i).(*zone)
	if !ok {
		return nil, value.NullArgument(param)
	}
	return z, nil
}

// show returns the date that a clock in the zone shows at the ticks in UTC. Beyond the range it is the nearest date.
func (z *zone) show(utc int64) int64 {
	return date.Bits(min(max(utc+z.at(utc).offset, 0), date.MaxTicks), z.kind)
}

// read returns the ticks in UTC of a date that a clock in the zone shows.
func (z *zone) read(bits int64) (int64, *value.Exception) {
	if kind := date.KindOf(bits); kind != date.Unspecified && kind != z.kind {
		return 0, value.Argument("sourceTimeZone", "The conversion could not be completed because the supplied DateTime did not have the Kind property set correctly. "+
			"For example, when the Kind property is DateTimeKind.Local, the source time zone must be TimeZoneInfo.Local.")
	}
	utc, skipped := z.utc(date.Ticks(bits))
	if skipped {
		return 0, value.Argument("dateTime", "The supplied DateTime represents an invalid time. For example, when the clock is adjusted forward, "+
			"any time in the period that is skipped is invalid.")
	}
	return min(max(utc, 0), date.MaxTicks), nil
}

func convertFromUTC(c *value.Call) (value.Value, *value.Exception) {
	z, e := zoneArg(c, 1, "destinationTimeZone")
	if e != nil {
		return value.Nil, e
	}
	if date.KindOf(c.Int(0)) == date.Local {
		return value.Nil, value.Argument("sourceTimeZone", "The conversion could not be completed because the supplied DateTime did not have the Kind property set correctly. "+
			"For example, when the Kind property is DateTimeKind.Local, the source time zone must be TimeZoneInfo.Local.")
	}
	return c.ReturnInt(z.show(date.Ticks(c.Int(0))))
}

func convertToUTC(c *value.Call) (value.Value, *value.Exception) {
	if len(c.Args) == 1 {
		return c.ReturnInt(date.Bits(date.Ticks(c.Int(0)), date.UTC))
	}
	z, e := zoneArg(c, 1, "sourceTimeZone")
	if e != nil {
		return value.Nil, e
	}
	utc, e := z.read(c.Int(0))
	return value.Boxed(c.Result, uint64(date.Bits(utc, date.UTC))), e
}

// convertTime converts a DateTime to a zone, from another where three arguments are given.
func convertTime(c *value.Call) (value.Value, *value.Exception) {
	utc := date.Ticks(c.Int(0))
	to, e := zoneArg(c, len(c.Args)-1, "destinationTimeZone")
	if e != nil {
		return value.Nil, e
	}
	if len(c.Args) == 3 {
		from, e := zoneArg(c, 1, "sourceTimeZone")
		if e != nil {
			return value.Nil, e
		}
		if utc, e = from.read(c.Int(0)); e != nil {
			return value.Nil, e
		}
	}
	return c.ReturnInt(to.show(utc))
}

func convertOffset(c *value.Call) (value.Value, *value.Exception) {
	z, e := zoneArg(c, 1, "destinationTimeZone")
	if e != nil {
		return value.Nil, e
	}
	utc := offsetArg(c, 0).UTC()
	by := z.at(utc).offset
	return newOffset(c.Thread, utc+by, by)
}

// byID runs a conversion whose last arguments are the names of zones.
func byID(convert types.Func) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		class := object.Of(c.Thread).Named(zoneName)
		for i := 1; i < len(c.Args); i++ {
			found, e := findZone(&value.Call{Thread: c.Thread, Args: c.Args[i : i+1], Result: class})
			if e != nil {
				return value.Nil, e
			}
			c.Args[i] = found
		}
		return convert(c)
	}
}

// utcOf returns the ticks in UTC of a DateTime as the zone's own members take it: by its kind, and without one as a
// date of the zone.
func (z *zone) utcOf(bits int64) int64 {
	if date.KindOf(bits) != date.Unspecified {
		return date.Ticks(bits)
	}
	utc, _ := z.utc(date.Ticks(bits))
	return utc
}

// momentOf reads the second argument, a DateTime or a DateTimeOffset, and returns what holds then.
func momentOf(c *value.Call) (moment, *value.Exception) {
	z, e := zoneArg(c, 0, "this")
	if e != nil {
		return moment{}, e
	}
	if o, ok := c.Object(1).(*object.Offset); ok {
		return z.at(o.UTC()), nil
	}
	return z.at(z.utcOf(c.Int(1))), nil
}

func zoneOffset(c *value.Call) (value.Value, *value.Exception) {
	m, e := momentOf(c)
	return value.Boxed(c.Result, uint64(m.offset)), e
}

func zoneDaylight(c *value.Call) (value.Value, *value.Exception) {
	m, e := momentOf(c)
	return value.BoxedBool(c.Result, m.daylight), e
}

// moments are what holds in the zone when its clock shows the second argument.
func moments(c *value.Call) ([]moment, *value.Exception) {
	z, e := zoneArg(c, 0, "this")
	if e != nil {
		return nil, e
	}
	if o, ok := c.Object(1).(*object.Offset); ok {
		return z.local(o.UTC() + z.at(o.UTC()).offset), nil
	}
	ticks := date.Ticks(c.Int(1))
	if date.KindOf(c.Int(1)) != date.Unspecified {
		ticks += z.at(ticks).offset
	}
	return z.local(ticks), nil
}

func isAmbiguous(c *value.Call) (value.Value, *value.Exception) {
	list, e := moments(c)
	return value.BoxedBool(c.Result, len(list) > 1), e
}

// isInvalid reports whether a date is skipped. One of another zone never is.
func isInvalid(c *value.Call) (value.Value, *value.Exception) {
	if date.KindOf(c.Int(1)) != date.Unspecified {
		return c.ReturnBool(false)
	}
	list, e := moments(c)
	return value.BoxedBool(c.Result, len(list) == 0), e
}

func ambiguousOffsets(c *value.Call) (value.Value, *value.Exception) {
	list, e := moments(c)
	if e != nil {
		return value.Nil, e
	}
	if len(list) < 2 {
		return value.Nil, value.Argument("dateTime", "The supplied DateTime is not in an ambiguous time range.")
	}
	array, ok := c.Result.(*types.Type)
	if !ok {
		return value.Nil, nil
	}
	// .NET has them in the order of their length.
	return object.ArrayOf(array, []value.Value{
		value.Boxed(array.Elem, uint64(min(list[0].offset, list[1].offset))), value.Boxed(array.Elem, uint64(max(list[0].offset, list[1].offset))),
	}), nil
}
