package settings

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Link makes the links of the tags that an API and its operations have, where
// there are none: for an API that came by a copy, and not by assigning tags one
// by one. It does nothing in workspaces, where the links are all that there is.
func Link(s *resource.Session, id resource.ID) error {
	if id.Workspace() != "" {
		return nil
	}
	found, err := memberships(s, id)
	if err != nil {
		return err
	}
	for _, at := range found {
		if err := writtenMembership(s, &resource.Entity{ID: at}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Mirror completes the two forms in which a service keeps who has which tag,
// where resources were written that state only one of them, without their hooks:
// as a configuration folder does.
func Mirror(s *resource.Session, service resource.ID) error {
	linked, missing, err := linkedMembers(s, service)
	if err != nil {
		return err
	}
	found, err := memberships(s, service)
	if err != nil {
		return err
	}
	for _, at := range missing {
		if err := s.Store(at, map[string]any{}); err != nil {
			return err
		}
	}
	for _, at := range found {
		m, ok := memberOf(at.Parent())
		if !ok || linked[at.Key()] || strings.Contains(string(at), ";rev=") {
			continue
		}
		id := tagID(at).Child(m.links, m.linkName(at.Parent()))
		if err := s.Store(id, resource.Object(map[string]any{m.property: string(at.Parent())})); err != nil {
			return err
		}
	}
	return nil
}

// linkedMembers are the memberships, by their keys, that links of the service's
// tags stand for, and those of them that are not there.
func linkedMembers(s *resource.Session, service resource.ID) (linked map[store.Key]bool, missing []resource.ID, err error) {
	linked = map[store.Key]bool{}
	for e, err := range s.Tree(service + "/" + tagCollection) {
		if err != nil {
			return nil, nil, err
		}
		for _, m := range members {
			if !strings.EqualFold(e.ID.Collection().Name(), m.links) {
				continue
			}
			at := resource.ID(e.Text(m.property)).Child(tagCollection, e.ID.Parent().Name())
			linked[at.Key()] = true
			has, err := s.Has(at)
			if err != nil {
				return nil, nil, err
			}
			if !has {
				missing = append(missing, at)
			}
		}
	}
	return linked, missing, nil
}
