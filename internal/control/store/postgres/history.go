package postgres

import (
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	changesSQL = `SELECT key, id, value, created, revision, deleted FROM versions
		WHERE revision > $1 AND revision <= $2 ORDER BY revision, key`

	historySQL = `SELECT key, id, value, created, revision, deleted FROM versions
		WHERE key = $1 AND revision < $2 AND revision <= $3 ORDER BY revision DESC LIMIT $4`

	auditSQL = `SELECT sequence, revision, data FROM audit
		WHERE sequence > $1 AND revision <= $2 ORDER BY sequence LIMIT $3`

	// auditLastSQL is auditSQL for the last $1 entries.
	auditLastSQL = `SELECT sequence, revision, data FROM (
			SELECT * FROM audit WHERE sequence > (
				SELECT coalesce(max(sequence), 0) FROM audit WHERE revision = (
					SELECT max(revision) FROM audit WHERE revision <= $2
				)
			) - $1 AND revision <= $2
		) a ORDER BY sequence LIMIT $3`
)

func scanVersion(row pgx.CollectableRow) (store.Version, error) {
	var v store.Version
	err := row.Scan((*string)(&v.Key), &v.ID, &v.Value, (*uint64)(&v.Created), (*uint64)(&v.Revision), &v.Deleted)
	v.Changed = v.Revision
	return v, err
}

// Changes returns what was changed after a revision.
func (r *reader) Changes(after store.Revision, limit int) ([]store.Change, error) {
	if err := store.CheckLimit(limit); err != nil {
		return nil, err
	}
	if after > r.revision {
		return nil, fmt.Errorf("changes after revision %d, the latest is %d: %w", after, r.revision, store.ErrFutureRevision)
	}
	// Revisions that an update passed over have no row.
	last := min(after+store.Revision(limit), r.revision)
	if last == after {
		return nil, nil
	}
	versions, err := query(r, scanVersion, changesSQL, number(after), number(last))
	if err != nil {
		return nil, err
	}
	changes := make([]store.Change, 0, last-after)
	for revision := after + 1; revision <= last; revision++ {
		n := 0
		for n < len(versions) && versions[n].Revision == revision {
			n++
		}
		changes = append(changes, store.Change{Revision: revision, Versions: versions[:n:n]})
		versions = versions[n:]
	}
	return changes, nil
}

// History returns the states of a record, the latest first.
func (r *reader) History(key store.Key, before store.Revision, limit int) ([]store.Version, error) {
	if err := key.Check(); err != nil {
		return nil, err
	}
	if err := store.CheckLimit(limit); err != nil {
		return nil, err
	}
	if before == 0 {
		before = math.MaxInt64
	}
	return query(r, scanVersion, historySQL, string(key), number(before), number(r.revision), limit)
}

// AuditLog returns the entries after a sequence number, the oldest first.
func (r *reader) AuditLog(after int64, limit int) ([]store.AuditEntry, error) {
	if err := store.CheckLimit(limit); err != nil {
		return nil, err
	}
	scan := func(row pgx.CollectableRow) (store.AuditEntry, error) {
		var e store.AuditEntry
		err := row.Scan(&e.Sequence, (*uint64)(&e.Revision), &e.Data)
		return e, err
	}
	if after < 0 {
		return query(r, scan, auditLastSQL, -max(after, -math.MaxInt64), number(r.revision), limit)
	}
	return query(r, scan, auditSQL, after, number(r.revision), limit)
}
