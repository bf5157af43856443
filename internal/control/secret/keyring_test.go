package secret

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var admin = audit.Entry{Actor: "p1", ActorName: "administrator", Source: "192.0.2.1"}

func TestKeyringOpensAgain(t *testing.T) {
	s := memory.New()
	if there, err := Initialised(t.Context(), s); there || err != nil {
		t.Fatalf("an empty store: %v, %v", there, err)
	}
	k, _ := testKeyring(t, s, 1)
	sealed, _ := k.Seal([]byte(canary), place)
	again, _ := testKeyring(t, s, 1)
	if got, err := again.Open(sealed, place); err != nil || string(got) != canary {
		t.Errorf("got %q, %v", got, err)
	}
	if there, err := Initialised(t.Context(), s); !there || err != nil {
		t.Errorf("a store with a data key: %v, %v", there, err)
	}
}

func TestWrongKeyEncryptionKey(t *testing.T) {
	s := memory.New()
	testKeyring(t, s, 1)
	_, err := OpenKeyring(t.Context(), s, testKey(t, 2), nil)
	if !errors.Is(err, ErrSealed) || !strings.Contains(err.Error(), "is not the one that is configured") {
		t.Errorf("got %v", err)
	}
}

// TestNothingIsInTheStore looks for the keys and for a value in every record
// and in the audit log.
func TestNothingIsInTheStore(t *testing.T) {
	s := memory.New()
	kek := testKey(t, 7)
	k, _ := testKeyring(t, s, 7)
	sealed, _ := k.Seal([]byte(canary), place)
	if _, err := s.Update(t.Context(), func(tx store.Tx) error {
		e := admin
		e.Time, e.Action, e.Outcome = noon, "x/write", audit.Succeeded
		return errors.Join(tx.Put("x", "", []byte(sealed)), audit.Append(tx, e))
	}); err != nil {
		t.Fatal(err)
	}
	forbidden := [][]byte{[]byte(canary), bytes.Repeat([]byte{7}, 8)}
	err := s.View(t.Context(), func(r store.Reader) error {
		log, err := r.AuditLog(0, 100)
		if err != nil {
			return err
		}
		var all [][]byte
		for _, e := range log {
			all = append(all, e.Data)
		}
		for record, err := range r.Tree("") {
			if err != nil {
				return err
			}
			all = append(all, record.Value)
			if _, raw, err := k.unwrap(t.Context(), record); err == nil {
				forbidden = append(forbidden, raw)
			}
		}
		for _, data := range all {
			for _, secret := range forbidden {
				if bytes.Contains(data, secret) {
					t.Errorf("a secret is in %q", data)
				}
			}
		}
		return nil
	})
	if err != nil || len(forbidden) != 3 || kek == nil {
		t.Fatalf("%v, %d secrets were looked for", err, len(forbidden))
	}
}

func TestRotate(t *testing.T) {
	s := memory.New()
	k, c := testKeyring(t, s, 1)
	before, _ := k.Seal([]byte(canary), place)
	effective, err := k.Rotate(t.Context(), admin)
	if err != nil || !effective.Equal(noon.Add(ActivationDelay)) {
		t.Fatalf("Rotate: %v, %v", effective, err)
	}
	keyOf := func(sealed string) string { id, _, _ := split(sealed); return id }
	during, _ := k.Seal([]byte(canary), place)
	c.Advance(ActivationDelay)
	after, _ := k.Seal([]byte(canary), place)
	if keyOf(during) != keyOf(before) || keyOf(after) == keyOf(before) {
		t.Errorf("keys: %s, %s, %s", keyOf(before), keyOf(during), keyOf(after))
	}
	for _, sealed := range []string{before, during, after} {
		if got, err := k.Open(sealed, place); err != nil || string(got) != canary {
			t.Errorf("got %q, %v", got, err)
		}
	}
	resealed, changed, err := k.Reseal(before, place)
	if err != nil || !changed || keyOf(resealed) != keyOf(after) {
		t.Errorf("Reseal: %s, %v, %v", resealed, changed, err)
	}
	if same, changed, err := k.Reseal(after, place); err != nil || changed || same != after {
		t.Errorf("Reseal of what is new: %v, %v", changed, err)
	}
	if _, _, err := k.Reseal(before, "elsewhere"); !errors.Is(err, ErrSealed) {
		t.Errorf("Reseal for another place: %v", err)
	}
	err = s.View(t.Context(), func(r store.Reader) error {
		log, err := audit.Read(r, -1, 1)
		if err != nil || log[0].Actor != "p1" || log[0].Action != actionRotate {
			t.Errorf("the audit log has %v, %v", log, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRotateOnANodeWhoseClockIsBehind makes a key whose time is before that of
// the first: it is the newest all the same.
func TestRotateOnANodeWhoseClockIsBehind(t *testing.T) {
	s := memory.New()
	k, _ := testKeyring(t, s, 1)
	before, _ := k.Seal([]byte(canary), place)
	behind, err := OpenKeyring(t.Context(), s, testKey(t, 1), clock.NewFake(noon.Add(-time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := behind.Rotate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	if err := k.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, changed, err := k.Reseal(before, place); err != nil || !changed {
		t.Errorf("the new key is not in use: %v, %v", changed, err)
	}
}

func TestRewrap(t *testing.T) {
	s := memory.New()
	k, _ := testKeyring(t, s, 1)
	other, _ := testKeyring(t, s, 1)
	if _, err := k.Rotate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	sealed, _ := k.Seal([]byte(canary), place)
	if err := k.Rewrap(t.Context(), testKey(t, 2), admin); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(sealed, place); err != nil || string(got) != canary {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := OpenKeyring(t.Context(), s, testKey(t, 1), nil); err == nil {
		t.Error("the old key still opens the data keys")
	}
	again, _ := testKeyring(t, s, 2)
	if got, err := again.Open(sealed, place); err != nil || string(got) != canary {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := other.Rotate(t.Context(), admin); err == nil || !strings.Contains(err.Error(), "start it with the other one") {
		t.Errorf("a node with the old key made a data key: %v", err)
	}
	if _, err := k.Rotate(t.Context(), admin); err != nil {
		t.Error(err)
	}
}

// broken encrypts and does not decrypt, as a key-management service may be told
// to.
type broken struct{ *localKey }

func (broken) Name() string { return "broken" }
func (broken) Decrypt(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("access denied")
}

func TestRewrapTriesTheNewKey(t *testing.T) {
	s := memory.New()
	k, _ := testKeyring(t, s, 1)
	if err := k.Rewrap(t.Context(), broken{testKey(t, 2)}, admin); err == nil || !strings.Contains(err.Error(), "access denied") {
		t.Errorf("got %v", err)
	}
	testKeyring(t, s, 1)
}

func TestRecordsCannotChangePlaces(t *testing.T) {
	s := memory.New()
	k, _ := testKeyring(t, s, 1)
	if _, err := k.Rotate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Update(t.Context(), func(tx store.Tx) error {
		records, err := tx.List(dataKeysKey, store.Page{Limit: 2})
		if err != nil {
			return err
		}
		ids := [2]string{records[0].Key.Name(), records[1].Key.Name()}
		value := bytes.Replace(records[0].Value, []byte(ids[0]), []byte(ids[1]), 1)
		e := admin
		e.Time, e.Action, e.Outcome = noon, "x/write", audit.Succeeded
		return errors.Join(tx.Put(records[1].Key, "", value), audit.Append(tx, e))
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeyring(t.Context(), s, testKey(t, 1), nil); !errors.Is(err, ErrSealed) {
		t.Errorf("got %v", err)
	}
}

func TestFollow(t *testing.T) {
	s := memory.New()
	k, c := testKeyring(t, s, 1)
	other, otherClock := testKeyring(t, s, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() {
		if err := other.Follow(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Follow: %v", err)
		}
	})
	if _, err := k.Rotate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	c.Advance(ActivationDelay)
	otherClock.Advance(ActivationDelay)
	sealed, _ := k.Seal([]byte(canary), place)
	deadline := time.After(10 * time.Second)
	for {
		got, err := other.Open(sealed, place)
		if err == nil && string(got) == canary {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("the other node does not learn of the key: %v", err)
		default:
		}
	}
	cancel()
	following.Wait()
}

func TestSealWhileRotating(t *testing.T) {
	k, c := testKeyring(t, memory.New(), 1)
	var sealing sync.WaitGroup
	for range 4 {
		sealing.Go(func() {
			for range 200 {
				sealed, err := k.Seal([]byte(canary), place)
				if err != nil {
					t.Error(err)
				}
				if got, err := k.Open(sealed, place); err != nil || string(got) != canary {
					t.Errorf("got %q, %v", got, err)
				}
			}
		})
	}
	for range 20 {
		if _, err := k.Rotate(t.Context(), admin); err != nil {
			t.Fatal(err)
		}
		c.Advance(ActivationDelay)
	}
	sealing.Wait()
}

func BenchmarkOpen(b *testing.B) {
	k, _ := testKeyring(b, memory.New(), 1)
	sealed, _ := k.Seal([]byte(canary), place)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(sealed, place); err != nil {
			b.Fatal(err)
		}
	}
}
