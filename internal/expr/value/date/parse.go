package date

import (
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Styles is System.Globalization.DateTimeStyles.
type Styles int

// The styles, with .NET's numbers.
const (
	AllowLeadingWhite Styles = 1 << iota
	AllowTrailingWhite
	AllowInnerWhite
	NoCurrentDateDefault
	AdjustToUniversal
	AssumeLocal
	AssumeUniversal
	RoundtripKind
)

// maxText is the longest text that is read as a date, in bytes.
const maxText = 1024

// fields are the parts of a date as a text has them; -1 and nil where it does not.
type fields struct {
	year, month, day     int
	hour, minute, second int
	frac                 int64
	offset               *int64
	zulu                 bool
	half                 byte
	weekday              int
	hasTime              bool
}

func newFields() fields { return fields{year: -1, month: -1, day: -1, weekday: -1} }

func errText(text string) *value.Exception {
	return value.BadFormat("String '" + text + "' was not recognized as a valid DateTime.")
}

// Parse reads a DateTime as DateTime.Parse does; now is the date that a text without one means.
func Parse(text string, styles Styles, now time.Time) (int64, *value.Exception) {
	f, ok := scan(text)
	if !ok {
		return 0, errText(text)
	}
	ticks, ok := f.ticks(now, styles)
	if !ok {
		return 0, errText(text)
	}
	bits, ok := f.bits(ticks, styles)
	if !ok {
		return 0, errText(text)
	}
	return bits, nil
}

// ParseOffset reads a DateTimeOffset: its local ticks and its offset.
func ParseOffset(text string, styles Styles, now time.Time) (ticks, offset int64, e *value.Exception) {
	f, ok := scan(text)
	if !ok {
		return 0, 0, errText(text)
	}
	return f.zoned(text, styles, now)
}

func (f *fields) zoned(text string, styles Styles, now time.Time) (ticks, offset int64, e *value.Exception) {
	ticks, ok := f.ticks(now, styles)
	if !ok {
		return 0, 0, errText(text)
	}
	if f.offset != nil {
		offset = *f.offset
	}
	if offset > MaxOffset || offset < -MaxOffset || !Valid(ticks-offset) {
		return 0, 0, errText(text)
	}
	if styles&AdjustToUniversal != 0 {
		return ticks - offset, 0, nil
	}
	return ticks, offset, nil
}

// ticks puts the fields together; now gives the date where only a time is there.
func (f *fields) ticks(now time.Time, styles Styles) (int64, bool) {
	switch {
	case f.year < 0 && f.month < 0 && f.day < 0:
		f.year, f.month, f.day = now.Year(), int(now.Month()), now.Day()
		if styles&NoCurrentDateDefault != 0 {
			f.year, f.month, f.day = 1, 1, 1
		}
	case f.year < 0:
		f.year = now.Year()
	}
	if f.month < 0 {
		f.month = 1
	}
	if f.day < 0 {
		f.day = 1
	}
	extra := int64(0)
	switch {
	case f.half != 0 && (f.hour < 1 && f.half != 'A' || f.hour > 12):
		return 0, false
	case f.half == 'P' && f.hour < 12:
		f.hour += 12
	case f.half == 'A' && f.hour == 12:
		f.hour = 0
	case f.hour == 24 && f.minute == 0 && f.second == 0 && f.frac == 0:
		f.hour, extra = 0, PerDay
	}
	day, ok := Of(f.year, f.month, f.day)
	clock, ok2 := Clock(f.hour, f.minute, f.second)
	ticks := day + clock + f.frac + extra
	if f.weekday >= 0 && ok && int(Time(day).Weekday()) != f.weekday {
		return 0, false
	}
	return ticks, ok && ok2 && Valid(ticks)
}

// bits gives the DateTime its kind.
func (f *fields) bits(ticks int64, styles Styles) (int64, bool) {
	if f.offset == nil {
		switch {
		case styles&AssumeUniversal != 0 && styles&AdjustToUniversal != 0,
			styles&AssumeLocal != 0 && styles&AdjustToUniversal != 0:
			return Bits(ticks, UTC), true
		case styles&(AssumeUniversal|AssumeLocal) != 0:
			return Bits(ticks, Local), true
		}
		return Bits(ticks, Unspecified), true
	}
	ticks -= *f.offset
	if !Valid(ticks) {
		return 0, false
	}
	if styles&AdjustToUniversal != 0 || styles&RoundtripKind != 0 && f.zulu {
		return Bits(ticks, UTC), true
	}
	return Bits(ticks, Local), true
}

// scanner reads a date in any of the forms that the invariant culture knows.
type scanner struct {
	s       string
	i       int
	f       fields
	nums    []int
	widths  []int
	monthAt int // How many numbers stood before the month's name, or -1.
	seps    string
}

func scan(text string) (fields, bool) {
	if len(text) > maxText {
		return fields{}, false
	}
	p := scanner{s: strings.Trim(text, " \t\n\v\f\r\x00"), f: newFields(), monthAt: -1}
	if p.s == "" {
		return fields{}, false
	}
	for p.i < len(p.s) {
		if !p.token() {
			return fields{}, false
		}
	}
	return p.f, p.assign()
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (p *scanner) token() bool {
	switch c := p.s[p.i]; {
	case digit(c):
		return p.number()
	case letter(c):
		return p.word()
	case c == ' ' || c == ',' || c >= '\t' && c <= '\r':
		p.i++
		return true
	case (c == '+' || c == '-') && p.f.hasTime && p.i+1 < len(p.s) && digit(p.s[p.i+1]):
		return p.zone()
	case c == '-' || c == '/' || c == '.':
		if len(p.nums) == 0 && p.monthAt < 0 {
			return false
		}
		p.seps += string(c)
		p.i++
		return true
	}
	return false
}

func (p *scanner) digits() (n, width int) {
	start := p.i
	for p.i < len(p.s) && digit(p.s[p.i]) && p.i-start < 9 {
		n = n*10 + int(p.s[p.i]-'0')
		p.i++
	}
	return n, p.i - start
}

func (p *scanner) number() bool {
	n, width := p.digits()
	if p.i < len(p.s) && p.s[p.i] == ':' && !p.f.hasTime {
		return width <= 2 && p.time(n)
	}
	rest := strings.ToLower(strings.TrimLeft(p.s[p.i:], " "))
	if !p.f.hasTime && (strings.HasPrefix(rest, "am") || strings.HasPrefix(rest, "pm")) {
		p.f.hour, p.f.hasTime = n, true
		return width <= 2
	}
	if len(p.nums) == 3 || p.f.hasTime && len(p.nums) == 0 && p.monthAt < 0 && width > 4 {
		return false
	}
	p.nums, p.widths = append(p.nums, n), append(p.widths, width)
	return true
}

// time reads what follows an hour: :mm[:ss[.fffffff]].
func (p *scanner) time(hour int) bool {
	p.f.hour, p.f.hasTime = hour, true
	p.i++
	n, width := p.digits()
	if width == 0 || width > 2 {
		return false
	}
	p.f.minute = n
	if p.i >= len(p.s) || p.s[p.i] != ':' {
		return true
	}
	p.i++
	if n, width = p.digits(); width == 0 || width > 2 {
		return false
	}
	p.f.second = n
	if p.i < len(p.s) && (p.s[p.i] == '.' || p.s[p.i] == ',') {
		return p.fraction()
	}
	return true
}

// fraction reads the digits behind the second; the eighth rounds.
func (p *scanner) fraction() bool {
	p.i++
	start, n := p.i, int64(0)
	for ; p.i < len(p.s) && digit(p.s[p.i]); p.i++ {
		switch d := int64(p.s[p.i] - '0'); {
		case p.i-start < 7:
			n = n*10 + d
		case p.i-start == 7 && d >= 5:
			n++
		}
	}
	for w := p.i - start; w < 7; w++ {
		n *= 10
	}
	p.f.frac = n
	return p.i > start
}

// zone reads +hh, +hhmm or +hh:mm.
func (p *scanner) zone() bool {
	neg := p.s[p.i] == '-'
	p.i++
	n, width := p.digits()
	h, m := n, 0
	switch {
	case width == 4:
		h, m = n/100, n%100
	case width > 2:
		return false
	case p.i < len(p.s) && p.s[p.i] == ':':
		p.i++
		if m, width = p.digits(); width != 2 {
			return false
		}
	}
	if m > 59 || p.f.offset != nil {
		return false
	}
	o := int64(h)*PerHour + int64(m)*PerMinute
	if neg {
		o = -o
	}
	p.f.offset = &o
	return true
}

func (p *scanner) word() bool {
	start := p.i
	for p.i < len(p.s) && letter(p.s[p.i]) {
		p.i++
	}
	w := strings.ToLower(p.s[start:p.i])
	switch {
	case w == "t" && (len(p.nums) > 0 || p.monthAt >= 0) && !p.f.hasTime:
		return p.i < len(p.s) && digit(p.s[p.i])
	case w == "z" && p.f.hasTime || w == "gmt" || w == "utc":
		if p.f.offset != nil {
			return false
		}
		zero := int64(0)
		p.f.offset, p.f.zulu = &zero, true
		return true
	case (w == "am" || w == "pm" || w == "a" || w == "p") && p.f.hasTime && p.f.half == 0:
		p.f.half = w[0] - 0x20
		return true
	}
	if m := nameIndex(w, 12, func(i int) string { return time.Month(i + 1).String() }); m >= 0 && p.f.month < 0 {
		p.f.month, p.monthAt = m+1, len(p.nums)
		return true
	}
	if d := nameIndex(w, 7, func(i int) string { return time.Weekday(i).String() }); d >= 0 && p.f.weekday < 0 {
		p.f.weekday = d
		return true
	}
	return false
}

// nameIndex finds a name or its first three letters.
func nameIndex(w string, n int, name func(int) string) int {
	for i := range n {
		full := strings.ToLower(name(i))
		if w == full || w == full[:3] {
			return i
		}
	}
	return -1
}

func (p *scanner) year(i int) int {
	n := p.nums[i]
	switch {
	case p.widths[i] > 2:
		return n
	case n < 50:
		return 2000 + n
	}
	return 1900 + n
}

// assign decides which number is the year, the month and the day.
func (p *scanner) assign() bool {
	f := &p.f
	if p.monthAt >= 0 {
		return p.assignNamed()
	}
	switch len(p.nums) {
	case 0:
		return f.hasTime && p.seps == ""
	case 1:
		return false
	case 2:
		switch {
		case p.widths[0] > 2:
			f.year, f.month = p.nums[0], p.nums[1]
		case p.widths[1] > 2:
			f.month, f.year = p.nums[0], p.nums[1]
		default:
			f.month, f.day = p.nums[0], p.nums[1]
		}
		return true
	}
	if p.widths[0] > 2 {
		f.year, f.month, f.day = p.nums[0], p.nums[1], p.nums[2]
	} else {
		f.month, f.day, f.year = p.nums[0], p.nums[1], p.year(2)
	}
	return true
}

func (p *scanner) assignNamed() bool {
	f := &p.f
	switch len(p.nums) {
	case 0:
		return false
	case 1:
		if p.widths[0] > 2 {
			f.year = p.nums[0]
		} else {
			f.day = p.nums[0]
		}
	case 2:
		if p.widths[0] > 2 {
			f.year, f.day = p.nums[0], p.nums[1]
		} else {
			f.day, f.year = p.nums[0], p.year(1)
		}
	default:
		return false
	}
	return true
}
