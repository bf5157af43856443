package subscribe

import (
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/markdown"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// maxName bounds the name of a subscription, in characters.
const maxName = 100

// maxHeld is how many of a visitor's subscriptions to one product are shown.
const maxHeld = 100

// askPage is the form with which one subscribes to a product.
type askPage struct {
	Product *catalogue.Product
	Terms   template.HTML
	Name    string
	Agreed  bool
	// Held are the visitor's live subscriptions to the product; Full says that the
	// product allows no more.
	Held     []row
	Full     bool
	Problems []page.Problem
}

// ask shows what subscribing to a product means, and the form for it.
func (s *section) ask(x *page.Exchange) error {
	product, err := s.product(x)
	if err != nil {
		return err
	}
	if away, err := delegatedBegin(x, product.Name); away || err != nil {
		return err
	}
	f := &askPage{Product: product, Name: defaultName(product)}
	if err := s.held(x, f); err != nil {
		return err
	}
	return s.renderAsk(x, http.StatusOK, f)
}

// product is that of the path, if the visitor sees it and it is published.
func (s *section) product(x *page.Exchange) (*catalogue.Product, error) {
	product, ok := s.o.Catalogue().Product(x.Value("product"), reader(x))
	if !ok || !product.Published {
		return nil, problem.NotFound("Product", x.Value("product"))
	}
	return product, nil
}

func defaultName(p *catalogue.Product) string {
	name := []rune(p.DisplayName)
	return strings.TrimSpace(string(name[:min(len(name), maxName)]))
}

// held finds the visitor's live subscriptions to the product.
func (s *section) held(x *page.Exchange, f *askPage) error {
	path := client.Path("users", x.Visitor.User, "subscriptions")
	items, total, err := client.Page[client.Subscription](x.R.Context(), x.Client(), path, 0, maxHeld, client.Filter(liveTo(f.Product.Name)))
	if err != nil {
		return err
	}
	for i := range items {
		p := &items[i].Properties
		if live(p) && strings.EqualFold(client.NameIn("products", p.Scope), f.Product.Name) {
			f.Held = append(f.Held, s.row(x, named(&items[i])))
		}
	}
	// Of more than are read, some may be to a product of that name in a workspace.
	held := len(f.Held)
	if total > maxHeld {
		held = total
	}
	f.Full = f.Product.SubscriptionsLimit > 0 && held >= f.Product.SubscriptionsLimit
	return nil
}

// liveTo selects the live subscriptions to a product, and to those of the same
// name in workspaces.
func liveTo(product string) string {
	workspace, name := client.WorkspaceOf(product)
	end := "/products/" + name
	if workspace != "" {
		end = "/workspaces/" + workspace + end
	}
	return "(state eq 'active' or state eq 'submitted' or state eq 'suspended') and endswith(scope,'" +
		strings.ReplaceAll(end, "'", "''") + "')"
}

func (s *section) renderAsk(x *page.Exchange, status int, f *askPage) error {
	f.Terms = markdown.Render(f.Product.Terms, markdown.Options{})
	return x.Render(status, page.Page{
		Title: "Subscribe to " + f.Product.DisplayName, Section: "products", Template: "ask", Data: f,
		Crumbs: []page.Link{
			{Text: "Products", Path: "/products"}, {Text: f.Product.DisplayName, Path: "/" + client.Path("products", f.Product.Name)},
		},
	})
}

// subscribe makes the subscription. Its name among resources is the id that the
// form was sent with, so that a form which is sent twice makes one.
func (s *section) subscribe(x *page.Exchange) error {
	product, err := s.product(x)
	if err != nil {
		return err
	}
	f := &askPage{Product: product, Name: strings.TrimSpace(x.Form().Get("name")), Agreed: x.Form().Get("terms") == "yes"}
	if away, err := delegatedBegin(x, product.Name); away || err != nil {
		return s.askAgain(x, f, err)
	}
	if f.Problems = f.check(); len(f.Problems) > 0 {
		return s.renderAsk(x, http.StatusUnprocessableEntity, f)
	}
	id := client.Qualify(product.Workspace, x.Once())
	c := x.Client()
	made, err := client.Put[client.Subscription](x.R.Context(), c, client.PathIn("subscriptions", id), client.Subscription{
		DisplayName: f.Name, Scope: c.ID(client.PathIn("products", product.Name)), OwnerID: c.ID(client.Path("users", x.Visitor.User)),
	}, client.IfNew(), client.AsPortal())
	if client.IsConflict(err) {
		if _, missing := client.Get[client.Subscription](x.R.Context(), c, client.PathIn("subscriptions", id)); missing == nil {
			return x.Redirect("/"+client.Path("subscriptions", id), "") // The form was sent before.
		}
	}
	if err != nil {
		return s.askAgain(x, f, err)
	}
	made.Name = id
	notice := noticeActive
	if made.Properties.State != "active" {
		notice = noticeSubmitted
	}
	s.tell(x, product, &made)
	return x.Redirect("/"+client.Path("subscriptions", id), notice)
}

// askAgain shows the form with what was typed and what is wrong with it, where
// err says that; it returns other errors.
func (s *section) askAgain(x *page.Exchange, f *askPage, err error) error {
	list, status := problems(err, map[string]string{"properties.displayName": "name"})
	if status == 0 {
		return err
	}
	f.Problems = list
	return s.renderAsk(x, status, f)
}

// check says what is wrong with the form before anybody is asked.
func (f *askPage) check() []page.Problem {
	var list []page.Problem
	list = append(list, checkName(f.Name)...)
	if f.Product.Terms != "" && !f.Agreed {
		list = append(list, page.Problem{Field: "terms", Text: "Agree to the terms to subscribe."})
	}
	if !f.Product.SubscriptionRequired {
		list = append(list, page.Problem{Text: "This product needs no subscription."})
	}
	return list
}

func checkName(name string) []page.Problem {
	switch {
	case name == "":
		return []page.Problem{{Field: "name", Text: "Give the subscription a name."}}
	case utf8.RuneCountInString(name) > maxName:
		return []page.Problem{{Field: "name", Text: "A name has at most 100 characters."}}
	}
	return nil
}

func delegatedBegin(x *page.Exchange, product string) (away bool, err error) {
	return delegated(x, func(e *delegation.Endpoint) (string, error) { return e.Subscribe(product, x.Visitor.User) })
}

// delegated sends the visitor to the website that subscribing is delegated to, if
// it is.
func delegated(x *page.Exchange, where func(*delegation.Endpoint) (string, error)) (away bool, err error) {
	settings, err := delegation.Read(x.R.Context(), x.Client())
	if err != nil || !settings.Subscriptions {
		return false, err
	}
	endpoint, err := settings.Endpoint(x.R.Context(), x.Client())
	if err != nil {
		return true, err
	}
	address, err := where(endpoint)
	if err != nil {
		return true, err
	}
	return true, x.Leave(address)
}

// tell writes to the developer and to the publishers. The subscription is made
// already: that a message was not taken is logged and is no failure.
func (s *section) tell(x *page.Exchange, product *catalogue.Product, made *client.Resource[client.Subscription]) {
	if s.o.Mail == nil {
		return
	}
	p := &made.Properties
	template, notification, what := "PurchaseDeveloperNotificationMessage", mail.SubscriptionMade, "has subscribed to"
	if p.State != "active" {
		template, notification, what = "RequestDeveloperNotificationMessage", mail.SubscriptionRequested, "asks for a subscription to"
	}
	first, last, _ := strings.Cut(x.Visitor.Name, " ")
	err := s.o.Mail.Send(x.R.Context(), template, mail.Recipient{Email: x.Visitor.Email, FirstName: first, LastName: last}, map[string]string{
		"ProdName": product.DisplayName, "SubId": made.Name, "SubscriptionName": p.DisplayName,
		"SubStartDate": p.StartDate.UTC().Format("2 January 2006"), "SubTerm": "",
	})
	if err != nil {
		x.Log().Warn("a developer was not told of a subscription", "subscription", made.Name, "error", err.Error())
	}
	err = s.o.Mail.Notify(x.R.Context(), client.Qualify(product.Workspace, notification), "Subscription to "+product.DisplayName,
		x.Visitor.Name+" ("+x.Visitor.Email+") "+what+" "+product.DisplayName+" under the name “"+p.DisplayName+"”.",
		"See "+x.Site.URL("/admin/subscriptions")+".")
	if err != nil {
		x.Log().Warn("publishers were not told of a subscription", "subscription", made.Name, "error", err.Error())
	}
}
