package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// buildRequest makes the request that is sent.
func buildRequest(ctx context.Context, c *policy.Call, b *model.Backend, body *requestBody, followed bool) (*http.Request, error) {
	in := &c.Request.URL
	u := &url.URL{Scheme: httpScheme(in.Scheme), Host: in.Authority(), RawQuery: in.Query}
	setPath(u, pathOf(in), followed)
	h := make(http.Header, c.Request.Header.Len()+4)
	r := (&http.Request{Method: c.Request.Method, URL: u, Host: u.Host, Header: h, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	copyRequestHeader(r, c)
	if b != nil {
		addCredentials(r, b.Credentials)
	}
	if c.Request.Upgrade != "" {
		h["Connection"], h["Upgrade"] = []string{"Upgrade"}, []string{c.Request.Upgrade}
	}
	return r, setBody(r, c, body)
}

// setPath makes the engine send the path exactly as it was matched. Opaque does
// so without reading it again, but a redirect cannot be resolved against it,
// and two slashes at its beginning would look like an authority.
func setPath(u *url.URL, path string, followed bool) {
	if !followed && !strings.HasPrefix(path, "//") {
		u.Opaque = path
		return
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		plain = path
	}
	u.Path, u.RawPath = plain, path
}

func pathOf(u *message.URL) string {
	if u.Path == "" {
		return "/"
	}
	return u.Path
}

func httpScheme(scheme string) string {
	switch scheme {
	case "ws":
		return "http"
	case "wss":
		return "https"
	}
	return scheme
}

// copyRequestHeader copies the fields that go on to the backend. A Host that a
// policy has set is sent instead of the backend's own.
func copyRequestHeader(r *http.Request, c *policy.Call) {
	agent := false
	for _, f := range c.Request.Header.Fields() {
		switch {
		case f.Is(message.Host):
			r.Host = f.Value
			continue
		case isHopByHop(f):
			continue
		case f.Is(message.UserAgent):
			agent = true
		}
		name := textproto.CanonicalMIMEHeaderKey(f.Name)
		r.Header[name] = append(r.Header[name], f.Value)
	}
	if !agent {
		r.Header["User-Agent"] = nil // Without this the engine would add its own.
	}
	forwardedFor(r.Header, c.Request.Client.Addr().Unmap().String())
}

// forwardedFor appends the caller's address.
func forwardedFor(h http.Header, address string) {
	if before := h["X-Forwarded-For"]; len(before) > 0 {
		address = strings.Join(before, ", ") + ", " + address
	}
	h["X-Forwarded-For"] = []string{address}
}

// isHopByHop reports whether a field concerns one connection only (RFC 9110
// §7.6.1). What Connection names has been removed when the message arrived.
func isHopByHop(f message.Field) bool {
	for _, n := range hopByHop {
		if f.Is(n) {
			return true
		}
	}
	return false
}

// hopByHop are the fields that are never passed on; the engine makes its own
// framing.
var hopByHop = [...]message.Name{
	message.Connection, message.KeepAlive, message.ProxyConnection, message.TE, message.Trailer,
	message.TransferEncoding, message.Upgrade, message.ContentLength, message.ProxyAuthorization,
}

// addCredentials adds what the backend entity says callers must have.
func addCredentials(r *http.Request, cr *model.BackendCredentials) {
	if cr == nil {
		return
	}
	if a := cr.Authorization; a != nil {
		r.Header["Authorization"] = []string{a.Scheme + " " + a.Parameter}
	}
	for name, values := range cr.Header {
		r.Header[textproto.CanonicalMIMEHeaderKey(name)] = values
	}
	for name, values := range cr.Query {
		for _, v := range values {
			if r.URL.RawQuery != "" {
				r.URL.RawQuery += "&"
			}
			r.URL.RawQuery += message.EscapeQuery(name) + "=" + message.EscapeQuery(v)
		}
	}
}

// certificateFor returns the client certificate of a call: what a policy set,
// otherwise the backend's own.
func certificateFor(c *policy.Call, b *model.Backend) *tls.Certificate {
	if c.Destination.Certificate != nil {
		return c.Destination.Certificate
	}
	if b == nil || b.Credentials == nil {
		return nil
	}
	names := b.Credentials.CertificateIDs
	if len(names) == 0 {
		names = b.Credentials.Certificate
	}
	for _, name := range names {
		if cert := c.Directory.Certificate(name); cert != nil {
			return cert
		}
	}
	return nil
}

// setBody gives the request its body.
func setBody(r *http.Request, c *policy.Call, body *requestBody) error {
	b := &c.Request.Body
	if !b.Present() || c.Request.Upgrade != "" {
		return nil
	}
	reader, err := b.Reader()
	if errors.Is(err, message.ErrBodyConsumed) {
		return nil // An expression has taken it, and nothing was put in its place.
	}
	if err != nil {
		return err
	}
	size := b.Size()
	if size == 0 {
		r.Body = http.NoBody
		return nil
	}
	body.source = reader
	r.Body, r.ContentLength = body, size
	if len(c.Request.Trailer.Fields()) > 0 {
		r.Trailer = http.Header{}
		for _, f := range c.Request.Trailer.Fields() {
			r.Trailer[textproto.CanonicalMIMEHeaderKey(f.Name)] = nil
		}
	}
	return nil
}

// requestBody is the client's body on its way to the backend. It remembers
// whether reading it failed, because then the backend is not to blame.
type requestBody struct {
	source io.Reader
	mu     sync.Mutex
	failed error
	closed bool
}

// Read reads from the client.
func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, errBodyClosed
	}
	n, err := b.source.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// Close ends the reading: the engine may still try after the answer is there.
func (b *requestBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

// failure returns why the client's body could not be read, or nil.
func (b *requestBody) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}

var errBodyClosed = errors.New("the request has ended")
