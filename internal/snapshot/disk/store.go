package disk

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// KeepGenerations is how many generations stay on disk.
const KeepGenerations = 5

const (
	prefix = "generation-"
	suffix = ".snapshot"
	// stateSuffix is of what is kept beside a generation.
	stateSuffix = ".feed"
	temporary   = ".writing"
	damaged     = ".damaged"
)

// Store keeps generations in a folder. It is safe for concurrent use; a folder
// belongs to one process.
type Store struct {
	fs   FileSystem
	dir  string
	key  []byte
	mu   sync.Mutex
	last uint64 // newest generation
	// decode is wire.Decode but in tests that take the checks away.
	decode func(data, key []byte) (*snapshot.Document, error)
}

// Damage is a generation that could not be read.
type Damage struct {
	File string
	Err  error
}

// Open opens a folder that exists. The key seals what is written; nil writes in
// the plain.
func Open(fs FileSystem, dir string, key []byte) (*Store, error) {
	s := &Store{fs: fs, dir: dir, key: key, decode: wire.Decode}
	generations, err := s.generations()
	if err != nil {
		return nil, fmt.Errorf("opening the generations of the configuration in %s: %w", dir, err)
	}
	if n := len(generations); n > 0 {
		s.last = generations[n-1]
	}
	return s, nil
}

// Save keeps a document as the newest generation. When it has returned without
// error the generation is durable. After an error the generations that were
// there are there still.
func (s *Store) Save(doc *snapshot.Document) (generation uint64, err error) {
	return s.SaveWith(doc, nil)
}

// SaveWith is Save with something that belongs to the generation and is kept
// beside it, sealed with the same key; nil is nothing. After a crash a
// generation may be there without it, but never with that of another one.
func (s *Store) SaveWith(doc *snapshot.Document, state []byte) (generation uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, err := wire.Encode(doc, s.key)
	if err != nil {
		return 0, fmt.Errorf("keeping revision %d: %w", doc.Revision, err)
	}
	next := s.last + 1
	name := s.path(next)
	if state != nil {
		beside, err := wire.EncodeState(data, state, s.key)
		if err == nil {
			err = s.write(s.statePath(next), beside)
		}
		if err != nil {
			return 0, fmt.Errorf("keeping what belongs to revision %d: %w", doc.Revision, err)
		}
	}
	if err := s.write(name, data); err != nil {
		return 0, fmt.Errorf("keeping revision %d as %s: %w", doc.Revision, name, err)
	}
	s.last = next
	s.prune()
	return next, nil
}

// write writes a file so that it is there whole or not at all.
func (s *Store) write(name string, data []byte) error {
	err := s.fs.WriteSynced(name+temporary, data)
	if err == nil {
		err = s.fs.Rename(name+temporary, name)
	}
	if err != nil {
		// On a full disk the piece that was written would take the room that
		// the next generation needs.
		_ = s.fs.Remove(name + temporary)
		return err
	}
	return s.fs.SyncFolder(s.dir)
}

// Load returns the newest generation that can be read, or nil where there is
// none. Newer ones that cannot be read are returned as damage and put aside.
func (s *Store) Load() (*snapshot.Document, []Damage, error) {
	var doc *snapshot.Document
	found, err := s.newest(func(_ uint64, data []byte) (err error) {
		doc, err = s.decode(data, s.key)
		return err
	})
	return doc, found, err
}

// newest gives generations to read, the newest first, until it takes one.
func (s *Store) newest(read func(n uint64, data []byte) error) ([]Damage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	generations, err := s.generations()
	if err != nil {
		return nil, fmt.Errorf("reading the generations of the configuration in %s: %w", s.dir, err)
	}
	var found []Damage
	for _, n := range slices.Backward(generations) {
		data, err := s.fs.Read(s.path(n))
		if err == nil {
			err = read(n, data)
		}
		if err == nil {
			return found, nil
		}
		found = append(found, Damage{File: s.path(n), Err: err})
		if errors.Is(err, wire.ErrDamaged) {
			// A file that cannot be put aside is met again, and reported again.
			_ = s.fs.Rename(s.path(n), s.path(n)+damaged)
		}
	}
	return found, nil
}

// Kept is a generation as another release may have written it.
type Kept struct {
	Revision uint64
	Lines    []wire.Line
	// State is what was kept beside the generation; nil where there is nothing
	// that belongs to it.
	State []byte
}

// LoadWith is Load for a reader that goes on whatever one resource holds, with
// what was kept beside the generation.
func (s *Store) LoadWith() (*Kept, []Damage, error) {
	var kept *Kept
	found, err := s.newest(func(n uint64, data []byte) error {
		revision, lines, err := wire.ReadLines(data, s.key)
		if err != nil {
			return err
		}
		kept = &Kept{Revision: revision, Lines: lines}
		if beside, err := s.fs.Read(s.statePath(n)); err == nil {
			// What is damaged is as good as gone: it can be had again.
			kept.State, _ = wire.DecodeState(data, beside, s.key)
		}
		return nil
	})
	return kept, found, err
}

// prune removes generations that are no longer needed, and temporary files that
// a crash has left. What cannot be removed is tried again at the next Save.
func (s *Store) prune() {
	names, err := s.fs.Names(s.dir)
	if err != nil {
		return
	}
	for _, name := range names {
		n, ok := generationOf(name)
		if state, is := strings.CutSuffix(name, stateSuffix); is {
			n, ok = generationOf(state + suffix)
		}
		old := ok && n+KeepGenerations <= s.last
		if old || strings.HasSuffix(name, temporary) {
			_ = s.fs.Remove(filepath.Join(s.dir, name))
		}
	}
}

// generations returns the generations on disk, oldest first.
func (s *Store) generations() ([]uint64, error) {
	names, err := s.fs.Names(s.dir)
	if err != nil {
		return nil, err
	}
	var list []uint64
	for _, name := range names {
		if n, ok := generationOf(name); ok {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list, nil
}

// generationOf reads the number in a file's name.
func generationOf(name string) (uint64, bool) {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return 0, false
	}
	digits, ok := strings.CutSuffix(rest, suffix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

func (s *Store) path(n uint64) string {
	return filepath.Join(s.dir, fmt.Sprintf("%s%020d%s", prefix, n, suffix))
}

func (s *Store) statePath(n uint64) string {
	return strings.TrimSuffix(s.path(n), suffix) + stateSuffix
}
