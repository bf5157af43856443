package listen

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// timedConn is a connection that remembers its deadlines.
type timedConn struct {
	net.Conn
	in            io.Reader
	reads, writes []bool // whether a deadline was set, or taken away
	sent          bytes.Buffer
}

func (c *timedConn) Read(p []byte) (int, error)  { return c.in.Read(p) }
func (c *timedConn) Write(p []byte) (int, error) { return c.sent.Write(p) }
func (c *timedConn) SetReadDeadline(t time.Time) error {
	c.reads = append(c.reads, !t.IsZero())
	return nil
}

func (c *timedConn) SetWriteDeadline(t time.Time) error {
	c.writes = append(c.writes, !t.IsZero())
	return nil
}

// RemoteAddr is where a client would be.
func (*timedConn) RemoteAddr() net.Addr { return &net.TCPAddr{} }

func newTimed(pieces ...string) (*conn, *timedConn) {
	readers := make([]io.Reader, len(pieces))
	for i, p := range pieces {
		readers[i] = strings.NewReader(p)
	}
	raw := &timedConn{in: io.MultiReader(readers...)}
	return &conn{Conn: raw, raw: raw, server: New(Options{Log: discard})}, raw
}

func TestBodyTimeoutRunsWhileABodyArrives(t *testing.T) {
	c, raw := newTimed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n", "ab", "cd", "GET / HTTP/1.1\r\n")
	buffer := make([]byte, 100)
	for range 4 {
		if _, err := c.Read(buffer); err != nil {
			t.Fatal(err)
		}
	}
	// Set before each of the two pieces, taken away after the last.
	if got := raw.reads; len(got) != 3 || !got[0] || !got[1] || got[2] {
		t.Errorf("deadlines for reading: %v, want two set and then none", got)
	}
}

func TestBodyTimeoutLeavesAnInterruptionAlone(t *testing.T) {
	c, raw := newTimed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n", "ab")
	buffer := make([]byte, 100)
	if _, err := c.Read(buffer); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Unix(1, 0)) // As the engine interrupts a read.
	if _, err := c.Read(buffer); err != nil {
		t.Fatal(err)
	}
	if len(raw.reads) != 1 {
		t.Errorf("the interruption was overwritten: %v", raw.reads)
	}
}

func TestWriteTimeoutIsSetOnceInAWhile(t *testing.T) {
	c, raw := newTimed()
	for range 10 {
		if _, err := io.WriteString(c, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if len(raw.writes) != 1 || !raw.writes[0] {
		t.Errorf("deadlines for writing: %v, want one", raw.writes)
	}
}

func TestNothingIsReadPastARequest(t *testing.T) {
	one := "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	c, _ := newTimed(one + one + "BAD\r\n")
	buffer := make([]byte, 1000)
	for i := range 2 {
		n, err := c.Read(buffer)
		if err != nil || string(buffer[:n]) != one {
			t.Errorf("read %d: %q, %v, want one request", i, buffer[:n], err)
		}
	}
	// A read that only looks for the end of the connection gets a byte, and
	// nothing is said yet: the answers before may still be under way.
	if n, err := c.Read(buffer[:1]); n != 1 || err != nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
	for range 3 {
		if _, err := c.Read(buffer); err != nil {
			var refused *Refusal
			if !errors.As(err, &refused) || refused != refusedRequestLine {
				t.Errorf("refused with %v", err)
			}
			return
		}
	}
	t.Error("the third request was not refused")
}

func TestConnectionsAreBounded(t *testing.T) {
	s := New(Options{Log: discard})
	for range MaxConnections {
		s.open[&timedConn{}] = nil
	}
	if s.remember(&timedConn{}) {
		t.Error("a connection beyond MaxConnections was taken")
	}
}
