package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// profileForm is what the page of one's own account shows.
type profileForm struct {
	Settings *Configured
	User     client.User
	// What is typed into the three forms.
	First, Last, Email string
	Problems           []page.Problem
	// Section is the form that the problems are of: names, email, password.
	Section string
	// HasPassword says that the user signs in with a password.
	HasPassword bool
	// Identities are the providers at which the user signs in, Offer the one
	// that can be connected now.
	Identities []string
	Offer      string
	// Delegated says that another website manages accounts.
	Delegated bool
}

// Of are the problems of one of the forms.
func (f *profileForm) Of(section string) []page.Problem {
	if f.Section != section {
		return nil
	}
	return f.Problems
}

func (a *accounts) profile(x *page.Exchange) (*profileForm, error) {
	c, err := a.settings.Current()
	if err != nil {
		return nil, err
	}
	got, err := client.Get[client.User](x.R.Context(), x.Client(), client.Path("users", x.Visitor.User))
	if err != nil {
		return nil, err
	}
	u := got.Properties
	f := &profileForm{Settings: c, User: u, First: u.FirstName, Last: u.LastName, Delegated: c.Delegation.SignIn}
	for _, i := range u.Identities {
		if i.Provider == basic {
			f.HasPassword = true
			continue
		}
		if title := titleOf(c, i.Provider); title != i.Provider || title == "Microsoft" || title == "Google" {
			f.Identities = append(f.Identities, title) // Others are those of other portals.
		}
	}
	if who, err := open[openid.Identity](a, x, identityCookie); err == nil {
		f.Offer = titleOf(c, who.Kind)
	}
	return f, nil
}

func (a *accounts) showProfile(x *page.Exchange) error {
	f, err := a.profile(x)
	if err != nil {
		return err
	}
	return renderProfile(x, http.StatusOK, f)
}

func renderProfile(x *page.Exchange, status int, f *profileForm) error {
	return x.Render(status, page.Page{Title: "Your profile", Section: "account", Template: "profile", Data: f})
}

// again shows the profile with what is wrong with one of its forms.
func (a *accounts) again(x *page.Exchange, section string, wrong []page.Problem) error {
	f, err := a.profile(x)
	if err != nil {
		return err
	}
	f.Section, f.Problems = section, wrong
	form := x.Form()
	switch section {
	case "names":
		f.First, f.Last = form.Get("first"), form.Get("last")
	case "email":
		f.Email = form.Get("email")
	}
	return renderProfile(x, http.StatusUnprocessableEntity, f)
}

// settle answers a form of the profile by what became of it.
func (a *accounts) settle(x *page.Exchange, section string, err error, done page.Notice) error {
	refused, ok := errors.AsType[*problem.Error](err)
	switch {
	case err == nil:
		return x.Redirect("/account", done)
	case ok && refused.Status == http.StatusBadRequest:
		return a.again(x, section, []page.Problem{{Text: refused.Message}})
	}
	return err // Where the management plane is away, the profile cannot be read either.
}

// saveNames changes the user's name.
func (a *accounts) saveNames(x *page.Exchange) error {
	if gone, err := a.delegated(x, delegation.ChangeProfile); gone || err != nil {
		return err
	}
	var wrong checks
	change := map[string]any{
		"firstName": wrong.name("first", "first name", x.Form().Get("first")),
		"lastName":  wrong.name("last", "last name", x.Form().Get("last")),
	}
	if len(wrong) > 0 {
		return a.again(x, "names", wrong)
	}
	err := client.Patch(x.R.Context(), x.Client(), client.Path("users", x.Visitor.User), change, client.AsPortal())
	return a.settle(x, "names", err, noticeSaved)
}

// askEmail sends a link to a new address; the old one stays until it is followed.
// Whether the new one has an account is said by mail only.
func (a *accounts) askEmail(x *page.Exchange) error {
	if gone, err := a.delegated(x, delegation.ChangeProfile); gone || err != nil {
		return err
	}
	var wrong checks
	email := wrong.email(x.Form().Get("email"))
	if len(wrong) > 0 {
		return a.again(x, "email", wrong)
	}
	err := a.evenly(x.R.Context(), func(ctx context.Context) error { return a.sendNewEmail(ctx, x.Visitor.User, email) })
	return a.settle(x, "email", err, noticeAddressSent)
}

func (a *accounts) sendNewEmail(ctx context.Context, user, email string) error {
	got, err := client.Get[client.User](ctx, a.client, client.Path("users", user))
	if err != nil {
		return fmt.Errorf("changing an address: %w", err)
	}
	owner, err := a.byEmail(ctx, email)
	if err != nil {
		return err
	}
	// Whoever has found a browser unlocked would take the account over with the
	// new address. It is told whether that has an account or not.
	err = a.mail.Tell(ctx, got.Properties.Email, "A new address was entered for your account",
		"Somebody, probably you, wants to use the address "+email+" for your account from now on. "+
			"It becomes yours as soon as somebody follows the link that we sent there.",
		"If it was not you, sign in now, end your other sessions and change your password.")
	if client.IsUnavailable(err) {
		return err
	}
	if err != nil { // The present address may be one that takes no mail.
		a.log.Warn("the address of an account was not told of a new one", "user", user, "error", err.Error())
	}
	if owner != nil {
		return a.mail.Tell(ctx, email, "Your address was entered for another account",
			"Somebody, probably you, wanted to use this address for another account. It belongs to an account already, so nothing has changed.")
	}
	return a.sendLink(ctx, link{
		user: user, purpose: client.PurposeEmail, life: confirmLife, path: "/confirm", template: "EmailChangeIdentityDefault",
		to:    mail.Recipient{Email: email, FirstName: got.Properties.FirstName, LastName: got.Properties.LastName},
		email: email, query: url.Values{"for": {client.PurposeEmail}},
	})
}

// changePassword sets a new password for who knows the old one. All sessions end
// with it, and this browser gets a new one.
func (a *accounts) changePassword(x *page.Exchange) error {
	if gone, err := a.delegated(x, delegation.ChangePassword); gone || err != nil {
		return err
	}
	form := x.Form()
	var wrong checks
	password := wrong.password(form.Get("password"), form.Get("again"))
	if form.Get("old") == "" {
		wrong.add("old", "Enter your present password.")
	}
	if len(wrong) > 0 {
		return a.again(x, "password", wrong)
	}
	known, err := a.knows(x, form.Get("old"))
	if err != nil {
		return err
	}
	if !known {
		return a.again(x, "password", []page.Problem{{Field: "old", Text: "This is not your present password."}})
	}
	user := x.Visitor.User
	err = client.Patch(x.R.Context(), x.Client(), client.Path("users", user), map[string]any{"password": password}, client.AsPortal())
	if err == nil {
		err = a.sessions.Begin(x, user, basic)
		if err != nil {
			a.log.Warn("a session could not begin after a new password", "user", user, "error", err.Error())
			return x.Redirect("/signin", noticeReset)
		}
	}
	return a.settle(x, "password", err, noticePassword)
}

// knows says whether the visitor knows the password of the account.
func (a *accounts) knows(x *page.Exchange, password string) (bool, error) {
	got, err := client.Get[client.User](x.R.Context(), x.Client(), client.Path("users", x.Visitor.User))
	if err != nil {
		return false, err
	}
	who, err := a.authenticate(x, got.Properties.Email, password)
	return err == nil && who != nil && strings.EqualFold(who.User, x.Visitor.User), err
}
