package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// blockedSink is a sink whose writes hang until it is released. A write from
// within a request, which would hold the request up, is noted instead.
type blockedSink struct {
	entered  chan struct{} // Closed at the first write.
	release  chan struct{}
	once     sync.Once
	held     atomic.Int64 // Requests that came to write.
	received atomic.Int64 // Lines.
}

func newBlockedSink() *blockedSink {
	return &blockedSink{entered: make(chan struct{}), release: make(chan struct{})}
}

func (s *blockedSink) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.entered) })
	if calledFrom("telemetry_test.serve") {
		s.held.Add(1)
	} else {
		<-s.release
	}
	s.received.Add(int64(bytes.Count(p, []byte("\n"))))
	return len(p), nil
}

func calledFrom(function string) bool {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, function) {
			return true
		}
		if !more {
			return false
		}
	}
}

// serve stands for requests, of which each is recorded when it is finished.
func serve(n int, finished func(*telemetry.Record)) {
	for i := range n {
		finished(&telemetry.Record{Status: 200, BytesIn: int64(i)})
	}
}

const blockedRequests = 100_000

// blockedOutcome is what R21 is judged by.
type blockedOutcome struct {
	held, offered, delivered, dropped int64
}

func (o blockedOutcome) broken() bool {
	return o.held != 0 || o.dropped != o.offered-o.delivered || o.dropped == 0
}

func (o blockedOutcome) String() string {
	return fmt.Sprintf("R21: %d requests with a blocked sink: %d held up (0), %d dropped (offered - delivered = %d)",
		o.offered, o.held, o.dropped, o.offered-o.delivered)
}

func TestR21_BlockedSinkHasNoEffectOnRequests(t *testing.T) {
	s := newBlockedSink()
	log := telemetry.NewAccessLog(s, telemetry.FormatJSON, telemetry.QueueOptions{})
	r := telemetry.NewRecorder(nil, log)
	serve(1, r.Finished)
	<-s.entered
	serve(blockedRequests-1, r.Finished)
	held := s.held.Load()
	if st := log.Stats(); st.Offered != blockedRequests || st.Delivered != 0 || st.Pending+st.Dropped != st.Offered {
		t.Errorf("while blocked: %+v", st)
	}
	close(s.release)
	if err := log.Close(t.Context()); err != nil {
		t.Error(err)
	}
	o := blockedOutcome{held, blockedRequests, s.received.Load(), log.Stats().Dropped}
	if o.broken() {
		t.Error("the promise does not hold")
	}
	fmt.Println(o)
}

func TestR21_BlockedSinkHasNoEffectOnRequests_NegativeControl(t *testing.T) {
	t.Run("written within the request", func(t *testing.T) {
		s := newBlockedSink()
		var failed int64
		serve(blockedRequests, func(*telemetry.Record) {
			if _, err := s.Write([]byte("line\n")); err != nil {
				failed++
			}
		})
		o := blockedOutcome{s.held.Load(), blockedRequests, s.received.Load(), failed}
		if !o.broken() || o.held == 0 {
			t.Errorf("not found: %v", o)
		}
	})
	t.Run("dropped without being counted", func(t *testing.T) {
		s := newBlockedSink()
		log := telemetry.NewAccessLog(s, telemetry.FormatJSON, telemetry.QueueOptions{})
		i := 0
		serve(blockedRequests, func(r *telemetry.Record) {
			if i++; i%10 != 0 {
				log.Offer(r)
			}
		})
		close(s.release)
		if err := log.Close(t.Context()); err != nil {
			t.Error(err)
		}
		o := blockedOutcome{s.held.Load(), blockedRequests, s.received.Load(), log.Stats().Dropped}
		if !o.broken() {
			t.Errorf("not found: %v", o)
		}
	})
}

func appendNumber(dst []byte, n *int) []byte { return fmt.Appendf(dst, "%d\n", *n) }

func TestQueueGathersThenWrites(t *testing.T) {
	c := clock.NewFake(time.Unix(0, 0))
	out := make(chan string, 10)
	q := telemetry.NewQueue("q", writerFunc(func(p []byte) (int, error) {
		out <- string(p)
		return len(p), nil
	}), appendNumber, telemetry.QueueOptions{Clock: c, Records: 8})
	offer := func(ns ...int) {
		for _, n := range ns {
			if !q.Offer(&n) {
				t.Fatalf("no room for %d", n)
			}
		}
	}
	for _, n := range []int{1, 2} { // The queue is woken each time.
		offer(n, 10*n)
		c.BlockUntil(1)
		c.Advance(telemetry.DefaultFlushInterval)
		if got, want := <-out, fmt.Sprintf("%d\n%d0\n", n, n); got != want {
			t.Errorf("written after the interval: %q, want %q", got, want)
		}
	}
	offer(3, 4, 5, 6) // Half full: nobody waits for the clock.
	var got string
	for got != "3\n4\n5\n6\n" {
		got += <-out
		if len(got) > 8 {
			t.Fatalf("written when half full: %q", got)
		}
	}
	offer(7)
	if err := q.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := <-out; got != "7\n" {
		t.Errorf("written at the end: %q", got)
	}
	n := 8
	if q.Offer(&n) {
		t.Error("a closed queue took a record")
	}
	want := telemetry.QueueStats{Offered: 10, Delivered: 9, Dropped: 1}
	if d := cmp.Diff(want, q.Stats()); d != "" {
		t.Errorf("Stats (-want +got):\n%s", d)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestQueueCountsWhatAFailedWriteLost(t *testing.T) {
	q := telemetry.NewQueue("q", writerFunc(func([]byte) (int, error) {
		return 5, io.ErrShortWrite // Two records of two bytes, and half of one.
	}), appendNumber, telemetry.QueueOptions{Clock: clock.NewFake(time.Unix(0, 0))})
	for n := range 7 {
		q.Offer(&n)
	}
	if err := q.Close(t.Context()); err != nil {
		t.Error(err)
	}
	want := telemetry.QueueStats{Offered: 7, Delivered: 2, Dropped: 5}
	if d := cmp.Diff(want, q.Stats()); d != "" {
		t.Errorf("Stats (-want +got):\n%s", d)
	}
}

func TestQueueCloseIsBounded(t *testing.T) {
	s := newBlockedSink()
	q := telemetry.NewQueue("access-log", s, appendNumber, telemetry.QueueOptions{Flush: -1, Records: 8})
	n := 1
	q.Offer(&n)
	<-s.entered
	for range 10 {
		q.Offer(&n)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("time is up")
	cancel(cause)
	if err := q.Close(ctx); !errors.Is(err, cause) || !strings.Contains(err.Error(), `"access-log"`) {
		t.Errorf("Close = %v, want the queue's name and %v", err, cause)
	}
	st := q.Stats()
	if st.Pending < 1 || st.Delivered != 0 || st.Dropped+st.Pending != 11 {
		t.Errorf("with a hanging write: %+v", st)
	}
	close(s.release)
	if err := q.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if st := q.Stats(); st.Pending != 0 || st.Delivered != s.received.Load() || st.Offered != 11 {
		t.Errorf("after the write returned: %+v, %d received", st, s.received.Load())
	}
}

func TestQueueLosesNoCountWhenClosedInUse(t *testing.T) {
	const rounds, workers, records = 200, 4, 50
	for round := range rounds {
		var received atomic.Int64
		q := telemetry.NewQueue("q", writerFunc(func(p []byte) (int, error) {
			received.Add(int64(bytes.Count(p, []byte("\n"))))
			return len(p), nil
		}), appendNumber, telemetry.QueueOptions{Records: 64, Flush: -1})
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for n := range records {
					q.Offer(&n)
				}
			})
		}
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
		wg.Wait()
		const offered = workers * records
		want := telemetry.QueueStats{Offered: offered, Delivered: received.Load(), Dropped: offered - received.Load()}
		if d := cmp.Diff(want, q.Stats()); d != "" {
			t.Fatalf("round %d: Stats (-want +got):\n%s", round, d)
		}
	}
}
