package server

import (
	"fmt"
	"os"
	"sync"
	"syscall"
)

// parking keeps connections that have been idle for a while, without the
// goroutine that each has while it is served: one epoll instance tells which of
// them has something to say. The instance is a file itself that the scheduler
// waits on, so it takes no thread.
type parking struct {
	file *os.File
	raw  syscall.RawConn

	mu     sync.Mutex
	parked map[int32]*conn // by descriptor
	ended  bool
}

// maxEvents is how many connections are woken at a time.
const maxEvents = 128

// newParking makes a parking that hands connections to wake, until close.
func newParking(wake func(*conn)) (*parking, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("making a place for idle connections: %w", err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, fmt.Errorf("making a place for idle connections: %w", err)
	}
	file := os.NewFile(uintptr(fd), "idle connections") //nolint:gosec // A descriptor is a small number.
	p := &parking{file: file, parked: map[int32]*conn{}}
	if p.raw, err = p.file.SyscallConn(); err != nil {
		return nil, fmt.Errorf("making a place for idle connections: %w", err)
	}
	go p.run(wake)
	return p, nil
}

// run wakes connections.
func (p *parking) run(wake func(*conn)) {
	events := make([]syscall.EpollEvent, maxEvents)
	for {
		n := 0
		err := p.raw.Read(func(fd uintptr) bool {
			n, _ = syscall.EpollWait(int(fd), events, 0) //nolint:gosec // A descriptor is a small number.
			return n > 0
		})
		if err != nil {
			return // It has been closed.
		}
		for i := range n {
			if c := p.take(events[i].Fd); c != nil {
				wake(c)
			}
		}
	}
}

// watched is what wakes a connection up: bytes, or the end.
const watched = syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT

// put parks a connection, and reports whether it could.
func (p *parking) put(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	added := false
	err := p.control(c, func(fd int) {
		event := syscall.EpollEvent{Events: watched, Fd: int32(fd)} //nolint:gosec // As above.
		if added = p.change(syscall.EPOLL_CTL_ADD, fd, &event); added {
			c.place = int32(fd) //nolint:gosec // As above.
			p.parked[c.place] = c
		}
	})
	return err == nil && added
}

// take takes a connection out that has something to say.
func (p *parking) take(place int32) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.parked[place]
	if c != nil {
		p.drop(c)
	}
	return c
}

// takeAny takes one connection out, whichever, or returns nil.
func (p *parking) takeAny() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.parked {
		p.drop(c)
		return c
	}
	return nil
}

// remove takes a connection out, and reports whether it was there.
func (p *parking) remove(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.place < 0 || p.parked[c.place] != c {
		return false
	}
	p.drop(c)
	return true
}

// drop takes a connection out. The caller holds mu.
func (p *parking) drop(c *conn) {
	delete(p.parked, c.place)
	c.place = -1
	_ = p.control(c, func(fd int) { p.change(syscall.EPOLL_CTL_DEL, fd, nil) }) // A closed descriptor is not there any more.
}

// control runs f with the descriptor of a connection's socket.
func (p *parking) control(c *conn, f func(fd int)) error {
	socket, ok := c.from.Socket.(syscall.Conn)
	if !ok {
		return syscall.ENOTSOCK
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) { f(int(fd)) }) //nolint:gosec // As above.
}

// change changes what the instance watches, and reports whether it did.
func (p *parking) change(how, fd int, event *syscall.EpollEvent) bool {
	done := false
	_ = p.raw.Control(func(epoll uintptr) { // Fails when all is over.
		done = syscall.EpollCtl(int(epoll), how, fd, event) == nil //nolint:gosec // As above.
	})
	return done
}

// close ends the parking. The connections in it are the caller's.
func (p *parking) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	_ = p.file.Close() // Nothing was written to it.
}
