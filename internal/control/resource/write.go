package resource

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// MaxChildren bounds how many resources one request may write.
const MaxChildren = 1_000_000

// Replace is PUT: it checks the body, completes it and keeps it. old is what is
// kept under the id now, or nil.
func (s *Session) Replace(n *Node, id ID, body map[string]any, old *Entity) (*Entity, error) {
	clean, err := s.clean(n, n.Create, body, contract.Create)
	if err != nil {
		return nil, err
	}
	if old != nil {
		keep(n, clean, old.Body)
	}
	return s.settle(n, &Entity{ID: id, Body: clean}, old)
}

// Change is PATCH: it checks the patch, merges it into what is kept, completes
// the result and keeps it.
func (s *Session) Change(n *Node, patch map[string]any, old *Entity) (*Entity, error) {
	clean, err := s.clean(n, n.Update, patch, contract.Merge)
	if err != nil {
		return nil, err
	}
	next := old.Clone()
	Merge(next.Body, clean)
	return s.settle(n, next, old)
}

// clean checks a body against its contract.
func (s *Session) clean(n *Node, model string, body map[string]any, mode contract.Mode) (map[string]any, error) {
	if model == "" || n.NoBody {
		return map[string]any{}, nil
	}
	m, err := s.Contracts.Model(model)
	if err != nil {
		return nil, err
	}
	clean, faults := m.Clean(body, mode)
	if len(faults) > 0 {
		return nil, problem.Validation("One or more fields contain incorrect values:").
			WithTarget(faults[0].Target).WithDetails(faults...)
	}
	delete(clean, "id")
	delete(clean, "name")
	delete(clean, "type")
	return clean, unsealed(n, clean)
}

// CleanInput checks the body of an action against its model; nil where it has
// none.
func (s *Session) CleanInput(model string, body map[string]any) (map[string]any, error) {
	if model == "" {
		return nil, nil
	}
	m, err := s.Contracts.Model(model)
	if err != nil {
		return nil, err
	}
	clean, faults := m.Clean(body, contract.Create)
	if len(faults) > 0 {
		return nil, problem.Validation("One or more fields contain incorrect values:").
			WithTarget(faults[0].Target).WithDetails(faults...)
	}
	return clean, nil
}

// keep carries over what a PUT leaves as it was.
func keep(n *Node, next, old map[string]any) {
	for _, path := range n.Keep {
		if _, given := At(next, path); given {
			continue
		}
		if value, ok := At(old, path); ok {
			put(next, path, cloneTree(value))
		}
	}
}

// settle runs the kind's hooks around the write.
func (s *Session) settle(n *Node, e, old *Entity) (*Entity, error) {
	if n.Prepare != nil {
		if err := n.Prepare(s, e, old); err != nil {
			return nil, err
		}
	}
	if err := s.Keep(n, e, old); err != nil {
		return nil, err
	}
	if n.Written != nil {
		if err := n.Written(s, e, old); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Keep writes an entity as it is, with its secrets sealed, and notes the edit.
// Hooks use it for what else has to change; it runs no hooks itself. A resource
// that would be as it was keeps its version.
func (s *Session) Keep(n *Node, e, old *Entity) error {
	if s.tx == nil {
		return fmt.Errorf("writing %s: the session only reads", e.ID)
	}
	if len(s.edits) >= MaxChildren {
		return problem.Validation("The request would write more than %d resources.", MaxChildren)
	}
	if err := s.seal(n, e.ID, e.Body); err != nil {
		return err
	}
	e.Changed = s.reader.Revision() + 1
	value, err := encodeValue(e)
	if err != nil {
		return fmt.Errorf("writing %s: %w", e.ID, err)
	}
	if err := s.tx.Put(e.ID.Key(), string(e.ID), value); err != nil {
		return fmt.Errorf("writing %s: %w", e.ID, err)
	}
	if old != nil {
		e.ID = old.ID
	}
	s.note(Edit{ID: e.ID, Before: old, After: e, Node: n})
	return nil
}

// note adds an edit, or joins it with the earlier one of the same resource.
func (s *Session) note(edit Edit) {
	key := edit.ID.Key()
	if i, ok := s.edited[key]; ok {
		s.edits[i].After = edit.After
		return
	}
	if s.edited == nil {
		s.edited = map[store.Key]int{}
	}
	s.edited[key] = len(s.edits)
	s.edits = append(s.edits, edit)
}

// Put makes or replaces a resource of whatever kind its id names, with checks
// and hooks, as a PUT by the caller would.
func (s *Session) Put(id ID, body map[string]any) (*Entity, error) {
	place, err := s.at(id)
	if err != nil {
		return nil, err
	}
	old, err := s.Lookup(place.ID)
	if err != nil {
		return nil, err
	}
	return s.Replace(place.Node, place.ID, body, old)
}

// Declare keeps a resource as a configuration folder states it: checked and
// completed as by a PUT, but without the effects that a PUT has on other
// resources, which the folder states itself. One that is there already in the
// same state is left alone. It reports whether something was written.
func (s *Session) Declare(id ID, body map[string]any) (bool, error) {
	place, err := s.at(id)
	if err != nil {
		return false, err
	}
	n := place.Node
	clean, err := s.clean(n, n.Create, body, contract.Create)
	if err != nil {
		return false, err
	}
	old, err := s.Lookup(place.ID)
	if err != nil {
		return false, err
	}
	e := &Entity{ID: place.ID, Body: clean}
	if old != nil {
		keep(n, e.Body, old.Body)
		if err := s.reseal(n, e, old); err != nil {
			return false, err
		}
	}
	if n.Prepare != nil {
		s.declaring = true
		err := n.Prepare(s, e, old)
		s.declaring = false
		if err != nil {
			return false, err
		}
	}
	if same, err := sameBut(n.Stamps, old, e); same || err != nil {
		return false, err
	}
	return true, s.Keep(n, e, old)
}

// Declaring reports whether the resource that is prepared is one of those of a
// folder, which are checked together when all of them are there: what it
// collides with may go yet.
func (s *Session) Declaring() bool { return s.declaring }

// reseal gives secrets that are the same as before their sealed text, so that
// they compare as the same.
func (s *Session) reseal(n *Node, e, old *Entity) error {
	open := old.Clone()
	if err := s.Open(n, open, true); err != nil {
		return err
	}
	for _, secret := range n.Secrets {
		plain, sealed := map[string]string{}, map[string]string{}
		collect(open.Body, secret.Path, plain)
		collect(old.Body, secret.Path, sealed)
		err := visit(e.Body, secret.Path, func(at, value string) (string, error) {
			if was, ok := plain[at]; ok && was == value {
				return sealed[at], nil
			}
			return value, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func collect(body map[string]any, path string, into map[string]string) {
	_ = visit(body, path, func(at, value string) (string, error) {
		into[at] = value
		return value, nil
	})
}

// sameBut is sameBody, apart from the fields that say when it was written.
func sameBut(stamps []string, old, e *Entity) (bool, error) {
	if old == nil {
		return false, nil
	}
	c := e.Clone()
	for _, path := range stamps {
		if value, ok := At(old.Body, path); ok {
			put(c.Body, path, value)
		}
	}
	return sameBody(old, c.Body)
}

// sameBody reports whether a body says the same as what is kept, whatever the
// types of Go that say it.
func sameBody(old *Entity, body map[string]any) (bool, error) {
	if old == nil {
		return false, nil
	}
	before, err := encode(old.Body)
	if err != nil {
		return false, fmt.Errorf("comparing with %s: %w", old.ID, err)
	}
	after, err := encode(body)
	if err != nil {
		return false, fmt.Errorf("comparing with %s: %w", old.ID, err)
	}
	return bytes.Equal(before, after), nil
}

// Store keeps a body under an id with no checks and no hooks but sealing.
func (s *Session) Store(id ID, body map[string]any) error {
	place, err := s.at(id)
	if err != nil {
		return err
	}
	old, err := s.Lookup(place.ID)
	if err != nil {
		return err
	}
	if same, err := sameBody(old, body); same || err != nil {
		return err
	}
	return s.Keep(place.Node, &Entity{ID: place.ID, Body: body}, old)
}

func (s *Session) at(id ID) (Place, error) {
	place, ok, err := s.Registry.Walk(string(id))
	if err != nil {
		return Place{}, err
	}
	if !ok || place.Collection || place.Rest != "" {
		return Place{}, fmt.Errorf("%s is not the id of a resource", id)
	}
	return place, nil
}

// Remove is DELETE: it runs the kind's hook, and removes the resource and all
// that is kept below it.
func (s *Session) Remove(n *Node, e *Entity) error {
	if n.Deleting != nil {
		if err := n.Deleting(s, e); err != nil {
			return err
		}
	}
	return s.Drop(e.ID)
}

// Drop removes a resource and all that is kept below it, without hooks. It does
// nothing where there is nothing.
func (s *Session) Drop(id ID) error {
	var all []*Entity
	for e, err := range s.Tree(id) {
		if err != nil {
			return err
		}
		all = append(all, e)
	}
	for _, e := range slices.Backward(all) {
		if err := s.tx.Delete(e.ID.Key()); err != nil {
			return fmt.Errorf("deleting %s: %w", e.ID, err)
		}
		place, err := s.at(e.ID)
		if err != nil {
			return err
		}
		s.note(Edit{ID: e.ID, Before: e, Node: place.Node})
	}
	return nil
}

// Move gives a resource, and all that is kept below it, another id. Secrets are
// sealed anew for their new place.
func (s *Session) Move(from, to ID) error {
	var all []*Entity
	for e, err := range s.Tree(from) {
		if err != nil {
			return err
		}
		all = append(all, e)
	}
	if err := s.copyTo(all, from, to); err != nil {
		return err
	}
	return s.Drop(from)
}

// Copy copies a resource, and all that is kept below it, to another id.
func (s *Session) Copy(from, to ID) error {
	var all []*Entity
	for e, err := range s.Tree(from) {
		if err != nil {
			return err
		}
		all = append(all, e)
	}
	return s.copyTo(all, from, to)
}

func (s *Session) copyTo(all []*Entity, from, to ID) error {
	for _, e := range all {
		place, err := s.at(e.ID)
		if err != nil {
			return err
		}
		c := e.Clone()
		if err := s.Open(place.Node, c, true); err != nil {
			return err
		}
		c.ID = to + e.ID[len(from):]
		old, err := s.Lookup(c.ID)
		if err != nil {
			return err
		}
		if err := s.Keep(place.Node, c, old); err != nil {
			return err
		}
	}
	return nil
}
