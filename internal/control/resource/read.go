package resource

import (
	"strings"
)

// Find returns the entity that a place's id names: through the kind's alias,
// and with the default of a permanent one that was never written.
func (s *Session) Find(place Place) (*Entity, error) {
	id, err := s.Locate(place.ID)
	if err != nil {
		return nil, err
	}
	if place.Node.Load != nil {
		return s.load(place.Node, id)
	}
	e, err := s.Lookup(id)
	if err != nil || e != nil {
		return e, err
	}
	if !place.Node.Permanent {
		return nil, s.absent(place.ID)
	}
	if err := s.RequireParent(id); err != nil {
		return nil, err
	}
	body, err := place.Node.Default(s, id)
	if err != nil {
		return nil, err
	}
	return &Entity{ID: id, Body: body}, nil
}

// load asks the kind for a resource that is not kept under its id.
func (s *Session) load(n *Node, id ID) (*Entity, error) {
	if err := s.RequireParent(id); err != nil {
		return nil, err
	}
	e, err := n.Load(s, id)
	if err == nil && e == nil {
		return nil, s.absent(id)
	}
	return e, err
}

// Locate returns the id under which a resource is kept, following the aliases
// of it and of those that hold it: that of the current revision for
// "apis/echo;rev=1" where revision 1 is current.
func (s *Session) Locate(id ID) (ID, error) {
	if !strings.Contains(strings.ToLower(string(id)), revisionMark) {
		return id, nil
	}
	for at := id; at.Service() != "" && len(at) > len(at.Service()); at = at.Parent() {
		if _, revision := SplitRevision(at.Name()); revision == "" {
			continue
		}
		place, err := s.at(at)
		if err != nil || place.Node.Hooks.Find == nil {
			return id, err
		}
		to, err := place.Node.Hooks.Find(s, at)
		if err != nil {
			return "", err
		}
		return to + id[len(at):], nil
	}
	return id, nil
}

// RequireParent fails with ResourceNotFound where what holds the resource is not
// there.
func (s *Session) RequireParent(id ID) error {
	parent := id.Parent()
	if len(parent) < len(id.Service()) || id.Service() == "" || len(id.Service()) == len(id) {
		return nil
	}
	found, err := s.Has(parent)
	if err != nil {
		return err
	}
	if found {
		return nil
	}
	place, err := s.at(parent)
	if err != nil {
		return err
	}
	if place.Node.Permanent {
		return s.RequireParent(parent)
	}
	return s.absent(parent)
}

// Answer is the entity as it is answered: a copy with id, name and type, without
// its hidden fields and secrets.
func (s *Session) Answer(n *Node, e *Entity) (map[string]any, error) {
	if n.Target != nil {
		target, err := n.Target(s, e)
		if err != nil {
			return nil, err
		}
		if target == nil {
			return nil, s.absent(e.ID)
		}
		if place, err := s.at(target.ID); err == nil && place.Node != n {
			n, e = place.Node, target
		}
	}
	c := e.Clone()
	if c.Body == nil {
		c.Body = map[string]any{}
	}
	if err := s.Open(n, c, false); err != nil {
		return nil, err
	}
	if n.Present != nil {
		if err := n.Present(s, c); err != nil {
			return nil, err
		}
	}
	for _, secret := range n.Secrets {
		if !secret.Shown && (secret.When == nil || secret.When(c.Body)) {
			remove(c.Body, secret.Path)
		}
	}
	for _, path := range n.Hidden {
		remove(c.Body, path)
	}
	if c.ID == "" { // An element of a list that is no resource.
		return c.Body, nil
	}
	if _, given := c.Body["id"]; !given {
		c.Body["id"] = string(c.ID)
	}
	if _, given := c.Body["name"]; !given {
		c.Body["name"] = c.ID.Name()
	}
	if _, given := c.Body["type"]; !given {
		c.Body["type"] = Type(c.ID)
	}
	return c.Body, nil
}
