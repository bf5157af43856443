package serve

import (
	"github.com/sallyport/sallyport/internal/gateway/match"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// route finds the operation of a request and fills the call with it.
func (s *Server) route(x *exchange) *policy.Fault {
	if x.serving == nil {
		return policy.NewFault(503, policy.SourceConfiguration, "ConfigurationMissing", "The gateway has no configuration yet.").
			WithHeader(message.RetryAfter, "1")
	}
	snap, r := x.serving.snapshot, x.call.Request
	x.call.Directory = snap
	x.call.Chain.Set(policy.ScopeGlobal, snap.Global())
	fault := match.Find(snap.Routes(), r, &x.match)
	if fault != nil && fault.Status == 404 && s.matchPreflight(x) {
		fault = nil
	}
	if x.match.Outcome >= route.NoOperation {
		s.enterAPI(x, snap.API(int(x.match.API)))
	}
	if fault != nil {
		return fault
	}
	s.enterOperation(x, int(x.match.Operation))
	if !x.api.Model.Online() {
		return notFound()
	}
	return nil
}

// matchPreflight matches a preflight request that has no operation of its own by
// the method that it announces.
func (s *Server) matchPreflight(x *exchange) bool {
	r := x.call.Request
	if x.match.Outcome != route.NoOperation || !isPreflight(r) {
		return false
	}
	own := r.Method
	r.Method, _ = r.Header.Get(message.AccessControlReqMethod)
	x.announced = match.Find(x.serving.snapshot.Routes(), r, &x.match) == nil
	r.Method = own
	return x.announced
}

// enterAPI makes an API the call's.
func (s *Server) enterAPI(x *exchange, a *snapshot.API) {
	x.api = a
	x.call.API = a.Model
	x.call.Chain.Set(policy.ScopeAPI, a.Policy)
	if a.Workspace != nil {
		x.call.Chain.Set(policy.ScopeWorkspace, a.Workspace.Policy)
	}
	x.call.Expr.Static = a.Static
}

// enterOperation makes an operation the call's, and aims the call at the API's
// backend.
func (s *Server) enterOperation(x *exchange, n int) {
	o := x.serving.snapshot.Operation(n)
	c := &x.call
	x.handle = x.serving.handles[n]
	c.Operation = o.Model
	c.Expr.Static = o.Static
	c.Chain.Set(policy.ScopeOperation, o.Policy)
	for _, p := range x.match.Params() {
		c.Parameters = append(c.Parameters, policy.Parameter{Name: p.Name, Value: p.Decoded()})
	}
	c.Request.URL.Path = c.Request.URL.Path[x.match.PrefixLen:]
	if o.API.ServiceURL != nil {
		c.SetBaseURL(o.API.ServiceURL)
	}
}

// preflight lets cors answer a preflight request, which has no subscription key:
// with the policies of the operation that the real request will call.
func (s *Server) preflight(x *exchange) (bool, error) {
	if !isPreflight(x.call.Request) {
		return false, nil
	}
	return x.call.Preflight()
}

// isPreflight reports whether a request asks, before a cross-origin request,
// whether it may be made (Fetch standard, "CORS-preflight request").
func isPreflight(r *message.Request) bool {
	return r.Method == "OPTIONS" && r.Header.Has(message.Origin) && r.Header.Has(message.AccessControlReqMethod)
}

// notFound is the failure of a request for something that is not served.
func notFound() *policy.Fault {
	return policy.NewFault(404, policy.SourceConfiguration, policy.ReasonOperationNotFound,
		"Unable to match incoming request to an operation.").Telling("Resource not found")
}
