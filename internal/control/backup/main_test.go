package backup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/counter"
)

var long = flag.Bool("long", false, "run the long forms of the promises")

// size chooses between the short form of a test and the long one.
func size(short, longer int) int {
	if *long {
		return longer
	}
	return short
}

// TestMain is the process that is killed, too, where the environment says so.
func TestMain(m *testing.M) {
	flag.Parse()
	if task := os.Getenv(childVariable); task != "" {
		if err := child(task); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

var (
	noon      = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	somebody  = audit.Entry{Actor: "p1", ActorName: "tester", Action: "Test/write", Resource: "/x", Outcome: audit.Succeeded}
	serviceOf = store.Key("subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/x")
)

// canary is in every secret of the tests.
const canary = "hunter2-canary-of-a-secret"

// keyOf is a key-encryption key of its own, made for a name in a folder.
func keyOf(t *testing.T, folder, name string) secret.KeyEncrypter {
	t.Helper()
	key, err := secret.OpenKey("file://"+folder+"/"+name, true)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// world is an installation.
type world struct {
	store    store.Store
	keys     *secret.Keyring
	key      secret.KeyEncrypter
	clock    *clock.Fake
	counters *keeper
}

func newWorld(t *testing.T, st store.Store) *world {
	t.Helper()
	w := &world{store: st, key: keyOf(t, t.TempDir(), "installation"), clock: clock.NewFake(noon), counters: &keeper{}}
	w.open(t)
	return w
}

func (w *world) open(t *testing.T) {
	t.Helper()
	keys, err := secret.OpenKeyring(context.Background(), w.store, w.key, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	w.keys = keys
}

func (w *world) source() Source {
	return Source{Store: w.store, Keys: w.keys, Counters: w.counters, Clock: w.clock, Release: "test"}
}

// keeper keeps quotas.
type keeper struct{ readings []counter.Reading }

func (k *keeper) Snapshot() []counter.Reading   { return k.readings }
func (k *keeper) Restore(all []counter.Reading) { k.readings = append(k.readings, all...) }

func quotas(n int) []counter.Reading {
	all := make([]counter.Reading, n)
	for i := range all {
		all[i] = counter.Reading{
			Kind: counter.KindQuota, Name: "quota/product/starter", Key: fmt.Sprintf("sub%06d", i), Period: time.Hour,
			Start: noon, End: noon.Add(time.Hour), Used: counter.Usage{Calls: int64(i), Bytes: int64(i) * 1000},
		}
	}
	return all
}

// bodyOf is the body of a subscription with a sealed key.
func (w *world) bodyOf(t *testing.T, key store.Key, n, version int) []byte {
	t.Helper()
	note := make([]byte, 150) // Nothing that compression makes small.
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(version)}).Read(note)
	body := map[string]any{"displayName": fmt.Sprintf("number %d of many", n), "state": "active", "version": version, "note": note}
	if n%5 == 0 {
		sealed, err := w.keys.Seal([]byte(canary), string(key)+"#properties.primaryKey")
		if err != nil {
			t.Error(err)
		}
		body["primaryKey"] = sealed
	}
	data, err := json.Marshal(map[string]any{"properties": body})
	if err != nil {
		t.Error(err)
	}
	return data
}

func nameOf(n int) (store.Key, string) {
	id := fmt.Sprintf("/%s/Subscriptions/S%06d", serviceOf, n)
	return store.KeyOf(id), id
}

// fill makes entities first to last, in updates of a few hundred.
func (w *world) fill(t *testing.T, first, last, version int) {
	t.Helper()
	const batch = 500
	for ; first < last; first += batch {
		w.update(t, func(tx store.Tx) error {
			for n := first; n < min(first+batch, last); n++ {
				key, id := nameOf(n)
				if err := tx.Put(key, id, w.bodyOf(t, key, n, version)); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// countFor posts accounts of usage first to last, as totals of days and minutes and
// as marks, and one that belongs to no backup.
func (w *world) countFor(t *testing.T, first, last, version int) {
	t.Helper()
	const batch = 500
	kinds := []string{"usage/mark/%020d", "usage/total/d/0029552400/service/%010d", "usage/total/m/%010d/service/names"}
	for ; first < last; first += batch {
		all := []store.Account{{Key: "traces/" + fmt.Sprint(first), Value: []byte("of a moment")}}
		for n := first; n < min(first+batch, last); n++ {
			noise := make([]byte, 60) // Nothing that compression makes small.
			_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(version), 1}).Read(noise)
			all = append(all, store.Account{Key: fmt.Sprintf(kinds[n%len(kinds)], n), Value: fmt.Appendf(nil, "%s%s", noise, countedCanary)})
		}
		w.post(t, func(tx store.LedgerTx) error { return tx.Set(all) })
	}
}

// countedCanary is in every account of usage.
const countedCanary = "canary-of-usage"

func (w *world) post(t *testing.T, f func(store.LedgerTx) error) {
	t.Helper()
	if err := w.store.(store.Ledger).Post(context.Background(), f); err != nil {
		t.Error(err)
	}
}

// counted are the accounts of a store, those that belong to backups and others.
func (w *world) counted(t *testing.T) (usages, others map[string]string) {
	t.Helper()
	usages, others = map[string]string{}, map[string]string{}
	err := w.store.View(context.Background(), func(r store.Reader) error {
		for a, err := range store.EachAccount(r.(store.AccountReader), "", "~") {
			if err != nil {
				return err
			}
			if usage.Within(a.Key) {
				usages[a.Key] = string(a.Value)
			} else {
				others[a.Key] = string(a.Value)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return usages, others
}

// update makes an update with its audit entry, a second after the one before.
func (w *world) update(t *testing.T, f func(store.Tx) error) store.Revision {
	t.Helper()
	w.clock.Advance(time.Second)
	revision, err := w.store.Update(context.Background(), func(tx store.Tx) error {
		e := somebody
		e.Time = w.clock.Now()
		if err := audit.Append(tx, e); err != nil {
			return err
		}
		return f(tx)
	})
	if err != nil {
		t.Error(err)
	}
	return revision
}

// backupKey is a key of backups, and what opens them.
func backupKey(t *testing.T) (*archive.Key, archive.KeyOpener) {
	t.Helper()
	by := keyOf(t, t.TempDir(), "backup")
	key, err := archive.NewKey(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	return key, archive.NewOpener(by)
}

// taken is a base of the world in memory.
func (w *world) taken(t *testing.T, key *archive.Key) ([]byte, Summary) {
	t.Helper()
	var b bytes.Buffer
	summary, err := Take(t.Context(), w.source(), &b, TakeOptions{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Bytes != int64(b.Len()) {
		t.Errorf("the summary says %d bytes of %d", summary.Bytes, b.Len())
	}
	return b.Bytes(), summary
}

// held are archives in memory.
func held(keys archive.KeyOpener, base []byte, changes ...[]byte) Archives {
	a := Archives{Keys: keys, Base: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(base)), nil }}
	if len(changes) > 0 {
		a.Changes = iter.Seq2[io.ReadCloser, error](func(yield func(io.ReadCloser, error) bool) {
			for _, c := range changes {
				if !yield(io.NopCloser(bytes.NewReader(c)), nil) {
					return
				}
			}
		})
	}
	return a
}

func (w *world) target() Target {
	return Target{Store: w.store, Key: w.key, Clock: w.clock, Counters: w.counters}
}

// digestOf is the canonical digest of everything in a world but the audit log,
// and the number of its secrets that open.
func (w *world) digestOf(t *testing.T) (digests archive.Digests, secrets uint64) {
	t.Helper()
	key, _ := backupKey(t)
	summary, err := Take(t.Context(), w.source(), io.Discard, TakeOptions{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	digests = summary.Trailer.Digests
	digests.AuditEntries = ""
	return digests, summary.Trailer.Secrets
}

// auditWhole checks the chain of a store.
func auditWhole(t *testing.T, st store.Store) (entries uint64) {
	t.Helper()
	err := st.View(context.Background(), func(r store.Reader) (err error) {
		entries, err = audit.Verify(context.Background(), r)
		return err
	})
	if err != nil {
		t.Errorf("the audit log: %v", err)
	}
	return entries
}

// database is a kind of store.
type database struct {
	name  string
	fresh func(t *testing.T) store.Store
}

func openedSQLite(t *testing.T, folder string) store.Store {
	t.Helper()
	st, err := sqlite.Open(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	return closing(t, st)
}

func closing(t *testing.T, st store.Store) store.Store {
	t.Helper()
	t.Cleanup(func() {
		if err := st.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Error(err)
		}
	})
	return st
}

var databases = []database{
	{"memory", func(*testing.T) store.Store { return memory.New() }},
	{"SQLite", func(t *testing.T) store.Store {
		t.Helper()
		return openedSQLite(t, t.TempDir())
	}},
	{"PostgreSQL", func(t *testing.T) store.Store {
		t.Helper()
		st, err := postgres.Open(context.Background(), postgres.Options{URL: postgrestest.Database(t)})
		if err != nil {
			t.Fatal(err)
		}
		return closing(t, st)
	}},
}
