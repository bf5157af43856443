package durabilitytest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

// resumeLimit is how long writes may wait, from the moment at which the primary
// is killed; promotionDelay of it is how long those who look after the database
// take to make the standby the primary.
const (
	resumeLimit    = 30 * time.Second
	promotionDelay = 2 * time.Second
)

// TestR22_StandbyPromoted kills the primary of a PostgreSQL under writes and makes
// its standby the primary: writes go on there by themselves, through the same
// open store, and none that was acknowledged is lost.
func TestR22_StandbyPromoted(t *testing.T) {
	for round := range size(1, 10) {
		l := promoted(t, true)
		fmt.Printf("R22: round %d: %d of %d acknowledged updates lost (0), writes resumed after %.1f s, of which the promotion took %.1f s (30 s), all of %d revisions watched in order\n",
			round+1, len(l.lost), l.acknowledged, l.resumed.Seconds(), promotionDelay.Seconds(), l.watched)
		if len(l.lost) > 0 || len(l.torn) > 0 || l.resumed > resumeLimit || l.acknowledged == 0 {
			t.Errorf("lost %v, torn %v, resumed after %v", l.lost, l.torn, l.resumed)
		}
	}
}

// TestR22_StandbyPromoted_NegativeControl does the same with a primary that does
// not wait for its standby: acknowledged updates are lost.
func TestR22_StandbyPromoted_NegativeControl(t *testing.T) {
	if l := promoted(t, false); len(l.lost) == 0 {
		t.Errorf("none of %d updates is lost, though the standby did not have them", l.acknowledged)
	}
}

// failover is what a promotion did.
type failover struct {
	losses
	resumed time.Duration
	watched uint64
}

// promoted writes, kills the primary, promotes the standby, and goes on until
// every writer has written again.
func promoted(t *testing.T, wait bool) *failover {
	t.Helper()
	primary := postgrestest.Start(t)
	standby := primary.Standby(t)
	if wait {
		primary.WaitForStandbys(t)
	}
	address := postgrestest.Together("postgres", primary, standby)
	s, err := postgres.Open(t.Context(), postgres.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	w := &busyWriters{
		store: s, before: make(chan struct{}, writers), after: make(chan struct{}, writers),
		killed: make(chan struct{}), stop: make(chan struct{}),
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	watched := watchAll(ctx, s)
	w.start(ctx)
	w.all(t, w.before)
	if !wait {
		standby.StopFollowing(t)
		w.more(t)
	}
	begin := time.Now()
	primary.Kill()
	close(w.killed)
	time.Sleep(promotionDelay) // What is measured is the time after it.
	standby.Promote(t)
	w.all(t, w.after)
	l := &failover{resumed: time.Since(begin)}
	close(w.stop)
	w.wait.Wait()
	if wait { // What was lost is watched by no one.
		l.watched = watched.reach(t, w.acknowledged)
	}
	stop()
	<-watched.ended
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	pg := database{name: "PostgreSQL", open: func(ctx context.Context, address string) (store.Store, error) {
		return postgres.Open(ctx, postgres.Options{URL: address})
	}}
	pg.look(t, address, 0, w.acknowledged, &l.losses)
	return l
}

// busyWriters write without end, whatever happens to the database.
type busyWriters struct {
	store        store.Store
	wait         sync.WaitGroup
	killed, stop chan struct{}
	before       chan struct{} // one token of each writer that has written
	after        chan struct{} // the same, since the primary was killed
	mu           sync.Mutex
	acknowledged []acknowledgement
}

// enough is how many updates a writer makes before it says so.
const enough = 20

func (w *busyWriters) start(ctx context.Context) {
	for i := range writers {
		w.wait.Go(func() {
			name, done, since := fmt.Sprintf("w%d", i), 0, 0
			writer := name
			for ctx.Err() == nil && !closed(w.stop) {
				killed := closed(w.killed)
				if killed {
					writer = name + "-after" // What was lost must not be written again by the same name.
				}
				if writeOne(w.store, writer, false, w.note) != nil {
					continue // Nobody was told that it was written.
				}
				if done++; done == enough {
					w.before <- struct{}{}
				}
				if killed {
					if since++; since == 1 {
						w.after <- struct{}{}
					}
				}
			}
		})
	}
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// note keeps what writeOne says.
func (w *busyWriters) note(text string) {
	if text == committing {
		return
	}
	var a acknowledgement
	if _, err := fmt.Sscanf(text, "%s %d %d", &a.writer, &a.n, &a.revision); err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acknowledged = append(w.acknowledged, a)
}

// all waits for a token of each writer.
func (w *busyWriters) all(t *testing.T, tokens chan struct{}) {
	t.Helper()
	limit := time.After(2 * resumeLimit)
	for range writers {
		select {
		case <-tokens:
		case <-limit:
			t.Fatal("the writers do not write")
		}
	}
}

// more waits until there are more acknowledged updates.
func (w *busyWriters) more(t *testing.T) {
	t.Helper()
	count := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.acknowledged)
	}
	for from, limit := count(), time.Now().Add(resumeLimit); count() < from+enough; {
		if time.Now().After(limit) {
			t.Fatal("the writers do not write")
		}
		time.Sleep(time.Millisecond)
	}
}

// watcher watches a store, and again from where it was when a watch ends.
type watcher struct {
	last  atomic.Uint64
	ended chan struct{}
}

func watchAll(ctx context.Context, s store.Store) *watcher {
	w := &watcher{ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		for ctx.Err() == nil {
			for change, err := range s.Watch(ctx, store.Revision(w.last.Load())) {
				if err != nil || uint64(change.Revision) != w.last.Load()+1 {
					break
				}
				w.last.Store(uint64(change.Revision))
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return w
}

// reach waits until everything that was acknowledged has been watched.
func (w *watcher) reach(t *testing.T, acknowledged []acknowledgement) uint64 {
	t.Helper()
	limit := time.Now().Add(resumeLimit)
	for _, a := range acknowledged {
		for w.last.Load() < uint64(a.revision) {
			if time.Now().After(limit) {
				t.Errorf("the watch ended at revision %d, before %d", w.last.Load(), a.revision)
				return w.last.Load()
			}
			time.Sleep(time.Millisecond)
		}
	}
	return w.last.Load()
}
