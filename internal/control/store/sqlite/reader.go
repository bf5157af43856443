package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/sallyport/sallyport/internal/control/store"
)

// reader reads one state through a connection that is in a transaction.
type reader struct {
	ctx      context.Context
	c        *connection
	revision store.Revision
	past     bool // Not the latest state of the transaction.
	audit    int64
	counts   map[store.Key]int // By how much an update changed the counts; nil in a view.
}

// arguments puts the revision before the others where the state is a past one.
func (r *reader) arguments(args ...any) []any {
	if r.past {
		return append([]any{int64(r.revision)}, args...)
	}
	return args
}

func (r *reader) query(latest, past string) string {
	if r.past {
		return past
	}
	return latest
}

// Revision implements store.Reader.
func (r *reader) Revision() store.Revision { return r.revision }

// Get implements store.Reader.
func (r *reader) Get(key store.Key) (store.Record, error) {
	if err := errors.Join(key.Check(), r.ctx.Err()); err != nil {
		return store.Record{}, err
	}
	var record store.Record
	err := r.c.row(r.query(getLatest, getPast), r.arguments(string(key)), into(&record)...)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Record{}, fmt.Errorf("%s at revision %d: %w", key, r.revision, store.ErrNotFound)
	}
	if err != nil {
		return store.Record{}, fmt.Errorf("reading %s: %w", key, err)
	}
	return record, nil
}

// into is where the columns of a record go.
func into(record *store.Record) []any {
	return []any{&record.Key, &record.ID, &record.Value, &record.Created, &record.Changed}
}

// below is the key before all those of a collection.
func below(collection store.Key) string {
	if collection == "" {
		return ""
	}
	return string(collection) + "/"
}

// List implements store.Reader.
func (r *reader) List(collection store.Key, page store.Page) ([]store.Record, error) {
	if err := errors.Join(store.CheckAncestor(collection), page.Check(), r.ctx.Err()); err != nil {
		return nil, err
	}
	query, args := r.query(listLatest, listPast), r.arguments(string(collection), page.After, page.Limit, page.Skip)
	if !r.past && page.After == "" && page.Skip > 0 {
		total, err := r.Count(collection)
		if err != nil || page.Skip >= total {
			return nil, err
		}
		if rest := total - page.Skip; rest < page.Skip { // It is nearer to the end.
			limit := min(page.Limit, rest)
			query, args = listFromEnd, []any{string(collection), limit, rest - limit}
		}
	}
	records, err := r.records(query, args)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", collection, err)
	}
	return records, nil
}

// records reads records, in the order of the query.
func (r *reader) records(query string, args []any) ([]store.Record, error) {
	var records []store.Record
	err := r.c.rows(query, args, func(scan func(...any) error) (bool, error) {
		var record store.Record
		err := scan(into(&record)...)
		records = append(records, record)
		return true, err
	})
	return records, err
}

// Count implements store.Reader.
func (r *reader) Count(collection store.Key) (int, error) {
	if err := errors.Join(store.CheckAncestor(collection), r.ctx.Err()); err != nil {
		return 0, err
	}
	var n int
	err := r.c.row(r.query(countLatest, countPast), r.arguments(string(collection)), &n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("counting %s: %w", collection, err)
	}
	return n + r.counts[collection], nil
}

// Tree implements store.Reader. It reads some records at a time, so that the
// caller may write meanwhile.
func (r *reader) Tree(key store.Key) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if err := store.CheckAncestor(key); err != nil {
			yield(store.Record{}, err)
			return
		}
		after, end := below(key), treeEnd
		if key != "" {
			end = string(key) + "0" // The sign after the slash.
			switch record, err := r.Get(key); {
			case errors.Is(err, store.ErrNotFound):
			case err != nil || !yield(record, nil):
				if err != nil {
					yield(record, err)
				}
				return
			}
		}
		for {
			records, err := r.batch(after, end)
			if err != nil {
				yield(store.Record{}, err)
				return
			}
			for _, record := range records {
				if !yield(record, nil) {
					return
				}
				after = string(record.Key)
			}
			if len(records) == 0 {
				return
			}
		}
	}
}

// batch reads the next records of a tree: not too many, and not too much.
func (r *reader) batch(after, end string) ([]store.Record, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	var records []store.Record
	size := 0
	args := r.arguments(after, end, treeBatch)
	err := r.c.rows(r.query(treeLatest, treePast), args, func(scan func(...any) error) (bool, error) {
		var record store.Record
		err := scan(into(&record)...)
		records = append(records, record)
		size += len(record.Value)
		return size < treeBytes, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the records after %s: %w", after, err)
	}
	return records, nil
}

// versions reads versions, in the order of the query.
func (r *reader) versions(query string, args ...any) ([]store.Version, error) {
	var found []store.Version
	err := r.c.rows(query, args, func(scan func(...any) error) (bool, error) {
		var v store.Version
		err := scan(append(into(&v.Record), &v.Deleted)...)
		v.Revision = v.Changed
		if v.Deleted {
			v.Value = nil
		}
		found = append(found, v)
		return true, err
	})
	return found, err
}

// Changes implements store.Reader.
func (r *reader) Changes(after store.Revision, limit int) ([]store.Change, error) {
	if err := errors.Join(store.CheckLimit(limit), r.ctx.Err()); err != nil {
		return nil, err
	}
	if after > r.revision {
		return nil, fmt.Errorf("changes after revision %d of %d: %w", after, r.revision, store.ErrFutureRevision)
	}
	last := min(after+store.Revision(limit), r.revision)
	versions, err := r.versions(readChanges, int64(after), int64(last))
	if err != nil {
		return nil, fmt.Errorf("reading the changes after revision %d: %w", after, err)
	}
	changes := make([]store.Change, 0, last-after)
	for revision := after + 1; revision <= last; revision++ {
		n := 0
		for n < len(versions) && versions[n].Revision == revision {
			n++
		}
		of := versions[:n:n]
		slices.SortFunc(of, func(a, b store.Version) int { return cmp.Compare(a.Key, b.Key) })
		changes = append(changes, store.Change{Revision: revision, Versions: of})
		versions = versions[n:]
	}
	return changes, nil
}

// History implements store.Reader.
func (r *reader) History(key store.Key, before store.Revision, limit int) ([]store.Version, error) {
	if err := errors.Join(key.Check(), store.CheckLimit(limit), r.ctx.Err()); err != nil {
		return nil, err
	}
	last := r.revision
	if before > 0 {
		last = min(last, before-1)
	}
	versions, err := r.versions(readHistory, string(key), int64(last), limit)
	if err != nil {
		return nil, fmt.Errorf("reading the history of %s: %w", key, err)
	}
	return versions, nil
}

// AuditLog implements store.Reader.
func (r *reader) AuditLog(after int64, limit int) ([]store.AuditEntry, error) {
	if err := errors.Join(store.CheckLimit(limit), r.ctx.Err()); err != nil {
		return nil, err
	}
	last := r.audit
	if r.past {
		if err := r.c.row(countAudit, []any{int64(r.revision)}, &last); err != nil {
			return nil, fmt.Errorf("counting the audit log: %w", err)
		}
	}
	if after < 0 {
		after = max(0, last+after)
	}
	var entries []store.AuditEntry
	err := r.c.rows(readAudit, []any{after, last, limit}, func(scan func(...any) error) (bool, error) {
		var e store.AuditEntry
		err := scan(&e.Sequence, &e.Revision, &e.Data)
		entries = append(entries, e)
		return true, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the audit log after %d: %w", after, err)
	}
	return entries, nil
}
