package dates

import (
	"time"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// transition is a TimeZoneInfo.TransitionTime: a fixed date, or the n-th weekday of a month.
type transition struct {
	class value.Type
	// clock is the time of day, in ticks.
	clock      int64
	month, day int
	// week is 1 to 5, where 5 is the last of the month.
	week    int
	weekday int
	fixed   bool
}

// ObjectType returns TransitionTime.
func (t *transition) ObjectType() value.Type { return t.class }

// EqualTo reports whether other is the same transition.
func (t *transition) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	u, ok := o.(*transition)
	return ok && *u == *t
}

// HashCode agrees with EqualTo.
func (t *transition) HashCode() uint64 { return uint64(t.month)<<8 ^ uint64(t.week) }

// in returns the ticks of the transition in a year, by the clock that it is given in.
func (t *transition) in(year int) int64 {
	if t.fixed {
		return ticksOf(year, t.month, min(t.day, date.DaysIn(year, t.month))) + t.clock
	}
	first := ticksOf(year, t.month, 1)
	day := 1 + (t.weekday-int(date.Time(first).Weekday())+7)%7 + (t.week-1)*7
	if day > date.DaysIn(year, t.month) {
		day -= 7
	}
	return first + int64(day-1)*date.PerDay + t.clock
}

func ticksOf(year, month, day int) int64 {
	ticks, _ := date.Of(year, month, day)
	return ticks
}

// rule is a TimeZoneInfo.AdjustmentRule. Start and end are days, in ticks; the end is the last day.
type rule struct {
	class      value.Type
	start, end int64
	delta      int64
	from, to   transition
}

// ObjectType returns AdjustmentRule.
func (r *rule) ObjectType() value.Type { return r.class }

// EqualTo reports whether other is the same rule.
func (r *rule) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	s, ok := o.(*rule)
	return ok && *s == *r
}

// HashCode agrees with EqualTo.
func (r *rule) HashCode() uint64 { return uint64(r.start) }

// clockArg reads a time of day: a DateTime on the first day, without a kind, in whole milliseconds.
func clockArg(c *value.Call, i int) (int64, *value.Exception) {
	bits := c.Int(i)
	switch ticks := date.Ticks(bits); {
	case date.KindOf(bits) != date.Unspecified:
		return 0, value.Argument("timeOfDay", "The supplied DateTime must have the Kind property set to DateTimeKind.Unspecified.")
	case ticks >= date.PerDay:
		return 0, value.Argument("timeOfDay", "The supplied DateTime must have the Year, Month, and Day properties set to 1.")
	case ticks%date.PerMillisecond != 0:
		return 0, value.Argument("timeOfDay", "The supplied DateTime structure must not contain sub-millisecond ticks.")
	default:
		return ticks, nil
	}
}

func fixedDateRule(c *value.Call) (value.Value, *value.Exception) {
	clock, e := clockArg(c, 0)
	switch {
	case e != nil:
		return value.Nil, e
	case c.Int(1) < 1 || c.Int(1) > 12:
		return value.Nil, value.OutOfRange("month", "The Month parameter must be in the range 1 through 12.")
	case c.Int(2) < 1 || c.Int(2) > 31:
		return value.Nil, value.OutOfRange("day", "The Day parameter must be in the range 1 through 31.")
	}
	return value.OfObject(&transition{class: c.Result, clock: clock, month: int(c.Int(1)), day: int(c.Int(2)), week: 1, fixed: true}), nil
}

func floatingDateRule(c *value.Call) (value.Value, *value.Exception) {
	clock, e := clockArg(c, 0)
	switch {
	case e != nil:
		return value.Nil, e
	case c.Int(1) < 1 || c.Int(1) > 12:
		return value.Nil, value.OutOfRange("month", "The Month parameter must be in the range 1 through 12.")
	case c.Int(2) < 1 || c.Int(2) > 5:
		return value.Nil, value.OutOfRange("week", "The Week parameter must be in the range 1 through 5.")
	case c.Int(3) < 0 || c.Int(3) > 6:
		return value.Nil, value.OutOfRange("dayOfWeek", "The DayOfWeek enumeration must be in the range 0 through 6.")
	}
	return value.OfObject(&transition{
		class: c.Result, clock: clock, month: int(c.Int(1)), day: 1, week: int(c.Int(2)), weekday: int(c.Int(3)),
	}), nil
}

func transitionArg(c *value.Call, i int) *transition {
	if t, ok := c.Object(i).(*transition); ok {
		return t
	}
	return &transition{class: object.Of(c.Thread).Named(transitionName), month: 1, day: 1, week: 1, fixed: true}
}

// newRule is AdjustmentRule.CreateAdjustmentRule.
func newRule(c *value.Call) (value.Value, *value.Exception) {
	start, end, delta := date.Ticks(c.Int(0)), date.Ticks(c.Int(1)), c.Int(2)
	from, to := transitionArg(c, 3), transitionArg(c, 4)
	switch {
	case date.KindOf(c.Int(0)) == date.Local || date.KindOf(c.Int(1)) == date.Local:
		return value.Nil, value.Argument("dateStart", "The supplied DateTime must have the Kind property set to DateTimeKind.Unspecified or DateTimeKind.Utc.")
	case start > end:
		return value.Nil, value.Argument("dateStart", "The DateStart property must come before the DateEnd property.")
	case delta < -14*date.PerHour || delta > 14*date.PerHour:
		return value.Nil, value.OutOfRange("daylightDelta", "The TimeSpan parameter must be within plus or minus 14.0 hours.")
	case delta%date.PerMinute != 0:
		return value.Nil, value.Argument("daylightDelta", "The TimeSpan parameter cannot be specified more precisely than whole minutes.")
	case from.EqualTo(value.OfObject(to)):
		return value.Nil, value.Argument("daylightTransitionEnd", "The DaylightTransitionStart property must not equal the DaylightTransitionEnd property.")
	case start%date.PerDay != 0 || end%date.PerDay != 0:
		return value.Nil, value.Argument("dateStart", "The supplied DateTime includes a TimeOfDay setting. This is not supported.")
	}
	return value.OfObject(&rule{class: c.Result, start: start, end: end, delta: delta, from: *from, to: *to}), nil
}

const (
	transitionName = "System.TimeZoneInfo.TransitionTime"
	ruleName       = "System.TimeZoneInfo.AdjustmentRule"
)

// The years for which a zone of the database shows rules.
const firstRuleYear, lastRuleYear = 1970, 2037

// yearlyRules are the rules of a zone of the database: one for each year that has daylight time, with fixed dates.
func (z *zone) yearlyRules(t *value.Thread) []*rule {
	classes := object.Of(t)
	var list []*rule
	for year := firstRuleYear; year <= lastRuleYear; year++ {
		r := &rule{class: classes.Named(ruleName), start: ticksOf(year, 1, 1), end: ticksOf(year, 12, 31)}
		begin := time.Date(year, 1, 1, 0, 0, 0, 0, z.loc)
		for at := begin; at.Year() == year; {
			_, next := at.ZoneBounds()
			if next.IsZero() || next.Year() > year {
				break
			}
			before, after := z.at(date.OfTime(at.UTC())), z.at(date.OfTime(next.UTC()))
			clock := date.OfTime(next.UTC()) + before.offset
			shown := date.Time(clock)
			change := transition{class: classes.Named(transitionName), clock: clock % date.PerDay, month: int(shown.Month()), day: shown.Day(), week: 1, fixed: true}
			switch {
			case after.daylight && !before.daylight:
				r.from, r.delta = change, after.offset-before.offset
			case before.daylight && !after.daylight:
				r.to = change
			}
			at = next
		}
		if r.from.fixed && r.to.fixed {
			list = append(list, r)
		}
	}
	return list
}

// transitionTables are the two types nested in TimeZoneInfo.
func transitionTables() []types.Table {
	part := func(f func(t *transition) int64) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(f(transitionArg(c, 0))) }
	}
	same := func(want bool) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnBool(transitionArg(c, 0).EqualTo(value.OfObject(transitionArg(c, 1))) == want)
		}
	}
	ruleOf := func(f func(r *rule) value.Value) types.ObjVal {
		return func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
			x, _ := o.Object()
			r, ok := x.(*rule)
			if !ok {
				return value.Nil, value.NullReference()
			}
			return f(r), nil
		}
	}
	rulePart := func(f func(r *rule) int64) types.Func {
		return func(c *value.Call) (value.Value, *value.Exception) {
			r, ok := c.Object(0).(*rule)
			if !ok {
				return value.Nil, value.NullReference()
			}
			return c.ReturnInt(f(r))
		}
	}
	return []types.Table{
		{Namespace: system, Decl: "struct TimeZoneInfo.TransitionTime : IEquatable<TimeZoneInfo.TransitionTime>", Members: []types.Entry{
			{Sig: "static TimeZoneInfo.TransitionTime CreateFixedDateRule(DateTime timeOfDay, int month, int day)", Impl: types.Func(fixedDateRule)},
			{Sig: "static TimeZoneInfo.TransitionTime CreateFloatingDateRule(DateTime timeOfDay, int month, int week, DayOfWeek dayOfWeek)", Impl: types.Func(floatingDateRule)},
			{Sig: "DateTime TimeOfDay { get; }", Impl: part(func(t *transition) int64 { return t.clock })},
			{Sig: "int Month { get; }", Impl: part(func(t *transition) int64 { return int64(t.month) })},
			{Sig: "int Week { get; }", Impl: part(func(t *transition) int64 { return int64(t.week) })},
			{Sig: "int Day { get; }", Impl: part(func(t *transition) int64 { return int64(t.day) })},
			{Sig: "System.DayOfWeek DayOfWeek { get; }", Impl: part(func(t *transition) int64 { return int64(t.weekday) })},
			{Sig: "bool IsFixedDateRule { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(transitionArg(c, 0).fixed) })},
			{Sig: "bool Equals(TimeZoneInfo.TransitionTime other)", Impl: same(true)},
			{Sig: "static bool operator ==(TimeZoneInfo.TransitionTime t1, TimeZoneInfo.TransitionTime t2)", Impl: same(true)},
			{Sig: "static bool operator !=(TimeZoneInfo.TransitionTime t1, TimeZoneInfo.TransitionTime t2)", Impl: same(false)},
		}},
		{Namespace: system, Decl: "sealed class TimeZoneInfo.AdjustmentRule : IEquatable<TimeZoneInfo.AdjustmentRule>", Members: []types.Entry{
			{Sig: "static TimeZoneInfo.AdjustmentRule CreateAdjustmentRule(DateTime dateStart, DateTime dateEnd, TimeSpan daylightDelta, TimeZoneInfo.TransitionTime daylightTransitionStart, TimeZoneInfo.TransitionTime daylightTransitionEnd)", Impl: types.Func(newRule)},
			{Sig: "DateTime DateStart { get; }", Impl: rulePart(func(r *rule) int64 { return r.start })},
			{Sig: "DateTime DateEnd { get; }", Impl: rulePart(func(r *rule) int64 { return r.end })},
			{Sig: "TimeSpan DaylightDelta { get; }", Impl: rulePart(func(r *rule) int64 { return r.delta })},
			{Sig: "TimeZoneInfo.TransitionTime DaylightTransitionStart { get; }", Impl: ruleOf(func(r *rule) value.Value { return value.OfObject(&r.from) })},
			{Sig: "TimeZoneInfo.TransitionTime DaylightTransitionEnd { get; }", Impl: ruleOf(func(r *rule) value.Value { return value.OfObject(&r.to) })},
			{Sig: "bool Equals(TimeZoneInfo.AdjustmentRule other)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
				r, ok := c.Object(0).(*rule)
				return c.ReturnBool(ok && r.EqualTo(c.Args[1]))
			})},
		}},
	}
}
