package client

import (
	"errors"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// The failures of requests that cannot be written. A policy may have made them
// so; what came from a client has been checked.
var (
	errMethod = errors.New("the request's method is malformed")
	errTarget = errors.New("the request's URL is malformed: what it cannot hold has to be escaped")
	errHost   = errors.New("the request's Host field is malformed")
)

// appendHead appends the head of the request.
func (x *Exchange) appendHead(dst []byte) ([]byte, error) {
	r := x.call.Request
	if !message.ValidFieldName(r.Method) || r.Method == methodConnect {
		return dst, errMethod
	}
	dst = append(append(dst, r.Method...), ' ')
	from := len(dst)
	dst = x.appendTarget(dst)
	if !validTarget(dst[from:]) {
		return dst, errTarget
	}
	dst, ok := x.appendHost(append(dst, " HTTP/1.1\r\nHost: "...))
	if !ok {
		return dst, errHost
	}
	dst = append(dst, "\r\n"...)
	dst = x.appendFields(dst)
	if r.Upgrade != "" && message.ValidFieldValue(r.Upgrade) {
		dst = http1.AppendField(dst, "Connection", "Upgrade")
		dst = http1.AppendField(dst, "Upgrade", r.Upgrade)
	}
	dst = x.appendFraming(dst)
	return append(dst, "\r\n"...), nil
}

// methodConnect asks for a tunnel, which is no request to a resource.
const methodConnect = "CONNECT"

// expectsBody reports whether requests of a method have a body as a rule.
func expectsBody(method string) bool {
	switch method {
	case "POST", "PUT", "PATCH":
		return true
	}
	return false
}

// appendTarget appends path and query.
func (x *Exchange) appendTarget(dst []byte) []byte {
	u := &x.call.Request.URL
	dst = u.AppendTarget(dst)
	if x.call.Query != "" {
		if u.Query == "" {
			dst = append(dst, '?')
		} else {
			dst = append(dst, '&')
		}
		dst = append(dst, x.call.Query...)
	}
	return dst
}

// validTarget reports whether path and query can stand in a request line: their
// escaped form has nothing but what is visible in ASCII.
func validTarget(target []byte) bool {
	for _, c := range target {
		if c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	return target[0] == '/'
}

// appendHost appends the authority: what a policy has set, otherwise that of the
// URL. It reports whether that can be one.
func (x *Exchange) appendHost(dst []byte) ([]byte, bool) {
	r := x.call.Request
	fields := r.Header.Fields()
	for i := len(fields) - 1; i >= 0; i-- {
		if f := &fields[i]; f.Is(message.Host) {
			return append(dst, f.Value...), http1.ValidAuthority(f.Value)
		}
	}
	var ok bool
	if strings.IndexByte(r.URL.Host, ':') >= 0 {
		dst = append(append(append(dst, '['), r.URL.Host...), ']')
		ok = message.ValidFieldValue(r.URL.Host)
	} else {
		dst = append(dst, r.URL.Host...)
		ok = http1.ValidAuthority(r.URL.Host)
	}
	if r.URL.Port != 0 {
		dst = strconv.AppendUint(append(dst, ':'), uint64(r.URL.Port), 10)
	}
	return dst, ok
}

// appendFields appends the fields that go on to the backend, in their order and
// spelling, then those of the call.
func (x *Exchange) appendFields(dst []byte) []byte {
	fields, own := x.call.Request.Header.Fields(), x.call.Header
	forwarded := false
	for i := range fields {
		f := &fields[i]
		switch {
		case f.Is(message.XForwardedFor):
			forwarded = true
		case f.Is(message.Host), f.Is(message.Expect), f.Is(message.ProxyAuthorization), !http1.Sendable(f):
		case own != nil && own.Has(f.Key()):
		default:
			dst = http1.AppendField(dst, f.Name, f.Value)
		}
	}
	if own == nil {
		return x.appendForwarded(dst, forwarded)
	}
	if !own.Has(message.XForwardedFor) {
		dst = x.appendForwarded(dst, forwarded)
	}
	for i := range own.Fields() {
		if f := &own.Fields()[i]; http1.Sendable(f) && !f.Is(message.Host) {
			dst = http1.AppendField(dst, f.Name, f.Value)
		}
	}
	return dst
}

// appendForwarded appends X-Forwarded-For: what has come of it, and the client.
func (x *Exchange) appendForwarded(dst []byte, came bool) []byte {
	dst = append(dst, "X-Forwarded-For: "...)
	if came {
		fields := x.call.Request.Header.Fields()
		for i := range fields {
			if f := &fields[i]; f.Is(message.XForwardedFor) && http1.Sendable(f) {
				dst = append(append(dst, f.Value...), ", "...)
			}
		}
	}
	dst = x.call.Request.Client.Addr().Unmap().AppendTo(dst)
	return append(dst, "\r\n"...)
}

// appendFraming appends the fields that say where the body ends.
func (x *Exchange) appendFraming(dst []byte) []byte {
	r := x.call.Request
	switch {
	case x.chunked:
		dst = http1.AppendField(dst, "Transfer-Encoding", "chunked")
		dst = appendAnnouncement(dst, &r.Trailer)
	case x.source != nil:
		dst = http1.AppendContentLength(dst, x.unread)
	case expectsBody(r.Method):
		return http1.AppendContentLength(dst, 0) // Servers expect one (RFC 9110 §8.6).
	}
	if x.source != nil && x.call.Continue > 0 {
		dst = http1.AppendField(dst, "Expect", "100-continue")
	}
	return dst
}

// appendAnnouncement appends the names of the fields that will follow the body,
// as far as they are known.
func appendAnnouncement(dst []byte, trailer *message.Header) []byte {
	separator := "Trailer: "
	for i := range trailer.Fields() {
		if f := &trailer.Fields()[i]; http1.Sendable(f) && http1.IsTrailerField(f.Key()) {
			dst = append(append(dst, separator...), f.Name...)
			separator = ", "
		}
	}
	if separator == ", " {
		dst = append(dst, "\r\n"...)
	}
	return dst
}
