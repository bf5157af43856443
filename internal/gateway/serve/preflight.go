package serve

import (
	"errors"

	"github.com/sallyport/sallyport/internal/gateway/match"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// methodOptions is the method of preflight requests.
const methodOptions = "OPTIONS"

// isPreflight reports whether a request asks, before a cross-origin request,
// whether it may be made (Fetch standard, "CORS-preflight request").
func isPreflight(r *message.Request) bool {
	return r.Method == methodOptions && r.Header.Has(message.Origin) && r.Header.Has(message.AccessControlReqMethod)
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

// preflight lets cors answer a preflight request, with the policies of the
// operation that the real request will call, and reports whether that settles
// it. It comes before the subscription key is asked for, because browsers send
// none; a product is in play where the query has a key of it, or where it is
// open (docs/decisions/0042-preflight-before-the-key.md).
func (s *Server) preflight(x *exchange) bool {
	answered, err := x.call.Preflight()
	switch {
	case err != nil:
		s.refuse(x, preflightFault(err))
	case answered:
		x.call.Finish()
	case x.announced:
		s.leaveOperation(x)
		s.refuse(x, notFound())
	default:
		return false // The API has an OPTIONS operation of its own.
	}
	return true
}

// preflightFault is the failure of a cors policy on a preflight request.
func preflightFault(err error) *policy.Fault {
	if fault, ok := errors.AsType[*policy.Fault](err); ok {
		return fault
	}
	return &policy.Fault{Status: 500, Source: "cors", Reason: policy.ReasonInternal, Section: "inbound", Message: err.Error(), Err: err}
}
