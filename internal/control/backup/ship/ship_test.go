package ship

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/counter"
)

// site is an installation that is backed up to a place.
type site struct {
	t     *testing.T
	clock *clock.Fake
	store store.Store
	keys  *secret.Keyring
	own   secret.KeyEncrypter
	place *place.Place
	open  *archive.Opener
	o     Options
}

func newSite(t *testing.T, bucket place.Bucket) *site {
	t.Helper()
	s := &site{t: t, clock: clock.NewFake(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)), store: memory.New()}
	var err error
	if s.own, err = secret.OpenKey("file://"+filepath.Join(t.TempDir(), "key"), true); err != nil {
		t.Fatal(err)
	}
	theirs, err := secret.OpenKey("file://"+filepath.Join(t.TempDir(), "backup.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	if s.keys, err = secret.OpenKeyring(t.Context(), s.store, s.own, s.clock); err != nil {
		t.Fatal(err)
	}
	key, err := archive.NewKey(t.Context(), theirs)
	if err != nil {
		t.Fatal(err)
	}
	s.place, s.open = place.New(bucket, "test", s.clock), archive.NewOpener(theirs)
	s.o = Options{
		Source: backup.Source{Store: s.store, Keys: s.keys, Clock: s.clock}, Place: s.place, Key: key, Keys: s.open,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Clock: s.clock,
	}
	return s
}

// write writes a record, a second after the one before.
func (s *site) write(name, value string) store.Revision {
	s.t.Helper()
	s.clock.Advance(time.Second)
	return write(s.t, s.store, s.clock, name, value)
}

func write(t *testing.T, st store.Store, c clock.Clock, name, value string) store.Revision {
	t.Helper()
	revision, err := st.Update(t.Context(), func(tx store.Tx) error {
		if err := tx.Put(store.Key("things/"+name), "/things/"+name, []byte(value)); err != nil {
			return err
		}
		return audit.Append(tx, audit.Entry{Time: c.Now(), Actor: "test", Action: "write", Resource: "/things/" + name, Outcome: audit.Succeeded})
	})
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

// restored is what a restore of the place gives: the things by their names.
func (s *site) restored(until backup.Point) (map[string]string, backup.Report) {
	s.t.Helper()
	c, err := catalog.Read(s.t.Context(), s.place)
	if err != nil {
		s.t.Fatal(err)
	}
	plan, err := c.Plan(until)
	if err != nil {
		s.t.Fatal(err)
	}
	if plan.Gap != 0 {
		s.t.Fatalf("there is a gap before %d", plan.Gap)
	}
	to := memory.New()
	defer func() { _ = to.Close() }()
	report, err := backup.Restore(s.t.Context(), plan.Archives(s.t.Context(), s.place, s.open, until),
		backup.Target{Store: to, Key: s.own, Clock: s.clock}, backup.RestoreOptions{By: audit.Entry{Actor: "test"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return things(s.t, to), report
}

func things(t *testing.T, st store.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := st.View(context.Background(), func(r store.Reader) error {
		for record, err := range r.Tree("things") {
			if err != nil {
				return err
			}
			all[record.Key.Name()] = string(record.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (s *site) base(sh *Shipper) {
	s.t.Helper()
	if _, err := sh.Base(s.t.Context(), nil); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) ship(sh *Shipper) {
	s.t.Helper()
	if err := sh.ship(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// resume is a new process that goes on.
func (s *site) resume() (*Shipper, bool) {
	s.t.Helper()
	c, err := catalog.Read(s.t.Context(), s.place)
	if err != nil {
		s.t.Fatal(err)
	}
	sh := New(s.o)
	ok, err := sh.Resume(s.t.Context(), c)
	if err != nil {
		s.t.Fatal(err)
	}
	return sh, ok
}

func TestChangesFollowTheBase(t *testing.T) {
	s := newSite(t, place.NewMemory(clock.System()))
	s.write("a", "1")
	sh := New(s.o)
	s.base(sh)
	s.ship(sh)
	if n := sh.Status().Archives; n != 0 {
		t.Errorf("%d archives of no changes", n)
	}
	var points []time.Time
	for i := range 5 {
		s.write("a", fmt.Sprint(i))
		s.write(fmt.Sprint("b", i), "x")
		points = append(points, s.clock.Now())
		s.ship(sh)
	}
	got, report := s.restored(backup.Point{})
	if diff := cmp.Diff(things(t, s.store), got); diff != "" {
		t.Errorf("the end: %s", diff)
	}
	if report.Archives != 6 {
		t.Errorf("%d archives were read", report.Archives)
	}
	for i, at := range points {
		got, _ := s.restored(backup.Point{Time: at})
		if got["a"] != fmt.Sprint(i) || len(got) != i+2 {
			t.Errorf("at point %d there is %v", i, got)
		}
		got, _ = s.restored(backup.Point{Time: at.Add(-time.Second)})
		if got["a"] != fmt.Sprint(i) || len(got) != i+1 {
			t.Errorf("a second before point %d there is %v", i, got)
		}
	}
}

func TestResume(t *testing.T) {
	s := newSite(t, place.NewMemory(clock.System()))
	s.write("a", "1")
	sh := New(s.o)
	s.base(sh)
	if sh, ok := s.resume(); !ok || sh.Status().Revision == 0 {
		t.Fatalf("it does not go on after the base: %+v", sh.Status())
	}
	s.write("a", "2")
	s.ship(sh)
	s.write("a", "3") // Not shipped: the process is gone.
	sh, ok := s.resume()
	if !ok {
		t.Fatal("it does not go on")
	}
	s.ship(sh)
	s.base(sh)
	s.write("a", "4")
	s.ship(sh)
	if sh, ok = s.resume(); !ok {
		t.Fatal("it does not go on after the second base")
	}
	s.write("a", "5")
	s.ship(sh)
	if got, _ := s.restored(backup.Point{}); got["a"] != "5" {
		t.Errorf("there is %v", got)
	}
	c, err := catalog.Read(t.Context(), s.place)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Bases) != 2 || len(c.Changes) != 1 || c.Bases[0].Chain != c.Bases[1].Chain {
		t.Errorf("there are %+v", c)
	}
	if plan := c.Follow(c.Bases[0]); len(plan.Changes) != 4 || plan.Reaches != c.Follow(c.Bases[1]).Reaches {
		t.Errorf("from the first base: %+v", plan)
	}
}

// TestAnotherHistory puts an older copy of the store back, which then goes
// another way.
func TestAnotherHistory(t *testing.T) {
	for _, test := range []struct {
		name string
		more int // Changes of the other history.
	}{{"older", 0}, {"as old", 2}, {"younger", 5}} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, place.NewMemory(clock.System()))
			s.write("a", "1")
			sh := New(s.o)
			s.base(sh)
			copied := s.copied()
			s.write("a", "2")
			s.write("a", "3")
			s.ship(sh)
			s.store, s.o.Source.Store = copied, copied
			for i := range test.more {
				s.clock.Advance(time.Millisecond)
				s.write("a", fmt.Sprint("other ", i))
			}
			sh, ok := s.resume()
			if ok {
				t.Fatal("it goes on with the chain of another history")
			}
			s.base(sh)
			s.write("a", "last")
			s.ship(sh)
			if got, _ := s.restored(backup.Point{}); got["a"] != "last" {
				t.Errorf("there is %v", got)
			}
		})
	}
}

// copied is a copy of the store with the same lineage.
func (s *site) copied() store.Store {
	s.t.Helper()
	to := memory.New()
	var changes []store.Change
	var entries []store.AuditEntry
	err := s.store.View(s.t.Context(), func(r store.Reader) (err error) {
		if changes, err = r.Changes(0, 100); err == nil {
			entries, err = r.AuditLog(0, 100)
		}
		return err
	})
	for _, c := range changes {
		if err != nil {
			break
		}
		_, err = to.Update(s.t.Context(), func(tx store.Tx) error {
			for _, v := range c.Versions {
				if err := tx.Put(v.Key, v.ID, v.Value); err != nil {
					return err
				}
			}
			for _, e := range entries {
				if e.Revision == c.Revision {
					if _, err := tx.Audit(e.Data); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return to
}

// TestForkWhileRunning changes the store under a shipper that runs.
func TestForkWhileRunning(t *testing.T) {
	s := newSite(t, place.NewMemory(clock.System()))
	s.write("a", "1")
	sh := New(s.o)
	old := s.copied()
	s.base(sh)
	sh.o.Source.Store = old
	if err := sh.ship(t.Context()); !errors.Is(err, ErrForked) {
		t.Errorf("the error is %v", err)
	}
}

// flaky is a bucket that can be gone.
type flaky struct {
	*place.Memory
	mu   sync.Mutex
	gone bool
}

var errGone = errors.New("no route to host")

func (f *flaky) set(gone bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone = gone
}

// Put fails while the bucket is gone.
func (f *flaky) Put(ctx context.Context, name string, fill func(io.Writer) error) error {
	f.mu.Lock()
	gone := f.gone
	f.mu.Unlock()
	if gone {
		return errGone
	}
	return f.Memory.Put(ctx, name, fill)
}

// TestPlaceThatIsGone runs a shipper while its place goes and comes back.
func TestPlaceThatIsGone(t *testing.T) {
	bucket := &flaky{Memory: place.NewMemory(clock.System())}
	s := newSite(t, bucket)
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
	defer running.Wait()
	defer stop()
	// until lets time pass until something holds.
	until := func(what string, holds func(Status) bool) {
		t.Helper()
		for range 100_000 {
			if holds(sh.Status()) {
				return
			}
			s.clock.Advance(50 * time.Millisecond)
			time.Sleep(100 * time.Microsecond) // Others run meanwhile; nothing depends on how long.
		}
		t.Fatalf("%s: %+v", what, sh.Status())
	}
	last := s.write("a", "2")
	until("shipped", func(st Status) bool { return st.Revision == last && st.Lag == 0 })
	bucket.set(true)
	last = s.write("a", "3")
	until("failed", func(st Status) bool {
		return st.Failures >= 2 && errors.Is(st.Failure, errGone) && st.Lag > 2*time.Second
	})
	last = s.write("a", "4") // Nothing waits for the place.
	bucket.set(false)
	until("shipped again", func(st Status) bool { return st.Revision == last && st.Failure == nil && st.Lag == 0 })
	if got, _ := s.restored(backup.Point{}); got["a"] != "4" {
		t.Errorf("there is %v", got)
	}
}

// TestCountersAreRead runs a shipper whose counters change.
func TestCountersAreRead(t *testing.T) {
	s := newSite(t, place.NewMemory(clock.System()))
	s.o.Source.Counters = &quotas{readings: s.counted(7)}
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
	for range 100_000 {
		if sh.Status().Archives == 1 {
			break
		}
		s.clock.Advance(time.Second)
		time.Sleep(100 * time.Microsecond) // Others run meanwhile; nothing depends on how long.
	}
	stop()
	running.Wait()
	if n := sh.Status().Archives; n != 1 {
		t.Errorf("%d archives", n)
	}
}

func TestSpool(t *testing.T) {
	for _, size := range []int{0, 10, inMemory, inMemory + 1, 3 * inMemory} {
		sp := newSpool()
		data := bytes.Repeat([]byte("x"), size)
		for part := data; len(part) > 0; {
			n := min(len(part), 1<<20)
			if _, err := sp.Write(part[:n]); err != nil {
				t.Fatal(err)
			}
			part = part[n:]
		}
		for range 2 {
			var b bytes.Buffer
			if err := sp.copyTo(&b); err != nil || !bytes.Equal(b.Bytes(), data) {
				t.Errorf("of %d bytes there are %d, %v", size, b.Len(), err)
			}
		}
		if inFile := sp.file != nil; inFile != (size > inMemory) {
			t.Errorf("%d bytes in a file: %v", size, inFile)
		}
		sp.close()
	}
}

// quotas are counters that stand at what a test says.
type quotas struct{ readings []counter.Reading }

// Snapshot is what they stand at.
func (q *quotas) Snapshot() []counter.Reading { return slices.Clone(q.readings) }

// Restore takes over what was restored.
func (q *quotas) Restore(readings []counter.Reading) { q.readings = readings }

func (s *site) counted(calls int64) []counter.Reading {
	now := s.clock.Now()
	return []counter.Reading{{Kind: counter.KindQuota, Name: "q", Key: "k", Period: time.Hour, Start: now.Truncate(time.Hour),
		End: now.Truncate(time.Hour).Add(time.Hour), Used: counter.Usage{Calls: calls}}}
}

// TestCounters ships counters about once a minute, where they have changed.
func TestCounters(t *testing.T) {
	s := newSite(t, place.NewMemory(clock.System()))
	q := &quotas{readings: s.counted(1)}
	s.o.Source.Counters = q
	s.write("a", "1")
	sh := New(s.o)
	s.base(sh)
	steps := []struct {
		name     string
		do       func()
		archives uint64
		calls    int64
	}{
		{"a change, soon", func() { q.readings = s.counted(2); s.write("a", "2") }, 1, 1},
		{"a minute later", func() { sh.counted(q.Snapshot()) }, 2, 2},
		{"nothing new", func() { sh.counted(q.Snapshot()) }, 2, 2},
		{"both", func() { q.readings = s.counted(5); sh.counted(q.Snapshot()); s.write("a", "3") }, 3, 5},
	}
	for _, step := range steps {
		step.do()
		s.ship(sh)
		_, report := s.restored(backup.Point{})
		if got := sh.Status().Archives; got != step.archives || report.Counters != 1 {
			t.Errorf("%s: %d archives, %d counters", step.name, got, report.Counters)
		}
		to := &quotas{}
		c, err := catalog.Read(t.Context(), s.place)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := c.Plan(backup.Point{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = backup.Restore(t.Context(), plan.Archives(t.Context(), s.place, s.open, backup.Point{}),
			backup.Target{Store: memory.New(), Key: s.own, Clock: s.clock, Counters: to}, backup.RestoreOptions{By: audit.Entry{Actor: "test"}})
		if err != nil {
			t.Fatal(err)
		}
		if len(to.readings) != 1 || to.readings[0].Used.Calls != step.calls {
			t.Errorf("%s: restored %+v", step.name, to.readings)
		}
	}
}
