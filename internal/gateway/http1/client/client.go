package client

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// Options is what a client is made of. A limit that is 0 is the Default of its
// name.
type Options struct {
	Clock    clock.Clock
	Resolver *Resolver
	// TLS returns how a backend with that host is connected to over TLS: its
	// name, its check, our certificate. The client says that it speaks HTTP/1.1.
	TLS              func(host string) *tls.Config
	MaxOpen          int // connections to one authority
	MaxIdle          int // of these, kept without a request
	IdleTimeout      time.Duration
	DialTimeout      time.Duration
	HandshakeTimeout time.Duration
	// BodyTimeout bounds the time between two bytes of an answer's body; 0 for no
	// bound, because an event stream may have nothing to say for hours.
	BodyTimeout time.Duration
	// Dial connects to an address; nil for TCP.
	Dial func(context.Context, netip.AddrPort) (net.Conn, error)
	// Poison overwrites memory when its exchange has ended, so that a test finds
	// who still has a view of it.
	Poison bool
}

// Client calls backends that are all connected to in the same way. It is safe
// for concurrent use.
type Client struct {
	clock            clock.Clock
	resolver         *Resolver
	tls              func(host string) *tls.Config
	dial             func(context.Context, netip.AddrPort) (net.Conn, error)
	maxOpen, maxIdle int
	idleTimeout      time.Duration
	dialTimeout      time.Duration
	handshakeTimeout time.Duration
	bodyTimeout      time.Duration
	poison           bool
	window           int // bytes of the memory that an answer is read into at first
	exchanges        sync.Pool

	mu       sync.RWMutex
	pools    map[authority]*pool
	timer    clock.Timer // of the next sweep
	sweeping atomic.Bool // it is waiting
	closed   atomic.Bool
}

// New makes a client. Close ends it.
func New(o Options) *Client {
	c := &Client{
		clock: o.Clock, resolver: o.Resolver, dial: o.Dial, poison: o.Poison, bodyTimeout: o.BodyTimeout,
		maxOpen: or(o.MaxOpen, DefaultMaxOpen), maxIdle: or(o.MaxIdle, DefaultMaxIdle),
		idleTimeout: or(o.IdleTimeout, DefaultIdleTimeout), dialTimeout: or(o.DialTimeout, DefaultDialTimeout),
		handshakeTimeout: or(o.HandshakeTimeout, DefaultHandshakeTimeout),
		pools:            map[authority]*pool{}, window: http1.MediumBuffer,
	}
	c.tls = func(host string) *tls.Config { return configFor(o.TLS, host) }
	if c.dial == nil {
		c.dial = dialTCP
	}
	c.exchanges.New = func() any { return newExchange(c) }
	return c
}

// or returns what is set, or what is so without.
func or[T int | time.Duration](set, otherwise T) T {
	if set == 0 {
		return otherwise
	}
	return set
}

// configFor returns how a host is connected to over TLS.
func configFor(from func(string) *tls.Config, host string) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if from != nil {
		config = from(host)
	}
	config.NextProtos = []string{"http/1.1"}
	return config
}

// dialTCP connects over TCP.
func dialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", to.String())
}

// Close closes the connections that are idle. Those in use close when their
// exchange ends.
func (c *Client) Close() {
	c.closed.Store(true)
	c.mu.Lock()
	if c.timer != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	for _, p := range c.all() {
		p.drop()
	}
}

// poolFor returns the pool of the authority that a URL names.
func (c *Client) poolFor(u *message.URL) (*pool, error) {
	to := authority{host: u.Host, port: u.EffectivePort(), secure: u.Scheme == "https" || u.Scheme == "wss"}
	c.mu.RLock()
	p := c.pools[to]
	c.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	to.host = strings.Clone(to.host)
	return c.makePool(to)
}

// makePool makes the pool of an authority.
func (c *Client) makePool(to authority) (*pool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.pools[to]; p != nil {
		return p, nil
	}
	if len(c.pools) >= MaxPools {
		for other, p := range c.pools {
			if p.forget() {
				delete(c.pools, other)
			}
		}
	}
	if len(c.pools) >= MaxPools {
		return nil, errManyPools
	}
	p := &pool{client: c, to: to, name: c.resolver.name(to.host)}
	c.pools[to] = p
	return p, nil
}

// all returns the pools.
func (c *Client) all() []*pool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	list := make([]*pool, 0, len(c.pools))
	for _, p := range c.pools {
		list = append(list, p)
	}
	return list
}

// sweepLater sees to it that the idle connections are looked through.
func (c *Client) sweepLater() {
	if c.sweeping.Load() || c.sweeping.Swap(true) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed.Load() {
		c.timer = c.clock.AfterFunc(c.idleTimeout/2, c.sweep)
	}
}

// sweep looks through the idle connections, and the pools that have none.
func (c *Client) sweep() {
	// First this, so that a connection that becomes idle now is not overlooked.
	c.sweeping.Store(false)
	now, left := c.clock.Now(), false
	for _, p := range c.all() {
		left = p.sweep(now) || left
	}
	c.mu.Lock()
	for to, p := range c.pools {
		if p.unused(now) && p.forget() {
			delete(c.pools, to)
		}
	}
	c.mu.Unlock()
	if left {
		c.sweepLater()
	}
}
