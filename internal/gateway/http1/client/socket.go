package client

import (
	"net"
	"syscall"

	tcp "github.com/sallyport/sallyport/internal/gateway/http1/socket"
)

// peeked is what a look at a socket has found.
type peeked uint8

const (
	peekedQuiet  peeked = iota // nothing to read, as it should be
	peekedBytes                // bytes that nobody has asked for
	peekedClosed               // the end, or a failure
)

// socket is the connection beneath TLS, or the connection itself. It can be
// looked at without reading from it. Under TLS it also knows where records end,
// so that half of one is not overlooked that lies inside the TLS connection.
type socket struct {
	net.Conn
	raw     syscall.RawConn // nil where the connection has no file descriptor
	look    func(fd uintptr)
	seen    peeked
	byte    [1]byte
	probing bool    // reads find nothing
	records records // of TLS
}

// newSocket wraps a connection.
func newSocket(c net.Conn) *socket {
	c = tcp.New(c)
	s := &socket{Conn: c}
	if own, ok := c.(syscall.Conn); ok {
		if raw, err := own.SyscallConn(); err == nil {
			s.raw = raw
			s.look = func(fd uintptr) { s.seen = peekSocket(fd, &s.byte) }
		}
	}
	return s
}

// peek looks at the socket.
func (s *socket) peek() peeked {
	if s.raw == nil {
		return peekedQuiet
	}
	s.seen = peekedClosed
	if err := s.raw.Control(s.look); err != nil {
		return peekedClosed
	}
	return s.seen
}

// Read reads for the TLS connection above.
func (s *socket) Read(p []byte) (int, error) {
	if s.probing {
		return 0, errNothing
	}
	n, err := s.Conn.Read(p)
	s.records.follow(p[:n])
	return n, err
}

// nothing says that there is nothing to read now. It is temporary, so that a
// TLS connection can be read again after it.
type nothing struct{}

var errNothing net.Error = nothing{}

func (nothing) Error() string   { return "nothing to read" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

// recordHeader is the length of the header of a TLS record (RFC 8446 §5.1).
const recordHeader = 5

// records follows the records of TLS. The zero value is between two of them.
type records struct {
	have int // bytes of the header
	left int // bytes of the content
}

// follow passes over bytes.
func (r *records) follow(p []byte) {
	for len(p) > 0 {
		switch {
		case r.have < recordHeader:
			r.have++
			switch r.have {
			case recordHeader - 1:
				r.left = int(p[0]) << 8
			case recordHeader:
				r.left |= int(p[0])
			}
			p = p[1:]
		case r.left > len(p):
			r.left -= len(p)
			return
		default:
			p = p[r.left:]
			r.left = 0
		}
		if r.have == recordHeader && r.left == 0 {
			r.have = 0
		}
	}
}

// between reports whether no record has begun that has not ended.
func (r *records) between() bool { return r.have == 0 }
