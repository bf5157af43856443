package upstream

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/policy"
)

// rawBackend answers every request with the same bytes and costs next to
// nothing.
func rawBackend(tb testing.TB) string {
	tb.Helper()
	answer := []byte(rawAnswer)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				for {
					line, err := in.ReadSlice('\n')
					if err != nil {
						return
					}
					if len(line) == 2 {
						_, _ = c.Write(answer)
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// rawAnswer is what rawBackend answers.
const rawAnswer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 06:00:00 GMT\r\nServer: raw\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"

// visitor is a client with one connection, which costs next to nothing.
type visitor struct {
	net.Conn
	in      *bufio.Reader
	request []byte
}

// visit connects to a gateway.
func visit(tb testing.TB, address string) *visitor {
	tb.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	return &visitor{c, bufio.NewReader(c), []byte("GET /orders/42?expand=lines HTTP/1.1\r\nHost: gateway.example\r\n" +
		"Accept: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: bench/1.0\r\nX-Request-Id: 0123456789\r\n\r\n")}
}

// ask sends a request and reads the answer.
func (v *visitor) ask() error {
	if _, err := v.Write(v.request); err != nil {
		return err
	}
	for {
		line, err := v.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
	}
	_, err := v.in.Discard(len(`{"ok":true}`))
	return err
}

// drive sends requests on one connection.
func drive(b *testing.B, address string) {
	b.Helper()
	v := visit(b, address)
	b.ReportAllocs()
	for b.Loop() {
		if err := v.ask(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPassThroughAllocations passes requests through listen and upstream: nothing
// is allocated for one.
func TestPassThroughAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	g := newRig(t, Options{Clock: clock.System()})
	v := visit(t, g.gateway(t, rawBackend(t), &policy.DefaultForward))
	if n := testing.AllocsPerRun(500, func() {
		if err := v.ask(); err != nil {
			t.Fatal(err)
		}
	}); n >= 1 {
		t.Errorf("%v allocations for a request, want 0", n)
	}
}

// BenchmarkPassThrough compares the way through listen and upstream with that of
// the standard library.
func BenchmarkPassThrough(b *testing.B) {
	backend := rawBackend(b)
	b.Run("gateway", func(b *testing.B) {
		g := newRig(b, Options{Clock: clock.System()})
		drive(b, g.gateway(b, backend, &policy.DefaultForward))
	})
	b.Run("ReverseProxy", func(b *testing.B) {
		target, err := url.Parse(backend)
		if err != nil {
			b.Fatal(err)
		}
		transport := &http.Transport{DisableCompression: true}
		defer transport.CloseIdleConnections()
		proxy := &httputil.ReverseProxy{Transport: transport, ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
		}}
		s := httptest.NewServer(proxy)
		defer s.Close()
		drive(b, s.URL)
	})
}
