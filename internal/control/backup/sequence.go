package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/counter"
)

// sink takes in what archives hold, up to the point that is restored.
type sink interface {
	dataKey(archive.DataKey) error
	// record takes records in the order of their keys; baseRead follows the last.
	record(store.Record) error
	baseRead() error
	// version takes a state that a revision after the base has written.
	version(store.Version, store.Revision) error
	auditEntry(store.AuditEntry) error
	// account takes accounts of usage in the order of their keys; usageRead follows
	// the last of an archive. The next one may hold later states of the same.
	account(store.Account) error
	usageRead() error
}

// sequence reads a base and the changes after it.
type sequence struct {
	ctx      context.Context
	from     Archives
	to       sink
	phase    string
	progress func(Progress)

	report   Report
	digester *archive.Digester
	counters []counter.Reading
	usage    usageRead
	entries  uint64
	// reached says that the point was passed: what follows is read and not taken.
	reached bool
}

// run reads all archives to their ends.
func (s *sequence) run() error {
	s.digester = archive.NewDigester()
	base, err := s.from.Base(s.ctx)
	if err != nil {
		return fmt.Errorf("opening the base: %w", err)
	}
	if err := errors.Join(s.archive(base, archive.Base), base.Close()); err != nil {
		return fmt.Errorf("the base: %w", err)
	}
	if s.from.Changes != nil {
		for changes, err := range s.from.Changes {
			if err != nil {
				return fmt.Errorf("opening the changes after revision %d: %w", s.report.Revision, err)
			}
			if err := errors.Join(s.archive(changes, archive.Changes), changes.Close()); err != nil {
				return fmt.Errorf("the changes after revision %d: %w", s.report.Revision, err)
			}
			if s.reached {
				break
			}
		}
	}
	if until := s.from.Until.Revision; s.report.Revision < until {
		return fmt.Errorf("they end at revision %d, and revision %d was asked for: %w", s.report.Revision, until, ErrNotReached)
	}
	for _, reading := range s.counters {
		s.digester.Add(archive.Counter(reading))
	}
	s.tell()
	return nil
}

// archive reads one archive to its end.
func (s *sequence) archive(from io.Reader, kind archive.Kind) error {
	r, err := archive.NewReader(s.ctx, from, s.from.Keys)
	if err != nil {
		return err
	}
	if err := s.follows(r.Header(), kind); err != nil {
		return err
	}
	a := &reading{sequence: s, header: r.Header()}
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if s.entries++; s.entries%progressStep == 0 {
			if err := context.Cause(s.ctx); err != nil {
				return err
			}
			s.tell()
		}
		if err := a.take(e); err != nil {
			return err
		}
	}
	s.report.Archives++
	s.report.Bytes += r.Bytes()
	return a.end(r.Trailer())
}

func (s *sequence) tell() {
	if s.progress != nil {
		s.progress(Progress{Phase: s.phase, Entries: s.entries, Bytes: s.report.Bytes})
	}
}

// follows says why an archive may not come next.
func (s *sequence) follows(h archive.Header, kind archive.Kind) error {
	until := s.from.Until
	switch {
	case h.Kind != kind:
		return fmt.Errorf("it holds %q in place of %q: %w", h.Kind, kind, ErrSequence)
	case kind == archive.Base:
		if until.Revision != 0 && h.Revision > until.Revision || !until.Time.IsZero() && h.RevisionTime.After(until.Time) {
			return fmt.Errorf("it has revision %d of %s: %w", h.Revision, h.RevisionTime.Format(time.RFC3339), ErrTooEarly)
		}
	case h.Lineage != s.report.Base.Lineage:
		return fmt.Errorf("they have the lineage %q, the base has %q: %w", h.Lineage, s.report.Base.Lineage, ErrSequence)
	case h.FromRevision > s.report.Revision:
		return fmt.Errorf("they begin after revision %d: %w", h.FromRevision, ErrSequence)
	}
	return nil
}

// within reports whether a revision is before the point, or at it.
func (s *sequence) within(r archive.Revision) bool {
	until := s.from.Until
	return (until.Revision == 0 || r.Revision <= until.Revision) && (until.Time.IsZero() || !r.Time.After(until.Time))
}

// reading is an archive that is read.
type reading struct {
	*sequence
	header   archive.Header
	counters []counter.Reading
	accounts uint64 // That were taken.
	// skip says that the revision which is read is there already, or comes after
	// the point.
	skip bool
	// records says that records may still come.
	ended bool
}

func (a *reading) take(e archive.Entry) error {
	switch e := e.(type) {
	case archive.Revision:
		return a.revision(e)
	case archive.Counter:
		if err := a.endRecords(); err != nil {
			return err
		}
		a.counters = append(a.counters, counter.Reading(e))
		return nil
	case archive.Account:
		return a.account(e)
	}
	if a.skip {
		return nil
	}
	switch e := e.(type) {
	case archive.DataKey:
		return a.to.dataKey(e)
	case archive.Record:
		return a.to.record(store.Record(e))
	case archive.Version:
		return a.to.version(store.Version(e), a.report.Revision)
	case archive.AuditEntry:
		if err := a.endRecords(); err != nil {
			return err
		}
		a.digester.Add(e)
		a.report.Position.Audit = e.Sequence
		return a.to.auditEntry(store.AuditEntry(e))
	}
	return nil
}

func (a *reading) revision(r archive.Revision) error {
	a.reached = a.reached || !a.within(r)
	a.skip = a.reached || r.Revision <= a.report.Revision
	if !a.skip {
		a.report.Revision, a.report.RevisionTime = r.Revision, r.Time
	}
	return nil
}

// endRecords tells that the last record of a base was read.
func (a *reading) endRecords() error {
	if a.ended || a.header.Kind != archive.Base {
		return nil
	}
	a.ended = true
	return a.to.baseRead()
}

// end is told that the whole archive was right.
func (a *reading) end(t archive.Trailer) error {
	if err := a.endRecords(); err != nil {
		return err
	}
	if a.header.Kind == archive.Base {
		a.report.Base, a.report.Trailer = a.header, t
		a.report.Revision, a.report.RevisionTime = a.header.Revision, a.header.RevisionTime
	}
	a.report.Position.Lineage, a.report.Position.Revision = a.header.Lineage, a.report.Revision
	if len(a.counters) > 0 && !a.reached {
		a.sequence.counters = a.counters
	}
	return a.endUsage(t)
}

// contents is what the first reading keeps: the data keys, and of the records
// that were changed after the base which revision wrote them last.
type contents struct {
	keys  map[string]secret.DataKey
	final map[store.Key]store.Revision
}

func (c *contents) dataKey(k archive.DataKey) error {
	if len(c.keys) >= secret.MaxDataKeys {
		return fmt.Errorf("more than %d data keys: %w", secret.MaxDataKeys, archive.ErrLimit)
	}
	c.keys[k.ID] = secret.DataKey(k)
	return nil
}

func (c *contents) version(v store.Version, revision store.Revision) error {
	if apart(v.Key) {
		return fmt.Errorf("a version of %s: %w", v.Key, archive.ErrDamaged)
	}
	c.final[v.Key] = revision
	return nil
}

func (c *contents) record(r store.Record) error {
	if apart(r.Key) {
		return fmt.Errorf("a record %s: %w", r.Key, archive.ErrDamaged)
	}
	return nil
}

func (c *contents) baseRead() error                   { return nil }
func (c *contents) auditEntry(store.AuditEntry) error { return nil }
func (c *contents) account(store.Account) error       { return nil }
func (c *contents) usageRead() error                  { return nil }

// ordered are the data keys in the order of their ids.
func (c *contents) ordered() []secret.DataKey {
	all := make([]secret.DataKey, 0, len(c.keys))
	for _, k := range c.keys {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b secret.DataKey) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// readAll reads the archives to their ends and writes nothing.
func readAll(ctx context.Context, from Archives, progress func(Progress)) (*sequence, *contents, error) {
	c := &contents{keys: map[string]secret.DataKey{}, final: map[store.Key]store.Revision{}}
	s := &sequence{ctx: ctx, from: from, to: c, phase: PhaseReading, progress: progress}
	if err := s.run(); err != nil {
		return nil, nil, err
	}
	for _, k := range c.ordered() {
		s.digester.Add(archive.DataKey(k))
	}
	return s, c, nil
}
