package listen

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/message"
)

// engine turns net/http's exchanges into the gateway's own.
type engine struct {
	handler message.Handler
	pool    sync.Pool // of *exchange
}

// exchange is one request with its responder, reused from one to the next.
type exchange struct {
	request   message.Request
	responder responder
}

func newEngine(h message.Handler) *engine {
	e := &engine{handler: h}
	e.pool.New = func() any { return &exchange{} }
	return e
}

// ServeHTTP serves one request.
func (e *engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if refused := checkRequest(r); refused != nil {
		refuse(w, refused)
		return
	}
	x := e.pool.Get().(*exchange) //nolint:forcetypeassert // The pool makes nothing else.
	takeRequest(&x.request, r)
	x.responder = responder{w: w, r: r}
	e.handler.Serve(&x.request, &x.responder)
	broken := x.responder.broken
	x.request.Reset()
	x.responder = responder{}
	e.pool.Put(x)
	if broken {
		// The engine's own way to end an exchange in the middle of its body, so
		// that the client does not take the part for the whole.
		panic(http.ErrAbortHandler)
	}
}

// takeRequest makes a message of net/http's request.
func takeRequest(dst *message.Request, r *http.Request) {
	dst.Method, dst.Protocol, dst.Context = r.Method, protocolOf(r), r.Context()
	dst.URL.Scheme = "http"
	if r.TLS != nil {
		dst.URL.Scheme = "https"
		dst.TLS = &message.TLS{Version: r.TLS.Version, ServerName: r.TLS.ServerName,
			PeerCertificates: r.TLS.PeerCertificates, Verified: len(r.TLS.VerifiedChains) > 0}
	}
	takeAuthority(dst, r.Host)
	dst.URL.Path, dst.URL.Query = r.URL.EscapedPath(), r.URL.RawQuery
	if address, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		dst.Client = address
	}
	takeHeader(dst, r.Header)
	if r.ContentLength != 0 || (r.Body != nil && r.Body != http.NoBody && r.ContentLength < 0) {
		dst.Body.SetStream(&clientBody{source: r.Body, request: r, into: dst}, r.ContentLength)
	}
}

// takeAuthority divides the Host field into host and port.
func takeAuthority(dst *message.Request, host string) {
	u, err := message.ParseURL(dst.URL.Scheme + "://" + host)
	if err != nil {
		dst.URL.Host = strings.ToLower(host)
		return
	}
	dst.URL.Host, dst.URL.Port = u.Host, u.Port
}

// takeHeader copies the fields that are not for this connection alone.
func takeHeader(dst *message.Request, h http.Header) {
	connection := h["Connection"]
	if len(connection) > 0 && nominates(connection, "upgrade") {
		dst.Upgrade = strings.ToLower(h.Get("Upgrade"))
	}
	for name, values := range h {
		n := message.NameOf(name)
		if isConnectionField(n) || (len(connection) > 0 && nominates(connection, name)) {
			continue
		}
		for _, v := range values {
			dst.Header.Add(n, v)
		}
	}
}

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

// nominates reports whether a Connection field names an option.
func nominates(connection []string, option string) bool {
	for _, line := range connection {
		for token := range strings.SplitSeq(line, ",") {
			if message.EqualFold(strings.TrimSpace(token), option) {
				return true
			}
		}
	}
	return false
}

func protocolOf(r *http.Request) message.Protocol {
	switch {
	case r.ProtoMajor >= 2:
		return message.HTTP2
	case r.ProtoMinor == 0:
		return message.HTTP10
	}
	return message.HTTP11
}

// clientBody is the body that the client sends. What goes wrong with it is the
// client's failure, not the backend's.
type clientBody struct {
	source  io.ReadCloser
	request *http.Request
	into    *message.Request
	done    bool
}

// Read reads from the client.
func (b *clientBody) Read(p []byte) (int, error) {
	n, err := b.source.Read(p)
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		b.takeTrailer()
	default:
		return n, clientError(err)
	}
	return n, err
}

// takeTrailer takes the trailer over, once the body has been read.
func (b *clientBody) takeTrailer() {
	if b.done {
		return
	}
	b.done = true
	for name, values := range b.request.Trailer {
		for _, v := range values {
			b.into.Trailer.Add(message.NameOf(name), v)
		}
	}
}

// Close closes the source.
func (b *clientBody) Close() error { return b.source.Close() }

// clientError classifies what went wrong with a body.
func clientError(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &message.ClientError{Status: http.StatusRequestEntityTooLarge, Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &message.ClientError{Err: err} // Gone before the end.
	}
	return &message.ClientError{Status: http.StatusBadRequest, Err: err}
}
