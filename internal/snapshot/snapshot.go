package snapshot

import (
	"time"

	"crypto/tls"
	"iter"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// Snapshot is a configuration that a gateway runs. It is immutable and safe
// for concurrent use; a request keeps the one that it began with.
type Snapshot struct {
	revision   uint64
	settings   *Settings
	config     map[model.Key]model.Resource // all but subscriptions
	keys       keyIndex
	routes     *route.Table
	apis       []*API
	operations []*Operation
	products   map[model.Key]*Product
	open       map[model.Key]*Product // open product by API root
	users      map[model.Key]*User
	workspaces map[model.Key]*Workspace
	backends   map[string]*model.Backend
	certs      map[string]*tls.Certificate
	caches     []Cache
	hosts      *hosts.Table
	// portalHosts are those of the developer portal; nil at other gateways.
	portalHosts *hosts.Table
	pairs       map[pairKey]*tls.Certificate // certificates of hosts that were read
	global      *policy.Document
	documents   map[model.Key]*compiledDocument
	deployment  *host.Deployment
	static      *host.Static
}

// Settings is what snapshots are compiled with, the same for all of a process.
type Settings struct {
	Policies    *policy.Registry
	Expressions *expr.Compiler
	// Services is what policies run with; nil where documents are only checked.
	Services *policy.Services
	// Gateway is the name of the gateway whose host names are served, "" for the
	// service's own. What policies see as its id may be another.
	Gateway string
	// Deployment is what expressions see as context.Deployment.
	Deployment host.Deployment
	// MixedText takes an expression beside other text as text; see
	// policy.Environment.
	MixedText bool
}

// Revision returns the revision of the document that the snapshot is of.
func (s *Snapshot) Revision() uint64 { return s.revision }

// Routes returns the matching tree. Its API and operation numbers are those of
// API and Operation.
func (s *Snapshot) Routes() *route.Table { return s.routes }

// API returns the API with a number of the matching tree.
func (s *Snapshot) API(n int) *API { return s.apis[n] }

// Operation returns the operation with a number of the matching tree.
func (s *Snapshot) Operation(n int) *Operation { return s.operations[n] }

// Operations returns how many operations there are.
func (s *Snapshot) Operations() int { return len(s.operations) }

// APIs returns how many APIs there are, each revision counted.
func (s *Snapshot) APIs() int { return len(s.apis) }

// Subscriptions returns how many subscriptions there are.
func (s *Snapshot) Subscriptions() int { return s.keys.byID.size }

// Global returns the global policy document, or nil.
func (s *Snapshot) Global() *policy.Document { return s.global }

// Static returns what expressions see where no API has been matched.
func (s *Snapshot) Static() *host.Static { return s.static }

// Product returns a product, or nil.
func (s *Snapshot) Product(key model.Key) *Product { return s.products[key] }

// OpenProduct returns the product through which an API can be called without a
// subscription, or nil.
func (s *Snapshot) OpenProduct(a *API) *Product { return s.open[a.Root] }

// User returns a user, or nil.
func (s *Snapshot) User(key model.Key) *User { return s.users[key] }

// Subscription returns the subscription that a key belongs to, or nil. It does
// not look at the subscription's state or dates, nor at the key's.
func (s *Snapshot) Subscription(key string) *Subscription {
	g, _ := s.keys.byKey.get(hashKey(key))
	return g.subscription
}

// SubscriptionAt is Subscription for a key that has not expired at a time.
func (s *Snapshot) SubscriptionAt(key string, now time.Time) *Subscription {
	g, ok := s.keys.byKey.get(hashKey(key))
	if !ok || now.UnixNano() >= g.until {
		return nil
	}
	return g.subscription
}

// Backend returns the backend with that id ("orders", or
// "workspaces/w/backends/orders"), or nil.
func (s *Snapshot) Backend(id string) *model.Backend { return s.backends[foldID(id)] }

// Certificate returns a certificate by id or thumbprint, or nil.
func (s *Snapshot) Certificate(idOrThumbprint string) *tls.Certificate {
	return s.certs[foldID(idOrThumbprint)]
}

// Schema returns a schema of an API by its name, or nil.
func (s *Snapshot) Schema(api model.ID, name string) *model.Schema {
	found, _ := s.config[api.Child("schemas", name).Key()].(*model.Schema)
	return found
}

// Resource returns the resource with an id, or nil.
func (s *Snapshot) Resource(id model.ID) model.Resource {
	if r := s.config[id.Key()]; r != nil {
		return r
	}
	if sub, ok := s.keys.byID.get(id.Key()); ok {
		return sub.Model
	}
	return nil
}

// Resources ranges over everything the snapshot was made of.
func (s *Snapshot) Resources() iter.Seq[model.Resource] {
	return func(yield func(model.Resource) bool) {
		for _, r := range s.config {
			if !yield(r) {
				return
			}
		}
		for _, part := range s.keys.byID.parts {
			for _, sub := range part {
				if !yield(sub.Model) {
					return
				}
			}
		}
	}
}

// Document returns the document of the snapshot, for keeping.
func (s *Snapshot) Document() *Document {
	d := &Document{Revision: s.revision, Resources: make([]model.Resource, 0, len(s.config)+s.keys.byID.size)}
	for r := range s.Resources() {
		d.Resources = append(d.Resources, r)
	}
	return d
}

var _ policy.Directory = (*Snapshot)(nil)
