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
	prefix    = "generation-"
	suffix    = ".snapshot"
	temporary = ".writing"
	damaged   = ".damaged"
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
	s.mu.Lock()
	defer s.mu.Unlock()
	data, err := wire.Encode(doc, s.key)
	if err != nil {
		return 0, fmt.Errorf("keeping revision %d: %w", doc.Revision, err)
	}
	next := s.last + 1
	name := s.path(next)
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
	s.mu.Lock()
	defer s.mu.Unlock()
	generations, err := s.generations()
	if err != nil {
		return nil, nil, fmt.Errorf("reading the generations of the configuration in %s: %w", s.dir, err)
	}
	var found []Damage
	for _, n := range slices.Backward(generations) {
		doc, err := s.load(n)
		if err == nil {
			return doc, found, nil
		}
		found = append(found, Damage{File: s.path(n), Err: err})
		if errors.Is(err, wire.ErrDamaged) {
			// A file that cannot be put aside is met again, and reported again.
			_ = s.fs.Rename(s.path(n), s.path(n)+damaged)
		}
	}
	return nil, found, nil
}

// load reads one generation.
func (s *Store) load(n uint64) (*snapshot.Document, error) {
	data, err := s.fs.Read(s.path(n))
	if err != nil {
		return nil, err
	}
	return s.decode(data, s.key)
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
