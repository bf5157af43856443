// Package rest serves the Microsoft.ApiManagement REST API: the contract that
// all operations share (versions, ETags, paging, long-running operations,
// errors), once, for every kind of resource.
package rest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/problem"
)

// MaxBody bounds the body of a request, in bytes: what the largest resource, a
// description of an API, needs with room to spare.
const MaxBody = 16 << 20

// Principal is who calls.
type Principal struct {
	// ID is the object id of the user or service principal, Name what it is
	// called.
	ID, Name string
	// Claims is what the guard knows of it.
	Claims any
}

// Guard says who calls and what they may do.
type Guard interface {
	// Authenticate reads the header Authorization. Its error is a problem with
	// status 401.
	Authenticate(ctx context.Context, authorization string) (Principal, error)
	// Allow reports whether the principal has the permission at the resource.
	Allow(ctx context.Context, p Principal, permission access.Permission, id string) (bool, error)
}

// Options are what a Server needs.
type Options struct {
	Plane *service.Plane
	Guard Guard
	Log   *slog.Logger
	// Base is the external URL of the API, without a slash at its end. Where it is
	// empty, it is taken from each request's Host.
	Base string
	// Limits are DefaultLimits where they are nil.
	Limits *Limits
}

// Server is the handler of the management API.
type Server struct {
	plane  *service.Plane
	guard  Guard
	log    *slog.Logger
	base   string
	limits *limits
}

// New makes a handler.
func New(o Options) *Server {
	return &Server{
		plane: o.Plane, guard: o.Guard, log: o.Log, base: strings.TrimSuffix(o.Base, "/"),
		limits: newLimits(o.Plane.Environment().Clock, o.Limits),
	}
}

// exchange is one request on its way.
type exchange struct {
	*Server
	w    http.ResponseWriter
	r    *http.Request
	path string
	call *resource.Call
	who  Principal
}

func (s *Server) exchange(w http.ResponseWriter, r *http.Request) *exchange {
	return &exchange{Server: s, w: w, r: r, call: &resource.Call{Correlation: correlation(r), Source: clientAddress(r)}}
}

// ServeHTTP answers one request. Whatever happens inside, the answer is one of
// the API, and the process goes on.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.exchange(w, r)
	h := w.Header()
	h.Set("X-Ms-Request-Id", x.call.Correlation)
	h.Set("X-Ms-Correlation-Request-Id", x.call.Correlation)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	defer x.recovered()
	if err := x.serve(); err != nil {
		x.fail(err)
	}
}

// recovered answers 500 where a handler panicked; the transaction that it was
// in has ended without effect.
func (x *exchange) recovered() {
	p := recover()
	if p == nil {
		return
	}
	x.log.Error("a request of the management API failed in an unexpected way",
		slog.Any("panic", p), slog.String("stack", string(debug.Stack())), slog.String("path", x.r.URL.Path),
		slog.String("correlation", x.call.Correlation))
	x.fail(fmt.Errorf("panic: %v", p))
}

// correlation is the id that the client gave, where it is a plain one, or a new
// one.
func correlation(r *http.Request) string {
	given := r.Header.Get("X-Ms-Correlation-Request-Id")
	if given != "" && len(given) <= maxCorrelation && !strings.ContainsFunc(given, notIDRune) {
		return given
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // It never fails, crypto/rand says.
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

const maxCorrelation = 64

func notIDRune(c rune) bool {
	return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-'
}

// serve does what all operations share before their own work.
func (x *exchange) serve() error {
	if err := x.parsePath(); err != nil {
		return err
	}
	release, err := x.slot()
	if err != nil {
		return err
	}
	defer release()
	if token, ok := strings.CutPrefix(x.path, exportPath); ok {
		return x.export(token)
	}
	if err := x.authenticate(); err != nil {
		return err
	}
	if err := x.parseQuery(); err != nil {
		return err
	}
	return x.dispatch()
}

// authenticate finds out who calls, unless the caller, or its address, asks too
// often.
func (x *exchange) authenticate() error {
	if !x.introduced() {
		if err := x.identify(); err != nil {
			return err
		}
	}
	who := x.who
	x.call.Principal, x.call.Name = who.ID, who.Name
	x.call.May = func(ctx context.Context, permission access.Permission, id resource.ID) (bool, error) {
		return x.guard.Allow(ctx, who, permission, string(id))
	}
	if err := x.deputy(); err != nil {
		return err
	}
	return x.paced()
}

// identify reads the caller's token.
func (x *exchange) identify() error {
	if err := x.trusted(); err != nil {
		return err
	}
	who, err := x.guard.Authenticate(x.r.Context(), x.r.Header.Get("Authorization"))
	if err != nil {
		if p, ok := errors.AsType[*problem.Error](err); ok {
			x.distrust(p.Status)
		}
		return err
	}
	x.who = who
	return nil
}

func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// parsePath decodes the path segment by segment, so that an encoded slash is
// part of a name, where it is refused, and never a boundary.
func (x *exchange) parsePath() error {
	segments := strings.Split(x.r.URL.EscapedPath(), "/")
	for i, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil || strings.ContainsAny(decoded, "/\\\x00") {
			return problem.Validation("The path has the segment %q, which is no name.", segment).WithTarget("path")
		}
		segments[i] = decoded
	}
	x.path = strings.Trim(strings.Join(segments, "/"), "/")
	x.call.Base = x.base
	if x.base == "" {
		scheme := "http"
		if x.r.TLS != nil {
			scheme = "https"
		}
		x.call.Base = scheme + "://" + x.r.Host
	}
	return nil
}

// parseQuery reads the parameters, whose names have no case, and the api-version.
func (x *exchange) parseQuery() error {
	values, err := url.ParseQuery(x.r.URL.RawQuery)
	if err != nil {
		return problem.Validation("The query of the URL cannot be read: %v.", err).WithTarget("query")
	}
	x.call.Query = make(map[string]string, len(values))
	for name, v := range values {
		x.call.Query[strings.ToLower(name)] = v[0]
	}
	x.call.Version, err = version(x.call.Query["api-version"])
	return err
}
