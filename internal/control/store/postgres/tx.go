package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Limits of what is put off until the next read.
const (
	maxQueuedWrites = 500
	maxQueuedBytes  = 4 << 20
)

const (
	// putSQL returns nothing where the record has the value already.
	putSQL = `INSERT INTO records AS r (key, collection, name, id, value, created, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $6)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed = excluded.changed
		WHERE r.value <> excluded.value RETURNING created`

	deleteSQL = `DELETE FROM records WHERE key = $1 RETURNING created`

	appendSQL = `INSERT INTO audit (sequence, revision, data) VALUES ($1, $2, $3)`

	// restoreSQL gives a record that was changed, and changed back, the revision
	// back that it had.
	restoreSQL = `UPDATE records r SET changed = v.revision
		FROM (SELECT * FROM versions WHERE key = $1 ORDER BY revision DESC LIMIT 1) v
		WHERE r.key = $1 AND r.changed = $2 AND r.created = v.created AND r.value = v.value`

	beginRevisionSQL = `INSERT INTO revisions (revision, token) VALUES ($1, $2)`

	writtenSQL = `INSERT INTO versions (key, collection, name, revision, deleted, id, value, created)
		SELECT key, collection, name, $2, false, id, value, created FROM records WHERE key = ANY($1)`

	deletedSQL = `INSERT INTO versions (key, collection, name, revision, deleted, id, value, created)
		SELECT DISTINCT ON (key) key, collection, name, $2::bigint, true, id, ''::bytea, created
		FROM versions WHERE key = ANY($1) ORDER BY key, revision DESC`

	countsSQL = `INSERT INTO counts (collection, revision, records)
		SELECT d.collection, $3, d.change + coalesce((
			SELECT records FROM counts c WHERE c.collection = d.collection ORDER BY revision DESC LIMIT 1
		), 0)
		FROM unnest($1::text[], $2::bigint[]) AS d (collection, change)`

	notifySQL = "SELECT pg_notify('" + channel + "', $1::text)"

	// durableSQL makes sure of the commit also where a pooler gave the
	// transaction another session. No time-out may run then: it would end the
	// waiting for standbys, and the server say that all is well.
	durableSQL = "SELECT " + durable + ", true), set_config('statement_timeout', '0', true)"
)

// touched is a record that an update wrote or deleted.
type touched struct {
	before  bool // It was there before the update.
	present bool // It is there now.
	same    bool // It is as it was.
}

// tx reads and writes in the transaction of an update: what it writes is in the
// tables at once, or waits in a queue that is sent before anything is read. It
// implements store.Tx.
type tx struct {
	reader
	queue       *pgx.Batch
	queuedBytes int
	touched     map[store.Key]*touched
	// written are the keys that Put was called with.
	written map[store.Key]bool
	// counts are the changes to the numbers of records by collection.
	counts   map[store.Key]int
	sequence uint64
	audited  bool
	// posting posts, where the update began with the lock for it, and posted says
	// that it was asked for.
	posting *ledgerTx
	posted  bool
}

func newTx(ctx context.Context, s *Store, q pgx.Tx, latest store.Revision, sequence uint64) *tx {
	t := &tx{
		reader: reader{ctx: ctx, store: s, q: q, revision: latest, horizon: int64(latest) + 1, sql: latestSQL},
		queue:  &pgx.Batch{}, touched: map[store.Key]*touched{}, written: map[store.Key]bool{},
		counts: map[store.Key]int{}, sequence: sequence,
	}
	t.before = t.flush
	return t
}

// Put makes or replaces a record.
func (t *tx) Put(key store.Key, id string, value []byte) error {
	if err := store.CheckRecord(key, id, value); err != nil {
		return err
	}
	args := []any{string(key), string(key.Collection()), key.Name(), id, copied(value), t.horizon}
	t.queue.Queue(putSQL, args...).QueryRow(func(row pgx.Row) error {
		var created int64
		err := row.Scan(&created)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			t.note(key, created != t.horizon, true)
		}
		return err
	})
	if t.written[key] {
		t.queue.Queue(restoreSQL, string(key), t.horizon).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() > 0 {
				t.touched[key].same = true
			}
			return nil
		})
	}
	t.written[key] = true
	return t.queued(len(key) + len(id) + len(value))
}

// Delete removes a record, or returns store.ErrNotFound.
func (t *tx) Delete(key store.Key) error {
	if err := key.Check(); err != nil {
		return err
	}
	found, err := query(&t.reader, pgx.RowTo[int64], deleteSQL, string(key))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("%q: %w", key, store.ErrNotFound)
	}
	t.note(key, found[0] != t.horizon, false)
	return nil
}

// Audit appends an entry to the audit log.
func (t *tx) Audit(data []byte) (uint64, error) {
	if err := store.CheckAudit(data); err != nil {
		return 0, err
	}
	t.sequence++
	t.audited = true
	t.queue.Queue(appendSQL, int64(t.sequence), t.horizon, copied(data))
	return t.sequence, t.queued(len(data))
}

// Advance implements store.Advancer.
func (t *tx) Advance(to store.Revision) error {
	if len(t.written) > 0 || len(t.touched) > 0 || t.audited {
		return fmt.Errorf("passing over revisions after something was written: %w", store.ErrInvalid)
	}
	t.revision = max(t.revision, min(to, math.MaxInt64-1))
	t.horizon = int64(t.revision) + 1 //nolint:gosec // Bounded above.
	return nil
}

// Count returns the number of records of a collection.
func (t *tx) Count(collection store.Key) (int, error) {
	n, err := t.reader.Count(collection)
	if err != nil {
		return 0, err
	}
	return n + t.counts[collection], nil
}

// note remembers that a record was written, or deleted. existed says that the
// state that it replaced is older than the update.
func (t *tx) note(key store.Key, existed, present bool) {
	was := t.touched[key]
	if was == nil {
		was = &touched{before: existed, present: existed}
		t.touched[key] = was
	}
	was.same = false
	if present != was.present {
		was.present = present
		change := 1
		if !present {
			change = -1
		}
		t.counts[key.Collection()] += change
	}
}

// queued sends the queue when it has become long.
func (t *tx) queued(size int) error {
	t.queuedBytes += size
	if t.queue.Len() < maxQueuedWrites && t.queuedBytes < maxQueuedBytes {
		return nil
	}
	return t.flush()
}

func (t *tx) flush() error {
	if t.queue.Len() == 0 {
		return nil
	}
	batch := t.queue
	t.queue, t.queuedBytes = &pgx.Batch{}, 0
	return t.send(batch)
}

func (t *tx) send(batch *pgx.Batch) error {
	if err := t.q.SendBatch(t.ctx, batch).Close(); err != nil {
		return t.fail("writing", err)
	}
	return nil
}

// finish writes what belongs to the revision as a whole, and returns its token:
// nil where nothing was changed.
func (t *tx) finish() (*token, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	written, deleted := t.changed()
	switch {
	case len(written)+len(deleted) > 0 && !t.audited:
		return nil, fmt.Errorf("%d records are changed: %w", len(written)+len(deleted), store.ErrUnaudited)
	case !t.audited && t.posted:
		return nil, fmt.Errorf("accounts may be changed: %w", store.ErrUnaudited)
	case !t.audited:
		return nil, nil
	}
	var mark token
	if _, err := rand.Read(mark[:]); err != nil {
		return nil, fmt.Errorf("making a token: %w", err)
	}
	batch := &pgx.Batch{}
	batch.Queue(beginRevisionSQL, t.horizon, mark)
	if len(written) > 0 {
		batch.Queue(writtenSQL, written, t.horizon)
	}
	if len(deleted) > 0 {
		batch.Queue(deletedSQL, deleted, t.horizon)
	}
	if collections, changes := t.countChanges(); len(collections) > 0 {
		batch.Queue(countsSQL, collections, changes, t.horizon)
	}
	batch.Queue(notifySQL, strconv.FormatInt(t.horizon, 10))
	batch.Queue(durableSQL)
	return &mark, t.send(batch)
}

// changed are the keys of the records that are not as they were before.
func (t *tx) changed() (written, deleted []string) {
	for key, what := range t.touched {
		switch {
		case what.present && !what.same:
			written = append(written, string(key))
		case !what.present && what.before:
			deleted = append(deleted, string(key))
		}
	}
	return written, deleted
}

// countChanges are the collections whose number of records is another one, and
// by how much.
func (t *tx) countChanges() (collections []string, changes []int64) {
	for collection, change := range t.counts {
		if change != 0 {
			collections = append(collections, string(collection))
			changes = append(changes, int64(change))
		}
	}
	return collections, changes
}

// copied is a copy that is never nil, which would be NULL.
func copied(data []byte) []byte { return append([]byte{}, data...) }
