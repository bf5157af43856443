package load

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// stream is how a client reads and writes: in clear text or with TLS.
type stream interface {
	// read reads what there is; more says whether there may be more.
	read(p []byte) (n int, more bool, err error)
	// write writes all of p.
	write(p []byte) error
	// discard reads up to n bytes of a body that nobody looks at.
	discard(buffer []byte, n int) (read int, more bool, err error)
}

// dial connects a socket, with TLS where config is given, and makes it
// non-blocking.
func dial(address string, config *tls.Config) (int, stream, error) {
	to, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return 0, nil, err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, os.NewSyscallError("socket", err)
	}
	s, err := connect(fd, to, config)
	if err != nil {
		_ = unix.Close(fd) // The first error counts.
		return 0, nil, err
	}
	return fd, s, nil
}

func connect(fd int, to *net.TCPAddr, config *tls.Config) (stream, error) {
	limit := unix.NsecToTimeval(int64(silence))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: to.Port, Addr: [4]byte(to.IP.To4())}); err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", to, err)
	}
	var s stream = plain(fd)
	if config != nil {
		c := tls.Client(&socket{fd: fd}, config)
		if err := c.Handshake(); err != nil { //nolint:noctx // SO_RCVTIMEO bounds it.
			return nil, fmt.Errorf("TLS with %s: %w", to, err)
		}
		s = encrypted{c}
	}
	return s, os.NewSyscallError("fcntl", unix.SetNonblock(fd, true))
}

// plain is a socket in clear text.
type plain int

func (s plain) read(p []byte) (int, bool, error) { return read(int(s), p) }

func (s plain) write(p []byte) error { return write(int(s), p) }

// discard lets the kernel throw bytes away instead of copying them.
func (s plain) discard(buffer []byte, n int) (int, bool, error) {
	for {
		want := min(n, len(buffer))
		got, _, err := unix.Recvfrom(int(s), buffer[:want], unix.MSG_TRUNC)
		switch {
		case err == nil && got == 0:
			return 0, false, io.EOF
		case err == nil:
			return got, got == want, nil
		case errors.Is(err, unix.EAGAIN):
			return 0, false, nil
		case !errors.Is(err, unix.EINTR):
			return 0, false, os.NewSyscallError("recvfrom", err)
		}
	}
}

// encrypted is a socket with TLS.
type encrypted struct{ conn *tls.Conn }

func (s encrypted) read(p []byte) (int, bool, error) {
	n, err := s.conn.Read(p)
	if errors.Is(err, nothingYet{}) {
		return 0, false, nil
	}
	return n, true, err
}

func (s encrypted) write(p []byte) error {
	_, err := s.conn.Write(p)
	return err
}

func (s encrypted) discard(buffer []byte, n int) (int, bool, error) {
	return s.read(buffer[:min(n, len(buffer))])
}

// write writes all of p; a request is smaller than what a socket holds.
func write(fd int, p []byte) error {
	for len(p) > 0 {
		n, err := unix.Write(fd, p)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("write", err)
		}
		p = p[max(n, 0):]
	}
	return nil
}

// nothingYet says that a socket has no more bytes now. It is a temporary
// net.Error, after which a tls.Conn reads on where it was.
type nothingYet struct{}

func (nothingYet) Error() string   { return "nothing to read yet" }
func (nothingYet) Timeout() bool   { return true }
func (nothingYet) Temporary() bool { return true }

// socket is a descriptor as a net.Conn, of which TLS needs reading and writing.
type socket struct {
	net.Conn // nil: what TLS does not call is not there.

	fd int
}

func (s *socket) Read(p []byte) (int, error) {
	n, _, err := read(s.fd, p)
	if err == nil && n == 0 {
		return 0, nothingYet{}
	}
	return n, err
}

func (s *socket) Write(p []byte) (int, error) {
	if err := write(s.fd, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (*socket) SetDeadline(time.Time) error      { return nil }
func (*socket) SetReadDeadline(time.Time) error  { return nil }
func (*socket) SetWriteDeadline(time.Time) error { return nil }
