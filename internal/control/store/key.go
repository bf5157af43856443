package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Key is a resource id, without its leading slash, folded: letters are lower
// case. Collections and names take turns in it, and the last segment is the
// name: "subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/x/apis/echo".
type Key string

// KeyOf folds a resource id to the key of its record.
func KeyOf(id string) Key {
	return Key(strings.ToLower(strings.Trim(id, "/")))
}

// Collection is the key without its last segment: that of the collection which
// holds the record.
func (k Key) Collection() Key {
	end := strings.LastIndexByte(string(k), '/')
	if end < 0 {
		return ""
	}
	return k[:end]
}

// Name is the last segment, the folded name of the record.
func (k Key) Name() string {
	return string(k[strings.LastIndexByte(string(k), '/')+1:])
}

// Child is the key of the record with that name in the collection k.
func (k Key) Child(name string) Key {
	if k == "" {
		return KeyOf(name)
	}
	return k + "/" + KeyOf(name)
}

// Within reports whether the key is the ancestor or below it.
func (k Key) Within(ancestor Key) bool {
	if ancestor == "" || k == ancestor {
		return true
	}
	return len(k) > len(ancestor) && k[len(ancestor)] == '/' && k[:len(ancestor)] == ancestor
}

// Check says why a key may not be used; nil where it may. The error wraps
// ErrInvalid.
func (k Key) Check() error {
	s := string(k)
	switch {
	case s == "":
		return fmt.Errorf("the key is empty: %w", ErrInvalid)
	case len(s) > MaxKeyLength:
		return fmt.Errorf("the key is longer than %d bytes: %w", MaxKeyLength, ErrInvalid)
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return fmt.Errorf("the key is not text: %w", ErrInvalid)
	case Key(strings.ToLower(s)) != k:
		return fmt.Errorf("the key %q is not folded: %w", s, ErrInvalid)
	case strings.HasPrefix(s, "/") || strings.HasSuffix(s, "/") || strings.Contains(s, "//"):
		return fmt.Errorf("the key %q has an empty segment: %w", s, ErrInvalid)
	}
	return nil
}
