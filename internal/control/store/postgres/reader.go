package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Limits of one step of Tree.
const (
	treeRecords = 1000
	treeBytes   = 8 << 20
)

// statements read records, by $2 as the last revision that counts.
type statements struct{ get, list, count, tree string }

// latestSQL reads what is there now. $2 hides nothing; it is there so that both
// take the same arguments.
var latestSQL = statements{
	get: `SELECT key, id, value, created, changed FROM records WHERE key = $1 AND changed <= $2`,
	// What is passed over is counted in the index, without the records.
	list: `SELECT key, id, value, created, changed FROM records
		WHERE collection = $1 AND changed <= $2 AND name > CASE WHEN $4::bigint = 0 THEN $3 ELSE (
			SELECT name FROM records WHERE collection = $1 AND name > $3 ORDER BY name OFFSET greatest($4::bigint - 1, 0) LIMIT 1
		) END ORDER BY name LIMIT $5`,
	count: countSQL,
	tree: bounded(`SELECT key, id, value, created, changed FROM records
		WHERE key > $1 AND changed <= $2 AND key < $3 ORDER BY key LIMIT $4`),
}

// pastSQL reads what was there at a revision.
var pastSQL = statements{
	get: `SELECT key, id, value, created, revision FROM (
			SELECT * FROM versions WHERE key = $1 AND revision <= $2 ORDER BY revision DESC LIMIT 1
		) v WHERE NOT deleted`,
	list: `SELECT key, id, value, created, revision FROM (
			SELECT DISTINCT ON (name) * FROM versions
			WHERE collection = $1 AND revision <= $2 AND name > $3 ORDER BY name, revision DESC
		) v WHERE NOT deleted ORDER BY name OFFSET $4 LIMIT $5`,
	count: countSQL,
	tree: bounded(`SELECT key, id, value, created, revision AS changed FROM (
			SELECT DISTINCT ON (key) * FROM versions
			WHERE key > $1 AND revision <= $2 AND key < $3 ORDER BY key, revision DESC
		) v WHERE NOT deleted ORDER BY key LIMIT $4`),
}

const countSQL = `SELECT records FROM counts WHERE collection = $1 AND revision <= $2 ORDER BY revision DESC LIMIT 1`

// bounded leaves of a query's records no more than have $5 bytes of values
// together, and the first in any case.
func bounded(query string) string {
	return `SELECT key, id, value, created, changed FROM (
		SELECT *, sum(octet_length(value)) OVER (ORDER BY key ROWS UNBOUNDED PRECEDING) - octet_length(value) AS bytes_before
		FROM (` + query + `) q) w WHERE bytes_before < $5 ORDER BY key`
}

// highest is above every key.
var highest = strings.Repeat("\U0010ffff", store.MaxKeyLength/4+1)

// reader reads one state. It implements store.Reader.
type reader struct {
	ctx      context.Context
	store    *Store
	q        pgx.Tx
	revision store.Revision
	// horizon is the last revision of records that counts: within an update its
	// own.
	horizon int64
	sql     statements
	// before, in an update, writes what was put off; it comes before every read.
	before func() error
	// failed is the first error of the database.
	failed error
}

// Revision is the revision that is read.
func (r *reader) Revision() store.Revision { return r.revision }

// query reads rows.
func query[T any](r *reader, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	if r.before != nil {
		if err := r.before(); err != nil {
			return nil, err
		}
	}
	rows, err := r.q.Query(r.ctx, sql, args...)
	if err != nil {
		return nil, r.fail("reading", err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, r.fail("reading", err)
	}
	return found, nil
}

// fail remembers the first error: after it the transaction is of no use.
func (r *reader) fail(doing string, err error) error {
	if r.failed == nil {
		r.failed = err
	}
	return r.store.explain(doing, err)
}

func scanRecord(row pgx.CollectableRow) (store.Record, error) {
	var rec store.Record
	err := row.Scan((*string)(&rec.Key), &rec.ID, &rec.Value, (*uint64)(&rec.Created), (*uint64)(&rec.Changed))
	return rec, err
}

// Get returns the record, or store.ErrNotFound.
func (r *reader) Get(key store.Key) (store.Record, error) {
	if err := key.Check(); err != nil {
		return store.Record{}, err
	}
	found, err := query(r, scanRecord, r.sql.get, string(key), r.horizon)
	if err != nil {
		return store.Record{}, err
	}
	if len(found) == 0 {
		return store.Record{}, fmt.Errorf("%q: %w", key, store.ErrNotFound)
	}
	return found[0], nil
}

// List returns a page of a collection.
func (r *reader) List(collection store.Key, page store.Page) ([]store.Record, error) {
	if err := errors.Join(store.CheckAncestor(collection), page.Check()); err != nil {
		return nil, err
	}
	return query(r, scanRecord, r.sql.list, string(collection), r.horizon, page.After, page.Skip, page.Limit)
}

// Count returns the number of records of a collection.
func (r *reader) Count(collection store.Key) (int, error) {
	if err := store.CheckAncestor(collection); err != nil {
		return 0, err
	}
	found, err := query(r, pgx.RowTo[int], r.sql.count, string(collection), r.horizon)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// Tree returns a record and what is below it, a bounded number at a time.
func (r *reader) Tree(key store.Key) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		above, end := "", highest
		if key != "" {
			above, end = string(key)+"/", string(key)+"0" // '0' follows '/'.
			root, err := r.Get(key)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				yield(store.Record{}, err)
				return
			}
			if err == nil && !yield(root, nil) {
				return
			}
		}
		for {
			found, err := query(r, scanRecord, r.sql.tree, above, r.horizon, end, treeRecords, treeBytes)
			if err != nil {
				yield(store.Record{}, err)
				return
			}
			for _, record := range found {
				if !yield(record, nil) {
					return
				}
			}
			if len(found) == 0 {
				return
			}
			above = string(found[len(found)-1].Key)
		}
	}
}
