package client

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
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
	address  netip.Addr
	idle     time.Time // since when
	deadline http1.Deadline
	word     atomic.Uint64 // number of the exchange, and its state in the last bits
	closed   atomic.Bool
}

// The states of a connection.
const (
	resting      uint64 = iota
	busy                // in an exchange
	hitDeadline         // the exchange has been interrupted by its deadline
	hitGone             // the client has gone away
	hitBody             // the request's body could not be read
	stateBits    = 3
	stateMask    = 1<<stateBits - 1
	nextExchange = 1 << stateBits
)

// newConn makes a connection of a socket and what is above it.
func newConn(s *socket, secure *tls.Conn, address netip.Addr, p *pool, c clock.Clock) *conn {
	n := &conn{Conn: s.Conn, socket: s, secure: secure, pool: p, address: address}
	if secure != nil {
		n.Conn = secure
	}
	n.deadline.Init(c, n.expired)
	return n
}

// begin begins an exchange.
func (c *conn) begin() { c.word.Store(c.word.Load()&^stateMask + nextExchange | busy) }

// interrupt makes reading and writing fail, if the exchange is still the one of
// word.
func (c *conn) interrupt(word, why uint64) {
	if word&stateMask == busy && c.word.CompareAndSwap(word, word&^stateMask|why) {
		_ = c.SetDeadline(time.Unix(1, 0)) // Fails on a closed connection; so does what is to be interrupted.
	}
}

// expired is called when the deadline has passed. It may come late: by then the
// connection may be in another exchange, whose deadline has not.
func (c *conn) expired() {
	if word := c.word.Load(); c.deadline.Passed() {
		c.interrupt(word, hitDeadline)
	}
}

// interrupted returns what has interrupted the exchange, or busy.
func (c *conn) interrupted() uint64 { return c.word.Load() & stateMask }

// finish ends an exchange and reports whether it was never interrupted.
func (c *conn) finish() bool {
	c.deadline.Clear()
	word := c.word.Load()
	return word&stateMask == busy && c.word.CompareAndSwap(word, word&^stateMask|resting)
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
	if c.closed.Swap(true) {
		return
	}
	c.deadline.Stop()
	if c.secure != nil && c.word.Load()&stateMask == resting {
		_ = c.secure.Close() // Nothing could be done.
	} else {
		// Not through TLS, whose goodbye would wait for a backend that does not read.
		_ = c.socket.Conn.Close() // As above.
	}
	c.pool.left()
}
