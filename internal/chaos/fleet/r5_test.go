package fleet

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// r5Limit is how soon a change is in effect, r5Memory by which part the memory may
// have grown afterwards. Both are asserted in the long form, which wants a quiet
// machine.
const (
	r5Limit  = time.Second
	r5Memory = 1.10
	// r5Rest is how long the gateway rests before its memory is looked at.
	r5Rest = 150 * time.Second
)

// TestR5_Publishes makes changes under load: none is mixed with another, and none
// fails a call.
func TestR5_Publishes(t *testing.T) {
	apis, count := size(100, 1000), size(30, 1000)
	c := startLarge(t, apis)
	g := startGateway(t, c)
	g.until(t, "/shop", "0 0")
	warm := during(g.address, []string{"/shop"}, anyPair, func() { newPublishes().run(t, c, size(5, 200)) })
	warm.none(t)
	time.Sleep(size(0, r5Rest))
	before := g.resident(t)
	p := newPublishes()
	mixed := 0
	var mu sync.Mutex
	var took time.Duration
	l := during(g.address, []string{"/shop"}, func(_ string, status int, body string) bool {
		a, b, ok := halves(body)
		if !ok || status != http.StatusOK {
			return false
		}
		if a != b {
			mu.Lock()
			mixed++
			mu.Unlock()
		} else {
			p.saw(a)
		}
		return true
	}, func() {
		c.publish(t, 0)
		g.until(t, "/shop", "0 0")
		p = newPublishes()
		took = p.run(t, c, count)
		g.until(t, "/shop", fmt.Sprintf("%d %d", count, count))
		p.saw(count)
	})
	time.Sleep(size(0, r5Rest))
	after := g.resident(t)
	l.none(t)
	if mixed > 0 {
		t.Errorf("%d answers mix two revisions", mixed)
	}
	delays := p.delays()
	grown := float64(after) / float64(before)
	if *long && (at(delays, 99) > r5Limit || grown > r5Memory) {
		t.Errorf("p99 of what was in effect is %s (%s), memory has become %.2f times what it was (%.2f)", at(delays, 99), r5Limit, grown, r5Memory)
	}
	fmt.Printf("R5: %d publishes at %.1f/s with %d APIs and %d operations: %d of %d calls failed (0), %d mixed (0), in effect after p50 %s, p99 %s (%s), memory × %.2f (%.2f)\n",
		count, float64(count)/took.Seconds(), apis, apis*largeOperations, l.failed, l.calls, mixed,
		at(delays, 50).Round(time.Millisecond), at(delays, 99).Round(time.Millisecond), r5Limit, grown, r5Memory)
}

func anyPair(_ string, status int, body string) bool {
	a, b, ok := halves(body)
	return ok && a == b && status == http.StatusOK
}

// TestR5_Publishes_NegativeControl puts the answer to one call together of what
// two have seen, as a gateway would that did not keep one snapshot for a call.
func TestR5_Publishes_NegativeControl(t *testing.T) {
	c := startLarge(t, 5)
	g := startGateway(t, c)
	g.until(t, "/shop", "0 0")
	mixed, last := 0, -1
	var mu sync.Mutex
	l := during(g.address, []string{"/shop"}, func(_ string, _ int, body string) bool {
		a, b, ok := halves(body)
		mu.Lock()
		defer mu.Unlock()
		if ok && last >= 0 && last != b {
			mixed++
		}
		last = a
		return ok
	}, func() { newPublishes().run(t, c, 10) })
	l.none(t)
	if mixed == 0 {
		t.Error("two calls saw one revision all the time: mixing would not be noticed")
	}
}
