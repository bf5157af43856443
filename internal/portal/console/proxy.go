package console

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// errElsewhere is what dialling another place than the gateway ends with. No
// request gets so far; whoever sees it has found a fault of ours.
var errElsewhere = errors.New("the console reaches the gateway only")

// outgoing is a request that was checked and can be sent.
type outgoing struct {
	Method string
	URL    *url.URL
	Header []pair
	Body   []byte
	// Secret are the values that are shown masked: keys and tokens.
	Secret []string
}

// timing is how long the parts of a call took, as the proxy saw them. What did
// not happen, as TLS where there is none, is zero.
type timing struct {
	Lookup    time.Duration
	Connect   time.Duration
	Handshake time.Duration
	FirstByte time.Duration
	Total     time.Duration
}

// proxy sends requests to the gateway, and to nothing else.
type proxy struct {
	clock     clock.Clock
	transport *http.Transport
}

// newProxy makes a proxy that dials one address: that of dial if it is given
// (the gateway's internal address), else that of the gateway's public URL, for
// which public is asked when it is needed.
func newProxy(c clock.Clock, public func() *url.URL, dial *url.URL, trust *tls.Config) *proxy {
	var d net.Dialer
	d.Timeout = dialTimeout
	connect := func(ctx context.Context, network, address string) (net.Conn, error) {
		known := public()
		if known == nil || !strings.EqualFold(address, hostPort(known)) {
			return nil, fmt.Errorf("dialling %s: %w", address, errElsewhere)
		}
		if dial != nil {
			address = hostPort(dial)
		}
		return d.DialContext(ctx, network, address)
	}
	t := &http.Transport{
		DialContext: connect,
		// Neither an environment's proxy nor another connection than this call's
		// own: what it took is shown, and nothing is ever sent a second time.
		Proxy: nil, DisableKeepAlives: true, DisableCompression: true,
		TLSClientConfig: trust, TLSHandshakeTimeout: dialTimeout,
		ResponseHeaderTimeout: headTimeout, MaxResponseHeaderBytes: maxAnswerHeader,
		Protocols: http1Only(),
	}
	if dial != nil && dial.Scheme == "http" {
		// The gateway's public URL may say https while its internal address
		// speaks in clear text.
		t.DialTLSContext = connect
	}
	return &proxy{clock: c, transport: t}
}

func http1Only() *http.Protocols {
	var p http.Protocols
	p.SetHTTP1(true)
	return &p
}

// hostPort is the address that a URL is reached at.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// send sends a request and returns the answer, whose body is the caller's to
// close. No redirect is followed: it is an answer like others. The timing is
// complete when the body has been read and finish was called.
func (p *proxy) send(ctx context.Context, out *outgoing) (*http.Response, *watch, error) {
	w := &watch{clock: p.clock, began: p.clock.Now()}
	ctx = httptrace.WithClientTrace(ctx, w.hooks())
	// A body whose length is known goes out with it, and never in chunks.
	req, err := http.NewRequestWithContext(ctx, out.Method, out.URL.String(), bytes.NewReader(out.Body))
	if err != nil {
		return nil, w, fmt.Errorf("building the request: %w", err)
	}
	// As it is, and not as it would be written anew: "a%2Cb" stays.
	req.URL = out.URL
	for _, f := range out.Header {
		req.Header[f.Name] = append(req.Header[f.Name], f.Value)
	}
	if len(out.Body) == 0 {
		req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0
	}
	answer, err := p.transport.RoundTrip(req)
	if err != nil {
		return nil, w, fmt.Errorf("calling the gateway: %w", err)
	}
	return answer, w, nil
}

// readBounded reads at most limit bytes and says whether there was more.
func readBounded(r io.Reader, limit int64) (body []byte, cut bool, err error) {
	body, err = io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(body)) > limit {
		return body[:limit], true, nil
	}
	return body, false, err
}
