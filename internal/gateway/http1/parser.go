package http1

import (
	"bytes"
	"errors"
	"fmt"
	"unsafe"

	"github.com/sallyport/sallyport/internal/message"
)

// Parser follows a head through a buffer as it arrives: each line is checked
// when it has ended, so that what is wrong is refused before the rest is waited
// for. It keeps offsets, so that the buffer may move while the head arrives.
// The zero Parser is ready for use; Reset prepares it for the next head.
type Parser struct {
	at     int // where the line begins that has not ended
	seen   int // what has been searched for its end
	begun  bool
	line   line
	status statusLine
	fields []span
}

// Reset forgets the head and keeps the memory.
func (p *Parser) Reset() { p.at, p.seen, p.begun, p.fields = 0, 0, false, p.fields[:0] }

// Begun reports whether a line of the head has been read.
func (p *Parser) Begun() bool { return p.begun }

// ScanRequest goes on with a request's head, which begins at the beginning of
// text. It returns where the head ends, or 0 while more of it is to come.
func (p *Parser) ScanRequest(text []byte) (end int, refused *Refusal) {
	for {
		row, ok, refused := p.nextLine(text, &requestLimits)
		switch {
		case refused != nil:
			return 0, refused
		case !ok:
			return 0, nil
		case !p.begun && len(row) == 0:
			return 0, RefusedRequestLine // Empty lines before it are the connection's business.
		case !p.begun:
			p.line, refused = readRequestLine(row)
			p.begun = true
		case len(row) == 0:
			return p.at, nil
		default:
			refused = p.addField(row, requestLimits.fields)
		}
		if refused != nil {
			return 0, refused
		}
	}
}

// End returns where the head ends that has been found whole.
func (p *Parser) End() int { return p.at }

// errStatusLine is the failure of an answer that does not begin as one.
var errStatusLine = errors.New("the status line is malformed")

// ScanResponse goes on with the head of an answer, as ScanRequest does.
func (p *Parser) ScanResponse(text []byte) (end int, err error) {
	for {
		row, ok, refused := p.nextLine(text, &responseLimits)
		switch {
		case refused != nil:
		case !ok:
			return 0, nil
		case !p.begun:
			p.begun = true
			if p.status, err = readStatusLine(row); err != nil {
				return 0, fmt.Errorf("reading the answer's head: %w", err)
			}
		case len(row) == 0:
			return p.at, nil
		default:
			refused = p.addField(row, responseLimits.fields)
		}
		if refused != nil {
			return 0, fmt.Errorf("reading the answer's head: %w", refused)
		}
	}
}

// nextLine returns the next line without its end, and goes behind it.
func (p *Parser) nextLine(text []byte, l *limits) (row []byte, ok bool, refused *Refusal) {
	end := bytes.IndexByte(text[p.seen:], '\n')
	if end < 0 {
		p.seen = len(text)
		return nil, false, l.check(p.at, p.seen-p.at, p.seen)
	}
	end += p.seen
	if refused := l.check(p.at, end+1-p.at, end+1); refused != nil {
		return nil, false, refused
	}
	if end == p.at || text[end-1] != '\r' {
		return nil, false, RefusedBareLF
	}
	row = text[p.at : end-1]
	p.at, p.seen = end+1, end+1
	return row, true, nil
}

// check refuses a line that is too long before its end is seen, and a head that
// is.
func (l *limits) check(at, lineBytes, headBytes int) *Refusal {
	switch {
	case at == 0 && lineBytes > l.first:
		return RefusedLongTarget
	case lineBytes > l.field:
		return RefusedLongField
	case headBytes > l.head:
		return RefusedLongHead
	}
	return nil
}

// addField takes a field line, which is the one before p.at.
func (p *Parser) addField(row []byte, most int) *Refusal {
	if len(p.fields) >= most {
		return RefusedManyFields
	}
	f, refused := readField(row, p.at-len(row)-len("\r\n"))
	if refused != nil {
		return refused
	}
	p.fields = append(p.fields, f)
	return nil
}

// view makes a string of bytes without copying them. It lives as long as they
// are not changed: until the exchange ends.
func view(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b)) //nolint:gosec // This is what views are.
}

// name and value return the parts of a field line.
func (s *span) of(text string) (message.Name, string) {
	return message.NameOf(text[s.name:s.nameEnd]), text[s.value:s.valueEnd]
}

// offset returns where in text a view over it begins.
func offset(text []byte, part string) int {
	return int(uintptr(unsafe.Pointer(unsafe.StringData(part))) - uintptr(unsafe.Pointer(&text[0]))) //nolint:gosec // Both are of one array.
}

// sliceOf makes a slice of an array that is known by its first byte.
func sliceOf(first *byte, size int) []byte {
	return unsafe.Slice(first, size) //nolint:gosec // Only poolOf makes them.
}
