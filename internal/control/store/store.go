// Package store is the contract of the store that holds everything that is
// configured: one revision number for every write, reads at a revision, the
// history of every record, a watch over changes, and the audit record in the
// transaction of the write that it tells of.
//
// A record is opaque to the store: a key, the spelling of its id, and a value.
// Three packages implement the contract: memory, sqlite and postgres. storetest
// is the suite that all of them pass.
package store

import (
	"context"
	"errors"
	"iter"
)

// Limits of the contract, the same in every implementation.
const (
	// MaxKeyLength bounds a key, in bytes.
	MaxKeyLength = 2048
	// MaxValueLength bounds a value and an audit entry, in bytes.
	MaxValueLength = 32 << 20
	// MaxListLimit bounds what List, Changes, History and AuditLog return at
	// once.
	MaxListLimit = 10_000
)

var (
	// ErrNotFound says that there is no record with the key, at that revision.
	ErrNotFound = errors.New("no such record")
	// ErrUnaudited refuses an update that changes records and appends nothing
	// to the audit log: it is written, or the change does not happen.
	ErrUnaudited = errors.New("the change has no audit entry")
	// ErrFutureRevision refuses to read at a revision that is not there yet.
	ErrFutureRevision = errors.New("there is no such revision yet")
	// ErrCompacted refuses to read at a revision, or to watch from one, that is
	// older than what the store keeps of its history.
	ErrCompacted = errors.New("the revision is older than the history that is kept")
	// ErrConflict says that an update gave up after others were faster too
	// often. Nothing was changed.
	ErrConflict = errors.New("other updates were faster too often")
	// ErrUncertain says that the connection to the database was lost while an
	// update was committed, and that nobody could be asked whether it was. It may
	// have happened, or not; it is not going to happen later.
	ErrUncertain = errors.New("it is not known whether the update was committed")
	// ErrUnavailable is wrapped by what fails because the database cannot be
	// reached, or takes no connections. Nothing was changed.
	ErrUnavailable = errors.New("the store cannot be reached")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("the store is closed")
	// ErrInvalid is wrapped by what refuses a key, a value or a limit that the
	// contract does not allow.
	ErrInvalid = errors.New("not allowed by the store's contract")
)

// Revision numbers the states of a store. The empty store has revision 0; each
// update that changes something makes the next one, without gaps.
type Revision uint64

// Record is one thing that is configured.
type Record struct {
	Key Key
	// ID is the resource id as it was spelled when the record was made.
	ID string
	// Value is the record's content. Nobody writes into it.
	Value []byte
	// Created is the revision that made the record, Changed the one that wrote
	// it last.
	Created, Changed Revision
}

// Page asks for a part of a collection.
type Page struct {
	// After is the folded name after which the page begins; "" begins with the
	// first.
	After string
	// Skip passes over as many records more.
	Skip int
	// Limit bounds the number of records, 1 to MaxListLimit.
	Limit int
}

// Version is one state of one record.
type Version struct {
	Record
	// Revision is the revision that wrote this state.
	Revision Revision
	// Deleted says that the revision removed the record; Value is then empty.
	Deleted bool
}

// AuditEntry is one line of the audit log: opaque to the store.
type AuditEntry struct {
	// Sequence numbers the entries from 1, without gaps.
	Sequence uint64
	// Revision is that of the update that appended the entry.
	Revision Revision
	// Data is what was appended.
	Data []byte
}

// Change is what one revision changed, in the order of the keys.
type Change struct {
	Revision Revision
	Versions []Version
}

// Reader reads one state of the store: everything that it returns belongs to
// one revision.
type Reader interface {
	// Revision is the revision that is read.
	Revision() Revision
	// Get returns the record, or ErrNotFound.
	Get(key Key) (Record, error)
	// List returns the records whose Key.Collection is the collection, in the
	// order of their folded names, and not what is below them.
	List(collection Key, page Page) ([]Record, error)
	// Count returns the number of records of the collection, as List has them.
	Count(collection Key) (int, error)
	// Tree returns the record with the key, if it is there, and everything
	// below it, in the order of the keys. The empty key is above everything.
	Tree(key Key) iter.Seq2[Record, error]
	// Changes returns what was changed after a revision, the oldest first, at
	// most limit revisions.
	Changes(after Revision, limit int) ([]Change, error)
	// History returns the states of a record before a revision (0: up to the one
	// that is read), the latest first.
	History(key Key, before Revision, limit int) ([]Version, error)
	// AuditLog returns the entries after a sequence number, the oldest first.
	// After a negative number -n it returns the last n entries.
	AuditLog(after int64, limit int) ([]AuditEntry, error)
}

// Tx reads and writes in one serialisable transaction. It sees its own writes,
// as if they had been made by the revision that follows Revision; Changes,
// History and AuditLog show only what is committed.
type Tx interface {
	Reader
	// Put makes or replaces a record. The spelling of a record's id stays that of
	// its making.
	Put(key Key, id string, value []byte) error
	// Delete removes a record, or returns ErrNotFound. What is below it stays.
	Delete(key Key) error
	// Audit appends an entry to the audit log and returns its sequence number.
	Audit(data []byte) (uint64, error)
}

// Advancer is a Tx of a store that can pass over revisions: after a restore they
// go on above those of the store that the backup was taken of, so that no two
// states have one number. Revisions that were passed over changed nothing.
type Advancer interface {
	// Advance makes the update's revision the one that follows the given, where
	// that is higher than the latest. It comes before everything that is written.
	Advance(to Revision) error
}

// Store is a revisioned store. All methods may be called concurrently.
type Store interface {
	// View calls f with the latest state. It sees every update that had returned
	// before it was called, on whichever node.
	View(ctx context.Context, f func(Reader) error) error
	// ViewAt calls f with the state at a revision.
	ViewAt(ctx context.Context, revision Revision, f func(Reader) error) error
	// Update calls f, commits what it wrote and returns the revision that
	// resulted when that is durable. f may run again, so it must have no effect
	// but through its Tx. Where f returns an error nothing happens. An update
	// that leaves every record as it was, and appends nothing, makes no revision.
	Update(ctx context.Context, f func(Tx) error) (Revision, error)
	// Watch returns every change after a revision as it is committed, in order
	// and without gaps, until ctx ends or an error was returned.
	Watch(ctx context.Context, after Revision) iter.Seq2[Change, error]
	// Close ends everything. Updates that have returned are durable.
	Close() error
}
