package client

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// authority is what connections are shared by: those of one Client are all made
// the same way.
type authority struct {
	host   string
	port   uint16
	secure bool
}

// pool holds the connections to one authority.
type pool struct {
	client *Client
	to     authority
	name   *name // the addresses of its host
	// version is that of the addresses to which all idle connections lead.
	version atomic.Uint64

	mu      sync.Mutex
	idle    []*conn // the one used last is the last
	open    int     // connections, with those that are being made
	waiting []*waiter
	used    time.Time
	gone    bool // the client has forgotten the pool
}

// waiter is a request that waits for a connection.
type waiter struct {
	// given gets a connection, or nil for the permission to make one. It has
	// room for one.
	given chan *conn
}

// The failures of getting a connection.
var (
	errQueueFull = errors.New("too many requests wait for a connection to the backend (MaxWaiting)")
	errQueueLong = errors.New("no connection to the backend became free in time (QueueTimeout)")
	errForgotten = errors.New("the pool has been forgotten")
	errManyPools = errors.New("requests to too many different backends are under way (MaxPools)")
)

// take returns a connection for an exchange and whether it was kept from another.
// With fresh it is a new one, where one can be made.
func (p *pool) take(x *Exchange, fresh bool) (c *conn, kept bool, err error) {
	p.refresh(x.now)
	for {
		p.mu.Lock()
		room := p.open < p.client.maxOpen
		switch {
		case p.gone:
			p.mu.Unlock()
			return nil, false, errForgotten
		case len(p.idle) > 0 && !(fresh && room):
			c = p.pop()
			p.mu.Unlock()
		case room:
			p.open++
			p.mu.Unlock()
			c, err = p.connect(x)
			return c, false, err
		default:
			w, err := p.enqueue()
			p.mu.Unlock()
			if err != nil {
				return nil, false, err
			}
			return p.wait(x, w)
		}
		if !fresh && p.usable(c, x.now) {
			return c, true, nil
		}
		c.shut()
	}
}

// refresh has the host's addresses looked up again where that is due, and closes
// idle connections to those that it no longer has.
func (p *pool) refresh(now time.Time) {
	if p.name.refresh(now) != p.version.Load() {
		p.version.Store(p.name.version.Load())
		p.sweep(now)
	}
}

// pop takes the connection that was used last, which is the least likely to have
// been closed. The caller holds mu.
func (p *pool) pop() *conn {
	last := len(p.idle) - 1
	c := p.idle[last]
	p.idle[last] = nil
	p.idle = p.idle[:last]
	return c
}

// usable reports whether a connection that was kept can be used now.
func (p *pool) usable(c *conn, now time.Time) bool {
	return now.Sub(c.idle) < p.client.idleTimeout && p.name.has(c.address) && c.quiet()
}

// put takes a connection back whose exchange has ended well.
func (p *pool) put(c *conn) {
	now := p.client.clock.Now()
	c.idle = now
	p.mu.Lock()
	switch {
	case p.gone || p.client.closed.Load():
	case p.serve(c):
		p.mu.Unlock()
		return
	case len(p.idle) < p.client.maxIdle:
		p.idle = append(p.idle, c)
		p.used = now
		p.mu.Unlock()
		p.client.sweepLater()
		return
	}
	p.mu.Unlock()
	c.shut()
}

// left notes that a connection has gone. Whoever waits may make another.
func (p *pool) left() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.serve(nil) {
		p.open--
	}
}

// enqueue lines a request up. The caller holds mu.
func (p *pool) enqueue() (*waiter, error) {
	if len(p.waiting) >= MaxWaiting {
		return nil, errQueueFull
	}
	w := &waiter{given: make(chan *conn, 1)}
	p.waiting = append(p.waiting, w)
	return w, nil
}

// serve gives the request that has waited longest a connection, or with nil the
// permission to make one. The caller holds mu.
func (p *pool) serve(c *conn) bool {
	if len(p.waiting) == 0 {
		return false
	}
	p.waiting[0].given <- c
	p.waiting[0] = nil
	p.waiting = p.waiting[1:]
	return true
}

// wait waits for what the line brings.
func (p *pool) wait(x *Exchange, w *waiter) (*conn, bool, error) {
	ctx, done := x.limited(QueueTimeout, errQueueLong)
	defer done()
	select {
	case c := <-w.given:
		return p.accept(x, c)
	case <-ctx.Done():
	}
	if p.leave(w) {
		return nil, false, context.Cause(ctx)
	}
	// It came in the same moment.
	return p.accept(x, <-w.given)
}

// accept takes what the line has brought.
func (p *pool) accept(x *Exchange, c *conn) (*conn, bool, error) {
	if c != nil {
		if p.usable(c, c.idle) {
			return c, true, nil
		}
		c.close() // Its place is taken by the next.
	}
	c, err := p.connect(x)
	return c, false, err
}

// leave takes a request out of the line and reports whether it was still in it.
func (p *pool) leave(w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.waiting {
		if other == w {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// sweep closes the connections that have been idle for too long, and those to
// addresses that the host no longer has. It reports whether any is left.
func (p *pool) sweep(now time.Time) bool {
	var over []*conn
	p.mu.Lock()
	kept := p.idle[:0]
	for _, c := range p.idle {
		if now.Sub(c.idle) >= p.client.idleTimeout || !p.name.has(c.address) {
			over = append(over, c)
			continue
		}
		kept = append(kept, c)
	}
	clear(p.idle[len(kept):])
	p.idle = kept
	left := len(kept) > 0
	p.mu.Unlock()
	for _, c := range over {
		c.shut()
	}
	return left
}

// forget ends the pool if nothing of it is in use, and reports whether it did.
// Its idle connections are closed.
func (p *pool) forget() bool {
	p.mu.Lock()
	if p.open > len(p.idle) || len(p.waiting) > 0 {
		p.mu.Unlock()
		return false
	}
	p.gone = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.shut()
	}
	return true
}

// drop closes all idle connections.
func (p *pool) drop() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.shut()
	}
}

// unused reports whether the pool has had no connection for a while.
func (p *pool) unused(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open == 0 && now.Sub(p.used) >= p.client.idleTimeout
}
