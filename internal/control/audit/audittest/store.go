// Package audittest has a store for tests.
package audittest

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Store is the least that passes for a store.
type Store struct {
	mu        sync.Mutex
	records   map[store.Key]store.Record
	log       []store.AuditEntry
	revision  store.Revision
	FailAudit error
	changed   chan struct{}
	changes   []store.Change
}

func New() *Store { return &Store{records: map[store.Key]store.Record{}, changed: make(chan struct{})} }

type tx struct {
	*Store
	records map[store.Key]store.Record
	log     []store.AuditEntry
	n       int
	touched []store.Version
}

func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	s.mu.Lock()
	t := &tx{Store: s, records: maps.Clone(s.records), log: s.log}
	s.mu.Unlock()
	return f(t)
}
func (s *Store) ViewAt(ctx context.Context, r store.Revision, f func(store.Reader) error) error {
	return s.View(ctx, f)
}
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &tx{Store: s, records: maps.Clone(s.records), log: slices.Clone(s.log)}
	if err := f(t); err != nil {
		return 0, err
	}
	if len(t.touched) > 0 && t.n == 0 {
		return 0, store.ErrUnaudited
	}
	if t.n+len(t.touched) == 0 {
		return s.revision, nil
	}
	s.revision++
	s.records, s.log = t.records, t.log
	s.changes = append(s.changes, store.Change{Revision: s.revision, Versions: t.touched})
	close(s.changed)
	s.changed = make(chan struct{})
	return s.revision, nil
}
func (s *Store) Watch(ctx context.Context, after store.Revision) iter.Seq2[store.Change, error] {
	return func(yield func(store.Change, error) bool) {
		for {
			s.mu.Lock()
			pending, wait := slices.Clone(s.changes), s.changed
			s.mu.Unlock()
			for _, c := range pending {
				if c.Revision > after {
					after = c.Revision
					if !yield(c, nil) {
						return
					}
				}
			}
			select {
			case <-ctx.Done():
				yield(store.Change{}, ctx.Err())
				return
			case <-wait:
			}
		}
	}
}
func (s *Store) Close() error { return nil }

func (t *tx) Revision() store.Revision { return t.revision }
func (t *tx) Get(k store.Key) (store.Record, error) {
	r, ok := t.records[k]
	if !ok {
		return r, store.ErrNotFound
	}
	return r, nil
}
func (t *tx) List(c store.Key, p store.Page) ([]store.Record, error) {
	var out []store.Record
	for _, k := range slices.Sorted(maps.Keys(t.records)) {
		if k.Collection() == c && k.Name() > p.After && len(out) < p.Limit {
			out = append(out, t.records[k])
		}
	}
	return out, nil
}
func (t *tx) Count(c store.Key) (int, error) {
	l, _ := t.List(c, store.Page{Limit: 1 << 30})
	return len(l), nil
}
func (t *tx) Tree(k store.Key) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for _, key := range slices.Sorted(maps.Keys(t.records)) {
			if key.Within(k) && !yield(t.records[key], nil) {
				return
			}
		}
	}
}
func (t *tx) Changes(store.Revision, int) ([]store.Change, error)             { return nil, nil }
func (t *tx) History(store.Key, store.Revision, int) ([]store.Version, error) { return nil, nil }
func (t *tx) AuditLog(after int64, limit int) ([]store.AuditEntry, error) {
	log := t.log[:len(t.log)-t.n]
	if after < 0 {
		after = max(0, int64(len(log))+after)
	}
	if after > int64(len(log)) {
		return nil, nil
	}
	log = log[after:]
	return log[:min(limit, len(log))], nil
}
func (t *tx) Put(k store.Key, id string, v []byte) error {
	if err := k.Check(); err != nil {
		return err
	}
	r, ok := t.records[k]
	if !ok {
		r = store.Record{Key: k, ID: id, Created: t.revision + 1}
	}
	r.Value, r.Changed = slices.Clone(v), t.revision+1
	t.records[k] = r
	t.touched = append(t.touched, store.Version{Record: r, Revision: t.revision + 1})
	return nil
}
func (t *tx) Delete(k store.Key) error {
	if _, ok := t.records[k]; !ok {
		return store.ErrNotFound
	}
	delete(t.records, k)
	t.touched = append(t.touched, store.Version{Record: store.Record{Key: k}, Deleted: true})
	return nil
}
func (t *tx) Audit(data []byte) (uint64, error) {
	if t.FailAudit != nil {
		return 0, t.FailAudit
	}
	t.n++
	t.log = append(t.log, store.AuditEntry{Sequence: uint64(len(t.log) + 1), Revision: t.revision + 1, Data: slices.Clone(data)})
	return uint64(len(t.log)), nil
}

var _ = strings.ToLower
