package account

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// firstForm is what somebody sees who has signed in at a provider for the first
// time.
type firstForm struct {
	Settings *Configured
	Problems []page.Problem
	Provider string
	// Email is fixed where the provider knows it for the visitor's own.
	Email    string
	Verified bool
	First    string
	Last     string
	Agreed   bool
	Away     bool
}

// arriving reads who has signed in at a provider and has no account yet.
func (a *accounts) arriving(x *page.Exchange) (*Configured, openid.Identity, error) {
	c, err := a.settings.Current()
	if err != nil {
		return nil, openid.Identity{}, err
	}
	who, err := open[openid.Identity](a, x, identityCookie)
	if err != nil && !client.IsUnavailable(err) {
		err = errProvider("Please sign in at the provider again: that was too long ago.")
	}
	return c, who, err
}

func (a *accounts) showFirst(x *page.Exchange) error {
	c, who, err := a.arriving(x)
	if err != nil {
		return err
	}
	return renderFirst(x, http.StatusOK, &firstForm{
		Settings: c, Provider: titleOf(c, who.Kind), Email: who.Email, Verified: who.Verified, First: who.FirstName, Last: who.LastName,
	})
}

func renderFirst(x *page.Exchange, status int, f *firstForm) error {
	return x.Render(status, page.Page{Title: "Complete your account", Template: "first", Data: f, Styles: styles})
}

// titleOf is what visitors read of a provider.
func titleOf(c *Configured, kind string) string {
	for _, p := range c.Providers {
		if p.Kind == kind {
			return p.Title
		}
	}
	return kind
}

// first makes the user of an identity. An address that the provider does not
// know for the visitor's own has to be confirmed by mail.
func (a *accounts) first(x *page.Exchange) error {
	c, who, err := a.arriving(x)
	if err != nil {
		return err
	}
	if !c.SignupOpen {
		return problem.New(http.StatusForbidden, problem.CodeForbidden, "Nobody can sign up here.")
	}
	form := x.Form()
	f := &firstForm{
		Settings: c, Provider: titleOf(c, who.Kind), Email: form.Get("email"), Verified: who.Verified,
		First: form.Get("first"), Last: form.Get("last"), Agreed: form.Get("agree") != "",
	}
	if who.Verified {
		f.Email = who.Email
	}
	var wrong checks
	user := client.User{
		Email: wrong.email(f.Email), FirstName: wrong.name("first", "first name", f.First),
		LastName: wrong.name("last", "last name", f.Last), State: statePending, AppType: client.AppType,
		Identities: []client.UserIdentity{{Provider: who.Kind, ID: who.ID}}, Note: a.agreement(c, f.Agreed, &wrong),
	}
	if who.Verified {
		user.State = stateActive
	}
	if f.Problems = wrong; len(wrong) > 0 {
		return renderFirst(x, http.StatusUnprocessableEntity, f)
	}
	return a.settleFirst(x, f, &who, &user)
}

// settleFirst makes the user and says what is next.
func (a *accounts) settleFirst(x *page.Exchange, f *firstForm, who *openid.Identity, user *client.User) error {
	taken := false
	err := a.evenly(x.R.Context(), func(ctx context.Context) (err error) {
		taken, err = a.makeFirst(ctx, who, user)
		return err
	})
	refused, ok := errors.AsType[*problem.Error](err)
	switch {
	case client.IsUnavailable(err):
		f.Away = true
		return renderFirst(x, http.StatusServiceUnavailable, f)
	case ok && refused.Status == http.StatusBadRequest:
		f.Problems = []page.Problem{{Text: refused.Message}}
		return renderFirst(x, http.StatusUnprocessableEntity, f)
	case err != nil:
		return err
	case taken && who.Verified: // It is the visitor's own address: there is nobody to hide the account from.
		return x.Redirect("/signin?return=/account", noticeLinkFirst)
	case user.State != stateActive:
		unseal(x, identityCookie)
		return x.Redirect("/signup/sent", "")
	}
	if err := a.sessions.Begin(x, nameOf(who), who.Kind); err != nil {
		return err
	}
	unseal(x, identityCookie)
	a.welcome(x.R.Context(), nameOf(who))
	return x.Redirect("/", noticeWelcome)
}

// makeFirst makes the user of an identity. taken says that the address has
// another account, whose owner has been told.
func (a *accounts) makeFirst(ctx context.Context, who *openid.Identity, user *client.User) (taken bool, err error) {
	name := nameOf(who)
	how := []client.Call{client.IfNew()}
	if who.Verified { // Else the rules for visitors would take the address for proven.
		how = append(how, client.AsPortal())
	}
	_, err = client.Put[client.User](ctx, a.client, client.Path("users", name), user, how...)
	refused, ok := errors.AsType[*problem.Error](err)
	switch {
	case client.IsConflict(err): // The form was sent twice.
		return false, a.makeFirstAgain(ctx, who, user)
	case err == nil:
		if user.State == stateActive {
			return false, a.noteConsent(ctx, name, user.Note)
		}
		return false, a.completeSignUp(ctx, name, user)
	case !ok || refused.Status != http.StatusBadRequest:
		return false, err
	}
	owner, lookup := a.byEmail(ctx, user.Email)
	if lookup != nil {
		return false, lookup
	}
	if owner == nil {
		return false, refused
	}
	if !who.Verified {
		return true, a.tellOwner(ctx, owner)
	}
	return true, nil
}

// makeFirstAgain is makeFirst for an identity whose user is there already. That
// user may have become somebody else's, see tellOwner, or wait for the proof of
// another address: it is then nobody's to sign in to by this form.
func (a *accounts) makeFirstAgain(ctx context.Context, who *openid.Identity, user *client.User) error {
	got, err := client.Get[client.User](ctx, a.client, client.Path("users", nameOf(who)))
	if err != nil {
		return err
	}
	p := &got.Properties
	switch {
	case !slices.Contains(p.Identities, client.UserIdentity{Provider: who.Kind, ID: who.ID}), !strings.EqualFold(p.Email, user.Email):
		return problem.New(http.StatusBadRequest, problem.CodeValidation,
			"There is an account of this sign-in already, with another address. Ask an administrator of the portal to remove it.")
	case p.State == stateActive && user.State == stateActive:
		return a.noteConsent(ctx, nameOf(who), user.Note)
	case p.State == statePending:
		user.State = statePending // Its address has yet to be proven.
		return a.completeSignUp(ctx, nameOf(who), p)
	}
	return nil
}

// arrived sends a user who has just signed in with a password on. Whoever comes
// from a provider to connect the two accounts goes to the profile, which offers
// that.
func (a *accounts) arrived(x *page.Exchange, target string) error {
	if _, err := open[openid.Identity](a, x, identityCookie); err == nil && !strings.HasPrefix(target, "/account") {
		target = "/account"
	}
	return x.Redirect(target, "")
}

// linkIdentity adds the identity that the visitor has proven to the account in
// which the visitor is signed in.
func (a *accounts) linkIdentity(x *page.Exchange) error {
	who, err := open[openid.Identity](a, x, identityCookie)
	if client.IsUnavailable(err) {
		return err
	}
	if err != nil {
		return errProvider("Please sign in at the provider again: that was too long ago.")
	}
	other, err := a.byIdentity(x.R.Context(), &who)
	if err != nil {
		return err
	}
	if other != nil && other.Name != x.Visitor.User {
		return problem.New(http.StatusConflict, problem.CodeConflict, "Another account signs in there already.")
	}
	if other == nil {
		if err := a.addIdentity(x, &who); err != nil {
			return err
		}
	}
	unseal(x, identityCookie)
	return x.Redirect("/account", noticeLinked)
}

func (a *accounts) addIdentity(x *page.Exchange, who *openid.Identity) error {
	path := client.Path("users", x.Visitor.User)
	user, err := client.Get[client.User](x.R.Context(), x.Client(), path)
	if err != nil {
		return err
	}
	list := slices.Concat(user.Properties.Identities, []client.UserIdentity{{Provider: who.Kind, ID: who.ID}})
	return client.Patch(x.R.Context(), x.Client(), path, map[string]any{"identities": list}, client.IfMatch(user.ETag))
}
