package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// build makes the request that is sent. The engine may still write it when the
// exchange is over, so it gets clones of the message's texts.
func (x *exchange) build(ctx context.Context, c *policy.Call, o *policy.ForwardOptions, e *endpoint) (*http.Request, error) {
	in := &c.Request.URL
	u := &url.URL{Scheme: httpScheme(in.Scheme), Host: strings.Clone(in.Authority()), RawQuery: strings.Clone(in.Query)}
	setPath(u, strings.Clone(pathOf(in)), o.FollowRedirects, e != nil && e.way.proxy != "")
	h := make(http.Header, c.Request.Header.Len()+4)
	r := (&http.Request{
		Method: strings.Clone(c.Request.Method), URL: u, Host: u.Host, Header: h, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	copyRequestHeader(r, c)
	if e != nil {
		e.authorise(r)
	}
	if c.Request.Upgrade != "" {
		h["Connection"], h["Upgrade"] = []string{"Upgrade"}, []string{c.Request.Upgrade}
	}
	if err := x.setBody(r, c); err != nil {
		return nil, err
	}
	if o.ContinueTimeout > 0 && r.Body != nil && r.Body != http.NoBody {
		h["Expect"] = []string{"100-continue"}
	}
	if idempotent(r.Method) && len(h["Idempotency-Key"]) == 0 {
		// So the engine sends the request again where a connection that was kept
		// turns out to be dead. An empty list is not sent.
		h["Idempotency-Key"] = []string{}
	}
	if o.Version != policy.HTTP1 && isGRPC(h) {
		h["Te"] = []string{"trailers"} // gRPC wants to be sure that trailers arrive.
	}
	return r, nil
}

// idempotent reports whether a request that is sent twice does what it does
// once (RFC 9110 §9.2.2), for the methods of which the engine does not know it.
func idempotent(method string) bool { return method == http.MethodPut || method == http.MethodDelete }

func isGRPC(h http.Header) bool {
	types := h["Content-Type"]
	return len(types) == 1 && strings.HasPrefix(types[0], "application/grpc")
}

// setPath makes the engine send the path exactly as it was matched. Opaque does
// so without reading it again, but a redirect cannot be resolved against it,
// and a proxy needs the whole URL.
func setPath(u *url.URL, path string, followed, proxied bool) {
	if !followed && !proxied && !strings.HasPrefix(path, "//") {
		u.Opaque = path
		return
	}
	if proxied && !followed {
		u.Opaque = "//" + u.Host + path
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

// copyRequestHeader copies the fields that go on to the backend. The values
// share one allocation. A Host that a policy has set is sent instead of the
// backend's own.
func copyRequestHeader(r *http.Request, c *policy.Call) {
	fields := c.Request.Header.Fields()
	values := make([]string, len(fields)+1)
	agent := false
	for i := range fields {
		f := &fields[i]
		switch {
		case f.Is(message.Host):
			r.Host = strings.Clone(f.Value)
			continue
		case isHopByHop(f.Key()), f.Is(message.Expect):
			continue
		case !message.ValidFieldName(f.Name), !message.ValidFieldValue(f.Value):
			continue // The engine would fail the whole request.
		case f.Is(message.UserAgent):
			agent = true
		}
		name := strings.Clone(f.Key().Canonical())
		values[i] = strings.Clone(f.Value)
		if before := r.Header[name]; len(before) > 0 {
			r.Header[name] = append(before, values[i])
			continue
		}
		r.Header[name] = values[i : i+1 : i+1]
	}
	if !agent {
		r.Header["User-Agent"] = nil // Without this the engine would add its own.
	}
	address := c.Request.Client.Addr().Unmap().String()
	if before := r.Header["X-Forwarded-For"]; len(before) > 0 {
		address = strings.Join(before, ", ") + ", " + address
	}
	values[len(fields)] = address
	r.Header["X-Forwarded-For"] = values[len(fields):]
}

// isHopByHop reports whether a field concerns one connection only (RFC 9110
// §7.6.1). What Connection names has been removed when the message arrived.
func isHopByHop(n message.Name) bool { return n.ForConnection() || n.Is(message.ProxyAuthorization) }

// authorise adds what the backend entity says callers must have.
func (e *endpoint) authorise(r *http.Request) {
	for _, cr := range e.header {
		r.Header[cr.name] = cr.values
	}
	switch {
	case e.query == "":
	case r.URL.RawQuery == "":
		r.URL.RawQuery = e.query
	default:
		r.URL.RawQuery += "&" + e.query
	}
}

// certificateFor returns the client certificate of a call: what a policy set,
// otherwise the backend's own.
func certificateFor(c *policy.Call, e *endpoint) *tls.Certificate {
	if c.Destination.Certificate != nil {
		return c.Destination.Certificate
	}
	if e == nil {
		return nil
	}
	for _, name := range e.certificates {
		if cert := c.Directory.Certificate(name); cert != nil {
			return cert
		}
	}
	return nil
}

// setBody gives the request its body.
func (x *exchange) setBody(r *http.Request, c *policy.Call) error {
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
	x.body = &requestBody{source: reader, stop: b.Close}
	r.Body, r.ContentLength = x.body, size
	if data, ok := b.Buffered(); ok {
		r.GetBody = bufferedBody(data)
	}
	if fields := c.Request.Trailer.Fields(); len(fields) > 0 {
		r.Trailer = make(http.Header, len(fields))
		for _, f := range fields {
			r.Trailer[textproto.CanonicalMIMEHeaderKey(f.Name)] = nil
		}
		x.body.from, x.body.to = &c.Request.Trailer, r.Trailer
	}
	return nil
}

func sortedNames(m map[string][]string) []string { return slices.Sorted(maps.Keys(m)) }
