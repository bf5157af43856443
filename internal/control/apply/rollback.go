package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
)

// state is what a service was at a revision.
type state map[store.Key]store.Record

// at reads a service at a revision.
func at(ctx context.Context, p *service.Plane, call *resource.Call, id resource.ID, revision store.Revision) (state, error) {
	all := state{}
	err := p.ReadAt(ctx, call, revision, func(s *resource.Session) error {
		clear(all)
		for record, err := range s.Reader().Tree(id.Key()) {
			if err != nil {
				return fmt.Errorf("reading revision %d: %w", revision, err)
			}
			all[record.Key] = record
		}
		return nil
	})
	return all, err
}

// Difference says what of a service is not the same at two revisions, as the
// steps that lead from the one to the other.
func Difference(ctx context.Context, p *service.Plane, call *resource.Call, id resource.ID, from, to store.Revision) (*Plan, error) {
	before, err := at(ctx, p, call, id, from)
	if err != nil {
		return nil, err
	}
	after, err := at(ctx, p, call, id, to)
	if err != nil {
		return nil, err
	}
	var edits []resource.Edit
	for key, record := range after {
		was, ok := before[key]
		edit := resource.Edit{ID: resource.ID(record.ID), After: &resource.Entity{}}
		if ok {
			same, err := resource.SameValue(was, record)
			if err != nil {
				return nil, err
			}
			if same {
				continue
			}
			edit.Before = &resource.Entity{}
		}
		edits = append(edits, edit)
	}
	for key, record := range before {
		if _, ok := after[key]; !ok {
			edits = append(edits, resource.Edit{ID: resource.ID(record.ID), Before: &resource.Entity{}})
		}
	}
	return &Plan{Steps: steps(edits), Revision: to}, nil
}

// Rollback makes a service what it was at a revision, in one transaction that is
// checked, audited and published like any other. What was written since stays in
// the history. What is no configuration, as the sessions of users, stays as it is,
// but for that of resources which were not there.
func Rollback(
	ctx context.Context, p *service.Plane, call *resource.Call, id resource.ID, revision store.Revision, dry bool,
) (*Plan, error) {
	then, err := at(ctx, p, call, id, revision)
	if err != nil {
		return nil, err
	}
	if len(then) == 0 {
		return nil, fmt.Errorf("the service %s was not there at revision %d", id, revision)
	}
	return carryOut(ctx, p, call, dry, func(s *resource.Session) error { return restore(s, id, then) })
}

// restore writes what differs.
func restore(s *resource.Session, id resource.ID, then state) error {
	var gone []resource.ID
	now := map[store.Key]store.Record{}
	for record, err := range s.Reader().Tree(id.Key()) {
		if err != nil {
			return fmt.Errorf("reading what is there: %w", err)
		}
		if s.Registry.Live(resource.ID(record.ID)) {
			continue
		}
		now[record.Key] = record
		if _, ok := then[record.Key]; !ok {
			gone = append(gone, resource.ID(record.ID))
		}
	}
	for _, id := range gone {
		if err := s.Drop(id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	for key, record := range then {
		if is, ok := now[key]; ok && bytes.Equal(is.Value, record.Value) {
			continue // Store would find out as well; this is faster.
		}
		if s.Registry.Live(resource.ID(record.ID)) {
			continue
		}
		e, err := s.Decode(store.Version{Record: record})
		if err != nil {
			return err
		}
		if err := s.Store(e.ID, e.Body); err != nil {
			return err
		}
	}
	return nil
}
