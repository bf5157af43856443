package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// secured runs a backend with a certificate, which asks for those of its clients
// that an authority has issued; nil asks for none. It answers with the name in
// the client's certificate. edit changes it before it is started.
func secured(tb testing.TB, own tls.Certificate, clients *authority, edit ...func(*http.Server)) *httptest.Server {
	tb.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			name = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		_, _ = io.WriteString(w, name)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}
	if clients != nil {
		s.TLS.ClientAuth, s.TLS.ClientCAs = tls.RequireAndVerifyClientCert, pool(clients)
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	for _, f := range edit {
		f(s.Config)
	}
	s.StartTLS()
	tb.Cleanup(s.Close)
	return s
}

// TestSecuredBackends calls backends over TLS in the ways that go, and in those
// that do not, which say which backend and why and are never the client's fault.
func TestSecuredBackends(t *testing.T) {
	var none *authority
	root := none.issue(t, "root", asAuthority)
	between := root.issue(t, "between", asAuthority)
	stranger := none.issue(t, "stranger", asAuthority)
	past := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	}
	server := root.issue(t, "server", nil)
	client := root.issue(t, "client", nil)
	chained := between.issue(t, "chained", nil)
	elsewhere := root.issue(t, "elsewhere", func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.example"} })
	tests := []struct {
		name           string
		server, client *authority
		clients        *authority // that the backend wants
		table          *hosts.Table
		skipChain      bool
		skipName       bool
		want           string
	}{
		{name: "the service's own root", server: server, table: table([]*authority{root}), want: "nobody"},
		{name: "an authority between", server: chained, table: table([]*authority{root}, between), want: "nobody"},
		{name: "an authority between, whatever the name", server: chained, table: table([]*authority{root}, between), skipName: true, want: "nobody"},
		{name: "an authority between that is not trusted itself", server: chained, table: table(nil, between), want: "not trusted here"},
		{name: "an authority between, another name", server: elsewhere, table: table([]*authority{root}, between), want: "not for 127.0.0.1, but for other.example"},
		{name: "another name", server: elsewhere, table: table([]*authority{root}), want: "not for 127.0.0.1, but for other.example"},
		{name: "another name, chain not validated", server: elsewhere, skipChain: true, want: "not for 127.0.0.1"},
		{name: "another name, not validated", server: elsewhere, table: table([]*authority{root}), skipName: true, want: "nobody"},
		{name: "nobody's", server: stranger.issue(t, "server", nil), table: table([]*authority{root}), want: "not trusted here"},
		{name: "nobody's, chain not validated", server: stranger.issue(t, "server", nil), skipChain: true, want: "nobody"},
		{name: "expired", server: root.issue(t, "old", past), table: table([]*authority{root}), want: "its certificate CN=old is valid from"},
		{name: "of the wrong usage", server: root.issue(t, "server", func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[1:] }),
			table: table([]*authority{root}), want: "cannot be used"},

		{name: "a client certificate", server: server, client: client, clients: root, table: table([]*authority{root}), want: "client"},
		{name: "no client certificate", server: server, clients: root, table: table([]*authority{root}), want: "it wants a client certificate"},
		{name: "a client certificate of another authority", server: server, client: stranger.issue(t, "client", nil), clients: root,
			table: table([]*authority{root}), want: "it refused the client certificate CN=client"},
		{name: "an expired client certificate", server: server, client: root.issue(t, "client", past), clients: root,
			table: table([]*authority{root}), want: "it refused the client certificate CN=client"},
		{name: "a client certificate of the wrong usage", server: server, client: root.issue(t, "client", func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[:1] }),
			clients: root, table: table([]*authority{root}), want: "it refused the client certificate CN=client"},
	}
	for _, test := range tests {
		for _, version := range []policy.HTTPVersion{policy.HTTP1, policy.HTTP2Or1} {
			t.Run(fmt.Sprint(test.name, ", ", version), func(t *testing.T) {
				backend := secured(t, test.server.Certificate, test.clients)
				g := newRig(t, Options{Clock: clock.System(), Roots: x509.NewCertPool()})
				credentials := &model.BackendCredentials{}
				certificates := map[string]*tls.Certificate{}
				if test.client != nil {
					credentials.CertificateIDs, certificates["own"] = []string{"own"}, &test.client.Certificate
				}
				g.adopt(test.table, certificates)
				chain, name := !test.skipChain, !test.skipName
				g.add("orders", &model.Backend{URL: backend.URL, Credentials: credentials,
					TLS: &model.BackendTLS{ValidateCertificateChain: &chain, ValidateCertificateName: &name}})
				o := policy.DefaultForward
				o.Version = version
				got, err := g.forward(g.to(t, "orders"), &o)
				expectTLS(t, got, err, test.want)
			})
		}
	}
}

// expectTLS compares what a call came to: an answer, or a failure that says why.
func expectTLS(t *testing.T, got string, err error, want string) {
	t.Helper()
	fault, failed := errors.AsType[*policy.Fault](err)
	switch {
	case err == nil && got == want:
	case !failed:
		t.Errorf("got %q, %v, want %q", got, err, want)
	case fault.Status != 500 || fault.Reason != policy.ReasonBackendConnectionFailure || fault.Public:
		t.Errorf("the failure is %d %s", fault.Status, fault.Reason)
	case !strings.Contains(fault.Message, want) || !strings.Contains(fault.Message, "backends/orders"):
		t.Errorf("the failure says %q (%v), want %q", fault.Message, fault.Err, want)
	}
}

// TestNotTLS says of a backend without TLS that it has none.
func TestNotTLS(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_ = c.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}
	}()
	g := newRig(t, Options{Clock: clock.System()})
	g.add("orders", &model.Backend{URL: "https://" + l.Addr().String()})
	got, err := g.forward(g.to(t, "orders"), &policy.DefaultForward)
	expectTLS(t, got, err, "it does not answer with TLS")
}

// TestRotatedClientCertificate exchanges the client certificate of a backend
// while it is called: no call fails, calls that begin afterwards show the new
// one, and the connections of the old one go.
func TestRotatedClientCertificate(t *testing.T) {
	var none *authority
	root := none.issue(t, "root", asAuthority)
	var open atomic.Int64
	backend := secured(t, root.issue(t, "server", nil).Certificate, root, func(s *http.Server) {
		s.ConnState = func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				open.Add(1)
			case http.StateClosed:
				open.Add(-1)
			}
		}
	})
	g := newRig(t, Options{Clock: clock.System(), Roots: pool(root)})
	old, next := root.issue(t, "old", nil), root.issue(t, "next", nil)
	g.add("orders", &model.Backend{URL: backend.URL, Credentials: &model.BackendCredentials{CertificateIDs: []string{"own"}}})
	before := &directory{backends: g.backends, certificates: map[string]*tls.Certificate{"own": &old.Certificate}}
	after := &directory{backends: g.backends, certificates: map[string]*tls.Certificate{"own": &next.Certificate}}
	var current atomic.Pointer[directory]
	current.Store(before)
	g.adopt(nil, before.certificates)

	var calls sync.WaitGroup
	stop := make(chan struct{})
	var failed, oldOnes, nextOnes atomic.Int64
	for range 8 {
		calls.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c := g.to(t, "orders")
				d := current.Load()
				c.Directory = d
				body, err := g.forward(c, &policy.DefaultForward)
				switch {
				case err != nil, d == after && body != "next":
					failed.Add(1)
					t.Errorf("%q %v", body, err)
					return
				case body == "old":
					oldOnes.Add(1)
				default:
					nextOnes.Add(1)
				}
			}
		})
	}
	await(t, func() bool { return oldOnes.Load() > 200 })
	g.adopt(nil, after.certificates)
	current.Store(after)
	await(t, func() bool { return nextOnes.Load() > 200 })
	close(stop)
	calls.Wait()
	g.adopt(nil, after.certificates)
	g.manager.clients.mu.Lock()
	ways := len(g.manager.clients.made)
	g.manager.clients.mu.Unlock()
	if failed.Load() != 0 || ways > 2 { // A call that had begun before may have made the old way anew.
		t.Errorf("%d calls failed, and there are %d ways", failed.Load(), ways)
	}
	if n := open.Load(); n > 24 {
		t.Errorf("%d connections stay open", n)
	}
}

// await waits until something is so.
func await(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to be")
		}
	}
}

// TestRetired ends the connections of a certificate that has gone, at once, and
// leaves those of others and of policies alone.
func TestRetired(t *testing.T) {
	var none *authority
	root := none.issue(t, "root", asAuthority)
	backend := secured(t, root.issue(t, "server", nil).Certificate, root)
	g := newRig(t, Options{Clock: clock.System(), Roots: pool(root)})
	issued := map[string]*tls.Certificate{}
	for _, name := range []string{"goes", "stays", "policy"} {
		issued[name] = &root.issue(t, name, nil).Certificate
	}
	configured := map[string]*tls.Certificate{"goes": issued["goes"], "stays": issued["stays"]}
	g.adopt(nil, configured)
	call := func(certificate *tls.Certificate) {
		t.Helper()
		c := g.call(t, "GET", backend.URL)
		c.Destination.Certificate = certificate
		if _, err := g.forward(c, &policy.DefaultForward); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range issued {
		call(c)
	}
	delete(configured, "goes")
	g.adopt(nil, configured)
	left := map[identity]bool{}
	for w := range g.manager.clients.made {
		left[w.certificate] = true
	}
	if len(left) != 2 || left[identityOf(issued["goes"])] {
		t.Errorf("%d ways are left, that of the certificate which has gone is one: %v", len(left), left[identityOf(issued["goes"])])
	}
	g.adopt(table([]*authority{root}), configured)
	if n := len(g.manager.clients.made); n != 0 {
		t.Errorf("%d ways are left with authorities that are no longer those", n)
	}
	call(issued["stays"])
}

// TestCertificateReferences finds client certificates by each form of an id that
// the management API keeps, those of workspaces too.
func TestCertificateReferences(t *testing.T) {
	const service = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/x"
	tests := []struct {
		name, backend, reference, found string
	}{
		{"full", "backends/b", service + "/certificates/own", "certificates/own"},
		{"relative", "backends/b", "/certificates/own", "certificates/own"},
		{"by name", "backends/b", "own", "own"},
		{"of a workspace", "workspaces/w/backends/b", "/certificates/own", "workspaces/w/certificates/own"},
		{"of a workspace, full", "workspaces/w/backends/b", service + "/workspaces/w/certificates/own", "workspaces/w/certificates/own"},
		{"of the service in a workspace", "workspaces/w/backends/b", service + "/certificates/own", "certificates/own"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{})
			own := &tls.Certificate{}
			g.certificates = map[string]*tls.Certificate{test.found: own}
			e := g.manager.newEndpoint(&model.Backend{ID: model.ID(test.backend), URL: "https://b.example",
				Credentials: &model.BackendCredentials{CertificateIDs: []string{"/certificates/absent", test.reference}}})
			if got := certificateFor(g.call(t, "GET", "https://b.example/"), e); got != own {
				t.Errorf("it is not found among %v", e.certificates)
			}
		})
	}
}
