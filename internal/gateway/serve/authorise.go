package serve

import (
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// The messages of refused keys, as Azure API Management answers them.
const (
	keyMissing = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API."
	keyInvalid = "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."
)

// authorise decides by the subscription key whether the request may go on, and
// which product is in play. What holds for each case is in
// docs/decisions/0040-subscription-keys.md.
func (s *Server) authorise(x *exchange) *policy.Fault {
	snap, api := x.serving.snapshot, x.api
	x.key = presentedKey(x.call.Request, api)
	if x.key != "" {
		if sub := snap.SubscriptionAt(x.key, x.begin); sub != nil && admits(x, sub) {
			subscribe(x, sub)
			return nil
		}
	}
	// An open product takes everyone, with whatever key.
	if open := snap.OpenProduct(api); open != nil {
		enterProduct(x, open)
		return nil
	}
	switch {
	case x.key != "":
		return keyFault(&x.call, api, policy.ReasonSubscriptionKeyInvalid, keyInvalid)
	case api.Model.RequiresSubscription():
		return keyFault(&x.call, api, policy.ReasonSubscriptionKeyNotFound, keyMissing)
	}
	return nil
}

// presentedKey returns the key of a request: from the header, otherwise from
// the query. It stays in the request, as in Azure API Management: a policy that
// does not want the backend to see it removes it.
func presentedKey(r *message.Request, api *snapshot.API) string {
	if key, ok := r.Header.Get(api.KeyHeader); ok && key != "" {
		return key
	}
	if r.URL.Query == "" {
		return ""
	}
	for p := range r.URL.QueryParameters() {
		if p.RawValue != "" && message.EqualFold(p.Name(), api.KeyQuery) {
			return p.Value()
		}
	}
	return ""
}

// admits reports whether a subscription lets the request in: its state and
// dates, its scope and its owner.
func admits(x *exchange, sub *snapshot.Subscription) bool {
	return sub.Usable(x.begin) == "" && covers(x.serving.snapshot, sub, x.api) && !ownerBlocked(x.serving.snapshot, sub)
}

// covers reports whether a subscription's scope takes in an API, in whichever
// revision. A subscription of a workspace never reaches beyond it.
func covers(snap *snapshot.Snapshot, sub *snapshot.Subscription, api *snapshot.API) bool {
	switch sub.Scope.Kind {
	case model.ScopeAll:
		return sub.Target == "" || sub.Target == api.WorkspaceKey
	case model.ScopeAllAPIs:
		return sub.Target == api.WorkspaceKey
	case model.ScopeAPI:
		return sub.Target == api.Root
	case model.ScopeProduct:
		p := snap.Product(sub.Target)
		return p != nil && p.Contains(api)
	}
	return false
}

// ownerBlocked reports whether the subscription's owner may not call APIs.
func ownerBlocked(snap *snapshot.Snapshot, sub *snapshot.Subscription) bool {
	if sub.Owner == "" {
		return false
	}
	u := snap.User(sub.Owner)
	return u != nil && (u.Model.State == model.UserBlocked || u.Model.State == model.UserDeleted)
}

// subscribe makes a subscription the call's, with its product and its owner.
// Product policies apply only to the key of a product.
func subscribe(x *exchange, sub *snapshot.Subscription) {
	c := &x.call
	c.Subscription, c.Key = sub.Model, x.key
	x.record.SubscriptionID = sub.Counted
	x.subscription = sub.Host
	x.subscription.Key = x.key
	c.Expr.Subscription = &x.subscription
	if sub.Owner != "" {
		if u := x.serving.snapshot.User(sub.Owner); u != nil {
			c.User, c.Expr.User = u.Model, u.Host
		}
	}
	if sub.Scope.Kind == model.ScopeProduct {
		enterProduct(x, x.serving.snapshot.Product(sub.Target))
	}
}

// enterProduct puts a product in play: its policies apply, and expressions see
// it.
func enterProduct(x *exchange, p *snapshot.Product) {
	x.call.Product, x.call.Expr.Product = p.Model, p.Host
	x.record.ProductID = p.Counted
	x.call.Chain.Set(policy.ScopeProduct, p.Policy)
}

// keyFault refuses a request for its key.
func keyFault(c *policy.Call, api *snapshot.API, reason, text string) *policy.Fault {
	f := policy.NewFault(401, policy.SourceAuthorization, reason, text)
	f.Phrase, f.Section = "Access Denied", "inbound"
	u := &c.Original
	authority := strings.ReplaceAll(u.Authority(), `"`, "%22")
	return f.WithHeader(message.WWWAuthenticate, `AzureApiManagementKey realm="`+u.Scheme+"://"+authority+api.Challenge)
}
