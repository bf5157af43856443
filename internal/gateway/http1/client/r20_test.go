package client

import (
	"fmt"
	"testing"
	"time"
)

// The hosts of R20 are addresses of this machine.
const (
	oldAddress = "127.0.0.2"
	newAddress = "127.0.0.3"
	ttl        = time.Second // of the server's answers
)

// move sends requests while the resolver dies, comes back, and says that the host
// has moved. It returns how many requests failed, and how long after the move the
// first request reached the new address. refreshing is off for the negative control.
func move(t *testing.T, refreshing bool) (failed int, took time.Duration) {
	t.Helper()
	port := hosted(t, oldAddress, newAddress)
	s := newNameServer(t, oldAddress)
	clock := newRig(t, Options{}).clock
	r := NewResolver(clock, s.resolver())
	defer r.Close()
	g := newRig(t, Options{Clock: clock, Resolver: r})
	send := func() string {
		if !refreshing {
			r.name("backend.example.").due.Store(1<<63 - 1)
		}
		a, err := g.do(call(t, "GET", "http://backend.example.:"+port+"/"))
		if err != nil {
			failed++
		}
		r.running.Wait() // What was begun in the background has ended.
		return a.body
	}
	const step, day = time.Second, 24 * time.Hour
	send()
	s.fail(2)
	for range 20 {
		clock.Advance(step)
		send()
	}
	clock.Advance(day)
	send()
	s.fail(0)
	clock.Advance(RefreshAfter)
	send()
	s.set(newAddress)
	for took = 0; took < time.Minute; took += step {
		if send() == newAddress {
			break
		}
		clock.Advance(step)
	}
	p := g.all()[0]
	p.sweep(clock.Now())
	for _, c := range p.idle {
		if refreshing && c.address.String() != newAddress {
			t.Errorf("a connection to %v is kept, an address that the host no longer has", c.address)
		}
	}
	return failed, took
}

func TestR20_Resolver(t *testing.T) {
	failed, took := move(t, true)
	if failed > 0 {
		t.Errorf("%d requests failed while the resolver did", failed)
	}
	if limit := ttl + 5*time.Second; took > limit {
		t.Errorf("the new address was used after %v, want %v at most", took, limit)
	}
	fmt.Printf("R20: %d requests failed without a resolver (0), the new address was used after %v (%v)\n", failed, took, ttl+5*time.Second)
}

func TestR20_Resolver_NegativeControl(t *testing.T) {
	_, took := move(t, false)
	if took <= ttl+5*time.Second {
		t.Errorf("with addresses that are never looked up again the new one was used after %v: the test finds nothing", took)
	}
	fmt.Printf("R20: with addresses that are never looked up again the new one was used after %v (more than %v)\n", took, ttl+5*time.Second)
}
