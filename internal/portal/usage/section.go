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
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

// reading bounds how often reports are asked for, which may read much.
func reading() *page.Limit { return &page.Limit{Name: "usage", Events: 60, Per: time.Minute} }

// New makes the section.
func New() *page.Section {
	files, _ := fs.Sub(assets, "assets") //nolint:errcheck // A folder that is embedded is there.
	return &page.Section{
		Name: "usage", Templates: templates, Assets: files,
		Routes: []page.Route{
			{Pattern: "GET /usage", Needs: page.SignedIn, Run: func(x *page.Exchange) error { return show(x, false) }, Limit: reading()},
			{Pattern: "GET /usage/export", Needs: page.SignedIn, Run: func(x *page.Exchange) error { return export(x, false) }, Limit: reading()},
			{Pattern: "GET /admin/usage", Needs: page.Administrator, Run: func(x *page.Exchange) error { return show(x, true) }, Limit: reading()},
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
	subscription  string
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
		return nil, errAbsent()
	}
	return r, nil
}

// own reads the visitor's subscriptions.
func (r *request) own(ctx context.Context) error {
	list := client.List[client.Subscription](ctx, r.x.Client(), client.Path("users", r.x.Visitor.User, "subscriptions"))
	for s, err := range list {
		if err != nil {
			return err
		}
		text := s.Properties.DisplayName
		if text == "" {
			text = s.Name
		}
		if s.Properties.State != "active" && s.Properties.State != "" {
			text += " (" + s.Properties.State + ")"
		}
		if r.subscriptions = append(r.subscriptions, page.Option{Value: s.Name, Text: text}); len(r.subscriptions) >= MaxSubscriptions {
			break
		}
	}
	return nil
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
		return row.Name, id
	case last == "-":
		return "None", id
	}
	return last, id
}

// detail says more of a row than its name.
func (g *grouping) detail(row *client.ReportRow) string {
	if g.Key != "operation" {
		return ""
	}
	return strings.TrimPrefix(row.APIID, "/apis/")
}
