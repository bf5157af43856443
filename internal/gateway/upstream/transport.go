package upstream

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/sallyport/sallyport/internal/policy"
)

// standard returns whether a call goes over net/http: what our own engine does
// not speak, and everything where the manager was told so.
func (m *Manager) standard(c *policy.Call, o *policy.ForwardOptions, e *endpoint) bool {
	switch {
	case m.engine == EngineStandard, o.FollowRedirects, e != nil && e.way.proxy != "":
		return true
	}
	return o.Version != policy.HTTP1 && c.Request.Upgrade == ""
}

// transportFor returns the transport for a call.
func (m *Manager) transportFor(c *policy.Call, o *policy.ForwardOptions, e *endpoint) (*http.Transport, error) {
	w, cert, t := m.wayOf(c, e)
	w.version, w.await = o.Version, o.ContinueTimeout
	if c.Request.Upgrade != "" {
		w.version = policy.HTTP1 // WebSocket changes the protocol of a connection of its own.
	}
	return m.transport(w, cert, t)
}

// wayOf returns the way that the endpoint, the call's certificate and what is
// trusted now decide.
func (m *Manager) wayOf(c *policy.Call, e *endpoint) (way, *tls.Certificate, *trust) {
	w, t := way{}, m.trust.Load()
	if e != nil {
		w = e.way
	}
	w.trust = t.digest
	cert := certificateFor(c, e)
	if cert != nil {
		w.hasClientTLS, w.certificate = true, identityOf(cert)
	}
	return w, cert, t
}

// transport returns the transport of a way.
func (m *Manager) transport(w way, cert *tls.Certificate, t *trust) (*http.Transport, error) {
	return m.transports.of(w, (*http.Transport).CloseIdleConnections,
		func() (*http.Transport, error) { return m.newTransport(w, cert, t) })
}

// newTransport makes the transport of a way.
func (m *Manager) newTransport(w way, cert *tls.Certificate, trusted *trust) (*http.Transport, error) {
	dialer := &net.Dialer{Timeout: DialTimeout}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        m.tlsConfig(w, cert, trusted),
		TLSHandshakeTimeout:    HandshakeTimeout,
		MaxConnsPerHost:        MaxConnectionsPerHost,
		MaxIdleConnsPerHost:    MaxIdleConnectionsPerHost,
		IdleConnTimeout:        IdleTimeout,
		MaxResponseHeaderBytes: MaxResponseHeader,
		DisableCompression:     true, // What the client asked for is what the backend is asked for.
		ExpectContinueTimeout:  w.await,
		Protocols:              protocols(w.version),
	}
	if verify := m.verifier(w, trusted); verify != nil {
		// Behind a proxy the engine connects itself.
		t.TLSClientConfig.VerifyConnection = func(state tls.ConnectionState) error { return verify(state, state.ServerName) }
		if !w.skipName {
			t.DialTLSContext = verifyingDialer{dialer, t, verify}.dial
		}
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
// shown to it. What verifier returns is to be added.
func (m *Manager) tlsConfig(w way, cert *tls.Certificate, trusted *trust) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: trusted.roots}
	if cert != nil {
		// Whatever authorities the backend names: it is the one that was configured,
		// and what is wrong with it is the backend's to say.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	//nolint:gosec // The backend's configuration says so, or verifier checks it.
	c.InsecureSkipVerify = w.skipChain || w.skipName || len(trusted.between) > 0
	return c
}
