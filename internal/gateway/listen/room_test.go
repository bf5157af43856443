package listen

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1/server"
	"github.com/sallyport/sallyport/internal/message"
)

// isServed sends a request and reports whether it is answered. Otherwise the
// connection must have been closed without a word.
func isServed(t *testing.T, c net.Conn) bool {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") // Fails on a closed connection.
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the connection is neither served nor closed")
		}
		return false
	}
	_ = r.Body.Close()
	return true
}

// TestTooManyConnections opens more connections than there may be. While those
// that are there are busy, a new one is closed at once; when one is idle, that
// one is.
func TestTooManyConnections(t *testing.T) {
	const most = 4
	now := clock.NewFake(time.Now())
	release, begun := make(chan struct{}), make(chan struct{}, most)
	s, address := start(t, Options{Clock: now, MaxConnections: most, Handler: handlerFunc(func(r *message.Request, w message.Responder) {
		begun <- struct{}{}
		<-release
		echo(r, w)
	})})
	var busy []net.Conn
	for range most {
		c := dial(t, address)
		t.Cleanup(func() { _ = c.Close() })
		busy = append(busy, c)
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		<-begun
	}
	beyond := dial(t, address)
	defer beyond.Close()
	if isServed(t, beyond) {
		t.Error("a connection beyond MaxConnections is served while all others are busy")
	}
	if s.Shed() != 1 {
		t.Errorf("%d connections were shed, want 1", s.Shed())
	}
	close(release)
	for _, c := range busy {
		_ = c.SetDeadline(time.Now().Add(patience))
		if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil {
			t.Fatal(err)
		} else if err := r.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// It is tried until one of them has been found idle: the clock moves on.
	for begin := time.Now(); ; {
		now.Advance(server.ParkTime / 10)
		c := dial(t, address)
		t.Cleanup(func() { _ = c.Close() })
		if isServed(t, c) {
			break
		}
		if time.Since(begin) > patience {
			t.Fatal("no idle connection is closed for a new one")
		}
	}
	closed := 0
	for _, c := range busy {
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			closed++
		}
	}
	if closed != 1 {
		t.Errorf("%d idle connections were closed for a new one, want 1", closed)
	}
}
