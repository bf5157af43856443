package people

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// developerPortal is the value of the query option appType with which a portal
// says that a visitor does it: what visitors may not do is then refused.
const developerPortal = "developerPortal"

// byVisitor reports whether a visitor of a portal makes the call.
func byVisitor(s *resource.Session) bool {
	return strings.EqualFold(s.Call.Query["apptype"], developerPortal)
}

// visitorOwns refuses, as if it were not there, what belongs to another than the
// user for whom a portal calls.
func visitorOwns(s *resource.Session, e *resource.Entity, owner resource.ID) error {
	if !byVisitor(s) || s.Call.ActingFor == "" || owner.Equal(e.ID.Service().Child("users", s.Call.ActingFor)) {
		return nil
	}
	return problem.NotFound("Resource", string(e.ID))
}

// runAction is what an action does.
type runAction = func(*resource.Session, *resource.Entity, resource.Input) (resource.Result, error)

// owned is an action of a subscription that a visitor does with its own only.
func owned(run runAction) runAction {
	return func(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
		if err := visitorOwns(s, e, resource.ID(e.Text("ownerId"))); err != nil {
			return resource.Result{}, err
		}
		return run(s, e, in)
	}
}

// visitorSubscription sees to it that a visitor subscribes only as the product
// allows it, and changes only what is a visitor's to change: the name, and the
// state to cancelled.
func visitorSubscription(s *resource.Session, e, old *resource.Entity) error {
	if !byVisitor(s) {
		return nil
	}
	if err := visitorOwns(s, e, resource.ID(e.Text("ownerId"))); err != nil {
		return err
	}
	if old == nil {
		return visitorSubscribes(s, e)
	}
	if err := visitorOwns(s, e, resource.ID(old.Text("ownerId"))); err != nil {
		return err
	}
	for _, name := range append(allKeys(), "scope", "ownerId", "allowTracing", "expirationDate", "startDate", "endDate", "stateComment") {
		if e.Text(name) != old.Text(name) || e.Bool(name, false) != old.Bool(name, false) {
			return notAVisitors("properties." + name)
		}
	}
	before, after := old.Text("state"), e.Text("state")
	if before != after && (after != stateCancelled || !counts(before)) {
		return notAVisitors("properties.state")
	}
	return nil
}

// notAVisitors refuses what only an administrator changes.
func notAVisitors(field string) error {
	return problem.New(statusForbidden, problem.CodeForbidden, "A visitor of the portal does not change this.").WithTarget(field)
}

// statusForbidden is a status of HTTP, which this package knows by number only.
const statusForbidden = 403

// visitorSubscribes is a new subscription.
func visitorSubscribes(s *resource.Session, e *resource.Entity) error {
	given := append(allKeys(), "expirationDate", "startDate", "endDate", "stateComment", "allowTracing",
		expiry(primaryKey), expiry(secondaryKey))
	for _, name := range given {
		e.Unset(name)
	}
	id := resource.ID(e.Text("scope"))
	refuse := func(format string, args ...any) error { return resource.Invalid("properties.scope", format, args...) }
	if !strings.EqualFold(id.Collection().Name(), "products") {
		return refuse("a visitor of the portal subscribes to products")
	}
	product, err := s.Get(id)
	if err != nil {
		return err
	}
	if !id.Scope().Equal(e.ID.Scope()) { // Elsewhere the product's limit would not count it.
		return refuse("a visitor of the portal subscribes in the workspace that the product is in")
	}
	owner := resource.ID(e.Text("ownerId"))
	if owner == "" {
		return resource.Invalid("properties.ownerId", "the subscription has no owner")
	}
	user, err := s.Get(owner)
	if err != nil {
		return err
	}
	if user.Text("state") != stateActive {
		return resource.Invalid("properties.ownerId", "the user is %s, and only active users subscribe", user.Text("state"))
	}
	sees, err := seesProduct(s, id, owner)
	switch {
	case err != nil:
		return err
	case !sees || product.Text("state") != "published":
		return problem.NotFound("Product", string(id))
	case !product.Bool("subscriptionRequired", true):
		return refuse("the product needs no subscription")
	}
	e.Set("state", stateActive)
	if product.Bool("approvalRequired", false) {
		e.Set("state", stateSubmitted)
	}
	return nil
}

// seesProduct reports whether a user is in one of the groups that see a product.
func seesProduct(s *resource.Session, product, user resource.ID) (bool, error) {
	groups, err := groupsSeeing(s, product)
	if err != nil {
		return false, err
	}
	for _, group := range groups {
		if member, err := s.Has(group.ID.Child("users", user.Name())); err != nil || member {
			return member, err
		}
	}
	return false, nil
}

// visitorUser sees to it that a visitor signs up only where that is on, and
// changes only its own name, password and identities.
func visitorUser(s *resource.Session, e, old *resource.Entity) error {
	if !byVisitor(s) {
		return nil
	}
	if old == nil {
		return visitorSignsUp(s, e)
	}
	if err := visitorOwns(s, e, e.ID); err != nil {
		return err
	}
	for _, name := range []string{"email", "state", "note", "registrationDate"} {
		if e.Text(name) != old.Text(name) {
			return notAVisitors("properties." + name)
		}
	}
	return nil
}

// visitorSignsUp is a new user. One who brings no identity but an address has yet
// to prove it.
func visitorSignsUp(s *resource.Session, e *resource.Entity) error {
	settings, err := s.Lookup(e.ID.Service().Child("portalsettings", "signup"))
	if err != nil {
		return err
	}
	if settings != nil && !settings.Bool("enabled", true) {
		return problem.New(statusForbidden, "SignUpDisabled", "Nobody can sign up at this portal: an administrator invites users.").
			WithTarget("portalsettings/signup")
	}
	e.Unset("note")
	list, _ := e.Properties()["identities"].([]any)
	proved := slices.ContainsFunc(list, func(each any) bool {
		identity, _ := each.(map[string]any)
		provider, _ := identity["provider"].(string)
		return provider != "" && provider != basic
	})
	e.Set("state", "pending")
	if proved {
		e.Set("state", stateActive)
	}
	return nil
}
