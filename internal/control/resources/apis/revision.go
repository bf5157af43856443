package apis

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// findRevision says where a revision is kept: the current one, which is also
// called by its number, under the name of the API, and the others under names
// of their own.
func findRevision(s *resource.Session, id resource.ID) (resource.ID, error) {
	name, revision := resource.SplitRevision(id.Name())
	if revision == "" || !isNumber(revision) {
		return id, nil
	}
	root := id.Collection() + "/" + resource.ID(name)
	current, err := s.Lookup(root)
	if err != nil {
		return "", err
	}
	if current != nil && revisionOf(current) == revision {
		return current.ID, nil
	}
	return revisionID(root, revision), nil
}

// revisionID is the id of a revision that is not the current one.
func revisionID(root resource.ID, revision string) resource.ID {
	return root + ";rev=" + resource.ID(revision)
}

// rootID is the id of the API of which an id may name a revision.
func rootID(id resource.ID) resource.ID {
	name, _ := resource.SplitRevision(id.Name())
	return id.Collection() + "/" + resource.ID(name)
}

// revisionOf is the number of the revision that an entity is.
func revisionOf(e *resource.Entity) string { return cmp.Or(e.Text("apiRevision"), "1") }

// maxRevisionLength bounds the number of a revision, in digits.
const maxRevisionLength = 9

func isNumber(s string) bool {
	return s != "" && len(s) <= maxRevisionLength && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

// shared are the properties that all revisions of an API have in common: they
// are changed in the current one.
var shared = []string{
	"displayName", "type", "description", "subscriptionRequired", "apiVersion", "apiVersionDescription",
	"apiVersionSetId", "path", "protocols",
}

// requireShared refuses a change of a revision to what it shares with the
// current one.
func requireShared(e, current *resource.Entity) error {
	if soap := e.Text("apiType"); soap != "" && e.Text("type") == "" {
		e.Set("type", soap)
	}
	for _, name := range shared {
		given, ok := e.Properties()[name]
		if ok && !sameShared(name, given, current.Properties()[name]) {
			return resource.Invalid("properties."+name,
				"Can't change property for non-current revision: %s is changed in the current revision, %s", name, current.ID)
		}
	}
	return nil
}

// sameShared reports whether a property that a request gives is the one that
// the current revision has, in the way it is spelled or in another one.
func sameShared(name string, given, has any) bool {
	switch name {
	case "path":
		return strings.EqualFold(strings.Trim(textOf(given), "/"), textOf(has))
	case "protocols":
		e := &resource.Entity{Body: resource.Object(map[string]any{name: given})}
		list, _ := given.([]any)
		return len(list) == 0 || reflect.DeepEqual(protocolsOf(e), has)
	case "apiVersionSetId":
		set := strings.ToLower(strings.Trim(textOf(given), "/"))
		return set == "" || strings.HasSuffix("/"+strings.ToLower(strings.Trim(textOf(has), "/")), "/"+set)
	case "type":
		return strings.EqualFold(cmp.Or(textOf(given), "http"), cmp.Or(textOf(has), "http"))
	case "subscriptionRequired":
		return given == has
	default:
		return textOf(given) == textOf(has)
	}
}

// shareWith gives a revision what the current one has of the shared properties.
func shareWith(e, current *resource.Entity) {
	for _, name := range shared {
		if value, ok := current.Clone().Properties()[name]; ok {
			e.Set(name, value)
		} else {
			e.Unset(name)
		}
	}
}

// spreadShared gives the other revisions what was changed in the current one.
func spreadShared(s *resource.Session, e, old *resource.Entity) error {
	if _, revision := resource.SplitRevision(e.ID.Name()); revision != "" || old == nil {
		return nil
	}
	changed := slices.ContainsFunc(shared, func(name string) bool {
		return !reflect.DeepEqual(e.Properties()[name], old.Properties()[name])
	})
	if !changed {
		return nil
	}
	others, err := otherRevisions(s, e.ID)
	if err != nil {
		return err
	}
	for _, other := range others {
		next := other.Clone()
		shareWith(next, e)
		if err := s.Store(next.ID, next.Body); err != nil {
			return err
		}
	}
	return nil
}

// otherRevisions are the revisions of an API that are not current, by their
// numbers.
func otherRevisions(s *resource.Session, root resource.ID) ([]*resource.Entity, error) {
	var others []*resource.Entity
	for e, err := range s.Collection(root + "/revisions") {
		if err != nil {
			return nil, err
		}
		others = append(others, e)
	}
	slices.SortFunc(others, func(a, b *resource.Entity) int { return cmp.Compare(number(a), number(b)) })
	return others, nil
}

func number(e *resource.Entity) int {
	n, _ := strconv.Atoi(revisionOf(e)) // Only numbers are kept.
	return n
}

// revisions is the list of the revisions of an API.
func revisions(filter string) *resource.Node {
	return resource.New(access.APIRevisions, resource.Kind{
		Collection: "revisions", Title: "Revision", Contract: "APIRevisionContract",
		Verbs: resource.List, Filter: filter,
		Hooks: resource.Hooks{Items: listRevisions},
	})
}

// listRevisions lists all revisions of an API, the latest first.
func listRevisions(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
	root := rootID(collection.Collection())
	current, err := s.Get(root)
	if err != nil {
		return nil, err
	}
	all, err := otherRevisions(s, current.ID)
	if err != nil {
		return nil, err
	}
	all = append(all, current)
	slices.SortFunc(all, func(a, b *resource.Entity) int { return cmp.Compare(number(b), number(a)) })
	items := make([]*resource.Entity, len(all))
	for i, e := range all {
		if items[i], err = revisionItem(s, current.ID, e); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// revisionItem is one revision as the list has it.
func revisionItem(s *resource.Session, root resource.ID, e *resource.Entity) (*resource.Entity, error) {
	revision := revisionOf(e)
	body := map[string]any{
		"apiId":           string(revisionID(root, revision)),
		"apiRevision":     revision,
		"createdDateTime": e.Body[created],
		"updatedDateTime": e.Body[updated],
		"isOnline":        true,
		"isCurrent":       e.ID.Equal(root),
	}
	if text := e.Text("apiRevisionDescription"); text != "" {
		body["description"] = text
	}
	servers, err := serversOf(s, e)
	if err != nil {
		return nil, err
	}
	if len(servers) > 0 && !e.ID.Equal(root) {
		body["privateUrl"] = servers[0]
	}
	return &resource.Entity{Body: body}, nil
}
