package serve

import (
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
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
	path, err := route.Normalize(r.URL.Path)
	if err != nil {
		return policy.NewFault(400, policy.SourceConfiguration, "PathMalformed", "The path of the URL is malformed: "+err.Error()+".")
	}
	r.URL.Path = path
	q := route.Query{Host: r.URL.Host, Path: path, Method: r.Method, RawQuery: r.URL.Query, Header: (*headerReader)(&r.Header)}
	matched := snap.Routes().Match(&q, &x.match) || s.matchPreflight(x, &q)
	if x.match.Outcome >= route.NoOperation {
		s.enterAPI(x, snap.API(int(x.match.API)))
	}
	if !matched {
		return unmatched(x.match.Outcome)
	}
	s.enterOperation(x, int(x.match.Operation))
	return offline(x.api.Model)
}

// matchPreflight matches a preflight request that has no operation of its own by
// the method that it announces.
func (s *Server) matchPreflight(x *exchange, q *route.Query) bool {
	r := x.call.Request
	if x.match.Outcome != route.NoOperation || !isPreflight(r) {
		return false
	}
	q.Method, _ = r.Header.Get(message.AccessControlReqMethod)
	x.announced = x.serving.snapshot.Routes().Match(q, &x.match)
	return x.announced
}

// headerReader is a header as the matching tree asks it for a version.
type headerReader message.Header

// HeaderValue returns the first value of a header.
func (h *headerReader) HeaderValue(name string) (string, bool) {
	return (*message.Header)(h).Get(message.NameOf(name))
}

// unmatched is the failure of a request that matches no operation.
func unmatched(o route.Outcome) *policy.Fault {
	switch o {
	case route.VersionMissing, route.VersionUnknown:
		f := policy.NewFault(404, policy.SourceConfiguration, policy.ReasonOperationNotFound, "Unable to match incoming request to an operation.")
		f.Empty = o == route.VersionMissing
		return f.Telling("Resource not found")
	case route.TwoReadings:
		return policy.NewFault(400, policy.SourceConfiguration, "PathAmbiguous", "The path of the URL can be read in two ways.")
	default:
		return policy.NewFault(404, policy.SourceConfiguration, policy.ReasonOperationNotFound, "Unable to match incoming request to an operation.").
			Telling("Resource not found")
	}
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

// offline is the failure of a request for an API that is switched off.
func offline(a *model.API) *policy.Fault {
	if a.Online() {
		return nil
	}
	return policy.NewFault(404, policy.SourceConfiguration, policy.ReasonOperationNotFound, "Unable to match incoming request to an operation.").
		Telling("Resource not found")
}
