package usage

import "time"

// Resolution is a length of time by which totals are kept.
type Resolution byte

// The resolutions. Their values are in the keys of the ledger.
const (
	ByMinute Resolution = 'm'
	ByHour   Resolution = 'h'
	ByDay    Resolution = 'd'
)

// resolutions are all of them, the finest first.
var resolutions = [...]Resolution{ByMinute, ByHour, ByDay}

// span is the length of time.
func (r Resolution) span() time.Duration {
	switch r {
	case ByHour:
		return time.Hour
	case ByDay:
		return 24 * time.Hour
	default:
		return time.Minute
	}
}

// Retention is how long totals are kept, by their resolution.
type Retention struct {
	Minutes, Hours, Days time.Duration
}

// withDefaults fills in what is 0.
func (r Retention) withDefaults() Retention {
	if r.Minutes <= 0 {
		r.Minutes = RetainFinest
	}
	if r.Hours <= 0 {
		r.Hours = RetainHourly
	}
	if r.Days <= 0 {
		r.Days = RetainDaily
	}
	r.Hours = max(r.Hours, r.Minutes)
	r.Days = max(r.Days, r.Hours)
	return r
}

// of is how long totals of a resolution are kept.
func (r Retention) of(resolution Resolution) time.Duration {
	switch resolution {
	case ByHour:
		return r.Hours
	case ByDay:
		return r.Days
	default:
		return r.Minutes
	}
}

// gone is the time before which totals of a resolution may be gone: the start of
// a span of the next coarser one, so that what is left of those is whole.
func (r Retention) gone(resolution Resolution, now time.Time) time.Time {
	at := now.Add(-r.of(resolution)).UTC()
	if resolution == ByMinute {
		return at.Truncate(time.Hour)
	}
	return at.Truncate(24 * time.Hour)
}

// part is a stretch of time that is read in one resolution, from its start up to
// its end.
type part struct {
	resolution Resolution
	from, to   time.Time
}

// cover divides a stretch of time into parts that together hold each call in it
// once: whole days by the day and whole hours by the hour, no coarser than
// coarsest, and the rest by what is finer. Where that is gone, a span of the
// coarser resolution belongs to the time at which it begins.
func (r Retention) cover(from, to, now time.Time, coarsest Resolution) []part {
	c := coverer{from: from, to: to, now: now, keep: r, coarsest: coarsest}
	c.from = latest(from, r.gone(ByDay, now))
	c.to = earliest(to, now.Add(2*MaxAhead))
	for day := c.from.UTC().Truncate(24 * time.Hour); day.Before(c.to); day = day.Add(24 * time.Hour) {
		switch whole := c.whole(day, ByDay); {
		case whole && coarsest == ByDay:
			c.add(ByDay, day, day.Add(24*time.Hour))
		case !day.Before(r.kept(ByHour, now)):
			c.hours(day)
		case !day.Before(c.from):
			c.add(ByDay, day, day.Add(24*time.Hour))
		}
	}
	return c.parts
}

// kept is the time from which on totals of a resolution are surely kept.
func (r Retention) kept(resolution Resolution, now time.Time) time.Time {
	next := time.Hour
	if resolution == ByHour {
		next = 24 * time.Hour
	}
	return r.gone(resolution, now).Add(next)
}

type coverer struct {
	from, to, now time.Time
	keep          Retention
	coarsest      Resolution
	parts         []part
}

// hours covers the hours of a day.
func (c *coverer) hours(day time.Time) {
	for i := range 24 {
		hour := day.Add(time.Duration(i) * time.Hour)
		end := hour.Add(time.Hour)
		switch whole := c.whole(hour, ByHour); {
		case !hour.Before(c.to) || !end.After(c.from):
		case whole && c.coarsest != ByMinute:
			c.add(ByHour, hour, end)
		case !hour.Before(c.keep.kept(ByMinute, c.now)):
			c.add(ByMinute, latest(hour, c.from), earliest(end, c.to))
		case !hour.Before(c.from):
			c.add(ByHour, hour, end)
		}
	}
}

// whole reports whether a span lies in what is covered.
func (c *coverer) whole(start time.Time, r Resolution) bool {
	return !start.Before(c.from) && !start.Add(r.span()).After(c.to)
}

// add adds a part, to the last one where that ends at its start.
func (c *coverer) add(r Resolution, from, to time.Time) {
	if n := len(c.parts); n > 0 && c.parts[n-1].resolution == r && c.parts[n-1].to.Equal(from) {
		c.parts[n-1].to = to
		return
	}
	c.parts = append(c.parts, part{r, from, to})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
