package account

import (
	"context"
	"crypto/tls"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
	"github.com/sallyport/sallyport/internal/portal/account/proof"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// Sessions begins and ends sessions of visitors: a session.Manager does.
type Sessions interface {
	// Begin ends the visitor's session, if there is one, and begins a new one for
	// a user who has just signed in. provider says how: "Basic" for a password.
	Begin(x *page.Exchange, user, provider string) error
	// End ends the visitor's session.
	End(x *page.Exchange) error
	// List are the sessions of a user, without what proves them.
	List(ctx context.Context, user string) ([]client.Resource[client.Session], error)
	// EndOne ends one session of a user, EndAll all but one.
	EndOne(ctx context.Context, user, id string) error
	EndAll(ctx context.Context, user, except string) error
}

// Options say what the section is made of.
type Options struct {
	// Client calls the management API as the portal.
	Client *client.Client
	// Sessions and Mail are required.
	Sessions Sessions
	Mail     *mail.Mailer
	// Settings are shared with others who ask them, and somebody runs them; nil is
	// the section's own, which nobody runs.
	Settings *Settings
	// Clock and Log are the machine's, and none, where they are nil.
	Clock clock.Clock
	Log   *slog.Logger
	// AllowPrivate lets identity providers be in private networks, ProviderTLS
	// is how their certificates are checked; nil is the system's way.
	AllowPrivate bool
	ProviderTLS  *tls.Config
}

// evenTime is how long the answers take that must not tell whether an address
// has an account. It is longer than the calls of any of the ways there are,
// while the management plane is well.
const evenTime = 700 * time.Millisecond

// Lives of links in mail.
const (
	confirmLife = 24 * time.Hour
	resetLife   = time.Hour
	inviteLife  = 7 * 24 * time.Hour
)

type accounts struct {
	client   *client.Client
	sessions Sessions
	mail     *mail.Mailer
	settings *Settings
	clock    clock.Clock
	log      *slog.Logger
	relying  *openid.Relying
	guard    *proof.Guard
	even     time.Duration
}

// New makes the section.
func New(o Options) *page.Section { return newAccounts(o).section() }

func newAccounts(o Options) *accounts {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Settings == nil {
		o.Settings = NewSettings(SettingsOptions{Client: o.Client, Clock: o.Clock, Log: o.Log})
	}
	a := &accounts{
		client: o.Client, sessions: o.Sessions, mail: o.Mail, settings: o.Settings, clock: o.Clock, log: o.Log,
		relying: openid.New(openid.Options{AllowPrivate: o.AllowPrivate, TLS: o.ProviderTLS, Clock: o.Clock}),
		even:    evenTime,
	}
	a.guard = a.newGuard(a.spendProof)
	return a
}

// newGuard makes what checks proofs of work, with what notes them for all portals.
func (a *accounts) newGuard(spend func(ctx context.Context, challenge, token string, end time.Time) error) *proof.Guard {
	return proof.New(proof.Options{
		Key:   func(context.Context) ([]byte, error) { return a.settings.keys.get(proofPurpose) },
		Spend: spend, Clock: a.clock,
	})
}

// section lists the routes with their limits.
func (a *accounts) section() *page.Section {
	templates, _ := fs.Sub(templateFiles, "templates") //nolint:errcheck // A folder that is embedded is there.
	assets, _ := fs.Sub(assetFiles, "assets")          //nolint:errcheck // As above.
	routes := a.guestRoutes()
	for i := range routes {
		routes[i].Entrance = true
	}
	return &page.Section{
		Name: "account", Templates: templates, Assets: assets, Notices: notices, Routes: append(routes, a.userRoutes()...),
	}
}

// limitPer is the time for which the limits of the section's routes are.
const limitPer = 10 * time.Minute

// limit is a limit of events in limitPer, for each client and, with a field, for
// each value of it.
func limit(name string, events int, field string) *page.Limit {
	return &page.Limit{Name: name, Events: events, Per: limitPer, Field: field}
}

func (a *accounts) guestRoutes() []page.Route {
	links := limit("links in mail", 30, "")
	provider := limit("sign-in at a provider", 30, "")
	return []page.Route{
		{Pattern: "GET /signup", Run: a.showSignUp},
		{Pattern: "POST /signup", Run: a.signUp, Limit: limit("sign-up", 10, "email")},
		{Pattern: "GET /signup/sent", Run: a.showSent},
		{Pattern: "GET /confirm", Run: a.showConfirm},
		{Pattern: "POST /confirm", Run: a.confirm, Limit: links},
		{Pattern: "GET /signin", Run: a.showSignIn},
		{Pattern: "POST /signin", Run: a.signIn, Limit: limit("sign-in", addressRequests, "")},
		{Pattern: "POST /signout", Run: a.signOut},
		{Pattern: "GET /reset", Run: a.showReset},
		{Pattern: "POST /reset", Run: a.askReset, Limit: limit("password reset", 5, "email")},
		{Pattern: "GET /reset/sent", Run: a.showResetSent},
		{Pattern: "POST /reset/password", Run: a.reset, Limit: links},
		{Pattern: "GET /invitation", Run: a.showInvitation},
		{Pattern: "POST /invitation", Run: a.acceptInvitation, Limit: links},
		{Pattern: "GET /signin-sso", Run: a.signOn, Limit: links},
		{Pattern: "GET /signin/{provider}", Run: a.beginProvider, Limit: provider},
		{Pattern: "GET /signin/{provider}/callback", Run: a.callback, Limit: provider},
		{Pattern: "GET /signup/provider", Run: a.showFirst},
		{Pattern: "POST /signup/provider", Run: a.first, Limit: limit("sign-up", 10, "email")},
	}
}

func (a *accounts) userRoutes() []page.Route {
	change := limit("changes of an account", 20, "")
	return []page.Route{
		{Pattern: "GET /account", Needs: page.SignedIn, Run: a.showProfile},
		{Pattern: "POST /account", Needs: page.SignedIn, Run: a.saveNames, Limit: change},
		{Pattern: "POST /account/email", Needs: page.SignedIn, Run: a.askEmail, Limit: limit("change of address", 5, "email")},
		{Pattern: "POST /account/password", Needs: page.SignedIn, Run: a.changePassword, Limit: limit("change of password", 10, "")},
		{Pattern: "POST /account/link", Needs: page.SignedIn, Run: a.linkIdentity, Limit: change},
		{Pattern: "GET /account/sessions", Needs: page.SignedIn, Run: a.showSessions},
		{Pattern: "POST /account/sessions/end", Needs: page.SignedIn, Run: a.endSession, Limit: change},
		{Pattern: "GET /account/close", Needs: page.SignedIn, Run: a.showClose},
		{Pattern: "POST /account/close", Needs: page.SignedIn, Run: a.closeAccount, Limit: limit("closing an account", 10, "")},
	}
}

// styles are what pages with forms of accounts need. It is never written.
var styles = []string{"account.css"}

// The notices of the section.
const (
	noticeConfirmed   page.Notice = "confirmed"
	noticeAddress     page.Notice = "address"
	noticeAddressSent page.Notice = "address-sent"
	noticePassword    page.Notice = "password"
	noticeReset       page.Notice = "reset"
	noticeSaved       page.Notice = "saved"
	noticeEnded       page.Notice = "ended"
	noticeSignedOut   page.Notice = "signed-out"
	noticeClosed      page.Notice = "closed"
	noticeLinked      page.Notice = "linked"
	noticeWelcome     page.Notice = "welcome"
	noticeLinkFirst   page.Notice = "warn-link-first"
)

// notices are the sentences of them. It is never written.
var notices = map[page.Notice]string{
	noticeConfirmed:   "Your address is confirmed. You can sign in now.",
	noticeAddress:     "Your new address is confirmed. Use it when you sign in.",
	noticeAddressSent: "We have sent mail to the new address. Follow the link in it; until then, the old address stays.",
	noticePassword:    "Your password is changed. All of your other sessions have ended.",
	noticeReset:       "Your new password is set, and all sessions have ended. You can sign in now.",
	noticeSaved:       "Your profile is saved.",
	noticeEnded:       "The session has ended.",
	noticeSignedOut:   "You are signed out.",
	noticeClosed:      "Your account is closed, and your subscriptions with it.",
	noticeLinked:      "From now on you can sign in there, too.",
	noticeWelcome:     "Welcome! Your account is ready.",
	noticeLinkFirst:   "There is an account with this address. Sign in to it here; then you can connect the two.",
}
