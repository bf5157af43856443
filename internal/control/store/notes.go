package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Limits of notes, the same in every implementation.
const (
	// MaxNoteLength bounds the value of a note, in bytes.
	MaxNoteLength = 64 << 10
	// MaxNotes bounds the notes that a notebook holds.
	MaxNotes = 20_000
	// MaxNoteLife bounds how long a note is kept.
	MaxNoteLife = 7 * 24 * time.Hour
)

// ErrNotesFull refuses a note where MaxNotes others are kept.
var ErrNotesFull = errors.New("there are too many notes")

// Notebook keeps facts that pass, such as which gateways are there: they have
// no revision and no audit entry, are in no backup, and go when their time has
// come, or earlier, when the database is lost. All nodes of a store see the same
// notes. The stores of this program are notebooks.
type Notebook interface {
	// PutNote makes or replaces a note, which is kept for its life. One of no life
	// is forgotten at once.
	PutNote(ctx context.Context, key Key, value []byte, life time.Duration) error
	// Notes returns the note with the key, if it is there, and those below it, in
	// the order of their keys, 1 to MaxListLimit.
	Notes(ctx context.Context, within Key, limit int) ([]Note, error)
	// DropNote forgets a note, where it is there.
	DropNote(ctx context.Context, key Key) error
}

// Note is a fact that passes.
type Note struct {
	Key   Key
	Value []byte
	// Age is how long ago it was written, by the clock of the store: that of the
	// node that wrote it has no part in it.
	Age time.Duration
}

// CheckNote says why a note may not be put; nil where it may. The error wraps
// ErrInvalid.
func CheckNote(key Key, value []byte, life time.Duration) error {
	if err := key.Check(); err != nil {
		return err
	}
	switch {
	case len(value) > MaxNoteLength:
		return fmt.Errorf("the note %q has %d bytes, more than MaxNoteLength (%d): %w", key, len(value), MaxNoteLength, ErrInvalid)
	case life > MaxNoteLife:
		return fmt.Errorf("the note %q is to be kept for %s, longer than MaxNoteLife (%s): %w", key, life, MaxNoteLife, ErrInvalid)
	}
	return nil
}
