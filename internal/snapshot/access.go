package snapshot

import (
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/model"
)

// buildProducts makes the entities of products, with their APIs and groups.
func (b *build) buildProducts() {
	for _, r := range b.sorted(model.KindProduct) {
		m, ok := r.(*model.Product)
		if !ok {
			continue
		}
		b.out.products[m.ID.Key()] = &Product{
			Model: m, Policy: b.document(m.ID), Host: hostProduct(m), Counted: m.ID.Qualified(), apis: map[model.Key]bool{},
		}
	}
	for _, l := range b.links(model.KindProductAPI) {
		if p := b.out.products[l.Holder().Key()]; p != nil {
			b.linkAPI(p, l)
		}
	}
	for _, l := range b.links(model.KindProductGroup) {
		if p := b.out.products[l.Holder().Key()]; p != nil {
			// A product may be linked to a group in both of the API's forms.
			if g, ok := b.groupOf(l); ok && !slices.Contains(p.Host.Groups, g) {
				p.Host.Groups = append(p.Host.Groups, g)
			}
		}
	}
}

// linkAPI puts an API into a product, and finds open products.
func (b *build) linkAPI(p *Product, l *model.Link) {
	id, err := l.Member()
	if err != nil {
		b.failf(l.ID, "%s", err)
		return
	}
	if w := p.Model.ID.Workspace(); w != "" && !id.Workspace().Equal(w) {
		b.warnf(l.ID, "%s is not in the workspace of the product, which does not open it", id)
		return
	}
	root := rootKey(id)
	p.apis[root] = true
	if p.Model.RequiresSubscription() {
		return
	}
	if other := b.out.open[root]; other != nil && other != p {
		b.failf(l.ID, "the API belongs to two products without subscription, %s and %s: it may belong to one at the most",
			other.Model.ID.Name(), p.Model.ID.Name())
		return
	}
	b.out.open[root] = p
}

func hostProduct(m *model.Product) *host.Product {
	p := &host.Product{
		ID: m.ID.Name(), Name: m.DisplayName, Published: m.State == model.ProductPublished,
		ApprovalRequired: m.RequiresApproval(), SubscriptionRequired: m.RequiresSubscription(),
	}
	if m.SubscriptionsLimit != nil {
		limit := int32(*m.SubscriptionsLimit) //nolint:gosec // Validate has bounded it.
		p.SubscriptionsLimit = &limit
	}
	return p
}

// buildUsers makes the entities of users, with their groups.
func (b *build) buildUsers() {
	for _, r := range b.sorted(model.KindUser) {
		m, ok := r.(*model.User)
		if !ok {
			continue
		}
		u := &host.User{
			ID: m.ID.Name(), Email: m.Email, FirstName: m.FirstName, LastName: m.LastName, Note: m.Note,
			Registered: dateOf(m.RegistrationDate),
		}
		for _, i := range m.Identities {
			u.Identities = append(u.Identities, host.Identity{ID: i.ID, Provider: i.Provider})
		}
		b.out.users[m.ID.Key()] = &User{Model: m, Host: u}
	}
	for _, l := range b.links(model.KindGroupUser) {
		id, err := l.Member()
		if err != nil {
			b.failf(l.ID, "%s", err)
			continue
		}
		if u := b.out.users[id.Key()]; u != nil {
			u.Host.Groups = append(u.Host.Groups, b.hostGroup(l.Holder()))
		}
	}
}

// groupOf returns the group that a link names.
func (b *build) groupOf(l *model.Link) (host.Group, bool) {
	id, err := l.Member()
	if err != nil {
		b.failf(l.ID, "%s", err)
		return host.Group{}, false
	}
	return b.hostGroup(id), true
}

// hostGroup returns a group as expressions see it. The built-in groups need no
// resource.
func (b *build) hostGroup(id model.ID) host.Group {
	if g, ok := b.config[id.Key()].(*model.Group); ok {
		return host.Group{ID: g.ID.Name(), Name: g.DisplayName}
	}
	for _, g := range model.BuiltInGroups() {
		if g.ID.Equal(id) {
			return host.Group{ID: g.ID.Name(), Name: g.DisplayName}
		}
	}
	return host.Group{ID: id.Name(), Name: id.Name()}
}

// links returns the links of a kind in the order of their ids.
func (b *build) links(kind model.Kind) []*model.Link {
	list := make([]*model.Link, 0, len(b.byKind[kind]))
	for _, r := range b.sorted(kind) {
		if l, ok := r.(*model.Link); ok {
			list = append(list, l)
		}
	}
	return slices.Clip(list)
}

func dateOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// Usable says why a subscription's key does not work at a time, or "".
func (s *Subscription) Usable(now time.Time) string {
	m := s.Model
	switch {
	case m.State != "" && m.State != model.SubscriptionActive:
		return "the subscription is " + string(m.State)
	case m.StartDate != nil && now.Before(*m.StartDate):
		return "the subscription has not begun"
	case m.ExpirationDate != nil && !now.Before(*m.ExpirationDate):
		return "the subscription has expired"
	case m.EndDate != nil && !now.Before(*m.EndDate):
		return "the subscription has ended"
	}
	return ""
}
