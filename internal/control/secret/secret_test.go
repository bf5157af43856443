package secret

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

const (
	canary = "hunter2-canary-of-a-secret"
	place  = "subscriptions/s/apis/a#properties.value"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func testKey(tb testing.TB, fill byte) *localKey {
	tb.Helper()
	k, err := newLocalKey("test", bytes.Repeat([]byte{fill}, keyLength))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func testKeyring(tb testing.TB, s store.Store, fill byte) (*Keyring, *clock.Fake) {
	tb.Helper()
	c := clock.NewFake(noon)
	k, err := OpenKeyring(tb.Context(), s, testKey(tb, fill), c)
	if err != nil {
		tb.Fatal(err)
	}
	return k, c
}

func TestSealAndOpen(t *testing.T) {
	k, _ := testKeyring(t, memory.New(), 1)
	for _, plaintext := range []string{"", "x", canary, strings.Repeat("\x00", MaxPlaintextLength)} {
		sealed, err := k.Seal([]byte(plaintext), place)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(sealed, "sealed:v1:") || !IsSealed(sealed) || len(sealed) > MaxSealedLength {
			t.Errorf("the form of %.60s", sealed)
		}
		got, err := k.Open(sealed, place)
		if err != nil || string(got) != plaintext {
			t.Errorf("opened %d of %d bytes, %v", len(got), len(plaintext), err)
		}
	}
	a, _ := k.Seal([]byte(canary), place)
	b, _ := k.Seal([]byte(canary), place)
	if a == b {
		t.Error("one value was sealed twice to the same")
	}
}

func TestSealIsBounded(t *testing.T) {
	k, _ := testKeyring(t, memory.New(), 1)
	if _, err := k.Seal(make([]byte, MaxPlaintextLength+1), place); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long value: %v", err)
	}
	if _, err := k.Seal(nil, strings.Repeat("x", MaxContextLength+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long place: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	k, _ := testKeyring(t, memory.New(), 1)
	other, _ := testKeyring(t, memory.New(), 1)
	sealed, _ := k.Seal([]byte(canary), place)
	foreign, _ := other.Seal([]byte(canary), place)
	id, box, _ := split(sealed)
	foreignID, _, _ := split(foreign)
	tests := []struct {
		name, sealed, context string
		want                  error
	}{
		{"another place", sealed, place + "2", ErrSealed},
		{"no place", sealed, "", ErrSealed},
		{"of another store", foreign, place, ErrUnknownKey},
		{"under the id of another key", Prefix + foreignID + ":" + box, place, ErrUnknownKey},
		{"empty", "", place, ErrSealed},
		{"not sealed", canary, place, ErrSealed},
		{"another version", strings.Replace(sealed, "v1", "v2", 1), place, ErrSealed},
		{"no box", Prefix + id + ":", place, ErrSealed},
		{"no key", Prefix + ":" + box, place, ErrSealed},
		{"key in capitals", Prefix + strings.ToUpper(id[:15]) + "G:" + box, place, ErrSealed},
		{"too long", sealed + strings.Repeat("A", MaxSealedLength), place, ErrSealed},
		{"padded", sealed + "=", place, ErrSealed},
		{"with a line feed", sealed + "\n", place, ErrSealed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := k.Open(tt.sealed, tt.context)
			if !errors.Is(err, tt.want) || got != nil {
				t.Fatalf("got %q, %v", got, err)
			}
			if strings.Contains(err.Error(), canary) || len(err.Error()) > 200 {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
	for n := range sealed {
		if _, err := k.Open(sealed[:n], place); !errors.Is(err, ErrSealed) {
			t.Errorf("cut off at %d: %v", n, err)
		}
	}
}

func TestEveryFlipIsDetected(t *testing.T) {
	k, _ := testKeyring(t, memory.New(), 1)
	sealed, _ := k.Seal([]byte(canary), place)
	opened := 0
	for at := range sealed {
		for bit := range 8 {
			changed := []byte(sealed)
			changed[at] ^= 1 << bit
			if _, err := k.Open(string(changed), place); err == nil {
				opened++
				t.Errorf("opened with bit %d of byte %d changed", bit, at)
			}
		}
	}
	t.Logf("%d of %d changed values opened", opened, len(sealed)*8)
}

// TestEveryFlipIsDetected_NegativeControl leaves out what binds a value to its
// place: it opens elsewhere.
func TestEveryFlipIsDetected_NegativeControl(t *testing.T) {
	aead, _ := chacha20poly1305.NewX(make([]byte, keyLength))
	box := aead.Seal(nil, make([]byte, nonceLength), []byte(canary), nil)
	if got, err := aead.Open(nil, make([]byte, nonceLength), box, nil); err != nil || string(got) != canary {
		t.Error("the control shows nothing")
	}
}

func FuzzOpen(f *testing.F) {
	aead, _ := chacha20poly1305.NewX(make([]byte, keyLength))
	key := &dataKey{id: "0123456789abcdef", aead: aead}
	k := &Keyring{clock: clock.NewFake(noon)}
	k.keys.Store(&dataKeys{byID: map[string]*dataKey{key.id: key}, order: []*dataKey{key}})
	// The nonce is fixed, since each process of the fuzzer runs this.
	nonce := make([]byte, nonceLength)
	sealed := Prefix + key.id + ":" + encoding.EncodeToString(aead.Seal(nonce, nonce, []byte(canary), bound(key.id, place)))
	f.Add(sealed, place)
	f.Add(Prefix+key.id+":", place)
	f.Add("", "")
	f.Fuzz(func(t *testing.T, s, context string) {
		got, err := k.Open(s, context)
		if err == nil && (s != sealed || context != place || string(got) != canary) {
			t.Errorf("opened %q as %q", s, got)
		}
		if err != nil && !errors.Is(err, ErrSealed) && !errors.Is(err, ErrUnknownKey) {
			t.Errorf("an error of another kind: %v", err)
		}
	})
}
