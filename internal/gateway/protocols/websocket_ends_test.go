package protocols

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// closeWrite ends one direction of a connection.
func closeWrite(tb testing.TB, c net.Conn) {
	tb.Helper()
	half, ok := c.(interface{ CloseWrite() error })
	if !ok {
		tb.Fatalf("%T has no directions", c)
	}
	if err := half.CloseWrite(); err != nil {
		tb.Error(err)
	}
}

// TestWebSocketHalfClosed: a client that ends its direction may still be answered.
func TestWebSocketHalfClosed(t *testing.T) {
	i := newIdentity(t)
	late := func(c net.Conn, r *bufio.Reader, _ *http.Request) {
		_, _ = io.WriteString(c, switched)
		all, err := io.ReadAll(r)
		if err != nil {
			return
		}
		_, _ = io.WriteString(c, "got "+string(all)) // After the end of the client.
	}
	for _, test := range []struct {
		name   string
		g      *gateway
		secure bool
	}{
		{"clear text", newGateway(t, i, "http://"+startPeer(t, nil, late), nil), false},
		{"TLS", newGateway(t, i, "https://"+startPeer(t, i.server("http/1.1"), late), nil), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, test.g.plain)
			if test.secure {
				c = dialTLS(t, test.g.tls, i.client("http/1.1"))
			}
			r := mustOpen(t, c, asked)
			_, _ = io.WriteString(c, "all")
			closeWrite(t, c)
			if got, err := io.ReadAll(r); err != nil || string(got) != "got all" {
				t.Errorf("behind its end the client got %q, %v", got, err)
			}
		})
	}
}

// TestWebSocketBackendEnds: what the backend has sent arrives, also where it ends
// while the client sends.
func TestWebSocketBackendEnds(t *testing.T) {
	for _, test := range []struct {
		name, last string
		reset      bool
	}{
		{"between frames", "\x81\x02hi", false},
		{"in a frame", "\x81\x7e\x10\x00half", false},
		{"in a frame's head", "\x81", false},
		{"with a close", "\x88\x02\x03\xe8", false},
		{"without a word", "", false},
		{"by a reset", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, newIdentity(t), "http://"+startPeer(t, nil, func(c net.Conn, r *bufio.Reader, _ *http.Request) {
				_, _ = io.WriteString(c, switched)
				_, _ = r.ReadByte()
				_, _ = io.WriteString(c, test.last)
				if test.reset {
					_ = c.(*net.TCPConn).SetLinger(0)
				}
			}), nil)
			c := dial(t, g.plain)
			r := mustOpen(t, c, asked)
			_, _ = io.WriteString(c, strings.Repeat(frame(fin|opText, "more"), 100))
			got, err := io.ReadAll(r)
			if string(got) != test.last {
				t.Errorf("the client got %q, %v, want %q", got, err, test.last)
			}
		})
	}
}

// TestWebSocketClientEnds: the backend learns that the client has gone.
func TestWebSocketClientEnds(t *testing.T) {
	for _, test := range []struct {
		name, last string
		reset      bool
	}{
		{"between frames", frame(fin|opText, "hi"), false},
		{"in a frame", frame(fin|opText, "hello")[:7], false},
		{"by a reset", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			heard := make(chan string, 1)
			g := newGateway(t, newIdentity(t), "http://"+startPeer(t, nil, func(c net.Conn, r *bufio.Reader, _ *http.Request) {
				_, _ = io.WriteString(c, switched)
				all, _ := io.ReadAll(r)
				heard <- string(all)
			}), nil)
			c := dial(t, g.plain)
			mustOpen(t, c, asked)
			_, _ = io.WriteString(c, test.last)
			if test.reset {
				_ = c.(*net.TCPConn).SetLinger(0)
			}
			_ = c.Close()
			if got := <-heard; got != test.last {
				t.Errorf("the backend got %q, want %q", got, test.last)
			}
		})
	}
}

// TestWebSocketDrain: the client is told 1001 behind the frame that is on its way,
// not in it.
func TestWebSocketDrain(t *testing.T) {
	large := frameOf(fin|opBinary, strings.Repeat("x", 1<<20), false)
	begun, finish := make(chan struct{}), make(chan struct{})
	g := newGateway(t, newIdentity(t), "http://"+startPeer(t, nil, func(c net.Conn, r *bufio.Reader, _ *http.Request) {
		_, _ = io.WriteString(c, switched+large[:1000])
		close(begun)
		<-finish
		_, _ = io.WriteString(c, large[1000:])
		_, _ = io.Copy(io.Discard, r)
	}), nil)
	c := dial(t, g.plain)
	r := mustOpen(t, c, asked)
	<-begun
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		g.drain(t)
	}()
	for {
		other, err := net.Dial("tcp", g.plain)
		if err != nil {
			break // It drains.
		}
		_ = other.Close()
	}
	close(finish)
	want := large[1000:] + "\x88\x02\x03\xe9"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
		t.Errorf("the client got %d bytes that end in %q, %v", len(got), got[len(got)-4:], err)
	}
	_, _ = io.WriteString(c, closing(1001, ""))
	_ = c.Close()
	<-drained
}

// TestWebSocketOverHTTP2IsRefused: extended CONNECT (RFC 8441) is not spoken, and
// says so: no SETTINGS offer it, and it is refused as a method.
func TestWebSocketOverHTTP2IsRefused(t *testing.T) {
	o := newOrigin(t)
	g := newGateway(t, newIdentity(t), "http://"+o.address, nil)
	a := attack{fields: append([]field{{":protocol", "websocket"}}, with(":method", "CONNECT")...), noData: true}
	if got := send3(t, g, &a, "h3"); got != http.StatusMethodNotAllowed {
		t.Errorf("HTTP/3: answered %d, want 405", got)
	}
	if got := send2(t, dial(t, g.plain), &a, "h2"); got != 0 && got/100 != 4 {
		t.Errorf("HTTP/2: answered %d, want a reset or 4xx", got)
	}
	if took, _ := o.took(); len(took) > 0 {
		t.Errorf("the backend got %v", took)
	}
}

// acceptSocket is a backend with a server that is not ours. It sends messages back.
func acceptSocket(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat.v2"}, InsecureSkipVerify: true,
		CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		return
	}
	defer c.CloseNow() //nolint:errcheck // It has been closed where all went well.
	c.SetReadLimit(8 << 20)
	for {
		kind, data, err := c.Read(r.Context())
		if err != nil {
			return
		}
		if bytes.Equal(data, []byte("close")) {
			_ = c.Close(websocket.StatusPolicyViolation, "as asked")
			return
		}
		if c.Write(r.Context(), kind, data) != nil {
			return
		}
	}
}

// TestWebSocketOfOthers has a client and a server that are not ours talk through the
// gateway, with compression and a subprotocol.
func TestWebSocketOfOthers(t *testing.T) {
	i := newIdentity(t)
	plain := httptest.NewServer(http.HandlerFunc(acceptSocket))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(acceptSocket))
	secure.TLS = i.server("http/1.1")
	secure.StartTLS()
	defer secure.Close()
	for _, test := range []struct{ name, scheme, backend string }{
		{"clear text", "ws", plain.URL}, {"TLS", "wss", secure.URL}, {"TLS to clear text", "wss", plain.URL},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, i, test.backend, nil)
			address := g.plain
			if test.scheme == "wss" {
				address = g.tls
			}
			talk(t, test.scheme+"://"+address+"/chat", &http.Client{Transport: &http.Transport{TLSClientConfig: i.client("http/1.1")}})
		})
	}
}

// talk sends messages and pings, and has the other side close.
func talk(t *testing.T, url string, h *http.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, answer, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: h, Subprotocols: []string{"chat.v1", "chat.v2"},
		CompressionMode: websocket.CompressionContextTakeover, CompressionThreshold: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow() //nolint:errcheck // The other side has closed it.
	c.SetReadLimit(8 << 20)
	if c.Subprotocol() != "chat.v2" || !strings.Contains(answer.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate") {
		t.Errorf("agreed on %q and %q", c.Subprotocol(), answer.Header.Get("Sec-WebSocket-Extensions"))
	}
	for n := range 20 {
		message := bytes.Repeat([]byte{byte(n), 'x'}, 1<<n)
		if err := c.Write(ctx, websocket.MessageBinary, message); err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Read(ctx); err != nil || !bytes.Equal(got, message) {
			t.Fatalf("a message of %d bytes came back with %d, %v", len(message), len(got), err)
		}
	}
	if err := c.Write(ctx, websocket.MessageText, []byte("close")); err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Read(ctx)
	if closed, ok := errors.AsType[websocket.CloseError](err); !ok || closed.Code != websocket.StatusPolicyViolation || closed.Reason != "as asked" {
		t.Errorf("the connection ended with %v, want the code 1008 and its reason", err)
	}
}
