// Package limits tells which rate limits and quotas hold for the calls of a
// subscription, what stands in which policy document, and what the counters of
// gateways stand at.
package limits

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/policy/stated"
)

// Bounds of one answer. Where one is hit, the answer says that it is not whole.
const (
	// MaxLimits bounds the limits.
	MaxLimits = 100
	// MaxAPIs bounds the APIs whose policies are looked at.
	MaxAPIs = 100
	// MaxRecords bounds the operations, with what stands below them, that are
	// looked through for policies.
	MaxRecords = 5_000
	// MaxKeys bounds the keys that counters are asked for.
	MaxKeys = 8
	// maxNamedValues bounds the named values of a scope that are read.
	maxNamedValues = 5_000
)

// limit is one that holds for calls of the subscription.
type limit struct {
	stated.Limit
	// owner is the resource whose document states it, scope what that is: "product".
	owner resource.ID
	scope string
	// api and operation are what it is for; "" for all that the subscription opens.
	api, operation string
}

// Of is the answer about a subscription: its limits, and whether these are all.
func Of(s *resource.Session, subscription *resource.Entity) (map[string]any, error) {
	r := &reader{Session: s, subscription: subscription, around: map[resource.ID]stated.Surroundings{}}
	if err := r.read(resource.ID(strings.TrimSuffix(subscription.Text("scope"), "/"))); err != nil {
		return nil, err
	}
	c := counters{Session: s, subscription: subscription}
	value := make([]map[string]any, 0, len(r.found))
	for i := range r.found {
		value = append(value, c.bodies(&r.found[i])...)
	}
	answer := map[string]any{"value": value, "count": len(value)}
	if r.truncated || c.truncated {
		answer["truncated"] = true
	}
	return answer, nil
}

// reader finds the documents that apply.
type reader struct {
	*resource.Session
	subscription *resource.Entity
	around       map[resource.ID]stated.Surroundings
	found        []limit
	records      int
	truncated    bool
}

// read reads the documents that apply to a scope: a product, an API, all APIs
// of a service or workspace, or everything.
func (r *reader) read(scope resource.ID) error {
	if strings.EqualFold(scope.Collection().Name(), "products") {
		if err := r.document(scope, "product", place{}); err != nil {
			return err
		}
	}
	if err := r.outer(); err != nil {
		return err
	}
	apis, err := r.apis(scope)
	if err != nil {
		return err
	}
	r.matchTargets(apis)
	for _, api := range apis {
		if err := r.api(api); err != nil {
			return err
		}
	}
	return nil
}

// outer reads the documents around products and APIs.
func (r *reader) outer() error {
	if w := r.subscription.ID.Workspace(); w != "" {
		if err := r.document(w, "workspace", place{}); err != nil {
			return err
		}
	}
	return r.document(r.subscription.ID.Service(), "global", place{})
}

// place is what the limits of a document are for.
type place struct{ api, operation string }

// document reads the limits that the policy of a resource states.
func (r *reader) document(owner resource.ID, scope string, at place) error {
	e, err := r.Lookup(owner.Child("policies", "policy"))
	if err != nil || e == nil {
		return err
	}
	return r.state(e, owner, scope, at)
}

// state keeps the limits of a document that count by the subscription, or by who
// owns it.
func (r *reader) state(e *resource.Entity, owner resource.ID, scope string, at place) error {
	if !stated.Mentions(e.Text("value")) {
		return nil
	}
	for _, l := range stated.Read(sourceOf(e), r.surroundings(owner.Scope())) {
		if l.Key != nil && l.Key.By() == stated.Elsewhere {
			continue
		}
		if l.Key != nil && l.Key.By() == stated.UserID && r.subscription.Text("ownerId") == "" {
			continue // Nobody is counted.
		}
		if len(r.found) == MaxLimits {
			r.truncated = true
			return nil
		}
		r.found = append(r.found, limit{Limit: l, owner: owner, scope: scope, api: at.api, operation: at.operation})
	}
	return nil
}

// matchTargets finds out which of the APIs the limits inside of limits are for,
// and leaves out those that are for none of them: they hold for no call.
func (r *reader) matchTargets(apis []*resource.Entity) {
	kept := r.found[:0]
	for i := range r.found {
		l := r.found[i]
		if settleTarget(&l, apis) {
			kept = append(kept, l)
		}
	}
	r.found = kept
}

func settleTarget(l *limit, apis []*resource.Entity) bool {
	if !l.Operation.IsZero() {
		if l.operation != "" && !l.Operation.Is(l.operation, l.operation) {
			return false
		}
		l.operation = l.Operation.Label()
	}
	if l.API.IsZero() {
		return true
	}
	for _, api := range apis {
		if l.API.Is(api.ID.Name(), api.Text("displayName")) && (l.api == "" || strings.EqualFold(l.api, api.ID.Name())) {
			l.api = api.ID.Name()
			return true
		}
	}
	return false
}

// api reads the policies of an API and of its operations.
func (r *reader) api(api *resource.Entity) error {
	before := len(r.found)
	if err := r.document(api.ID, "api", place{api: api.ID.Name()}); err != nil {
		return err
	}
	if err := r.operations(api.ID); err != nil {
		return err
	}
	kept := r.found[:before]
	for i := before; i < len(r.found); i++ {
		l := r.found[i]
		if settleTarget(&l, []*resource.Entity{api}) {
			kept = append(kept, l)
		}
	}
	r.found = kept
	return nil
}
