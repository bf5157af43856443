package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// The limits of looking addresses up.
const (
	// RefreshAfter is how old addresses may be before they are looked up again,
	// in the background, while they are in use.
	RefreshAfter = 4 * time.Second
	// FailureFor is how long a failed look-up stands before the next.
	FailureFor = time.Second
	// LookupTimeout bounds one look-up.
	LookupTimeout = 10 * time.Second
	// MaxLookups bounds the look-ups at the same time.
	MaxLookups = 64
	// MaxNames bounds the names that are remembered. Above it the one that has
	// not been used for longest goes.
	MaxNames = 4096
	// MaxAddresses bounds the addresses of a name that are used.
	MaxAddresses = 16
)

// Resolver remembers the addresses of hosts. While a host is in use its
// addresses are looked up again every RefreshAfter; requests never wait for
// that, and while no answer comes the old addresses stand. It is safe for
// concurrent use.
type Resolver struct {
	clock  clock.Clock
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	epoch  time.Time
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}

	mu      sync.Mutex
	names   map[string]*name
	closed  bool
	running sync.WaitGroup
}

// NewResolver returns a resolver that asks another one; nil is the system's.
// Close ends it.
func NewResolver(c clock.Clock, ask *net.Resolver) *Resolver {
	if ask == nil {
		ask = net.DefaultResolver
	}
	r := &Resolver{clock: c, epoch: c.Now(), slots: make(chan struct{}, MaxLookups), names: map[string]*name{}}
	r.lookup = func(ctx context.Context, host string) ([]netip.Addr, error) { return ask.LookupNetIP(ctx, "ip", host) }
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// Close ends the look-ups under way and waits for their end.
func (r *Resolver) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.running.Wait()
}

// since counts time from the resolver's beginning.
func (r *Resolver) since(t time.Time) int64 { return int64(t.Sub(r.epoch)) }

// name returns what is remembered of a host.
func (r *Resolver) name(host string) *name {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := r.names[host]; n != nil {
		return n
	}
	if len(r.names) >= MaxNames {
		r.forgetOne()
	}
	n := &name{resolver: r, host: strings.Clone(host)}
	n.used.Store(r.since(r.clock.Now()))
	if a, err := netip.ParseAddr(host); err == nil {
		n.literal = true
		n.list.Store(&[]netip.Addr{a.Unmap()})
	}
	r.names[n.host] = n
	return n
}

// forgetOne forgets the name that has not been used for longest. The caller
// holds mu.
func (r *Resolver) forgetOne() {
	var oldest *name
	for _, n := range r.names {
		if oldest == nil || n.used.Load() < oldest.used.Load() {
			oldest = n
		}
	}
	delete(r.names, oldest.host)
}

// errResolverClosed is the failure of a look-up when the gateway ends.
var errResolverClosed = errors.New("the resolver has been closed")

// run runs a look-up in the background, unless the resolver has been closed.
func (r *Resolver) run(f func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.running.Go(f)
	}
	return !r.closed
}

// errNoAddress is the failure of a name without addresses.
var errNoAddress = errors.New("the host has no address")

// ask looks a host up.
func (r *Resolver) ask(host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	timer := r.clock.AfterFunc(LookupTimeout, cancel)
	defer timer.Stop()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("looking %s up: %w", host, ctx.Err())
	}
	list, err := r.lookup(ctx, host)
	if err == nil && len(list) == 0 {
		err = errNoAddress
	}
	if err != nil {
		return nil, fmt.Errorf("looking %s up: %w", host, err)
	}
	if len(list) > MaxAddresses {
		list = list[:MaxAddresses]
	}
	for i := range list {
		list[i] = list[i].Unmap()
	}
	return list, nil
}
