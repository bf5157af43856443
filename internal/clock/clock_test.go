package clock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestFakeFiresInOrderOfTime(t *testing.T) {
	f := clock.NewFake(start)
	var got []string
	note := func(name string) func() {
		return func() { got = append(got, name+" "+f.Since(start).String()) }
	}
	f.AfterFunc(3*time.Second, note("c"))
	f.AfterFunc(time.Second, note("a"))
	f.AfterFunc(time.Second, note("b"))
	stopped := f.AfterFunc(2*time.Second, note("never"))
	if !stopped.Stop() {
		t.Error("Stop of a waiting timer = false, want true")
	}
	if stopped.Stop() {
		t.Error("second Stop = true, want false")
	}
	f.Advance(2 * time.Second)
	f.Advance(2 * time.Second)
	want := []string{"a 1s", "b 1s", "c 3s"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("fired (-want +got):\n%s", d)
	}
	if got := f.Since(start); got != 4*time.Second {
		t.Errorf("Since = %v, want 4s", got)
	}
}

func TestFakeTimerResetLeavesNoStaleTime(t *testing.T) {
	f := clock.NewFake(start)
	tm := f.NewTimer(time.Second)
	f.Advance(time.Second)
	if tm.Reset(time.Minute) {
		t.Error("Reset of a fired timer = true, want false")
	}
	select {
	case got := <-tm.C():
		t.Fatalf("stale time %v left after Reset", got)
	default:
	}
	f.Advance(time.Minute)
	if got, want := <-tm.C(), start.Add(61*time.Second); !got.Equal(want) {
		t.Errorf("fired at %v, want %v", got, want)
	}
}

func TestFakeTickerDropsMissedTicks(t *testing.T) {
	f := clock.NewFake(start)
	tk := f.NewTicker(time.Second)
	f.Advance(3 * time.Second)
	if got, want := <-tk.C(), start.Add(time.Second); !got.Equal(want) {
		t.Errorf("tick %v, want the first, %v", got, want)
	}
	tk.Stop()
	f.Advance(time.Hour)
	select {
	case got := <-tk.C():
		t.Errorf("tick %v after Stop", got)
	default:
	}
}

func TestFakeSetBackFiresNothing(t *testing.T) {
	f := clock.NewFake(start)
	fired := false
	f.AfterFunc(time.Second, func() { fired = true })
	f.Set(start.Add(-time.Hour))
	if fired {
		t.Error("a step back fired a timer")
	}
	if got := f.Since(start); got != -time.Hour {
		t.Errorf("Since = %v, want -1h", got)
	}
}

func TestSleep(t *testing.T) {
	f := clock.NewFake(start)
	done := make(chan error, 1)
	go func() { done <- clock.Sleep(context.Background(), f, time.Minute) }()
	f.BlockUntil(1)
	f.Advance(time.Minute)
	if err := <-done; err != nil {
		t.Errorf("Sleep: %v", err)
	}

	cause := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() { done <- clock.Sleep(ctx, f, time.Minute) }()
	f.BlockUntil(1)
	cancel(cause)
	if err := <-done; !errors.Is(err, cause) {
		t.Errorf("Sleep = %v, want %v", err, cause)
	}
	if err := clock.Sleep(ctx, f, 0); !errors.Is(err, cause) {
		t.Errorf("Sleep after the end of ctx = %v, want %v", err, cause)
	}
}

func TestSystemIsMonotonic(t *testing.T) {
	c := clock.System()
	last := c.Now()
	for range 1000 {
		now := c.Now()
		if now.Before(last) {
			t.Fatalf("%v came after %v", now, last)
		}
		last = now
	}
	if c.Since(last) < 0 {
		t.Error("Since of a past time is negative")
	}
	tm := c.NewTimer(0)
	<-tm.C()
	ran := make(chan struct{})
	c.AfterFunc(0, func() { close(ran) })
	<-ran
	tk := c.NewTicker(time.Nanosecond)
	<-tk.C()
	tk.Stop()
}
