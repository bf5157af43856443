package settings

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// tags is the kind of the labels for APIs, operations and products.
func tags() *resource.Node {
	return resource.New(access.Tags, resource.Kind{
		Collection: tagCollection, Title: "Tag",
		Contract: "TagContract", Create: "TagCreateUpdateParameters",
		Filter: "TagClientListByService",
		Hooks:  resource.Hooks{Deleting: deletingTag, Listed: listedTag, ListedBy: "scope"},
		Children: []*resource.Node{
			links(access.TagAPILinks, members[0], "TagAPILinkContract", "TagAPILinkClientListByProduct"),
			links(access.TagOperationLinks, members[1], "TagOperationLinkContract", "TagOperationLinkClientListByProduct"),
			links(access.TagProductLinks, members[2], "TagProductLinkContract", "TagProductLinkClientListByProduct"),
		},
	})
}

// deletingTag takes the tag from all that has it.
func deletingTag(s *resource.Session, e *resource.Entity) error {
	var gone []resource.ID
	for record, err := range s.Reader().Tree(e.ID.Scope().Key()) {
		if err != nil {
			return err
		}
		id := resource.ID(record.ID)
		if strings.EqualFold(id.Name(), e.ID.Name()) && isOfTag(id, e.ID.Scope()) {
			gone = append(gone, id)
		}
	}
	for _, id := range gone {
		if err := s.Drop(id); err != nil {
			return err
		}
	}
	return nil
}

// isOfTag says whether an id is that of a membership, or of what an API says of
// a tag, in the scope.
func isOfTag(id, scope resource.ID) bool {
	if !id.Scope().Equal(scope) {
		return false
	}
	collection := id.Collection().Name()
	if strings.EqualFold(collection, "tagDescriptions") {
		return true
	}
	_, ok := memberOf(id.Parent())
	return ok && strings.EqualFold(collection, tagCollection)
}

// listedTag narrows the list to the tags of a scope: "apis", "products",
// "apis/NAME".
func listedTag(s *resource.Session, e *resource.Entity) (bool, error) {
	scope := strings.Trim(s.Call.Query["scope"], "/")
	if scope == "" {
		return true, nil
	}
	wanted := e.ID.Scope() + "/" + resource.ID(scope)
	for link, err := range s.Tree(e.ID) {
		if err != nil {
			return false, err
		}
		for _, m := range members {
			if strings.EqualFold(link.ID.Collection().Name(), m.links) && resource.ID(link.Text(m.property)).Within(wanted) {
				return true, nil
			}
		}
	}
	return false, nil
}

// links is the kind of the links of a tag to members of one kind.
func links(rule access.Type, m member, contract, filter string) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: m.links, Title: "Tag" + strings.ToUpper(m.links[:1]) + strings.TrimSuffix(m.links[1:], "s"),
		Contract: contract, Verbs: resource.NoPatch, Filter: filter,
		Hooks: resource.Hooks{Prepare: m.prepareLink, Written: m.writtenLink, Deleting: m.deletingLink},
	})
}

func (m member) prepareLink(s *resource.Session, e, _ *resource.Entity) error {
	field := "properties." + m.property
	id, err := s.Require(e.ID, field, e.Text(m.property))
	if err != nil {
		return err
	}
	if of, ok := memberOf(id); !ok || of != m || !id.Scope().Equal(e.ID.Scope()) {
		return resource.Invalid(field, "%s is not one of the %s of %s", id, m.collection, e.ID.Scope())
	}
	if id, err = s.Locate(id); err != nil {
		return err
	}
	e.Set(m.property, string(id))
	return nil
}

// writtenLink makes the other form of the link, and takes away the form of what
// the link named before. A link that nobody named gives way to this one.
func (m member) writtenLink(s *resource.Session, e, old *resource.Entity) error {
	tag, owner := e.ID.Parent(), resource.ID(e.Text(m.property))
	if old != nil && !owner.Equal(resource.ID(old.Text(m.property))) {
		if err := m.dropMembership(s, tag, resource.ID(old.Text(m.property))); err != nil {
			return err
		}
	}
	if unnamed := tag.Child(m.links, m.linkName(owner)); !unnamed.Equal(e.ID) {
		if err := s.Drop(unnamed); err != nil {
			return err
		}
	}
	if e.ID.Workspace() != "" {
		return nil
	}
	return s.Store(owner.Child(tagCollection, tag.Name()), map[string]any{})
}

func (m member) deletingLink(s *resource.Session, e *resource.Entity) error {
	return m.dropMembership(s, e.ID.Parent(), resource.ID(e.Text(m.property)))
}

// dropMembership removes the first form of a link, unless another link says the
// same.
func (m member) dropMembership(s *resource.Session, tag, owner resource.ID) error {
	links := 0
	for e, err := range s.Collection(tag + "/" + resource.ID(m.links)) {
		if err != nil {
			return err
		}
		if owner.Equal(resource.ID(e.Text(m.property))) {
			links++
		}
	}
	if links > 1 || owner.Workspace() != "" {
		return nil
	}
	return s.Drop(owner.Child(tagCollection, tag.Name()))
}
