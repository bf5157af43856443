package server

import (
	"errors"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1/socket"
)

// await waits for the first bytes of a request. While it waits, the connection
// holds no memory beyond itself, and after ParkTime no goroutine either.
func (c *conn) await() outcome {
	if c.work != nil && c.work.in.Len() > 0 {
		return c.begin() // The client has sent it ahead.
	}
	c.state.CompareAndSwap(stateBusy, stateIdle)
	if c.server.closingIdle.Load() {
		return ended // It may have become idle after the others were closed.
	}
	since := c.server.clock.Now()
	c.waitUntil = since.Add(ParkTime)
	err := c.readFirst()
	if c.mayWaitOn(err) {
		c.waitUntil = since.Add(IdleTimeout)
		if c.park() {
			return parked
		}
		err = c.readFirst()
	}
	c.read.Clear()
	if err != nil {
		return ended
	}
	return c.begin()
}

// begin makes the connection busy, unless it has been closed for being idle.
func (c *conn) begin() outcome {
	if c.state.CompareAndSwap(stateIdle, stateBusy) || c.state.Load() == stateBusy {
		return goesOn
	}
	return ended
}

// mayWaitOn reports whether the wait has ended for no other reason than that
// ParkTime is over.
func (c *conn) mayWaitOn(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) && !c.interrupted.Load() && c.net.SetReadDeadline(time.Time{}) == nil
}

// park gives the goroutine up, and reports whether it could: from then on the
// connection is another's, and nothing of it may be touched.
func (c *conn) park() bool {
	place := c.server.parkingPlace()
	if place == nil {
		return false
	}
	c.giveWork()
	c.read.Set(c.waitUntil)
	return place.put(c)
}

// unpark takes the connection out of its place, and reports whether it was there:
// then it belongs to the caller.
func (c *conn) unpark() bool {
	place := c.server.park.Load()
	return place != nil && place.remove(c)
}

// readFirst reads the first bytes.
func (c *conn) readFirst() error {
	if c.raw == nil {
		// What TLS reads ahead it keeps itself.
		c.read.Set(c.waitUntil)
		_, err := c.takeWork().in.Fill(c)
		return err
	}
	// Whoever else has something to do does it first: the client needs a moment
	// for its next request, and a read that finds it is cheaper than one that
	// finds nothing and then waits.
	runtime.Gosched()
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
	n, errno := socket.Receive(fd, room)
	switch errno {
	case 0:
	case syscall.EAGAIN:
		c.giveWork()
		c.read.Set(c.waitUntil)
		return false
	default:
		c.failed = errno
	}
	c.tried = n
	return true
}
