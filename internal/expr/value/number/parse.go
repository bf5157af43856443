package number

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Style is System.Globalization.NumberStyles.
type Style uint16

// The styles, with .NET's numbers.
const (
	LeadingWhite Style = 1 << iota
	TrailingWhite
	LeadingSign
	TrailingSign
	Parentheses
	DecimalPoint
	Thousands
	Exponent
	CurrencySymbol
	HexSpecifier
	BinarySpecifier

	Integer    = LeadingWhite | TrailingWhite | LeadingSign
	HexNumber  = LeadingWhite | TrailingWhite | HexSpecifier
	NumberAll  = Integer | TrailingSign | DecimalPoint | Thousands
	FloatStyle = Integer | DecimalPoint | Exponent
	Any        = NumberAll | Parentheses | Exponent | CurrencySymbol
)

// Check returns the ArgumentException of a style that does not exist, or that the type of a number does not have.
func (s Style) Check(integer bool) *value.Exception {
	const all = BinarySpecifier<<1 - 1
	radix := s & (HexSpecifier | BinarySpecifier)
	switch {
	case s&^all != 0:
		return value.Argument("style", "An undefined NumberStyles value is being used.")
	case radix != 0 && !integer:
		return value.Argument("style",
			"The number styles AllowHexSpecifier and AllowBinarySpecifier are not supported on floating point data types.")
	case radix != 0 && s&^(HexNumber|BinarySpecifier) != 0:
		return value.Argument("style", "With the AllowHexSpecifier or AllowBinarySpecifier bit set in the enum bit field, "+
			"the only other valid bits that can be combined into the enum value must be a subset of those in HexNumber or BinaryNumber.")
	}
	return nil
}

// maxText is the longest text that is read as a number, in bytes.
const maxText = 4096

// parsed is a number as its text has it: digits without leading zeros, and the place of its point.
type parsed struct {
	neg    bool
	digits string
	// pos is the number of digits before the point.
	pos int
	// scale is the number of digits after the point in the text, the exponent left out.
	scale int
}

type reader struct {
	s     string
	i     int
	style Style
	out   parsed
	paren bool
	sign  bool
	money bool
}

func isWhite(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (r *reader) has(s Style) bool { return r.style&s != 0 }

// white skips white space where the style allows it.
func (r *reader) white(s Style) {
	for r.has(s) && r.i < len(r.s) && isWhite(r.s[r.i]) {
		r.i++
	}
}

// takeSign reads a sign and reports whether there was one.
func (r *reader) takeSign() bool {
	rest := r.s[r.i:]
	switch {
	case rest == "" || r.sign:
		return false
	case rest[0] == '-':
		r.out.neg = true
		r.i++
	case rest[0] == '+':
		r.i++
	case strings.HasPrefix(rest, "\u2212"):
		r.out.neg = true
		r.i += len("\u2212")
	default:
		return false
	}
	r.sign = true
	return true
}

func (r *reader) takeCurrency() bool {
	if r.has(CurrencySymbol) && !r.money && strings.HasPrefix(r.s[r.i:], "¤") {
		r.i += len("¤")
		r.money = true
		return true
	}
	return false
}

func (r *reader) lead() {
	for {
		if !r.sign || r.money { // Behind a sign there is no space, unless a currency symbol is there.
			r.white(LeadingWhite)
		}
		switch {
		case r.takeCurrency(), r.has(LeadingSign) && r.takeSign():
		case r.has(Parentheses) && !r.sign && strings.HasPrefix(r.s[r.i:], "("):
			r.i++
			r.paren, r.sign, r.out.neg = true, true, true
		default:
			return
		}
	}
}

// number reads the digits, the point and the exponent.
func (r *reader) number() bool {
	var d strings.Builder
	seen, point := false, false
loop:
	for ; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; {
		case c >= '0' && c <= '9':
			seen = true
			if point {
				r.out.scale++
			}
			if c == '0' && d.Len() == 0 {
				if point {
					r.out.pos--
				}
				continue
			}
			d.WriteByte(c)
			if !point {
				r.out.pos++
			}
		case c == '.' && r.has(DecimalPoint) && !point:
			point = true
		case c == ',' && r.has(Thousands) && !point && seen:
		default:
			break loop
		}
	}
	r.out.digits = d.String()
	if !seen {
		return false
	}
	r.exponent()
	return true
}

func (r *reader) exponent() {
	if !r.has(Exponent) || r.i >= len(r.s) || r.s[r.i]|0x20 != 'e' {
		return
	}
	i := r.i + 1
	neg := false
	if i < len(r.s) && (r.s[i] == '+' || r.s[i] == '-') {
		neg = r.s[i] == '-'
		i++
	}
	start, e := i, 0
	for ; i < len(r.s) && r.s[i] >= '0' && r.s[i] <= '9'; i++ {
		e = min(e*10+int(r.s[i]-'0'), 9999)
	}
	if i == start {
		return
	}
	if neg {
		e = -e
	}
	r.out.pos += e
	r.i = i
}

func (r *reader) trail() bool {
	for {
		r.white(TrailingWhite)
		switch {
		case r.has(TrailingSign) && r.takeSign(), r.takeCurrency():
		case r.paren && strings.HasPrefix(r.s[r.i:], ")"):
			r.i++
			r.paren = false
		default:
			for r.i < len(r.s) && r.s[r.i] == 0 {
				r.i++
			}
			return r.i == len(r.s) && !r.paren
		}
	}
}

// scan reads s by a style and reports whether it is a number.
func scan(s string, style Style) (parsed, bool) {
	if len(s) > maxText {
		return parsed{}, false
	}
	r := reader{s: s, style: style}
	r.lead()
	if !r.number() || !r.trail() {
		return parsed{}, false
	}
	return r.out, true
}

// ParseInt reads an integer of that many bits. Its exceptions are FormatException and OverflowException.
func ParseInt(s string, style Style, bits int, unsigned bool) (int64, *value.Exception) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && style == Integer && inRange(n, bits, unsigned) {
		return n, nil
	}
	if style&(HexSpecifier|BinarySpecifier) != 0 {
		return parseRadix(s, style, bits, unsigned)
	}
	p, ok := scan(s, style)
	if !ok {
		return 0, value.BadNumber(s)
	}
	n := new(big.Int)
	if p.digits != "" {
		if p.pos > 40 {
			return 0, tooLarge(bits, unsigned)
		}
		whole := p.digits
		if p.pos < len(whole) {
			if strings.Trim(whole[max(p.pos, 0):], "0") != "" {
				return 0, tooLarge(bits, unsigned)
			}
			whole = whole[:max(p.pos, 0)]
		} else {
			whole += strings.Repeat("0", p.pos-len(whole))
		}
		n.SetString("0"+whole, 10)
	}
	if p.neg {
		n.Neg(n)
	}
	if unsigned && bits == 64 && n.IsUint64() {
		return int64(n.Uint64()), nil
	}
	if !n.IsInt64() || !inRange(n.Int64(), bits, unsigned) {
		return 0, tooLarge(bits, unsigned)
	}
	return n.Int64(), nil
}

func inRange(n int64, bits int, unsigned bool) bool {
	if unsigned {
		return n >= 0 && (bits == 64 || n < 1<<bits)
	}
	return bits == 64 || n >= -1<<(bits-1) && n < 1<<(bits-1)
}

// tooLarge returns the OverflowException of an integer type.
func tooLarge(bits int, unsigned bool) *value.Exception {
	name := "Int" + strconv.Itoa(bits)
	switch {
	case bits == 8 && unsigned:
		return value.Overflow("Value was either too large or too small for an unsigned byte.")
	case bits == 8:
		return value.Overflow("Value was either too large or too small for a signed byte.")
	case unsigned:
		name = "U" + name
	}
	article := "an "
	if unsigned {
		article = "a "
	}
	return value.Overflow("Value was either too large or too small for " + article + name + ".")
}

func parseRadix(s string, style Style, bits int, unsigned bool) (int64, *value.Exception) {
	t := strings.TrimRight(s, "\x00")
	if style&LeadingWhite != 0 {
		t = strings.TrimLeft(t, " \t\n\v\f\r")
	}
	if style&TrailingWhite != 0 {
		t = strings.TrimRight(t, " \t\n\v\f\r")
	}
	base := 16
	if style&BinarySpecifier != 0 {
		base = 2
	}
	if strings.ContainsAny(t, "+-_") {
		return 0, value.BadNumber(s)
	}
	n, err := strconv.ParseUint(t, base, 64)
	if err != nil && !strings.Contains(err.Error(), "range") {
		return 0, value.BadNumber(s)
	}
	if err != nil || bits < 64 && n >= 1<<bits {
		return 0, tooLarge(bits, unsigned)
	}
	if !unsigned {
		return int64(n) << (64 - bits) >> (64 - bits), nil
	}
	return int64(n), nil
}

// ParseFloat reads a double, or a float where single.
func ParseFloat(s string, style Style, single bool) (float64, *value.Exception) {
	p, ok := scan(s, style)
	if !ok {
		switch t := strings.ToLower(strings.TrimFunc(s, func(r rune) bool { return r < 128 && isWhite(byte(r)) })); t {
		case "nan", "-nan", "+nan":
			return math.NaN(), nil
		case "infinity", "+infinity":
			return math.Inf(1), nil
		case "-infinity":
			return math.Inf(-1), nil
		}
		return 0, value.BadNumber(s)
	}
	f := 0.0
	if p.digits != "" {
		bits := 64
		if single {
			bits = 32
		}
		f, _ = strconv.ParseFloat("0."+p.digits+"e"+strconv.Itoa(p.pos), bits) // Too large is infinity, as in .NET.
	}
	if p.neg {
		f = math.Copysign(f, -1)
	}
	return f, nil
}

// ParseDecimal reads a decimal.
func ParseDecimal(class value.Type, s string, style Style) (*value.Decimal, *value.Exception) {
	p, ok := scan(s, style)
	if !ok {
		return nil, value.BadNumber(s)
	}
	if p.pos > 40 {
		return nil, value.Overflow("Value was either too large or too small for a Decimal.")
	}
	digits, scale := p.digits, len(p.digits)-p.pos
	if digits == "" {
		scale = p.scale
	}
	if p.pos < -60 {
		digits, scale = "", value.MaxDecimalScale
	}
	if scale < 0 {
		digits += strings.Repeat("0", -scale)
		scale = 0
	}
	coef, _ := new(big.Int).SetString("0"+digits, 10)
	return value.NewDecimal(class, p.neg, coef, scale)
}
