package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

// TestSessionsCommitDurably has a database whose default is faster and loses
// what it acknowledged.
func TestSessionsCommitDurably(t *testing.T) {
	address := postgrestest.Database(t)
	name := address[strings.LastIndexByte(address, '/')+1:]
	for set, want := range map[string]string{"off": "on", "local": "on", "remote_write": "on", "on": "on", "remote_apply": "remote_apply"} {
		if err := postgrestest.Run(t.Context(), address, "ALTER DATABASE "+name+" SET synchronous_commit = "+set); err != nil {
			t.Fatal(err)
		}
		s := open(t, address)
		if got := s.Setting(t, "synchronous_commit"); got != want {
			t.Errorf("where the database has %s the store has %s, want %s", set, got, want)
		}
		closing(t, s)
	}
}

// TestWatchWithoutNotifications commits what nobody notifies.
func TestWatchWithoutNotifications(t *testing.T) {
	address := postgrestest.Database(t)
	s := opened(t, address)
	next := watching(t, s)
	for want := 1; want <= 3; want++ {
		silent := fmt.Sprintf("INSERT INTO revisions (revision, token) VALUES (%d, gen_random_uuid())", want)
		if err := postgrestest.Run(t.Context(), address, silent); err != nil {
			t.Fatal(err)
		}
		if got := next(); got != store.Revision(want) {
			t.Fatalf("revision %d is watched, want %d", got, want)
		}
	}
}

// TestWatchThroughLostConnections kills all connections between updates of one
// node and those of another: both see each revision once, in order.
func TestWatchThroughLostConnections(t *testing.T) {
	address := postgrestest.Database(t)
	nodes := []store.Store{opened(t, address), opened(t, address)}
	var watchers []func() store.Revision
	for _, s := range nodes {
		watchers = append(watchers, watching(t, s))
	}
	for want := store.Revision(1); want <= 40; want++ {
		if want%4 == 0 {
			killConnections(t, address)
		}
		if got, err := increment(t.Context(), nodes[want%2]); err != nil || got != want {
			t.Fatalf("the update returned %d, %v; want %d", got, err, want)
		}
		for _, next := range watchers {
			if got := next(); got != want {
				t.Fatalf("revision %d is watched, want %d", got, want)
			}
		}
	}
}

// TestNodesTogether has two nodes update at the same time, while connections
// are killed.
func TestNodesTogether(t *testing.T) {
	address := postgrestest.Database(t)
	nodes := []store.Store{opened(t, address), opened(t, address)}
	next := watching(t, nodes[0])
	const clients, updates = 8, 20
	var wait sync.WaitGroup
	for i := range clients {
		wait.Go(func() {
			for n := range updates {
				if n%5 == 4 {
					killConnections(t, address)
				}
				for {
					if _, err := increment(context.Background(), nodes[i%2]); err == nil {
						break
					}
				}
			}
		})
	}
	for want := store.Revision(1); want <= clients*updates; want++ {
		if got := next(); got != want {
			t.Errorf("revision %d is watched, want %d", got, want)
		}
	}
	wait.Wait()
	wantNumber(t, nodes[1], clients*updates)
}

func killConnections(t *testing.T, address string) {
	t.Helper()
	err := postgrestest.Run(context.Background(), address, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	// Another goroutine's may have killed this one.
	if err != nil && !strings.Contains(err.Error(), "57P01") {
		t.Errorf("killing connections: %v", err)
	}
}

// watching watches a store from its beginning until the test ends.
func watching(t *testing.T, s store.Store) (next func() store.Revision) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	seen := make(chan store.Revision)
	go func() {
		defer close(seen)
		for change, err := range s.Watch(ctx, 0) {
			if err != nil {
				t.Errorf("watching: %v", err)
				return
			}
			select {
			case seen <- change.Revision:
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		for range seen { // Until the goroutine has ended.
			continue
		}
	})
	return func() store.Revision { return <-seen }
}

// TestViewsDoNotWaitForWriters has more updates wait than there are connections:
// views go on, those within the update that runs too.
func TestViewsDoNotWaitForWriters(t *testing.T) {
	const connections = 2
	s, err := postgres.Open(t.Context(), postgres.Options{URL: postgrestest.Database(t), MaxConnections: connections})
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, s)
	var wait sync.WaitGroup
	runs := 0
	_, err = s.Update(t.Context(), func(tx store.Tx) error {
		if runs++; runs > 1 {
			return nil
		}
		begun := make(chan struct{}, 4*connections)
		for range 4 * connections {
			wait.Go(func() {
				begun <- struct{}{}
				if _, err := increment(context.Background(), s); err != nil {
					t.Error(err)
				}
			})
		}
		for range 4 * connections {
			<-begun
		}
		for range 10 {
			if err := s.View(t.Context(), func(store.Reader) error { return nil }); err != nil {
				return err
			}
		}
		_, err := tx.Count("") // The server has not ended the transaction meanwhile.
		return err
	})
	if err != nil || runs != 1 {
		t.Errorf("the update ran %d times and returned %v, want once", runs, err)
	}
	wait.Wait()
	wantNumber(t, s, 4*connections)
}

// TestUpdatesDoNotCollide has two nodes write the same record all the time: no
// update is made twice because another was faster.
func TestUpdatesDoNotCollide(t *testing.T) {
	address := postgrestest.Database(t)
	nodes := []store.Store{opened(t, address), opened(t, address)}
	const clients, updates = 8, 20
	var runs atomic.Int64
	var wait sync.WaitGroup
	for i := range clients {
		wait.Go(func() {
			for range updates {
				_, err := nodes[i%2].Update(context.Background(), func(tx store.Tx) error {
					runs.Add(1)
					return add(tx)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if got := runs.Load(); got != clients*updates {
		t.Errorf("%d updates ran %d times, want each of them once", clients*updates, got)
	}
	wantNumber(t, nodes[0], clients*updates)
}
