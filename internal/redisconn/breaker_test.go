package redisconn_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/redisconn"
)

var errLost = errors.New("lost")

// script is a breaker over a server that a test switches off and on.
type script struct {
	clock   *clock.Fake
	breaker *redisconn.Breaker
	down    bool
	calls   int
	changes []bool
}

func newScript() *script {
	s := &script{clock: clock.NewFake(time.Unix(0, 0))}
	s.breaker = redisconn.NewBreaker(s.clock, func(open bool, _ error) { s.changes = append(s.changes, open) })
	return s
}

// call makes a call, which takes a while, and returns its error.
func (s *script) call(takes time.Duration) error {
	return s.breaker.Do(func() error {
		s.calls++
		s.clock.Advance(takes)
		if s.down {
			return errLost
		}
		return nil
	})
}

func TestBreakerOpensWithinASecond(t *testing.T) {
	for _, tt := range []struct {
		name        string
		takes, rest time.Duration
	}{
		{"calls are refused at once", 0, time.Millisecond},
		{"calls are refused, seldom", 0, 400 * time.Millisecond},
		{"calls are not answered", redisconn.DefaultCallTimeout, 50 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript()
			if err := s.call(tt.takes); err != nil {
				t.Fatal(err)
			}
			s.down = true
			began := s.clock.Now()
			for !s.breaker.Open() {
				if err := s.call(tt.takes); !errors.Is(err, errLost) {
					t.Fatal(err)
				}
				s.clock.Advance(tt.rest)
			}
			if took := s.clock.Since(began); took > time.Second+tt.rest {
				t.Errorf("open after %v, limit 1 s", took)
			}
			if err := s.call(0); !errors.Is(err, redisconn.ErrOpen) || !errors.Is(err, errLost) {
				t.Errorf("err = %v, want ErrOpen with its cause", err)
			}
		})
	}
}

func TestBreakerProbesAndCloses(t *testing.T) {
	s := newScript()
	s.down = true
	for range redisconn.BreakerFailures {
		_ = s.call(0)
	}
	before := s.calls
	for range 100 {
		s.clock.Advance(redisconn.BreakerProbe / 10)
		_ = s.call(0)
	}
	if probes := s.calls - before; probes != 10 {
		t.Errorf("%d calls in ten probe intervals, want 10", probes)
	}
	s.down = false
	s.clock.Advance(redisconn.BreakerProbe)
	if err := s.call(0); err != nil || s.breaker.Open() {
		t.Fatalf("after a good probe: %v, open %v", err, s.breaker.Open())
	}
	s.down = true
	_ = s.call(0)
	if !s.breaker.Open() {
		t.Error("a server that fails just after its return is not left at once")
	}
	s.down = false
	s.clock.Advance(redisconn.BreakerProbe)
	_ = s.call(0)
	s.clock.Advance(redisconn.BreakerProbation)
	s.down = true
	if _ = s.call(0); s.breaker.Open() {
		t.Error("one failure of a server that was well for long opens the breaker")
	}
	if want := []bool{true, false, true, false}; len(s.changes) != len(want) {
		t.Errorf("changes = %v, want %v", s.changes, want)
	}
}
