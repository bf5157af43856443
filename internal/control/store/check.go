package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxIDLength bounds the spelling of an id, in bytes: folding may make a text
// shorter, by no more than this factor.
const maxIDLength = 3*MaxKeyLength + 2

// CheckRecord says why Put may not take the record; nil where it may. The error
// wraps ErrInvalid.
func CheckRecord(key Key, id string, value []byte) error {
	if err := key.Check(); err != nil {
		return err
	}
	switch {
	case len(id) > maxIDLength:
		return fmt.Errorf("the id of %q is longer than %d bytes: %w", key, maxIDLength, ErrInvalid)
	case !utf8.ValidString(id) || strings.ContainsRune(id, 0):
		return fmt.Errorf("the id of %q is not text: %w", key, ErrInvalid)
	case len(value) > MaxValueLength:
		return fmt.Errorf("the value of %q has %d bytes, more than %d: %w", key, len(value), MaxValueLength, ErrInvalid)
	}
	return nil
}

// CheckAudit says why Audit may not take the entry; nil where it may. The error
// wraps ErrInvalid.
func CheckAudit(data []byte) error {
	if len(data) > MaxValueLength {
		return fmt.Errorf("the audit entry has %d bytes, more than %d: %w", len(data), MaxValueLength, ErrInvalid)
	}
	return nil
}

// CheckAncestor says why List, Count and Tree may not be asked for the key; nil
// where they may. The empty key is allowed: it is above everything. The error
// wraps ErrInvalid.
func CheckAncestor(key Key) error {
	if key == "" {
		return nil
	}
	return key.Check()
}

// CheckLimit says why a limit is none; nil where it is one. The error wraps
// ErrInvalid.
func CheckLimit(limit int) error {
	if limit < 1 || limit > MaxListLimit {
		return fmt.Errorf("the limit %d is not between 1 and %d: %w", limit, MaxListLimit, ErrInvalid)
	}
	return nil
}

// Check says why a page may not be asked for; nil where it may. The error wraps
// ErrInvalid.
func (p Page) Check() error {
	switch {
	case p.Skip < 0:
		return fmt.Errorf("passing over %d records: %w", p.Skip, ErrInvalid)
	case len(p.After) > MaxKeyLength || !utf8.ValidString(p.After) || strings.ContainsRune(p.After, 0):
		return fmt.Errorf("the page begins after something that is no name: %w", ErrInvalid)
	}
	return CheckLimit(p.Limit)
}
