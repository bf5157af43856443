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
	if n := q.put([]byte("late\n")); n != 0 {
		t.Errorf("a record was taken, of %d", n)
	}
	n := 1
	if q.Offer(&n) {
		t.Error("a record was taken")
	}
	if got, want := q.Stats(), (QueueStats{Offered: 1, Dropped: 1}); got != want {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
}
