package load

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// bufferSize is how much is read with one system call.
	bufferSize = 256 << 10
	// eventsAtOnce bounds the events that one epoll_wait returns.
	eventsAtOnce = 512
	// silence is how long nothing may happen while answers are awaited.
	silence = 10 * time.Second
)

// handler is one socket.
type handler interface {
	// ready reads and writes as far as the socket allows.
	ready() error
}

// Loop runs the sockets of clients and of the origin in the thread of its
// caller. It is not safe for concurrent use.
type Loop struct {
	epoll    int
	clock    clock.Clock
	handlers []handler // by descriptor
	events   []unix.EpollEvent
	buffer   []byte
	origin   *origin
}

// NewLoop makes a loop whose origin listens on a free port of 127.0.0.1.
func NewLoop(c clock.Clock) (*Loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	l := &Loop{epoll: epoll, clock: c, events: make([]unix.EpollEvent, eventsAtOnce), buffer: make([]byte, bufferSize)}
	if l.origin, err = newOrigin(l); err != nil {
		l.Close()
		return nil, fmt.Errorf("the origin: %w", err)
	}
	return l, nil
}

// Origin is the address of the origin, host and port.
func (l *Loop) Origin() string { return l.origin.address }

// Close closes every socket of the loop.
func (l *Loop) Close() {
	for fd, h := range l.handlers {
		if h != nil {
			l.remove(fd)
		}
	}
	_ = unix.Close(l.epoll) // It holds nothing any more.
}

// add lets the loop run a socket. Events are edge-triggered: a handler reads
// until nothing is left.
func (l *Loop) add(fd int, h handler) error {
	for fd >= len(l.handlers) {
		l.handlers = append(l.handlers, nil)
	}
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLET, Fd: int32(fd)}
	if err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		return os.NewSyscallError("epoll_ctl", err)
	}
	l.handlers[fd] = h
	return nil
}

// remove closes a socket.
func (l *Loop) remove(fd int) {
	l.handlers[fd] = nil
	_ = unix.Close(fd) // It leaves the epoll instance with that.
}

// turn waits for events, at most the given time, and handles them. It returns
// how many there were.
func (l *Loop) turn(wait time.Duration) (int, error) {
	n, err := unix.EpollWait(l.epoll, l.events, int(wait.Milliseconds()))
	for errors.Is(err, unix.EINTR) { // Go's scheduler interrupts its threads.
		n, err = unix.EpollWait(l.epoll, l.events, int(wait.Milliseconds()))
	}
	if err != nil {
		return 0, os.NewSyscallError("epoll_wait", err)
	}
	for i := range n {
		h := l.handlers[l.events[i].Fd]
		if h == nil {
			continue // It was closed by an event before this one.
		}
		if err := h.ready(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// read reads what there is; more says whether there may be more. The end is
// io.EOF.
func read(fd int, p []byte) (n int, more bool, err error) {
	for {
		n, err = unix.Read(fd, p)
		switch {
		case err == nil && n == 0:
			return 0, false, io.EOF
		case err == nil:
			return n, n == len(p), nil
		case errors.Is(err, unix.EAGAIN):
			return 0, false, nil
		case !errors.Is(err, unix.EINTR):
			return 0, false, os.NewSyscallError("read", err)
		}
	}
}
