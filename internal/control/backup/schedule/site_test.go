package schedule

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// rotting is a bucket whose archives rot while it is told so.
type rotting struct {
	*place.Memory
	mu     sync.Mutex
	rotten bool
}

func (r *rotting) set(rotten bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rotten = rotten
}

// Get reads an archive with one bit that has changed.
func (r *rotting) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	body, err := r.Memory.Get(ctx, name)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || !r.rotten || !catalog.IsArchive(name) {
		return body, err
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	data[len(data)/2] ^= 1
	return io.NopCloser(bytes.NewReader(data)), nil
}

// site is an installation that is kept backed up.
type site struct {
	t      *testing.T
	clock  *clock.Fake
	store  store.Store
	bucket *rotting
	o      Options
	log    *logged
	writes int
}

// logged is what was logged.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write keeps a line.
func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, clock: clock.NewFake(start), store: memory.New(), log: &logged{}}
	s.bucket = &rotting{Memory: place.NewMemory(s.clock)}
	key := func(name string) secret.KeyEncrypter {
		k, err := secret.OpenKey("file://"+filepath.Join(t.TempDir(), name), true)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	keys, err := secret.OpenKeyring(t.Context(), s.store, key("key"), s.clock)
	if err != nil {
		t.Fatal(err)
	}
	theirs := key("backup.key")
	own, err := archive.NewKey(t.Context(), theirs)
	if err != nil {
		t.Fatal(err)
	}
	every, err := ParseWhen("6h")
	if err != nil {
		t.Fatal(err)
	}
	s.o = Options{Options: ship.Options{
		Source: backup.Source{Store: s.store, Keys: keys, Clock: s.clock}, Place: place.New(s.bucket, "test", s.clock), Key: own,
		Keys: archive.NewOpener(theirs), Log: slog.New(slog.NewTextHandler(s.log, nil)), Clock: s.clock,
	}, When: every, Rule: catalog.Rule{Count: 3}}
	return s
}

// write writes a record, and counts something.
func (s *site) write() store.Revision {
	s.t.Helper()
	s.writes++
	err := s.store.(store.Ledger).Post(s.t.Context(), func(tx store.LedgerTx) error {
		return tx.Set([]store.Account{{Key: fmt.Sprintf("usage/total/d/%010d/s/n", s.writes), Value: []byte("x")}})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	revision, err := s.store.Update(s.t.Context(), func(tx store.Tx) error {
		if err := tx.Put(store.Key(fmt.Sprint("things/", s.writes)), fmt.Sprint("/things/", s.writes), []byte("x")); err != nil {
			return err
		}
		return audit.Append(tx, audit.Entry{Time: s.clock.Now(), Actor: "test", Action: "write", Resource: "/things", Outcome: audit.Succeeded})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return revision
}

func (s *site) catalog() *catalog.Catalog {
	s.t.Helper()
	c, err := catalog.Read(s.t.Context(), s.o.Place)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}
