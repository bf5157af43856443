package listen

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// hostRig is a gateway with host names of its own, over all protocols.
type hostRig struct {
	*authority
	foreign *authority
	hosts   *Hosts
	clock   *clock.Fake
	address string
}

// pair makes a certificate for names.
func (r *hostRig) pair(names ...string) *tls.Certificate {
	c := r.issue(x509.ExtKeyUsageServerAuth, nil, names...)
	return &c
}

// table has a host that asks for certificates, one that does not, and the
// wildcard that both are below.
func (r *hostRig) table() *hosts.Table {
	wild := r.pair("*.shop.example")
	return hosts.NewTable([]*hosts.Host{
		{Name: "open.shop.example", Certificate: wild, HTTP2: true},
		{Name: "locked.shop.example", Certificate: wild, HTTP2: true, Negotiate: true},
		{Name: "safe.shop.example", Certificate: wild, HTTP2: true, Negotiate: true},
		{Name: "*.shop.example", Certificate: wild, HTTP2: true},
		{Name: "old.example", Certificate: r.pair("old.example")},
		{Name: "main.example", Certificate: r.pair("main.example"), HTTP2: true, Default: true},
	}, []hosts.Authority{{Certificate: r.certificate, Trusted: true}})
}

func newHostRig(t *testing.T) *hostRig {
	t.Helper()
	r := &hostRig{authority: newAuthority(t), foreign: newAuthority(t), clock: clock.NewFake(time.Now())}
	var err error
	if r.hosts, err = NewHosts(HostsOptions{Clock: r.clock}); err != nil {
		t.Fatal(err)
	}
	r.hosts.Use(r.table())
	s, address := start(t, Options{Hosts: r.hosts, Handler: handlerFunc(who), Clock: r.clock})
	r.address = address
	udp, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.ServeHTTP3(udp) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

// askBy is ask over one of the protocols.
func (r *hostRig) askBy(t *testing.T, protocol, host string, config *tls.Config) string {
	t.Helper()
	if protocol != "HTTP/3" {
		return ask(t, r.address, host, config, protocol == "HTTP/2")
	}
	transport := &http3.Transport{TLSClientConfig: config}
	defer transport.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+r.address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return "handshake"
	}
	defer answer.Body.Close()
	body := make([]byte, 64)
	n, _ := answer.Body.Read(body)
	if answer.StatusCode != http.StatusOK {
		return fmt.Sprint(answer.StatusCode)
	}
	return "200 " + string(body[:n])
}

// hostRow is a row of the table of client certificates and hosts. The name in
// the handshake is sni; host is in the request.
type hostRow struct {
	name, sni, host string
	client          *tls.Certificate
	want            string
}

func (r *hostRig) rows() []hostRow {
	client := x509.ExtKeyUsageClientAuth
	cert := func(a *authority, usage x509.ExtKeyUsage, change func(*x509.Certificate)) *tls.Certificate {
		c := a.issue(usage, change)
		return &c
	}
	good := cert(r.authority, client, nil)
	self := newAuthority(r.t)
	locked, open := "locked.shop.example", "open.shop.example"
	return []hostRow{
		{"no certificate", locked, locked, nil, "200 none"},
		{"of our authority", locked, locked, good, "200 verified: true"},
		{"expired", locked, locked, cert(r.authority, client, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), "200 verified: false"},
		{"not yet valid", locked, locked, cert(r.authority, client, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) }), "200 verified: false"},
		{"of another authority", locked, locked, cert(r.foreign, client, nil), "200 verified: false"},
		{"for servers", locked, locked, cert(r.authority, x509.ExtKeyUsageServerAuth, nil), "200 verified: false"},
		{"for code", locked, locked, cert(r.authority, x509.ExtKeyUsageCodeSigning, nil), "200 verified: false"},
		{"self-signed", locked, locked, &tls.Certificate{Certificate: [][]byte{self.certificate.Raw}, PrivateKey: self.key}, "200 verified: false"},
		{"the host in other letters", locked, "LOCKED.shop.example", good, "200 verified: true"},
		{"SNI is one host with certificates, Host another", locked, "safe.shop.example", good, "421"},
		{"the same without a certificate", locked, "safe.shop.example", nil, "200 none"},
		{"SNI asks for a certificate, Host does not", locked, open, good, "421"},
		{"SNI asks for none, Host does", open, locked, good, "421"},
		{"the same without a certificate", open, locked, nil, "421"},
		{"SNI asks for none, so none is shown", open, open, good, "200 none"},
		{"two hosts without demands", open, "any.shop.example", good, "200 none"},
		{"a host with another certificate", open, "main.example", nil, "421"},
		{"unknown host, the default's certificate", "nobody.example", "nobody.example", nil, "200 none"},
		{"no SNI, a host that asks for a certificate", "", locked, good, "421"},
		{"no SNI, a host that does not", "", "main.example", nil, "200 none"},
		{"two labels below a wildcard", "a.b.shop.example", "a.b.shop.example", nil, "200 none"},
	}
}

// wrong returns the rows that are answered in another way.
func (r *hostRig) wrong(t *testing.T) (wrong []string, total int) {
	t.Helper()
	for _, row := range r.rows() {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2", "HTTP/3"} {
			config := &tls.Config{InsecureSkipVerify: true, ServerName: row.sni}
			if row.sni == "" && protocol == "HTTP/3" {
				continue // The client of HTTP/3 always names a host.
			}
			if row.client != nil {
				with(*row.client)(config)
			}
			total++
			if got := r.askBy(t, protocol, row.host, config); got != row.want {
				wrong = append(wrong, fmt.Sprintf("%s, %s: %s, want %s", row.name, protocol, got, row.want))
			}
		}
	}
	return wrong, total
}

func TestS10_HostsAndClientCertificates(t *testing.T) {
	r := newHostRig(t)
	wrong, total := r.wrong(t)
	if len(wrong) > 0 {
		t.Errorf("%d wrong rows:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	fmt.Printf("S10: %d of %d rows of hosts and client certificates right, over HTTP/1.1, 2 and 3 (all)\n", total-len(wrong), total)
}

func TestS10_HostsAndClientCertificates_NegativeControl(t *testing.T) {
	r := newHostRig(t)
	wild := r.pair("*.shop.example", "main.example", "nobody.example")
	r.hosts.Use(hosts.NewTable([]*hosts.Host{{Name: "*.shop.example", Certificate: wild, HTTP2: true, Negotiate: true}},
		[]hosts.Authority{{Certificate: r.foreign.certificate, Trusted: true}}))
	wrong, total := r.wrong(t)
	if len(wrong) < 15 {
		t.Errorf("a gateway with one host for all has %d wrong rows: the table finds nothing:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	fmt.Printf("S10: a gateway with one wildcard host and another authority has %d of %d rows wrong (at least 15)\n", len(wrong), total)
}

// TestHostCertificates looks at which certificate is shown for which name.
func TestHostCertificates(t *testing.T) {
	r := newHostRig(t)
	serials := map[string]int64{}
	for _, name := range []string{"open.shop.example", "old.example", "main.example", "nobody.example"} {
		serials[name] = shown(t, r.address, name)
	}
	if serials["nobody.example"] != serials["main.example"] || serials["old.example"] == serials["main.example"] {
		t.Errorf("certificates: %v", serials)
	}
	c, err := tls.Dial("tcp", r.address, &tls.Config{ServerName: "old.example", InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if p := c.ConnectionState().NegotiatedProtocol; p != "http/1.1" {
		t.Errorf("a host without HTTP/2 speaks %s", p)
	}
	r.hosts.Use(hosts.NewTable(nil, nil))
	if c, err := tls.Dial("tcp", r.address, &tls.Config{ServerName: "old.example", InsecureSkipVerify: true}); err == nil {
		c.Close()
		t.Error("a gateway without any certificate has shaken hands")
	}
}

// TestSessionsStayWithTheirHost resumes sessions with other names, and after
// changes of what they were begun with.
func TestSessionsStayWithTheirHost(t *testing.T) {
	r := newHostRig(t)
	same := r.table()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		r.hosts.Use(same)
		cache := &oneSession{}
		resumed := func(name string) bool {
			t.Helper()
			c, err := tls.Dial("tcp", r.address, &tls.Config{ServerName: name, InsecureSkipVerify: true, ClientSessionCache: cache,
				MaxVersion: version, NextProtos: []string{"http/1.1"}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", name); err != nil {
				t.Fatal(err)
			}
			buffer := make([]byte, 4096)
			for err == nil { // Tickets of TLS 1.3 come with the answer.
				_, err = c.Read(buffer)
			}
			return c.ConnectionState().DidResume
		}
		steps := []struct {
			name, host string
			before     func()
			want       bool
		}{
			{"the first", "open.shop.example", func() {}, false},
			{"the same host", "open.shop.example", func() {}, true},
			{"a host that asks for certificates", "locked.shop.example", func() {}, false},
			{"back", "open.shop.example", func() {}, false},
			{"the same table again", "open.shop.example", func() { r.hosts.Use(same) }, true},
			{"a day later", "open.shop.example", func() { r.clock.Advance(TicketKeyAge) }, true},
			{"another certificate", "open.shop.example", func() { r.hosts.Use(r.table()) }, false},
			{"two days later", "open.shop.example", func() { r.clock.Advance(2 * TicketKeyAge) }, false},
		}
		for _, step := range steps {
			step.before()
			if got := resumed(step.host); got != step.want {
				t.Errorf("TLS %x, %s: resumed %v, want %v", version, step.name, got, step.want)
			}
		}
	}
}

// oneSession offers its one session to every host.
type oneSession struct{ last *tls.ClientSessionState }

func (o *oneSession) Get(string) (*tls.ClientSessionState, bool)  { return o.last, o.last != nil }
func (o *oneSession) Put(_ string, state *tls.ClientSessionState) { o.last = state }

// TestRotation exchanges the certificate while a connection is served: it goes
// on, and the next one has the new certificate.
func TestRotation(t *testing.T) {
	r := newHostRig(t)
	c, err := tls.Dial("tcp", r.address, &tls.Config{ServerName: "main.example", InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before := c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	for i := range 20 {
		r.hosts.Use(r.table())
		if _, err := fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: main.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 4096)
		n, err := c.Read(buffer)
		if err != nil || !strings.HasPrefix(string(buffer[:n]), "HTTP/1.1 200") {
			t.Fatalf("after %d exchanges: %v %s", i, err, buffer[:n])
		}
	}
	if after := shown(t, r.address, "main.example"); after == before {
		t.Error("the certificate is the old one")
	}
}
