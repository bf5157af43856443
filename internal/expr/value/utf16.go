package value

import (
	"unicode/utf16"
	"unicode/utf8"
)

// A lone surrogate is kept in WTF-8: the three bytes that UTF-8 would have for it.
const (
	surrogateLead  = 0xED
	surrogateFirst = 0xD800
	surrogateLow   = 0xDC00
	surrogateLast  = 0xDFFF
)

// DecodeRune returns the first rune of s and its width in bytes, lone surrogates included.
func DecodeRune(s string) (r rune, width int) {
	r, width = utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && width == 1 && len(s) >= 3 && s[0] == surrogateLead && s[1] >= 0xA0 && s[1] <= 0xBF && s[2]&0xC0 == 0x80 {
		return rune(0xD000 | uint32(s[1]&0x3F)<<6 | uint32(s[2]&0x3F)), 3
	}
	return r, width
}

// AppendUnit appends one UTF-16 code unit; a lone surrogate becomes its three bytes.
func AppendUnit(b []byte, u uint16) []byte {
	if u >= surrogateFirst && u <= surrogateLast {
		return append(b, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0xBF, 0x80|byte(u)&0xBF)
	}
	return utf8.AppendRune(b, rune(u))
}

// AppendRune appends a rune; a lone surrogate becomes its three bytes.
func AppendRune(b []byte, r rune) []byte {
	if r >= surrogateFirst && r <= surrogateLast {
		return AppendUnit(b, uint16(r))
	}
	return utf8.AppendRune(b, r)
}

// Units returns the UTF-16 code units of s.
func Units(s string) []uint16 {
	units := make([]uint16, 0, len(s))
	for i := 0; i < len(s); {
		r, n := DecodeRune(s[i:])
		i += n
		if r >= 0x10000 {
			hi, lo := utf16.EncodeRune(r)
			units = append(units, uint16(hi), uint16(lo))
			continue
		}
		units = append(units, uint16(r))
	}
	return units
}

// FromUnits returns the string of UTF-16 code units: pairs of surrogates are joined, lone ones kept.
func FromUnits(units []uint16) string {
	b := make([]byte, 0, len(units))
	for i := 0; i < len(units); i++ {
		u := units[i]
		if u >= surrogateFirst && u < surrogateLow && i+1 < len(units) && units[i+1] >= surrogateLow && units[i+1] <= surrogateLast {
			b = utf8.AppendRune(b, utf16.DecodeRune(rune(u), rune(units[i+1])))
			i++
			continue
		}
		b = AppendUnit(b, u)
	}
	return string(b)
}

// ASCII reports whether every byte of s is below 0x80, so that byte offsets are UTF-16 offsets.
func ASCII(s string) bool { return isASCII(s) }

// Len returns the number of UTF-16 code units of s: what C#'s Length shows.
func Len(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, w := DecodeRune(s[i:])
		i += w
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// Len returns the number of UTF-16 code units: what C#'s Length shows.
func (s String) Len() int {
	if s.flags&ascii != 0 {
		return len(s.s)
	}
	return Len(s.s)
}

// At returns the i-th UTF-16 code unit and whether there is one.
func (s String) At(i int64) (uint16, bool) {
	if i < 0 || i >= int64(len(s.s)) {
		return 0, false
	}
	if s.flags&ascii != 0 || isASCII(s.s[:i+1]) {
		return uint16(s.s[i]), true
	}
	units := Units(s.s)
	if i >= int64(len(units)) {
		return 0, false
	}
	return units[i], true
}

// Slice returns n UTF-16 code units of s from start; both must be in range.
func Slice(s string, start, n int) string {
	if isASCII(s) {
		return s[start : start+n]
	}
	return FromUnits(Units(s)[start : start+n])
}

// UnitString returns the string of one UTF-16 code unit.
func UnitString(u uint16) string {
	if u < utf8.RuneSelf {
		return asciiStrings[u : u+1]
	}
	return string(AppendUnit(nil, u))
}

const asciiStrings = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f" +
	" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f"

// UnitOffset returns the UTF-16 offset of the byte offset i of s.
func UnitOffset(s string, i int) int { return Len(s[:i]) }

// ByteOffset returns the byte offset in s of the UTF-16 offset n, at most len(s). An offset inside a
// surrogate pair is the start of the pair.
func ByteOffset(s string, n int) int {
	i := 0
	for n > 0 && i < len(s) {
		r, w := DecodeRune(s[i:])
		n--
		if r >= 0x10000 {
			if n == 0 {
				break
			}
			n--
		}
		i += w
	}
	return i
}
