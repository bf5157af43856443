package account

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// Inviter invites people to have an account, for pages of administration.
type Inviter struct{ accounts *accounts }

// NewInviter makes an Inviter of a client and a mailer.
func NewInviter(c *client.Client, m *mail.Mailer, k clock.Clock) *Inviter {
	if k == nil {
		k = clock.System()
	}
	return &Inviter{&accounts{client: c, mail: m, clock: k}}
}

// Invite makes a pending user with the given name of a resource, and sends the
// invitation. Called again with the same name, it sends the invitation again. c
// acts for the administrator; it is an error of status 400 that the address has
// an account.
func (i *Inviter) Invite(ctx context.Context, c *client.Client, name string, u client.User) error {
	u.State, u.Password, u.Confirmation = statePending, "", ""
	_, err := client.Put[client.User](ctx, c, client.Path("users", name), u, client.IfNew())
	if err != nil && !client.IsConflict(err) {
		return fmt.Errorf("inviting: %w", err)
	}
	return i.Again(ctx, name)
}

// Again sends the invitation of a pending user again.
func (i *Inviter) Again(ctx context.Context, name string) error {
	user, err := client.Get[client.User](ctx, i.accounts.client, client.Path("users", name))
	if err != nil {
		return fmt.Errorf("inviting: %w", err)
	}
	if user.Properties.State != statePending {
		return nil
	}
	return i.accounts.sendInvitation(ctx, name, &user.Properties, url.Values{
		"first": {user.Properties.FirstName}, "last": {user.Properties.LastName},
	})
}

// sendInvitation sends the link with which an invited person begins. What the
// inviter knows of the name stands in it, and so in the form.
func (a *accounts) sendInvitation(ctx context.Context, name string, user *client.User, known url.Values) error {
	return a.sendLink(ctx, link{
		user: name, purpose: client.PurposeInvitation, life: inviteLife, path: "/invitation",
		template: "InviteUserNotificationMessage", to: recipient(user), query: known,
	})
}

func (a *accounts) showInvitation(x *page.Exchange) error {
	f, err := a.linkForm(x)
	if err != nil {
		return err
	}
	return renderInvitation(x, http.StatusOK, f)
}

func renderInvitation(x *page.Exchange, status int, f *linkForm) error {
	return x.Render(status, page.Page{Title: "Welcome", Template: "invitation", Data: f, Styles: styles})
}

// acceptInvitation sets name and password of an invited person.
func (a *accounts) acceptInvitation(x *page.Exchange) error {
	f, err := a.linkForm(x)
	if err != nil {
		return err
	}
	var wrong checks
	r := client.Redeem{
		Purpose: client.PurposeInvitation, FirstName: wrong.name("first", "first name", f.First),
		LastName: wrong.name("last", "last name", f.Last),
		Password: wrong.password(x.Form().Get("password"), x.Form().Get("again")),
	}
	agreed := a.agreement(f.Settings, f.Agreed, &wrong)
	if f.Problems = wrong; len(wrong) > 0 && !f.Dead {
		return renderInvitation(x, http.StatusUnprocessableEntity, f)
	}
	user, status, err := a.redeem(x, f, r)
	if err != nil {
		return err
	}
	if status != 0 {
		return renderInvitation(x, status, f)
	}
	if err := a.noteConsent(x.R.Context(), user, agreed); err != nil { // The account is there.
		a.log.Warn("a consent was not noted", "user", user, "error", err.Error())
	}
	a.welcome(x.R.Context(), user)
	return x.Redirect("/signin", noticeConfirmed)
}
