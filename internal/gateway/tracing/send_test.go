package tracing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// plane is a management plane that may be away.
type plane struct {
	t  *testing.T
	mu sync.Mutex
	// fails is what attempts end with.
	fails error
	came  chan string
}

func newPlane(t *testing.T, traces *Traces) *plane {
	t.Helper()
	p := &plane{t: t, came: make(chan string, 10*MaxWaiting)}
	traces.Ship(Shipping{Instance: "i", Deliver: p.deliver, Random: func() float64 { return 1 }, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(traces.Close)
	return p
}

func (p *plane) deliver(_ context.Context, body []byte) error {
	trace, err := feed.DecodeTrace(bytes.NewReader(body))
	if err != nil {
		p.t.Error(err)
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails != nil {
		return p.fails
	}
	p.came <- trace.ID
	return nil
}

// becomes changes what attempts end with.
func (p *plane) becomes(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails = err
}

// nothing records a call in which nothing happens.
func nothing(t *testing.T, traces *Traces, id string) {
	t.Helper()
	record(t, traces, id, nil, func(*policy.Call) error { return nil })
}

// TestShip sends traces in their order, with a rest after each.
func TestShip(t *testing.T) {
	fake := clock.NewFake(start)
	traces := New(fake)
	p := newPlane(t, traces)
	for i := range 3 {
		nothing(t, traces, fmt.Sprint(i))
	}
	for i := range 3 {
		if got := <-p.came; got != fmt.Sprint(i) {
			t.Errorf("%s came, want %d", got, i)
		}
		fake.BlockUntil(1)
		fake.Advance(SendPause)
	}
	traces.Close()
	if got := traces.Stats(); got != (Stats{Recorded: 3, Sent: 3}) {
		t.Errorf("%+v", got)
	}
}

// TestShip_Away goes on recording while the management plane is away: the newest
// traces wait, up to the limits, and are sent when it is back. Attempts rest longer
// and longer.
func TestShip_Away(t *testing.T) {
	fake := clock.NewFake(start)
	traces := New(fake)
	p := newPlane(t, traces)
	p.becomes(errors.New("away"))
	nothing(t, traces, "0")
	fake.BlockUntil(1) // The first attempt has failed.
	for i := range MaxWaiting + 10 {
		nothing(t, traces, fmt.Sprint(i+1))
	}
	if got := traces.Stats(); got.Waiting != MaxWaiting || got.Dropped != 11 || got.Recorded != MaxWaiting+11 {
		t.Errorf("%+v", got)
	}
	for _, rest := range []time.Duration{RetryFirst, 2 * RetryFirst, 4 * RetryFirst, 8 * RetryFirst, 16 * RetryFirst, RetryMost, RetryMost} {
		before := traces.Stats().Failed
		fake.Advance(rest - 1)
		if got := traces.Stats().Failed; got != before {
			t.Errorf("tried again before %s", rest)
		}
		fake.Advance(1)
		fake.BlockUntil(1)
		for traces.Stats().Failed == before {
			fake.BlockUntil(1)
		}
		fake.BlockUntil(1)
	}
	p.becomes(nil)
	fake.Advance(RetryMost)
	for i := range MaxWaiting {
		if got := <-p.came; got != fmt.Sprint(i+11) {
			t.Fatalf("%s came, want %d", got, i+11)
		}
		fake.BlockUntil(1)
		fake.Advance(SendPause)
	}
	traces.Close()
	if got := traces.Stats(); got.Sent != MaxWaiting || got.Waiting != 0 || got.WaitingBytes != 0 {
		t.Errorf("%+v", got)
	}
}

// TestShip_Refused drops a trace that the management plane refuses, and goes on.
func TestShip_Refused(t *testing.T) {
	fake := clock.NewFake(start)
	traces := New(fake)
	p := newPlane(t, traces)
	p.becomes(fmt.Errorf("%w: too large", ErrRefused))
	nothing(t, traces, "0")
	fake.BlockUntil(1)
	p.becomes(nil)
	nothing(t, traces, "1")
	fake.Advance(SendPause)
	if got := <-p.came; got != "1" {
		t.Errorf("%s came", got)
	}
	if got := traces.Stats(); got.Dropped != 1 || got.Failed != 0 {
		t.Errorf("%+v", got)
	}
}

// TestWaitingBytes bounds what waits in bytes as well: nothing is sent here.
func TestWaitingBytes(t *testing.T) {
	traces := New(clock.NewFake(start))
	for i := range 60 {
		record(t, traces, fmt.Sprint(i), nil, func(c *policy.Call) error {
			for range 60 {
				c.Expr.Trace(strings.Repeat("x", maxMessage))
			}
			return nil
		})
	}
	got := traces.Stats()
	if got.WaitingBytes > MaxWaitingBytes || got.Waiting < 20 || got.Waiting+int(got.Dropped) != 60 {
		t.Errorf("%+v", got)
	}
	if _, ok := find(traces, "59"); !ok {
		t.Error("the newest was dropped")
	}
	traces.Close()
	traces.Close()
}

// TestKnow uses the keys of the feed, as they are at the moment.
func TestKnow(t *testing.T) {
	traces := New(clock.NewFake(start))
	begins := func(key string) bool { return traces.Begin(newCall(sign(key, "echo", start.Add(time.Hour)))) != nil }
	if begins("a") {
		t.Error("a gateway without keys records")
	}
	traces.Know([]string{"a", "b"})
	if !begins("a") || !begins("b") || begins("c") {
		t.Error("other tokens are good than those of the keys")
	}
	traces.Know([]string{"c", "b"})
	if begins("a") || !begins("b") || !begins("c") {
		t.Error("other tokens are good than those of the new keys")
	}
	traces.Know(nil)
	if begins("b") {
		t.Error("a token is good without keys")
	}
}

// TestCount has the metrics.
func TestCount(t *testing.T) {
	m, err := telemetry.NewMetrics(clock.System())
	if err != nil {
		t.Fatal(err)
	}
	if err := New(clock.System()).Count(m); err != nil {
		t.Error(err)
	}
}
