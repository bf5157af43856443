package number

import (
	"strings"
	"unicode/utf8"
)

// picture is what a section of a custom format asks for.
type picture struct {
	digitCount, decimalPos int
	firstDigit, lastDigit  int
	thousandPos, thousands int
	grouped, scientific    bool
	scale                  int
	next                   int // Where the section ends.
	sectionStart           int
}

// section returns where the section for a number of that sign starts: 0 positive, 1 negative, 2 zero.
func section(format string, want int) int {
	if want == 0 {
		return 0
	}
	n := want
	for i := 0; i < len(format); i++ {
		switch format[i] {
		case '\'', '"':
			if j := strings.IndexByte(format[i+1:], format[i]); j >= 0 {
				i += j + 1
			} else {
				return 0
			}
		case '\\':
			i++
		case ';':
			n--
			if n > 0 {
				continue
			}
			start := i + 1
			if start < len(format) && format[start] != ';' {
				return start
			}
			return 0
		}
	}
	return 0
}

const noDigit = int(^uint(0) >> 1)

// scanPicture reads the section that starts at start.
func scanPicture(format string, start int) picture {
	p := picture{decimalPos: -1, firstDigit: noDigit, thousandPos: -1, sectionStart: start, next: len(format)}
	for i := start; i < len(format); i++ {
		switch c := format[i]; c {
		case '#', '0':
			if c == '0' {
				p.firstDigit = min(p.firstDigit, p.digitCount)
				p.lastDigit = p.digitCount + 1
			}
			p.digitCount++
		case '.':
			if p.decimalPos < 0 {
				p.decimalPos = p.digitCount
			}
		case ',':
			p.comma()
		case '%':
			p.scale += 2
		case 0xE2:
			if strings.HasPrefix(format[i:], "‰") {
				p.scale += 3
			}
		case '\'', '"':
			if j := strings.IndexByte(format[i+1:], c); j >= 0 {
				i += j + 1
			} else {
				i = len(format)
			}
		case '\\':
			i++
		case 'E', 'e':
			if n, _ := exponentWidth(format[i+1:]); n > 0 {
				p.scientific = true
				i += n
			}
		case ';':
			p.next = i
			return p
		}
	}
	return p
}

func (p *picture) comma() {
	if p.digitCount > 0 && p.decimalPos < 0 {
		if p.thousandPos >= 0 {
			if p.thousandPos == p.digitCount {
				p.thousands++
				return
			}
			p.grouped = true
		}
		p.thousandPos, p.thousands = p.digitCount, 1
	}
}

// exponentWidth returns how many bytes after an E belong to the exponent's format, and how many are zeros.
func exponentWidth(s string) (n, zeros int) {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		n = 1
	}
	for n+zeros < len(s) && s[n+zeros] == '0' {
		zeros++
	}
	if zeros == 0 {
		return 0, 0
	}
	return n + zeros, zeros
}

// custom writes the number by a custom format.
func (n *digits) custom(format string) string {
	want := 0
	switch {
	case len(n.d) == 0:
		want = 2
	case n.neg:
		want = 1
	}
	at := section(format, want)
	var p picture
	for {
		p = scanPicture(format, at)
		if p.decimalPos < 0 {
			p.decimalPos = p.digitCount
		}
		if p.thousandPos >= 0 {
			if p.thousandPos == p.decimalPos {
				p.scale -= p.thousands * 3
			} else {
				p.grouped = true
			}
		}
		if len(n.d) == 0 {
			n.neg = n.neg && n.float
			n.pos = 0
			break
		}
		n.pos += p.scale
		keep := p.digitCount
		if !p.scientific {
			keep = n.pos + p.digitCount - p.decimalPos
		}
		n.round(keep)
		if len(n.d) > 0 {
			break
		}
		zero := section(format, 2)
		if zero == at {
			break
		}
		at = zero
	}
	return n.write(format, p)
}

// writer is the state of writing one section.
type writer struct {
	b           strings.Builder
	n           *digits
	p           picture
	cur         int // The next digit.
	digPos      int // How many integer digits are still to come; negative behind the point.
	adjust      int
	first, last int
	point       bool
}

func (n *digits) write(format string, p picture) string {
	w := writer{n: n, p: p, digPos: p.decimalPos}
	if p.firstDigit < p.decimalPos {
		w.first = p.decimalPos - p.firstDigit
	}
	if p.lastDigit > p.decimalPos {
		w.last = p.decimalPos - p.lastDigit
	}
	if !p.scientific {
		w.digPos = max(n.pos, p.decimalPos)
		w.adjust = n.pos - p.decimalPos
	}
	// A zero shows its sign only where its digit is shown.
	if n.neg && p.sectionStart == 0 && (len(n.d) > 0 || p.firstDigit != noDigit) {
		w.b.WriteByte('-')
	}
	for i := p.sectionStart; i < p.next; {
		i += w.char(format[i:p.next])
	}
	return w.b.String()
}

// char writes what one element of the format asks for and returns its width in the format.
func (w *writer) char(rest string) int {
	c := rest[0]
	if w.adjust > 0 && (c == '#' || c == '0' || c == '.') {
		for ; w.adjust > 0; w.adjust-- {
			w.digit(w.take('0'))
		}
	}
	switch c {
	case '#', '0':
		w.placeholder()
	case '.':
		if w.digPos == 0 && !w.point && (w.last < 0 || w.p.decimalPos < w.p.digitCount && w.cur < len(w.n.d)) {
			w.b.WriteByte('.')
			w.point = true
		}
	case ',':
	case '\'', '"':
		end := strings.IndexByte(rest[1:], c)
		if end < 0 {
			w.b.WriteString(rest[1:])
			return len(rest)
		}
		w.b.WriteString(rest[1 : 1+end])
		return end + 2
	case '\\':
		if len(rest) > 1 {
			_, n := utf8.DecodeRuneInString(rest[1:])
			w.b.WriteString(rest[1 : 1+n])
			return 1 + n
		}
	case 'E', 'e':
		n, zeros := exponentWidth(rest[1:])
		if !w.p.scientific || n == 0 {
			w.b.WriteByte(c)
			return 1
		}
		e := 0
		if len(w.n.d) > 0 {
			e = w.n.pos - w.p.decimalPos
		}
		w.b.WriteString(exponentText(e, c, min(zeros, 10), rest[1] == '+'))
		return 1 + n
	default:
		w.b.WriteByte(c)
	}
	return 1
}

func (w *writer) take(none byte) byte {
	if w.cur < len(w.n.d) {
		w.cur++
		return w.n.d[w.cur-1]
	}
	return none
}

func (w *writer) placeholder() {
	var c byte
	if w.adjust < 0 {
		w.adjust++
		if w.digPos <= w.first {
			c = '0'
		}
	} else {
		none := byte(0)
		if w.digPos > w.last {
			none = '0'
		}
		c = w.take(none)
	}
	if c != 0 {
		w.digit(c)
		return
	}
	w.digPos--
}

// digit writes one digit, and the separator of thousands behind it.
func (w *writer) digit(c byte) {
	w.b.WriteByte(c)
	if w.p.grouped && w.digPos > 1 && (w.digPos-1)%3 == 0 {
		w.b.WriteByte(',')
	}
	w.digPos--
}
