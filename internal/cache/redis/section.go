package redis

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/redisconn"
)

const (
	// clusterSlots is how many slots the keys of a cluster are divided among.
	clusterSlots = 16384
	// clusterSections is how many circuit breakers a cluster has, each for as many
	// slots that follow each other: one node that is lost closes its part only.
	clusterSections = 16
)

// section is a part of the keys that is reachable or not as one, with its circuit
// breaker.
type section struct {
	store   *Store
	breaker *redisconn.Breaker
	// key is the one that was asked for in vain last: what probes ask for.
	key atomic.Pointer[string]
}

// addSections makes the store's sections.
func (s *Store) addSections() {
	n := 1
	if _, cluster := s.client.(*redis.ClusterClient); cluster {
		n = clusterSections
	}
	for range n {
		part := &section{store: s}
		// The breaker goes by the clock of the machine, as time-outs do.
		part.breaker = redisconn.NewBreaker(clock.System(), part.changed)
		s.sections = append(s.sections, part)
	}
}

// sectionOf returns the section of a key.
func (s *Store) sectionOf(name string) *section {
	if len(s.sections) == 1 {
		return s.sections[0]
	}
	return s.sections[slot(name)*len(s.sections)/clusterSlots]
}

// slot returns the slot of a key that has no braces: CRC-16 (XMODEM) of it.
func slot(name string) int {
	var crc uint16
	for i := range len(name) {
		crc ^= uint16(name[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc % clusterSlots)
}

// answered tells the breaker how a call went, and reports whether the server
// answered. A caller who gave up says nothing of the server.
func (p *section) answered(caller context.Context, name string, err error) bool {
	if err == nil {
		p.breaker.Leave(nil)
		return true
	}
	if caller.Err() != nil || errors.Is(err, redis.ErrClosed) {
		return false
	}
	p.key.Store(&name)
	p.breaker.Leave(err)
	return false
}

// changed begins to probe when the breaker opens. It is called by the breaker.
func (p *section) changed(open bool, cause error) {
	if !open {
		p.store.options.Log.Info("the external cache answers again")
		return
	}
	p.store.options.Log.Warn("the external cache does not answer: it is passed over until it does", slog.Any("error", cause))
	p.store.begin(p.probe)
}

// probe asks the server until it answers, so that no request has to try.
func (p *section) probe() {
	name := *p.key.Load() // It was put there before the breaker opened.
	for p.breaker.Open() {
		// Gateways that lost the server together do not come back together.
		spread := rand.Int64N(int64(redisconn.BreakerProbe / 4)) //nolint:gosec // It spreads load and protects nothing.
		pause := redisconn.BreakerProbe + time.Duration(spread)
		if clock.Sleep(p.store.stopped, clock.System(), pause) != nil {
			return
		}
		if p.breaker.Enter() != nil {
			continue
		}
		_, err := p.store.fetch(p.store.stopped, name)
		p.breaker.Leave(err)
	}
}
