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
func rawBackend(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
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
						_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 06:00:00 GMT\r\nServer: raw\r\nContent-Length: 11\r\n\r\n{\"ok\":true}")
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// drive sends requests on one connection, and costs next to nothing.
func drive(b *testing.B, address string) {
	b.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	request := "GET /orders/42?expand=lines HTTP/1.1\r\nHost: gateway.example\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: bench/1.0\r\nX-Request-Id: 0123456789\r\n\r\n"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.WriteString(c, request); err != nil {
			b.Fatal(err)
		}
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if len(line) == 2 {
				break
			}
		}
		if _, err := in.Discard(len(`{"ok":true}`)); err != nil {
			b.Fatal(err)
		}
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
