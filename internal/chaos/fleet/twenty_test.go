package fleet

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// twenty is how many gateways follow, twentyLimit how soon a change is in effect
// on all of them. It is asserted in the long form: there each gateway compiles
// on the one machine where otherwise each has its own.
const (
	twenty      = 20
	twentyLimit = time.Second
)

// seen notes when each of several gateways has had each change.
type seen struct {
	mu   sync.Mutex
	list []*publishes
}

func (s *seen) saw(gateway, n int) {
	s.mu.Lock()
	p := s.list[gateway]
	s.mu.Unlock()
	p.saw(n)
}

// reset begins anew, with when changes begin in common.
func (s *seen) reset(count int) *publishes {
	s.mu.Lock()
	defer s.mu.Unlock()
	common := newPublishes()
	s.list = make([]*publishes, count)
	for i := range s.list {
		s.list[i] = &publishes{begun: common.begun, seen: map[int]time.Time{}}
	}
	return common
}

// all returns, for each change that all gateways have, how long that took.
func (s *seen) all(count int) (delays []time.Duration, missing int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := 1; n <= count; n++ {
		var slowest []time.Duration
		for _, p := range s.list {
			p.mu.Lock()
			at, ok := p.seen[n]
			p.mu.Unlock()
			if ok {
				slowest = append(slowest, at.Sub(s.list[0].begun[n]))
			}
		}
		if len(slowest) < len(s.list) {
			missing++
			continue
		}
		delays = append(delays, slices.Max(slowest))
	}
	return delays, missing
}

// TestR5_TwentyGateways makes changes while twenty gateways follow.
func TestR5_TwentyGateways(t *testing.T) {
	apis, count := size(50, 1000), size(10, 60)
	delays := twentyFollow(t, apis, count, size(publishEvery, time.Second), nil)
	if *long && at(delays, 99) > twentyLimit {
		t.Errorf("a change is in effect on %d gateways after %s (p99), more than %s", twenty, at(delays, 99), twentyLimit)
	}
	fmt.Printf("R5: a change is in effect on %d gateways after p50 %s, p99 %s (%s) at %d APIs and %d operations\n",
		twenty, at(delays, 50).Round(time.Millisecond), at(delays, 99).Round(time.Millisecond), twentyLimit, apis, apis*largeOperations)
}

// TestR5_TwentyGateways_NegativeControl has gateways that ask now and then, in the
// place of following.
func TestR5_TwentyGateways_NegativeControl(t *testing.T) {
	delays := twentyFollow(t, 1, 1, publishEvery, func(list []*follower) {
		for _, f := range list {
			f.close(t)
		}
		time.Sleep(twentyLimit + 200*time.Millisecond)
	})
	if at(delays, 99) < twentyLimit {
		t.Errorf("without following, a change was in effect after %s", at(delays, 99))
	}
}

// twentyFollow makes changes, and returns how long each took to be in effect on
// all. pause, where it is given, stops the gateways for a while when the only
// change begins.
func twentyFollow(t *testing.T, apis, count int, every time.Duration, pause func([]*follower)) []time.Duration {
	t.Helper()
	c := startLarge(t, apis)
	s := &seen{}
	s.reset(twenty)
	token := command(t, "gateway", "token", "managed", "--data", c.dir)
	list := startFollowers(t, "http://"+c.address, token, twenty, random, s.saw)
	for _, f := range list {
		eventually(t, "all follow", func() bool { return f.client.Status().Revision > 0 })
	}
	common := s.reset(twenty)
	begin := func(n int) {
		common.mu.Lock()
		common.begun[n] = time.Now()
		common.mu.Unlock()
	}
	if pause != nil {
		begin(1)
		pause(list)
		c.publish(t, 1)
		startFollowers(t, "http://"+c.address, token, twenty, random, s.saw)
	} else {
		for n := 1; n <= count; n++ {
			time.Sleep(every)
			begin(n)
			c.publish(t, n)
		}
	}
	eventually(t, "all have the last change", func() bool {
		_, missing := s.all(count)
		return missing == 0
	})
	delays, _ := s.all(count)
	return delays
}
