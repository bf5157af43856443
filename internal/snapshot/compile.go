package snapshot

import (
	"maps"

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
	for _, r := range doc.Resources {
		b.add(r, keys)
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
	for _, r := range d.Put {
		if r != nil {
			delete(b.config, r.ResourceID().Key())
		}
		b.add(r, keys)
	}
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
	for _, r := range d.Put {
		b.add(r, keys)
	}
	if b.problems.HasErrors() {
		return nil, b.problems
	}
	next := *s
	next.revision, next.keys = d.Revision, keys.index()
	return &next, b.problems
}

// add takes a resource into the build after it has been checked by itself.
func (b *build) add(r model.Resource, keys *keyEditor) {
	if isNil(r) {
		b.failf("", "the configuration has an empty resource")
		return
	}
	b.problems = append(b.problems, model.Validate(r)...)
	id := r.ResourceID()
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
	b.checkKeys(sub, keys)
	keys.put(entity)
}

// checkKeys refuses a key that another subscription has.
func (b *build) checkKeys(sub *model.Subscription, keys *keyEditor) {
	for _, key := range []string{sub.PrimaryKey, sub.SecondaryKey} {
		if key == "" {
			continue
		}
		if other, ok := keys.byKey.result.get(hashKey(key)); ok && other.Model.ID.Key() != sub.ID.Key() {
			b.failf(sub.ID, "the subscription has a key that the subscription %s has too", other.Model.ID.Name())
		}
	}
}
