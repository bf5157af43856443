package ship

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Resume goes on with the newest chain of this store, after what the place
// holds. Where there is none, or where the store's history is another, it says
// so: a new chain begins with Base.
func (s *Shipper) Resume(ctx context.Context, c *catalog.Catalog) (bool, error) {
	of, err := lineage.Of(ctx, s.o.Source.Store, s.o.Clock.Now())
	if err != nil {
		return false, fmt.Errorf("resuming the backup: %w", err)
	}
	plan, ok := newest(c, of)
	if !ok {
		return false, nil
	}
	position := backup.Position{Lineage: of, Revision: plan.Reaches}
	last, previous := plan.Base.Name, plan.Base.ID
	if head, ok := plan.Head(); ok {
		last, previous = head.Name, head.Digest
	}
	header, err := s.header(ctx, last)
	if err != nil {
		return false, fmt.Errorf("resuming the backup: %w", err)
	}
	if header.Usage != nil {
		position.Usage, position.HasUsage = *header.Usage, true
	}
	var sequence uint64
	for _, one := range c.Changes[plan.Base.Chain] {
		sequence = max(sequence, one.Sequence)
	}
	now, entry, err := s.at(ctx, plan.Reaches)
	if err != nil {
		return false, fmt.Errorf("resuming the backup: %w", err)
	}
	if !now.Equal(header.RevisionTime) {
		return false, nil // Another history, as of an older copy that was put back.
	}
	position.Audit = entry
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chain, s.position, s.previous, s.sequence = plan.Base.Chain, position, previous, sequence
	return true, nil
}

// newest is the plan of the newest base in a chain of a lineage.
func newest(c *catalog.Catalog, lineage string) (plan catalog.Plan, ok bool) {
	for _, b := range c.Bases {
		if b.Chain != "" && b.Note.Lineage == lineage {
			plan, ok = c.Follow(b), true
		}
	}
	return plan, ok
}

// header reads the header of an archive.
func (s *Shipper) header(ctx context.Context, name string) (h archive.Header, err error) {
	r, err := s.o.Place.Read(ctx, name)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	a, err := archive.NewReader(ctx, r, s.o.Keys)
	if err != nil {
		return h, fmt.Errorf("%s: %w", name, err)
	}
	return a.Header(), nil
}

// at is the time of the last audit entry of a revision, and its number. The time
// is zero where the store has no such revision.
func (s *Shipper) at(ctx context.Context, revision store.Revision) (made time.Time, last uint64, err error) {
	err = s.o.Source.Store.ViewAt(ctx, revision, func(r store.Reader) error {
		entries, err := audit.Read(r, -1, 1)
		if err == nil && len(entries) > 0 {
			made, last = entries[0].Time, entries[0].Sequence
		}
		return err
	})
	if errors.Is(err, store.ErrFutureRevision) {
		return time.Time{}, 0, nil
	}
	return made.UTC().Round(0), last, err
}
