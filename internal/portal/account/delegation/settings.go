package delegation

import (
	"context"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/client"
)

// settingsPath is where the service keeps what it delegates.
const settingsPath = "portalsettings/delegation"

// Settings say what the service delegates.
type Settings struct {
	// SignIn delegates signing in, signing up and managing accounts;
	// Subscriptions delegates subscribing to products and ending that.
	SignIn, Subscriptions bool
	url                   string
}

// keyTimeout bounds reading the key, for which a visitor waits.
const keyTimeout = 5 * time.Second

// Read reads the settings.
func Read(ctx context.Context, c *client.Client) (Settings, error) {
	got, err := client.Get[client.PortalSettings](ctx, c, settingsPath)
	if err != nil {
		return Settings{}, fmt.Errorf("reading what is delegated: %w", err)
	}
	p := &got.Properties
	return Settings{
		SignIn:        p.UserRegistration != nil && p.UserRegistration.Enabled,
		Subscriptions: p.Subscriptions != nil && p.Subscriptions.Enabled,
		url:           p.URL,
	}, nil
}

// Endpoint returns where visitors are sent, with the key that signs for them.
func (s Settings) Endpoint(ctx context.Context, c *client.Client) (*Endpoint, error) {
	key, err := client.Post[client.ValidationKey](ctx, c, settingsPath+"/listSecrets", nil, client.Within(keyTimeout))
	if err != nil {
		return nil, fmt.Errorf("reading the key of delegation: %w", err)
	}
	return New(s.url, key.ValidationKey)
}
