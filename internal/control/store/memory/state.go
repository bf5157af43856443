package memory

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

// state is the store at one revision. It never changes: an update makes the
// next one.
type state struct {
	revision store.Revision
	// records has the records by their keys, members the same by collection and
	// name, so that those of one collection stand together.
	records, members tree[store.Record]
	// pasts has the latest version of each record that ever was, with those
	// before it behind.
	pasts tree[*past]
	// changes and audit are all there were. Later states append to the same
	// arrays, behind what this one can see.
	changes []store.Change
	audit   []store.AuditEntry
}

// past is a version, and what was before it.
type past struct {
	store.Version
	earlier *past
}

func newState() *state {
	return &state{
		records: newTree[store.Record](), members: newTree[store.Record](), pasts: newTree[*past](),
	}
}

// separator stands between collection and name in the keys of members. No key
// holds it, and it is before all that one may hold.
const separator = "\x00"

func member(key store.Key) string {
	return string(key.Collection()) + separator + key.Name()
}

// Revision implements store.Reader.
func (s *state) Revision() store.Revision { return s.revision }

// Get implements store.Reader.
func (s *state) Get(key store.Key) (store.Record, error) {
	if err := key.Check(); err != nil {
		return store.Record{}, err
	}
	record, ok := s.records.get(string(key))
	if !ok {
		return store.Record{}, fmt.Errorf("%s at revision %d: %w", key, s.revision, store.ErrNotFound)
	}
	return record, nil
}

// List implements store.Reader.
func (s *state) List(collection store.Key, page store.Page) ([]store.Record, error) {
	if err := errors.Join(store.CheckAncestor(collection), page.Check()); err != nil {
		return nil, err
	}
	first, end := s.members.rank(string(collection)+separator), s.end(collection)
	if page.After != "" { // The name itself is passed over, if it is there.
		first = s.members.rank(string(collection) + separator + page.After + "\x00")
	}
	if page.Skip >= end-first {
		return nil, nil
	}
	first += page.Skip
	records := make([]store.Record, 0, min(page.Limit, end-first))
	for _, record := range s.members.from(first) {
		if len(records) == cap(records) {
			break
		}
		records = append(records, record)
	}
	return records, nil
}

// end is the rank behind the last member of a collection.
func (s *state) end(collection store.Key) int {
	return s.members.rank(string(collection) + "\x01")
}

// Count implements store.Reader.
func (s *state) Count(collection store.Key) (int, error) {
	if err := store.CheckAncestor(collection); err != nil {
		return 0, err
	}
	return s.end(collection) - s.members.rank(string(collection)+separator), nil
}

// Tree implements store.Reader.
func (s *state) Tree(key store.Key) iter.Seq2[store.Record, error] {
	return walk(func() tree[store.Record] { return s.records }, key)
}

// walk yields a record and what is below it. It asks for the records when it
// begins, and walks those whatever is written meanwhile.
func walk(now func() tree[store.Record], key store.Key) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if err := store.CheckAncestor(key); err != nil {
			yield(store.Record{}, err)
			return
		}
		records, below := now(), ""
		if key != "" {
			if record, ok := records.get(string(key)); ok && !yield(record, nil) {
				return
			}
			below = string(key) + "/"
		}
		for name, record := range records.from(records.rank(below)) {
			if !strings.HasPrefix(name, below) || !yield(record, nil) {
				return
			}
		}
	}
}

// Changes implements store.Reader.
func (s *state) Changes(after store.Revision, limit int) ([]store.Change, error) {
	if err := store.CheckLimit(limit); err != nil {
		return nil, err
	}
	if after > s.revision {
		return nil, fmt.Errorf("changes after revision %d of %d: %w", after, s.revision, store.ErrFutureRevision)
	}
	found := s.changes[after:]
	limit = min(limit, len(found))
	return found[:limit:limit], nil
}

// History implements store.Reader.
func (s *state) History(key store.Key, before store.Revision, limit int) ([]store.Version, error) {
	if err := errors.Join(key.Check(), store.CheckLimit(limit)); err != nil {
		return nil, err
	}
	var found []store.Version
	for p, _ := s.pasts.get(string(key)); p != nil && len(found) < limit; p = p.earlier {
		if before == 0 || p.Version.Revision < before {
			found = append(found, p.Version)
		}
	}
	return found, nil
}

// AuditLog implements store.Reader.
func (s *state) AuditLog(after int64, limit int) ([]store.AuditEntry, error) {
	if err := store.CheckLimit(limit); err != nil {
		return nil, err
	}
	total := int64(len(s.audit))
	if after < 0 {
		after = max(0, total+after)
	}
	found := s.audit[min(after, total):]
	limit = min(limit, len(found))
	return found[:limit:limit], nil
}
