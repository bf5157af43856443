package traces

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var morning = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

// sealer hides nothing, and opens nothing elsewhere than where it was sealed.
type sealer struct{ key string }

func (s sealer) Seal(plaintext []byte, context string) (string, error) {
	return s.key + ":" + context + ":" + base64.StdEncoding.EncodeToString(plaintext), nil
}

func (s sealer) Open(sealed, context string) ([]byte, error) {
	rest, ok := strings.CutPrefix(sealed, s.key+":"+context+":")
	if !ok {
		return nil, errors.New("sealed elsewhere")
	}
	return base64.StdEncoding.DecodeString(rest)
}

type rig struct {
	*Book
	t     *testing.T
	store store.Store
	clock *clock.Fake
}

func newRig(t *testing.T, s store.Store, c *clock.Fake) *rig {
	t.Helper()
	book := New(Options{Ledger: s.(store.Ledger), Sealer: sealer{"k"}, Clock: c, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	return &rig{Book: book, t: t, store: s, clock: c}
}

// stores are a memory and a SQLite store.
func stores(t *testing.T, f func(*testing.T, store.Store)) {
	t.Helper()

	t.Run("memory", func(t *testing.T) { f(t, memory.New()) })
	t.Run("sqlite", func(t *testing.T) {
		s, err := sqlite.Open(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		f(t, s)
	})
}

// one is a trace with that much in it, which does not get shorter when packed.
func one(id string, bytes int) *feed.Trace {
	text := make([]byte, 0, bytes/2+8)
	for len(text) < bytes/2 {
		text = binary.LittleEndian.AppendUint64(text, rand.Uint64())
	}
	data, err := json.Marshal(map[string]any{"text": fmt.Sprintf("%x", text)})
	if err != nil {
		panic(err)
	}
	return &feed.Trace{Version: feed.TraceVersion, Instance: "i", ID: id, Began: morning,
		Sections: map[string][]feed.TraceEntry{"inbound": {{Source: "test", Timestamp: morning, Elapsed: "00:00:00", Data: data}}}}
}

func (r *rig) take(gateway string, t *feed.Trace) {
	r.t.Helper()
	if err := r.Take(r.t.Context(), "/s", gateway, t); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) has(service, gateway, id string) bool {
	r.t.Helper()
	found, err := r.Find(r.t.Context(), service, gateway, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return found != nil
}

// accounts are all of the ledger.
func (r *rig) accounts() (list []store.Account) {
	r.t.Helper()
	list, err := r.o.Ledger.Accounts(context.Background(), "!", "~", store.MaxLedgerBatch)
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// TestBook keeps traces, also such as take several accounts, for their gateway
// alone, and once; another node has them as well.
func TestBook(t *testing.T) {
	stores(t, func(t *testing.T, s store.Store) {
		t.Helper()

		r := newRig(t, s, clock.NewFake(morning))
		other := newRig(t, s, r.clock)
		small, large := one("small", 10), one("large", 300<<10)
		r.take("Edge", small)
		r.take("edge", large)
		r.take("edge", one("small", 99))
		for _, want := range []*feed.Trace{small, large} {
			for _, node := range []*rig{r, other} {
				got, err := node.Find(t.Context(), "/S", "edge", want.ID)
				if diff := cmp.Diff(want.Sections, got); err != nil || diff != "" {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			}
		}
		for _, where := range [][3]string{{"/s", "edge2", "small"}, {"/s2", "edge", "small"}, {"/s", "edge", "smal"}, {"/s", "edge", "small/"}, {"/s", "edge", ""}} {
			if r.has(where[0], where[1], where[2]) {
				t.Errorf("%v has the trace", where)
			}
		}
		if got := r.Stats(); got != (Stats{Taken: 2, Repeated: 1}) {
			t.Errorf("%+v", got)
		}
		for _, a := range r.accounts() {
			if !strings.HasPrefix(a.Key, "trace/") || len(a.Value) > store.MaxLedgerValue {
				t.Errorf("%s has %d bytes", a.Key, len(a.Value))
			}
		}
		another := New(Options{Ledger: s.(store.Ledger), Sealer: sealer{"other"}, Clock: r.clock, Log: r.o.Log})
		if found, err := another.Find(t.Context(), "/s", "edge", "small"); found != nil || err != nil {
			t.Errorf("without the key there is %v, %v", found, err)
		}
	})
}

// TestLimits reaches the limits of a gateway: the oldest go, and nothing of them
// stays in the ledger. Those of another gateway are as they were.
func TestLimits(t *testing.T) {
	for _, test := range []struct {
		name               string
		bytes, sent, count int
	}{{"number", 10, MaxKept + 20, MaxKept}, {"bytes", 360 << 10, 45, 0}} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, memory.New(), clock.NewFake(morning))
			r.take("other", one("its", 10))
			for i := range test.sent {
				r.take("edge", one(fmt.Sprint(i), test.bytes))
			}
			if r.has("/s", "edge", "0") || !r.has("/s", "edge", fmt.Sprint(test.sent-1)) || !r.has("/s", "other", "its") {
				t.Error("others have gone than the oldest")
			}
			kept, size := 0, 0
			for _, a := range r.accounts() {
				if strings.HasSuffix(a.Key, "/00") {
					kept++
				}
				size += len(a.Value)
			}
			kept-- // The other gateway's.
			if test.count != 0 && kept != test.count || size > MaxKeptBytes+64<<10 || kept < 10 {
				t.Errorf("%d traces of %d bytes are kept", kept, size)
			}
			if got := r.Stats().Dropped; int(got) != test.sent-kept || got == 0 {
				t.Errorf("%d were dropped, and %d are kept", got, kept)
			}
		})
	}
}

// TestTidy lets go of what was kept for long enough, also of gateways that send
// nothing any more, and leaves nothing in the ledger.
func TestTidy(t *testing.T) {
	stores(t, func(t *testing.T, s store.Store) {
		t.Helper()

		r := newRig(t, s, clock.NewFake(morning))
		const gateways = indexBatch + 5
		for i := range gateways {
			r.take(fmt.Sprint("g", i), one("a", 10))
		}
		r.take("g1", one("large", 300<<10))
		r.clock.Advance(Keep / 2)
		r.take("g0", one("b", 10))
		if n, err := r.Tidy(t.Context()); n != 0 || err != nil {
			t.Errorf("%d traces were let go of too early: %v", n, err)
		}
		r.clock.Advance(Keep / 2)
		if r.has("/s", "g0", "a") || !r.has("/s", "g0", "b") {
			t.Error("a trace is there after its time, or not before")
		}
		if n, err := r.Tidy(t.Context()); n != gateways+1 || err != nil {
			t.Errorf("%d traces were let go of, want %d: %v", n, gateways+1, err)
		}
		if got := len(r.accounts()); got != 2 {
			t.Errorf("%d accounts are left, want an index and a piece", got)
		}
		r.clock.Advance(Keep)
		if _, err := r.Tidy(t.Context()); err != nil || len(r.accounts()) != 0 {
			t.Errorf("%d accounts are left: %v", len(r.accounts()), err)
		}
	})
}

// TestDamage begins anew where the index of a gateway cannot be read, and has
// nothing where a piece is missing.
func TestDamage(t *testing.T) {
	r := newRig(t, memory.New(), clock.NewFake(morning))
	set := func(key, value string) {
		t.Helper()
		err := r.o.Ledger.Post(t.Context(), func(tx store.LedgerTx) error { return tx.Set([]store.Account{{Key: key, Value: []byte(value)}}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	r.take("edge", one("a", 200<<10))
	set(pieceKey(gatewayKey("/s", "edge"), "a", 1), "x")
	if r.has("/s", "edge", "a") {
		t.Error("a damaged trace was read")
	}
	for _, index := range []string{"x", `[{"pieces":1000}]`, `[{"pieces":1,"bytes":-5}]`} {
		set(indexPrefix+gatewayKey("/s", "edge"), index)
		if r.has("/s", "edge", "a") {
			t.Error("a damaged index was read")
		}
		r.take("edge", one("b", 10))
		if !r.has("/s", "edge", "b") || len(r.accounts()) != 2 {
			t.Errorf("with the index %s %d accounts are there", index, len(r.accounts()))
		}
		set(indexPrefix+gatewayKey("/s", "edge"), index)
		if _, err := r.Tidy(t.Context()); err != nil || len(r.accounts()) != 0 {
			t.Errorf("with the index %s tidying leaves %d accounts: %v", index, len(r.accounts()), err)
		}
	}
}

// TestRun tidies from time to time, and goes on when the store fails.
func TestRun(t *testing.T) {
	r := newRig(t, memory.New(), clock.NewFake(morning))
	r.take("edge", one("a", 10))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	for range int(Keep/TidyInterval) + 1 {
		r.clock.BlockUntil(1)
		r.clock.Advance(TidyInterval)
	}
	r.clock.BlockUntil(1)
	if got := len(r.accounts()); got != 0 {
		t.Errorf("%d accounts are left", got)
	}
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(TidyInterval)
	r.clock.BlockUntil(1)
	if err := r.Take(t.Context(), "/s", "edge", one("b", 10)); err == nil {
		t.Error("a trace was taken without a store")
	}
	if _, err := r.Find(t.Context(), "/s", "edge", "b"); err == nil {
		t.Error("a trace was looked for without a store")
	}
	cancel()
	<-done
}

// FuzzIndex reads any bytes as an index, and as a trace that was opened: what is
// read keeps the limits.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`[{"id":"a","at":1,"bytes":2,"pieces":1}]`))
	f.Add([]byte("[{\"pieces\":17}]"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, ok := readIndex(data); ok {
			for _, l := range list {
				if l.Pieces > maxPieces || l.Bytes < 0 {
					t.Errorf("%+v", l)
				}
			}
		}
		if sections, err := unpack(data); err == nil && len(sections) > len(feed.TraceSections) {
			t.Errorf("%d sections", len(sections))
		}
	})
}
