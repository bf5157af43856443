package people

import (
	"fmt"
	"iter"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// seenAt is an entity as it stands in the list of another resource: an API in
// that of a product has the id of its link.
func seenAt(e *resource.Entity, id resource.ID) *resource.Entity {
	c := e.Clone()
	c.Body["id"], c.Body["type"] = string(id), resource.Type(id)
	return c
}

// itself is the Target of kinds that only show resources of other kinds: these
// are answered as what they are.
func itself(_ *resource.Session, e *resource.Entity) (*resource.Entity, error) { return e, nil }

// linked gives what is in a collection of links, each link followed to the
// resource of the same name in another collection. Links to what is not there
// are left out.
func linked(s *resource.Session, links, targets resource.ID) ([]*resource.Entity, error) {
	var found []*resource.Entity
	for link, err := range s.Collection(links) {
		if err != nil {
			return nil, err
		}
		e, err := s.Lookup(targets + "/" + resource.ID(link.ID.Name()))
		if err != nil {
			return nil, err
		}
		if e != nil {
			found = append(found, seenAt(e, links+"/"+resource.ID(e.ID.Name())))
		}
	}
	return found, nil
}

// matching are the entities of a collection for which the condition holds.
func matching(s *resource.Session, collection resource.ID, holds func(*resource.Entity) bool) ([]*resource.Entity, error) {
	return holding(s.Collection(collection), holds)
}

// mentioning is matching for conditions that hold only for what refers to another
// resource.
func mentioning(
	s *resource.Session, collection, other resource.ID, holds func(*resource.Entity) bool,
) ([]*resource.Entity, error) {
	return holding(s.Mentioning(collection, other), holds)
}

func holding(all iter.Seq2[*resource.Entity, error], holds func(*resource.Entity) bool) ([]*resource.Entity, error) {
	var found []*resource.Entity
	for e, err := range all {
		if err != nil {
			return nil, err
		}
		if holds(e) {
			found = append(found, e)
		}
	}
	return found, nil
}

// remove deletes a resource as a DELETE of its own would.
func remove(s *resource.Session, e *resource.Entity) error {
	place, ok, err := s.Registry.Walk(string(e.ID))
	if err != nil {
		return err
	}
	if !ok || place.Collection {
		return fmt.Errorf("%s is not the id of a resource", e.ID)
	}
	return s.Remove(place.Node, e)
}

// refersTo reports whether a property of the entity names the resource.
func refersTo(e *resource.Entity, property string, id resource.ID) bool {
	return strings.EqualFold(e.Text(property), string(id))
}

// names lists entities for people: the first few names.
func names(entities []*resource.Entity) string {
	const few = 5
	var list []string
	for i, e := range entities {
		if i == few {
			list = append(list, "…")
			break
		}
		list = append(list, e.ID.Name())
	}
	return strings.Join(list, ", ")
}
