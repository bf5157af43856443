package settings

import (
	"cmp"
	"maps"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// tagRoutes are the lists of what has tags.
func tagRoutes() []resource.Route {
	return []resource.Route{
		{Method: "GET", Path: servicePath + "tagResources", Permission: access.TagResources.Read(), Run: tagResources},
		{Method: "GET", Path: servicePath + "productsByTags", Permission: access.ProductsByTags.Read(), Run: productsByTags},
	}
}

// tagResources lists each tag with each API, operation and product that has it.
func tagResources(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
	service := in.ID.Service()
	if _, err := s.Get(service); err != nil {
		return resource.Result{}, err
	}
	items := []*resource.Entity{}
	for link, err := range s.Tree(service + "/" + tagCollection) {
		if err != nil {
			return resource.Result{}, err
		}
		item, err := tagResource(s, link)
		if err != nil {
			return resource.Result{}, err
		}
		if item != nil {
			items = append(items, item)
		}
	}
	return resource.Result{Items: items, Filter: "TagResourceClientListByService"}, nil
}

// tagResource is a link as it is listed; nil for what is no link, or leads to
// nothing any more.
func tagResource(s *resource.Session, link *resource.Entity) (*resource.Entity, error) {
	for _, m := range members {
		if !strings.EqualFold(link.ID.Collection().Name(), m.links) {
			continue
		}
		owner, err := s.Lookup(resource.ID(link.Text(m.property)))
		if err != nil || owner == nil {
			return nil, err
		}
		content, err := taggedContent(s, owner)
		if err != nil {
			return nil, err
		}
		tag, err := s.Get(link.ID.Parent())
		if err != nil {
			return nil, err
		}
		return joined(tag, strings.TrimSuffix(m.collection, "s"), content), nil
	}
	return nil, nil
}

// joined is an element of the lists.
func joined(tag *resource.Entity, kind string, content map[string]any) *resource.Entity {
	body := map[string]any{kind: content}
	if tag != nil {
		body["tag"] = map[string]any{
			"id": "/" + tag.ID.Relative(), "name": cmp.Or(tag.Text("displayName"), tag.ID.Name()),
		}
	}
	return &resource.Entity{Body: body}
}

// taggedContent is an API, an operation or a product as it stands beside a tag:
// its id is relative, and its displayName is called name.
func taggedContent(s *resource.Session, e *resource.Entity) (map[string]any, error) {
	if strings.EqualFold(e.ID.Collection().Name(), "operations") {
		return taggedOperation(s, e)
	}
	content := maps.Clone(e.Properties())
	delete(content, "displayName")
	content["id"] = "/" + e.ID.Relative()
	content["name"] = e.Text("displayName")
	return content, nil
}

func taggedOperation(s *resource.Session, e *resource.Entity) (map[string]any, error) {
	api, err := s.Get(e.ID.Parent())
	if err != nil {
		return nil, err
	}
	content := map[string]any{
		"id": "/" + e.ID.Relative(), "name": e.Text("displayName"), "apiName": api.Text("displayName"),
	}
	for _, copied := range []struct {
		from  *resource.Entity
		field string
	}{{e, "description"}, {e, "method"}, {e, "urlTemplate"}, {api, "apiRevision"}, {api, "apiVersion"}} {
		if text := copied.from.Text(copied.field); text != "" {
			content[copied.field] = text
		}
	}
	return content, nil
}

// productsByTags lists the products with a tag of theirs each, and on demand
// those without.
func productsByTags(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
	service := in.ID.Service()
	if _, err := s.Get(service); err != nil {
		return resource.Result{}, err
	}
	items := []*resource.Entity{}
	for product, err := range s.Collection(service + "/products") {
		if err != nil {
			return resource.Result{}, err
		}
		content, err := taggedContent(s, product)
		if err != nil {
			return resource.Result{}, err
		}
		tagged := false
		for membership, err := range s.Collection(product.ID + "/" + tagCollection) {
			if err != nil {
				return resource.Result{}, err
			}
			tag, err := s.Get(tagID(membership.ID))
			if err != nil {
				return resource.Result{}, err
			}
			tagged = true
			items = append(items, joined(tag, "product", content))
		}
		if !tagged && s.Call.Bool("includenottaggedproducts") {
			items = append(items, joined(nil, "product", content))
		}
	}
	return resource.Result{Items: items, Filter: "ProductClientListByTags"}, nil
}
