// Package backup takes backups of an installation, verifies them and restores
// them. A backup is everything at one revision: records, the audit log, the
// counters, usage, and the data keys that its secrets are sealed with, under the
// backup's own key. docs/formats/backup.md is the format of its archives.
package backup

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/counter"
)

var (
	// ErrNoChanges says that there is nothing to take after a position.
	ErrNoChanges = errors.New("nothing was changed since")
	// ErrSequence says that archives do not belong together: another lineage, or
	// changes that do not begin where those before ended.
	ErrSequence = errors.New("the archives do not follow each other")
	// ErrTooEarly says that the base is newer than the point to restore to.
	ErrTooEarly = errors.New("the base is newer than the point to restore to")
	// ErrNotReached says that the archives end before the point to restore to.
	ErrNotReached = errors.New("the archives end before the point to restore to")
	// ErrContent says that what was restored is not what the archive holds, or
	// that a secret of it does not open.
	ErrContent = errors.New("what the backup restores is not what it was taken from")
	// ErrOccupied refuses to make a store where there is one already.
	ErrOccupied = errors.New("there is a store already")
	// ErrInUse refuses to replace the files of a store that another process uses.
	ErrInUse = errors.New("another process uses the store: end it, or restore into the store without replacing its files")
)

// Source is what a backup is taken of.
type Source struct {
	Store store.Store
	// Keys opens the secrets of the store.
	Keys *secret.Keyring
	// Counters are in the backup where they are given; nil leaves them out.
	Counters counter.Keeper
	Clock    clock.Clock
	// Release is the version of the program.
	Release string
}

// TakeOptions say how a backup is written.
type TakeOptions struct {
	// Key is the backup's own. Required.
	Key *archive.Key
	// CountersAlone lets TakeChanges write an archive where only counters can
	// have changed.
	CountersAlone bool
	// Usage lets TakeChanges take the usage that has changed since the last that was
	// taken. A base has all of it.
	Usage bool
	// Progress is told how far it is, about every 1,000 entries; it may be nil.
	Progress func(Progress)
}

// The phases of taking, verifying and restoring.
const (
	PhaseReading  = "reading"
	PhaseWriting  = "writing"
	PhaseChecking = "checking"
)

// Progress says how far something is.
type Progress struct {
	// Phase is what is being done.
	Phase string
	// Entries and Bytes are what was done: entries, and bytes of archives.
	Entries uint64
	Bytes   int64
}

// Position is where a backup ended, and the next changes begin.
type Position struct {
	Lineage  string
	Revision store.Revision
	// Audit is the number of the last audit entry.
	Audit uint64
	// Usage is the stamp up to which usage was taken, where HasUsage says that it
	// ever was.
	Usage    uint64
	HasUsage bool
}

// Summary is what was written.
type Summary struct {
	Header  archive.Header
	Trailer archive.Trailer
	// Position is where the next changes begin.
	Position Position
	// Bytes is the length of the archive.
	Bytes int64
	// Unopened are keys of records with a sealed value that the source could not
	// open itself, at most MaxListed.
	Unopened []store.Key
}

// MaxListed bounds each list of keys in reports; counts are whole.
const MaxListed = 1000

// Opener opens an archive to be read from its beginning. It is called more than
// once.
type Opener func(context.Context) (io.ReadCloser, error)

// Archives are what is restored or verified: a base and the changes after it.
type Archives struct {
	Base Opener
	// Changes are the archives of changes, in their order; nil where there are
	// none. It is walked more than once, and each archive is closed.
	Changes iter.Seq2[io.ReadCloser, error]
	// Keys opens them.
	Keys archive.KeyOpener
	// Until is the point to restore to; its zero value is the end.
	Until Point
}

// Point is a revision, or the last revision that was made at or before a time.
// Where both are zero it is the end.
type Point struct {
	Revision store.Revision
	Time     time.Time
}

// VerifyOptions say how archives are verified.
type VerifyOptions struct {
	Clock    clock.Clock
	Progress func(Progress)
}

// Target is where archives are restored to: one of Store and Folder.
type Target struct {
	// Store is a store: its contents are replaced in one transaction, its
	// revision goes on upwards and its history stays.
	Store store.Store
	// Folder is that of a SQLite store, which is built aside and renamed into
	// place.
	Folder string
	// Key encrypts the data keys of the target.
	Key secret.KeyEncrypter
	// Counters gets the counters, after everything else; nil drops them.
	Counters counter.Keeper
	Clock    clock.Clock
}

// RestoreOptions say how archives are restored.
type RestoreOptions struct {
	// DryRun writes nothing, and reports what would change.
	DryRun bool
	// Replace lets a Folder be replaced in which there is a store already, as
	// where that is damaged. What was there stays beside it.
	Replace bool
	// KeepUsage leaves the usage of a Store as it is, as where a mistake is undone in
	// an installation that has served since. Else that of the archives takes its
	// place, where they hold any.
	KeepUsage bool
	// By is who asked, for the audit log: Actor is required, and time, action,
	// resource and outcome are filled in.
	By       audit.Entry
	Progress func(Progress)
}

// Report is what archives held, and what became of them.
type Report struct {
	// Base is the header of the base, and Trailer its trailer.
	Base    archive.Header
	Trailer archive.Trailer
	// Archives is the number of archives that were read, of which all but one
	// held changes, and Bytes their length.
	Archives int
	Bytes    int64
	// Revision is that of the source to which they lead, RevisionTime when it
	// was made, and Position where its next changes would begin.
	Revision     store.Revision
	RevisionTime time.Time
	Position     Position
	// Digests are those of the restored state, and Digest the canonical digest.
	Digests archive.Digests
	Digest  string
	// Records, AuditEntries, Counters and DataKeys are what was restored, and
	// Secrets how many sealed values opened. A dry run to a revision after the
	// base's, which restores nothing, leaves Digest, Records and Secrets empty.
	Records, AuditEntries, Counters, DataKeys, Secrets uint64
	// Accounts is how many accounts of usage were restored. A verification and a dry
	// run count those that they read, each as often as archives hold it.
	Accounts uint64
	// UsageKept says that the usage of the target stays: the archives tell of none,
	// as those of version 1, or it was asked for.
	UsageKept bool
	// Restored is the revision of the target; 0 where nothing was written.
	Restored store.Revision
	// AuditKept says that the target went on with its own audit log, because
	// that of the backup does not continue it.
	AuditKept bool
	// AuditBroken is the first entry of the backup's audit log that is not what
	// was written, or does not follow the one before; 0 where the chain is whole.
	AuditBroken uint64
	// Previous is where the store that was in the folder is now; "" where there
	// was none.
	Previous string
	// Made, Changed and Deleted are what the restore does to the records of the
	// target.
	Made, Changed, Deleted Keys
}

// Keys are a number of records, and the ids of the first MaxListed of them.
type Keys struct {
	Count uint64   `json:"count"`
	IDs   []string `json:"ids,omitempty"`
}

func (k *Keys) add(id string) {
	k.Count++
	if len(k.IDs) < MaxListed {
		k.IDs = append(k.IDs, id)
	}
}
