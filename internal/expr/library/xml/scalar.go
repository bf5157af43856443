package xml

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
	"github.com/sallyport/sallyport/internal/expr/value/number"
)

// scalarTypes are the types that elements and attributes convert to, besides string.
var scalarTypes = []string{
	"bool", "int", "uint", "long", "ulong", "float", "double", "decimal", "DateTime", "DateTimeOffset", "TimeSpan", "Guid",
}

// casts are the explicit conversions of a class.
func casts(class string) []types.Entry {
	list := []types.Entry{{Sig: "static explicit operator string(" + class + " value)", Impl: types.Func(castString)}}
	for _, t := range scalarTypes {
		for _, suffix := range []string{"", "?"} {
			list = append(list, types.Entry{Sig: "static explicit operator " + t + suffix + "(" + class + " value)", Impl: types.Func(castScalar)})
		}
	}
	return list
}

// textOf is the text of an element or attribute, and whether it is one.
func textOf(t *value.Thread, v value.Value) (string, bool, *value.Exception) {
	o, _ := v.Object()
	switch o := o.(type) {
	case *node:
		s, e := o.content(t)
		return s, true, e
	case *attribute:
		return o.value, true, nil
	default:
		return "", false, nil
	}
}

func castString(c *value.Call) (value.Value, *value.Exception) {
	s, ok, e := textOf(c.Thread, c.Args[0])
	if !ok || e != nil {
		return value.Nil, e
	}
	return value.OfGo(s), nil
}

// castScalar reads the text as the result's type; null is null where the type allows it.
func castScalar(c *value.Call) (value.Value, *value.Exception) {
	t, ok := c.Result.(*types.Type)
	if !ok {
		return value.Nil, value.NotSupported("The conversion is not supported.")
	}
	s, ok, e := textOf(c.Thread, c.Args[0])
	if e != nil {
		return value.Nil, e
	}
	if !ok {
		if t.NullableElem() != nil {
			return value.Nil, nil
		}
		return value.Nil, value.NullArgument("element")
	}
	return scalar(c.Thread, t.Underlying(), strings.Trim(s, " \t\r\n"))
}

// scalar reads a text as XmlConvert does.
func scalar(thread *value.Thread, t *types.Type, s string) (value.Value, *value.Exception) {
	const integers = number.LeadingSign | number.LeadingWhite | number.TrailingWhite
	switch special := t.Special(); special {
	case types.Boolean:
		return boolean(t, s)
	case types.Int32, types.UInt32, types.Int64, types.UInt64:
		bits, unsigned := object.IntegerSize(special)
		style := integers
		if unsigned {
			style &^= number.LeadingSign
		}
		n, e := number.ParseInt(s, style, bits, unsigned)
		return value.Boxed(t, uint64(n)), e
	case types.Double, types.Single:
		return floating(t, s)
	case types.Decimal:
		d, e := number.ParseDecimal(t, s, integers|number.DecimalPoint)
		if e != nil {
			return value.Nil, e
		}
		return value.OfObject(d), nil
	case types.DateTime:
		n, e := date.Parse(s, date.RoundtripKind, thread.Now())
		return value.Boxed(t, uint64(n)), e
	case types.TimeSpan:
		n, ok := parseDuration(s)
		if !ok {
			return value.Nil, value.BadFormat("The string '" + s + "' is not a valid TimeSpan value.")
		}
		return value.Boxed(t, uint64(n)), nil
	default:
		return structure(thread, t, s)
	}
}

func boolean(t *types.Type, s string) (value.Value, *value.Exception) {
	switch strings.ToLower(s) {
	case "true", "1":
		return value.BoxedBool(t, true), nil
	case "false", "0":
		return value.BoxedBool(t, false), nil
	default:
		return value.Nil, value.BadFormat("The string '" + s + "' is not a valid Boolean value.")
	}
}

func floating(t *types.Type, s string) (value.Value, *value.Exception) {
	switch s {
	case "INF":
		s = "Infinity"
	case "-INF":
		s = "-Infinity"
	}
	f, e := number.ParseFloat(s, number.FloatStyle, t.Special() == types.Single)
	return value.BoxedFloat(t, f), e
}

// structure reads the types that have their own objects: DateTimeOffset, Guid.
func structure(thread *value.Thread, t *types.Type, s string) (value.Value, *value.Exception) {
	if t.Name() == "DateTimeOffset" {
		ticks, by, e := date.ParseOffset(s, date.AssumeUniversal, thread.Now())
		if e != nil {
			return value.Nil, e
		}
		return value.OfObject(&object.Offset{Class: t, Ticks: ticks, By: by}), nil
	}
	id, ok := parseGUID(s)
	if !ok {
		return value.Nil, value.BadFormat("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")
	}
	return value.OfObject(&object.Guid{Class: t, ID: id}), nil
}

func parseGUID(s string) (id [16]byte, ok bool) {
	hex := strings.ReplaceAll(strings.Trim(s, "{}()"), "-", "")
	if len(hex) != 2*len(id) {
		return id, false
	}
	for i := range id {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			return id, false
		}
		id[i] = byte(n)
	}
	return id, true
}

// durationText writes a TimeSpan as XML does: P1DT2H3M4.5S.
func durationText(ticks int64) string {
	var b strings.Builder
	n := uint64(ticks)
	if ticks < 0 {
		b.WriteByte('-')
		n = -n
	}
	b.WriteByte('P')
	part := func(unit uint64, letter byte) bool {
		if n/unit == 0 {
			return false
		}
		b.WriteString(strconv.FormatUint(n/unit, 10))
		b.WriteByte(letter)
		n %= unit
		return true
	}
	some := part(uint64(date.PerDay), 'D')
	if n == 0 && some {
		return b.String()
	}
	b.WriteByte('T')
	some = part(uint64(date.PerHour), 'H')
	some = part(uint64(date.PerMinute), 'M') || some
	if n > 0 || !some {
		b.WriteString(strconv.FormatUint(n/uint64(date.PerSecond), 10))
		if rest := n % uint64(date.PerSecond); rest > 0 {
			fraction := strconv.FormatUint(uint64(date.PerSecond)+rest, 10)[1:]
			b.WriteString("." + strings.TrimRight(fraction, "0"))
		}
		b.WriteByte('S')
	}
	return b.String()
}

// parseDuration reads P1DT2H3M4.5S; years and months count 365 and 30 days.
func parseDuration(s string) (int64, bool) {
	rest, negative := strings.CutPrefix(s, "-")
	rest, ok := strings.CutPrefix(rest, "P")
	if !ok || rest == "" {
		return 0, false
	}
	days, clock, _ := strings.Cut(rest, "T")
	n, ok1 := sumUnits(days, map[byte]int64{'Y': 365 * date.PerDay, 'M': 30 * date.PerDay, 'D': date.PerDay})
	m, ok2 := sumUnits(clock, map[byte]int64{'H': date.PerHour, 'M': date.PerMinute, 'S': date.PerSecond})
	n += m
	if negative {
		n = -n
	}
	return n, ok1 && ok2
}

// sumUnits adds up numbers with the letters of their units.
func sumUnits(s string, units map[byte]int64) (int64, bool) {
	total := int64(0)
	for s != "" {
		i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if i <= 0 {
			return 0, false
		}
		f, err := strconv.ParseFloat(s[:i], 64)
		unit, ok := units[s[i]]
		if err != nil || !ok || f > 1e12 {
			return 0, false
		}
		total += int64(f * float64(unit))
		s = s[i+1:]
	}
	return total, true
}
