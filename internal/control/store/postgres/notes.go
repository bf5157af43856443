package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Notes age by the clock of the database, which is the same for all nodes.
const (
	replaceNoteSQL = `UPDATE notes SET value = $2, written = clock_timestamp(), expires = clock_timestamp() + $3
		WHERE key = $1`
	expireNotesSQL = `DELETE FROM notes WHERE expires <= clock_timestamp()`
	// Two nodes may each add the last note: the limit is one of memory, and is not
	// worth a lock.
	addNoteSQL = `INSERT INTO notes (key, value, written, expires)
		SELECT $1, $2, clock_timestamp(), clock_timestamp() + $3 WHERE (SELECT count(*) FROM notes) < $4
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, written = excluded.written, expires = excluded.expires`
	listNotesSQL = `SELECT key, value, clock_timestamp() - written FROM notes
		WHERE expires > clock_timestamp() AND ($1 = '' OR key = $1 OR key > $1 || '/' AND key < $1 || '0')
		ORDER BY key LIMIT $2`
	dropNoteSQL = `DELETE FROM notes WHERE key = $1`
)

// PutNote implements store.Notebook.
func (s *Store) PutNote(ctx context.Context, key store.Key, value []byte, life time.Duration) error {
	if err := store.CheckNote(key, value, life); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	if value == nil {
		value = []byte{}
	}
	replaced, err := s.pool.Exec(ctx, replaceNoteSQL, string(key), value, life)
	if err == nil && replaced.RowsAffected() == 0 {
		return s.addNote(ctx, key, value, life)
	}
	return s.noted(err)
}

// addNote makes a note of a new key, where there is room.
func (s *Store) addNote(ctx context.Context, key store.Key, value []byte, life time.Duration) error {
	if _, err := s.pool.Exec(ctx, expireNotesSQL); err != nil {
		return s.noted(err)
	}
	added, err := s.pool.Exec(ctx, addNoteSQL, string(key), value, life, store.MaxNotes)
	if err == nil && added.RowsAffected() == 0 {
		return fmt.Errorf("the note %q: MaxNotes (%d) are kept: %w", key, store.MaxNotes, store.ErrNotesFull)
	}
	return s.noted(err)
}

// Notes implements store.Notebook.
func (s *Store) Notes(ctx context.Context, within store.Key, limit int) (found []store.Note, err error) {
	if err := errors.Join(store.CheckAncestor(within), store.CheckLimit(limit)); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, listNotesSQL, string(within), limit)
	if err != nil {
		return nil, s.noted(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n store.Note
		if err := rows.Scan(&n.Key, &n.Value, &n.Age); err != nil {
			return nil, s.noted(err)
		}
		found = append(found, n)
	}
	return found, s.noted(rows.Err())
}

// DropNote implements store.Notebook.
func (s *Store) DropNote(ctx context.Context, key store.Key) error {
	if err := key.Check(); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	_, err := s.pool.Exec(ctx, dropNoteSQL, string(key))
	return s.noted(err)
}

// noted explains an error of the notes.
func (s *Store) noted(err error) error {
	if err == nil {
		return nil
	}
	return s.explain("keeping notes", err)
}
