package people

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// membership is what a product holds: its APIs, or the groups that see it. The
// API has two forms for it, which are two views of one fact and are both kept:
// "products/p/apis/a", and "products/p/apiLinks/x" with an apiId. Writing or
// removing one writes or removes the other. Where they differ, the form with the
// property is right: only it can name what is in another workspace.
type membership struct {
	// plain and links are the collections of the two forms: "apis", "apiLinks".
	plain, links string
	// property names the member in the second form: "apiId".
	property string
}

// The members of products. They are never written.
var (
	apisOfProduct   = membership{"apis", "apiLinks", "apiId"}
	groupsOfProduct = membership{"groups", "groupLinks", "groupId"}
)

// productAPIs and productGroups are the forms by name.
func productAPIs() *resource.Node {
	return apisOfProduct.byName(access.ProductAPIs, "ProductAPI", "ProductAPIClientListByProduct")
}

func productGroups() *resource.Node {
	return groupsOfProduct.byName(access.ProductGroups, "ProductGroup", "ProductGroupClientListByProduct")
}

// apiLinks and groupLinks are the forms with a property.
func apiLinks(filter string) *resource.Node {
	return apisOfProduct.byProperty(access.ProductAPILinks, "ProductApiLink", "ProductAPILinkContract", filter)
}

func groupLinks(filter string) *resource.Node {
	return groupsOfProduct.byProperty(access.ProductGroupLinks, "ProductGroupLink", "ProductGroupLinkContract", filter)
}

// byName is the kind of links that are called as what they lead to.
func (m membership) byName(rule access.Type, title, filter string) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: m.plain, Title: title, MaxName: longName, NoBody: true, HeadOnly: true, Filter: filter,
		Verbs: resource.List | resource.Put | resource.Delete,
		Hooks: resource.Hooks{
			Find: func(_ *resource.Session, id resource.ID) (resource.ID, error) {
				root, _ := resource.SplitRevision(id.Name())
				return id.Collection() + "/" + resource.ID(root), nil
			},
			Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
				_, err := s.Get(m.member(e.ID))
				return err
			},
			Written:  m.writtenByName,
			Deleting: m.deletingByName,
			Items: func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
				return linked(s, collection, collection.Scope()+"/"+resource.ID(m.plain))
			},
			Target: m.target,
		},
	})
}

// member is what a link by name leads to.
func (m membership) member(link resource.ID) resource.ID {
	return link.Scope().Child(m.plain, link.Name())
}

// target answers the API or the group in place of the link.
func (m membership) target(s *resource.Session, e *resource.Entity) (*resource.Entity, error) {
	if !strings.EqualFold(e.ID.Parent().Collection().Name(), "products") {
		return e, nil
	}
	return s.Lookup(m.member(e.ID))
}

// writtenByName makes the other form of a new link.
func (m membership) writtenByName(s *resource.Session, e, old *resource.Entity) error {
	if old != nil {
		return nil
	}
	id, err := m.freeLink(s, e.ID.Parent(), e.ID.Name())
	if err != nil {
		return err
	}
	return s.Store(id, resource.Object(map[string]any{m.property: string(m.member(e.ID))}))
}

// maxLinkNames bounds how many names are tried for a link.
const maxLinkNames = 100

// freeLink finds a name for a link with a property, which is that of the member
// unless a link to something else is called so.
func (m membership) freeLink(s *resource.Session, product resource.ID, name string) (resource.ID, error) {
	id := product.Child(m.links, name)
	for n := 2; n < maxLinkNames; n++ {
		taken, err := s.Has(id)
		if err != nil || !taken {
			return id, err
		}
		id = product.Child(m.links, fmt.Sprintf("%s-%d", name, n))
	}
	return "", resource.Invalid(m.property, "too many links of %s are called %s", product, name)
}

// deletingByName removes the other form.
func (m membership) deletingByName(s *resource.Session, e *resource.Entity) error {
	return m.dropLinks(s, e.ID.Parent(), m.member(e.ID))
}

// dropLinks removes the links with a property that name the member.
func (m membership) dropLinks(s *resource.Session, product, member resource.ID) error {
	links, err := m.linksTo(s, product, member)
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

func (m membership) linksTo(s *resource.Session, product, member resource.ID) ([]*resource.Entity, error) {
	return matching(s, product+"/"+resource.ID(m.links), func(e *resource.Entity) bool {
		return refersTo(e, m.property, member)
	})
}

// unlink takes a member from a product, in both forms.
func (m membership) unlink(s *resource.Session, product, member resource.ID) error {
	if member.Scope().Equal(product.Scope()) {
		if err := s.Drop(product.Child(m.plain, member.Name())); err != nil {
			return err
		}
	}
	return m.dropLinks(s, product, member)
}

// byProperty is the kind of links with names of their own.
func (m membership) byProperty(rule access.Type, title, contract, filter string) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: m.links, Title: title, MaxName: longName, Contract: contract, Filter: filter,
		Verbs: resource.NoPatch,
		Hooks: resource.Hooks{
			Prepare: m.prepareLink, Written: m.writtenByProperty, Deleting: m.deletingByProperty,
		},
	})
}

func (m membership) prepareLink(s *resource.Session, e, _ *resource.Entity) error {
	field := "properties." + m.property
	id, err := s.Resolve(e.ID, field, e.Text(m.property))
	if err != nil {
		return err
	}
	if id, err = s.Locate(id); err != nil {
		return err
	}
	root, _ := resource.SplitRevision(string(id))
	id = resource.ID(root)
	if !strings.EqualFold(id.Collection().Name(), m.plain) || !id.Parent().Equal(id.Scope()) || !id.Service().Equal(e.ID.Service()) {
		return resource.Invalid(field, "%s is not the id of one of the %s of this service", id, m.plain)
	}
	if !m.reaches(e.ID, id) {
		return resource.Invalid(field, "%s is not in the workspace of the product, which can have %s of its own workspace only", id, m.plain)
	}
	if id, err = s.Require(e.ID, field, string(id)); err != nil {
		return err
	}
	e.Set(m.property, string(id))
	return nil
}

// reaches reports whether a link may lead to a member. Who has rights in one
// workspace only opens and shows nothing of the service or of another one by a
// product there; groups of the service are those that all workspaces share.
func (m membership) reaches(link, member resource.ID) bool {
	return link.Workspace() == "" || member.Scope().Equal(link.Scope()) || m == groupsOfProduct && member.Workspace() == ""
}

// writtenByProperty makes the other form, where the product is one whose links
// have it, and takes it away from what the link named before.
func (m membership) writtenByProperty(s *resource.Session, e, old *resource.Entity) error {
	if old != nil && !refersTo(e, m.property, resource.ID(old.Text(m.property))) {
		if err := m.forget(s, e.ID, resource.ID(old.Text(m.property))); err != nil {
			return err
		}
	}
	plain := m.plainOf(e.ID, resource.ID(e.Text(m.property)))
	if plain == "" {
		return nil
	}
	if there, err := s.Has(plain); err != nil || there {
		return err
	}
	return s.Store(plain, map[string]any{})
}

// plainOf is the form by name of a link with a property; "" where it has none,
// as in workspaces.
func (m membership) plainOf(link, member resource.ID) resource.ID {
	if link.Workspace() != "" || member.Workspace() != "" {
		return ""
	}
	return link.Parent().Child(m.plain, member.Name())
}

func (m membership) deletingByProperty(s *resource.Session, e *resource.Entity) error {
	return m.forget(s, e.ID, resource.ID(e.Text(m.property)))
}

// forget removes the form by name of a link that goes, unless another link
// names the same member.
func (m membership) forget(s *resource.Session, link, member resource.ID) error {
	plain := m.plainOf(link, member)
	if plain == "" {
		return nil
	}
	links, err := m.linksTo(s, link.Parent(), member)
	if err != nil {
		return err
	}
	for _, other := range links {
		if !other.ID.Equal(link) {
			return nil
		}
	}
	return s.Drop(plain)
}

// UnlinkAPI takes an API from every product, and deletes the subscriptions to
// it alone: what has to go with the API.
func UnlinkAPI(s *resource.Session, api resource.ID) error {
	scopes, err := scopesBelow(s, api.Service())
	if err != nil {
		return err
	}
	for _, scope := range scopes {
		for product, err := range s.Collection(scope + "/products") {
			if err != nil {
				return err
			}
			if err := apisOfProduct.unlink(s, product.ID, api); err != nil {
				return err
			}
		}
	}
	subscriptions, err := subscriptionsTo(s, api)
	if err != nil {
		return err
	}
	for _, subscription := range subscriptions {
		if err := remove(s, subscription); err != nil {
			return err
		}
	}
	return nil
}
