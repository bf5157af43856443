package browse

import (
	"context"
	"html/template"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/markdown"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// productEntry is an entry of the list of products.
type productEntry struct {
	*catalogue.Product
	Excerpt string
}

type productsPage struct {
	Entries []productEntry
	Pager   page.Pager
	Filter  filter
	// Workspaces are the places that products are in; none where all are in one.
	Workspaces []page.Option
}

// products is the list. Open products need no subscription and are left out of it, as in Azure API Management;
// administrators see them too.
func (s *section) products(x *page.Exchange) error {
	var listed []*catalogue.Product
	places, f := make(map[catalogue.Place]bool), filterOf(x)
	for _, p := range s.view(x).Products() {
		if !p.SubscriptionRequired && !x.Visitor.Admin {
			continue
		}
		places[p.Place] = true
		if f.inWorkspace(p.Place) {
			listed = append(listed, p)
		}
	}
	d := productsPage{Pager: page.NewPager(x.R.URL, page.PageNumber(x.Form()), productsPerPage, len(listed)), Filter: f}
	d.Workspaces = workspaceOptions(catalogue.Order(places), f.Workspace)
	if len(listed) > 0 {
		for _, p := range listed[d.Pager.From-1 : d.Pager.To] {
			d.Entries = append(d.Entries, productEntry{p, markdown.Text(p.Description, excerptLength)})
		}
	}
	return x.Render(http.StatusOK, page.Page{
		Title: "Products", Section: "products", Template: "products", Data: d, Styles: []string{"browse.css"},
		Description: "What can be subscribed to.",
	})
}

// productPage is the data of a product's page.
type productPage struct {
	Product            *catalogue.Product
	Description, Terms template.HTML
	APIs               []entry
	More               int
	Own                own
}

// own is what the visitor has of a product.
type own struct {
	Subscriptions []subscription
	// Live counts those that count against the product's limit.
	Live int
	// Unknown is set where the management plane could not say.
	Unknown bool
}

// subscription is one of the visitor's subscriptions.
type subscription struct{ ID, Name, State, Kind string }

// Full reports whether the visitor has as many subscriptions as the product allows.
func (d productPage) Full() bool {
	return d.Product.SubscriptionsLimit > 0 && d.Own.Live >= d.Product.SubscriptionsLimit
}

func (s *section) product(x *page.Exchange) error {
	p, ok := s.view(x).Product(x.Value("product"))
	if !ok {
		return notFound("product")
	}
	entries := group(p.APIs)
	d := productPage{
		Product: p, Description: markdown.Render(p.Description, markdown.Options{}), Terms: markdown.Render(p.Terms,
			markdown.Options{Level: 3, Prefix: "terms-"}),
		APIs: entries[:min(len(entries), maxListedAPIs)], More: max(len(entries)-maxListedAPIs, 0),
	}
	for i := range d.APIs {
		d.APIs[i].Excerpt = markdown.Text(d.APIs[i].API.Description, excerptLength)
	}
	if x.Visitor.SignedIn() && p.SubscriptionRequired {
		d.Own = ownSubscriptions(x, p)
	}
	return x.Render(http.StatusOK, page.Page{
		Title: p.DisplayName, Section: "products", Template: "product", Data: d, Styles: []string{"browse.css"},
		Crumbs:      []page.Link{{Text: "Products", Path: "/products"}},
		Description: markdown.Text(p.Description, excerptLength),
	})
}

// ownSubscriptions asks for the visitor's subscriptions of a product. The page is shown without them where
// the management plane does not answer.
func ownSubscriptions(x *page.Exchange, p *catalogue.Product) (o own) {
	if x.Client() == nil {
		return own{Unknown: true}
	}
	ctx, cancel := context.WithTimeout(x.R.Context(), subscriptionsTimeout)
	defer cancel()
	path := "users/" + client.Path(x.Visitor.User) + "/subscriptions"
	read := 0
	for s, err := range client.List[client.Subscription](ctx, x.Client(), path, client.Within(subscriptionsTimeout)) {
		if err != nil {
			x.Log().Warn("the visitor's subscriptions cannot be read", "error", err)
			o.Unknown = true
			return o
		}
		if read++; read > maxSubscriptions {
			return o
		}
		if !strings.EqualFold(client.NameIn("products", s.Properties.Scope), p.Name) {
			continue
		}
		name := s.Properties.DisplayName
		if name == "" {
			name = s.Name
		}
		o.Subscriptions = append(o.Subscriptions, subscription{
			ID: client.Qualify(s.Properties.Workspace, s.Name), Name: name,
			State: stateText(s.Properties.State), Kind: stateKind(s.Properties.State),
		})
		if stateKind(s.Properties.State) != "" {
			o.Live++
		}
	}
	return o
}

// stateText is a state in a visitor's words.
func stateText(state string) string {
	if state == "submitted" {
		return "waiting for approval"
	}
	return state
}

// stateKind is the colour of a state; the states that have ended have none.
func stateKind(state string) string {
	switch state {
	case "active":
		return "success"
	case "submitted":
		return "info"
	case "suspended":
		return "warning"
	}
	return ""
}
