// Package date computes with .NET's DateTime, DateTimeOffset and TimeSpan in ticks of 100 ns, and formats and
// parses them as .NET does in the invariant culture. The local time zone is UTC, as it is in API Management.
package date

import "time"

// Ticks per unit of time.
const (
	PerMillisecond int64 = 10_000
	PerSecond            = 1000 * PerMillisecond
	PerMinute            = 60 * PerSecond
	PerHour              = 60 * PerMinute
	PerDay               = 24 * PerHour
)

const (
	// MaxTicks are those of DateTime.MaxValue.
	MaxTicks int64 = 3155378975999999999
	// UnixTicks are those of 1970-01-01.
	UnixTicks int64 = 621355968000000000
	// MaxOffset is the largest offset of a DateTimeOffset, in ticks.
	MaxOffset = 14 * PerHour
)

// Kind is System.DateTimeKind.
type Kind int64

// The kinds, with .NET's numbers.
const (
	Unspecified Kind = iota
	UTC
	Local
)

const tickBits = 62

// Bits returns the 64 bits of a DateTime.
func Bits(ticks int64, kind Kind) int64 { return ticks | int64(kind)<<tickBits }

// Ticks returns the ticks of a DateTime's bits.
func Ticks(bits int64) int64 { return bits & (1<<tickBits - 1) }

// KindOf returns the kind of a DateTime's bits.
func KindOf(bits int64) Kind {
	switch k := uint64(bits) >> tickBits; k {
	case 0, 1:
		return Kind(k)
	default:
		return Local
	}
}

// OfTime returns the ticks of t in UTC.
func OfTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return UnixTicks + t.Unix()*PerSecond + int64(t.Nanosecond()/100)
}

// Time returns the time in UTC.
func Time(ticks int64) time.Time {
	ticks -= UnixTicks
	sec := ticks / PerSecond
	return time.Unix(sec, (ticks-sec*PerSecond)*100).UTC()
}

// Valid reports whether a DateTime can have these ticks.
func Valid(ticks int64) bool { return ticks >= 0 && ticks <= MaxTicks }

// Of returns the ticks of a date and whether there is such a date.
func Of(year, month, day int) (int64, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > DaysIn(year, month) {
		return 0, false
	}
	return OfTime(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)), true
}

// Clock returns the ticks of a time of day and whether there is such a time.
func Clock(hour, minute, second int) (int64, bool) {
	ok := hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
	return int64(hour)*PerHour + int64(minute)*PerMinute + int64(second)*PerSecond, ok
}

// Leap reports whether year is a leap year.
func Leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysIn returns the number of days of a month from 1 to 12.
func DaysIn(year, month int) int {
	switch month {
	case 2:
		if Leap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// AddMonths returns the ticks n months later, the day cut to the month's last, and whether it exists.
func AddMonths(ticks, n int64) (int64, bool) {
	if n < -120000 || n > 120000 {
		return 0, false
	}
	t := Time(ticks)
	m := int64(t.Month()) - 1 + n
	year := t.Year() + int(m/12)
	m %= 12
	if m < 0 {
		m += 12
		year--
	}
	day, ok := Of(year, int(m)+1, 1)
	if !ok {
		return 0, false
	}
	return day + int64(min(t.Day(), DaysIn(year, int(m)+1))-1)*PerDay + ticks%PerDay, true
}
