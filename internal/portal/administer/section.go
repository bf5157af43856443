// Package administer is the administration of the portal under /admin: content and
// look, users, groups, approvals and subscriptions, identity providers, settings
// and mail.
//
// Every page asks the management plane anew whether its visitor is an
// administrator, and calls it for that visitor, so that the audit log says who
// changed what. Every change names the version that it was made of; who comes
// second is told. What removes something asks on a page of its own. All of it
// works without JavaScript.
package administer

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/content"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

// Options are what the section needs.
type Options struct {
	// Library is the content of the portal.
	Library *content.Library
	// Mail sends messages; nil sends none, and pages say so.
	Mail *mail.Mailer
	// Invite makes a pending user under a name and sends the invitation, or sends it
	// again; nil cannot.
	Invite func(ctx context.Context, c *client.Client, name string, u client.User) error
}

// New makes the section.
func New(o Options) *page.Section {
	s := &section{o}
	files, _ := fs.Sub(assets, "assets") //nolint:errcheck // A folder that is embedded is there.
	all := slices.Concat(
		[]page.Route{{Pattern: "GET /admin", Run: s.overview}},
		s.contentRoutes(), s.lookRoutes(), s.userRoutes(), s.groupRoutes(), s.subscriptionRoutes(), s.accessRoutes(), s.mailRoutes(),
	)
	for i := range all {
		all[i].Needs = page.Administrator
		all[i].Run = s.checked(all[i].Run)
		if !strings.HasPrefix(all[i].Pattern, "GET ") && all[i].MaxBody == 0 {
			all[i].MaxBody = maxForm
		}
	}
	return &page.Section{Name: "administer", Templates: templates, Assets: files, Routes: all, Notices: notices()}
}

// maxForm bounds the forms, in bytes: the text of a page, as forms encode it.
const maxForm = 1 << 20

type section struct{ Options }

// checked asks anew whether the visitor is an administrator.
func (s *section) checked(run func(*page.Exchange) error) func(*page.Exchange) error {
	return func(x *page.Exchange) error {
		groups, err := client.All[client.Group](x.R.Context(), x.Portal(), client.Path("users", x.Visitor.User, "groups"))
		if err != nil && !client.IsNotFound(err) {
			return err
		}
		if !slices.ContainsFunc(groups, func(g client.Resource[client.Group]) bool {
			return strings.EqualFold(g.Name, client.Administrators)
		}) {
			return problem.New(http.StatusForbidden, "AuthorizationFailed", "You are no longer an administrator. Nothing was changed.")
		}
		return run(x)
	}
}

// notices are the sentences after changes.
func notices() map[page.Notice]string {
	return map[page.Notice]string{
		"saved": "Saved.", "made": "Made.", "deleted": "Deleted.", "published": "Published. Visitors see it now.",
		"rolled-back": "Visitors see the earlier publication again. The draft is as it was.",
		"uploaded":    "Uploaded to the draft. Visitors see it after the next publication.",
		"draft-saved": "Saved to the draft. Visitors see it after the next publication.",
		"invited":     "Invited. The message is in the outbox and goes out now.",
		"approved":    "Approved. The subscriber is told by mail.", "rejected": "Rejected. The subscriber is told by mail.",
		"warn-no-mail": "It is done, but the message could not be put into the outbox: please tell the person yourself.",
		"state":        "The state has changed.", "sessions-ended": "All sessions of the user have ended.",
		"queued": "The message waits to be sent again.", "reset": "The template is as it came with the product.",
		"test-sent":   "A test message to you is in the outbox.",
		"unchanged":   "There was nothing to change.",
		"group-added": "Added to the group.", "group-removed": "Removed from the group.",
	}
}
