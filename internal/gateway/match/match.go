// Package match finds the API and the operation of a request, and says why
// there is none.
package match

import (
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// ReasonPathRefused is the reason of the failure where a path has no canonical
// form. Azure API Management has no name for it.
const ReasonPathRefused = "PathRefused"

// What Azure API Management says of a request that matches nothing: to on-error,
// and to the caller.
const (
	unmatched = "Unable to match incoming request to an operation."
	notFound  = "Resource not found"
)

// causes says for the log why nothing was found, by outcome.
var causes = [...]error{
	route.NoAPI:           errors.New("no API has the path"),
	route.VersionMissing:  errors.New("the API answers only to a version, and the request names none"),
	route.VersionUnknown:  errors.New("the API does not have the version that the request names"),
	route.RevisionUnknown: errors.New("the API does not have the revision that the request names, or none is current"),
	route.NoOperation:     errors.New("no operation of the API has the method, path and query"),
	route.TwoReadings:     errors.New("servers read the path in two ways, and an operation differs (see decision 0011)"),
}

// Find brings the request's path into canonical form, in place, and looks the
// operation up. The result is in m; a failure says what to answer.
func Find(t *route.Table, r *message.Request, m *route.Match) *policy.Fault {
	path, err := route.Normalize(r.URL.Path)
	if err != nil {
		return &policy.Fault{
			Source: policy.SourceConfiguration, Reason: ReasonPathRefused, Status: 400, Public: true,
			Message: "Bad request: " + err.Error(), Err: err,
		}
	}
	r.URL.Path = path
	q := query(r)
	if t.Match(&q, m) {
		return nil
	}
	return &policy.Fault{
		Source: policy.SourceConfiguration, Reason: policy.ReasonOperationNotFound, Status: 404, Public: true,
		Message: unmatched, Told: notFound, Empty: m.Outcome == route.VersionMissing, Err: cause(m.Outcome),
	}
}

// AtPath appends the operations at the request's path, whatever its method, the
// most specific first: for the preflight of CORS. The path is canonical, as
// Find leaves it.
func AtPath(t *route.Table, r *message.Request, dst []route.Operation) []route.Operation {
	q := query(r)
	return t.AtPath(&q, dst)
}

// query is what a request is matched by.
func query(r *message.Request) route.Query {
	return route.Query{Host: r.URL.Host, Path: r.URL.Path, Method: r.Method, RawQuery: r.URL.Query, Header: header{&r.Header}}
}

func cause(o route.Outcome) error {
	if int(o) < len(causes) {
		return causes[o]
	}
	return fmt.Errorf("outcome %d", o)
}

// header shows a request's header to the matching tree.
type header struct{ h *message.Header }

func (h header) HeaderValue(name string) (string, bool) { return h.h.Get(message.NameOf(name)) }
