package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// MemoryNotes is a Notebook in the memory of the process: that of stores which
// one process uses. The zero value is empty, by the machine's clock.
type MemoryNotes struct {
	// Clock tells how old notes are; nil is the machine's.
	Clock clock.Clock

	mu    sync.Mutex
	notes map[Key]memoryNote
}

type memoryNote struct {
	value            []byte
	written, expires time.Time
}

// now is the time of day. The caller holds mu.
func (m *MemoryNotes) now() time.Time {
	if m.Clock == nil {
		m.Clock = clock.System()
	}
	return m.Clock.Now()
}

// PutNote implements Notebook.
func (m *MemoryNotes) PutNote(ctx context.Context, key Key, value []byte, life time.Duration) error {
	if err := CheckNote(key, value, life); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if _, there := m.notes[key]; !there && len(m.notes) >= MaxNotes {
		m.expire(now)
		if len(m.notes) >= MaxNotes {
			return fmt.Errorf("the note %q: MaxNotes (%d) are kept: %w", key, MaxNotes, ErrNotesFull)
		}
	}
	if m.notes == nil {
		m.notes = map[Key]memoryNote{}
	}
	m.notes[key] = memoryNote{value: bytes.Clone(value), written: now, expires: now.Add(life)}
	return nil
}

// expire forgets those whose time has come. The caller holds mu.
func (m *MemoryNotes) expire(now time.Time) {
	for key, n := range m.notes {
		if !n.expires.After(now) {
			delete(m.notes, key)
		}
	}
}

// Notes implements Notebook.
func (m *MemoryNotes) Notes(ctx context.Context, within Key, limit int) ([]Note, error) {
	if err := CheckAncestor(within); err != nil {
		return nil, err
	}
	if err := CheckLimit(limit); err != nil {
		return nil, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.expire(now)
	var found []Note
	for key, n := range m.notes {
		if key.Within(within) {
			found = append(found, Note{Key: key, Value: bytes.Clone(n.value), Age: max(0, now.Sub(n.written))})
		}
	}
	slices.SortFunc(found, func(a, b Note) int { return strings.Compare(string(a.Key), string(b.Key)) })
	return found[:min(limit, len(found))], nil
}

// DropNote implements Notebook.
func (m *MemoryNotes) DropNote(ctx context.Context, key Key) error {
	if err := key.Check(); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.notes, key)
	return nil
}
