package snapshot_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// TestKeysExpire looks keys up before, at and after their time, in a snapshot
// that was compiled, in one that was derived, and in one that was read back as
// gateways do from disk.
func TestKeysExpire(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) *time.Time { at := now.Add(d); return &at }
	far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	sub := &model.Subscription{
		ID: "subscriptions/rotated", DisplayName: "Rotated", Scope: "/apis",
		PrimaryKey: "new", SecondaryKey: "second", SecondaryKeyExpires: in(time.Hour),
		PreviousPrimaryKey: "old", PreviousPrimaryKeyExpires: in(2 * time.Hour),
		PreviousSecondaryKey: "endless",
	}
	lasting := &model.Subscription{ID: "subscriptions/lasting", DisplayName: "Lasting", Scope: "/apis", PrimaryKey: "far", PrimaryKeyExpires: &far}
	all := append(shop(), sub, lasting)
	compiled := compile(t, settings(t, markRegistry(map[string]int{})), all)
	derived := apply(t, compile(t, settings(t, markRegistry(map[string]int{})), shop()), []model.Resource{sub, lasting})
	key := bytes.Repeat([]byte{1}, 32)
	written, err := wire.Encode(&snapshot.Document{Revision: 1, Resources: all}, key)
	if err != nil {
		t.Fatal(err)
	}
	back, err := wire.Decode(written, key)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		key  string
		at   time.Duration
		want bool
	}{
		{"new", 0, true}, {"new", 1000 * time.Hour, true},
		{"second", 0, true}, {"second", time.Hour - 1, true}, {"second", time.Hour, false}, {"second", 2 * time.Hour, false},
		{"old", 0, true}, {"old", 2*time.Hour - 1, true}, {"old", 2 * time.Hour, false}, {"old", 3 * time.Hour, false},
		{"endless", 0, false}, // A key that was replaced does not work without a time.
		{"far", 100 * 365 * 24 * time.Hour, true},
		{"none", 0, false},
	}
	for name, snap := range map[string]*snapshot.Snapshot{
		"compiled": compiled, "derived": derived, "read back": compile(t, settings(t, markRegistry(map[string]int{})), back.Resources),
	} {
		for _, test := range tests {
			if got := snap.SubscriptionAt(test.key, now.Add(test.at)) != nil; got != test.want {
				t.Errorf("%s: the key %s works after %v: %v, want %v", name, test.key, test.at, got, test.want)
			}
		}
	}
	// A change of the key takes the one before it away, at once.
	changed := *sub
	changed.PreviousPrimaryKey, changed.PreviousPrimaryKeyExpires = "", nil
	if next := apply(t, derived, []model.Resource{&changed}); next.SubscriptionAt("old", now) != nil || next.SubscriptionAt("new", now) == nil {
		t.Error("the key that was replaced is still there")
	}
}

// TestKeyLookupAllocatesNothing looks a key up with its time.
func TestKeyLookupAllocatesNothing(t *testing.T) {
	snap := compile(t, settings(t, markRegistry(map[string]int{})), shop())
	now := time.Now()
	if n := testing.AllocsPerRun(100, func() {
		if snap.SubscriptionAt("key-one", now) == nil {
			t.Fatal("no such key")
		}
	}); n != 0 {
		t.Errorf("a look-up allocates %v times", n)
	}
}
