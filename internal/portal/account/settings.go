package account

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/account/delegation"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
)

// Limits of reading settings.
const (
	// settingsAge is how old settings are before they are read again.
	settingsAge = 3 * time.Second
	// settingsTimeout bounds reading them.
	settingsTimeout = 5 * time.Second
)

// Settings knows who may sign in and how. It keeps what it has read, so that
// pages can be shown while the management plane is away.
type Settings struct {
	client *client.Client
	clock  clock.Clock
	openID []string

	mu      sync.Mutex
	current *Configured
	read    time.Time
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

// NewSettings makes Settings. openID are the names of OpenID Connect providers of
// the service at which visitors may sign in; others are for the console only.
func NewSettings(c *client.Client, k clock.Clock, openID []string) *Settings {
	if k == nil {
		k = clock.System()
	}
	return &Settings{client: c, clock: k, openID: openID}
}

// Current returns the settings: no older than some seconds while the management
// plane answers, and otherwise the last that are known. It fails where none are.
func (s *Settings) Current(ctx context.Context) (*Configured, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.clock.Since(s.read) < settingsAge {
		return s.current, nil
	}
	ctx, cancel := context.WithTimeout(ctx, settingsTimeout)
	defer cancel()
	got, err := s.load(ctx)
	if err != nil {
		if s.current == nil {
			return nil, err
		}
		got = s.current
	}
	s.current, s.read = got, s.clock.Now()
	return got, nil
}

// SigninRequired says whether guests see nothing but the pages of accounts. It is
// true as long as nothing is known.
func (s *Settings) SigninRequired(ctx context.Context) bool {
	c, err := s.Current(ctx)
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
	c, err := s.Current(ctx)
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
		secret, err := client.Post[client.ClientSecret](ctx, s.client, client.Path(collection, name, "listSecrets"), nil)
		if err != nil {
			return nil, fmt.Errorf("reading the secret of the provider %s: %w", name, err)
		}
		p.Secret = secret.ClientSecret
		return &p, nil
	}
	return nil, nil
}

// keys are the portal's keys, which the management plane makes and keeps.
type keys struct {
	client *client.Client
	mu     sync.Mutex
	known  map[string][]byte
}

// Purposes of the portal's keys.
const (
	proofPurpose  = "proof"
	cookiePurpose = "signin"
)

// get returns the key of a purpose. It is read once.
func (k *keys) get(ctx context.Context, purpose string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.known[purpose]; key != nil {
		return key, nil
	}
	got, err := client.Post[client.PortalKey](ctx, k.client, "sallyportPortalKey", client.KeyPurpose{Purpose: purpose})
	if err != nil {
		return nil, fmt.Errorf("reading a key of the portal: %w", err)
	}
	if k.known == nil {
		k.known = map[string][]byte{}
	}
	k.known[purpose] = got.Key
	return got.Key, nil
}
