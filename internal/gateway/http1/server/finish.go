package server

import (
	"errors"
	"io"
	"time"
)

// finish reads what is left of the request's body, and reports whether the
// connection can go on. It goes on only where it is sure where the next request
// begins.
func (c *conn) finish() bool {
	w := c.work
	if c.answer.closing || c.answer.broken || c.interrupted.Load() {
		return false
	}
	if !w.framing.HasBody() || w.body.reader.Done() {
		return true
	}
	if w.body.failed.Load() || w.body.awaited.Load() {
		return false
	}
	return c.discardBody()
}

// discardBody reads a body that nobody wanted, up to MaxDiscard.
func (c *conn) discardBody() bool {
	w := c.work
	scratch := w.buffer()
	for total := 0; total <= MaxDiscard; {
		n, err := w.body.receive(c, scratch)
		total += n
		if err != nil {
			return errors.Is(err, io.EOF)
		}
	}
	return false
}

// linger lets the client read the last answer: closing a connection with bytes
// unread would take it back.
func (c *conn) linger() {
	if !c.answer.responded || c.answer.broken || c.state.Load() == stateClosed {
		return
	}
	if c.work == nil || !c.mayBeUnread() {
		return
	}
	half, ok := c.net.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	timer := c.server.clock.AfterFunc(LingerTime, c.interruptRead)
	defer timer.Stop()
	_ = c.net.SetReadDeadline(time.Time{}) // Fails on a closed connection; so will the read.
	_, _ = io.CopyN(io.Discard, c.net, MaxLingerBytes)
}

// mayBeUnread reports whether the client may have sent something that has not
// been read: a body that was not wanted, or what followed a refused head.
func (c *conn) mayBeUnread() bool {
	w := c.work
	return c.answer.refused || !w.body.reader.Done() || w.in.Len() > 0
}
