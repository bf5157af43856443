package load

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newLoop(t *testing.T) *Loop {
	t.Helper()
	l, err := NewLoop(clock.System())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// dialOrigin connects clients to the origin itself, as if it were the gateway.
func dialOrigin(t *testing.T, l *Loop, path string, body int) *Clients {
	t.Helper()
	c, err := l.Dial(Target{Address: l.Origin(), Request: []byte("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"), Body: body, Connections: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestRuns(t *testing.T) {
	for _, test := range []struct {
		name, path string
		body       int
	}{
		{"small", "/pass/120", 120},
		{"query", "/pass/120?x=1", 120},
		{"empty", "/0", 0},
		{"larger than a buffer", "/pass/1048576", 1 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dialOrigin(t, newLoop(t), test.path, test.body)
			got, err := c.Ask(50)
			if err != nil || got.Requests != 50 {
				t.Fatalf("Ask: %d requests, %v; want 50", got.Requests, err)
			}
			if got, err = c.Saturate(time.Millisecond); err != nil || got.Requests < 8 {
				t.Fatalf("Saturate: %d requests, %v; want at least one for each client", got.Requests, err)
			}
			got, err = c.Rate(1000, 20*time.Millisecond)
			if err != nil || got.Requests != 20 || len(got.Delays) != 20 {
				t.Fatalf("Rate: %d requests with %d delays, %v; want 20", got.Requests, len(got.Delays), err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name, path string
		body       int
		want       string
	}{
		{"another length", "/pass/121", 120, "a body of 121 bytes; want 120"},
		{"no length asked", "/pass", 120, "want GET …/SIZE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := dialOrigin(t, newLoop(t), test.path, test.body).Ask(1)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v; want %q", err, test.want)
			}
		})
	}
}

func TestParseHead(t *testing.T) {
	for _, test := range []struct {
		name, answer string
		head, body   int
		problem      string
	}{
		{"not whole", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", 0, 0, ""},
		{"whole", "HTTP/1.1 200 OK\r\nA: b\r\ncontent-LENGTH:  3 \r\n\r\nabc", 46, 3, ""},
		{"status", "HTTP/1.1 429 Too Many\r\nContent-Length: 3\r\n\r\n", 0, 0, "429"},
		{"no length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 0, "without Content-Length"},
		{"bad length", "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n", 0, 0, "Content-Length: -3"},
		{"too long", strings.Repeat("x", maxHead+1), 0, 0, "more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			head, body, err := parseHead([]byte(test.answer))
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Fatalf("got %v; want %q", err, test.problem)
				}
				return
			}
			if err != nil || head != test.head || body != test.body {
				t.Fatalf("got %d, %d, %v; want %d, %d", head, body, err, test.head, test.body)
			}
		})
	}
}

// TestTLS asks a server whose records come in small pieces: a client reads on
// where it was.
func TestTLS(t *testing.T) {
	certificate, roots := selfSigned(t)
	plain, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() { serveTLS(pieces{plain}, certificate) })
	t.Cleanup(func() {
		plain.Close()
		served.Wait()
	})
	c, err := newLoop(t).Dial(Target{
		Address: plain.Addr().String(), TLS: &tls.Config{RootCAs: roots, ServerName: "gateway", MinVersion: tls.VersionTLS13},
		Request: []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Body: 2000, Connections: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := c.Ask(10); err != nil || got.Requests != 10 {
		t.Fatalf("%d requests, %v; want 10", got.Requests, err)
	}
}

// serveTLS answers what one client sends.
func serveTLS(l net.Listener, certificate tls.Certificate) {
	s := tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13})
	c, err := s.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	buffer := make([]byte, 1<<10)
	for {
		if _, err := c.Read(buffer); err != nil {
			return
		}
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n%2000d", 1)
	}
}

// pieces is a listener whose connections write a few bytes at a time.
type pieces struct{ net.Listener }

func (p pieces) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	return pieceConn{c}, err
}

type pieceConn struct{ net.Conn }

func (c pieceConn) Write(p []byte) (int, error) {
	for at := 0; at < len(p); at += 100 {
		if _, err := c.Conn.Write(p[at:min(at+100, len(p))]); err != nil {
			return at, err
		}
		runtime.Gosched()
	}
	return len(p), nil
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := clock.System().Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"gateway"}, NotBefore: from, NotAfter: from.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
