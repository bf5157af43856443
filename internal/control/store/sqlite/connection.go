package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"

	_ "modernc.org/sqlite" // The driver.
)

// settings are what tests vary.
type settings struct {
	vfs         string // The name of SQLite's file system; "" for that of the machine.
	synchronous string
	checkpoint  int // About how many bytes are written between two checkpoints.
}

// source is the name by which the driver opens a file.
func (s settings) source(file string, readOnly bool) string {
	v := url.Values{}
	v.Set("_busy_timeout", strconv.FormatInt(busyTimeout.Milliseconds(), 10))
	v.Set("_synchronous", s.synchronous)
	v.Set("_defensive", "1")
	v.Set("_dqs", "0")
	v.Set("_error_rc", "1")
	if s.vfs != "" {
		v.Set("vfs", s.vfs)
	}
	// Checkpoints are ours, so that their errors are seen.
	v.Add("_pragma", "wal_autocheckpoint(0)")
	v.Add("_pragma", "trusted_schema(0)")
	v.Add("_pragma", fmt.Sprintf("journal_size_limit(%d)", 4*checkpointBytes))
	v.Add("_pragma", fmt.Sprintf("cache_size(-%d)", cacheBytes>>10))
	if readOnly {
		v.Set("_query_only", "1")
	} else {
		v.Set("_journal_mode", "WAL")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: v.Encode()}).String()
}

// connection is one connection with the statements that it has prepared.
type connection struct {
	conn       *sql.Conn
	owner      *sql.DB // Closed with the connection; nil where it has others.
	statements map[string]*sql.Stmt
}

func connect(ctx context.Context, db *sql.DB) (*connection, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return &connection{conn: conn, statements: map[string]*sql.Stmt{}}, nil
}

// prepared prepares a statement once.
func (c *connection) prepared(query string) (*sql.Stmt, error) {
	if statement := c.statements[query]; statement != nil {
		return statement, nil
	}
	statement, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("preparing a statement: %w", err)
	}
	c.statements[query] = statement
	return statement, nil
}

// exec runs a statement. It is not interrupted: statements are short, and one
// that is interrupted costs the connection.
func (c *connection) exec(query string, args ...any) (sql.Result, error) {
	return c.execContext(context.Background(), query, args...)
}

func (c *connection) execContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	statement, err := c.prepared(query) //nolint:sqlclosecheck // It lives as long as its connection.
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(ctx, args...)
}

// row reads one row; sql.ErrNoRows says that there is none.
func (c *connection) row(query string, args []any, into ...any) error {
	statement, err := c.prepared(query) //nolint:sqlclosecheck // As in execContext.
	if err != nil {
		return err
	}
	return statement.QueryRowContext(context.Background(), args...).Scan(into...)
}

// rows reads rows until each returns false.
func (c *connection) rows(query string, args []any, each func(scan func(...any) error) (bool, error)) (err error) {
	statement, err := c.prepared(query) //nolint:sqlclosecheck // As in execContext.
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if more, err := each(rows.Scan); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

func (c *connection) close() error {
	var errs []error
	for _, statement := range c.statements {
		errs = append(errs, statement.Close())
	}
	errs = append(errs, c.conn.Close())
	if c.owner != nil {
		errs = append(errs, c.owner.Close())
	}
	return errors.Join(errs...)
}

// pool lends connections for reading.
type pool struct {
	db    *sql.DB
	slots chan struct{} // One for each connection that is lent.
	mu    sync.Mutex
	free  []*connection
}

func newPool(db *sql.DB) *pool {
	return &pool{db: db, slots: make(chan struct{}, maxReaders)}
}

func (p *pool) take(ctx context.Context) (*connection, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		c := p.free[n-1]
		p.free = p.free[:n-1]
		return c, nil
	}
	c, err := connect(context.Background(), p.db)
	if err != nil {
		<-p.slots
	}
	return c, err
}

// give takes a connection back; one that is spoilt, or too many, is closed.
func (p *pool) give(c *connection, spoilt bool) {
	defer func() { <-p.slots }()
	p.mu.Lock()
	defer p.mu.Unlock()
	if spoilt || len(p.free) >= idleReaders {
		_ = c.close() // It only read.
		return
	}
	p.free = append(p.free, c)
}

// close closes all connections; none may be lent.
func (p *pool) close() error {
	var errs []error
	for _, c := range p.free {
		errs = append(errs, c.close())
	}
	p.free = nil
	return errors.Join(append(errs, p.db.Close())...)
}
