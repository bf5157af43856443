package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
)

func TestKeyOf(t *testing.T) {
	tests := []struct {
		name string
		id   string
		want store.Key
	}{
		{"empty", "", ""},
		{"leading slash", "/subscriptions/S", "subscriptions/s"},
		{"slashes at the end", "a/B/", "a/b"},
		{"letters beyond ASCII", "/Apis/ÄÖ", "apis/äö"},
		{"signs stay", "/apis/a-B_c.D~1", "apis/a-b_c.d~1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := store.KeyOf(tt.id); got != tt.want {
				t.Errorf("KeyOf(%q) = %q, want %q", tt.id, got, tt.want)
			}
		})
	}
}

func TestKeyParts(t *testing.T) {
	tests := []struct {
		name       string
		key        store.Key
		collection store.Key
		last       string
	}{
		{"empty", "", "", ""},
		{"one segment", "a", "", "a"},
		{"two segments", "apis/echo", "apis", "echo"},
		{"four segments", "apis/echo/operations/get", "apis/echo/operations", "get"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.key.Collection(); got != tt.collection {
				t.Errorf("Collection() = %q, want %q", got, tt.collection)
			}
			if got := tt.key.Name(); got != tt.last {
				t.Errorf("Name() = %q, want %q", got, tt.last)
			}
			if got := tt.collection.Child(tt.last); got != tt.key {
				t.Errorf("Child() = %q, want %q", got, tt.key)
			}
		})
	}
}

func TestKeyWithin(t *testing.T) {
	tests := []struct {
		name          string
		key, ancestor store.Key
		want          bool
	}{
		{"everything is within the empty key", "a/b", "", true},
		{"itself", "a/b", "a/b", true},
		{"below", "a/b/c/d", "a/b", true},
		{"a longer name", "a/bc", "a/b", false},
		{"a sign before the slash", "a/b-c", "a/b", false},
		{"above", "a", "a/b", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.key.Within(tt.ancestor); got != tt.want {
				t.Errorf("%q.Within(%q) = %v", tt.key, tt.ancestor, got)
			}
		})
	}
}

func TestChecks(t *testing.T) {
	long := strings.Repeat("a", store.MaxKeyLength+1)
	tests := []struct {
		name string
		err  error
		ok   bool
	}{
		{"key", store.Key("a/b").Check(), true},
		{"longest key", store.Key(long[1:]).Check(), true},
		{"empty key", store.Key("").Check(), false},
		{"too long key", store.Key(long).Check(), false},
		{"upper case", store.Key("a/B").Check(), false},
		{"empty segment", store.Key("a//b").Check(), false},
		{"no text", store.Key("a/\xff").Check(), false},
		{"NUL", store.Key("a/\x00").Check(), false},
		{"record", store.CheckRecord("a/b", "/A/B", nil), true},
		{"record with a NUL in its id", store.CheckRecord("a/b", "/A/\x00", nil), false},
		{"record with a long id", store.CheckRecord("a/b", strings.Repeat("a", 10_000), nil), false},
		{"record without key", store.CheckRecord("", "", nil), false},
		{"record too large", store.CheckRecord("a", "a", make([]byte, store.MaxValueLength+1)), false},
		{"audit entry", store.CheckAudit(nil), true},
		{"audit entry too large", store.CheckAudit(make([]byte, store.MaxValueLength+1)), false},
		{"above everything", store.CheckAncestor(""), true},
		{"no ancestor", store.CheckAncestor("A"), false},
		{"page", store.Page{Limit: 1}.Check(), true},
		{"page without limit", store.Page{}.Check(), false},
		{"page before the first", store.Page{Skip: -1, Limit: 1}.Check(), false},
		{"page after no name", store.Page{After: "\xff", Limit: 1}.Check(), false},
		{"highest limit", store.CheckLimit(store.MaxListLimit), true},
		{"limit too high", store.CheckLimit(store.MaxListLimit + 1), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.ok && tt.err != nil {
				t.Errorf("refused: %v", tt.err)
			}
			if !tt.ok && !errors.Is(tt.err, store.ErrInvalid) {
				t.Errorf("got %v, want ErrInvalid", tt.err)
			}
		})
	}
}
