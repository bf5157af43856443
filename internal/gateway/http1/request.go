package http1

import (
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// Request makes a message of a head that ScanRequest has found whole. text is
// the head; the strings of the message are views over it. The URL has no scheme
// yet to judge its port by: the caller sets it before.
func (p *Parser) Request(text []byte, dst *message.Request) (Framing, *Refusal) {
	r := requestReading{request: dst, framing: Framing{Length: -1}}
	all := view(text)
	dst.Method, dst.Protocol = all[:p.line.methodEnd], p.line.protocol
	r.target = all[p.line.methodEnd+1 : p.line.targetEnd]
	for i := range p.fields {
		name, value := p.fields[i].of(all)
		if refused := r.add(name, value); refused != nil {
			return r.framing, refused
		}
	}
	if refused := r.readHosts(); refused != nil {
		return r.framing, refused
	}
	if refused := r.readLength(); refused != nil {
		return r.framing, refused
	}
	if refused := r.readConnection(all, p.fields); refused != nil {
		return r.framing, refused
	}
	r.fillURL(text)
	return r.framing, nil
}

// requestReading is the state in which the fields of one head are read together.
type requestReading struct {
	request *message.Request
	framing Framing
	target  string
	hosts   int
	host    string
	codings,
	lengths int
	coding, length string
	connection     bool // there is a Connection field
	upgrade        string
}

// add takes one field.
func (r *requestReading) add(name message.Name, value string) *Refusal {
	switch {
	case !name.WellKnown():
		if IsTwin(name.String()) {
			return RefusedTwin
		}
	case name.Is(message.Host):
		r.hosts, r.host = r.hosts+1, value
		return nil
	case name.ForConnection():
		r.addForConnection(name, value)
		return nil
	case name.Is(message.Expect) && r.request.Protocol != message.HTTP10:
		// HTTP/1.0 has no interim answers, so there the field says nothing.
		if !message.EqualFold(value, "100-continue") {
			return RefusedExpect
		}
		r.framing.Continue = true
	}
	r.request.Header.AddChecked(name, value)
	return nil
}

// addForConnection takes a field that is for this connection alone.
func (r *requestReading) addForConnection(name message.Name, value string) {
	switch {
	case name.Is(message.ContentLength):
		r.lengths, r.length = r.lengths+1, value
	case name.Is(message.TransferEncoding):
		r.codings, r.coding = r.codings+1, value
	case name.Is(message.Connection):
		r.connection = true
	case name.Is(message.Upgrade):
		r.upgrade = value
	case name.Is(message.Trailer):
		for one := range strings.SplitSeq(value, ",") {
			if n := message.NameOf(strings.Trim(one, " \t")); message.ValidFieldName(n.String()) && IsTrailerField(n) {
				r.request.Trailer.Add(n, "") // The name is known before the value.
			}
		}
	}
}

// readHosts decides what the request is for (RFC 9112 §3.2).
func (r *requestReading) readHosts() *Refusal {
	switch {
	case r.hosts > 1:
		return RefusedHosts
	case r.hosts == 0 && r.request.Protocol != message.HTTP10:
		return RefusedNoHost
	case r.hosts == 1 && r.host == "":
		return RefusedNoHost
	case r.hosts == 1 && !ValidAuthority(r.host):
		return RefusedHost
	}
	r.framing.Authority = r.host
	if r.target[0] != '/' && r.target != "*" {
		// The request line has been checked.
		authority, rest, _ := cutAbsolute(r.target)
		if r.hosts == 1 && !SameAuthority(authority, r.host) {
			return RefusedOtherHost
		}
		r.framing.Authority, r.target = authority, rest
	}
	return nil
}

// readLength decides where the body ends (RFC 9112 §6.3).
func (r *requestReading) readLength() *Refusal {
	switch {
	case r.codings > 0 && r.request.Protocol == message.HTTP10:
		return RefusedCoding10
	case r.codings > 0 && r.lengths > 0:
		return RefusedBoth
	case r.codings > 1:
		return RefusedCoding
	case r.lengths > 1:
		return RefusedLength
	case r.codings == 1:
		r.framing.Chunked = true
		return checkCoding(r.coding)
	case r.lengths == 1:
		n, ok := ReadDecimal(r.length)
		if !ok {
			return RefusedLength
		}
		r.framing.Length = n
	}
	return nil
}

// readConnection removes what Connection names, decides whether the connection
// stays, and about a change of protocol. The only one that is passed on is to
// WebSocket: any other would be a way around the policies.
func (r *requestReading) readConnection(text string, fields []span) *Refusal {
	r.framing.Close = r.request.Protocol == message.HTTP10
	if !r.connection {
		return nil
	}
	upgrade, closing := false, false
	for i := range fields {
		name, value := fields[i].of(text)
		if !name.Is(message.Connection) {
			continue
		}
		for option := range strings.SplitSeq(value, ",") {
			option = strings.Trim(option, " \t")
			switch {
			case option == "":
			case message.EqualFold(option, "close"):
				closing = true
			case message.EqualFold(option, "keep-alive"):
				r.framing.Close = false
			case message.EqualFold(option, "upgrade"):
				upgrade = true
			case !message.ValidFieldName(option):
				return RefusedConnection
			default:
				r.request.Header.Delete(message.NameOf(option))
			}
		}
	}
	r.framing.Close = r.framing.Close || closing
	if upgrade && r.request.Protocol == message.HTTP11 && !r.framing.HasBody() && message.EqualFold(r.upgrade, WebSocket) &&
		r.request.Method == "GET" { //nolint:usestdlibvars // It would be all that is used of net/http.
		r.request.Upgrade = WebSocket
	}
	return nil
}

// fillURL takes what the target and the authority say.
func (r *requestReading) fillURL(text []byte) {
	u := &r.request.URL
	var query string
	u.Path, query, _ = strings.Cut(r.target, "?")
	u.Query = CanonicalQuery(query)
	if r.framing.Authority != "" {
		lowerInPlace(text, r.framing.Authority)
		TakeAuthority(u, r.framing.Authority)
	}
}

// lowerInPlace makes the letters of a view small, in the bytes under it, so that
// the host needs no memory of its own.
func lowerInPlace(text []byte, part string) {
	at := offset(text, part)
	for i := at; i < at+len(part); i++ {
		if c := text[i]; 'A' <= c && c <= 'Z' {
			text[i] = c + 'a' - 'A'
		}
	}
}
