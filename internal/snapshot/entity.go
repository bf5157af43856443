package snapshot

import (
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// API is one revision of an API, ready to serve.
type API struct {
	Model     *model.API
	Root      model.Key        // key of the API without its revision
	Policy    *policy.Document // nil where it has none
	Workspace *Workspace       // nil for an API of the service itself
	// WorkspaceKey is the key of the workspace, "" for the service itself.
	WorkspaceKey model.Key
	KeyHeader    message.Name // where a subscription key is looked for
	KeyQuery     string
	// Challenge is what follows the authority in the WWW-Authenticate field of a
	// refusal for the key, from the slash of the API's path on.
	Challenge string
	// Clear and Secure say whether the API's protocols take calls in clear text
	// (http, ws) and over TLS (https, wss).
	Clear, Secure bool
	// ServiceURL is the backend's base URL; nil where the API has none.
	ServiceURL *message.URL
	// Static is what expressions see of the API and what is above it, where
	// no operation has been matched.
	Static *host.Static
}

// Operation is one operation, ready to serve.
type Operation struct {
	Model  *model.Operation
	API    *API
	Policy *policy.Document // nil where it has none
	// Static is what expressions see of the operation and what is above it.
	Static *host.Static
}

// Product is a product, ready to serve.
type Product struct {
	Model  *model.Product
	Policy *policy.Document // nil where it has none
	Host   *host.Product
	// Counted is the name under which telemetry knows the product.
	Counted string
	apis    map[model.Key]bool // keys of the APIs without revision
}

// Contains reports whether an API belongs to the product, in any revision.
func (p *Product) Contains(a *API) bool { return p.apis[a.Root] }

// Workspace is a workspace, ready to serve.
type Workspace struct {
	Model  *model.Workspace
	Policy *policy.Document // nil where it has none
	host   *host.Workspace
}

// Subscription is a subscription, ready to serve.
type Subscription struct {
	Model *model.Subscription
	Scope model.SubscriptionScope
	// Target is the key of the product or of the API without its revision.
	Target model.Key
	Owner  model.Key // key of the user, or ""
	// Host is what expressions see, but for the key that a request came with.
	Host host.Subscription
	// Counted is the name under which telemetry knows the subscription.
	Counted string
}

// User is a user, ready to serve.
type User struct {
	Model *model.User
	Host  *host.User
}
