package upstream

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/policy"
)

// way is one way to connect: connections are shared by calls that connect the
// same way, and by no others.
type way struct {
	version      policy.HTTPVersion
	await        time.Duration // for 100 Continue
	skipChain    bool
	skipName     bool
	proxy        string
	proxyUser    string
	proxyPass    string
	certificate  [sha256.Size]byte // digest of the client certificate, or zero
	hasClientTLS bool
}

// transports keeps one transport for each way to connect. The common way, with
// nothing special, is found without a lock.
type transports struct {
	plain atomic.Pointer[http.Transport]
	mu    sync.Mutex
	made  map[way]*http.Transport
	order []way // in the order they were made
}

// transportFor returns the transport for a call.
func (m *Manager) transportFor(c *policy.Call, o *policy.ForwardOptions, e *endpoint) (*http.Transport, error) {
	cert := certificateFor(c, e)
	w := way{}
	if e != nil {
		w = e.way
	}
	w.version, w.await = o.Version, o.ContinueTimeout
	if c.Request.Upgrade != "" {
		w.version = policy.HTTP1 // WebSocket changes the protocol of a connection of its own.
	}
	if cert != nil {
		w.hasClientTLS, w.certificate = true, sha256.Sum256(cert.Certificate[0])
	}
	if e == nil {
		return m.transport(w, cert)
	}
	if known := e.last.Load(); known != nil && known.way == w {
		return known.transport, nil
	}
	t, err := m.transport(w, cert)
	if err == nil {
		e.last.Store(&connected{way: w, transport: t})
	}
	return t, err
}

// transport returns the transport of a way.
func (m *Manager) transport(w way, cert *tls.Certificate) (*http.Transport, error) {
	if w == (way{}) {
		if t := m.transports.plain.Load(); t != nil {
			return t, nil
		}
	}
	return m.madeTransport(w, cert)
}

// madeTransport finds or makes the transport of a way.
func (m *Manager) madeTransport(w way, cert *tls.Certificate) (*http.Transport, error) {
	ts := &m.transports
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t := ts.made[w]; t != nil {
		return t, nil
	}
	t, err := m.newTransport(w, cert)
	if err != nil {
		return nil, err
	}
	if ts.made == nil {
		ts.made = map[way]*http.Transport{}
	}
	if len(ts.order) >= MaxTransports {
		ts.made[ts.order[0]].CloseIdleConnections()
		delete(ts.made, ts.order[0])
		ts.order = ts.order[1:]
	}
	ts.made[w] = t
	ts.order = append(ts.order, w)
	if w == (way{}) {
		ts.plain.Store(t)
	}
	return t, nil
}

// newTransport makes the transport of a way.
func (m *Manager) newTransport(w way, cert *tls.Certificate) (*http.Transport, error) {
	dialer := &net.Dialer{Timeout: DialTimeout}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        m.tlsConfig(w, cert),
		TLSHandshakeTimeout:    HandshakeTimeout,
		MaxConnsPerHost:        MaxConnectionsPerHost,
		MaxIdleConnsPerHost:    MaxIdleConnectionsPerHost,
		IdleConnTimeout:        IdleTimeout,
		MaxResponseHeaderBytes: MaxResponseHeader,
		DisableCompression:     true, // What the client asked for is what the backend is asked for.
		ExpectContinueTimeout:  w.await,
		Protocols:              protocols(w.version),
	}
	if w.skipChain && !w.skipName {
		t.DialTLSContext = nameVerifier{dialer, t}.dial
	}
	if w.proxy != "" {
		u, err := url.Parse(w.proxy)
		if err != nil {
			return nil, fmt.Errorf("reading the backend's proxy URL: %w", err)
		}
		if w.proxyUser != "" {
			u.User = url.UserPassword(w.proxyUser, w.proxyPass)
		}
		t.Proxy = http.ProxyURL(u)
	}
	return t, nil
}

// protocols returns the versions of HTTP that a backend may be called with.
func protocols(v policy.HTTPVersion) *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(v != policy.HTTP2)
	p.SetHTTP2(v != policy.HTTP1)
	// Without TLS there is no choosing: HTTP/2 is used only where the policy
	// asks for nothing else.
	p.SetUnencryptedHTTP2(v == policy.HTTP2)
	return p
}

// tlsConfig returns how a backend's certificate is checked, and which one is
// shown to it.
func (m *Manager) tlsConfig(w way, cert *tls.Certificate) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: m.roots}
	if cert != nil {
		c.Certificates = []tls.Certificate{*cert}
	}
	switch {
	case w.skipChain && w.skipName:
		c.InsecureSkipVerify = true //nolint:gosec // The backend's configuration says so.
	case w.skipChain:
		c.InsecureSkipVerify = true //nolint:gosec // The name is still checked.
		c.VerifyConnection = verifyName
	case w.skipName:
		c.InsecureSkipVerify = true //nolint:gosec // The chain is still checked.
		c.VerifyConnection = m.verifyChain
	}
	return c
}

// close closes all idle connections.
func (ts *transports) close() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, t := range ts.made {
		t.CloseIdleConnections()
	}
}
