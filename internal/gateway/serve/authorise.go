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
// which product is in play. docs/decisions says what holds for each case.
func (s *Server) authorise(x *exchange) *policy.Fault {
	snap, api := x.serving.snapshot, x.api
	key := presentedKey(x.call.Request, api)
	open := snap.OpenProduct(api)
	required := api.Model.RequiresSubscription() && open == nil
	if key == "" {
		if required {
			return keyFault(&x.call, api, policy.ReasonSubscriptionKeyNotFound, keyMissing)
		}
		s.enter(x, open)
		return nil
	}
	sub := snap.Subscription(key)
	if sub == nil || sub.Usable(x.begin) != "" || !covers(snap, sub, api) || ownerBlocked(snap, sub) {
		if required {
			return keyFault(&x.call, api, policy.ReasonSubscriptionKeyInvalid, keyInvalid)
		}
		s.enter(x, open)
		return nil
	}
	s.subscribe(x, sub, key)
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
	key, _ := r.URL.QueryParameter(api.KeyQuery)
	return key
}

// covers reports whether a subscription's scope takes in an API.
func covers(snap *snapshot.Snapshot, sub *snapshot.Subscription, api *snapshot.API) bool {
	switch sub.Scope.Kind {
	case model.ScopeAll:
		return true
	case model.ScopeAllAPIs:
		return sub.Scope.Target.Key() == api.Model.ID.Workspace().Key()
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
	u := snap.User(sub.Owner)
	return u != nil && u.Model.State == model.UserBlocked
}

// subscribe makes a subscription the call's, with its product and its owner.
func (s *Server) subscribe(x *exchange, sub *snapshot.Subscription, key string) {
	c := &x.call
	c.Subscription, c.Key = sub.Model, key
	x.subscription = sub.Host
	x.subscription.Key = key
	c.Expr.Subscription = &x.subscription
	if u := x.serving.snapshot.User(sub.Owner); u != nil {
		c.User, c.Expr.User = u.Model, u.Host
	}
	if sub.Scope.Kind == model.ScopeProduct {
		s.enter(x, x.serving.snapshot.Product(sub.Target))
	}
}

// enter puts a product in play: its policies apply, and expressions see it.
func (s *Server) enter(x *exchange, p *snapshot.Product) {
	if p == nil {
		return
	}
	x.call.Product, x.call.Expr.Product = p.Model, p.Host
	x.call.Chain.Set(policy.ScopeProduct, p.Policy)
}

// keyFault refuses a request for its key.
func keyFault(c *policy.Call, api *snapshot.API, reason, text string) *policy.Fault {
	f := policy.NewFault(401, policy.SourceAuthorization, reason, text)
	f.Phrase = "Access Denied"
	realm := c.Original.Scheme + "://" + c.Original.Authority() + "/" + strings.Trim(api.Model.Path, "/")
	challenge := `AzureApiManagementKey realm="` + strings.ReplaceAll(realm, `"`, "%22") + `",name="` + api.KeyHeader.String() + `",type="header"`
	return f.WithHeader(message.WWWAuthenticate, challenge)
}
