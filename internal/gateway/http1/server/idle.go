package server

import (
	"io"
	"syscall"
)

// await waits for the first bytes of a request. While it waits, the connection
// holds no memory beyond itself.
func (c *conn) await() bool {
	if c.work != nil && c.work.in.Len() > 0 {
		return c.begin() // The client has sent it ahead.
	}
	c.state.CompareAndSwap(stateBusy, stateIdle)
	if c.server.closingIdle.Load() {
		return false // It may have become idle after the others were closed.
	}
	err := c.readFirst()
	c.read.Clear()
	return err == nil && c.begin()
}

// begin makes the connection busy, unless it has been closed for being idle.
func (c *conn) begin() bool {
	return c.state.CompareAndSwap(stateIdle, stateBusy) || c.state.Load() == stateBusy
}

// readFirst reads the first bytes.
func (c *conn) readFirst() error {
	if c.raw == nil {
		// What TLS reads ahead it keeps itself.
		c.read.Set(c.server.clock.Now().Add(IdleTimeout))
		_, err := c.takeWork().in.Fill(c)
		return err
	}
	for {
		c.tried, c.failed = 0, nil
		err := c.raw.Read(c.try)
		switch {
		case err == nil && c.failed != nil:
			return c.failed
		case err == nil && c.tried > 0:
			c.work.in.Filled(c.tried)
			return nil
		case err == nil:
			return io.EOF
		case !c.tooEarly(err):
			return err
		}
	}
}

// tryRead reads what has arrived, and reports whether there was anything, if
// only the end. Where there is nothing, the memory goes back before the wait.
func (c *conn) tryRead(fd uintptr) bool {
	room := c.takeWork().in.Room()
	for {
		n, err := syscall.Read(int(fd), room) //nolint:gosec // A descriptor is a small number.
		switch {
		case err == syscall.EINTR: //nolint:errorlint // Read returns errors as they are.
			continue
		case err == syscall.EAGAIN: //nolint:errorlint // As above.
			c.giveWork()
			c.read.Set(c.server.clock.Now().Add(IdleTimeout))
			return false
		case err != nil:
			c.failed = err
		}
		c.tried = max(n, 0)
		return true
	}
}
