// Package arm is the part of Azure Resource Manager that clients of the
// management API ask for before anything else: where to sign in, which
// subscriptions, resource groups and resource providers there are, and who has
// which role. What is below a service is not here.
package arm

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of requests.
const (
	// maxBody bounds the body of a request, in bytes.
	maxBody = 256 << 10
	// maxPath bounds the path of a request, in bytes.
	maxPath = 4096
)

// subscriptionID is what the id of a subscription looks like. Azure's are GUIDs.
var subscriptionID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Resource is a resource of the installation that stands in a resource group.
type Resource struct {
	// ID is its full id, Location where it says it is.
	ID, Location string
}

// Options are what a Front needs.
type Options struct {
	Store         store.Store
	Directory     *access.Directory
	Authenticator *access.Authenticator
	Clock         clock.Clock
	Log           *slog.Logger
	// BaseURL is the external URL, without a slash at its end; where it is empty
	// each request's own host.
	BaseURL string
	// Subscriptions are the ids of the subscriptions that there are, beside those
	// in which there is something.
	Subscriptions []string
	// Locations are the names of the locations that are offered, for example
	// "westeurope". There is at least one.
	Locations []string
	// Services returns every service that there is.
	Services func(context.Context) ([]Resource, error)
}

// Front answers the requests of Owns.
type Front struct{ options Options }

// New makes a Front.
func New(o Options) *Front {
	if len(o.Locations) == 0 {
		o.Locations = []string{"local"}
	}
	return &Front{options: o}
}

// request is one request on its way to its handler.
type request struct {
	*http.Request

	// base is the URL at which the client found us.
	base string
	// id is the path, as a resource id.
	id string
	// names are the segments of the path that the pattern has in braces, in
	// order.
	names []string
	who   access.Principal
	// correlation is the id of the request.
	correlation string
}

// answer is what a handler answers: a status, and a body unless that is nil.
type answer struct {
	status int
	body   any
}

func ok(body any) answer { return answer{http.StatusOK, body} }

// list is the form of every list.
func list[T any](items []T) answer {
	if items == nil {
		items = []T{}
	}
	return ok(map[string]any{"value": items})
}

// need is what a route asks of its caller. The zero need refuses everybody, so a
// route that states none answers nobody.
type need struct {
	permission       access.Permission
	signedIn, public bool
}

// permits asks for a permission at the scope that the path is.
func permits(p access.Permission) need { return need{permission: p} }

// signedIn asks for a token only; the handler shows what its principal may see.
func signedIn() need { return need{signedIn: true} }

// public asks for nothing.
func public() need { return need{public: true} }

// Owns reports whether a path is one of the Front's: whoever shares its host
// with other handlers asks first.
func Owns(path string) bool {
	_, segments, err := segmentsOf(path)
	if err != nil {
		return false
	}
	for _, r := range routes {
		if _, ok := r.match(segments); ok {
			return true
		}
	}
	return false
}

// ServeHTTP answers one request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	correlation := access.NewID()
	h.Set("X-Ms-Request-Id", correlation)
	h.Set("X-Ms-Correlation-Request-Id", correlation)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	in := &request{Request: r, base: f.base(r), correlation: correlation}
	a, err := f.serve(w, in)
	if err != nil {
		f.fail(w, in, err)
		return
	}
	write(w, r, a.status, a.body)
}

// serve finds the route and calls it for who may.
func (f *Front) serve(w http.ResponseWriter, in *request) (answer, error) {
	id, segments, err := segmentsOf(in.URL.EscapedPath())
	if err != nil {
		return answer{}, err
	}
	in.id = id
	found, known := find(in, segments)
	switch {
	case !known:
		return answer{}, problem.NotFound("The resource", id)
	case found == nil:
		return answer{}, problem.New(http.StatusMethodNotAllowed, "MethodNotAllowed", "The method %.10s is not possible here.", in.Method)
	}
	if strings.HasPrefix(found.pattern, subscriptionPath) && !subscriptionID.MatchString(in.names[0]) {
		return answer{}, problem.New(http.StatusBadRequest, "InvalidSubscriptionId", "The id of the subscription is not one.").WithTarget(id)
	}
	if err := f.admit(in, found.need); err != nil {
		return answer{}, err
	}
	if err := checkVersion(in.URL); err != nil {
		return answer{}, err
	}
	in.Body = http.MaxBytesReader(w, in.Body, maxBody)
	return found.serve(f, in)
}

// find is the route for a request; nil where only other methods are known.
func find(in *request, segments []string) (found *route, known bool) {
	for i := range routes {
		names, ok := routes[i].match(segments)
		if !ok {
			continue
		}
		known = true
		if routes[i].method == in.Method {
			in.names = names
			return &routes[i], true
		}
	}
	return nil, known
}

// admit signs the caller in and asks for the permission.
func (f *Front) admit(in *request, n need) (err error) {
	if n.public {
		return nil
	}
	if in.who, err = f.options.Authenticator.Authenticate(in.Context(), in.Header.Get("Authorization")); err != nil {
		return err
	}
	if n.signedIn {
		return nil
	}
	scope := in.scope()
	if !f.options.Directory.Allow(in.who, n.permission, scope) {
		return access.Forbidden(in.who, n.permission, scope)
	}
	return nil
}

// checkVersion wants an api-version and leaves to the client which: what is
// answered is the same in all of them.
func checkVersion(u *url.URL) error {
	for name, values := range u.Query() {
		if strings.EqualFold(name, "api-version") && values[0] != "" {
			return nil
		}
	}
	return problem.New(http.StatusBadRequest, "MissingApiVersionParameter",
		"The query parameter api-version is missing.").WithTarget("api-version")
}

// segmentsOf takes a path apart, segment by segment, so that an encoded slash is
// no boundary.
func segmentsOf(path string) (id string, segments []string, err error) {
	if len(path) > maxPath {
		return "", nil, problem.Validation("The path is longer than %d bytes.", maxPath)
	}
	segments = strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range segments {
		segments[i], err = url.PathUnescape(s)
		if err != nil || strings.ContainsAny(segments[i], "/\\\x00") {
			return "", nil, problem.Validation("The path has the segment %.80q, which is no name.", s).WithTarget("path")
		}
	}
	return "/" + strings.Join(segments, "/"), segments, nil
}

// base is the URL at which the client found us.
func (f *Front) base(r *http.Request) string {
	switch {
	case f.options.BaseURL != "":
		return f.options.BaseURL
	case r.TLS == nil:
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// source is the address of the client.
func (in *request) source() string {
	host, _, err := net.SplitHostPort(in.RemoteAddr)
	if err != nil {
		return in.RemoteAddr
	}
	return host
}

// entry is what the audit log says of the caller.
func (in *request) entry() audit.Entry {
	return audit.Entry{Actor: in.who.ID, ActorName: in.who.Name, Source: in.source(), Correlation: in.correlation}
}

// read reads the body, which has to be JSON.
func (in *request) read(into any) error {
	err := json.NewDecoder(in.Body).Decode(into)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return problem.New(http.StatusRequestEntityTooLarge, problem.CodeTooLarge,
			"The body is longer than %d bytes.", maxBody).WithTarget("body")
	case err != nil:
		return problem.New(http.StatusBadRequest, "InvalidRequestContent", "The body is not JSON of the right form: %w.", err).WithTarget("body")
	}
	return nil
}

// fail answers an error. What is not for the client is in the log only.
func (f *Front) fail(w http.ResponseWriter, in *request, err error) {
	var p *problem.Error
	if !errors.As(err, &p) {
		f.options.Log.Error("a request of the resource manager failed", slog.Any("error", err),
			slog.String("method", in.Method), slog.String("path", in.URL.Path), slog.String("correlation", in.correlation))
		p = problem.New(http.StatusInternalServerError, problem.CodeInternal,
			"The request failed inside the service. The log has the reason under the correlation id %s.", in.correlation)
	}
	if p.Target == "" {
		p.Target = in.id
	}
	if p.Details == nil {
		p.Details = []problem.Detail{}
	}
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", access.Challenge(in.base+"/"+f.options.Directory.Tenant(), err))
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
	write(w, in.Request, p.Status, p)
}

// write answers JSON.
func write(w http.ResponseWriter, r *http.Request, status int, body any) {
	if body == nil || r.Method == http.MethodHead {
		w.WriteHeader(status)
		return
	}
	data, err := json.Marshal(body)
	if err != nil {
		status = http.StatusInternalServerError
		data = []byte(`{"error":{"code":"InternalServerError","message":"The answer could not be encoded."}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A client that has gone away gets nothing.
	_, _ = w.Write(data)
}
