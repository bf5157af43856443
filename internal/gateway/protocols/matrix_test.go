package protocols

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quic-go/quic-go/http3"

	"github.com/sallyport/sallyport/internal/policy"
)

// clientOf returns a client that speaks one protocol, and the URL that it calls.
func clientOf(tb testing.TB, g *gateway, way string) (*http.Client, string) {
	tb.Helper()
	if way == "HTTP/3" {
		transport := &http3.Transport{TLSClientConfig: g.client(), DisableCompression: true}
		tb.Cleanup(func() { _ = transport.Close() })
		return &http.Client{Transport: transport, Timeout: patience}, "https://" + g.quic
	}
	p := new(http.Protocols)
	p.SetHTTP1(strings.HasPrefix(way, "HTTP/1.1"))
	p.SetHTTP2(way == "HTTP/2 over TLS")
	p.SetUnencryptedHTTP2(way == "HTTP/2")
	transport := &http.Transport{TLSClientConfig: g.client(), Protocols: p, DisableCompression: true}
	tb.Cleanup(transport.CloseIdleConnections)
	if strings.HasSuffix(way, "TLS") {
		return &http.Client{Transport: transport, Timeout: patience}, "https://" + g.tls
	}
	return &http.Client{Transport: transport, Timeout: patience}, "http://" + g.plain
}

// backendOf runs a backend that speaks one protocol, and returns its URL. It sends
// back what it gets, and its trailer with it.
func backendOf(tb testing.TB, i identity, way string) string {
	tb.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Protocol", r.Proto)
		w.Header().Set("X-Length", fmt.Sprint(r.ContentLength))
		w.Header().Set("Trailer", "Checksum")
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		_, _ = w.Write(body)
		w.Header().Set("Checksum", r.Trailer.Get("Checksum")+"!")
	}))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(strings.HasPrefix(way, "HTTP/1.1"))
	s.Config.Protocols.SetUnencryptedHTTP2(way == "HTTP/2")
	s.Config.Protocols.SetHTTP2(way == "HTTP/2 over TLS")
	if strings.HasSuffix(way, "TLS") {
		s.EnableHTTP2 = way == "HTTP/2 over TLS"
		s.TLS = &tls.Config{Certificates: []tls.Certificate{i.certificate}}
		s.StartTLS()
	} else {
		s.Start()
	}
	tb.Cleanup(s.Close)
	return s.URL
}

// TestProtocolsAreIndependent calls backends of each protocol with clients of each.
func TestProtocolsAreIndependent(t *testing.T) {
	i := newIdentity(t)
	large := strings.Repeat("0123456789abcdef", 1<<16)
	for _, backend := range []string{"HTTP/1.1", "HTTP/1.1 over TLS", "HTTP/2", "HTTP/2 over TLS"} {
		g := newGateway(t, i, backendOf(t, i, backend), func(o *policy.ForwardOptions) {
			if strings.HasPrefix(backend, "HTTP/2") {
				o.Version = policy.HTTP2
			}
		})
		for _, client := range []string{"HTTP/1.1", "HTTP/1.1 over TLS", "HTTP/2", "HTTP/2 over TLS", "HTTP/3"} {
			c, url := clientOf(t, g, client)
			for _, test := range []struct {
				name, method, body string
				known              bool
				length             string
			}{
				{"GET", "GET", "", true, "0"},
				{"POST", "POST", "body", true, "4"},
				{"POST of unknown length", "POST", "body", false, "-1"},
				{"large", "PUT", large, true, fmt.Sprint(len(large))},
			} {
				t.Run(client+" to "+backend+": "+test.name, func(t *testing.T) {
					r, err := http.NewRequestWithContext(t.Context(), test.method, url+"/a", strings.NewReader(test.body))
					if err != nil {
						t.Fatal(err)
					}
					checksum := ""
					if !test.known {
						checksum = "1"
						r.ContentLength, r.Trailer = -1, http.Header{"Checksum": {checksum}}
					}
					answer, err := c.Do(r)
					if err != nil {
						t.Fatal(err)
					}
					defer answer.Body.Close()
					body, err := io.ReadAll(answer.Body)
					want := checksum + "!"
					if strings.HasPrefix(client, "HTTP/1.1") && answer.ContentLength >= 0 {
						want = "" // A body whose length was declared has no trailer there.
					}
					if err != nil || string(body) != test.body || answer.Trailer.Get("Checksum") != want {
						t.Errorf("answered with %d bytes, %v and the trailer %v", len(body), err, answer.Trailer)
					}
					if got := answer.Header.Get("X-Protocol"); !strings.HasPrefix(got, backend[:len("HTTP/1")]) {
						t.Errorf("the backend was called over %s", got)
					}
					if got := answer.Header.Get("X-Length"); got != test.length {
						t.Errorf("the backend was told of a length of %s, want %s", got, test.length)
					}
				})
			}
		}
	}
}
