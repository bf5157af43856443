// Package socket reads and writes TCP connections with one lean system call
// each. The sockets never block, so the scheduler is not told of the calls: that
// saves its bookkeeping, and keeps it from taking the processor away from a
// goroutine in the middle of a write. Where a call would have to wait, the
// goroutine waits as usual.
package socket

import (
	"io"
	"net"
	"os"
	"syscall"
)

// Conn is a TCP connection. Reading and writing may go on at the same time, each
// in one goroutine.
type Conn struct {
	*net.TCPConn
	raw syscall.RawConn
	in  transfer
	out transfer
}

// transfer is a call in one direction.
type transfer struct {
	rest  []byte
	moved int
	errno syscall.Errno
	try   func(fd uintptr) bool // made once
}

// New wraps a connection where that is of use: one of TCP, on a system that is
// known. Any other is returned as it is.
func New(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok || !known {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c // It has been closed, and says so itself.
	}
	s := &Conn{TCPConn: tcp, raw: raw}
	s.in.try, s.out.try = s.in.receive, s.out.send
	return s
}

// Raw returns the connection's descriptor, for calls of one's own.
func (c *Conn) Raw() syscall.RawConn { return c.raw }

// Read reads what has arrived, and waits for it where nothing has.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	t := &c.in
	t.rest, t.moved, t.errno = p, 0, 0
	err := c.raw.Read(t.try)
	t.rest = nil
	switch {
	case err != nil:
		return 0, err
	case t.errno != 0:
		return 0, os.NewSyscallError("recvfrom", t.errno)
	case t.moved == 0:
		return 0, io.EOF
	}
	return t.moved, nil
}

// Write writes all of p, and waits for room where there is none.
func (c *Conn) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	t := &c.out
	t.rest, t.moved, t.errno = p, 0, 0
	err := c.raw.Write(t.try)
	t.rest = nil
	if err == nil && t.errno != 0 {
		err = os.NewSyscallError("sendto", t.errno)
	}
	return t.moved, err
}

// receive takes what there is. It returns false where there is nothing yet.
func (t *transfer) receive(fd uintptr) bool {
	n, errno := Receive(fd, t.rest)
	if errno == syscall.EAGAIN {
		return false
	}
	t.moved, t.errno = n, errno
	return true
}

// send hands over what there is room for. It returns false while there is more.
func (t *transfer) send(fd uintptr) bool {
	for len(t.rest) > 0 {
		n, errno := transmit(fd, t.rest)
		if errno == syscall.EAGAIN {
			return false
		}
		if errno != 0 {
			t.errno = errno
			return true
		}
		t.moved += n
		t.rest = t.rest[n:]
	}
	return true
}
