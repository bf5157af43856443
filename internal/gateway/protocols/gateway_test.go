package protocols

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/gateway/upstream"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// identity is a certificate for localhost, which is its own authority.
type identity struct {
	certificate tls.Certificate
	pool        *x509.CertPool
}

func newIdentity(tb testing.TB) identity {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		tb.Fatal(err)
	}
	i := identity{tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}, x509.NewCertPool()}
	i.pool.AddCert(leaf)
	return i
}

func (i identity) server(protocols ...string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{i.certificate}, NextProtos: protocols}
}

func (i identity) client(protocols ...string) *tls.Config {
	return &tls.Config{RootCAs: i.pool, ServerName: "localhost", NextProtos: protocols}
}

// gateway is a gateway in front of one backend.
type gateway struct {
	identity
	plain, tls, quic string // addresses of HTTP, HTTPS and HTTP/3
	servers          [2]*listen.Server
	upstream         *upstream.Manager
	services         *policy.Services
	base             message.URL
	options          policy.ForwardOptions
	calls            sync.Pool
}

// nothing is a configuration with nothing in it.
type nothing struct{}

func (nothing) Backend(string) *model.Backend         { return nil }
func (nothing) Certificate(string) *tls.Certificate   { return nil }
func (nothing) Schema(model.ID, string) *model.Schema { return nil }

// newGateway runs a gateway until the test ends: listen and upstream as they are
// together in the process, with all calls going to one URL.
func newGateway(tb testing.TB, i identity, backend string, change func(*policy.ForwardOptions)) *gateway {
	tb.Helper()
	base, err := message.ParseURL(backend)
	if err != nil {
		tb.Fatal(err)
	}
	g := &gateway{identity: i, base: base, options: policy.DefaultForward}
	if change != nil {
		change(&g.options)
	}
	g.calls.New = func() any { return &call{} }
	g.upstream = upstream.New(upstream.Options{Clock: clock.System(), Log: discard, Roots: i.pool, Poison: true})
	tb.Cleanup(g.upstream.Close)
	g.services = &policy.Services{Clock: clock.System(), Log: discard, Forwarder: g.upstream}
	for n, config := range []*tls.Config{nil, i.server("h2", "http/1.1")} {
		g.servers[n] = listen.New(listen.Options{Handler: g, TLS: config, Log: discard, Poison: true})
	}
	g.plain, g.tls = serveTCP(tb, g.servers[0]), serveTCP(tb, g.servers[1])
	g.quic = serveUDP(tb, g.servers[1])
	return g
}

func serveTCP(tb testing.TB, s *listen.Server) (address string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	serve(tb, s, func() error { return s.Serve(l) })
	return l.Addr().String()
}

func serveUDP(tb testing.TB, s *listen.Server) (address string) {
	tb.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	serve(tb, s, func() error { return s.ServeHTTP3(socket) })
	return socket.LocalAddr().String()
}

func serve(tb testing.TB, s *listen.Server, run func() error) {
	tb.Helper()
	done := make(chan error, 1)
	go func() { done <- run() }()
	tb.Cleanup(func() {
		_ = s.Close()
		if err := <-done; err != nil {
			tb.Errorf("serving: %v", err)
		}
	})
}

// call is one request that is served, in memory that is used again.
type call struct {
	policy.Call
	response message.Response
}

// Serve forwards a request.
func (g *gateway) Serve(r *message.Request, w message.Responder) {
	c, _ := g.calls.Get().(*call)
	defer g.calls.Put(c)
	c.Reset()
	c.response.Reset()
	defer c.Reset()
	c.Request, c.Response, c.Services, c.Directory, c.Original = r, &c.response, g.services, nothing{}, r.URL
	path, refused := route.Normalize(r.URL.Path)
	if refused != nil {
		answerFailure(&message.ClientError{Status: 400, Err: refused}, w)
		return
	}
	r.URL.Path = path
	c.SetBaseURL(&g.base)
	if err := g.upstream.Forward(&c.Call, &g.options); err != nil {
		answerFailure(err, w)
		return
	}
	sent, err := w.Respond(&c.response)
	if err != nil && !sent.HeadSent {
		answerFailure(err, w)
	}
	c.Release(sent)
}

// answerFailure answers as the gateway does.
func answerFailure(err error, w message.Responder) {
	m := message.Response{Status: 500}
	if client, ok := errors.AsType[*message.ClientError](err); ok {
		m.Status = max(client.Status, 400)
	} else if fault, ok := errors.AsType[*policy.Fault](err); ok {
		m.Status = fault.Status
	}
	_ = m.Body.SetBytes([]byte(err.Error()))
	_, _ = w.Respond(&m)
}

// drain drains the gateway with patience.
func (g *gateway) drain(tb testing.TB) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, s := range g.servers {
		if err := s.Drain(ctx); err != nil {
			tb.Errorf("draining: %v", err)
		}
	}
}
