package account

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of reading settings.
const (
	// settingsTimeout bounds reading them.
	settingsTimeout = 10 * time.Second
	// secretTimeout bounds reading the secret of a provider, or the key of
	// delegation, for which a visitor waits.
	secretTimeout = 5 * time.Second
	// firstPause and lastPause bound the waits while they cannot be read.
	firstPause = 500 * time.Millisecond
	lastPause  = 10 * time.Second
)

// Settings knows who may sign in and how. It follows the service, and keeps what
// it has read while the management plane is away: no page waits for it.
type Settings struct {
	client  *client.Client
	clock   clock.Clock
	log     *slog.Logger
	openID  []string
	current atomic.Pointer[Configured]
	keys    keys
	// stale holds a value where something has changed since the last reading began.
	stale chan struct{}
	// tried is closed when they were read once, or could not be.
	tried chan struct{}
}

// Configured is what the service says about accounts.
type Configured struct {
	// SigninRequired sends guests to sign in, whatever they ask for.
	SigninRequired bool
	// Basic lets people sign in with a password, SignupOpen lets them sign up.
	Basic, SignupOpen bool
	// Terms are agreed to when signing up, where they are enabled.
	Terms client.TermsOfService
	// Delegation says what another website does instead.
	Delegation delegation.Settings
	// Providers are where visitors can sign in; their secrets are not here.
	Providers []openid.Settings
}

// SettingsOptions say of which service Settings are.
type SettingsOptions struct {
	// Client calls the management API as the portal. It is required.
	Client *client.Client
	// OpenID are the names of OpenID Connect providers of the service at which
	// visitors may sign in; others are for the console only.
	OpenID []string
	// Clock and Log are the machine's, and none, where they are nil.
	Clock clock.Clock
	Log   *slog.Logger
}

// NewSettings makes Settings of which nothing is known until Run has read them.
func NewSettings(o SettingsOptions) *Settings {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Settings{
		client: o.Client, clock: o.Clock, log: o.Log, openID: o.OpenID, keys: keys{client: o.Client}, stale: make(chan struct{}, 1),
		tried: make(chan struct{}),
	}
}

// Run reads the settings, and again whenever Changed says so, until ctx ends.
// What cannot be read is tried again, later each time.
func (s *Settings) Run(ctx context.Context) {
	failures := 0
	err := s.read(ctx)
	close(s.tried)
	for ; ; err = s.read(ctx) {
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			if failures > 0 {
				s.log.Info("the settings of sign-in are read again", "failures", failures)
			}
			failures = 0
			select {
			case <-s.stale:
			case <-ctx.Done():
				return
			}
			continue
		}
		if failures++; failures == 1 {
			s.log.Warn("the settings of sign-in cannot be read: the portal goes on with what it knows",
				"known", s.current.Load() != nil, "error", err.Error())
		}
		rest := min(firstPause<<min(failures-1, 10), lastPause)
		rest = rest/2 + rand.N(rest/2) //nolint:gosec // It spreads calls and is no secret.
		if clock.Sleep(ctx, s.clock, rest) != nil {
			return
		}
	}
}

// read reads everything once.
func (s *Settings) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settingsTimeout)
	defer cancel()
	got, err := s.load(ctx)
	if err != nil {
		return err
	}
	s.current.Store(got)
	return s.keys.read(ctx)
}

// Changed takes what the management plane says has changed. It does not wait.
func (s *Settings) Changed(changes client.Changes) {
	if changes.Complete && !slices.ContainsFunc(changes.Changed, concerns) {
		return
	}
	select {
	case s.stale <- struct{}{}:
	default: // Somebody has said so already.
	}
}

// collections are what settings are read from, in lower case. It is never written.
var collections = []string{"portalsettings", "portalconfigs", "identityproviders", "openidconnectproviders"}

// concerns reports whether a change is one of what settings are read from.
func concerns(path string) bool {
	first, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	return slices.Contains(collections, strings.ToLower(first))
}

// Current returns the settings that were read last, at once. It fails where none
// were yet.
func (s *Settings) Current() (*Configured, error) {
	if c := s.current.Load(); c != nil {
		return c, nil
	}
	return nil, errNotRead()
}

// Tried is closed when Run has read the settings once, or found that it cannot.
func (s *Settings) Tried() <-chan struct{} { return s.tried }

// Known reports whether the settings were read since the portal started.
func (s *Settings) Known() bool { return s.current.Load() != nil }

// errNotRead says that something has not been read since the portal started.
func errNotRead() error {
	return problem.New(http.StatusServiceUnavailable, problem.CodeUnavailable,
		"The portal has not been able to read the settings of sign-in yet.")
}

// SigninRequired says whether guests see nothing but the pages of accounts. It is
// true as long as nothing is known.
func (s *Settings) SigninRequired(context.Context) bool {
	c, err := s.Current()
	return err != nil || c.SigninRequired
}

func (s *Settings) load(ctx context.Context) (*Configured, error) {
	signin, err := client.Get[client.PortalSettings](ctx, s.client, "portalsettings/signin")
	if err != nil {
		return nil, fmt.Errorf("reading the settings of sign-in: %w", err)
	}
	signup, err := client.Get[client.PortalSettings](ctx, s.client, "portalsettings/signup")
	if err != nil {
		return nil, fmt.Errorf("reading the settings of sign-up: %w", err)
	}
	c := &Configured{SigninRequired: is(signin.Properties.Enabled), SignupOpen: is(signup.Properties.Enabled), Basic: true}
	if terms := signup.Properties.TermsOfService; terms != nil && terms.Enabled {
		c.Terms = *terms
	}
	if c.Delegation, err = delegation.Read(ctx, s.client); err != nil {
		return nil, err
	}
	config, err := client.Get[client.PortalConfig](ctx, s.client, "portalconfigs/default")
	switch {
	case err == nil:
		c.Basic = config.Properties.EnableBasicAuth == nil || *config.Properties.EnableBasicAuth
	case !client.IsNotFound(err):
		return nil, fmt.Errorf("reading the configuration of the portal: %w", err)
	}
	return c, s.providers(ctx, c)
}

func is(b *bool) bool { return b != nil && *b }

// providers reads where visitors can sign in.
func (s *Settings) providers(ctx context.Context, c *Configured) error {
	for p, err := range client.List[client.IdentityProvider](ctx, s.client, "identityProviders") {
		if err != nil {
			return fmt.Errorf("reading the identity providers: %w", err)
		}
		if found, ok := openid.IdentityProvider(p.Name, &p.Properties, ""); ok {
			c.Providers = append(c.Providers, found)
		}
	}
	for _, name := range s.openID {
		p, err := client.Get[client.OpenIDProvider](ctx, s.client, client.Path("openidConnectProviders", name))
		if client.IsNotFound(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading the OpenID Connect provider %s: %w", name, err)
		}
		if found, err := openid.Provider(name, &p.Properties, ""); err == nil {
			c.Providers = append(c.Providers, found)
		}
	}
	return nil
}

// provider is the provider of a name, with its secret.
func (s *Settings) provider(ctx context.Context, name string) (*openid.Settings, error) {
	c, err := s.Current()
	if err != nil {
		return nil, err
	}
	for _, p := range c.Providers {
		if p.Name != name {
			continue
		}
		collection := "identityProviders"
		if p.Generic() {
			collection = "openidConnectProviders"
		}
		secret, err := client.Post[client.ClientSecret](ctx, s.client, client.Path(collection, name, "listSecrets"), nil,
			client.Within(secretTimeout))
		if err != nil {
			return nil, fmt.Errorf("reading the secret of the provider %s: %w", name, err)
		}
		p.Secret = secret.ClientSecret
		return &p, nil
	}
	return nil, nil
}
