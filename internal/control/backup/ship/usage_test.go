package ship

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/usage"
	called "github.com/sallyport/sallyport/internal/telemetry/usage"
)

// calls lets a gateway send its next parcel.
func (s *site) calls(sequence uint64) {
	s.t.Helper()
	b := usage.New(usage.Options{Ledger: s.store.(store.Ledger), Clock: s.clock, Log: slog.New(slog.DiscardHandler)})
	p := &called.Parcel{Version: called.Version, Instance: "i", Boot: "b", Sequence: sequence}
	for i := range 3 {
		row := called.Row{Series: called.Series{API: fmt.Sprint("a", i)}, Minute: s.clock.Now().Truncate(time.Minute)}
		row.Totals.Success = 1
		p.Rows = append(p.Rows, row)
	}
	if err := b.Take(s.t.Context(), "/s", "g", p); err != nil {
		s.t.Fatal(err)
	}
}

// usageOf is the usage of a store.
func usageOf(t *testing.T, st store.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := st.View(context.Background(), func(r store.Reader) error {
		for _, part := range usage.Ranges() {
			for a, err := range store.EachAccount(r.(store.AccountReader), part.From, part.To) {
				if err != nil {
					return err
				}
				all[a.Key] = string(a.Value)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// restoredUsage is the usage that a restore of the place gives.
func (s *site) restoredUsage() map[string]string {
	s.t.Helper()
	c, err := catalog.Read(s.t.Context(), s.place)
	if err != nil {
		s.t.Fatal(err)
	}
	plan, err := c.Plan(backup.Point{})
	if err != nil {
		s.t.Fatal(err)
	}
	to := memory.New()
	defer func() { _ = to.Close() }()
	_, err = backup.Restore(s.t.Context(), plan.Archives(s.t.Context(), s.place, s.open, backup.Point{}),
		backup.Target{Store: to, Key: s.own, Clock: s.clock}, backup.RestoreOptions{By: audit.Entry{Actor: "test"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return usageOf(s.t, to)
}

// ending is a bucket that fails where end is set, which ends what writes to it.
type ending struct {
	*place.Memory
	end func()
}

// Put fails where it is to.
func (e *ending) Put(ctx context.Context, name string, fill func(io.Writer) error) error {
	if e.end != nil {
		e.end()
		return errGone
	}
	return e.Memory.Put(ctx, name, fill)
}

// TestUsageIsShipped ships usage when it is due and has changed, with changes or
// alone, after a restart too.
func TestUsageIsShipped(t *testing.T) {
	bucket := &ending{Memory: place.NewMemory(clock.System())}
	s := newSite(t, bucket)
	s.calls(1)
	s.write("a", "1")
	sh := New(s.o)
	s.base(sh)
	steps := []struct {
		name     string
		do       func()
		archives uint64
		current  bool // Whether all usage is in the place.
	}{
		{"nothing", func() { sh.dueUsage() }, 0, true},
		{"calls, not due", func() { s.calls(2) }, 0, false},
		{"due", func() { sh.dueUsage() }, 1, true},
		{"with a change that comes sooner", func() { s.calls(3); s.write("a", "2") }, 2, false},
		{"with a change", func() { s.calls(4); s.write("a", "3"); sh.dueUsage() }, 3, true},
		{"due, and nothing new", func() { sh.dueUsage() }, 3, true},
		{"after a restart", func() {
			s.calls(5)
			var ok bool
			if sh, ok = s.resume(); !ok {
				t.Fatal("it does not go on")
			}
			sh.dueUsage()
		}, 1, true},
		{"after a restart, and nothing new", func() { sh, _ = s.resume(); sh.dueUsage() }, 0, true},
		{"after a base", func() { s.calls(6); s.base(sh); s.calls(7); sh.dueUsage() }, 1, true},
		{"after a restart behind a base", func() { s.base(sh); sh, _ = s.resume(); s.calls(8); sh.dueUsage() }, 1, true},
	}
	for _, step := range steps {
		step.do()
		s.clock.Advance(time.Second)
		s.ship(sh)
		if got := sh.Status().Archives; got != step.archives {
			t.Errorf("%s: %d archives", step.name, got)
		}
		if got := maps.Equal(s.restoredUsage(), usageOf(t, s.store)); got != step.current {
			t.Errorf("%s: all of the usage is there: %v", step.name, got)
		}
	}
	ctx, end := context.WithCancel(t.Context())
	bucket.end = end
	s.calls(9)
	sh.dueUsage()
	if err := sh.ship(ctx); err == nil {
		t.Error("nothing failed")
	}
	bucket.end = nil
	s.ship(sh)
	if !maps.Equal(s.restoredUsage(), usageOf(t, s.store)) {
		t.Error("what could not be shipped was forgotten")
	}
}

// slow is a bucket that does something, once, before it takes what is written.
type slow struct {
	*place.Memory
	during func()
}

// Put writes, late.
func (b *slow) Put(ctx context.Context, name string, fill func(io.Writer) error) error {
	if during := b.during; during != nil {
		b.during = nil
		during()
	}
	return b.Memory.Put(ctx, name, fill)
}

// TestUsageComesDueDuringAWrite has calls counted, and usage come due, while an
// earlier view of it is being written: they are shipped at once behind that, and
// not when usage comes due the next time. A write that fails leaves it due.
func TestUsageComesDueDuringAWrite(t *testing.T) {
	for _, fails := range []bool{false, true} {
		t.Run(fmt.Sprintf("the write fails: %v", fails), func(t *testing.T) {
			bucket := &slow{Memory: place.NewMemory(clock.System())}
			s := newSite(t, bucket)
			s.place = place.New(bucket, "test", clock.System()) // It gives up a write in which nothing moves.
			s.o.Place = s.place
			s.write("a", "1")
			sh := New(s.o)
			s.base(sh)
			ctx, stop := context.WithCancel(t.Context())
			var counting sync.WaitGroup
			counting.Go(func() { sh.countUsage(ctx) })
			defer counting.Wait()
			defer stop()
			s.calls(1)
			sh.dueUsage()
			writing, give := context.WithCancel(t.Context())
			defer give()
			bucket.during = func() {
				s.calls(2)
				s.clock.BlockUntil(1)
				s.clock.Advance(usageEvery)
				s.clock.BlockUntil(1) // It has said so, and sleeps again.
				if fails {
					give()
				}
			}
			if err := sh.ship(writing); (err != nil) != fails {
				t.Fatalf("shipping: %v", err)
			}
			if maps.Equal(s.restoredUsage(), usageOf(t, s.store)) {
				t.Fatal("the calls were not counted during the write")
			}
			select {
			case <-sh.dirty:
			default:
				t.Error("nothing makes Run look again")
			}
			s.ship(sh)
			if !maps.Equal(s.restoredUsage(), usageOf(t, s.store)) {
				t.Error("calls that were counted during the write wait until usage comes due again")
			}
		})
	}
}

// TestUsageIsSeen runs a shipper while calls are counted: usage is in the place
// within usageEvery, and at the end all of it is.
func TestUsageIsSeen(t *testing.T) {
	s := newSite(t, place.NewMemory(clock.System()))
	s.write("a", "1")
	sh := New(s.o)
	s.base(sh)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := sh.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	s.calls(1)
	began := s.clock.Now()
	for range 100_000 {
		if sh.Status().Archives == 1 {
			break
		}
		s.clock.Advance(time.Second)
		time.Sleep(100 * time.Microsecond) // Others run meanwhile; nothing depends on how long.
	}
	if took := s.clock.Since(began); sh.Status().Archives != 1 || took > 2*usageEvery {
		t.Errorf("%d archives after %v", sh.Status().Archives, took)
	}
	s.calls(2)
	stop()
	running.Wait()
	if !maps.Equal(s.restoredUsage(), usageOf(t, s.store)) {
		t.Error("what was counted last is not there")
	}
}

// TestUsageOfAnOlderCopy finds out that the store has counted less than before: a
// new chain begins.
func TestUsageOfAnOlderCopy(t *testing.T) {
	s := newSite(t, place.NewMemory(clock.System()))
	s.write("a", "1")
	s.calls(1)
	sh := New(s.o)
	s.base(sh)
	copied := s.copied() // It has no usage.
	sh.o.Source.Store = copied
	sh.dueUsage()
	if err := sh.ship(t.Context()); err == nil || sh.Status().Failure == nil {
		t.Errorf("the error is %v", err)
	}
}
