package sqlite

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// sectorSize is the unit in which a disk keeps or loses what was not synced.
const sectorSize = 512

// operation is something that a store did to its files, or that a test noted
// between.
type operation struct {
	kind   operationKind
	name   string
	offset int64 // Of a write; the new size of a truncation.
	data   []byte
	note   int
}

type operationKind int

const (
	opWrite operationKind = iota
	opTruncate
	opSync
	opDelete // Its offset is 1 where the folder is synced.
	opNote
)

// disk records what stores do to the files of one folder, and tells what is
// left of them when the power goes.
type disk struct {
	mu  sync.Mutex
	log []operation
	// fault returns the code with which the next operation fails, or 0.
	fault func(operation) int32
	// forgets makes the disk say that it synced when it did not.
	forgets bool
}

// do records an operation, or returns the code with which it fails.
func (d *disk) do(op operation) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault != nil {
		if code := d.fault(op); code != 0 {
			return code
		}
	}
	if d.forgets && op.kind == opSync {
		return 0
	}
	op.data = slices.Clone(op.data)
	d.log = append(d.log, op)
	return 0
}

// note marks a place in the log.
func (d *disk) note(n int) { d.do(operation{kind: opNote, note: n}) }

// file is a file as a disk has it.
type file struct {
	durable []byte
	pending []operation // Not synced.
	named   bool        // Its name is durable.
}

// surface is what a disk holds at some moment.
type surface struct {
	files   map[string]*file
	removed map[string]*file // Not durably.
	noted   int              // The latest note.
}

// at is what the disk holds after some of the operations.
func (d *disk) at(operations int) *surface {
	s := &surface{files: map[string]*file{}, removed: map[string]*file{}}
	for _, op := range d.log[:operations] {
		s.apply(op)
	}
	return s
}

func (s *surface) apply(op operation) {
	if op.kind == opNote {
		s.noted = op.note
		return
	}
	f := s.files[op.name]
	if f == nil {
		f = &file{}
		s.files[op.name] = f
	}
	switch op.kind {
	case opWrite, opTruncate:
		f.pending = append(f.pending, op)
	case opSync:
		for _, p := range f.pending {
			f.durable = p.on(f.durable)
		}
		f.pending = nil
		if strings.HasSuffix(op.name, "-wal") { // SQLite syncs the folder too.
			for _, other := range s.files {
				other.named = true
			}
			clear(s.removed)
		}
	case opDelete:
		delete(s.files, op.name)
		if op.offset == 0 && f.named {
			s.removed[op.name] = f
		}
	}
}

// on makes the operation on a file's content.
func (op operation) on(content []byte) []byte {
	end := int(op.offset) + len(op.data)
	if grow := end - len(content); grow > 0 {
		content = append(content, make([]byte, grow)...)
	}
	if op.kind == opTruncate {
		return content[:op.offset]
	}
	copy(content[op.offset:end], op.data)
	return content
}

// cut writes to a folder what is left after the power went: of what was not
// synced each sector, and each change of a name, survives by chance.
func (s *surface) cut(tb testing.TB, dir string, survive float64, random *rand.Rand) {
	tb.Helper()
	lucky := func() bool { return random.Float64() < survive }
	for name, f := range s.removed {
		if s.files[name] == nil && !lucky() {
			s.files[name] = f
		}
	}
	for name, f := range s.files {
		if !f.named && !lucky() {
			continue
		}
		content := slices.Clone(f.durable)
		for _, op := range f.pending {
			content = op.partly(content, lucky)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, filePermission); err != nil {
			tb.Fatal(err)
		}
	}
}

// partly makes of the operation what survives.
func (op operation) partly(content []byte, lucky func() bool) []byte {
	if op.kind == opTruncate {
		if lucky() {
			return op.on(content)
		}
		return content
	}
	for at := 0; at < len(op.data); {
		offset := op.offset + int64(at)
		end := min(len(op.data), at+sectorSize-int(offset%sectorSize))
		if lucky() {
			content = operation{kind: opWrite, offset: offset, data: op.data[at:end]}.on(content)
		}
		at = end
	}
	return content
}
