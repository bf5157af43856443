package schedule

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
)

func TestWhen(t *testing.T) {
	for _, test := range []struct{ text, after, want string }{
		{"6h", "2026-11-23T12:00:00Z", "2026-11-23T18:00:00Z"},
		{" 90m ", "2026-11-23T12:00:00Z", "2026-11-23T13:30:00Z"},
		{"daily 02:00", "2026-11-23T12:00:00Z", "2026-11-24T02:00:00Z"},
		{"daily 02:00", "2026-11-23T01:59:59Z", "2026-11-23T02:00:00Z"},
		{"daily 02:00", "2026-11-23T02:00:00Z", "2026-11-24T02:00:00Z"},
		{"Daily 02:00", "2026-11-24T01:30:00+01:00", "2026-11-24T02:00:00Z"},
		{"weekly sunday 23:30", "2026-11-23T12:00:00Z", "2026-11-29T23:30:00Z"},
		{"weekly mon 11:00", "2026-11-23T12:00:00Z", "2026-11-30T11:00:00Z"},
		{"weekly mon 13:00", "2026-11-23T12:00:00Z", "2026-11-23T13:00:00Z"},
	} {
		w, err := ParseWhen(test.text)
		if err != nil {
			t.Fatal(err)
		}
		after, err := time.Parse(time.RFC3339, test.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Next(after).UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("%q after %s: %s, not %s", test.text, test.after, got, test.want)
		}
	}
	for _, text := range []string{"", "6", "1s", "-6h", "10000h", "daily", "daily 25:00", "weekly 02:00", "weekly xyz 02:00", "hourly 02:00", "daily 02:00 x"} {
		if w, err := ParseWhen(text); err == nil {
			t.Errorf("%q is %v", text, w)
		}
	}
}

// FuzzParseWhen wants the next time to be later, and what is printed to be read
// again.
func FuzzParseWhen(f *testing.F) {
	for _, text := range []string{"6h", "daily 02:00", "weekly sunday 02:00", "weekly s 1:1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := ParseWhen(text)
		if err != nil {
			return
		}
		if next := w.Next(start); !next.After(start) || next.Sub(start) > maxEvery {
			t.Errorf("%q: next is %v", text, next)
		}
		if again, err := ParseWhen(w.String()); err != nil || again.Next(start) != w.Next(start) {
			t.Errorf("%q is printed as %q: %v", text, w, err)
		}
	})
}

// running runs keepers until the test ends.
type running struct {
	s *site
	t *testing.T
}

func (r running) start(k *Keeper) (stop func()) {
	ctx, cancel := context.WithCancel(r.t.Context())
	var group sync.WaitGroup
	group.Go(func() { k.Run(ctx) })
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); group.Wait() }) }
	r.t.Cleanup(stop)
	return stop
}

// until lets time pass until something holds.
func (r running) until(what string, holds func() bool) {
	r.t.Helper()
	for range 100_000 {
		if holds() {
			return
		}
		r.s.clock.Advance(200 * time.Millisecond)
		time.Sleep(200 * time.Microsecond) // Others run meanwhile; nothing depends on how long.
	}
	r.t.Fatalf("%s: %s", what, r.s.log.b.String())
}

func TestKeeperGoesOnAfterARestart(t *testing.T) {
	s := newSite(t)
	r := running{s, t}
	s.write()
	k := New(s.o)
	stop := r.start(k)
	r.until("the first proof", func() bool { return k.Status().Proofs == 1 })
	last := s.write()
	r.until("shipped", func() bool { return k.Status().Shipping.Revision == last })
	unseen := s.write()
	stop() // What was not shipped is shipped at the end.
	if plan, err := s.catalog().Plan(backup.Point{}); err != nil || plan.Reaches != unseen {
		t.Errorf("after the end the backup reaches %d of %d, %v", plan.Reaches, unseen, err)
	}
	k = New(s.o)
	r.start(k)
	r.until("going on", func() bool { return k.Status().Shipping.Revision == unseen })
	if n := k.Status().Bases; n != 0 {
		t.Errorf("%d bases were taken at once", n)
	}
	s.clock.Advance(6 * time.Hour)
	r.until("the second base is proved", func() bool { return k.Status().Proofs == 1 })
	c := s.catalog()
	if len(c.Bases) != 2 || c.Bases[1].Proof == nil || c.Bases[1].Proof.Through != c.Bases[1].Note.Revision {
		t.Errorf("the bases are %+v", c.Bases)
	}
}

func TestOneOfTwoNodesWrites(t *testing.T) {
	s := newSite(t)
	r := running{s, t}
	s.o.Shared = true
	node := func(name string) *Keeper {
		o := s.o
		o.Holder = name
		return New(o)
	}
	one, other := node("one"), node("other")
	stop := r.start(one)
	r.until("one leads", func() bool { return one.Status().Proofs == 1 })
	r.start(other)
	for range 300 {
		s.clock.Advance(time.Second)
		time.Sleep(200 * time.Microsecond) // As in until.
	}
	if other.Status().Leader || !one.Status().Leader {
		t.Fatal("the other one leads too")
	}
	r.until("the other one knows of the proof", func() bool { return !other.Status().Proved.IsZero() })
	stop()
	last := s.write()
	r.until("the other one goes on", func() bool { return other.Status().Leader && other.Status().Shipping.Revision == last })
	if c := s.catalog(); len(c.Changes) != 1 || len(c.Bases) != 1 {
		t.Errorf("there are %+v", c)
	}
}

// TestLease tries the lease without time: who is gone loses it, who renews it
// does not.
func TestLease(t *testing.T) {
	s := newSite(t)
	one := &lease{place: s.o.Place, holder: "one", clock: s.clock}
	other := &lease{place: s.o.Place, holder: "other", clock: s.clock}
	turn := func(l *lease, want bool) {
		t.Helper()
		if err := l.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if l.holds() != want {
			t.Errorf("%s holds it: %v", l.holder, l.holds())
		}
	}
	turn(one, true)
	for range 10 {
		s.clock.Advance(leaseRenew)
		turn(one, true)
		turn(other, false)
	}
	s.clock.Advance(leaseFor)
	turn(other, true) // It was not renewed for as long as the other one looked.
	turn(one, false)
	turn(&lease{place: s.o.Place, holder: "other", clock: s.clock}, true) // After a restart.
	if err := other.release(t.Context()); err != nil {
		t.Fatal(err)
	}
	turn(one, true)
}

// TestPlaceThatCannotBeOpened opens the place at the third try.
func TestPlaceThatCannotBeOpened(t *testing.T) {
	s := newSite(t)
	r := running{s, t}
	tries, opened := 0, s.o.Options
	s.o.Place, s.o.Key = nil, nil
	s.o.Open = func(_ context.Context, to *ship.Options) error {
		if tries++; tries < 3 {
			return errors.New("the key management service does not answer")
		}
		*to = opened
		return nil
	}
	k := New(s.o)
	stop := r.start(k)
	r.until("the first proof", func() bool { return k.Status().Proofs == 1 })
	if n := k.Status().Failures; n != 2 {
		t.Errorf("%d failures", n)
	}
	stop()
	s.o.Place = opened.Place
}

// gone is a bucket that cannot be reached.
type gone struct{ *place.Memory }

// List fails.
func (gone) List(context.Context, string, func(place.Object) error) error {
	return errors.New("no route")
}

func TestPlaceThatIsGone(t *testing.T) {
	s := newSite(t)
	r := running{s, t}
	s.o.Place = place.New(gone{place.NewMemory(s.clock)}, "gone", s.clock)
	k := New(s.o)
	r.start(k)
	r.until("a few failures", func() bool { return k.Status().Failures >= 3 })
	if k.Status().Failure == nil || k.Check() != nil {
		t.Errorf("%+v, %v", k.Status(), k.Check())
	}
	s.clock.Advance(25 * time.Hour)
	if err := k.Check(); err == nil {
		t.Error("there is no alarm")
	}
}
