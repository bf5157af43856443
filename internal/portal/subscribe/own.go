package subscribe

import (
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// pageSize is how many subscriptions a page of the list has.
const pageSize = 25

// warnBefore is how long before a key or a subscription ends its owner is warned.
const warnBefore = 14 * 24 * time.Hour

// row is a subscription in lists.
type row struct {
	ID, Name, Path string
	// For is what the subscription is for, ForPath where that is.
	For, ForPath string
	State        state
	Created      time.Time
	Warnings     []string
}

// named is a subscription of the visitor's list, under the name that the portal
// calls it by.
func named(r *client.Resource[client.Subscription]) *client.Resource[client.Subscription] {
	r.Name = client.Qualify(r.Properties.Workspace, r.Name)
	return r
}

func (s *section) row(x *page.Exchange, r *client.Resource[client.Subscription]) row {
	p := &r.Properties
	what, path := s.scopeOf(x, p.Scope)
	name := p.DisplayName
	if name == "" {
		name = r.Name
	}
	return row{
		ID: r.Name, Name: name, Path: "/" + client.Path("subscriptions", r.Name), For: what, ForPath: path,
		State: stateOf(p), Created: p.CreatedDate, Warnings: warnings(p, x.Clock().Now()),
	}
}

// warnings say what of a subscription ends soon, or has ended.
func warnings(p *client.Subscription, now time.Time) []string {
	if p.State != "active" {
		return nil
	}
	var list []string
	for _, end := range []struct {
		what string
		at   time.Time
	}{{"The subscription", p.ExpirationDate}, {"The primary key", p.PrimaryKeyExpires}, {"The secondary key", p.SecondaryKeyExpires}} {
		switch {
		case end.at.IsZero() || end.at.After(now.Add(warnBefore)):
		case end.at.After(now):
			list = append(list, end.what+" ends on "+day(end.at)+".")
		default:
			list = append(list, end.what+" has ended on "+day(end.at)+".")
		}
	}
	return list
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 MST") }

// listPage is the list of one's subscriptions.
type listPage struct {
	Rows  []row
	Pager page.Pager
}

func (s *section) list(x *page.Exchange) error {
	number := page.PageNumber(x.R.URL.Query())
	path := client.Path("users", x.Visitor.User, "subscriptions")
	items, total, err := client.Page[client.Subscription](x.R.Context(), x.Client(), path, (min(number, maxHeld)-1)*pageSize, pageSize)
	if err != nil {
		return err
	}
	f := &listPage{Pager: page.NewPager(x.R.URL, number, pageSize, total)}
	for i := range items {
		f.Rows = append(f.Rows, s.row(x, named(&items[i])))
	}
	return x.Render(http.StatusOK, page.Page{Title: "Your subscriptions", Section: "subscriptions", Template: "subscriptions", Data: f})
}

// showPage is one subscription.
type showPage struct {
	row
	// Is the subscription itself.
	Is client.Subscription
	// Keys are shown where they were asked for.
	Keys     []shownKey
	Shown    bool
	Limits   limitsPart
	Live     bool
	NewName  string
	Problems []page.Problem
}

// shownKey is a key of a subscription; Value is empty where it is hidden.
type shownKey struct {
	Title, Type, Value string
	Ends               time.Time
	Ended              bool
	// Previous is when the key that this one has replaced ends; zero where it has.
	Previous time.Time
}

func (s *section) show(x *page.Exchange) error {
	got, err := owned(x)
	if err != nil {
		return err
	}
	return s.renderShow(x, http.StatusOK, s.showPage(x, &got))
}

func (s *section) showPage(x *page.Exchange, got *client.Resource[client.Subscription]) *showPage {
	p, now := &got.Properties, x.Clock().Now()
	f := &showPage{row: s.row(x, got), Is: *p, Live: live(p), NewName: p.DisplayName}
	for _, key := range []struct {
		title, name    string
		ends, previous time.Time
	}{
		{"Primary key", "primary", p.PrimaryKeyExpires, p.PreviousPrimaryKeyExpires},
		{"Secondary key", "secondary", p.SecondaryKeyExpires, p.PreviousSecondaryKeyExpires},
	} {
		shown := shownKey{Title: key.title, Type: key.name, Ends: key.ends, Ended: !key.ends.IsZero() && !key.ends.After(now)}
		if key.previous.After(now) {
			shown.Previous = key.previous
		}
		f.Keys = append(f.Keys, shown)
	}
	f.Limits = s.limits(x, got.Name)
	return f
}

func (s *section) renderShow(x *page.Exchange, status int, f *showPage) error {
	return x.Render(status, page.Page{
		Title: f.Name, Section: "subscriptions", Template: "subscription", Data: f,
		Crumbs: []page.Link{{Text: "Your subscriptions", Path: "/subscriptions"}},
	})
}
