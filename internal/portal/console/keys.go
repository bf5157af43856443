package console

import (
	"context"
	"fmt"
	"slices"
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
		id := client.Qualify(s.Properties.Workspace, s.Name)
		found = append(found, ownKey{ID: id, Name: nameOf(id, s.Properties.DisplayName, s.Properties.Scope)})
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

// opens says whether a scope covers an API that the reader sees, as gateways have
// it: what is of one workspace opens nothing of another, nor of the service.
func opens(scope string, a *catalogue.API) bool {
	if product := client.NameIn("products", scope); product != "" {
		return slices.ContainsFunc(a.Products, func(p *catalogue.Product) bool { return strings.EqualFold(p.Name, product) })
	}
	if api := client.NameIn("apis", scope); api != "" {
		api, _, _ = strings.Cut(api, ";rev=")
		return strings.EqualFold(api, a.Name)
	}
	all, workspace := everything(scope)
	return all == "everything" || all != "" && strings.EqualFold(workspace, a.Workspace)
}

// everything says of a scope that names no single API or product what it covers:
// "everything", or "all APIs" of a workspace, or of the service itself where that
// is "". What is "" covers nothing.
func everything(scope string) (covers, workspace string) {
	below := strings.Trim(client.BelowService(scope), "/")
	if below == "" {
		return "everything", ""
	}
	parts := strings.Split(below, "/")
	if len(parts) > 1 && strings.EqualFold(parts[0], "workspaces") {
		workspace, parts = parts[1], parts[2:]
	}
	if len(parts) == 0 || len(parts) == 1 && strings.EqualFold(parts[0], "apis") {
		return "all APIs", workspace
	}
	return "", ""
}

// nameOf is what a subscription is called.
func nameOf(id, display, scope string) string {
	if display == "" {
		display = id
	}
	if product := client.NameIn("products", scope); product != "" {
		return display + " (product " + product + ")"
	}
	if api := client.NameIn("apis", scope); api != "" {
		return display + " (API " + api + ")"
	}
	if _, workspace := everything(scope); workspace != "" {
		return display + " (all APIs of " + workspace + ")"
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
			keys, err := client.Post[client.SubscriptionKeys](ctx, x.Client(), client.PathIn("subscriptions", id, "listSecrets"), nil)
			if err != nil {
				return "", fmt.Errorf("reading the key: %w", err)
			}
			return keys.PrimaryKey, nil
		}
	}
	return "", refuse(keyField, "this subscription is not yours, or does not open this API now")
}
