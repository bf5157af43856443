// Package subscribe is the section of the portal in which visitors subscribe to
// products and see to their subscriptions: names, keys, limits, and their end.
// Every page of a subscription is for its owner only; for anybody else there is
// no such page.
package subscribe

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Post is what the section needs of the portal's mail.
type Post interface {
	Send(ctx context.Context, template string, to mail.Recipient, parameters map[string]string) error
	Notify(ctx context.Context, notification, subject string, paragraphs ...string) error
}

// Options are what the section needs.
type Options struct {
	// Catalogue gives the products that visitors see.
	Catalogue func() *catalogue.Index
	// Mail tells developers and publishers; nil tells nobody.
	Mail Post
}

// Limits of the section's forms, for each client's address.
var (
	// subscribing bounds how often one subscribes.
	subscribing = &page.Limit{Name: "subscribe", Events: 30, Per: time.Hour}
	// changing bounds changes of subscriptions, and looks at keys.
	changing = &page.Limit{Name: "subscription-changes", Events: 120, Per: time.Hour}
)

// The section's notices.
const (
	noticeActive    page.Notice = "active"
	noticeSubmitted page.Notice = "submitted"
	noticeRenamed   page.Notice = "renamed"
	noticeRotated   page.Notice = "rotated"
	noticeReplaced  page.Notice = "replaced"
	noticeCancelled page.Notice = "cancelled"
	noticeChanged   page.Notice = "warn-changed"
)

type section struct{ o Options }

// New makes the section.
func New(o Options) *page.Section {
	s := &section{o}
	templates, _ := fs.Sub(templateFiles, "templates") //nolint:errcheck // A folder that is embedded is there.
	get := func(path string, run func(*page.Exchange) error) page.Route {
		return page.Route{Pattern: "GET " + path, Needs: page.SignedIn, Run: run}
	}
	post := func(path string, limit *page.Limit, run func(*page.Exchange) error) page.Route {
		return page.Route{Pattern: "POST " + path, Needs: page.SignedIn, Run: run, Limit: limit}
	}
	const one = "/subscriptions/{id}"
	return &page.Section{
		Name: "subscribe", Templates: templates,
		Routes: []page.Route{
			get("/subscribe/{product}", s.ask), post("/subscribe/{product}", subscribing, s.subscribe),
			get("/subscriptions", s.list), get(one, s.show),
			post(one+"/keys", changing, s.reveal), post(one+"/rename", changing, s.rename),
			get(one+"/renew", s.askRenew), post(one+"/renew", changing, s.renew),
			get(one+"/cancel", s.askCancel), post(one+"/cancel", changing, s.cancel),
		},
		Notices: map[page.Notice]string{
			noticeActive:    "You are subscribed. Your keys work from now on.",
			noticeSubmitted: "Your request was received. We write to you when it is approved: from then on your keys work.",
			noticeRenamed:   "The subscription has its new name.",
			noticeRotated:   "The key is renewed. Show the keys to see the new one; the old one works until the time below.",
			noticeReplaced:  "The key is renewed. Show the keys to see the new one; the old one has stopped working.",
			noticeCancelled: "The subscription is cancelled. Its keys have stopped working.",
			noticeChanged:   "This subscription was changed in the meantime, so nothing was done. Look at it, and try again if it is still needed.",
		},
	}
}

// owned reads the subscription of the path, under the name that the portal calls it
// by. One that belongs to somebody else is not there.
func owned(x *page.Exchange) (client.Resource[client.Subscription], error) {
	id := x.Value("id")
	got, err := client.Get[client.Subscription](x.R.Context(), x.Client(), client.PathIn("subscriptions", id))
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Status == http.StatusBadRequest {
		return got, problem.NotFound("Subscription", id) // No subscription has such a name.
	}
	if err != nil {
		return got, err
	}
	if !strings.EqualFold(client.NameIn("users", got.Properties.OwnerID), x.Visitor.User) {
		return got, problem.NotFound("Subscription", id)
	}
	workspace, _ := client.WorkspaceOf(id)
	got.Name = client.Qualify(workspace, got.Name)
	return got, nil
}

// reader is the visitor as the catalogue knows it.
func reader(x *page.Exchange) catalogue.Reader {
	return catalogue.Reader{Groups: x.Visitor.Groups, Admin: x.Visitor.Admin}
}

// scopeOf says what a subscription is for, as the visitor may see it, and where
// that is.
func (s *section) scopeOf(x *page.Exchange, scope string) (text, path string) {
	index, r := s.o.Catalogue(), reader(x)
	if name := client.NameIn("products", scope); name != "" {
		if p, ok := index.Product(name, r); ok {
			return placed(p.DisplayName, p.Place), "/" + client.Path("products", p.Name)
		}
		return name, ""
	}
	if name := client.NameIn("apis", scope); name != "" {
		if a, ok := index.API(name, r); ok {
			return placed(a.DisplayName, a.Place), "/" + client.Path("apis", a.Name)
		}
		return name, ""
	}
	return "All APIs", ""
}

// placed is a name with what the workspace is called that it is in.
func placed(name string, p catalogue.Place) string {
	if p.Workspace == "" {
		return name
	}
	return name + " (" + p.WorkspaceName + ")"
}

// problems says what is wrong with a form that the management plane has refused,
// and with which status to show it again; status 0 is an error of another kind.
func problems(err error, fields map[string]string) (list []page.Problem, status int) {
	if client.IsUnavailable(err) {
		return []page.Problem{{Text: "The service behind this portal does not answer, and has not confirmed this. " +
			"Send the form again in a moment: it is done once, however often you send it."}}, http.StatusServiceUnavailable
	}
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Status != http.StatusBadRequest && p.Status != http.StatusConflict && p.Status != http.StatusForbidden {
		return nil, 0
	}
	for _, d := range p.Details {
		list = append(list, page.Problem{Field: fields[d.Target], Text: sentence(d.Message)})
	}
	if len(list) == 0 {
		list = append(list, page.Problem{Field: fields[p.Target], Text: sentence(p.Message)})
	}
	return list, http.StatusUnprocessableEntity
}

// sentence makes a sentence of a message.
func sentence(text string) string {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	if text == "" {
		return "This was refused."
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// stateKinds are the kinds of badges of states. It is never written.
var stateKinds = map[string]string{
	"active": "success", "submitted": "info", "suspended": "warning", "rejected": "danger", "expired": "danger",
}

// state is a subscription's state on a page.
type state struct{ Text, Kind string }

func stateOf(p *client.Subscription) state {
	text := cmp.Or(p.State, "unknown")
	if p.State == "submitted" {
		text = "waiting for approval"
	}
	return state{text, stateKinds[p.State]}
}

// live says that a subscription can be used, or may be one day.
func live(p *client.Subscription) bool {
	return p.State == "active" || p.State == "submitted" || p.State == "suspended"
}
