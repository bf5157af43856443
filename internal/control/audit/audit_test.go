package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123456789, time.FixedZone("", 3600))

// entry is what most tests append.
func entry(n int) Entry {
	return Entry{
		Time: noon.Add(time.Duration(n) * time.Second), Actor: "p1", ActorName: "Zoë <ops>", Source: "192.0.2.1",
		Action:   "Microsoft.ApiManagement/service/apis/write",
		Resource: fmt.Sprintf("/subscriptions/s/apis/a%d", n), Correlation: "c",
		Before: json.RawMessage(`{ "a": "<&>" }`), After: json.RawMessage(`{"n": 1.0, "o": null}`), Outcome: Succeeded,
	}
}

// write makes n changes with an entry each and returns how many were made.
func write(t *testing.T, s store.Store, n int) (made int) {
	t.Helper()
	for i := range n {
		_, err := s.Update(t.Context(), func(tx store.Tx) error {
			if err := tx.Put(store.Key(fmt.Sprintf("apis/a%d", i)), "", []byte("x")); err != nil {
				return err
			}
			return Append(tx, entry(i))
		})
		if err == nil {
			made++
		}
	}
	return made
}

func verify(t *testing.T, s store.Store) (count uint64, err error) {
	t.Helper()
	viewErr := s.View(t.Context(), func(r store.Reader) error {
		count, err = Verify(t.Context(), r)
		return nil
	})
	if viewErr != nil {
		t.Fatal(viewErr)
	}
	return count, err
}

func TestAppendAndRead(t *testing.T) {
	s := memory.New()
	write(t, s, 3)
	err := s.View(t.Context(), func(r store.Reader) error {
		got, err := Read(r, 1, 1)
		if err != nil {
			return err
		}
		want := entry(1)
		want.Time = want.Time.UTC()
		want.Before, want.After = json.RawMessage(`{"a":"\u003c\u0026\u003e"}`), json.RawMessage(`{"n":1.0,"o":null}`)
		want.Sequence, want.Previous, want.Hash = 2, got[0].Previous, got[0].Hash
		if diff := cmp.Diff([]Entry{want}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		first, err := Read(r, 0, 1)
		if err != nil || first[0].Hash != got[0].Previous || first[0].Previous != "" {
			t.Errorf("the second entry does not follow the first: %v, %v", first, err)
		}
		sequence, hash, err := Head(r)
		if last, _ := Read(r, -1, 5); sequence != 3 || len(last) != 1 || last[0].Hash != hash {
			t.Errorf("Head: %d %s; last %v", sequence, hash, last)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestChainAppendsSeveral(t *testing.T) {
	s := memory.New()
	write(t, s, 1)
	_, err := s.Update(t.Context(), func(tx store.Tx) error {
		c, err := Begin(tx)
		if err != nil {
			return err
		}
		return errors.Join(c.Append(entry(2)), c.Append(entry(3)), c.Append(entry(4)))
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := verify(t, s); n != 4 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	_, err = s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(Append(tx, entry(5)), Append(tx, entry(6)))
	})
	if !errors.Is(err, ErrUnchained) {
		t.Errorf("two Appends in one transaction: %v", err)
	}
}

func TestAppendBoundsAndChecks(t *testing.T) {
	long := `"` + strings.Repeat("x", MaxStateLength) + `"`
	tests := []struct {
		name   string
		change func(*Entry)
		want   string
	}{
		{"no actor", func(e *Entry) { e.Actor = "" }, "needs an actor"},
		{"no time", func(e *Entry) { e.Time = time.Time{} }, "needs an actor"},
		{"state that is not JSON", func(e *Entry) { e.After = json.RawMessage(`{"key": hunter2}`) }, "the state after the change: it is not JSON"},
		{"long state", func(e *Entry) { e.Before = json.RawMessage(long) }, ""},
		{"long text", func(e *Entry) { e.ActorName = long }, ""},
		{"text that is not UTF-8", func(e *Entry) { e.Source = "\xff" }, ""},
		{"text cut within a character", func(e *Entry) { e.Source = "x" + strings.Repeat("é", MaxTextLength) }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := memory.New()
			e := entry(1)
			tt.change(&e)
			_, err := s.Update(t.Context(), func(tx store.Tx) error { return Append(tx, e) })
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("the error quotes the state")
			}
			if _, err := verify(t, s); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestS21_NothingUnaudited fails the audit log and finds that no change was
// made without it.
func TestS21_NothingUnaudited(t *testing.T) {
	s := &failing{Store: memory.New(), err: errors.New("disk full")}
	const writes = 1000
	made := write(t, s, writes)
	unaudited := count(t, s)
	t.Logf("S21: %d unaudited writes of %d, audit log failing (0)", unaudited, writes)
	if made != 0 || unaudited != 0 {
		t.Errorf("%d updates succeeded, %d records were written", made, unaudited)
	}
	s.err = nil
	if made = write(t, s, writes); made != writes || count(t, s) != writes {
		t.Errorf("%d of %d were made when the log works again", made, writes)
	}
}

// failing is a store whose audit log fails.
type failing struct {
	store.Store
	err error
}

func (f *failing) Update(ctx context.Context, g func(store.Tx) error) (store.Revision, error) {
	return f.Store.Update(ctx, func(tx store.Tx) error { return g(failingTx{Tx: tx, err: f.err}) })
}

type failingTx struct {
	store.Tx
	err error
}

func (f failingTx) Audit(data []byte) (uint64, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Tx.Audit(data)
}

// TestS21_NothingUnaudited_NegativeControl writes the entry after the change
// and ignores its error: all 1,000 changes are there and nothing tells of them.
func TestS21_NothingUnaudited_NegativeControl(t *testing.T) {
	s := memory.New()
	_, err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Put("apis/a", "", []byte("x")) })
	if !errors.Is(err, store.ErrUnaudited) {
		t.Errorf("a change without an entry: %v", err)
	}
	written, entries := 0, 0
	failing := func(Entry) error { return errors.New("disk full") }
	for i := range 1000 {
		written++
		if failing(entry(i)) == nil {
			entries++
		}
	}
	t.Logf("S21 control: %d unaudited writes of 1000", written-entries)
	if written-entries != 1000 {
		t.Error("the control shows nothing")
	}
}

func count(t *testing.T, s store.Store) (n int) {
	t.Helper()
	if err := s.View(t.Context(), func(r store.Reader) (err error) {
		n, err = r.Count("apis")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// logReader is a log that was tampered with. It has no other methods.
type logReader struct {
	store.Reader
	entries []store.AuditEntry
}

func (l logReader) AuditLog(after int64, limit int) ([]store.AuditEntry, error) {
	rest := l.entries[min(int(after), len(l.entries)):]
	return rest[:min(limit, len(rest))], nil
}

func stored(t *testing.T, n int) []store.AuditEntry {
	t.Helper()
	s := memory.New()
	write(t, s, n)
	var entries []store.AuditEntry
	if err := s.View(t.Context(), func(r store.Reader) (err error) {
		entries, err = r.AuditLog(0, store.MaxListLimit)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return entries
}

// flips yields the log with one byte changed, for every byte of every entry.
func flips(entries []store.AuditEntry) iter.Seq2[int, byte] {
	return func(yield func(int, byte) bool) {
		for i := range entries {
			for at := range entries[i].Data {
				for _, mask := range []byte{0x01, 0x20, 0x80} {
					entries[i].Data[at] ^= mask
					more := yield(i, mask)
					entries[i].Data[at] ^= mask
					if !more {
						return
					}
				}
			}
		}
	}
}

// TestS21_EveryFlipIsFound changes every byte of every entry in three ways.
func TestS21_EveryFlipIsFound(t *testing.T) {
	entries := stored(t, 8)
	log := logReader{entries: entries}
	tried, found := 0, 0
	for i := range flips(entries) {
		tried++
		_, err := Verify(t.Context(), log)
		var broken *BreakError
		if errors.As(err, &broken) && broken.Sequence == entries[i].Sequence {
			found++
		}
	}
	if n, err := Verify(t.Context(), log); n != 8 || err != nil {
		t.Errorf("the log as it was: %d, %v", n, err)
	}
	t.Logf("S21: %d of %d flips found, each at its entry (all)", found, tried)
	if found != tried || tried < 8*300*3 {
		t.Errorf("%d of %d flips were found", found, tried)
	}
}

// tampered are logs that each lack the work of one honest writer.
func tampered(entries []store.AuditEntry) map[string][]store.AuditEntry {
	remove := append(append([]store.AuditEntry{}, entries[:3]...), entries[4:]...)
	renumbered := append([]store.AuditEntry{}, remove...)
	for i := range renumbered {
		renumbered[i].Sequence = uint64(i + 1)
	}
	rewritten := append([]store.AuditEntry{}, entries...)
	e := entry(3)
	e.Sequence, e.Actor = 4, "somebody else"
	e.Time = e.Time.UTC()
	var old Entry
	_ = json.Unmarshal(entries[3].Data, &old)
	e.Previous = old.Previous
	rewritten[3].Data, _, _ = encode(e)
	swapped := append([]store.AuditEntry{}, entries...)
	swapped[3].Data, swapped[4].Data = swapped[4].Data, swapped[3].Data
	return map[string][]store.AuditEntry{
		"removed": remove, "removed and numbered anew": renumbered,
		"written anew with a right hash": rewritten, "exchanged": swapped,
	}
}

func TestTamperedLogsAreFound(t *testing.T) {
	for name, entries := range tampered(stored(t, 8)) {
		t.Run(name, func(t *testing.T) {
			n, err := Verify(t.Context(), logReader{entries: entries})
			var broken *BreakError
			if !errors.As(err, &broken) || n > 4 {
				t.Errorf("got %d, %v", n, err)
			}
		})
	}
}

// TestS21_Chain_NegativeControl looks at the hash of each entry by itself, as a
// log without the hash of the entry before would have it: an entry that was
// removed is not missed.
func TestS21_Chain_NegativeControl(t *testing.T) {
	missed := 0
	for _, s := range tampered(stored(t, 8))["removed and numbered anew"] {
		var e Entry
		if err := json.Unmarshal(s.Data, &e); err != nil {
			t.Fatal(err)
		}
		if _, hash, err := encode(e); err != nil || hash != e.Hash {
			missed++
		}
	}
	t.Logf("S21 control: hashes without a chain find %d of 1 removed entries", missed)
	if missed != 0 {
		t.Error("the control shows nothing")
	}
}

func TestVerifyStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Verify(ctx, logReader{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestVerifyReadsPages(t *testing.T) {
	if n, err := Verify(t.Context(), logReader{entries: stored(t, 2*verifyPage)}); n != 2*verifyPage || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestMask(t *testing.T) {
	tests := []struct {
		name, resource string
		paths          []string
		want           string
	}{
		{"a field", `{"properties":{"value":"v","displayName":"d"}}`, []string{"properties.value"}, `{"properties":{"displayName":"d","value":"(secret)"}}`},
		{"in another case", `{"Properties":{"primarykey":"v"}}`, []string{"properties.primaryKey"}, `{"Properties":{"primarykey":"(secret)"}}`},
		{"every field", `{"credentials":{"a":"x","b":["y"]}}`, []string{"credentials.*"}, `{"credentials":{"a":"(secret)","b":"(secret)"}}`},
		{"through a list", `{"hosts":[{"name":"n","password":"p"},{"password":null}]}`, []string{"hosts.password"}, `{"hosts":[{"name":"n","password":"(secret)"},{"password":null}]}`},
		{"numbers and objects", `{"a":1,"b":{"c":2}}`, []string{"a", "b"}, `{"a":"(secret)","b":"(secret)"}`},
		{"what is sealed", `{"a":["sealed:v1:x:y"],"n":12345678901234567890}`, nil, `{"a":["(secret)"],"n":12345678901234567890}`},
		{"nothing there", `{"a":1}`, []string{"b.c", "a.b"}, `{"a":1}`},
		{"not JSON", `hunter2`, nil, `"(secret)"`},
		{"more than JSON", `{} hunter2`, nil, `"(secret)"`},
		{"empty", ` `, nil, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(Mask(json.RawMessage(tt.resource), tt.paths)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
