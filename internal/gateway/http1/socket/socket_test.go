package socket

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair returns the two ends of a connection, the first of them wrapped.
func pair(t *testing.T) (net.Conn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
	})
	return New(near), far.(*net.TCPConn)
}

func TestTransfer(t *testing.T) {
	near, far := pair(t)
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // More than sockets hold.
	go func() {
		if n, err := near.Write(sent); n != len(sent) || err != nil {
			t.Errorf("wrote %d bytes, %v", n, err)
		}
	}()
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("what was written did not arrive: %v", err)
	}
	go func() {
		_, _ = far.Write(sent)
		_ = far.CloseWrite()
	}()
	got, err := io.ReadAll(near)
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("read %d bytes, %v, want %d", len(got), err, len(sent))
	}
	if n, err := near.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("behind the end: %d bytes, %v", n, err)
	}
}

func TestFailures(t *testing.T) {
	near, far := pair(t)
	_ = near.SetReadDeadline(time.Unix(1, 0))
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("behind the deadline: %v", err)
	}
	_ = near.SetReadDeadline(time.Time{})
	_ = far.SetLinger(0)
	_ = far.Close()
	if _, err := near.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("reading what was reset: %v", err)
	}
	if _, err := near.Write([]byte("x")); err == nil {
		t.Error("writing to what was reset did not fail")
	}
	_ = near.Close()
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading what is closed: %v", err)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	near, far := pair(t)
	p := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = near.Write(p)
		_, _ = io.ReadFull(far, p)
		_, _ = far.Write(p)
		_, _ = near.Read(p)
	}); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkEcho(b *testing.B) {
	for name, wrap := range map[string]func(net.Conn) net.Conn{"net": func(c net.Conn) net.Conn { return c }, "socket": New} {
		b.Run(name, func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			far, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer far.Close()
			near, err := l.Accept()
			if err != nil {
				b.Fatal(err)
			}
			defer near.Close()
			near, far = wrap(near), wrap(far)
			p := make([]byte, 200)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = near.Write(p)
				_, _ = io.ReadFull(far, p)
			}
		})
	}
}
