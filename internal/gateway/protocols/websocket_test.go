package protocols

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// peer is a backend that is a function of a connection whose request has been read.
type peer func(c net.Conn, r *bufio.Reader, request *http.Request)

// startPeer runs a backend until the test ends, and returns its address.
func startPeer(tb testing.TB, config *tls.Config, serve peer) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address := l.Addr().String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if config != nil {
				c = tls.Server(c, config)
			}
			_ = c.SetDeadline(time.Now().Add(patience))
			all.Go(func() {
				defer c.Close()
				r := bufio.NewReader(c)
				if request, err := http.ReadRequest(r); err == nil {
					serve(c, r, request)
				}
			})
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return address
}

const switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

// echoBytes accepts a WebSocket and sends back what comes.
func echoBytes(c net.Conn, r *bufio.Reader, _ *http.Request) {
	if _, err := io.WriteString(c, switched); err == nil {
		_, _ = io.Copy(c, r)
	}
}

const asked = "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// openSocket sends a request to change to WebSocket, with what follows it at once,
// and returns the answer.
func openSocket(tb testing.TB, c net.Conn, ask string) (*http.Response, *bufio.Reader) {
	tb.Helper()
	tb.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, ask); err != nil {
		tb.Fatal(err)
	}
	r := bufio.NewReader(c)
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return answer, r
}

// mustOpen opens a WebSocket.
func mustOpen(tb testing.TB, c net.Conn, ask string) *bufio.Reader {
	tb.Helper()
	answer, r := openSocket(tb, c, ask)
	if answer.StatusCode != http.StatusSwitchingProtocols {
		tb.Fatalf("answered %s", answer.Status)
	}
	return r
}

// sameBytes sends a stream and reports whether it comes back.
func sameBytes(tb testing.TB, w io.Writer, r io.Reader, stream string, piece int) {
	tb.Helper()
	go func() {
		for i := 0; i < len(stream); i += piece {
			_, _ = io.WriteString(w, stream[i:min(i+piece, len(stream))]) // Reading tells.
		}
	}()
	got := make([]byte, len(stream))
	if n, err := io.ReadFull(r, got); err != nil || string(got) != stream {
		tb.Errorf("%d of %d bytes came back, %v; the same: %v", n, len(stream), err, string(got) == stream)
	}
}

// TestWebSocketStreams passes streams of frames through the gateway, in several
// ways: it changes none of them.
func TestWebSocketStreams(t *testing.T) {
	i := newIdentity(t)
	secure := newGateway(t, i, "https://"+startPeer(t, i.server("http/1.1"), echoBytes), nil)
	plain := newGateway(t, i, "http://"+startPeer(t, nil, echoBytes), nil)
	cases := streamCases()
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, plain.plain)
			sameBytes(t, c, mustOpen(t, c, asked), test.bytes, len(test.bytes))
			c = dialTLS(t, secure.tls, secure.client("http/1.1"))
			sameBytes(t, c, mustOpen(t, c, asked), test.bytes, len(test.bytes))
			if len(test.bytes) > 1000 {
				return
			}
			c = dial(t, plain.plain)
			sameBytes(t, c, mustOpen(t, c, asked), test.bytes, 1)
			c = dial(t, plain.plain) // With the head, before the answer has come.
			sameBytes(t, io.Discard, mustOpen(t, c, asked+test.bytes), test.bytes, 1)
		})
	}
	fmt.Printf("WebSocket: %d streams of frames were passed on unchanged, in four ways (at least 60)\n", len(cases))
	if len(cases) < 60 {
		t.Errorf("there are %d cases", len(cases))
	}
}

// TestWebSocketStreamsOfBackends sends the same streams from the backend, in one
// write with the head of its answer.
func TestWebSocketStreamsOfBackends(t *testing.T) {
	streams := make(chan string, 1)
	g := newGateway(t, newIdentity(t), "http://"+startPeer(t, nil, func(c net.Conn, r *bufio.Reader, _ *http.Request) {
		_, _ = io.WriteString(c, switched+<-streams)
		_, _ = io.Copy(io.Discard, r)
	}), nil)
	for _, test := range streamCases() {
		streams <- test.bytes
		c := dial(t, g.plain)
		r := mustOpen(t, c, asked)
		got := make([]byte, len(test.bytes))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != test.bytes {
			t.Errorf("%s: %v; the same: %v", test.name, err, string(got) == test.bytes)
		}
		_ = c.Close()
	}
}

func TestWebSocketHandshake(t *testing.T) {
	var answer string
	var got *http.Request
	g := newGateway(t, newIdentity(t), "http://"+startPeer(t, nil, func(c net.Conn, r *bufio.Reader, request *http.Request) {
		got = request
		_, _ = io.WriteString(c, answer)
		_, _ = io.Copy(io.Discard, r)
	}), nil)
	change := func(from, to string) string { return strings.Replace(asked, from, to, 1) }
	tests := []struct {
		name, ask, answer string
		want              int
		upgraded          bool // the backend was asked to change
	}{
		{"accepted", asked, switched, 101, true},
		{"other case", change("websocket", "WebSocket"), strings.Replace(switched, "websocket", "WebSocket", 1), 101, true},
		{"refused with a body", asked, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", 403, true},
		{"refused without a length", asked, "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", 401, true},
		{"redirected", asked, "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", 302, true},
		{"ignored", asked, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, true},
		{"another version is wanted", asked, "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n", 426, true},
		{"changed to something else", asked, strings.Replace(switched, "websocket", "h2c", 1), 500, true},
		{"changed to several", asked, strings.Replace(switched, "websocket", "websocket, h2c", 1), 500, true},
		{"changed without Upgrade", asked, strings.Replace(switched, "Upgrade: websocket\r\n", "", 1), 500, true},
		{"changed without Connection", asked, strings.Replace(switched, "Connection: Upgrade\r\n", "", 1), 500, true},
		{"changed with a length", asked, strings.Replace(switched, "\r\n\r\n", "\r\nContent-Length: 5\r\n\r\n", 1), 500, true},
		{"changed unasked", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", switched, 500, false},
		{"asked for something else", change("Upgrade: websocket", "Upgrade: h2c"), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 200, false},
		{"asked without Connection", change("Connection: keep-alive, Upgrade\r\n", ""), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 200, false},
		{"asked without Upgrade", change("Upgrade: websocket\r\n", ""), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 200, false},
		{"asked in HTTP/1.0", change("HTTP/1.1", "HTTP/1.0"), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 200, false},
		{"asked with POST", change("GET", "POST"), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 200, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, answer = nil, test.answer
			response, _ := openSocket(t, dial(t, g.plain), test.ask)
			if response.StatusCode != test.want {
				t.Errorf("answered %s, want %d", response.Status, test.want)
			}
			if asks := got != nil && got.Header.Get("Upgrade") != ""; asks != test.upgraded {
				t.Errorf("the backend was asked to change: %v, want %v", asks, test.upgraded)
			}
		})
	}
}
