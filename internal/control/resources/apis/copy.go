package apis

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
	"github.com/sallyport/sallyport/internal/control/store"
)

// ofAPI are the collections that belong to an API as a whole, and not to one of
// its revisions.
var ofAPI = map[string]bool{"revisions": true, "releases": true, "issues": true, "wikis": true}

// below is the part of an id below an ancestor, without a leading slash, however
// the ancestor is spelled in it.
func below(id, ancestor resource.ID) string {
	rest := strings.Split(string(id), "/")
	return strings.Join(rest[strings.Count(string(ancestor), "/")+1:], "/")
}

// belongs reports whether an id below an API is that of something of the one
// revision.
func belongs(id, api resource.ID) bool {
	if _, own := resource.SplitRevision(api.Name()); own == "" && strings.Contains(string(id.Key()), string(api.Key())+"/revisions/") {
		return false
	}
	collection, _, _ := strings.Cut(below(id, api), "/")
	return !ofAPI[strings.ToLower(collection)]
}

// gather returns a revision and what belongs to it, with its secrets open.
func gather(s *resource.Session, api resource.ID) ([]*resource.Entity, error) {
	var all []*resource.Entity
	for e, err := range s.Tree(api) {
		if err != nil {
			return nil, err
		}
		if !belongs(e.ID, api) {
			continue
		}
		node, err := nodeOf(s, e.ID)
		if err != nil {
			return nil, err
		}
		if err := s.Open(node, e, true); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// nodeOf is the kind of an id that is kept.
func nodeOf(s *resource.Session, id resource.ID) (*resource.Node, error) {
	place, ok, err := s.Registry.Walk(string(id))
	if err != nil {
		return nil, err
	}
	if !ok || place.Collection || place.Rest != "" {
		return nil, resource.Invalid("id", "%s is not the id of a resource", id)
	}
	return place.Node, nil
}

// plant writes entities that were below one API below another.
func plant(s *resource.Session, all []*resource.Entity, from, to resource.ID) error {
	for _, e := range all {
		id := to
		if rest := below(e.ID, from); rest != "" {
			id += "/" + resource.ID(rest)
		}
		node, err := nodeOf(s, id)
		if err != nil {
			return err
		}
		old, err := s.Lookup(id)
		if err != nil {
			return err
		}
		c := e.Clone()
		c.ID = id
		if err := s.Keep(node, c, old); err != nil {
			return err
		}
	}
	return nil
}

// copyRevision copies what belongs to a revision, but not the API itself, to
// another API or revision.
func copyRevision(s *resource.Session, from, to resource.ID) error {
	all, err := gather(s, from)
	if err != nil || len(all) == 0 {
		return err
	}
	if err := plant(s, all[1:], from, to); err != nil {
		return err
	}
	return settings.Link(s, to)
}

// exchange puts another revision in the place of the current one, at the root,
// and the one that was current beside it, at the id of the retired.
func exchange(s *resource.Session, root, other, retired resource.ID) error {
	if root.Workspace() == "" {
		if err := settings.Unlink(s, root); err != nil {
			return err
		}
	}
	current, err := gather(s, root)
	if err != nil {
		return err
	}
	next, err := gather(s, other)
	if err != nil {
		return err
	}
	current[0].Set("isCurrent", false)
	next[0].Set("isCurrent", true)
	next[0].Body[updated] = s.Stamp()
	if err := plant(s, current, root, retired); err != nil {
		return err
	}
	if err := s.Drop(other); err != nil {
		return err
	}
	if err := plant(s, next, other, root); err != nil {
		return err
	}
	if err := prune(s, current, next, root, other); err != nil {
		return err
	}
	return settings.Link(s, root)
}

// prune drops what the revision that was current had and the new one has not.
func prune(s *resource.Session, current, next []*resource.Entity, root, other resource.ID) error {
	has := make(map[store.Key]bool, len(next))
	for _, e := range next {
		has[store.KeyOf(below(e.ID, other))] = true
	}
	for _, e := range current {
		if has[store.KeyOf(below(e.ID, root))] {
			continue
		}
		id := root + "/" + resource.ID(below(e.ID, root))
		if err := settings.Unlink(s, id); err != nil {
			return err
		}
		if err := s.Drop(id); err != nil {
			return err
		}
	}
	return nil
}
