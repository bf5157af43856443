package cache_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/clock"
)

var start = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

func newFlights() (*cache.Flights, *clock.Fake) {
	c := clock.NewFake(start)
	return cache.NewFlights(cache.FlightOptions{Clock: c}), c
}

// join joins and fails the test where the caller is not what leads says.
func join(t *testing.T, f *cache.Flights, key string, leads bool) *cache.Flight {
	t.Helper()
	flight, got := f.Join(key)
	if flight == nil || got != leads {
		t.Fatalf("Join(%q) = %v, %v; want a flight and %v", key, flight, got, leads)
	}
	return flight
}

// waits starts a wait and returns its result; it has begun when waits returns.
func waits(ctx context.Context, c *clock.Fake, flight *cache.Flight) <-chan bool {
	result := make(chan bool, 1)
	go func() { result <- flight.Wait(ctx) }()
	c.BlockUntil(1)
	return result
}

func TestFlightsReleaseAtEveryEnd(t *testing.T) {
	for _, tt := range []struct {
		name string
		how  cache.Outcome
		next bool // whether there is something to wait for afterwards
	}{
		{"stored", cache.Stored, true},
		{"failed", cache.Failed, true},
		{"unstorable", cache.Unstorable, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, c := newFlights()
			leader := join(t, f, "k", true)
			result := waits(t.Context(), c, join(t, f, "k", false))
			join(t, f, "other", true).End(cache.Stored)
			leader.End(tt.how)
			leader.End(cache.Unstorable) // Only the first end counts.
			if !<-result {
				t.Error("the wait was in vain")
			}
			if next, leads := f.Join("k"); (next != nil) != tt.next || leads != tt.next {
				t.Errorf("afterwards Join = %v, %v; want %v", next, leads, tt.next)
			}
			c.Advance(cache.PassFor)
			if _, leads := f.Join("k"); leads == tt.next {
				t.Errorf("after PassFor Join leads = %v", leads)
			}
		})
	}
}

func TestFlightsWaitIsBounded(t *testing.T) {
	f, c := newFlights()
	leader := join(t, f, "k", true)
	first := waits(t.Context(), c, join(t, f, "k", false))
	c.Advance(cache.DefaultFlightWait)
	if <-first {
		t.Error("the flight was over")
	}
	if again, _ := f.Join("k"); again != nil {
		t.Error("one who comes later waits again for what has taken too long")
	}
	leader.End(cache.Stored) // It is late, and harms nothing.
	if s := f.Stats(); s.Flying != 0 || s.Overdue != 1 || s.Waited != 1 || s.Led != 1 {
		t.Errorf("Stats = %+v", s)
	}
}

func TestFlightsWaitEndsWithItsRequest(t *testing.T) {
	f, c := newFlights()
	join(t, f, "k", true)
	ctx, cancel := context.WithCancel(t.Context())
	result := waits(ctx, c, join(t, f, "k", false))
	cancel()
	if <-result {
		t.Error("the flight was over")
	}
	join(t, f, "k", false) // The others still wait for the leader.
}

func TestFlightsAreBounded(t *testing.T) {
	f, _ := newFlights()
	for i := range cache.MaxFlights {
		join(t, f, strconv.Itoa(i), true)
	}
	if flight, leads := f.Join("one more"); flight != nil || leads {
		t.Error("there are more flights than MaxFlights")
	}
	var none *cache.Flights
	if flight, leads := none.Join("k"); flight != nil || leads {
		t.Error("without flights there is one")
	}
	none.Stats()
	(*cache.Flight)(nil).End(cache.Stored)
}

func TestFlightsTogether(t *testing.T) {
	f := cache.NewFlights(cache.FlightOptions{})
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for i := range 500 {
				flight, leads := f.Join(strconv.Itoa(i % 7))
				switch {
				case leads:
					flight.End(cache.Outcome(i % 2))
				case flight != nil:
					flight.Wait(t.Context())
				}
			}
		})
	}
	wait.Wait()
	if s := f.Stats(); s.Flying != 0 || s.Overdue != 0 {
		t.Errorf("Stats = %+v", s)
	}
}

func TestExternalChooses(t *testing.T) {
	own, outside := cache.None[cache.Value]{}, cache.Values(&marked{})
	var x cache.External
	internal := cache.Pair{Values: own}
	for _, tt := range []struct {
		word  string
		empty cache.Values // with no external cache
		full  cache.Values // with one
	}{
		{"internal", own, own},
		{"external", nil, outside},
		{"prefer-external", own, outside},
	} {
		x.Use(nil)
		kind := cache.ParseType(tt.word)
		if got := x.Choose(kind, internal).Values; got != tt.empty {
			t.Errorf("%s without an external cache: %v", tt.word, got)
		}
		x.Use(&cache.Pair{Values: outside})
		if got := x.Choose(kind, internal).Values; got != tt.full {
			t.Errorf("%s with an external cache: %v", tt.word, got)
		}
		if cache.TypeNames()[kind] != tt.word {
			t.Errorf("%s is not the word of its type", tt.word)
		}
	}
}

type marked struct{ cache.None[cache.Value] }
