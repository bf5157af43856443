package client

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// name is the name of a host with the addresses that it had when it was last
// looked up.
type name struct {
	resolver *Resolver
	host     string
	literal  bool // the host is an address
	list     atomic.Pointer[[]netip.Addr]
	version  atomic.Uint64 // changes with the addresses
	due      atomic.Int64  // when they are looked up again, since the resolver's epoch
	turn     atomic.Uint32 // whose turn it is among several
	used     atomic.Int64  // as due

	mu      sync.Mutex
	looking chan struct{} // closed when the look-up under way has ended; nil where there is none
	failure error         // of the last look-up
}

// refresh has the addresses looked up again in the background if that is due,
// and returns their version. It costs two operations on memory where it is not.
func (n *name) refresh(now time.Time) uint64 {
	if !n.literal {
		at := n.resolver.since(now)
		if due := n.due.Load(); at >= due && n.list.Load() != nil && n.due.CompareAndSwap(due, at+int64(RefreshAfter)) {
			n.used.Store(at)
			n.look()
		}
	}
	return n.version.Load()
}

// addresses returns the addresses, the one whose turn it is first. Only the
// first time does it wait for the resolver.
func (n *name) addresses(ctx context.Context) ([]netip.Addr, error) {
	for {
		if list := n.list.Load(); list != nil {
			return n.inTurn(*list), nil
		}
		if err := n.failedLately(); err != nil {
			return nil, err
		}
		select {
		case <-n.look():
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// failedLately returns the failure of the last look-up, while it is too early for
// another.
func (n *name) failedLately() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.failure != nil && n.resolver.since(n.resolver.clock.Now()) < n.due.Load() {
		return n.failure
	}
	return nil
}

// inTurn returns the addresses so that those of the first one's kind take turns
// in being the first.
func (n *name) inTurn(list []netip.Addr) []netip.Addr {
	same := 1
	for same < len(list) && list[same].Is4() == list[0].Is4() {
		same++
	}
	if same == 1 {
		return list
	}
	at := int(n.turn.Add(1)-1) % same
	return slices.Concat(list[at:same], list[:at], list[same:])
}

// has reports whether an address is among those of the last answer.
func (n *name) has(a netip.Addr) bool {
	list := n.list.Load()
	return n.literal || list == nil || slices.Contains(*list, a)
}

// look looks the addresses up in the background. The channel is closed when that
// has ended.
func (n *name) look() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.looking != nil {
		return n.looking
	}
	done := make(chan struct{})
	n.looking = done
	if !n.resolver.run(func() { n.lookUp(done) }) {
		n.failure, n.looking = errResolverClosed, nil
		n.due.Store(1<<63 - 1)
		close(done)
	}
	return done
}

// lookUp looks the addresses up. A resolver that fails changes nothing: the old
// addresses are the best that is known.
func (n *name) lookUp(done chan struct{}) {
	list, err := n.resolver.ask(n.host)
	n.mu.Lock()
	defer n.mu.Unlock()
	wait := RefreshAfter
	switch n.failure = err; {
	case err == nil:
		n.take(list)
	case n.list.Load() == nil:
		wait = FailureFor // Requests fail for the want of it.
	}
	n.due.Store(n.resolver.since(n.resolver.clock.Now().Add(wait)))
	n.looking = nil
	close(done)
}

// take makes these the addresses.
func (n *name) take(list []netip.Addr) {
	before := n.list.Load()
	n.list.Store(&list)
	if before != nil && !sameAddresses(*before, list) {
		n.version.Add(1)
	}
}

// sameAddresses reports whether two answers differ in their order at most.
func sameAddresses(a, b []netip.Addr) bool {
	if len(a) != len(b) {
		return false
	}
	for _, one := range a {
		if !slices.Contains(b, one) {
			return false
		}
	}
	return true
}
