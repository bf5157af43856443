package upstream

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/policy"
)

// refusing runs a backend that answers when it has seen the head.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
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
				in := bufio.NewReader(c)
				if _, err := http.ReadRequest(in); err != nil {
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
				_, _ = io.Copy(io.Discard, in)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// TestEarlyAnswer has a client that waits for the answer before it sends the rest
// of its body, which nobody wants: the answer comes, over both versions of HTTP.
func TestEarlyAnswer(t *testing.T) {
	g := newRig(t, Options{})
	address := g.gateway(t, refusing(t), &policy.DefaultForward)
	for _, framing := range []string{"Content-Length: 1000000", "Transfer-Encoding: chunked"} {
		c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\n"+framing+"\r\n\r\n5\r\nhello\r\n")
		wantTooLarge(t, framing, func() (*http.Response, error) { return http.ReadResponse(bufio.NewReader(c), nil) })
		_ = c.Close()
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	defer transport.CloseIdleConnections()
	reader, writer := io.Pipe()
	defer writer.Close()
	wantTooLarge(t, "HTTP/2", func() (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, reader)
		if err != nil {
			return nil, err
		}
		return transport.RoundTrip(r)
	})
}

// wantTooLarge reads the answer.
func wantTooLarge(t *testing.T, name string, answer func() (*http.Response, error)) {
	t.Helper()
	r, err := answer()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusRequestEntityTooLarge || string(body) != "big" || err != nil {
		t.Errorf("%s: answered %d %q, %v", name, r.StatusCode, body, err)
	}
}
