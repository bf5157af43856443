package snapshot

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// MaxResources bounds the resources of one document. A document that is larger
// is refused as a whole: a configuration that has doubled by mistake must not
// take the gateway down.
const MaxResources = 2_000_000

// Compile makes a snapshot of a document. The problems are all that is wrong
// with it, warnings included; where one is an error there is no snapshot.
// Compile never changes the document and does not fail in any other way.
func Compile(doc *Document, settings *Settings) (*Snapshot, problem.Problems) {
	b := newBuild(settings, nil)
	b.revision = doc.Revision
	if len(doc.Resources) > MaxResources {
		b.failf("", "the configuration has %d resources, more than the %d that are allowed (MaxResources)", len(doc.Resources), MaxResources)
		return nil, b.problems
	}
	keys := newKeyIndex().edit()
	for i, r := range doc.Resources {
		b.add(i, r, keys)
	}
	b.keys = keys.index()
	return b.finish()
}

// Apply derives the snapshot of the next revision. What the delta does not
// touch is shared: policy documents are compiled again only where their text,
// a named value or a fragment that they use has changed.
func (s *Snapshot) Apply(d *Delta) (*Snapshot, problem.Problems) {
	b := newBuild(s.settings, s)
	b.revision = d.Revision
	if d.Base != s.revision {
		b.failf("", "the change is of revision %d, but revision %d is running", d.Base, s.revision)
		return nil, b.problems
	}
	if onlySubscriptions(d) {
		return s.applyKeys(b, d)
	}
	b.config = maps.Clone(s.config)
	keys := s.keys.edit()
	for _, id := range d.Delete {
		if id.Kind() == model.KindSubscription {
			keys.remove(id.Key())
		} else {
			delete(b.config, id.Key())
		}
	}
	b.replace(d.Put, keys)
	b.keys = keys.index()
	return b.finish()
}

// onlySubscriptions reports whether a delta has nothing but subscriptions.
func onlySubscriptions(d *Delta) bool {
	for _, id := range d.Delete {
		if id.Kind() != model.KindSubscription {
			return false
		}
	}
	for _, r := range d.Put {
		if _, ok := r.(*model.Subscription); !ok {
			return false
		}
	}
	return true
}

// applyKeys is Apply for a delta of subscriptions: everything else is shared as
// it is.
func (s *Snapshot) applyKeys(b *build, d *Delta) (*Snapshot, problem.Problems) {
	keys := s.keys.edit()
	b.config = s.config
	for _, id := range d.Delete {
		keys.remove(id.Key())
	}
	b.replace(d.Put, keys)
	for _, r := range d.Put {
		if sub, ok := r.(*model.Subscription); ok && sub != nil {
			b.checkTarget(sub)
		}
	}
	if b.problems.HasErrors() {
		return nil, b.problems
	}
	next := *s
	next.revision, next.keys = d.Revision, keys.index()
	return &next, b.problems
}

// replace takes resources into the build in the place of those with their ids.
// The old ones go first, all of them: two subscriptions may exchange their keys.
func (b *build) replace(put []model.Resource, keys *keyEditor) {
	for _, r := range put {
		switch {
		case isNil(r):
		case r.Kind() == model.KindSubscription:
			keys.remove(r.ResourceID().Key())
		default:
			delete(b.config, r.ResourceID().Key())
		}
	}
	for i, r := range put {
		b.add(i, r, keys)
	}
}

// checkTarget checks that what a subscription gives access to exists, as
// CheckReferences does for a whole configuration.
func (b *build) checkTarget(sub *model.Subscription) {
	if scope, err := sub.ParseScope(); err == nil && (scope.Kind == model.ScopeProduct || scope.Kind == model.ScopeAPI) {
		if b.config[scope.Target.Key()] == nil {
			b.failf(sub.ID, "scope: it refers to %s, which does not exist", scope.Target)
		}
	}
}

// add takes a resource, the i-th of its list, into the build after it has been
// checked by itself.
func (b *build) add(i int, r model.Resource, keys *keyEditor) {
	if isNil(r) {
		b.problems = append(b.problems, problem.Problem{
			Location: problem.Location{Element: "resources[" + strconv.Itoa(i) + "]"}, Message: "the resource is empty"})
		return
	}
	id := r.ResourceID()
	if _, service := r.(*model.Service); id.Kind() != r.Kind() || (id == "") != service {
		b.problems = append(b.problems, problem.Problem{
			Location: problem.Location{Resource: id.String(), Element: "resources[" + strconv.Itoa(i) + "]"},
			Message:  fmt.Sprintf("%.100q is not the id of a resource of the kind %s", id, r.Kind())})
		return
	}
	b.problems = append(b.problems, model.Validate(r)...)
	sub, ok := r.(*model.Subscription)
	if !ok {
		if _, twice := b.config[id.Key()]; twice {
			b.failf(id, "the resource stands twice in the configuration")
		}
		b.config[id.Key()] = r
		return
	}
	entity, err := b.subscription(sub)
	if err != nil {
		b.failf(id, "%s", err)
		return
	}
	if _, twice := keys.byID.result.get(id.Key()); twice {
		b.failf(id, "the resource stands twice in the configuration")
	}
	b.checkKeys(sub, keys)
	keys.put(entity)
}

// checkKeys refuses a key that another subscription has.
func (b *build) checkKeys(sub *model.Subscription, keys *keyEditor) {
	for _, k := range sub.Keys() {
		if k.Key == "" {
			continue
		}
		if other, ok := keys.byKey.result.get(hashKey(k.Key)); ok && other.subscription.Model.ID.Key() != sub.ID.Key() {
			b.failf(sub.ID, "the subscription has a key that the subscription %s has too", other.subscription.Model.ID.Name())
		}
	}
}
