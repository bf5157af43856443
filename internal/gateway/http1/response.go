package http1

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// Response makes a message of an answer's head that ScanResponse has found
// whole. text is the head; the strings of the message are views over it. method
// is that of the request. The body is the caller's to set.
func (p *Parser) Response(text []byte, method string, dst *message.Response) (Framing, error) {
	r := responseReading{response: dst, protocol: p.status.protocol, framing: Framing{Length: -1}}
	all := view(text)
	dst.Status = p.status.status
	if phrase := all[p.status.phrase:p.status.phraseTo]; phrase != message.StatusText(dst.Status) {
		dst.Reason = phrase
	}
	for i := range p.fields {
		name, value := p.fields[i].of(all)
		if err := r.add(name, value); err != nil {
			return r.framing, err
		}
	}
	if err := r.readLength(method); err != nil {
		return r.framing, err
	}
	r.readConnection(all, p.fields)
	return r.framing, nil
}

// responseReading is the state in which the fields of one answer are read
// together.
type responseReading struct {
	response   *message.Response
	protocol   message.Protocol
	framing    Framing
	codings    int
	connection bool // there is a Connection field
	upgrade    bool // Upgrade names WebSocket
}

// The failures of answers whose end could be read in two ways.
var (
	errLength      = errors.New("reading the answer's head: the Content-Length is malformed, or there are several")
	errCoding      = errors.New("reading the answer's head: the Transfer-Encoding is malformed or repeated")
	errOtherCoding = errors.New("reading the answer's head: the only transfer coding that is implemented is chunked")
	errCoding10    = errors.New("reading the answer's head: HTTP/1.0 has no Transfer-Encoding")
	errBoth        = errors.New("reading the answer's head: there are Content-Length and Transfer-Encoding")
	errSwitched    = errors.New("reading the answer's head: an answer that ends a head cannot have a body")
)

// add takes one field.
func (r *responseReading) add(name message.Name, value string) error {
	if !name.ForConnection() {
		r.response.Header.AddChecked(name, value)
		return nil
	}
	switch {
	case name.Is(message.ContentLength):
		n, ok := ReadDecimal(value)
		if !ok || (r.framing.Length >= 0 && r.framing.Length != n) {
			return errLength // The same length twice is one length (RFC 9110 §8.6).
		}
		r.framing.Length = n
	case name.Is(message.TransferEncoding):
		r.codings++
		switch refused := checkCoding(value); {
		case refused == RefusedOtherCoding:
			return errOtherCoding
		case refused != nil || r.codings > 1:
			return errCoding
		}
		r.framing.Chunked = true
	case name.Is(message.Connection):
		r.connection = true
	case name.Is(message.Upgrade):
		r.upgrade = message.EqualFold(value, WebSocket)
	}
	return nil
}

// readLength decides where the body ends (RFC 9112 §6.3).
func (r *responseReading) readLength(method string) error {
	f := &r.framing
	switch {
	case f.Chunked && r.protocol == message.HTTP10:
		return errCoding10
	case f.Chunked && f.Length >= 0:
		return errBoth
	case r.response.Status < 200 && (f.Chunked || f.Length > 0):
		return fmt.Errorf("status %d: %w", r.response.Status, errSwitched)
	case !MayHaveBody(method, r.response.Status):
		f.Absent, f.Chunked = true, false // What it declares is what another request would get.
	case !f.Chunked && f.Length < 0:
		f.UntilClose, f.Close = true, true
	}
	return nil
}

// readConnection removes what Connection names and decides whether the
// connection stays.
func (r *responseReading) readConnection(text string, fields []span) {
	if r.protocol == message.HTTP10 {
		r.framing.Close = true
	}
	if !r.connection {
		return
	}
	for i := range fields {
		name, value := fields[i].of(text)
		if !name.Is(message.Connection) {
			continue
		}
		for option := range strings.SplitSeq(value, ",") {
			option = strings.Trim(option, " \t")
			switch {
			case message.EqualFold(option, "close"):
				r.framing.Close = true
			case message.EqualFold(option, "upgrade"):
				r.framing.Switches = r.upgrade
			case option != "" && !message.EqualFold(option, "keep-alive"):
				r.response.Header.Delete(message.NameOf(option))
			}
		}
	}
}

// MayHaveBody reports whether an answer has a body (RFC 9110 §6.4.1).
func MayHaveBody(method string, status int) bool {
	return method != "HEAD" && status >= 200 && status != 204 && status != 304
}
