package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// That something has a tag is kept in two forms, as the API has two:
// "apis/a/tags/t" names the tag, and "tags/t/apiLinks/x" is a link whose apiId
// names the API. Both stand for one fact, and writing or removing one writes or
// removes the other. Workspaces have the links only, and so have revisions of
// APIs that are not current the first form only.

// member is what can have a tag.
type member struct {
	// collection is that of the members, links that of the links to them, and
	// property names the member in a link.
	collection, links, property string
}

// members are the three kinds of what can have a tag. They are never written.
var members = []member{
	{"apis", "apiLinks", "apiId"},
	{"operations", "operationLinks", "operationId"},
	{"products", "productLinks", "productId"},
}

// memberOf says which kind of member an id is; ok is false for other resources.
func memberOf(id resource.ID) (m member, ok bool) {
	for _, m := range members {
		if strings.EqualFold(id.Collection().Name(), m.collection) {
			return m, true
		}
	}
	return member{}, false
}

// TagsOf is the kind of the tags that an API, an operation or a product has.
func TagsOf(rule access.Type, filter string) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: tagCollection, Title: "Tag", Contract: "TagContract", NoBody: true, Statuses: resource.Statuses{Head: 200},
		Verbs: resource.NoPatch, Filter: filter,
		Hooks: resource.Hooks{
			Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
				_, err := s.Get(tagID(e.ID))
				return err
			},
			Written: writtenMembership, Deleting: deletingMembership,
			Target: targetOfMembership, Present: presentMembership,
		},
	})
}

const tagCollection = "tags"

// tagID is the tag that a membership names.
func tagID(membership resource.ID) resource.ID {
	return membership.Scope().Child(tagCollection, membership.Name())
}

// targetOfMembership answers the tag itself. The answer to the assignment of a
// product's tag is the membership: clients read the product from its id.
func targetOfMembership(s *resource.Session, e *resource.Entity) (*resource.Entity, error) {
	if strings.EqualFold(e.ID.Parent().Collection().Name(), "products") && len(s.Edits()) > 0 {
		return e, nil
	}
	return s.Lookup(tagID(e.ID))
}

func presentMembership(s *resource.Session, e *resource.Entity) error {
	tag, err := s.Get(tagID(e.ID))
	if err != nil {
		return err
	}
	e.Set("displayName", tag.Text("displayName"))
	e.Body["type"] = resource.Type(tag.ID)
	return nil
}

// writtenMembership makes the link of a new membership.
func writtenMembership(s *resource.Session, e, old *resource.Entity) error {
	owner := e.ID.Parent()
	m, ok := memberOf(owner)
	if !ok || old != nil || strings.Contains(string(owner), ";rev=") {
		return nil
	}
	links, err := m.linksTo(s, tagID(e.ID), owner)
	if err != nil || len(links) > 0 {
		return err
	}
	id := tagID(e.ID).Child(m.links, m.linkName(owner))
	return s.Store(id, resource.Object(map[string]any{m.property: string(owner)}))
}

func deletingMembership(s *resource.Session, e *resource.Entity) error {
	owner := e.ID.Parent()
	m, ok := memberOf(owner)
	if !ok {
		return nil
	}
	return m.dropLinks(s, tagID(e.ID), owner)
}

// linkName is the name of a link that nobody named: 24 hexadecimal digits.
func (m member) linkName(owner resource.ID) string {
	sum := sha256.Sum256([]byte(owner.Key()))
	return hex.EncodeToString(sum[:12])
}

// linksTo are the links of a tag that name the member.
func (m member) linksTo(s *resource.Session, tag, owner resource.ID) ([]*resource.Entity, error) {
	names := func(e *resource.Entity) bool {
		return e != nil && owner.Equal(resource.ID(e.Text(m.property)))
	}
	// Most links have the name that this package gives.
	if e, err := s.Lookup(tag.Child(m.links, m.linkName(owner))); err != nil || names(e) {
		return []*resource.Entity{e}, err
	}
	var found []*resource.Entity
	for e, err := range s.Collection(tag + "/" + resource.ID(m.links)) {
		if err != nil {
			return nil, err
		}
		if names(e) {
			found = append(found, e)
		}
	}
	return found, nil
}

func (m member) dropLinks(s *resource.Session, tag, owner resource.ID) error {
	links, err := m.linksTo(s, tag, owner)
	if err != nil {
		return err
	}
	for _, link := range links {
		if err := s.Drop(link.ID); err != nil {
			return err
		}
	}
	return nil
}

// Unlink removes the links of tags to an API, an operation or a product, and to
// the operations of an API. It is for the Deleting hooks of these kinds: what
// stands below the resource itself goes with it.
func Unlink(s *resource.Session, id resource.ID) error {
	if id.Workspace() != "" {
		return unlinkInWorkspace(s, id)
	}
	found, err := memberships(s, id)
	if err != nil {
		return err
	}
	for _, at := range found {
		m, _ := memberOf(at.Parent())
		if err := m.dropLinks(s, tagID(at), at.Parent()); err != nil {
			return err
		}
	}
	return nil
}

// memberships are the ids of the first form of all that is below a resource.
func memberships(s *resource.Session, id resource.ID) ([]resource.ID, error) {
	var found []resource.ID
	for record, err := range s.Reader().Tree(id.Key()) {
		if err != nil {
			return nil, err
		}
		at := resource.ID(record.ID)
		if _, ok := memberOf(at.Parent()); ok && strings.EqualFold(at.Collection().Name(), tagCollection) {
			found = append(found, at)
		}
	}
	return found, nil
}

// unlinkInWorkspace looks at all links of the workspace, where nothing else says
// which tags a resource has.
func unlinkInWorkspace(s *resource.Session, id resource.ID) error {
	var gone []resource.ID
	for e, err := range s.Tree(id.Scope() + "/" + tagCollection) {
		if err != nil {
			return err
		}
		for _, m := range members {
			if strings.EqualFold(e.ID.Collection().Name(), m.links) && resource.ID(e.Text(m.property)).Within(id) {
				gone = append(gone, e.ID)
			}
		}
	}
	for _, link := range gone {
		if err := s.Drop(link); err != nil {
			return err
		}
	}
	return nil
}
