package listen

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

// quicConn is a client's connection of HTTP/3.
type quicConn struct {
	peer
	side *quicSide
	quic *quic.Conn // nil until it has shaken hands

	// What follows is guarded by the side.
	requests int         // under way
	idle     clock.Timer // closes the connection; nil until it has shaken hands
	since    time.Time   // when the last request ended
}

// quicConnKey is the key of a quicConn in the context of its connection.
type quicConnKey struct{}

// errRefused is why a connection is refused.
var errRefused = errors.New("the server takes no more connections")

// closedNormally is the code of a connection that ends without a fault (RFC 9114
// §8.1).
const closedNormally = 0x100

// mustProve reports whether a client has to show that it is where it says, which
// costs it a round trip.
func (q *quicSide) mustProve(net.Addr) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.unproven >= MaxUnproven
}

// admit counts a connection that begins to shake hands, or refuses it.
func (q *quicSide) admit(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	c := &quicConn{side: q, peer: peer{server: q.server, client: addressOf(info.RemoteAddr), protocol: message.HTTP3}}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.accept.Err() != nil || len(q.open) >= MaxConnections {
		return nil, errRefused
	}
	q.open[c] = struct{}{}
	q.unproven++
	context.AfterFunc(ctx, c.forget)
	return context.WithValue(ctx, quicConnKey{}, c), nil
}

// forget is called when the connection has ended.
func (c *quicConn) forget() {
	q := c.side
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.open, c)
	if c.idle != nil {
		c.idle.Stop()
		return
	}
	q.unproven--
}

// begin is called when a connection has shaken hands. It returns the context of
// its requests.
func (q *quicSide) begin(ctx context.Context, conn *quic.Conn) context.Context {
	c, _ := ctx.Value(quicConnKey{}).(*quicConn)
	state := conn.ConnectionState().TLS
	c.secure = q.server.secureOf(&state)
	q.mu.Lock()
	defer q.mu.Unlock()
	c.quic, c.since = conn, q.server.clock.Now()
	c.idle = q.server.clock.AfterFunc(IdleTimeout, c.closeIdle)
	if _, ok := q.open[c]; ok {
		q.unproven--
	} else {
		c.idle.Stop() // It has ended meanwhile.
	}
	return context.WithValue(ctx, peerKey{}, &c.peer)
}

// ServeHTTP serves a request. A connection without one is closed after
// IdleTimeout, also where its client has opened streams and says nothing on them.
func (q *quicSide) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, _ := r.Context().Value(quicConnKey{}).(*quicConn)
	c.count(1)
	defer c.count(-1)
	q.server.engine.ServeHTTP(w, r)
}

// count counts the requests that are under way.
func (c *quicConn) count(n int) {
	c.side.mu.Lock()
	defer c.side.mu.Unlock()
	c.requests += n
	if _, ok := c.side.open[c]; ok && c.requests == 0 {
		c.since = c.server.clock.Now()
		c.idle.Reset(IdleTimeout)
	}
}

// closeIdle closes the connection, if it has no request.
func (c *quicConn) closeIdle() {
	c.side.mu.Lock()
	idle := c.requests == 0
	c.side.mu.Unlock()
	if idle {
		_ = c.quic.CloseWithError(closedNormally, "idle") // What could be said has been said.
	}
}
