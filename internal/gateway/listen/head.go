package listen

import (
	"bytes"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// head is what a request's head says, once it has been checked. Its strings
// share one allocation.
type head struct {
	fields    message.Header // without those that are for this connection alone
	method    string
	target    string // origin form or "*"; an absolute target is cut down to its path
	authority string // of the target or of Host; empty in HTTP/1.0 without Host
	upgrade   string // "websocket" or empty
	protocol  message.Protocol

	// What frames the message.
	length  int64 // -1 where there is no Content-Length
	chunked bool
}

// reset empties the head and keeps its memory.
func (h *head) reset() {
	fields := h.fields
	fields.Reset()
	*h = head{fields: fields, length: -1}
}

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
		return l, refusedLongMethod
	case l.methodEnd <= 0:
		return l, refusedRequestLine
	case !tokenBytes.all(text[:l.methodEnd]):
		return l, refusedMethod
	}
	rest := text[l.methodEnd+1:]
	length := bytes.IndexByte(rest, ' ')
	if length <= 0 {
		return l, refusedRequestLine
	}
	l.targetEnd = l.methodEnd + 1 + length
	if length > MaxTargetBytes {
		return l, refusedLongTarget
	}
	var refused *Refusal
	l.protocol, refused = readVersion(rest[length+1:])
	if refused != nil {
		return l, refused
	}
	return l, checkTarget(text[:l.methodEnd], rest[:length])
}

// readVersion reads the version in a request line. A higher minor version is
// served as the highest that is known (RFC 9110 §6.2).
func readVersion(text []byte) (message.Protocol, *Refusal) {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	if len(text) > 0 && !bytes.HasPrefix(text, []byte("HTTP")) && !bytes.ContainsAny(text, "/ ") {
		return 0, refusedProtocol
	}
	if len(text) != len("HTTP/1.1") || string(text[:5]) != "HTTP/" || !digit(text[5]) || text[6] != '.' || !digit(text[7]) {
		return 0, refusedRequestLine
	}
	switch {
	case text[5] != '1':
		return 0, refusedVersion
	case text[7] == '0':
		return message.HTTP10, nil
	}
	return message.HTTP11, nil
}

// checkTarget checks a request target (RFC 9112 §3.2).
func checkTarget(method, target []byte) *Refusal {
	switch string(method) {
	case "CONNECT", "TRACE":
		return refusedConnect
	}
	if !targetBytes.all(target) {
		return refusedTarget
	}
	if target[0] == '/' {
		return nil
	}
	if len(target) == 1 && target[0] == '*' {
		if string(method) == "OPTIONS" {
			return nil
		}
		return refusedTarget
	}
	if _, _, ok := cutAbsolute(string(target)); !ok {
		return refusedTarget
	}
	return nil
}

// cutAbsolute divides a target in absolute form into authority and the rest in
// origin form.
func cutAbsolute(target string) (authority, rest string, ok bool) {
	scheme, after, found := strings.Cut(target, "://")
	if !found || !(message.EqualFold(scheme, "http") || message.EqualFold(scheme, "https")) {
		return "", "", false
	}
	end := strings.IndexAny(after, "/?")
	if end < 0 {
		return after, "/", validAuthority(after)
	}
	authority, rest = after[:end], after[end:]
	if rest[0] == '?' {
		rest = "/" + rest
	}
	return authority, rest, validAuthority(authority)
}

// validAuthority reports whether text is host[:port], without user information.
func validAuthority(text string) bool {
	host, port := text, ""
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasSuffix(text, "]") {
		host, port = text[:i], text[i+1:]
	}
	if len(port) > 5 {
		return false
	}
	for i := range len(port) {
		if port[i] < '0' || '9' < port[i] {
			return false
		}
	}
	if strings.HasPrefix(host, "[") {
		return strings.HasSuffix(host, "]") && len(host) > 4 && inSet(&addressBytes, host[1:len(host)-1])
	}
	return host != "" && inSet(&hostBytes, host)
}

func inSet(s *byteSet, text string) bool {
	for i := range len(text) {
		if !s[text[i]] {
			return false
		}
	}
	return true
}

// sameAuthority reports whether two authorities are the same but for case and
// a default port.
func sameAuthority(a, b string) bool {
	return message.EqualFold(a, b) || message.EqualFold(withoutDefaultPort(a), withoutDefaultPort(b))
}

func withoutDefaultPort(authority string) string {
	for _, port := range [...]string{":80", ":443", ":"} {
		if cut, ok := strings.CutSuffix(authority, port); ok {
			return cut
		}
	}
	return authority
}

// span is one field line: where its name and its value are.
type span struct{ name, nameEnd, value, valueEnd int }

// readField checks a field line without its line end (RFC 9112 §5).
func readField(text []byte) (span, *Refusal) {
	if isSpace(text[0]) {
		return span{}, refusedFold
	}
	colon := bytes.IndexByte(text, ':')
	if colon <= 0 || !tokenBytes.all(text[:colon]) {
		return span{}, refusedFieldName
	}
	value := text[colon+1:]
	if !valueBytes.all(value) {
		if bytes.IndexByte(value, '\r') >= 0 {
			return span{}, refusedBareCR
		}
		return span{}, refusedFieldValue
	}
	from, to := colon+1, len(text)
	for from < to && isSpace(text[from]) {
		from++
	}
	for to > from && isSpace(text[to-1]) {
		to--
	}
	return span{nameEnd: colon, value: from, valueEnd: to}, nil
}
