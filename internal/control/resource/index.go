package resource

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Bounds of indexes. Beyond them lists read what they filter.
const (
	// leastIndexed is how many resources a collection has for which an index is
	// worth its memory.
	leastIndexed = 500
	// mostIndexed is how many it has at most: a row takes about half a kilobyte.
	mostIndexed = 1_000_000
	// maxIndexes bounds the collections that have an index.
	maxIndexes = 200
	// maxCatchUp is how many revisions an index may be behind before it is made
	// anew, and catchUpPage how many are read at once.
	maxCatchUp  = 5_000
	catchUpPage = 500
)

// Indexes hold what the lists of large collections filter by in memory: a list
// with a filter looks at no record but those that it answers. Each index is of
// one revision, and is brought to that of who asks by what changed since. The
// store is right: what is answered is read from it. All methods may be called
// concurrently; nil has no indexes.
type Indexes struct {
	mu      sync.Mutex
	of      map[store.Key]*index
	related map[relatedKey]*related
}

// NewIndexes makes the indexes of one store.
func NewIndexes() *Indexes {
	return &Indexes{of: map[store.Key]*index{}, related: map[relatedKey]*related{}}
}

// index is that of one collection.
type index struct {
	indexed
	fields []string
	rows   []*Row // In the order of folded names; never written into.
	// same holds texts that many rows share, such as scopes and states.
	same map[string]any
}

// Row is a resource in an index. It does not change.
type Row struct {
	folded string
	name   any // A string, as it is spelled.
	values []any
}

// Name is the resource's name.
func (r *Row) Name() string { return r.name.(string) } //nolint:errcheck,forcetypeassert // Rows are made with it.

// Text is the n-th of the properties that the kind is indexed by, where it is a
// text.
func (r *Row) Text(n int) string {
	text, _ := r.values[n].(string)
	return text
}

// Compare orders rows as lists are ordered.
func (r *Row) Compare(other *Row) int { return cmp.Compare(r.folded, other.folded) }

// get is the index of a collection, or nil where there are too many.
func (x *Indexes) get(key store.Key, fields []string) *index {
	x.mu.Lock()
	defer x.mu.Unlock()
	ix := x.of[key]
	if ix == nil && len(x.of) < maxIndexes {
		ix = &index{fields: fields}
		x.of[key] = ix
	}
	return ix
}

// Rows are the rows of a collection whose kind is indexed, as the session sees
// it; ok is false where there is no index of that: it is small, or the session
// writes, or reads the past.
func (s *Session) Rows(collection ID) (rows []*Row, ok bool, err error) {
	if s.Indexes == nil || s.tx != nil {
		return nil, false, nil
	}
	place, err := s.at(collection + "/x")
	if err != nil || place.Node.Indexed == nil {
		return nil, false, err
	}
	count, err := s.reader.Count(collection.Key())
	if err != nil || count < leastIndexed || count > mostIndexed {
		return nil, false, err
	}
	ix := s.Indexes.get(collection.Key(), place.Node.Indexed)
	if ix == nil {
		return nil, false, nil
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.newerThan(s) {
		return nil, false, nil
	}
	if err := ix.follow(s, collection.Key()); err != nil {
		return nil, false, fmt.Errorf("indexing %s: %w", collection, err)
	}
	return ix.rows, true, nil
}

// rowsOf is Rows, which makes those of a small collection for this once.
func (s *Session) rowsOf(source Source) (rows []*Row, ok bool, err error) {
	rows, ok, err = s.Rows(source.Collection)
	if ok || err != nil {
		return rows, ok, err
	}
	count, err := s.reader.Count(source.Collection.Key())
	if err != nil || count >= leastIndexed {
		return nil, false, err
	}
	place, err := s.at(source.Collection + "/x")
	if err != nil {
		return nil, false, err
	}
	ix := &index{fields: place.Node.Indexed}
	err = ix.build(s, source.Collection.Key())
	return ix.rows, err == nil, err
}

// follow brings the index to the session's revision.
func (ix *index) follow(s *Session, collection store.Key) error {
	changed := map[store.Key]store.Version{}
	ok, err := ix.since(s, func(v store.Version) error {
		if v.Key.Collection() == collection {
			changed[v.Key], ix.changed = v, v.Revision
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !ok {
		return ix.build(s, collection)
	}
	if err := ix.apply(changed); err != nil {
		ix.made = false
		return err
	}
	return nil
}

// build reads the collection.
func (ix *index) build(s *Session, collection store.Key) error {
	var rows []*Row
	ix.begin(s)
	ix.same = map[string]any{}
	page := store.Page{Limit: pageOfScan}
	for {
		records, err := s.reader.List(collection, page)
		if err != nil {
			return err
		}
		for _, record := range records {
			row, err := ix.row(record)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		if len(records) < pageOfScan {
			break
		}
		page.After = records[len(records)-1].Key.Name()
	}
	ix.rows, ix.made = rows, true
	return nil
}

// apply makes rows anew that have changed.
func (ix *index) apply(changed map[store.Key]store.Version) error {
	if len(changed) == 0 {
		return nil
	}
	keys := slices.Sorted(maps.Keys(changed))
	rows := make([]*Row, 0, len(ix.rows)+len(keys))
	old := ix.rows
	for _, key := range keys {
		at, found := slices.BinarySearchFunc(old, key.Name(), func(r *Row, name string) int { return cmp.Compare(r.folded, name) })
		rows = append(rows, old[:at]...)
		if old = old[at:]; found {
			old = old[1:]
		}
		if v := changed[key]; !v.Deleted {
			row, err := ix.row(v.Record)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	rows = append(rows, old...)
	ix.rows = rows
	return nil
}

// maxShared bounds the texts that rows share, and maxSharedBytes each of them.
const (
	maxShared      = 10_000
	maxSharedBytes = 512
)

// row takes out of a record what lists filter by.
func (ix *index) row(record store.Record) (*Row, error) {
	r := &Row{folded: strings.Clone(record.Key.Name()), name: strings.Clone(ID(record.ID).Name()), values: make([]any, len(ix.fields))}
	if len(ix.fields) == 0 {
		return r, nil
	}
	e, err := decode(record)
	if err != nil {
		return nil, err
	}
	for i, field := range ix.fields {
		value := e.Properties()[field]
		if text, ok := value.(string); ok && len(text) <= maxSharedBytes {
			if shared, known := ix.same[text]; known {
				value = shared
			} else if len(ix.same) < maxShared {
				ix.same[text] = value
			}
		}
		r.values[i] = value
	}
	return r, nil
}
