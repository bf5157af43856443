package usage

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

// reading bounds how often reports are asked for, which may read much.
func reading() *page.Limit { return &page.Limit{Name: "usage", Events: 60, Per: time.Minute} }

// Options are what the section needs.
type Options struct {
	// Catalogue has the APIs that visitors see: limits of others are not told. Nil
	// has none.
	Catalogue func() *catalogue.Index
}

// New makes the section.
func New(o Options) *page.Section {
	files, _ := fs.Sub(assets, "assets") //nolint:errcheck // A folder that is embedded is there.
	return &page.Section{
		Name: "usage", Templates: templates, Assets: files,
		Routes: []page.Route{
			{Pattern: "GET /usage", Needs: page.SignedIn, Run: func(x *page.Exchange) error { return show(x, o, false) }, Limit: reading()},
			{Pattern: "GET /usage/export", Needs: page.SignedIn, Run: func(x *page.Exchange) error { return export(x, false) }, Limit: reading()},
			{Pattern: "GET /admin/usage", Needs: page.Administrator, Limit: reading(), Run: func(x *page.Exchange) error {
				return show(x, o, true)
			}},
			{Pattern: "GET /admin/usage/export", Needs: page.Administrator, Run: func(x *page.Exchange) error { return export(x, true) },
				Limit: reading()},
		},
	}
}

// request is what a visitor asks to see.
type request struct {
	x      *page.Exchange
	admin  bool
	period period
	by     grouping
	// subscription is the one that is chosen, or "".
	subscription string
	// seen are the APIs that the visitor sees; nil is none.
	seen          *catalogue.View
	subscriptions []page.Option
	from, to      time.Time
}

// errAbsent is the answer for a subscription that is not the visitor's: the same
// whether there is one or not.
func errAbsent() error {
	return problem.New(http.StatusNotFound, problem.CodeNotFound, "There is no such subscription among yours.")
}

// read reads what a visitor asks for, and checks that it may be seen.
func read(ctx context.Context, x *page.Exchange, admin bool) (*request, error) {
	q := x.R.URL.Query()
	r := &request{
		x: x, admin: admin, period: periodOf(q.Get("range")), by: groupingOf(q.Get("by"), admin), subscription: q.Get("subscription"),
	}
	r.from, r.to = r.period.bounds(x.Clock().Now())
	if admin {
		return r, nil // Whoever may see all may see one.
	}
	if err := r.own(ctx); err != nil {
		return nil, err
	}
	chosen := func(o page.Option) bool { return o.Value == r.subscription }
	if r.subscription != "" && !slices.ContainsFunc(r.subscriptions, chosen) {
		if err := r.ownOther(ctx); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// own reads the visitor's subscriptions.
func (r *request) own(ctx context.Context) error {
	path := client.Path("users", r.x.Visitor.User, "subscriptions")
	list, _, err := client.Page[client.Subscription](ctx, r.x.Client(), path, 0, MaxSubscriptions)
	if err != nil {
		return err
	}
	for i := range list {
		r.subscriptions = append(r.subscriptions, optionOf(&list[i]))
	}
	return nil
}

// ownOther reads the subscription that is chosen, where it is the visitor's and
// not among those to choose from.
func (r *request) ownOther(ctx context.Context) error {
	if len(r.subscriptions) < MaxSubscriptions {
		return errAbsent() // These are all.
	}
	one, err := client.Get[client.Subscription](ctx, r.x.Client(), client.PathIn("subscriptions", r.subscription))
	if client.IsUnavailable(err) {
		return err
	}
	if err != nil || !strings.EqualFold(client.NameIn("users", one.Properties.OwnerID), r.x.Visitor.User) {
		return errAbsent()
	}
	one.Properties.Workspace, one.Name = client.WorkspaceOf(r.subscription)
	r.subscriptions = append(r.subscriptions, optionOf(&one))
	return nil
}

// optionOf is a subscription to choose.
func optionOf(s *client.Resource[client.Subscription]) page.Option {
	text := s.Properties.DisplayName
	if text == "" {
		text = s.Name
	}
	if s.Properties.State != "active" && s.Properties.State != "" {
		text += " (" + s.Properties.State + ")"
	}
	if s.Properties.Workspace != "" {
		text += " (" + s.Properties.Workspace + ")"
	}
	return page.Option{Value: client.Qualify(s.Properties.Workspace, s.Name), Text: text}
}

// query is what all reports of the page have in common: for a visitor, that
// calls were the visitor's own.
func (r *request) query() client.ReportQuery {
	q := client.ReportQuery{From: r.from, To: r.to, Subscription: r.subscription}
	if !r.admin {
		q.User = r.x.Visitor.User
	}
	return q
}

// path is the address of the page, or of what lies below it, with a choice that
// differs from the present one in what is given: names and values in turn.
func (r *request) path(below string, changes ...string) string {
	at := "/usage"
	if r.admin {
		at = "/admin/usage"
	}
	q := url.Values{"range": {r.period.Key}, "by": {r.by.Key}}
	if r.subscription != "" {
		q.Set("subscription", r.subscription)
	}
	for i := 0; i+1 < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
	}
	return at + below + "?" + q.Encode()
}

// about is the name that a row of a report is about.
func (g *grouping) about(row *client.ReportRow) (name, id string) {
	switch g.Key {
	case "api":
		id = row.APIID
	case "operation":
		id = row.OperationID
	case "product":
		id = row.ProductID
	case "subscription":
		id = row.SubscriptionID
	case "user":
		id = row.UserID
	default:
		return row.Region, row.Region
	}
	last := path.Base(id)
	switch {
	case row.Name != "":
		return placed(row.Name, id), id
	case last == "-":
		return "None", id
	}
	return placed(last, id), id
}

// placed is a name with that of the workspace that an id is of.
func placed(name, id string) string {
	for _, collection := range []string{"apis", "products", "subscriptions"} {
		if workspace, _ := client.WorkspaceOf(client.NameIn(collection, id)); workspace != "" {
			return name + " (" + workspace + ")"
		}
	}
	return name
}

// detail says more of a row than its name.
func (g *grouping) detail(row *client.ReportRow) string {
	if g.Key != "operation" {
		return ""
	}
	return client.NameIn("apis", row.APIID)
}
