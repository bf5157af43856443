package http1

import (
	"bytes"

	"github.com/sallyport/sallyport/internal/message"
)

// line is a request line in parts, as offsets into the head.
type line struct {
	methodEnd, targetEnd int
	protocol             message.Protocol
}

// readRequestLine checks a request line without its line end (RFC 9112 §3).
func readRequestLine(text []byte) (line, *Refusal) {
	var l line
	l.methodEnd = bytes.IndexByte(text, ' ')
	switch {
	case l.methodEnd > MaxMethodBytes:
		return l, RefusedLongMethod
	case l.methodEnd <= 0:
		return l, RefusedRequestLine
	case !tokenBytes.all(text[:l.methodEnd]):
		return l, RefusedMethod
	}
	rest := text[l.methodEnd+1:]
	length := bytes.IndexByte(rest, ' ')
	if length <= 0 {
		return l, RefusedRequestLine
	}
	l.targetEnd = l.methodEnd + 1 + length
	if length > MaxTargetBytes {
		return l, RefusedLongTarget
	}
	var refused *Refusal
	l.protocol, refused = readVersion(rest[length+1:])
	if refused != nil {
		return l, refused
	}
	return l, CheckTarget(text[:l.methodEnd], rest[:length])
}

// readVersion reads the version in a request line. A higher minor version is
// served as the highest that is known (RFC 9110 §6.2).
func readVersion(text []byte) (message.Protocol, *Refusal) {
	if string(text) == "HTTP/1.1" {
		return message.HTTP11, nil
	}
	if len(text) > 0 && !bytes.HasPrefix(text, []byte("HTTP")) && !bytes.ContainsAny(text, "/ ") {
		return 0, RefusedProtocol
	}
	if !isVersion(text) {
		return 0, RefusedRequestLine
	}
	switch {
	case text[5] != '1':
		return 0, RefusedVersion
	case text[7] == '0':
		return message.HTTP10, nil
	}
	return message.HTTP11, nil
}

// isVersion reports whether text is "HTTP/", a digit, a dot and a digit.
func isVersion(text []byte) bool {
	return len(text) == len("HTTP/1.1") && string(text[:5]) == "HTTP/" && isDigit(text[5]) && text[6] == '.' && isDigit(text[7])
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// statusLine is a status line in parts.
type statusLine struct {
	protocol         message.Protocol
	status           int
	phrase, phraseTo int // offsets into the head
}

// readStatusLine checks a status line without its line end (RFC 9112 §4). The
// space before a phrase that is missing may be missing too: many servers leave
// it out.
func readStatusLine(text []byte) (statusLine, error) {
	const before = len("HTTP/1.1 200")
	if len(text) < before || !isVersion(text[:8]) || text[5] != '1' || text[8] != ' ' {
		return statusLine{}, errStatusLine
	}
	s := statusLine{protocol: message.HTTP11, phrase: before, phraseTo: len(text)}
	if text[7] == '0' {
		s.protocol = message.HTTP10
	}
	for _, c := range text[9:before] {
		if !isDigit(c) {
			return statusLine{}, errStatusLine
		}
		s.status = s.status*10 + int(c-'0')
	}
	if len(text) > before {
		if text[before] != ' ' || !allValue(text[before:]) {
			return statusLine{}, errStatusLine
		}
		s.phrase++
	}
	if s.status < 100 {
		return statusLine{}, errStatusLine
	}
	return s, nil
}
