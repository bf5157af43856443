package load

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	// maxAnswer bounds the body that a request may ask for.
	maxAnswer = 16 << 20
	// maxHead bounds the head of a request and of an answer.
	maxHead = 16 << 10
)

var endOfHead = []byte("\r\n\r\n")

// origin answers GET requests: the last segment of the path says how many bytes
// the body has.
type origin struct {
	loop    *Loop
	fd      int
	address string
	answers map[int][]byte // whole answers, by the size of the body
}

func newOrigin(l *Loop) (*origin, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	o := &origin{loop: l, fd: fd, answers: map[int][]byte{}}
	if o.address, err = listen(fd); err == nil {
		err = l.add(fd, o)
	}
	if err != nil {
		_ = unix.Close(fd) // The first error counts.
		return nil, err
	}
	return o, nil
}

// listen makes a socket listen on a free port and returns its address.
func listen(fd int) (string, error) {
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return "", os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
		return "", os.NewSyscallError("listen", err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		return "", os.NewSyscallError("getsockname", err)
	}
	address, ok := name.(*unix.SockaddrInet4)
	if !ok {
		return "", fmt.Errorf("getsockname: %T is no IPv4 address", name)
	}
	return net.JoinHostPort(net.IP(address.Addr[:]).String(), strconv.Itoa(address.Port)), nil
}

// ready accepts the connections that wait.
func (o *origin) ready() error {
	for {
		fd, _, err := unix.Accept4(o.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ECONNABORTED):
			continue
		case err != nil:
			return os.NewSyscallError("accept4", err)
		}
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
		if err := o.loop.add(fd, &originConnection{origin: o, fd: fd}); err != nil {
			return err
		}
	}
}

// answer is the answer to a request, made once for each size.
func (o *origin) answer(head []byte) ([]byte, error) {
	size, err := sizeAsked(head)
	if err != nil {
		return nil, err
	}
	if a, ok := o.answers[size]; ok {
		return a, nil
	}
	a := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\n"+
		"Content-Type: text/plain\r\nContent-Length: %d\r\nCache-Control: max-age=3600\r\n\r\n", size)
	a = append(a, bytes.Repeat([]byte("x"), size)...)
	o.answers[size] = a
	return a, nil
}

// sizeAsked reads the last segment of the path of a request.
func sizeAsked(head []byte) (int, error) {
	line, _, _ := bytes.Cut(head, []byte("\r\n"))
	target, ok := bytes.CutPrefix(line, []byte("GET "))
	target, _, found := bytes.Cut(target, []byte(" "))
	target, _, _ = bytes.Cut(target, []byte("?"))
	size, err := strconv.Atoi(string(target[bytes.LastIndexByte(target, '/')+1:]))
	if !ok || !found || err != nil || size < 0 || size > maxAnswer {
		return 0, fmt.Errorf("the gateway asks the origin for %q; want GET …/SIZE with a size up to %d", line, maxAnswer)
	}
	return size, nil
}

// originConnection is a connection from a gateway.
type originConnection struct {
	origin *origin
	fd     int
	head   []byte   // begun, and not whole yet
	out    [][]byte // what is still to be written
}

// ready answers what has come. A gateway may close its connections as it likes.
func (c *originConnection) ready() error {
	if err := c.flush(); err != nil {
		c.close()
		return nil //nolint:nilerr // See above.
	}
	buffer := c.origin.loop.buffer
	for {
		n, more, err := read(c.fd, buffer)
		if err != nil {
			c.close()
			return nil //nolint:nilerr // See above.
		}
		if err := c.take(buffer[:n]); err != nil {
			return err
		}
		if err := c.flush(); err != nil {
			c.close()
			return nil //nolint:nilerr // See above.
		}
		if !more {
			return nil
		}
	}
}

// take answers the requests in p.
func (c *originConnection) take(p []byte) error {
	if len(c.head) > 0 {
		c.head = append(c.head, p...)
		p, c.head = c.head, nil
	}
	for {
		end := bytes.Index(p, endOfHead)
		if end < 0 {
			break
		}
		a, err := c.origin.answer(p[:end])
		if err != nil {
			return err
		}
		c.out = append(c.out, a)
		p = p[end+len(endOfHead):]
	}
	if len(p) > maxHead {
		return fmt.Errorf("the gateway sends the origin a head of more than %d bytes", maxHead)
	}
	if len(p) > 0 {
		c.head = bytes.Clone(p)
	}
	return nil
}

// flush writes as much as the socket takes.
func (c *originConnection) flush() error {
	for len(c.out) > 0 {
		n, err := unix.Write(c.fd, c.out[0])
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return os.NewSyscallError("write", err)
		}
		if c.out[0] = c.out[0][n:]; len(c.out[0]) == 0 {
			c.out = c.out[:copy(c.out, c.out[1:])]
		}
	}
	return nil
}

func (c *originConnection) close() { c.origin.loop.remove(c.fd) }
