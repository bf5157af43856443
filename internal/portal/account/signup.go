package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/account/proof"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// States of users.
const (
	stateActive  = "active"
	statePending = "pending"
)

// basic is how users who sign in with a password are marked.
const basic = "Basic"

// signUpForm is what the page of signing up shows.
type signUpForm struct {
	Settings *Configured
	Problems []page.Problem
	Email    string
	First    string
	Last     string
	Agreed   bool
	Return   string
	// Challenge is the proof of work's.
	Challenge string
	// Away says that the management plane did not answer.
	Away bool
}

// showSignUp shows the form, or leads to where signing up is delegated to.
func (a *accounts) showSignUp(x *page.Exchange) error {
	c, err := a.settings.Current()
	if err != nil {
		return err
	}
	if c.Delegation.SignIn {
		return a.arrive(x, c, delegation.SignUp)
	}
	return a.renderSignUp(x, http.StatusOK, &signUpForm{Settings: c, Return: x.Return("")})
}

func (a *accounts) renderSignUp(x *page.Exchange, status int, f *signUpForm) error {
	p := page.Page{Title: "Sign up", Template: "signup", Data: f, Modules: []string{"proof.js"}, Styles: styles}
	if !f.Settings.SignupOpen || !f.Settings.Basic {
		return x.Render(status, p)
	}
	challenge, err := a.guard.Challenge(x.R.Context(), "signup", x.Address())
	if err != nil {
		return err
	}
	f.Challenge = challenge
	return x.Render(status, p)
}

// signUp makes an account that its address has to confirm. Whether the address
// has an account already is said by mail only.
func (a *accounts) signUp(x *page.Exchange) error {
	c, err := a.settings.Current()
	if err != nil {
		return err
	}
	if !c.SignupOpen || !c.Basic || c.Delegation.SignIn {
		return problem.New(http.StatusForbidden, problem.CodeForbidden, "Nobody can sign up here.")
	}
	form := x.Form()
	f := &signUpForm{
		Settings: c, Agreed: form.Get("agree") != "", Return: x.Return(""),
		Email: form.Get("email"), First: form.Get("first"), Last: form.Get("last"),
	}
	var wrong checks
	user := client.User{
		Email: wrong.email(f.Email), FirstName: wrong.name("first", "first name", f.First),
		LastName: wrong.name("last", "last name", f.Last), State: statePending, AppType: client.AppType,
		Password: wrong.password(form.Get("password"), form.Get("again")), Note: a.agreement(c, f.Agreed, &wrong),
	}
	if len(wrong) == 0 {
		wrong, err = a.proven(x, "signup", user.Email, wrong)
	}
	if f.Problems = wrong; len(wrong) > 0 {
		return a.renderSignUp(x, http.StatusUnprocessableEntity, f)
	}
	if err == nil {
		err = a.evenly(x.R.Context(), func(ctx context.Context) error { return a.register(ctx, x.Once(), &user) })
	}
	if client.IsUnavailable(err) {
		f.Away = true
		return a.renderSignUp(x, http.StatusServiceUnavailable, f)
	}
	if refused, ok := errors.AsType[*problem.Error](err); ok && refused.Status == http.StatusBadRequest {
		f.Problems = []page.Problem{{Text: refused.Message}}
		return a.renderSignUp(x, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return x.Redirect("/signup/sent", "")
}

// agreement is what is noted of the consent to the terms of use.
func (a *accounts) agreement(c *Configured, agreed bool, wrong *checks) string {
	switch {
	case !c.Terms.Enabled:
		return ""
	case agreed:
		return "Agreed to the terms of use on " + a.clock.Now().UTC().Format("2006-01-02 15:04 MST") + "."
	case c.Terms.ConsentRequired:
		wrong.add("agree", "Agree to the terms of use to sign up.")
	}
	return ""
}

// proven checks the proof of work of a form about an address. The error is that it
// cannot be checked while the management plane is away. A proof is good for this
// form and this address alone, which may be sent again: it then makes the same
// account, and mails to the same address.
func (a *accounts) proven(x *page.Exchange, form, email string, wrong checks) (checks, error) {
	token := sha256.Sum256([]byte(form + "\n" + x.Once() + "\n" + strings.ToLower(email)))
	err := a.guard.Check(x.R.Context(), &proof.Sent{
		Form: form, Address: x.Address(), Token: hex.EncodeToString(token[:]),
		Challenge: x.Form().Get("challenge"), Solution: x.Form().Get("solution"),
	})
	for _, known := range []error{proof.ErrChallenge, proof.ErrExpired, proof.ErrUsed, proof.ErrSolution, proof.ErrTooSoon, proof.ErrTooMany} {
		if errors.Is(err, known) {
			text := known.Error()
			wrong.add("", strings.ToUpper(text[:1])+text[1:]+".")
			return wrong, nil
		}
	}
	if client.IsUnavailable(err) {
		return wrong, err
	}
	if err != nil {
		a.log.Warn("a form could not be checked", "error", err.Error())
		wrong.add("", "The form could not be checked. Please send it again.")
	}
	return wrong, nil
}

// evenly does work whose result must not be told by its time.
func (a *accounts) evenly(ctx context.Context, work func(context.Context) error) error {
	began := a.clock.Now()
	err := work(ctx)
	if wait := clock.Sleep(ctx, a.clock, a.even-a.clock.Since(began)); wait != nil && err == nil {
		return wait
	}
	return err
}

// register makes a pending user of a name that only this form knows, and sends
// the link that confirms it. Done again, it sends the link again.
func (a *accounts) register(ctx context.Context, name string, user *client.User) error {
	_, err := client.Put[client.User](ctx, a.client, client.Path("users", name), user, client.IfNew(), client.AsPortal())
	if client.IsConflict(err) {
		return a.registerAgain(ctx, name, user)
	}
	if err == nil {
		return a.completeSignUp(ctx, name, user)
	}
	refused, ok := errors.AsType[*problem.Error](err)
	if !ok || refused.Status != http.StatusBadRequest {
		return fmt.Errorf("making an account: %w", err)
	}
	owner, lookup := a.byEmail(ctx, user.Email)
	if lookup != nil {
		return lookup
	}
	if owner == nil { // It was refused for another reason.
		return refused
	}
	return a.tellOwner(ctx, owner)
}

// registerAgain is register for a form that was sent before, or that was sent
// again because its answer did not arrive: what was typed last counts.
func (a *accounts) registerAgain(ctx context.Context, name string, user *client.User) error {
	got, err := client.Get[client.User](ctx, a.client, client.Path("users", name))
	if err != nil {
		return fmt.Errorf("making an account: %w", err)
	}
	if got.Properties.State != statePending {
		return nil
	}
	// The link proves the address that the account has, so it goes there only.
	if !strings.EqualFold(got.Properties.Email, user.Email) {
		return errOtherAddress()
	}
	change := map[string]any{"firstName": user.FirstName, "lastName": user.LastName, "password": user.Password}
	if err := client.Patch(ctx, a.client, client.Path("users", name), change); err != nil {
		return fmt.Errorf("making an account: %w", err)
	}
	return a.completeSignUp(ctx, name, user)
}

// errOtherAddress refuses a form that was sent before with another address.
func errOtherAddress() error {
	return problem.New(http.StatusBadRequest, problem.CodeValidation,
		"This form was sent before, with another address. Load the page anew to sign up with this one.")
}

// completeSignUp notes the consent of a new user and sends the link.
func (a *accounts) completeSignUp(ctx context.Context, name string, user *client.User) error {
	if err := a.noteConsent(ctx, name, user.Note); err != nil {
		return err
	}
	return a.sendConfirm(ctx, name, user)
}

// noteConsent keeps with the user when the terms of use were agreed to. Visitors
// write no notes: the portal does.
func (a *accounts) noteConsent(ctx context.Context, name, note string) error {
	if note == "" {
		return nil
	}
	if err := client.Patch(ctx, a.client, client.Path("users", name), map[string]any{"note": note}); err != nil {
		return fmt.Errorf("noting the consent to the terms of use: %w", err)
	}
	return nil
}

// tellOwner tells the owner of an address that somebody wanted to sign up with
// it: whoever has not confirmed it yet gets a link to begin anew, with a name and
// a password of one's own. An identity at a provider that a stranger may have
// brought, who began with this address, goes.
func (a *accounts) tellOwner(ctx context.Context, owner *client.Resource[client.User]) error {
	switch owner.Properties.State {
	case statePending:
		change := map[string]any{"identities": []client.UserIdentity{{Provider: basic, ID: owner.Properties.Email}}}
		if err := client.Patch(ctx, a.client, client.Path("users", owner.Name), change); err != nil {
			return fmt.Errorf("beginning an account anew: %w", err)
		}
		return a.sendInvitation(ctx, owner.Name, &owner.Properties, nil)
	case stateActive:
		return a.mail.Tell(ctx, owner.Properties.Email, "You have an account already",
			"Somebody, probably you, wanted to sign up with this address, which has an account already.",
			"You can sign in with your password, or choose a new one if you have forgotten it.",
			"If it was not you, ignore this mail: nothing has changed.")
	}
	return nil
}

// sendConfirm sends the link that confirms the address of a new account.
func (a *accounts) sendConfirm(ctx context.Context, name string, user *client.User) error {
	return a.sendLink(ctx, link{
		user: name, purpose: client.PurposeSignup, life: confirmLife, path: "/confirm",
		template: "ConfirmSignUpIdentityDefault", to: recipient(user),
	})
}

func recipient(u *client.User) mail.Recipient {
	return mail.Recipient{Email: u.Email, FirstName: u.FirstName, LastName: u.LastName}
}

// link is mail with a link that does something once.
type link struct {
	user, purpose, path, template string
	life                          time.Duration
	to                            mail.Recipient
	// email is a new address that the link confirms.
	email string
	query url.Values
}

// sendLink makes the token of a link and sends it.
func (a *accounts) sendLink(ctx context.Context, l link) error {
	token, err := client.Post[client.Token](ctx, a.client, client.Path("users", l.user, "sallyportTokens"), client.TokenRequest{
		Purpose: l.purpose, Expires: a.clock.Now().Add(l.life).UTC(), Email: l.email,
	})
	if err != nil {
		return fmt.Errorf("making a link for mail: %w", err)
	}
	query := url.Values{"token": {token.Token}}
	maps.Copy(query, l.query)
	return a.mail.Send(ctx, l.template, l.to, map[string]string{
		"ConfirmUrl": a.mail.URL(l.path + "?" + query.Encode()), "ConfirmQuery": query.Encode(),
	})
}

// byEmail finds the user with an address; nil where there is none.
func (a *accounts) byEmail(ctx context.Context, email string) (*client.Resource[client.User], error) {
	quoted := "'" + strings.ReplaceAll(email, "'", "''") + "'"
	for u, err := range client.List[client.User](ctx, a.client, "users", client.Filter("email eq "+quoted)) {
		if err != nil {
			return nil, fmt.Errorf("looking for an address: %w", err)
		}
		if strings.EqualFold(u.Properties.Email, email) {
			return &u, nil
		}
	}
	return nil, nil
}

// showSent says that mail is on its way, or why not.
func (a *accounts) showSent(x *page.Exchange) error {
	return x.Render(http.StatusOK, page.Page{Title: "Check your mail", Template: "sent", Data: sent{
		What: "to confirm your address", Again: "/signup", Mail: a.mail.Status(),
	}})
}

// sent is what the page after a form that sends mail shows.
type sent struct {
	What string
	// Again is where to ask again.
	Again string
	Mail  mail.Status
}
