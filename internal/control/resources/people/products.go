package people

import (
	"encoding/json"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
)

// productKind is the kind of products, with what stands below them. filter
// names the fields that lists are filtered by.
func productKind(filter string, children ...*resource.Node) *resource.Node {
	return resource.New(access.Products, resource.Kind{
		Collection: "products", Title: "Product", MaxName: longName,
		Contract: "ProductContract", Update: "ProductUpdateParameters", Filter: filter,
		Hooks: resource.Hooks{
			Prepare: prepareProduct, Written: addAdministrators, Deleting: deleteProduct, Listed: listedProduct, ListedBy: "tags",
			Present: presentProduct,
		},
		Children: children,
	})
}

// maxLimit bounds how many subscriptions to a product a user may be allowed.
const maxLimit = 1<<31 - 1

func prepareProduct(_ *resource.Session, e, _ *resource.Entity) error {
	e.SetDefault("state", "notPublished")
	e.SetDefault("subscriptionRequired", true)
	if e.Bool("subscriptionRequired", true) {
		e.SetDefault("approvalRequired", false)
	}
	if limit, given := e.Properties()["subscriptionsLimit"].(json.Number); given {
		if n, err := limit.Int64(); err != nil || n < 0 || n > maxLimit {
			return resource.Invalid("properties.subscriptionsLimit", "the limit must be a whole number from 0 to %d", maxLimit)
		}
	}
	return nil
}

// addAdministrators shows a new product to the group of administrators, as the
// service does. No subscription is made for it: see decision 0076.
func addAdministrators(s *resource.Session, e, old *resource.Entity) error {
	if old != nil || e.ID.Workspace() != "" {
		return nil
	}
	found, err := s.Has(e.ID.Service().Child("groups", "administrators"))
	if err != nil || !found {
		return err
	}
	_, err = s.Put(e.ID.Child("groups", "administrators"), nil)
	return err
}

// presentProduct adds the groups that see the product, where they are asked for.
func presentProduct(s *resource.Session, e *resource.Entity) error {
	if !s.Call.Bool("expandgroups") {
		return nil
	}
	groups, err := groupsSeeing(s, e.ID)
	if err != nil {
		return err
	}
	list := make([]any, 0, len(groups))
	for _, group := range groups {
		list = append(list, group.Clone().Properties())
	}
	e.Set("groups", list)
	return nil
}

// groupsSeeing are the groups that see a product. In a workspace they are linked
// by resources of their own only.
func groupsSeeing(s *resource.Session, product resource.ID) ([]*resource.Entity, error) {
	if product.Workspace() == "" {
		return linked(s, product+"/groups", product.Service()+"/groups")
	}
	var groups []*resource.Entity
	for link, err := range s.Collection(product + "/groupLinks") {
		if err != nil {
			return nil, err
		}
		group, err := s.Lookup(resource.ID(link.Text("groupId")))
		if err != nil {
			return nil, err
		}
		if group != nil {
			groups = append(groups, group)
		}
	}
	return groups, nil
}

// deleteProduct refuses while there are subscriptions to the product, or
// deletes them where the caller asks for that.
func deleteProduct(s *resource.Session, e *resource.Entity) error {
	subscriptions, err := subscriptionsTo(s, e.ID)
	if err != nil {
		return err
	}
	if len(subscriptions) > 0 && !s.Call.Bool("deletesubscriptions") {
		return resource.Invalid("productId", "the product has subscriptions (%s): delete them first, or ask for it with deleteSubscriptions=true",
			names(subscriptions))
	}
	for _, subscription := range subscriptions {
		if err := remove(s, subscription); err != nil {
			return err
		}
	}
	return settings.Unlink(s, e.ID)
}

// subscriptionsTo are the subscriptions whose scope is the product or the API.
func subscriptionsTo(s *resource.Session, id resource.ID) ([]*resource.Entity, error) {
	return matching(s, id.Scope()+"/subscriptions", func(e *resource.Entity) bool {
		return refersTo(e, "scope", id)
	})
}

// listedProduct applies the query option tags: the products that have one.
func listedProduct(s *resource.Session, e *resource.Entity) (bool, error) {
	tags := s.Call.Query["tags"]
	if tags == "" {
		return true, nil
	}
	for tag := range strings.SplitSeq(tags, ",") {
		found, err := s.Has(e.ID.Child("tags", strings.TrimSpace(tag)))
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// productSubscriptions lists the subscriptions to a product.
func productSubscriptions() *resource.Node {
	return resource.New(access.ProductSubscriptions, resource.Kind{
		Collection: "subscriptions", Title: "Subscription", MaxName: longName,
		Verbs: resource.List, Filter: "ProductSubscriptionsClientList",
		Hooks: resource.Hooks{
			Items: func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
				list, err := subscriptionsTo(s, collection.Collection())
				for i, e := range list {
					list[i] = seenAt(e, collection+"/"+resource.ID(e.ID.Name()))
				}
				return list, err
			},
			Target: itself,
		},
	})
}
