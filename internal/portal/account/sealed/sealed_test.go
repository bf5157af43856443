package sealed

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

type value struct{ State, Nonce string }

var (
	key = bytes.Repeat([]byte{7}, 32)
	now = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
)

// TestSealed opens what was sealed, and nothing else.
func TestSealed(t *testing.T) {
	text, err := Seal(key, "oidc", now.Add(time.Minute), value{"s", "n"})
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(text)
	flipped[len(text)/2] ^= 1
	for _, c := range []struct {
		name, purpose, text string
		key                 []byte
		at                  time.Time
		want                error
	}{
		{"as sealed", "oidc", text, key, now, nil},
		{"another purpose", "signup", text, key, now, ErrForged},
		{"another key", "oidc", text, bytes.Repeat([]byte{8}, 32), now, ErrForged},
		{"changed", "oidc", string(flipped), key, now, ErrForged},
		{"nothing", "oidc", "", key, now, ErrForged},
		{"no base64", "oidc", "%%%", key, now, ErrForged},
		{"too long", "oidc", strings.Repeat("A", MaxText+1), key, now, ErrForged},
		{"too late", "oidc", text, key, now.Add(time.Minute), ErrExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Open[value](c.key, c.purpose, c.at, c.text)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if want := (value{"s", "n"}); err == nil && got != want || err != nil && got != (value{}) {
				t.Errorf("value %+v", got)
			}
		})
	}
	if _, err := Seal(key, "oidc", now, value{State: strings.Repeat("s", MaxText)}); err == nil {
		t.Error("a value that no browser keeps was sealed")
	}
	if _, err := Seal(key[:16], "oidc", now, value{}); err == nil {
		t.Error("a short key was taken")
	}
}

// FuzzOpen opens texts that nobody has sealed.
func FuzzOpen(f *testing.F) {
	text, err := Seal(key, "oidc", now.Add(time.Minute), value{"s", "n"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("")
	f.Fuzz(func(t *testing.T, other string) {
		if got, err := Open[value](key, "oidc", now, other); err == nil && got != (value{"s", "n"}) {
			t.Errorf("%q opens as %+v", other, got)
		}
	})
}
