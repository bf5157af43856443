package apis

import (
	"cmp"
	"maps"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// tag is a tag of an API or an operation.
type tag struct {
	id   resource.ID
	name string
}

// tagsOf are the tags of an API or an operation, in the order of their ids.
func tagsOf(s *resource.Session, owner resource.ID) ([]tag, error) {
	var tags []tag
	for link, err := range s.Collection(owner + "/tags") {
		if err != nil {
			return nil, err
		}
		t, err := tagOf(s, owner, link.ID.Name())
		if err != nil {
			return nil, err
		}
		tags = append(tags, t)
	}
	return tags, nil
}

// tagOf is the tag of a name in the scope of a resource.
func tagOf(s *resource.Session, owner resource.ID, name string) (tag, error) {
	id := owner.Scope().Child("tags", name)
	kept, err := s.Lookup(id)
	if err != nil {
		return tag{}, err
	}
	if kept == nil {
		return tag{id, name}, nil
	}
	return tag{kept.ID, cmp.Or(kept.Text("displayName"), name)}, nil
}

// tagDescriptions is the kind of what an API says of its tags.
func tagDescriptions() *resource.Node {
	return resource.New(access.APITagDescriptions, resource.Kind{
		Collection: "tagDescriptions", Title: "TagDescription", MaxName: maxShortName,
		Contract: "TagDescriptionContract", Create: "TagDescriptionCreateParameters",
		Verbs: resource.NoPatch, Filter: "APITagDescriptionClientListByService",
		Hooks: resource.Hooks{Present: presentTagDescription},
	})
}

// presentTagDescription adds the tag that is described.
func presentTagDescription(s *resource.Session, e *resource.Entity) error {
	t, err := tagOf(s, e.ID, e.ID.Name())
	if err != nil {
		return err
	}
	e.Set("displayName", t.name)
	e.Set("tagId", string(t.id))
	return nil
}

// apisByTags is the list of the APIs of a service with a tag of theirs each.
func apisByTags() *resource.Node {
	return byTags(access.APIsByTags, "apisByTags", "APIClientListByTags", listAPIsByTags)
}

// operationsByTags is the list of the operations of an API with a tag of theirs
// each.
func operationsByTags() *resource.Node {
	return byTags(access.APIOperationsByTags, "operationsByTags", "OperationClientListByTags", listOperationsByTags)
}

// lister gives the elements of a computed list.
type lister = func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error)

func byTags(rule access.Type, collection, filter string, items lister) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: collection, Title: "TagResource", Contract: "TagResourceContract",
		Verbs: resource.List, Filter: filter, Hooks: resource.Hooks{Items: items},
	})
}

func listAPIsByTags(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
	var items []*resource.Entity
	for api, err := range s.Collection(collection.Collection() + "/apis") {
		if err != nil {
			return nil, err
		}
		more, err := tagged(s, api.ID, "api", apiOfTag(api), s.Call.Bool("includenottaggedapis"))
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	return items, nil
}

func listOperationsByTags(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
	api, err := s.Get(collection.Collection())
	if err != nil {
		return nil, err
	}
	untagged := s.Call.Bool("includenottaggedoperations")
	var items []*resource.Entity
	for operation, err := range s.Collection(api.ID + "/operations") {
		if err != nil {
			return nil, err
		}
		more, err := tagged(s, operation.ID, "operation", operationOfTag(api, operation), untagged)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	return items, nil
}

// tagged joins what is tagged with each of its tags. untagged says that it is
// listed, once, where it has none.
func tagged(s *resource.Session, owner resource.ID, member string, content map[string]any, untagged bool) ([]*resource.Entity, error) {
	tags, err := tagsOf(s, owner)
	if err != nil {
		return nil, err
	}
	var items []*resource.Entity
	for _, t := range tags {
		items = append(items, &resource.Entity{Body: map[string]any{
			"tag":  map[string]any{"id": "/" + t.id.Relative(), "name": t.name},
			member: maps.Clone(content),
		}})
	}
	if len(tags) == 0 && untagged {
		items = append(items, &resource.Entity{Body: map[string]any{member: content}})
	}
	return items, nil
}

// apiOfTag is an API as it stands beside a tag.
func apiOfTag(api *resource.Entity) map[string]any {
	content := maps.Clone(api.Properties())
	delete(content, "displayName")
	content["id"] = "/" + api.ID.Relative()
	content["name"] = api.Text("displayName")
	return content
}

// operationOfTag is an operation as it stands beside a tag.
func operationOfTag(api, operation *resource.Entity) map[string]any {
	content := map[string]any{
		"id": "/" + operation.ID.Relative(), "name": operation.Text("displayName"),
		"apiName": api.Text("displayName"), "apiRevision": revisionOf(api),
		"method": operation.Text("method"), "urlTemplate": operation.Text("urlTemplate"),
	}
	for name, value := range map[string]string{"description": operation.Text("description"), "apiVersion": api.Text("apiVersion")} {
		if value != "" {
			content[name] = value
		}
	}
	return content
}
