package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/counter"
)

const (
	// auditPage and changesPage are how many audit entries, and revisions, are
	// read at once.
	auditPage, changesPage = 200, 16
	// progressStep is the number of entries between two reports of progress.
	progressStep = 1000
)

// taker writes one archive.
type taker struct {
	ctx     context.Context
	from    Source
	to      io.Writer
	options TakeOptions
	w       *archive.Writer
	entries uint64
	audit   uint64
	// usage is what is taken of usage.
	usage   []usage.Range
	summary Summary
}

// Take writes a base: everything at one revision. Others write meanwhile. Where
// it returns an error what was written is no archive.
func Take(ctx context.Context, from Source, w io.Writer, o TakeOptions) (Summary, error) {
	// A store that was never asked for its lineage gets one before the view.
	if _, err := lineage.Of(ctx, from.Store, from.Clock.Now()); err != nil {
		return Summary{}, fmt.Errorf("taking a backup: %w", err)
	}
	t := &taker{ctx: ctx, from: from, to: w, options: o}
	if err := from.Store.View(ctx, t.base); err != nil {
		return Summary{}, fmt.Errorf("taking a backup: %w", err)
	}
	return t.summary, nil
}

// TakeChanges writes what was changed after a position, or returns ErrNoChanges
// and writes nothing. Its error wraps ErrSequence where the store is of another
// lineage: a base is needed then.
func TakeChanges(ctx context.Context, from Source, after Position, w io.Writer, o TakeOptions) (Summary, error) {
	t := &taker{ctx: ctx, from: from, to: w, options: o}
	err := from.Store.View(ctx, func(r store.Reader) error { return t.changes(r, after) })
	if err != nil {
		return Summary{}, fmt.Errorf("taking the changes after revision %d: %w", after.Revision, err)
	}
	return t.summary, nil
}

// begin writes the header.
func (t *taker) begin(r store.Reader, h archive.Header) (err error) {
	if h.Lineage, err = lineage.In(r); err != nil {
		return err
	}
	last, err := r.AuditLog(-1, 1)
	if err != nil {
		return err
	}
	for _, e := range last {
		h.RevisionTime = timeOf(e)
	}
	h.Revision, h.Created, h.Release = r.Revision(), t.from.Clock.Now(), t.from.Release
	t.w, err = archive.NewWriter(t.to, h, t.options.Key)
	return err
}

// timeOf is when an audit entry was written; zero where it does not say.
func timeOf(e store.AuditEntry) time.Time {
	var said struct {
		Time time.Time `json:"time"`
	}
	if json.Unmarshal(e.Data, &said) != nil {
		return time.Time{}
	}
	return said.Time
}

// end writes the counters, the usage and the trailer.
func (t *taker) end(r store.Reader) error {
	if t.from.Counters != nil {
		for _, reading := range writable(t.from.Counters.Snapshot()) {
			if err := t.write(archive.Counter(reading)); err != nil {
				return err
			}
		}
	}
	if err := t.accounts(r); err != nil {
		return err
	}
	trailer, err := t.w.Close()
	if err != nil {
		return err
	}
	h := t.w.Header()
	t.summary.Header, t.summary.Trailer, t.summary.Bytes = h, trailer, t.w.Bytes()
	t.summary.Position = Position{Lineage: h.Lineage, Revision: h.Revision, Audit: t.audit}
	if h.Usage != nil {
		t.summary.Position.Usage, t.summary.Position.HasUsage = *h.Usage, true
	}
	t.progress()
	return nil
}

// latestEnd is the last year that a window of a counter may end in.
const latestEnd = 9999

// writable are readings in the form and order of archives. Keys of counters come
// from callers, and may be shared with others through a server: whatever they
// are, none may keep a backup from being taken, or from being read. Bytes that
// are no text are replaced, of readings that are the same then the larger one
// counts, and a window that no calendar has is left out.
func writable(readings []counter.Reading) []counter.Reading {
	const noText = "\uFFFD"
	all := make([]counter.Reading, 0, len(readings))
	for _, r := range readings {
		if r.Start.Year() < 0 || r.End.Year() < 0 || r.Start.Year() > latestEnd || r.End.Year() > latestEnd || r.Period < 0 {
			continue
		}
		r.Name, r.Key = strings.ToValidUTF8(r.Name, noText), strings.ToValidUTF8(r.Key, noText)
		r.Period = r.Period.Truncate(time.Millisecond)
		all = append(all, r)
	}
	slices.SortStableFunc(all, archive.CompareCounters)
	out := all[:0]
	for _, r := range all {
		if n := len(out); n > 0 && archive.CompareCounters(out[n-1], r) == 0 {
			out[n-1].Used.Calls = max(out[n-1].Used.Calls, r.Used.Calls)
			out[n-1].Used.Bytes = max(out[n-1].Used.Bytes, r.Used.Bytes)
			continue
		}
		out = append(out, r)
	}
	return out
}

func (t *taker) write(e archive.Entry) error {
	if t.entries++; t.entries%progressStep == 0 {
		if err := context.Cause(t.ctx); err != nil {
			return err
		}
		t.progress()
	}
	return t.w.Write(e)
}

func (t *taker) progress() {
	if t.options.Progress != nil {
		t.options.Progress(Progress{Phase: PhaseReading, Entries: t.entries, Bytes: t.w.Bytes()})
	}
}

// base writes everything.
func (t *taker) base(r store.Reader) error {
	h := archive.Header{Kind: archive.Base}
	if err := t.seeUsage(r, &h, Position{}); err != nil {
		return err
	}
	if err := t.begin(r, h); err != nil {
		return err
	}
	for _, part := range []func(store.Reader) error{t.dataKeys, t.records, t.auditLog} {
		if err := part(r); err != nil {
			return err
		}
	}
	return t.end(r)
}

func (t *taker) dataKeys(r store.Reader) error {
	records, err := r.List(secret.DataKeys(), store.Page{Limit: secret.MaxDataKeys})
	if err != nil {
		return err
	}
	for _, record := range records {
		if err := t.dataKey(record); err != nil {
			return err
		}
	}
	return nil
}

func (t *taker) dataKey(record store.Record) error {
	key, err := t.from.Keys.DataKey(t.ctx, record)
	if err != nil {
		return err
	}
	return t.write(archive.DataKey(key))
}

func (t *taker) records(r store.Reader) error {
	for record, err := range r.Tree("") {
		if err != nil {
			return err
		}
		if apart(record.Key) {
			continue
		}
		t.secrets(record.Key, record.Value)
		if err := t.write(archive.Record(record)); err != nil {
			return err
		}
	}
	return nil
}

// apart reports whether a record is none of those that are backed up as they
// are: data keys have entries of their own, and the lineage is in the header.
func apart(key store.Key) bool { return key == lineage.Key || secret.IsDataKey(key) }

// secrets counts the sealed values of a record that open.
func (t *taker) secrets(key store.Key, value []byte) {
	opened, closed := openSealed(t.from.Keys, key, value)
	t.w.NoteSecrets(opened)
	if closed > 0 && len(t.summary.Unopened) < MaxListed {
		t.summary.Unopened = append(t.summary.Unopened, key)
	}
}

func (t *taker) auditLog(r store.Reader) error {
	for {
		page, err := r.AuditLog(int64(t.audit), auditPage) //nolint:gosec // A log of 2^63 entries fits nowhere.
		if err != nil || len(page) == 0 {
			return err
		}
		for _, e := range page {
			if err := t.write(archive.AuditEntry(e)); err != nil {
				return err
			}
			t.audit = e.Sequence
		}
	}
}

// changes writes what was changed.
func (t *taker) changes(r store.Reader, after Position) error {
	switch line, err := lineage.In(r); {
	case err != nil:
		return err
	case line != after.Lineage || r.Revision() < after.Revision:
		return fmt.Errorf("the store is another one than before: %w", ErrSequence)
	}
	h := archive.Header{Kind: archive.Changes, FromRevision: after.Revision}
	if err := t.seeUsage(r, &h, after); err != nil {
		return err
	}
	if r.Revision() == after.Revision && (t.from.Counters == nil || !t.options.CountersAlone) && !h.Accounts {
		return ErrNoChanges
	}
	if err := t.begin(r, h); err != nil {
		return err
	}
	t.audit = after.Audit
	entries := &auditCursor{r: r, after: after.Audit}
	for at := after.Revision; at < r.Revision(); {
		page, err := r.Changes(at, changesPage)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return errors.New("the store has lost revisions")
		}
		for _, change := range page {
			if err := t.change(change, entries); err != nil {
				return err
			}
			at = change.Revision
		}
	}
	return t.end(r)
}

// change writes one revision.
func (t *taker) change(c store.Change, log *auditCursor) error {
	entries, err := log.of(c.Revision)
	if err != nil {
		return err
	}
	head := archive.Revision{Revision: c.Revision, AuditEntries: len(entries)}
	for _, v := range c.Versions {
		if v.Key != lineage.Key {
			head.Versions++
		}
	}
	if len(entries) > 0 {
		head.Time = timeOf(entries[len(entries)-1])
	}
	if err := t.write(head); err != nil {
		return err
	}
	for _, v := range c.Versions {
		if err := t.version(v); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if err := t.write(archive.AuditEntry(e)); err != nil {
			return err
		}
		t.audit = e.Sequence
	}
	return nil
}

func (t *taker) version(v store.Version) error {
	switch {
	case v.Key == lineage.Key:
		return nil
	case secret.IsDataKey(v.Key) && v.Deleted:
		return fmt.Errorf("the data key %s was deleted, which nothing of ours does", v.Key.Name())
	case secret.IsDataKey(v.Key):
		return t.dataKey(v.Record)
	}
	t.secrets(v.Key, v.Value)
	return t.write(archive.Version(v))
}

// auditCursor reads the audit log by revisions.
type auditCursor struct {
	r     store.Reader
	after uint64
	page  []store.AuditEntry
	done  bool
}

// of returns the entries of a revision, which come after those of the one before.
func (c *auditCursor) of(revision store.Revision) ([]store.AuditEntry, error) {
	var found []store.AuditEntry
	for {
		for len(c.page) > 0 && c.page[0].Revision == revision {
			found, c.page = append(found, c.page[0]), c.page[1:]
		}
		if len(c.page) > 0 || c.done {
			return found, nil
		}
		page, err := c.r.AuditLog(int64(c.after), auditPage) //nolint:gosec // As in auditLog.
		if err != nil {
			return nil, err
		}
		c.page, c.done = page, len(page) == 0
		if len(page) > 0 {
			c.after = page[len(page)-1].Sequence
		}
	}
}
