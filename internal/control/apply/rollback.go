package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
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

// RollbackOptions say what of a service is taken back.
type RollbackOptions struct {
	// Revision is what the service goes back to.
	Revision store.Revision
	// DryRun makes the plan and checks that it could be carried out.
	DryRun bool
	// Visitors takes back what visitors did as well: users who signed up since go,
	// those who closed their accounts come back, and so with their subscriptions.
	Visitors bool
	// Revive lets subscriptions of the configuration that have ended since, keys that
	// were renewed and passwords that were changed be what they were, and with
	// Visitors who was blocked since or put out of a group.
	Revive bool
}

// Rollback makes a service what it was at a revision, in one transaction that is
// checked, audited and published like any other. What was written since stays in
// the history. What is no configuration, as the sessions of users and, without
// being asked for, all that visitors made, stays as it is, but for that of
// resources which were not there.
func Rollback(ctx context.Context, p *service.Plane, call *resource.Call, id resource.ID, o RollbackOptions) (*Plan, error) {
	then, err := at(ctx, p, call, id, o.Revision)
	if err != nil {
		return nil, err
	}
	if len(then) == 0 {
		return nil, fmt.Errorf("the service %s was not there at revision %d", id, o.Revision)
	}
	return carryOut(ctx, p, call, o.DryRun, func(s *resource.Session) ([]Left, error) {
		r := &rollback{s: s, service: id, o: o, then: then, now: state{}}
		err := r.restore()
		return r.left, err
	})
}

// rollback is one that is carried out.
type rollback struct {
	s         *resource.Session
	service   resource.ID
	o         RollbackOptions
	then, now state
	left      []Left
}

// restore writes what differs.
func (r *rollback) restore() error {
	gone, err := r.gone()
	if err != nil {
		return err
	}
	for _, id := range gone {
		if err := r.s.Drop(id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	for key, record := range r.then {
		if is, ok := r.now[key]; ok && bytes.Equal(is.Value, record.Value) {
			continue // Store would find out as well; this is faster.
		}
		if r.s.Registry.Live(resource.ID(record.ID)) {
			continue
		}
		if err := r.bring(record); err != nil {
			return err
		}
	}
	return nil
}

// gone reads what is there now, and tells what was not there then and goes.
func (r *rollback) gone() ([]resource.ID, error) {
	var gone []resource.ID
	for record, err := range r.s.Reader().Tree(r.service.Key()) {
		if err != nil {
			return nil, fmt.Errorf("reading what is there: %w", err)
		}
		id := resource.ID(record.ID)
		if r.s.Registry.Live(id) {
			continue
		}
		r.now[record.Key] = record
		if _, ok := r.then[record.Key]; ok {
			continue
		}
		e, err := r.s.Decode(store.Version{Record: record})
		if err != nil {
			return nil, err
		}
		if r.o.Visitors || !ofVisitors(e) && !isClaim(id) {
			gone = append(gone, id)
		}
	}
	if r.o.Visitors {
		return gone, nil
	}
	return gone, inUse(r.s, r.service, gone, "was not there at that revision")
}

// isClaim reports whether a record says which user or subscription has a value
// that no other may have. Those that are there stay where visitors do; one that
// its resource no longer has counts for nothing.
func isClaim(id resource.ID) bool {
	return strings.EqualFold(id.Collection().Name(), "claims") && id.Parent().Equal(id.Service())
}

// bring writes one record as it was then, as far as that is asked for.
func (r *rollback) bring(record store.Record) error {
	e, err := r.s.Decode(store.Version{Record: record})
	if err != nil {
		return err
	}
	here, err := r.here(record.Key)
	if err != nil {
		return err
	}
	rel, _ := model.ParseID(e.ID.Relative()) // What is no id of the model has no kind.
	switch {
	case !r.o.Visitors && isClaim(e.ID) && here != nil:
		return nil
	case !r.o.Visitors && (ofVisitors(e) || here != nil && ofVisitors(here)):
		return r.bringVisitors(e, here, rel)
	case r.o.Revive:
	case isMembership(rel) && here == nil && ofVisitors(e):
		if again, err := r.comesBack(e.ID); !again || err != nil {
			r.left = append(r.left, Left{ID: e.ID.Relative(), Reason: becausePutOut})
			return err
		}
	case rel.Kind() != model.KindSubscription:
		r.keepProofs(e, here)
	case here == nil:
		r.left = append(r.left, wasDeleted(record))
		return nil
	default:
		if err := r.shield(e, here); err != nil {
			return err
		}
	}
	return r.s.Store(e.ID, e.Body)
}

// here is what is there now below a key; nil where nothing is.
func (r *rollback) here(key store.Key) (*resource.Entity, error) {
	is, there := r.now[key]
	if !there {
		return nil, nil
	}
	return r.s.Decode(store.Version{Record: is})
}

// bringVisitors leaves what visitors made as it is, but for those who were members
// of a group to its end, which comes back.
func (r *rollback) bringVisitors(e, here *resource.Entity, rel model.ID) error {
	if here == nil && isMembership(rel) {
		_, user := r.now[r.service.Child("users", e.ID.Name()).Key()]
		together, err := r.wentTogether(e.ID, e.ID.Parent())
		if err != nil {
			return err
		}
		if _, group := r.now[e.ID.Parent().Key()]; !group && user && together {
			return r.s.Store(e.ID, e.Body)
		}
	}
	if rel.Kind() != "" {
		r.left = append(r.left, Left{ID: e.ID.Relative(), Reason: "is the visitors' own, and stays as it is; --visitors takes it back"})
	}
	return nil
}

// shield keeps of a subscription what is newer here.
func (r *rollback) shield(e, here *resource.Entity) error {
	stated, err := subscriptionOf(r.s, e)
	if err != nil {
		return err
	}
	now, err := subscriptionOf(r.s, here)
	if err != nil {
		return err
	}
	fields, reason := newer(stated, now, r.s.Now())
	for _, field := range fields {
		if value, ok := here.Properties()[field]; ok {
			e.Set(field, value)
		} else {
			e.Unset(field)
		}
	}
	if reason != "" {
		r.left = append(r.left, Left{ID: e.ID.Relative(), Reason: strings.Replace(reason, "the folder's", "what was there then", 1)})
	}
	return nil
}
