package client

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestKeptConnectionIsLookedAt uses connections on which something has happened
// while nobody had a request on them: none of them is used, so that also a POST
// succeeds.
func TestKeptConnectionIsLookedAt(t *testing.T) {
	tests := []struct {
		name    string
		meddle  func(c net.Conn)
		usable  bool
		control bool // without looking, the second exchange goes wrong
	}{
		{name: "nothing", meddle: func(net.Conn) {}, usable: true},
		{name: "closed", meddle: func(c net.Conn) { _ = c.Close() }, control: true},
		{name: "half closed", meddle: func(c net.Conn) { _ = c.(*net.TCPConn).CloseWrite() }, control: true},
		{name: "reset", meddle: func(c net.Conn) {
			_ = c.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		}}, // Writing fails at once, so that it is sent again in any case.
		{name: "an answer that nobody has asked for", meddle: func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
		}, control: true},
		{name: "one byte", meddle: func(c net.Conn) { _, _ = c.Write([]byte("x")) }, control: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := useAfter(t, test.meddle, test.usable, true); err != nil {
				t.Error(err)
			}
		})
		if test.control {
			t.Run(test.name+", not looked at", func(t *testing.T) {
				if err := useAfter(t, test.meddle, test.usable, false); err == nil {
					t.Error("nothing goes wrong: the test finds nothing")
				}
			})
		}
	}
}

// useAfter makes an exchange, has the backend meddle with the connection, and
// makes another. Without look the connection is not looked at in between.
func useAfter(t *testing.T, meddle func(net.Conn), usable, look bool) error {
	t.Helper()
	kept := make(chan net.Conn, 2)
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		for skipHead(r) {
			_, _ = io.WriteString(c, smallAnswer)
			kept <- c
		}
	})
	g := newRig(t, Options{})
	g.want(t, call(t, "GET", url), `{"ok":true}`)
	meddle(<-kept)
	p := g.all()[0]
	c := p.idle[0]
	for !usable && c.socket.peek() == peekedQuiet {
		time.Sleep(time.Millisecond) // Until it has arrived.
	}
	if !look {
		c.socket.raw = nil
	}
	a, err := g.do(call(t, "POST", url))
	dials := g.dials.Load()
	switch {
	case err != nil:
		return err
	case a.body != `{"ok":true}`:
		return errors.New("answered with " + a.body)
	case usable != (dials == 1):
		return errors.New("the connection was used where it could not be, or not used where it could")
	}
	return nil
}

// TestSecondTry has kept connections die when a request arrives on them.
func TestSecondTry(t *testing.T) {
	large := strings.Repeat("x", 100<<10)
	tests := []struct {
		name, method, body string
		stream             bool
		partly             bool // the backend dies within the head of its answer
		fresh              bool // the connection is a new one
		want               int64
	}{
		{name: "GET", method: "GET", want: 2},
		{name: "HEAD", method: "HEAD", want: 2},
		{name: "OPTIONS", method: "OPTIONS", want: 2},
		{name: "DELETE", method: "DELETE", want: 2},
		{name: "PUT", method: "PUT", body: "body", want: 2},
		{name: "PUT, large", method: "PUT", body: large, want: 2},
		{name: "PUT, small stream", method: "PUT", body: "body", stream: true, want: 2},
		{name: "PUT, large stream", method: "PUT", body: large, stream: true, want: 1},
		{name: "POST", method: "POST", want: 1},
		{name: "POST, body", method: "POST", body: "body", want: 1},
		{name: "PATCH", method: "PATCH", body: "body", want: 1},
		{name: "a method that nobody knows", method: "PURGE", want: 1},
		{name: "answer has begun", method: "GET", partly: true, want: 1},
		{name: "fresh connection", method: "GET", fresh: true, want: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var seen, conns atomic.Int64
			url := backend(t, func(c net.Conn, r *bufio.Reader) {
				if !test.fresh {
					skipHead(r)
					if conns.Add(1) > 1 { // This is the second try.
						_, _ = io.CopyN(io.Discard, r, int64(len(test.body)))
					}
					_, _ = io.WriteString(c, smallAnswer)
				}
				if skipHead(r) {
					seen.Add(1)
					_, _ = io.CopyN(io.Discard, r, int64(len(test.body)))
				}
				if test.partly {
					_, _ = io.WriteString(c, "HTTP/1.1 200")
				}
			})
			g := newRig(t, Options{})
			if !test.fresh {
				g.want(t, call(t, "GET", url), `{"ok":true}`)
			}
			c := call(t, test.method, url)
			switch {
			case test.stream:
				c.Request.Body.SetStream(io.NopCloser(strings.NewReader(test.body)), int64(len(test.body)))
			case test.body != "":
				_ = c.Request.Body.SetBytes([]byte(test.body))
			}
			a, err := g.do(c)
			// The second try meets a backend that answers the first request of a connection.
			if again := err == nil; again != (test.want == 2) {
				t.Errorf("answered %+v, %v", a, err)
			}
			if n := g.dials.Load(); n != test.want {
				t.Errorf("%d connections, want %d", n, test.want)
			}
			if n := seen.Load(); n != 1 {
				t.Errorf("the dying connections have seen %d requests, want 1", n)
			}
		})
	}
}

// TestDeadBeforeAnyByte has a connection whose writes fail at once: nothing has
// been sent, so that every method may be sent again.
func TestDeadBeforeAnyByte(t *testing.T) {
	url := scripted(t, smallAnswer, false)
	for _, method := range []string{"GET", "POST"} {
		g := newRig(t, Options{})
		g.want(t, call(t, "GET", url), `{"ok":true}`)
		c := g.all()[0].idle[0]
		if err := c.socket.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		again := call(t, method, url)
		again.Request.Body.SetStream(io.NopCloser(strings.NewReader("body")), -1)
		if a, err := g.do(again); err != nil || g.dials.Load() != 2 {
			t.Errorf("%s: answered %+v, %v after %d connections", method, a, err, g.dials.Load())
		}
	}
}

// TestSecondTryIsOne gives up when the second connection dies as the first did.
func TestSecondTryIsOne(t *testing.T) {
	var n atomic.Int64
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		if n.Add(1) == 1 {
			skipHead(r)
			_, _ = io.WriteString(c, smallAnswer)
		}
		skipHead(r)
	})
	g := newRig(t, Options{})
	g.want(t, call(t, "GET", url), `{"ok":true}`)
	if a, err := g.do(call(t, "GET", url)); err == nil || g.dials.Load() != 2 {
		t.Errorf("answered %+v after %d connections", a, g.dials.Load())
	}
}

// TestAnswerInSpiteOfBrokenWrite reads the answer of a backend that does not want
// the body.
func TestAnswerInSpiteOfBrokenWrite(t *testing.T) {
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		skipHead(r)
		_, _ = io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, r)
	})
	g := newRig(t, Options{})
	c := call(t, "POST", url)
	c.Request.Body.SetStream(&zeros{left: 100 << 20}, 100<<20)
	a, err := g.do(c)
	if err != nil || a.status != 413 || a.body != "big" {
		t.Errorf("answered %+v, %v", a, err)
	}
}
