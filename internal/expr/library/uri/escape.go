package uri

import (
	"strings"
	"unicode/utf8"
)

const upperHex = "0123456789ABCDEF"

func isUnreserved(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~'
}

func isReserved(c byte) bool { return strings.IndexByte(":/?#[]@!$&'()*+,;=", c) >= 0 }

// hexByte returns the byte that %XX at s[i:] stands for.
func hexByte(s string, i int) (byte, bool) {
	if i+2 >= len(s) || s[i] != '%' {
		return 0, false
	}
	hi, lo := nibble(s[i+1]), nibble(s[i+2])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

func nibble(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	default:
		return -1
	}
}

func writeHex(b *strings.Builder, c byte) {
	b.Write([]byte{'%', upperHex[c>>4], upperHex[c&0xF]})
}

// escape makes text canonical: what may not stand in a reference is escaped, what need not be is unescaped.
func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if x, ok := hexByte(s, i); ok {
			if isUnreserved(x) {
				b.WriteByte(x)
			} else {
				b.WriteString(s[i : i+3])
			}
			i += 2
			continue
		}
		if isUnreserved(c) || isReserved(c) {
			b.WriteByte(c)
			continue
		}
		writeHex(&b, c)
	}
	return b.String()
}

// escapeData is EscapeDataString: all but the unreserved characters.
func escapeData(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if isUnreserved(s[i]) {
			b.WriteByte(s[i])
		} else {
			writeHex(&b, s[i])
		}
	}
	return b.String()
}

// escapeURI is EscapeUriString: all but the unreserved and the reserved characters.
func escapeURI(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if isUnreserved(s[i]) || isReserved(s[i]) {
			b.WriteByte(s[i])
		} else {
			writeHex(&b, s[i])
		}
	}
	return b.String()
}

// unescape replaces escapes whose bytes keep allows; those of a character beyond ASCII only where they are
// whole and valid.
func unescape(s string, allow func(byte) bool) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		c, ok := hexByte(s, i)
		switch {
		case !ok:
			b.WriteByte(s[i])
			i++
		case c < utf8.RuneSelf && allow(c):
			b.WriteByte(c)
			i += 3
		case c < utf8.RuneSelf:
			b.WriteString(s[i : i+3])
			i += 3
		default:
			i += escapedRune(&b, s[i:])
		}
	}
	return b.String()
}

// escapedRune writes the character that the escapes at the start of s make up, or the first escape as it is,
// and returns how much of s it took.
func escapedRune(b *strings.Builder, s string) int {
	var raw []byte
	for i := 0; len(raw) < utf8.UTFMax; i += 3 {
		c, ok := hexByte(s, i)
		if !ok {
			break
		}
		raw = append(raw, c)
		if utf8.FullRune(raw) {
			break
		}
	}
	r, n := utf8.DecodeRune(raw)
	if r == utf8.RuneError {
		b.WriteString(s[:3])
		return 3
	}
	b.WriteRune(r)
	return 3 * n
}

func unescapeData(s string) string { return unescape(s, func(byte) bool { return true }) }

// readable unescapes what does not change the meaning of a reference.
func readable(s string) string {
	return unescape(s, func(c byte) bool { return c >= ' ' && c != '%' && c != '\\' && c != 0x7F && !isReserved(c) })
}
