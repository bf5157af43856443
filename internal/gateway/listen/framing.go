package listen

import (
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// reading is the state in which the fields of one head are read together.
type reading struct {
	head  *head
	hosts int
	host  string
	codings,
	lengths int
	coding, length string
	connection     bool // there is a Connection field
	upgrade        string
}

// readHead makes a head of its text, whose lines have been checked one by one.
func readHead(h *head, text string, l line, fields []span) *Refusal {
	h.reset()
	h.method, h.target, h.protocol = text[:l.methodEnd], text[l.methodEnd+1:l.targetEnd], l.protocol
	r := reading{head: h}
	for _, f := range fields {
		name := message.NameOf(text[f.name:f.nameEnd])
		if refused := r.add(name, text[f.value:f.valueEnd]); refused != nil {
			return refused
		}
	}
	if refused := r.readHosts(); refused != nil {
		return refused
	}
	if refused := r.readLength(); refused != nil {
		return refused
	}
	return r.readConnection(text, fields)
}

// add takes one field.
func (r *reading) add(name message.Name, value string) *Refusal {
	switch {
	case name.Is(message.Host):
		r.hosts, r.host = r.hosts+1, value
		return nil
	case name.Is(message.ContentLength):
		r.lengths, r.length = r.lengths+1, value
		return nil
	case name.Is(message.TransferEncoding):
		r.codings, r.coding = r.codings+1, value
		return nil
	case name.Is(message.Expect):
		// HTTP/1.0 has no interim answers, so there the field says nothing.
		if r.head.protocol != message.HTTP10 && !message.EqualFold(value, "100-continue") {
			return refusedExpect
		}
	case name.Is(message.Connection):
		r.connection = true
		return nil
	case name.Is(message.Upgrade):
		r.upgrade = value
		return nil
	case isConnectionField(name):
		return nil
	case isTwin(name.String()):
		return refusedTwin
	}
	r.head.fields.Add(name, value)
	return nil
}

// readHosts decides what the request is for (RFC 9112 §3.2).
func (r *reading) readHosts() *Refusal {
	h := r.head
	absolute := h.target[0] != '/' && h.target != "*"
	switch {
	case r.hosts > 1:
		return refusedHosts
	case r.hosts == 0 && h.protocol != message.HTTP10:
		return refusedNoHost
	case r.hosts == 1 && r.host == "":
		return refusedNoHost
	case r.hosts == 1 && !validAuthority(r.host):
		return refusedHost
	}
	h.authority = r.host
	if absolute {
		// The request line has been checked.
		authority, rest, _ := cutAbsolute(h.target)
		if r.hosts == 1 && !sameAuthority(authority, r.host) {
			return refusedOtherHost
		}
		h.authority, h.target = authority, rest
	}
	return nil
}

// readLength decides where the body ends (RFC 9112 §6.3). Whatever could be
// read in two ways is refused, also where the RFC allows a choice.
func (r *reading) readLength() *Refusal {
	h := r.head
	switch {
	case r.codings > 0 && h.protocol == message.HTTP10:
		return refusedCoding10
	case r.codings > 0 && r.lengths > 0:
		return refusedBoth
	case r.codings > 1 || r.lengths > 1:
		if r.codings > 1 {
			return refusedCoding
		}
		return refusedLength
	case r.codings == 1:
		h.chunked = true
		return checkCoding(r.coding)
	case r.lengths == 1:
		n, ok := readDecimal(r.length)
		if !ok {
			return refusedLength
		}
		h.length = n
	}
	return nil
}

// checkCoding lets the one transfer coding in that is implemented.
func checkCoding(value string) *Refusal {
	if message.EqualFold(value, "chunked") {
		return nil
	}
	for coding := range strings.SplitSeq(value, ",") {
		coding, _, _ = strings.Cut(coding, ";")
		coding = strings.Trim(coding, " \t")
		if !message.ValidFieldName(coding) {
			return refusedCoding
		}
		if !message.EqualFold(coding, "chunked") {
			return refusedOtherCoding
		}
	}
	return refusedCoding // "chunked, chunked" and the like.
}

// maxLengthDigits keeps a length below 2^63.
const maxLengthDigits = 18

// readDecimal reads a Content-Length: digits and nothing else.
func readDecimal(text string) (n int64, ok bool) {
	if text == "" || len(text) > maxLengthDigits {
		return 0, false
	}
	for i := range len(text) {
		if text[i] < '0' || '9' < text[i] {
			return 0, false
		}
		n = n*10 + int64(text[i]-'0')
	}
	return n, true
}

// readConnection removes what Connection names, and decides about a change of
// protocol. The only one that is passed on is to WebSocket: any other would be
// a way around the policies.
func (r *reading) readConnection(text string, fields []span) *Refusal {
	if !r.connection {
		return nil
	}
	h, upgrade := r.head, false
	for _, f := range fields {
		if !message.EqualFold(text[f.name:f.nameEnd], "Connection") {
			continue
		}
		for option := range strings.SplitSeq(text[f.value:f.valueEnd], ",") {
			option = strings.Trim(option, " \t")
			switch {
			case option == "", message.EqualFold(option, "close"), message.EqualFold(option, "keep-alive"):
			case message.EqualFold(option, "upgrade"):
				upgrade = true
			case !message.ValidFieldName(option):
				return refusedConnection
			default:
				h.fields.Delete(message.NameOf(option))
			}
		}
	}
	if upgrade && h.protocol == message.HTTP11 && h.method == "GET" && !h.chunked && h.length <= 0 &&
		message.EqualFold(r.upgrade, webSocket) {
		h.upgrade = webSocket
	}
	return nil
}

const webSocket = "websocket"

// connectionFields concern one connection only (RFC 9110 §7.6.1).
var connectionFields = [...]message.Name{
	message.Connection, message.KeepAlive, message.ProxyConnection, message.TE, message.Trailer,
	message.TransferEncoding, message.Upgrade, message.ContentLength,
}

func isConnectionField(n message.Name) bool {
	for _, c := range connectionFields {
		if n.Is(c) {
			return true
		}
	}
	return false
}

// twins are the names that a server behind the gateway may take for one that
// frames a message, says who sent it, or lets it in, because CGI and its
// descendants turn both "-" and "_" into "_".
var twins = [...]message.Name{
	message.ContentLength, message.TransferEncoding, message.KeepAlive, message.ProxyConnection,
	message.ProxyAuthorization, message.XForwardedFor, message.XForwardedHost, message.XForwardedProto,
	message.NameOf("X-Real-IP"), message.NameOf("X-Original-URL"), message.NameOf("X-Rewrite-URL"),
	message.SubscriptionKey, message.NameOf("Content-Type"),
}

// maxTwinBytes is the length of the longest name in twins.
const maxTwinBytes = 32

// isTwin reports whether a name becomes one of twins when its underscores are
// read as hyphens.
func isTwin(name string) bool {
	if len(name) > maxTwinBytes || strings.IndexByte(name, '_') < 0 {
		return false
	}
	plain := message.NameOf(strings.ReplaceAll(name, "_", "-"))
	for _, t := range twins {
		if plain.Is(t) {
			return true
		}
	}
	return false
}
