package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// exchangeKey is where the request's context has its exchange.
type exchangeKey struct{}

// recorder is the answer with what there is to say of it afterwards.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	route  string
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush sends what was written so far.
func (r *recorder) Flush() {
	if f, ok := r.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := s.clock.Now()
	out := &recorder{ResponseWriter: w}
	x := &Exchange{W: out, out: out, R: r, Visitor: Guest(), Site: s, ID: s.randomID()[:16], origin: r.Context()}
	defer func() {
		s.observe(Served{
			ID: x.ID, Route: out.route, Method: r.Method, Path: r.URL.Path, User: x.Visitor.User, Address: x.Address(),
			Status: out.status, Bytes: out.bytes, Began: began, Took: s.clock.Since(began), Render: x.rendered,
		})
	}()
	defer s.recovered(x)
	out.Header().Set("X-Request-Id", x.ID)
	if s.inFlight.Add(1) > MaxInFlight {
		s.inFlight.Add(-1)
		s.fail(x, &busyError{limit: "MaxInFlight"})
		return
	}
	defer s.inFlight.Add(-1)
	s.route(x)
}

// recovered makes a panic a page, and an answer that has begun one that is cut.
func (s *Site) recovered(x *Exchange) {
	reason := recover()
	if reason == nil {
		return
	}
	if reason == http.ErrAbortHandler { //nolint:errorlint // It is the value that net/http compares too.
		panic(http.ErrAbortHandler)
	}
	s.log.Error("a page of the portal failed", "request_id", x.ID, "path", x.R.URL.Path, "panic", fmt.Sprint(reason),
		"stack", string(debug.Stack()))
	if x.out.status != 0 {
		panic(http.ErrAbortHandler)
	}
	s.fail(x, errors.New("a page failed"))
}

// route hands the exchange to what its path and method name.
func (s *Site) route(x *Exchange) {
	_, pattern := s.mux.Handler(x.R)
	if s.ready != nil && !strings.HasPrefix(x.R.URL.Path, assetPrefix) {
		if err := s.ready(); err != nil {
			s.fail(x, &busyError{reason: "The portal is starting, and has not been able to read what it shows yet."})
			return
		}
	}
	if pattern == "" {
		s.fail(x, s.missed(x))
		return
	}
	x.out.route = pattern
	s.mux.ServeHTTP(x.out, x.R.WithContext(context.WithValue(x.R.Context(), exchangeKey{}, x)))
}

// missed says whether a request has no route because of its path or its method.
func (s *Site) missed(x *Exchange) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := x.R.Clone(x.R.Context())
		probe.Method = method
		if _, pattern := s.mux.Handler(probe); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return &statusError{status: http.StatusNotFound}
	}
	x.W.Header().Set("Allow", strings.Join(allowed, ", "))
	return &statusError{status: http.StatusMethodNotAllowed}
}

// find asks who the visitor is.
func (s *Site) find(x *Exchange) {
	if s.sessions == nil || x.found {
		return
	}
	x.found = true
	found := s.sessions.Find(x.W, x.R)
	x.Visitor, x.secret, x.unsure = found.Visitor, found.Secret, found.Unsure
	if !x.Visitor.SignedIn() {
		x.Visitor = Guest()
	}
}

// run answers a request that has a route.
func (s *Site) run(p *part, r *Route, w http.ResponseWriter, req *http.Request) {
	x, ok := req.Context().Value(exchangeKey{}).(*Exchange)
	if !ok {
		http.Error(w, "no exchange", http.StatusInternalServerError)
		return
	}
	x.R, x.part, x.route = req, p, r
	life := RequestLife
	if r.Streams {
		life = StreamLife
		if s.streaming.Add(1) > MaxStreams {
			s.streaming.Add(-1)
			s.fail(x, &busyError{limit: "MaxStreams"})
			return
		}
		defer s.streaming.Add(-1)
		s.unhurry(x)
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), life, errLife)
	defer cancel()
	x.R = req.WithContext(ctx)
	defer x.leaveLarge()
	err := s.admit(x)
	if err == nil {
		err = r.Run(x)
	}
	switch {
	case errors.Is(err, errAnswered):
	case err != nil && x.out.status != 0:
		s.log.Warn("an answer of the portal was cut off", "request_id", x.ID, "route", r.Pattern, "error", err.Error())
	case err != nil:
		s.fail(x, err)
	case x.out.status == 0:
		x.W.WriteHeader(http.StatusNoContent)
	}
}

// errLife ends the context of a request that took too long.
var errLife = errors.New("answering took longer than RequestLife or StreamLife allows")

// errAnswered says that the answer has been written.
var errAnswered = errors.New("answered")

// unhurry gives a route that streams the time of a stream on its connection.
func (s *Site) unhurry(x *Exchange) {
	// A connection without deadlines, as in tests, has nothing to be changed.
	control := http.NewResponseController(x.out.ResponseWriter)
	end := s.clock.Now().Add(StreamLife)
	_ = control.SetReadDeadline(end)
	_ = control.SetWriteDeadline(end)
}

// admit says whether the route may run: who asks, how often, with which body, and
// from where the form came.
func (s *Site) admit(x *Exchange) error {
	if err := s.limitAddress(x); err != nil {
		return err
	}
	changes := !isSafe(x.R.Method)
	if changes {
		if err := s.checkOrigin(x.R); err != nil {
			return err
		}
	}
	s.find(x)
	if err := s.checkAccess(x); err != nil {
		return err
	}
	if !changes {
		return nil
	}
	if err := x.enterLarge(); err != nil {
		return err
	}
	if err := s.readForm(x); err != nil {
		return err
	}
	if err := s.checkToken(x); err != nil {
		return err
	}
	return s.limitField(x)
}

// checkAccess leads guests to sign in where a user is needed, and refuses users
// where an administrator is.
func (s *Site) checkAccess(x *Exchange) error {
	switch {
	case x.route.Needs == Anyone && !s.closedTo(x), x.route.Needs == SignedIn && x.Visitor.SignedIn(), x.Visitor.SignedIn() && x.Visitor.Admin:
		return nil
	case x.unsure:
		return &busyError{reason: "Your session cannot be checked right now, because the service behind this portal does not answer. " +
			"Nothing was changed by this."}
	case x.Visitor.SignedIn():
		return &statusError{status: http.StatusForbidden, message: "This page is for administrators."}
	}
	target, n := x.R.URL.RequestURI(), Notice("")
	if !isSafe(x.R.Method) {
		target, n = s.refererPath(x.R), noticeSignInAgain
	}
	x.part = s.sections[frameName] // The notice is the frame's.
	if err := x.Redirect("/signin?return="+queryEscape(target), n); err != nil {
		return err
	}
	return errAnswered
}

// closedTo says whether the portal shows the visitor nothing but its entrance.
func (s *Site) closedTo(x *Exchange) bool {
	return s.closed != nil && !x.Visitor.SignedIn() && !x.route.Entrance && x.part.Name != frameName && s.closed(x.R.Context())
}

// isSafe says whether a method changes nothing.
func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// seconds is a duration as Retry-After has it: whole seconds, at least one.
func seconds(d time.Duration) string {
	return strconv.FormatInt(max(1, int64((d+time.Second-1)/time.Second)), 10)
}
