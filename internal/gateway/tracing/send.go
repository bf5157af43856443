package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// Times of sending.
const (
	// DeliverTimeout bounds one attempt.
	DeliverTimeout = 10 * time.Second
	// RetryFirst bounds the random time until the second attempt; the bound doubles
	// with each failure, up to RetryMost.
	RetryFirst = 500 * time.Millisecond
	RetryMost  = 10 * time.Second
	// SendPause is the rest after each trace, so that calls that are all traced are
	// no flood for the management plane.
	SendPause = 50 * time.Millisecond
)

// Deliver brings a trace, as docs/formats/feed.md has it, to the management plane.
// The error wraps ErrRefused where the plane will never take it.
type Deliver func(ctx context.Context, trace []byte) error

// ErrRefused is wrapped by the error for a trace that the management plane does not
// take, and would not take later either.
var ErrRefused = errors.New("the management plane does not take the trace")

// Shipping is what sending needs of the process.
type Shipping struct {
	// Instance is the id of the gateway's data folder.
	Instance string
	Deliver  Deliver
	// Random returns numbers from 0 up to 1.
	Random func() float64
	Log    *slog.Logger
}

// sender sends what waits.
type sender struct {
	cancel context.CancelFunc
	done   chan struct{}
	to     atomic.Pointer[Shipping]

	sent, failed, refused atomic.Uint64
}

// Ship sends traces from now on to where o says, until Close. It may be called
// again with another place, and does not wait.
func (t *Traces) Ship(o Shipping) {
	if t == nil {
		return
	}
	t.sender.to.Store(&o)
	t.shipping.Do(func() {
		ctx, cancel := context.WithCancel(context.Background())
		t.sender.cancel, t.sender.done = cancel, make(chan struct{})
		go func() {
			defer close(t.sender.done)
			t.sendAll(ctx)
		}()
	})
}

// Close ends sending. What waits still is lost, and counted so.
func (t *Traces) Close() {
	if t == nil {
		return
	}
	t.shipping.Do(func() {}) // From now on nothing begins.
	if t.sender.cancel != nil {
		t.sender.cancel()
		<-t.sender.done
	}
}

// sendAll sends what waits until ctx ends, one after the other.
func (t *Traces) sendAll(ctx context.Context) {
	bound := RetryFirst
	for ctx.Err() == nil {
		one := t.queue.first()
		if one == nil {
			select {
			case <-t.queue.more:
			case <-ctx.Done():
			}
			continue
		}
		rest, to := SendPause, t.sender.to.Load()
		err := t.send(ctx, to, one)
		switch {
		case err == nil:
			t.sender.sent.Add(1)
			t.queue.done(one)
			bound = RetryFirst
		case errors.Is(err, ErrRefused):
			t.sender.refused.Add(1)
			t.queue.done(one)
			to.Log.Warn("a trace was dropped", slog.String("trace", one.ID), slog.Any("error", err))
		default:
			t.sender.failed.Add(1)
			to.Log.Debug("a trace was not taken; it is sent again", slog.Any("error", err))
			rest = max(SendPause, time.Duration(to.Random()*float64(bound)))
			bound = min(2*bound, RetryMost)
		}
		_ = clock.Sleep(ctx, t.clock, rest) // Where ctx ends the loop does.
	}
}

// send sends one trace, once.
func (t *Traces) send(ctx context.Context, to *Shipping, one *Trace) error {
	body, err := one.encode(to.Instance)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	ctx, cancel := context.WithTimeout(ctx, DeliverTimeout)
	defer cancel()
	return to.Deliver(ctx, body)
}

// encode writes a trace as it is sent.
func (t *Trace) encode(instance string) ([]byte, error) {
	out := feed.Trace{
		Version: feed.TraceVersion, Instance: instance, ID: t.ID, Began: t.began.UTC(),
		Sections: make(map[string][]feed.TraceEntry, len(t.Sections)),
	}
	for section, list := range t.Sections {
		entries := make([]feed.TraceEntry, 0, len(list))
		for _, e := range list {
			data, err := json.Marshal(e.Data)
			if err != nil {
				return nil, fmt.Errorf("writing a trace: %w", err)
			}
			entries = append(entries, feed.TraceEntry{Source: e.Source, Timestamp: e.Timestamp, Elapsed: e.Elapsed, Data: data})
		}
		out.Sections[section] = entries
	}
	return feed.EncodeTrace(&out)
}

// Stats are what was done with traces.
type Stats struct {
	// Recorded are the calls that were traced. Sent traces were taken by the
	// management plane; Failed attempts were not, and are repeated; Dropped traces
	// were too many while others waited, or were refused.
	Recorded, Sent, Failed, Dropped uint64
	// Waiting is how many wait, and WaitingBytes their size, about.
	Waiting, WaitingBytes int
}

// Stats returns what was done until now.
func (t *Traces) Stats() Stats {
	s := Stats{
		Recorded: t.queue.recorded.Load(), Sent: t.sender.sent.Load(), Failed: t.sender.failed.Load(),
		Dropped: t.queue.dropped.Load() + t.sender.refused.Load(),
	}
	s.Waiting, s.WaitingBytes = t.queue.size()
	return s
}

// Count shows what is done with traces among the metrics.
func (t *Traces) Count(m *telemetry.Metrics) error {
	stat := func(read func(Stats) float64) func() float64 {
		return func() float64 { return read(t.Stats()) }
	}
	return errors.Join(
		m.CounterFunc("sallyport_traces_recorded_total", "Calls with a debug token that were recorded.",
			stat(func(s Stats) float64 { return float64(s.Recorded) })),
		m.CounterFunc("sallyport_traces_sent_total", "Traces that the management plane has taken.",
			stat(func(s Stats) float64 { return float64(s.Sent) })),
		m.CounterFunc("sallyport_traces_failed_total", "Attempts to send a trace that failed; they are repeated.",
			stat(func(s Stats) float64 { return float64(s.Failed) })),
		m.CounterFunc("sallyport_traces_dropped_total", "Traces that were dropped, because too many waited or the management plane refused them.",
			stat(func(s Stats) float64 { return float64(s.Dropped) })),
		m.GaugeFunc("sallyport_traces_waiting", "Traces that wait for the management plane.",
			stat(func(s Stats) float64 { return float64(s.Waiting) })),
	)
}
