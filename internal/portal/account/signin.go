package account

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// signInForm is what the page of signing in shows.
type signInForm struct {
	Settings *Configured
	Problems []page.Problem
	Email    string
	Return   string
	// Away says that the management plane did not answer.
	Away bool
	// Minutes is how long no try is left; zero where there is one.
	Minutes int
	// Pending is the account whose address is not confirmed yet.
	Pending bool
}

// Providers are where visitors can sign in.
func (f *signInForm) Providers() []openid.Settings { return f.Settings.Providers }

// showSignIn shows the form, or leads to where signing in is delegated to.
func (a *accounts) showSignIn(x *page.Exchange) error {
	c, err := a.settings.Current()
	if err != nil {
		return err
	}
	if x.Visitor.SignedIn() {
		return x.Redirect(x.Return("/"), "")
	}
	if c.Delegation.SignIn {
		return a.arrive(x, c, delegation.SignIn)
	}
	return renderSignIn(x, http.StatusOK, &signInForm{Settings: c, Return: x.Return("")})
}

func renderSignIn(x *page.Exchange, status int, f *signInForm) error {
	return x.Render(status, page.Page{Title: "Sign in", Template: "signin", Data: f, Styles: styles})
}

// wrongCredentials is said of addresses without an account, of wrong passwords
// and of accounts that may not sign in alike.
const wrongCredentials = "The e-mail address or the password is not right, or the account is blocked." //nolint:gosec // A sentence.

// signIn checks address and password and begins a session. The management plane
// takes the same time whatever is wrong.
func (a *accounts) signIn(x *page.Exchange) error {
	c, err := a.settings.Current()
	if err != nil {
		return err
	}
	if !c.Basic || c.Delegation.SignIn {
		return problem.New(http.StatusForbidden, problem.CodeForbidden, "Nobody signs in here with a password.")
	}
	form := x.Form()
	f := &signInForm{Settings: c, Email: strings.TrimSpace(form.Get("email")), Return: x.Return("")}
	var wrong checks
	if f.Email == "" {
		wrong.add("email", "Enter your e-mail address.")
	}
	if form.Get("password") == "" {
		wrong.add("password", "Enter your password.")
	}
	if f.Problems = wrong; len(wrong) > 0 {
		return renderSignIn(x, http.StatusUnprocessableEntity, f)
	}
	if wait := page.Wait(a.takeTry(x, f.Email)); wait > 0 {
		return tooMany(x, f, wait)
	}
	who, err := a.authenticate(x, f.Email, form.Get("password"))
	switch {
	case client.IsUnavailable(err):
		f.Away = true
		return renderSignIn(x, http.StatusServiceUnavailable, f)
	case err != nil:
		return err
	case who == nil:
		f.Problems = []page.Problem{{Text: wrongCredentials}}
		return renderSignIn(x, http.StatusUnprocessableEntity, f)
	case who.State == statePending:
		return a.remind(x, f, who.User)
	}
	if err := a.sessions.Begin(x, who.User, basic); err != nil {
		if client.IsUnavailable(err) {
			f.Away = true
			return renderSignIn(x, http.StatusServiceUnavailable, f)
		}
		return err
	}
	a.rememberDevice(x, f.Email)
	return a.arrived(x, x.Return("/"))
}

// authenticate asks the management plane; nil is that the credentials are wrong.
func (a *accounts) authenticate(x *page.Exchange, email, password string) (*client.SignedIn, error) {
	if len(password) > maxPassword || len(email) > maxEmail {
		password = strings.Repeat("x", minPassword) // It is wrong; the answer takes its time.
		email = "nobody@example.invalid"
	}
	who, err := client.Post[client.SignedIn](x.R.Context(), a.client, "sallyportSignIn", client.Credentials{Email: email, Password: password})
	if refused, ok := errors.AsType[*problem.Error](err); ok && refused.Code == client.CodeInvalidCredentials {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &who, nil
}

// remind sends the link again to who knows the password of an account that is
// not confirmed.
func (a *accounts) remind(x *page.Exchange, f *signInForm, name string) error {
	user, err := client.Get[client.User](x.R.Context(), a.client, client.Path("users", name))
	if err == nil {
		err = a.sendConfirm(x.R.Context(), name, &user.Properties)
	}
	if client.IsUnavailable(err) {
		f.Away = true
		return renderSignIn(x, http.StatusServiceUnavailable, f)
	}
	if err != nil {
		return err
	}
	f.Pending = true
	return renderSignIn(x, http.StatusUnprocessableEntity, f)
}

// signOut ends the session, here and where signing out is delegated to.
func (a *accounts) signOut(x *page.Exchange) error {
	user := x.Visitor.User
	if err := a.sessions.End(x); err != nil {
		return err
	}
	c, err := a.settings.Current()
	if err != nil || !c.Delegation.SignIn || user == "" {
		return x.Redirect("/", noticeSignedOut)
	}
	endpoint, err := c.Delegation.Endpoint(x.R.Context(), a.client)
	if err != nil { // The session has ended; that is what was asked for.
		a.log.Warn("signing out could not be delegated", "error", err.Error())
		return x.Redirect("/", noticeSignedOut)
	}
	address, err := endpoint.Account(delegation.SignOut, user)
	if err != nil {
		return err
	}
	x.Visitor = page.Guest() // So says the page, too.
	return depart(x, address)
}

// leaving is what the page shows from which a visitor goes to another website.
type leaving struct{ Address, Host string }

// depart sends a visitor to another website. Browsers follow no redirect there
// from a form, which the content security policy keeps here: such a visitor gets
// a page that goes on by itself.
func depart(x *page.Exchange, address string) error {
	if x.Method() == http.MethodGet {
		return x.Leave(address)
	}
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("leaving the portal: %w", err)
	}
	x.W.Header().Set("Refresh", "0; url="+address)
	return x.Render(http.StatusOK, page.Page{Title: "One moment", Template: "leaving", Data: leaving{Address: address, Host: u.Host}})
}

// arrive sends a visitor to where signing in or up is delegated to.
func (a *accounts) arrive(x *page.Exchange, c *Configured, o delegation.Operation) error {
	endpoint, err := c.Delegation.Endpoint(x.R.Context(), a.client)
	if err != nil {
		return err
	}
	address, err := endpoint.Arrive(o, x.Return("/"))
	if err != nil {
		return err
	}
	return x.Leave(address)
}

// delegated sends a user to where managing accounts is delegated to; false where
// it is not.
func (a *accounts) delegated(x *page.Exchange, o delegation.Operation) (bool, error) {
	c, err := a.settings.Current()
	if err != nil || !c.Delegation.SignIn {
		return false, err
	}
	endpoint, err := c.Delegation.Endpoint(x.R.Context(), a.client)
	if err != nil {
		return false, err
	}
	address, err := endpoint.Account(o, x.Visitor.User)
	if err != nil {
		return false, err
	}
	return true, depart(x, address)
}

// signOn begins a session by a token that the management API gave to a website
// that signs visitors in, or to an administrator. Each works once.
func (a *accounts) signOn(x *page.Exchange) error {
	form := x.Form()
	token := form.Get("token")
	target, ok := page.LocalPath(strings.TrimPrefix(form.Get("returnUrl"), x.Site.URL("")))
	if !ok {
		target = "/"
	}
	if token == "" || len(token) > maxToken {
		return endedLink(x)
	}
	who, err := client.Post[client.Redeemed](x.R.Context(), a.client, "sallyportRedeemSignOn", client.Redeem{Token: token})
	if refused, ok := errors.AsType[*problem.Error](err); ok && refused.Status >= 400 && refused.Status < 500 {
		return endedLink(x)
	}
	if err != nil {
		return err
	}
	if err := a.sessions.Begin(x, who.User, "SSO"); err != nil {
		return err
	}
	return x.Redirect(target, "")
}

// endedLink says that a link for signing in was used already, or is over.
func endedLink(x *page.Exchange) error {
	return x.Render(http.StatusForbidden, page.Page{Title: "This link has expired", Template: "ended"})
}
