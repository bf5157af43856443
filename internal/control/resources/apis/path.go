package apis

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
)

// requirePath refuses an API whose path is another API's, unless both are
// versions of one version set.
func requirePath(s *resource.Session, e, old *resource.Entity) error {
	if old != nil && old.Text("path") == e.Text("path") && old.Text("apiVersion") == e.Text("apiVersion") &&
		old.Text("apiVersionSetId") == e.Text("apiVersionSetId") {
		return nil
	}
	others, err := apisWith(s, e.ID.Scope(), "path", e.Text("path"))
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID.Equal(e.ID) || areVersions(e, other) {
			continue
		}
		return resource.Invalid("properties.path", "Cannot create API '%s' with the same Path '%s' and %s as API '%s'",
			e.Text("displayName"), e.Text("path"), versionText(e.Text("apiVersion")), other.ID.Name())
	}
	return nil
}

// areVersions reports whether two APIs may share a path.
func areVersions(a, b *resource.Entity) bool {
	set := a.Text("apiVersionSetId")
	return set != "" && strings.EqualFold(set, b.Text("apiVersionSetId")) &&
		!strings.EqualFold(a.Text("apiVersion"), b.Text("apiVersion"))
}

// apisWith are the APIs of a service or workspace, as current revisions, one
// property of which is a text, without regard to case.
func apisWith(s *resource.Session, scope resource.ID, property, value string) ([]*resource.Entity, error) {
	return having(s, scope+"/apis", property, value)
}

// having are the entities of a collection one property of which is a text,
// without regard to case. Records are searched as they are kept, so that a large
// collection is not decoded for the one that matches.
func having(s *resource.Session, collection resource.ID, property, value string) ([]*resource.Entity, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("searching %s: %w", collection, err)
	}
	// Characters that JSON writes in more than one way are searched for by what is
	// before them.
	if at := bytes.IndexByte(text, '\\'); at >= 0 {
		text = text[:at]
	}
	var found []*resource.Entity
	err = mentioning(s, collection, fmt.Sprintf("%q:%s", property, text), func(e *resource.Entity) error {
		if strings.EqualFold(e.Text(property), value) {
			found = append(found, e)
		}
		return nil
	})
	return found, err
}

// pageOfSearch is how many records are read at once.
const pageOfSearch = 1000

// mentioning calls f for the entities of a collection in whose record a text
// stands, without regard to case.
func mentioning(s *resource.Session, collection resource.ID, text string, f func(*resource.Entity) error) error {
	folded := bytes.ToLower([]byte(text))
	page := store.Page{Limit: pageOfSearch}
	for {
		records, err := s.Reader().List(collection.Key(), page)
		if err != nil {
			return fmt.Errorf("searching %s: %w", collection, err)
		}
		for _, record := range records {
			if !bytes.Contains(bytes.ToLower(record.Value), folded) {
				continue
			}
			e, err := s.Get(resource.ID(record.ID))
			if err != nil {
				return err
			}
			if err := f(e); err != nil {
				return err
			}
		}
		if len(records) < pageOfSearch {
			return nil
		}
		page.After = records[len(records)-1].Key.Name()
	}
}
