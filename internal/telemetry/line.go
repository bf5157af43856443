package telemetry

import (
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// maxFieldBytes bounds a string in the access log. A longer one is cut.
const maxFieldBytes = 2048

const hexDigits = "0123456789abcdef"

// Format is the form of a log.
type Format uint8

// The forms of a log: an object of JSON a line, or key=value pairs a line, each
// as log/slog writes them.
const (
	FormatJSON Format = iota
	FormatText
)

// formats is how many there are.
const formats = 2

// key is the name of an attribute with what stands around it, in both forms.
// Names are constants that need no quotes.
type key struct{ json, text string }

func newKey(name string) key { return key{json: `,"` + name + `":`, text: " " + name + "="} }

// line appends one line of a log in the form of log/slog, without the
// allocations that a handler of slog makes for a record of many attributes. No
// string can end a line or forge an attribute: control characters are escaped.
type line struct {
	buf    []byte
	format Format
}

// newLine begins a line with its time, and with what is the same in all lines.
func newLine(dst []byte, f Format, times *secondText, t time.Time) line {
	if f == FormatJSON {
		dst = times.append(append(dst, `{"time":"`...), t)
		return line{append(dst, `","level":"INFO","msg":"request"`...), f}
	}
	dst = times.append(append(dst, "time="...), t)
	return line{append(dst, " level=INFO msg=request"...), f}
}

// end returns the finished line.
func (l *line) end() []byte {
	if l.format == FormatJSON {
		l.buf = append(l.buf, '}')
	}
	return append(l.buf, '\n')
}

// key starts an attribute.
func (l *line) key(k *key) {
	if l.format == FormatJSON {
		l.buf = append(l.buf, k.json...)
		return
	}
	l.buf = append(l.buf, k.text...)
}

// str appends a string that is not empty.
func (l *line) str(k *key, v string) {
	if v == "" {
		return
	}
	v = cut(v)
	l.key(k)
	switch {
	case l.format == FormatJSON:
		l.buf = appendJSONString(l.buf, v)
	case needsQuotes(v):
		l.buf = strconv.AppendQuote(l.buf, v)
	default:
		l.buf = append(l.buf, v...)
	}
}

// addr appends an IP address that is valid. Its zone, which is the client's to
// choose where addresses are taken from headers, is left out.
func (l *line) addr(k *key, v netip.Addr) {
	if !v.IsValid() {
		return
	}
	l.key(k)
	if l.format == FormatJSON {
		l.buf = append(l.buf, '"')
	}
	if v.Is6() {
		v = v.WithZone("")
	}
	l.buf = v.AppendTo(l.buf)
	if l.format == FormatJSON {
		l.buf = append(l.buf, '"')
	}
}

// num appends a number.
func (l *line) num(k *key, v int64) {
	l.key(k)
	l.buf = strconv.AppendInt(l.buf, v, 10)
}

// some appends a number that is not zero.
func (l *line) some(k *key, v int64) {
	if v != 0 {
		l.num(k, v)
	}
}

// ms appends a duration in milliseconds, to the microsecond.
func (l *line) ms(k *key, v time.Duration) {
	l.key(k)
	us := max(0, v.Microseconds())
	l.buf = strconv.AppendInt(l.buf, us/1000, 10)
	l.buf = append(l.buf, '.', byte('0'+us/100%10), byte('0'+us/10%10), byte('0'+us%10))
}

// secondText appends times. It keeps the text of the second that was asked for
// last, because requests come many to a second. It is safe for concurrent use.
type secondText struct{ last atomic.Pointer[second] }

type second struct {
	unix int64
	text string // up to the fraction
}

// append appends a time, in UTC and to the microsecond.
func (s *secondText) append(dst []byte, t time.Time) []byte {
	now := s.last.Load()
	if unix := t.Unix(); now == nil || now.unix != unix {
		now = &second{unix: unix, text: t.UTC().Format("2006-01-02T15:04:05.")}
		s.last.Store(now)
	}
	us := t.Nanosecond() / 1000
	return append(append(dst, now.text...), byte('0'+us/100_000), byte('0'+us/10_000%10), byte('0'+us/1000%10),
		byte('0'+us/100%10), byte('0'+us/10%10), byte('0'+us%10), 'Z')
}

// cut shortens a string to maxFieldBytes, at the start of a character.
func cut(v string) string {
	if len(v) <= maxFieldBytes {
		return v
	}
	n := maxFieldBytes
	for n > maxFieldBytes-utf8.UTFMax && !utf8.RuneStart(v[n]) {
		n--
	}
	return v[:n]
}

// withoutQuery returns the part of a path in front of a query or fragment.
func withoutQuery(path string) string {
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	if i := strings.IndexByte(path, '#'); i >= 0 {
		path = path[:i]
	}
	return path
}

// needsQuotes says that a value would not stand as one word of text.
func needsQuotes(v string) bool {
	for i := range len(v) {
		if c := v[i]; c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f {
			return true
		}
	}
	return false
}

// plain says which bytes stand as themselves in a string of JSON.
var plain = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// appendJSONString appends v as a string of JSON. What is not UTF-8 becomes the
// replacement character; U+2028 and U+2029, which end lines in JavaScript, are
// escaped.
func appendJSONString(dst []byte, v string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(v); {
		if plain[v[i]] {
			i++
			continue
		}
		size := 1
		if c := v[i]; c < utf8.RuneSelf {
			dst = append(dst, v[start:i]...)
			dst = appendEscape(dst, c)
		} else {
			var r rune
			r, size = utf8.DecodeRuneInString(v[i:])
			if size > 1 && r != '\u2028' && r != '\u2029' && r > 0x9f {
				i += size
				continue
			}
			dst = append(dst, v[start:i]...)
			dst = append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		}
		i += size
		start = i
	}
	return append(append(dst, v[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
