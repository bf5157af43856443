package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

// sealedRecord is a record with secrets in an object, a list and beside what is
// none.
func sealedRecord(t *testing.T, k *Keyring, key store.Key) []byte {
	t.Helper()
	seal := func(at string) string {
		sealed, err := k.Seal([]byte(canary+at), string(key)+"#"+at)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	return fmt.Appendf(nil, `{"properties":{"credentials":{"header":{"x":["%s","%s"]}},"n":1.50,"value":"%s"}}`,
		seal("properties.credentials.header.x.*"), seal("properties.credentials.header.x.*"), seal("properties.value"))
}

// put keeps a record, with its audit entry.
func put(t *testing.T, s store.Store, key store.Key, value []byte) {
	t.Helper()
	_, err := s.Update(t.Context(), func(tx store.Tx) error {
		e := admin
		e.Time, e.Action, e.Resource, e.Outcome = noon, "x/write", "/"+string(key), audit.Succeeded
		return errors.Join(tx.Put(key, "/"+string(key), value), audit.Append(tx, e))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestResealAll seals everything anew, whatever is written meanwhile, leaves the
// rest of each record as it is, and finds nothing to do when it is run again.
func TestResealAll(t *testing.T) {
	s := memory.New()
	k, c := testKeyring(t, s, 1)
	const records = 250
	before := map[store.Key][]byte{}
	for i := range records {
		key := store.Key(fmt.Sprintf("subscriptions/x/namedvalues/%03d", i))
		before[key] = sealedRecord(t, k, key)
		put(t, s, key, before[key])
	}
	put(t, s, "subscriptions/x/stray", []byte(`{"displayName":"sealed:v1:0000000000000000:nothing"}`))
	if _, err := k.Rotate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	old := k.current().id
	done := make(chan Resealed)
	var steps []int
	go func() {
		got, err := k.ResealAll(t.Context(), admin, func(done, _ int) { steps = append(steps, done) })
		if err != nil {
			t.Error(err)
		}
		done <- got
	}()
	c.BlockUntil(1) // It waits until the new key is in use.
	c.Advance(ActivationDelay)
	got := <-done
	if got.Values != 3*records || len(got.Left) != 1 || len(steps) < 3 {
		t.Errorf("%d values sealed anew, left %v, in %d steps", got.Values, got.Left, len(steps))
	}
	if k.current().id == old {
		t.Fatal("the new key is not in use")
	}
	again, _ := testKeyring(t, s, 1)
	err := s.View(t.Context(), func(r store.Reader) error {
		for key, value := range before {
			record, err := r.Get(key)
			if err != nil {
				return err
			}
			if bytes.Contains(record.Value, []byte(old)) || len(record.Value) != len(value) {
				t.Errorf("%s: %s", key, record.Value)
			}
			var tree any
			if err := json.Unmarshal(record.Value, &tree); err != nil {
				return err
			}
			if err := eachSealed(tree, "", 0, func(at, sealed string) error {
				plain, err := again.Open(sealed, string(key)+"#"+at)
				if err == nil && string(plain) != canary+at {
					t.Errorf("%s has the value of another place", at)
				}
				return err
			}); err != nil {
				return err
			}
		}
		log, err := r.AuditLog(-5, 5)
		if last := string(log[len(log)-1].Data); !strings.Contains(last, actionReseal) {
			t.Errorf("the audit log ends with %s", last)
		}
		if _, err := audit.Verify(t.Context(), r); err != nil {
			t.Error(err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.ResealAll(t.Context(), admin, nil); err != nil || got.Values != 0 {
		t.Errorf("again: %d values, %v", got.Values, err)
	}
}

// TestResealAllEnds stops where its context ends, and what is done stays done.
func TestResealAllEnds(t *testing.T) {
	s := memory.New()
	k, c := testKeyring(t, s, 1)
	for i := range 3 * resealAtOnce {
		key := store.Key(fmt.Sprintf("subscriptions/x/namedvalues/%03d", i))
		put(t, s, key, sealedRecord(t, k, key))
	}
	if _, err := k.Rotate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	c.Advance(ActivationDelay + time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	first, err := k.ResealAll(ctx, admin, func(int, int) { cancel() })
	if err == nil || first.Values != 3*resealAtOnce {
		t.Errorf("%d values, %v", first.Values, err)
	}
	second, err := k.ResealAll(t.Context(), admin, nil)
	if err != nil || second.Values != 3*2*resealAtOnce {
		t.Errorf("afterwards %d values, %v", second.Values, err)
	}
}
