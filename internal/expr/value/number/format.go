package number

import (
	"math"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// maxPrecision is the largest precision of a standard format that is carried out; .NET allows 999,999,999.
const maxPrecision = 100_000

// ErrFormat is the exception of a format that does not exist.
func errFormat() *value.Exception { return value.BadFormat("Format specifier was invalid.") }

// standard splits a standard format into its letter and precision (-1 for none); letter 0 means that the
// format is a custom one.
func standard(format string) (letter byte, precision int, e *value.Exception) {
	if format == "" {
		return 'G', -1, nil
	}
	c := format[0]
	if c|0x20 < 'a' || c|0x20 > 'z' || len(format) > 10 {
		return 0, 0, nil
	}
	precision = -1
	for i := 1; i < len(format); i++ {
		if format[i] < '0' || format[i] > '9' {
			return 0, 0, nil
		}
		precision = max(precision, 0)*10 + int(format[i]-'0')
	}
	if precision > maxPrecision {
		return 0, 0, errFormat()
	}
	return c, precision, nil
}

// Int formats an integer by its bits. Bits is its size, for hexadecimal; unsigned tells ulong from long.
func Int(n int64, unsigned bool, bits int, format string) (string, *value.Exception) {
	if format == "" {
		return plainInt(n, unsigned), nil
	}
	letter, p, e := standard(format)
	if e != nil {
		return "", e
	}
	switch letter | 0x20 {
	case 'g':
		if p <= 0 {
			return plainInt(n, unsigned), nil
		}
	case 'd':
		text := plainInt(n, unsigned)
		sign := ""
		if text[0] == '-' {
			sign, text = "-", text[1:]
		}
		return sign + strings.Repeat("0", max(p-len(text), 0)) + text, nil
	case 'x', 'b':
		return radix(uint64(n)&(math.MaxUint64>>(64-bits)), letter, p), nil
	case 'r':
		return plainInt(n, unsigned), nil
	}
	d := digits{neg: !unsigned && n < 0}
	if n != 0 {
		d.d = []byte(strings.TrimPrefix(plainInt(n, unsigned), "-"))
		d.pos = len(d.d)
	}
	return d.format(letter, p, max(10, len(d.d)), format)
}

func plainInt(n int64, unsigned bool) string {
	if unsigned {
		return strconv.FormatUint(uint64(n), 10)
	}
	return strconv.FormatInt(n, 10)
}

func radix(n uint64, letter byte, p int) string {
	base := 16
	if letter|0x20 == 'b' {
		base = 2
	}
	text := strconv.FormatUint(n, base)
	if letter == 'X' {
		text = strings.ToUpper(text)
	}
	return strings.Repeat("0", max(p-len(text), 0)) + text
}

// Decimal formats a decimal.
func Decimal(v *value.Decimal, format string) (string, *value.Exception) {
	letter, p, e := standard(format)
	if e != nil {
		return "", e
	}
	d := ofBig(v.Neg(), v.Coefficient(), v.Scale())
	switch {
	case letter|0x20 == 'g' && p < 0, letter|0x20 == 'r':
		return plainDecimal(d, v.Scale()), nil
	case letter|0x20 == 'x', letter|0x20 == 'd', letter|0x20 == 'b':
		return "", errFormat()
	}
	if len(d.d) == 0 {
		d.pos = 0
	}
	return d.format(letter, p, 29, format)
}

// plainDecimal writes a decimal with all its places.
func plainDecimal(d digits, scale int) string {
	var b strings.Builder
	if d.neg && len(d.d) > 0 {
		b.WriteByte('-')
	}
	if d.pos <= 0 || len(d.d) == 0 {
		b.WriteByte('0')
	}
	for i := range d.pos {
		b.WriteByte(d.at(i))
	}
	if scale > 0 {
		b.WriteByte('.')
		for i := range scale {
			b.WriteByte(d.at(d.pos + i - zeroShift(d)))
		}
	}
	return b.String()
}

func zeroShift(d digits) int {
	if len(d.d) == 0 {
		return d.pos
	}
	return 0
}

// format writes the standard formats that all numbers share, and custom ones.
func (n *digits) format(letter byte, p, general int, custom string) (string, *value.Exception) {
	n.d = append([]byte(nil), n.d...)
	switch letter | 0x20 {
	case 'f', 'n', 'c', 'p':
		return n.fixed(letter|0x20, p), nil
	case 'e':
		if p < 0 {
			p = 6
		}
		n.round(p + 1)
		return n.sign() + n.scientific(p, letter, 3), nil
	case 'g':
		if p > 0 {
			general = p
		}
		n.round(general)
		return n.sign() + n.general(general, letter-2), nil
	}
	if letter != 0 {
		return "", errFormat()
	}
	return n.custom(custom), nil
}

func (n *digits) sign() string {
	if n.neg {
		return "-"
	}
	return ""
}

func (n *digits) fixed(letter byte, p int) string {
	if p < 0 {
		p = 2
	}
	if letter == 'p' && len(n.d) > 0 {
		n.pos += 2
	}
	n.round(n.pos + p)
	text := n.places(p, letter != 'f')
	switch letter {
	case 'c':
		if n.neg {
			return "(¤" + text + ")"
		}
		return "¤" + text
	case 'p':
		text += " %"
	}
	return n.sign() + text
}

// places writes the number with p decimal places, in groups of three where grouped.
func (n *digits) places(p int, grouped bool) string {
	var b strings.Builder
	if n.pos <= 0 {
		b.WriteByte('0')
	}
	for i := range max(n.pos, 0) {
		if grouped && i > 0 && (n.pos-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(n.at(i))
	}
	if p > 0 {
		b.WriteByte('.')
		for i := range p {
			b.WriteByte(n.at(n.pos + i))
		}
	}
	return b.String()
}

func (n *digits) scientific(p int, letter byte, width int) string {
	var b strings.Builder
	b.WriteByte(n.at(0))
	if p > 0 {
		b.WriteByte('.')
		for i := range p {
			b.WriteByte(n.at(i + 1))
		}
	}
	b.WriteString(n.exponent(letter, width, true))
	return b.String()
}

func (n *digits) exponent(letter byte, width int, plus bool) string {
	e := 0
	if len(n.d) > 0 {
		e = n.pos - 1
	}
	return exponentText(e, letter, width, plus)
}

func exponentText(e int, letter byte, width int, plus bool) string {
	sign := ""
	switch {
	case e < 0:
		sign, e = "-", -e
	case plus:
		sign = "+"
	}
	text := strconv.Itoa(e)
	return string(letter) + sign + strings.Repeat("0", max(width-len(text), 0)) + text
}

// general writes the shorter of fixed and scientific, as G does.
func (n *digits) general(most int, letter byte) string {
	if n.pos > most || n.pos < -3 && len(n.d) > 0 {
		return n.scientific(max(len(n.d)-1, 0), letter, 2)
	}
	return n.places(max(len(n.d)-n.pos, 0), false)
}
