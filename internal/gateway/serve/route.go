package serve

import (
	"github.com/sallyport/sallyport/internal/gateway/match"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// route finds the operation of a request and fills the call with it. Where there
// is only an API, or nothing, the policies of what there is handle the failure.
func (s *Server) route(x *exchange) *policy.Fault {
	if x.serving == nil {
		return policy.NewFault(503, policy.SourceConfiguration, "ConfigurationMissing", "The gateway has no configuration yet.").
			WithHeader(message.RetryAfter, "1")
	}
	snap, r := x.serving.snapshot, x.call.Request
	x.call.Directory, x.call.Expr.Static = snap, snap.Static()
	x.call.Chain.Set(policy.ScopeGlobal, snap.Global())
	fault := match.Find(snap.Routes(), r, &x.match)
	if fault != nil && s.matchPreflight(x) {
		fault = nil
	}
	if x.match.Outcome >= route.NoOperation {
		enterAPI(x, snap.API(int(x.match.API)))
	}
	switch {
	case fault != nil:
		fault.Section = unmatchedSection
		return fault
	case !x.api.Model.Online(), s.protocols && !takes(x.api, r.URL.Scheme):
		return notFound()
	}
	s.enterOperation(x, int(x.match.Operation))
	return nil
}

// takes reports whether an API can be called by a scheme.
func takes(a *snapshot.API, scheme string) bool {
	if scheme == "https" || scheme == "wss" {
		return a.Secure
	}
	return a.Clear
}

// enterAPI makes an API the call's.
func enterAPI(x *exchange, a *snapshot.API) {
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

// leaveOperation undoes enterOperation and authorise, for a preflight request
// that nothing answers: the operation that it announces was not called.
func (s *Server) leaveOperation(x *exchange) {
	c := &x.call
	x.handle = nil
	c.Operation, c.Parameters, c.Destination = nil, c.Parameters[:0], policy.Destination{}
	c.Access = policy.Access{}
	c.Expr.Static, c.Expr.Product, c.Expr.Subscription, c.Expr.User = x.api.Static, nil, nil, nil
	c.Chain.Set(policy.ScopeOperation, nil)
	c.Chain.Set(policy.ScopeProduct, nil)
	c.Request.URL = c.Original
}

// unmatchedSection is the section that context.LastError has for a request that
// matches nothing, as in the logs of Azure API Management.
const unmatchedSection = "backend"

// notFound is the failure of a request for something that is not served.
func notFound() *policy.Fault {
	f := policy.NewFault(404, policy.SourceConfiguration, policy.ReasonOperationNotFound,
		"Unable to match incoming request to an operation.").Telling("Resource not found")
	f.Section = unmatchedSection
	return f
}
