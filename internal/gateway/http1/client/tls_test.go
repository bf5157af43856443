package client

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// secured runs a backend over TLS, and returns what trusts it.
func secured(tb testing.TB, version uint16, h http.HandlerFunc) (url string, trust func(string) *tls.Config) {
	tb.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{MinVersion: version, MaxVersion: version}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	tb.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.URL, func(host string) *tls.Config {
		return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ServerName: host}
	}
}

// TestTLS uses a connection again over both versions, although there are session
// tickets behind the handshake of one.
func TestTLS(t *testing.T) {
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			url, trust := secured(t, version, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(w, r.Body)
				_, _ = io.WriteString(w, r.TLS.NegotiatedProtocol)
			})
			g := newRig(t, Options{TLS: trust})
			for range 5 {
				c := call(t, "POST", url)
				_ = c.Request.Body.SetBytes([]byte("over "))
				g.want(t, c, "over http/1.1")
			}
			if n := g.dials.Load(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
			stranger := newRig(t, Options{})
			if a, err := stranger.do(call(t, "GET", url)); err == nil {
				t.Errorf("a backend that nobody vouches for answered %+v", a)
			}
		})
	}
}

// rawTLS runs a backend over TLS that answers each connection with a function.
func rawTLS(tb testing.TB, serve func(*tls.Conn)) (url string, trust func(string) *tls.Config) {
	tb.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.StartTLS()
	config := &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	tb.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(tls.Server(c, config))
			}()
		}
	}()
	return "https://" + l.Addr().String(), func(host string) *tls.Config {
		return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ServerName: host}
	}
}

// TestUnaskedOverTLS has more come with an answer than it says: within its
// record, in a record of its own, in half a record, or the end of the connection.
// The connection is not used again, wherever the bytes lie.
func TestUnaskedOverTLS(t *testing.T) {
	tests := []struct {
		name  string
		after func(c *tls.Conn)
		text  string
	}{
		{name: "in the record", text: smallAnswer + "HTTP/1.1 500 Evil\r\nContent-Length: 0\r\n\r\n", after: func(*tls.Conn) {}},
		{name: "in the next record", text: smallAnswer, after: func(c *tls.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 500 Evil\r\nContent-Length: 0\r\n\r\n")
		}},
		{name: "half a record", text: smallAnswer, after: func(c *tls.Conn) {
			_, _ = c.NetConn().Write([]byte{23, 3, 3, 0, 100, 1, 2, 3})
		}},
		{name: "the end", text: smallAnswer, after: func(c *tls.Conn) { _ = c.CloseWrite() }},
	}
	for _, test := range tests {
		for _, together := range []bool{true, false} {
			t.Run(test.name, func(t *testing.T) {
				release := make(chan struct{}, 10)
				url, trust := rawTLS(t, func(c *tls.Conn) {
					buffer := make([]byte, 4<<10)
					for {
						if n, err := c.Read(buffer); err != nil || n == 0 {
							return
						}
						_, _ = io.WriteString(c, test.text)
						if !together {
							<-release
						}
						test.after(c)
					}
				})
				g := newRig(t, Options{TLS: trust})
				for range 3 {
					g.want(t, call(t, "POST", url), `{"ok":true}`)
					release <- struct{}{}
					if p := g.all()[0]; len(p.idle) > 0 {
						c := p.idle[0]
						waitUntil(t, func() bool { return !c.quiet() })
					}
				}
				if n := g.dials.Load(); n != 3 {
					t.Errorf("%d connections, want 3", n)
				}
			})
		}
	}
}

// TestRecords follows records that come in pieces of every size.
func TestRecords(t *testing.T) {
	stream := []byte{23, 3, 3, 0, 3, 1, 2, 3, 21, 3, 3, 0, 0, 22, 3, 3, 1, 0}
	stream = append(stream, make([]byte, 256)...)
	ends := map[int]bool{0: true, 8: true, 13: true, len(stream): true}
	for size := 1; size < 20; size++ {
		var r records
		for at := 0; at < len(stream); at += size {
			if r.between() != ends[at] {
				t.Errorf("pieces of %d: at %d between records: %v", size, at, r.between())
			}
			r.follow(stream[at:min(at+size, len(stream))])
		}
		if !r.between() {
			t.Errorf("pieces of %d: the end is not between records", size)
		}
	}
}
