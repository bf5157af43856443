package people

import (
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Master is the name of the subscription to everything that each service has
// from its beginning.
const Master = "master"

// States of subscriptions.
const (
	stateActive    = "active"
	stateSubmitted = "submitted"
	stateSuspended = "suspended"
	stateCancelled = "cancelled"
	stateExpired   = "expired"
)

// noticeBefore is how long before a subscription expires its owner is told.
const noticeBefore = 12 * 24 * time.Hour

// subscriptionKind is the kind of subscriptions. filter names the fields that
// lists are filtered by.
func subscriptionKind(filter string) *resource.Node {
	return resource.New(access.Subscriptions, resource.Kind{
		Collection: "subscriptions", Title: "Subscription", MaxName: longName,
		Contract: "SubscriptionContract", Create: "SubscriptionCreateParameters", Update: "SubscriptionUpdateParameters",
		Filter:  filter,
		Secrets: keySecrets(),
		Keep: append(expiryFields(),
			"properties.primaryKey", "properties.secondaryKey", "properties.state", "properties.stateComment",
			"properties.createdDate", "properties.startDate", "properties.endDate",
			"properties.expirationDate", "properties.notificationDate",
		),
		Hooks: resource.Hooks{Indexed: indexedOfSubscriptions(), Prepare: prepareSubscription, Deleting: deleteSubscription},
		Actions: []resource.Action{
			{Path: "listSecrets", Permission: access.ListSecrets, Run: owned(listKeys)},
			{Path: "regeneratePrimaryKey", Permission: access.RegeneratePrimaryKey, Writes: true, Run: owned(regenerate("primaryKey"))},
			{Path: "regenerateSecondaryKey", Permission: access.RegenerateSecondaryKey, Writes: true, Run: owned(regenerate("secondaryKey"))},
			{Path: "sallyportRotateKey", Permission: access.RotateKey, Writes: true, Body: "SallyportRotateKeyParameters", Run: owned(rotate)},
		},
		Reads: []resource.Action{{Path: "sallyportLimits", Run: limitsOf}},
	})
}

func prepareSubscription(s *resource.Session, e, old *resource.Entity) error {
	if err := resolveScope(s, e, old); err != nil {
		return err
	}
	if err := resolveOwner(s, e); err != nil {
		return err
	}
	if err := visitorSubscription(s, e, old); err != nil {
		return err
	}
	e.SetDefault("state", stateSubmitted)
	if err := checkLimit(s, e, old); err != nil {
		return err
	}
	if err := date(s, e); err != nil {
		return err
	}
	return settleKeys(s, e, old)
}

// resolveScope spells the scope as a full id, and checks that there is what it
// names: a product, an API, all APIs, or everything.
func resolveScope(s *resource.Session, e, old *resource.Entity) error {
	const field = "properties.scope"
	if old != nil && strings.EqualFold(e.ID.Name(), Master) && e.ID.Workspace() == "" {
		e.Set("scope", old.Text("scope"))
		return nil
	}
	scope, err := fullScope(e)
	if err != nil {
		return err
	}
	if !scope.Within(e.ID.Scope()) {
		return resource.Invalid(field,
			"%q is not in the workspace of the subscription; give /apis, or one of its own APIs or products", e.Text("scope"))
	}
	if scope == e.ID.Service() {
		e.Set("scope", string(scope)+"/")
		return nil
	}
	place, ok, err := s.Registry.Walk(string(scope))
	if err != nil || !ok || place.Rest != "" {
		return resource.Invalid(field, "%q is no scope; give /apis, /apis/NAME or /products/NAME", e.Text("scope"))
	}
	collection := place.ID
	if !place.Collection {
		if collection, err = requireTarget(s, e, place.ID); err != nil {
			return err
		}
		e.Set("scope", string(collection))
		return nil
	}
	if place.Node.Collection != "apis" || !collection.Collection().Equal(collection.Scope()) {
		return resource.Invalid(field, "%q is no scope; give /apis, /apis/NAME or /products/NAME", e.Text("scope"))
	}
	e.Set("scope", string(collection))
	return nil
}

// fullScope reads the scope of a body: a full id, or one relative to the
// workspace or service of the subscription.
func fullScope(e *resource.Entity) (resource.ID, error) {
	text := strings.TrimSpace(e.Text("scope"))
	if text == "" {
		return "", resource.Invalid("properties.scope", "the scope is empty; give /apis, /apis/NAME or /products/NAME")
	}
	given := resource.ID(text)
	service := given.Service()
	if service == "" {
		relative := strings.Trim(text, "/")
		if relative == "" && e.ID.Workspace() != "" {
			relative = "apis"
		}
		return resource.ID(strings.TrimSuffix(string(e.ID.Scope())+"/"+relative, "/")), nil
	}
	if !service.Equal(e.ID.Service()) {
		return "", resource.Invalid("properties.scope", "%q is in another service", text)
	}
	return e.ID.Service() + resource.ID(strings.TrimSuffix(text[len(service):], "/")), nil
}

// requireTarget checks that the scope is a product or an API that is there.
func requireTarget(s *resource.Session, e *resource.Entity, id resource.ID) (resource.ID, error) {
	const field = "properties.scope"
	id, err := s.Locate(id)
	if err != nil {
		return "", err
	}
	root, _ := resource.SplitRevision(string(id))
	id = resource.ID(root)
	collection := id.Collection()
	known := strings.EqualFold(collection.Name(), "products") || strings.EqualFold(collection.Name(), "apis")
	if !known || !id.Parent().Equal(id.Scope()) {
		return "", resource.Invalid(field, "%s is neither a product nor an API", id)
	}
	return s.Require(e.ID, field, string(id))
}

// resolveOwner spells the owner as a full id. Users belong to the service, for
// workspaces too.
func resolveOwner(s *resource.Session, e *resource.Entity) error {
	const field = "properties.ownerId"
	owner := e.Text("ownerId")
	if owner == "" {
		e.Unset("ownerId")
		return nil
	}
	if resource.ID(owner).Service() == "" {
		owner = string(e.ID.Service()) + "/" + strings.Trim(owner, "/")
	}
	id, err := s.Require(e.ID, field, owner)
	if err != nil {
		return err
	}
	if !id.Collection().Equal(e.ID.Service() + "/users") {
		return resource.Invalid(field, "%s is no user of this service", id)
	}
	e.Set("ownerId", string(id))
	return nil
}

// checkLimit refuses a new subscription of a user who has as many to the
// product as it allows.
func checkLimit(s *resource.Session, e, old *resource.Entity) error {
	product := resource.ID(e.Text("scope"))
	if old != nil || e.Text("ownerId") == "" || !strings.EqualFold(product.Collection().Name(), "products") {
		return nil
	}
	p, err := s.Lookup(product)
	if err != nil || p == nil {
		return err
	}
	limit, limited := whole(p.Properties()["subscriptionsLimit"])
	if !limited {
		return nil
	}
	owner := resource.ID(e.Text("ownerId"))
	held, err := mentioning(s, e.ID.Collection(), owner, func(other *resource.Entity) bool {
		return refersTo(other, "scope", product) && strings.EqualFold(other.Text("ownerId"), e.Text("ownerId")) && counts(other.Text("state"))
	})
	if err != nil {
		return err
	}
	if len(held) >= limit {
		return resource.Invalid("properties.scope", "the user has %d subscriptions to the product, and it allows %d", len(held), limit)
	}
	return nil
}

// counts reports whether a subscription of the state is one of those that a
// product limits.
func counts(state string) bool {
	return state == stateActive || state == stateSubmitted || state == stateSuspended
}

// date keeps the dates that follow from the state and from each other.
func date(s *resource.Session, e *resource.Entity) error {
	e.SetDefault("createdDate", s.Stamp())
	switch e.Text("state") {
	case stateActive:
		e.SetDefault("startDate", s.Now().Truncate(24*time.Hour).Format(time.RFC3339))
		e.Unset("endDate")
	case stateCancelled, stateExpired:
		e.SetDefault("endDate", s.Stamp())
	}
	expires := e.Text("expirationDate")
	if expires == "" {
		e.Unset("notificationDate")
		return nil
	}
	at, err := time.Parse(time.RFC3339, expires)
	if err != nil {
		return resource.Invalid("properties.expirationDate", "%q is no date and time", expires).WithCause(err)
	}
	e.Set("notificationDate", at.Add(-noticeBefore).UTC().Format(time.RFC3339))
	return nil
}

func deleteSubscription(s *resource.Session, e *resource.Entity) error {
	if err := visitorOwns(s, e, resource.ID(e.Text("ownerId"))); err != nil {
		return err
	}
	if strings.EqualFold(e.ID.Name(), Master) && e.ID.Workspace() == "" {
		return resource.Invalid("sid", "the subscription %s is built in and cannot be deleted", Master)
	}
	return releaseKeys(s, e)
}
