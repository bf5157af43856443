package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
	"github.com/sallyport/sallyport/internal/portal/account/sealed"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// Cookies that hold what is needed between the steps of a sign-in.
const (
	// attemptCookie is a sign-in that has begun, which has attemptLife to end.
	attemptCookie = "sallyport-attempt"
	attemptLife   = 10 * time.Minute
	// identityCookie is an identity that was proven and has no account yet.
	identityCookie = "sallyport-identity"
	identityLife   = 20 * time.Minute
)

// beginProvider sends the visitor to a provider.
func (a *accounts) beginProvider(x *page.Exchange) error {
	s, err := a.provider(x)
	if err != nil {
		return err
	}
	address, attempt, err := a.relying.Begin(x.R.Context(), s, callbackURL(x, s.Name))
	if err != nil {
		return a.providerAway(err)
	}
	attempt.Return = x.Return("")
	if err := seal(a, x, attemptCookie, attemptLife, attempt); err != nil {
		return err
	}
	return x.Leave(address)
}

// provider is the provider that the path names.
func (a *accounts) provider(x *page.Exchange) (*openid.Settings, error) {
	c, err := a.settings.Current()
	if err != nil {
		return nil, err
	}
	if c.Delegation.SignIn {
		return nil, problem.NotFound("Provider", x.Value("provider"))
	}
	s, err := a.settings.provider(x.R.Context(), x.Value("provider"))
	if err == nil && s == nil {
		err = problem.NotFound("Provider", x.Value("provider"))
	}
	return s, err
}

// callbackURL is where a provider sends visitors back to; it has to be known to
// the provider.
func callbackURL(x *page.Exchange, name string) string {
	return x.Site.URL("/" + client.Path("signin", name, "callback"))
}

// providerAway is an error of reaching a provider as visitors are told of it.
func (a *accounts) providerAway(err error) error {
	a.log.Warn("an identity provider does not serve the portal", "error", err.Error())
	return problem.New(http.StatusServiceUnavailable, problem.CodeUnavailable, "The provider does not answer.").WithCause(err)
}

// callback takes the visitor back from a provider.
func (a *accounts) callback(x *page.Exchange) error {
	s, err := a.provider(x)
	if err != nil {
		return err
	}
	attempt, err := open[openid.Attempt](a, x, attemptCookie)
	unseal(x, attemptCookie)
	if client.IsUnavailable(err) {
		return err
	}
	if err != nil {
		return errProvider("This sign-in was not begun in this browser, or too long ago. Please begin again.")
	}
	who, err := a.relying.Complete(x.R.Context(), s, callbackURL(x, s.Name), attempt, x.R.URL.Query())
	if errors.Is(err, openid.ErrRefused) {
		a.log.Warn("a sign-in at a provider was refused", "provider", s.Name, "reason", err.Error())
		return errProvider("The sign-in at " + s.Title + " did not succeed. Please begin again.")
	}
	if err != nil {
		return a.providerAway(err)
	}
	if x.Visitor.SignedIn() {
		return a.offerLink(x, who)
	}
	user, err := a.byIdentity(x.R.Context(), &who)
	if err != nil {
		return err
	}
	if user == nil {
		if err := seal(a, x, identityCookie, identityLife, who); err != nil {
			return err
		}
		return x.Redirect("/signup/provider", "")
	}
	if user.Properties.State != stateActive {
		return errProvider("Your account cannot be used: it is blocked, or its address is not confirmed.")
	}
	if err := a.sessions.Begin(x, user.Name, s.Kind); err != nil {
		return err
	}
	return x.Redirect(pathOr(attempt.Return, "/"), "")
}

func errProvider(text string) error {
	return problem.New(http.StatusForbidden, problem.CodeForbidden, "%s", text)
}

func pathOr(path, fallback string) string {
	if local, ok := page.LocalPath(path); ok {
		return local
	}
	return fallback
}

// offerLink keeps the identity of a user who is signed in already, so that the
// profile can offer to connect it.
func (a *accounts) offerLink(x *page.Exchange, who openid.Identity) error {
	if err := seal(a, x, identityCookie, identityLife, who); err != nil {
		return err
	}
	return x.Redirect("/account", "")
}

// nameOf is the name of the user that the first sign-in with an identity makes:
// always the same, so that two at one time make one user.
func nameOf(who *openid.Identity) string {
	sum := sha256.Sum256([]byte(who.Kind + "\x00" + who.ID))
	return "id-" + hex.EncodeToString(sum[:16])
}

// byIdentity finds the user with an identity; nil where there is none. Addresses
// are not compared: whoever writes them somewhere would be somebody else here.
func (a *accounts) byIdentity(ctx context.Context, who *openid.Identity) (*client.Resource[client.User], error) {
	has := func(u *client.User) bool {
		return slices.Contains(u.Identities, client.UserIdentity{Provider: who.Kind, ID: who.ID})
	}
	made, err := client.Get[client.User](ctx, a.client, client.Path("users", nameOf(who)))
	switch {
	case err == nil && has(&made.Properties):
		return &made, nil
	case err != nil && !client.IsNotFound(err):
		return nil, fmt.Errorf("looking for an identity: %w", err)
	}
	for u, err := range client.List[client.User](ctx, a.client, "users", client.Top(1000)) {
		if err != nil {
			return nil, fmt.Errorf("looking for an identity: %w", err)
		}
		if has(&u.Properties) {
			return &u, nil
		}
	}
	return nil, nil
}

// seal keeps a value in a cookie that the visitor's browser sends back.
func seal[T any](a *accounts, x *page.Exchange, name string, life time.Duration, value T) error {
	key, err := a.settings.keys.get(cookiePurpose)
	if err != nil {
		return err
	}
	text, err := sealed.Seal(key, name, a.clock.Now().Add(life), value)
	if err != nil {
		return err
	}
	setCookie(x, name, text, int(life/time.Second))
	return nil
}

// open returns what seal has kept.
func open[T any](a *accounts, x *page.Exchange, name string) (T, error) {
	key, err := a.settings.keys.get(cookiePurpose)
	if err != nil {
		return *new(T), err
	}
	c, err := x.R.Cookie(x.Site.CookieName(name))
	if err != nil {
		return *new(T), sealed.ErrForged
	}
	return sealed.Open[T](key, name, a.clock.Now(), c.Value)
}

// unseal takes a cookie away.
func unseal(x *page.Exchange, name string) { setCookie(x, name, "", -1) }

// setCookie sets a cookie that comes back from a provider's pages, too, which
// Strict would not.
func setCookie(x *page.Exchange, name, value string, seconds int) {
	http.SetCookie(x.W, &http.Cookie{ //nolint:gosec // Without TLS, which is for one machine, it cannot be Secure.
		Name: x.Site.CookieName(name), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: x.Site.Secure(), SameSite: http.SameSiteLaxMode,
	})
}
