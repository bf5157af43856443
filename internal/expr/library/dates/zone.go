package dates

import (
	"time"
	_ "time/tzdata" // Policies name time zones, and a container may have none.

	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// zone is a TimeZoneInfo: of the time zone database, or one that a policy made of rules.
type zone struct {
	class                       value.Type
	id                          string
	display, standard, daylight string
	// base is the offset of standard time, in ticks.
	base int64
	// loc is the zone of the database, nil for one that is made of rules.
	loc *time.Location
	// rules are in the order of time.
	rules []*rule
	kind  date.Kind
}

// ObjectType returns TimeZoneInfo.
func (z *zone) ObjectType() value.Type { return z.class }

// NetString returns the display name.
func (z *zone) NetString() (value.String, *value.Exception) { return value.Str(z.display), nil }

// EqualTo reports whether other is a zone with the same name and rules.
func (z *zone) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	y, ok := o.(*zone)
	return ok && y.id == z.id && z.sameRules(y)
}

// HashCode agrees with EqualTo.
func (z *zone) HashCode() uint64 { return uint64(len(z.id))<<32 ^ uint64(z.base) }

func (z *zone) sameRules(y *zone) bool {
	if z.base != y.base || len(z.rules) != len(y.rules) || (z.loc == nil) != (y.loc == nil) {
		return false
	}
	if z.loc != nil && z.loc.String() != y.loc.String() {
		return false
	}
	for i, r := range z.rules {
		if *r != *y.rules[i] {
			return false
		}
	}
	return true
}

// ofLocation makes a zone of the database.
func ofLocation(class value.Type, id string, loc *time.Location) *zone {
	z := &zone{class: class, id: id, display: id, standard: id, daylight: id, loc: loc}
	winter, summer := z.at(date.OfTime(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))), z.at(date.OfTime(time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)))
	z.base = winter.offset
	if winter.daylight {
		z.base = summer.offset
	}
	if loc == time.UTC || loc.String() == "UTC" {
		z.kind = date.UTC
	}
	return z
}

// moment is what holds in a zone at one moment: the offset from UTC in ticks, and whether that is daylight time.
type moment struct {
	offset   int64
	daylight bool
}

// at returns what holds at the ticks in UTC.
func (z *zone) at(utc int64) moment {
	if z.loc != nil {
		t := date.Time(min(max(utc, 0), date.MaxTicks)).In(z.loc)
		_, sec := t.Zone()
		return moment{int64(sec) * date.PerSecond, t.IsDST()}
	}
	local := utc + z.base
	for _, r := range z.rules {
		if local < r.start || local >= r.end+date.PerDay {
			continue
		}
		year := date.Time(min(max(local, 0), date.MaxTicks)).Year()
		if begin, end := r.from.in(year), r.to.in(year)-r.delta; r.delta != 0 && inDaylight(local, begin, end) {
			return moment{z.base + r.delta, true}
		}
		break
	}
	return moment{z.base, false}
}

// inDaylight reports whether a time is between the transitions of its year, all by the clock of standard time. South of
// the equator the year begins in daylight time.
func inDaylight(local, begin, end int64) bool {
	if begin <= end {
		return local >= begin && local < end
	}
	return local >= begin || local < end
}

// local returns what holds when a clock in the zone shows ticks: nothing at a time that is skipped, and two moments,
// daylight time first, at one that comes twice.
func (z *zone) local(ticks int64) []moment {
	var list []moment
	for _, guess := range []int64{ticks - z.base - date.PerDay, ticks - z.base + date.PerDay} {
		m := z.at(guess)
		if z.at(ticks-m.offset) == m && (len(list) == 0 || list[0] != m) {
			list = append(list, m)
		}
	}
	if len(list) == 2 && list[1].offset > list[0].offset {
		list[0], list[1] = list[1], list[0]
	}
	return list
}

// utc returns the ticks in UTC at which a clock in the zone shows ticks: those of standard time where there are two.
// A time that is skipped is taken as standard time.
func (z *zone) utc(ticks int64) (utc int64, skipped bool) {
	list := z.local(ticks)
	if len(list) == 0 {
		return ticks - z.base, true
	}
	return ticks - list[len(list)-1].offset, false
}

// observes reports whether the zone has daylight time at all.
func (z *zone) observes() bool {
	if z.loc == nil {
		return len(z.rules) > 0
	}
	first := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for m := range 12 {
		if z.at(date.OfTime(first.AddDate(0, m, 0))).daylight {
			return true
		}
	}
	return false
}
