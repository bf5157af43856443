package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// FileName is the name of the database in its folder.
	FileName = "store.db"

	// busyTimeout is how long an update waits for one of another process.
	busyTimeout = 10 * time.Second
	// pollInterval is how often a store looks whether another process wrote.
	pollInterval = 200 * time.Millisecond
	// maxReaders bounds the views at a time; more wait.
	maxReaders = 64
	// idleReaders bounds the connections that are kept open for later views.
	idleReaders = 8
	// checkpointBytes is about how much is written between two checkpoints.
	checkpointBytes = 4 << 20
	// updateBytes is about what an update writes beside its values.
	updateBytes = 16 << 10
	// cacheBytes bounds the page cache of one connection.
	cacheBytes = 8 << 20
	// treeBatch and treeBytes bound what Tree reads at once.
	treeBatch, treeBytes = 256, 4 << 20
	// treeEnd is behind every key: no UTF-8 text begins with it.
	treeEnd = "\xff"
	// watchBatch bounds the revisions that a watch reads at once.
	watchBatch = 16

	folderPermission = 0o700
	filePermission   = 0o600
)

// Store implements store.Store.
type Store struct {
	store.MemoryNotes // What passes is not worth a file: other processes have notes of their own.

	readers *pool
	writer  *connection
	writing chan struct{} // Holds one token: who has it may use writer.
	// failed is why no more updates are taken. pending is about how much was
	// written since the last checkpoint. Both belong to who has the token.
	failed  error
	pending int
	limit   int // How much pending may be.

	closed  chan struct{}
	polling sync.WaitGroup
	mu      sync.Mutex
	calls   sync.WaitGroup // Calls under way; begun under mu only.
	latest  store.Revision // The newest that was seen.
	changed chan struct{}  // Closed when latest grows.
}

// Option changes how a store is opened.
type Option func(*options)

type options struct {
	settings
	clock      clock.Clock
	migrations fs.FS
}

// WithClock sets the clock by which the store looks for what other processes
// wrote.
func WithClock(c clock.Clock) Option { return func(o *options) { o.clock = c } }

// Open opens the store in a folder, and makes both where they are not there.
// The schema of an older release is brought up to date.
func Open(ctx context.Context, dir string, with ...Option) (*Store, error) {
	o := options{settings: settings{synchronous: "FULL", checkpoint: checkpointBytes}, clock: clock.System(), migrations: released}
	for _, option := range with {
		option(&o)
	}
	s, err := open(ctx, filepath.Join(dir, FileName), o)
	if err != nil {
		return nil, fmt.Errorf("opening the store in %s: %w", dir, err)
	}
	return s, nil
}

func open(ctx context.Context, file string, o options) (*Store, error) {
	if err := makeFile(file); err != nil {
		return nil, err
	}
	writer, err := openWriter(ctx, file, o)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", o.source(file, true))
	if err != nil {
		return nil, errors.Join(err, writer.close())
	}
	s := &Store{
		MemoryNotes: store.MemoryNotes{Clock: o.clock},
		readers:     newPool(db), writer: writer, writing: make(chan struct{}, 1),
		limit: o.checkpoint, closed: make(chan struct{}), changed: make(chan struct{}),
	}
	s.writing <- struct{}{}
	if err := s.look(ctx); err != nil {
		return nil, errors.Join(err, writer.close(), s.readers.close())
	}
	s.polling.Go(func() { s.poll(o.clock) })
	return s, nil
}

// makeFile makes the database file and its folder, such that nobody else can
// read it. SQLite gives the files beside it the same permissions, and syncs the
// folder; the one above is ours to sync, so that the new one stays.
func makeFile(file string) error {
	dir := filepath.Dir(file)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, folderPermission); err != nil {
			return fmt.Errorf("making the folder: %w", err)
		}
		if err := syncFolder(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(filepath.Clean(file), os.O_RDWR|os.O_CREATE, filePermission)
	if err != nil {
		return fmt.Errorf("making the file: %w", err)
	}
	return f.Close()
}

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return fmt.Errorf("opening the folder above: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("syncing the folder above: %w", err)
	}
	return nil
}

// openWriter opens the connection that writes, and brings the schema up to
// date.
func openWriter(ctx context.Context, file string, o options) (*connection, error) {
	steps, err := migrations(o.migrations)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", o.source(file, false))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := connect(ctx, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	conn.owner = db
	if err := o.check(ctx, conn.conn); err != nil {
		return nil, errors.Join(err, conn.close())
	}
	if err := migrate(ctx, conn.conn, steps); err != nil {
		return nil, errors.Join(err, conn.close())
	}
	return conn, nil
}

// check makes sure that SQLite took the settings on which durability rests.
func (s settings) check(ctx context.Context, conn *sql.Conn) error {
	for pragma, want := range map[string]string{
		"journal_mode": "wal",
		"synchronous":  map[string]string{"FULL": "2", "NORMAL": "1", "OFF": "0"}[s.synchronous],
	} {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return fmt.Errorf("reading the setting %s: %w", pragma, err)
		}
		if !strings.EqualFold(got, want) {
			return fmt.Errorf("the setting %s is %s in place of %s: the file system may lack what it needs", pragma, got, want)
		}
	}
	return nil
}
