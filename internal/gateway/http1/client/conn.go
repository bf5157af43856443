package client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1"
)

// conn is a connection to a backend. It belongs to one exchange at a time, or to
// its pool. What others may do to it at any moment is to interrupt it, and to
// close it.
type conn struct {
	net.Conn // over which messages go: TLS, or the socket's
	socket   *socket
	secure   *tls.Conn // nil without TLS
	pool     *pool
	clock    clock.Clock
	address  netip.Addr
	idle     time.Time // since when
	deadline http1.Deadline
	closed   atomic.Bool

	mu    sync.Mutex // guards what follows
	state state
	until time.Time       // when the head of the answer must be there; zero for never
	ctx   context.Context //nolint:containedctx // Of the exchange under way; nil where there is none.
}

// state is what a connection does, or what has interrupted it.
type state uint8

const (
	resting     state = iota
	busy              // in an exchange
	hitDeadline       // the exchange has been interrupted by its deadline
	hitGone           // the client has gone away
	hitBody           // the request's body could not be read
)

// LookEvery is how often a request that waits for its backend looks whether its
// client is still there.
const LookEvery = time.Second

// newConn makes a connection of a socket and what is above it.
func newConn(s *socket, secure *tls.Conn, address netip.Addr, p *pool) *conn {
	c := &conn{Conn: s.Conn, socket: s, secure: secure, pool: p, clock: p.client.clock, address: address}
	if secure != nil {
		c.Conn = secure
	}
	c.deadline.Init(c.clock, c.look)
	return c
}

// begin begins an exchange, whose answer must have begun at a time.
func (c *conn) begin(ctx context.Context, now, until time.Time) {
	c.mu.Lock()
	c.state, c.ctx, c.until = busy, ctx, until
	c.mu.Unlock()
	c.deadline.Set(c.nextLook(now, until))
}

// nextLook returns when the exchange is looked at.
func (c *conn) nextLook(now, until time.Time) time.Time {
	next := now.Add(LookEvery)
	if !until.IsZero() && until.Before(next) {
		return until
	}
	return next
}

// extend moves the time until which something must have happened; zero is for
// never.
func (c *conn) extend(until time.Time) {
	c.mu.Lock()
	c.until = until
	c.mu.Unlock()
}

// look looks whether the exchange under way is to be interrupted. It is called
// by the deadline, and may come late: then there is another exchange, or none.
func (c *conn) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != busy {
		return
	}
	now := c.clock.Now()
	switch {
	case !c.until.IsZero() && !now.Before(c.until):
		c.hit(hitDeadline)
	case c.ctx.Err() != nil:
		c.hit(hitGone)
	default:
		c.deadline.Set(c.nextLook(now, c.until))
	}
}

// interrupt makes reading and writing fail.
func (c *conn) interrupt(why state) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == busy {
		c.hit(why)
	}
}

// hit does it. The caller holds mu, so that the exchange cannot end meanwhile.
func (c *conn) hit(why state) {
	c.state = why
	_ = c.SetDeadline(time.Unix(1, 0)) // Fails on a closed connection; so does what is to be interrupted.
}

// interrupted returns what has interrupted the exchange, or busy.
func (c *conn) interrupted() state {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// finish ends an exchange and reports whether it was never interrupted. After it
// the connection is not interrupted.
func (c *conn) finish() bool {
	c.deadline.Clear()
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.state
	c.state, c.ctx = resting, nil
	return was == busy
}

// quiet reports whether the connection can be used: it is open, and nothing has
// come that nobody has asked for.
func (c *conn) quiet() bool {
	if c.socket.peek() != peekedQuiet {
		return false
	}
	if c.secure == nil {
		return true
	}
	// What TLS has read already would come first. Reading must find nothing.
	c.socket.probing = true
	n, err := c.secure.Read(c.socket.byte[:])
	c.socket.probing = false
	return n == 0 && errors.Is(err, errNothing) && c.socket.records.between()
}

// shut closes the connection and gives up its place in the pool.
func (c *conn) shut() {
	if c.close() {
		c.pool.left()
	}
}

// close closes the connection and reports whether it was open.
func (c *conn) close() bool {
	if c.closed.Swap(true) {
		return false
	}
	c.deadline.Stop()
	if c.secure != nil && c.interrupted() == resting {
		_ = c.secure.Close() // Nothing could be done.
	} else {
		// Not through TLS, whose goodbye would wait for a backend that does not read.
		_ = c.socket.Conn.Close() // As above.
	}
	return true
}
