package telemetry

import (
	"io"
	"testing"
)

// A record that reaches the queue after the goroutine has looked into it for
// the last time must not be pending for ever.
func TestQueueCountsWhatComesTooLate(t *testing.T) {
	q := NewQueue("q", io.Discard, func(dst []byte, _ *int) []byte { return dst }, QueueOptions{})
	if err := q.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := 1
	q.offered.Add(1)
	q.put(&n)
	if got, want := q.Stats(), (QueueStats{Offered: 1, Dropped: 1}); got != want {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
}
