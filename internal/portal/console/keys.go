package console

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// maxSubscriptions bounds how many subscriptions of a visitor are offered.
const maxSubscriptions = 200

// ownKey is a subscription of the visitor whose keys open an API.
type ownKey struct{ ID, Name string }

// ownKeys are the visitor's subscriptions that open an API.
func (c *console) ownKeys(ctx context.Context, x *page.Exchange, a *catalogue.API) ([]ownKey, error) {
	if !x.Visitor.SignedIn() {
		return nil, nil
	}
	var found []ownKey
	now := c.clock.Now()
	for s, err := range client.List[client.Subscription](ctx, x.Client(), client.Path("users", x.Visitor.User, "subscriptions")) {
		if err != nil {
			return found, fmt.Errorf("reading the visitor's subscriptions: %w", err)
		}
		if !works(&s.Properties, now) || !opens(s.Properties.Scope, a) {
			continue
		}
		found = append(found, ownKey{ID: s.Name, Name: nameOf(s.Name, s.Properties.DisplayName, s.Properties.Scope)})
		if len(found) >= maxSubscriptions {
			break
		}
	}
	return found, nil
}

// works says whether a subscription's keys are taken now.
func works(s *client.Subscription, now time.Time) bool {
	begun := s.StartDate.IsZero() || !s.StartDate.After(now)
	return s.State == "active" && begun && (s.ExpirationDate.IsZero() || s.ExpirationDate.After(now))
}

// opens says whether a scope covers an API that the reader sees.
func opens(scope string, a *catalogue.API) bool {
	kind, name := lastTwo(scope)
	switch kind {
	case "products":
		for _, p := range a.Products {
			if strings.EqualFold(p.Name, name) {
				return true
			}
		}
		return false
	case "apis":
		name, _, _ = strings.Cut(name, ";rev=")
		return strings.EqualFold(name, a.Name)
	}
	return name == "apis"
}

// lastTwo are the last two parts of a scope, "products" and "starter", or "" and
// "apis" of one for all APIs. They are in the case of collections.
func lastTwo(scope string) (kind, name string) {
	parts := strings.Split(strings.Trim(scope, "/"), "/")
	name = parts[len(parts)-1]
	if strings.EqualFold(name, "apis") {
		return "", "apis"
	}
	if len(parts) > 1 {
		kind = strings.ToLower(parts[len(parts)-2])
	}
	return kind, name
}

// nameOf is what a subscription is called.
func nameOf(id, display, scope string) string {
	if display == "" {
		display = id
	}
	kind, name := lastTwo(scope)
	switch kind {
	case "products":
		return display + " (product " + name + ")"
	case "apis":
		return display + " (API " + name + ")"
	}
	return display + " (all APIs)"
}

// readKey reads the primary key of one of the visitor's subscriptions. Those of
// others are not found, whatever their name.
func (c *console) readKey(ctx context.Context, x *page.Exchange, a *catalogue.API, id string) (string, error) {
	own, err := c.ownKeys(ctx, x, a)
	if err != nil {
		return "", err
	}
	for _, k := range own {
		if k.ID == id {
			keys, err := client.Post[client.SubscriptionKeys](ctx, x.Client(), client.Path("subscriptions", id, "listSecrets"), nil)
			if err != nil {
				return "", fmt.Errorf("reading the key: %w", err)
			}
			return keys.PrimaryKey, nil
		}
	}
	return "", refuse(keyField, "this subscription is not yours, or does not open this API now")
}
