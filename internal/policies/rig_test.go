package policies

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	cachememory "github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/clock"
	countermemory "github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/problem"
)

// methodOptions is the method of preflight requests.
const methodOptions = "OPTIONS"

// rigStart is the time at which a rig's clock stands.
var rigStart = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// rig runs a document in Go tests, for what golden files cannot hold.
type rig struct {
	clock        *clock.Fake
	policies     *policy.Registry
	services     *policy.Services
	chain        policy.Chain
	namedValues  map[string]string
	certificates map[string]*tls.Certificate
	// backend answers calls; nil for an empty 200.
	backend func(c *policy.Call) error
	// forwarded is the header of the request that reached the backend.
	forwarded message.Header
}

// newRig makes the services of a rig.
func newRig(tb testing.TB) *rig {
	tb.Helper()
	r := &rig{clock: clock.NewFake(rigStart), policies: All(), namedValues: map[string]string{}, certificates: map[string]*tls.Certificate{}}
	responses, err := cachememory.New[*cache.Response](cachememory.Options{Clock: r.clock})
	if err != nil {
		tb.Fatal(err)
	}
	r.services = &policy.Services{
		Counters: countermemory.New(countermemory.Options{Clock: r.clock}), Responses: responses, Clock: r.clock,
		Log: slog.New(slog.DiscardHandler), Concurrency: policy.NewConcurrency(), Forwarder: r,
	}
	return r
}

// Forward is the backend.
func (r *rig) Forward(c *policy.Call, _ *policy.ForwardOptions) error {
	r.forwarded.CopyFrom(&c.Request.Header)
	c.Response.Status = 200
	if r.backend != nil {
		return r.backend(c)
	}
	return nil
}

// Backend knows no backend.
func (r *rig) Backend(string) *model.Backend { return nil }

// Certificate returns a certificate of the rig.
func (r *rig) Certificate(id string) *tls.Certificate { return r.certificates[id] }

// Schema knows no schema.
func (r *rig) Schema(model.ID, string) *model.Schema { return nil }

// compile makes the inbound policies the document of an API.
func (r *rig) compile(tb testing.TB, scope policy.Scope, inbound string) problem.Problems {
	tb.Helper()
	expressions, err := expr.NewCompiler()
	if err != nil {
		tb.Fatal(err)
	}
	env := &policy.Environment{
		Policies: r.policies, Expressions: expressions, Services: r.services,
		NamedValue: func(name string) (string, bool) { v, ok := r.namedValues[name]; return v, ok },
		Fragment:   func(string) (policy.Source, bool) { return policy.Source{}, false },
	}
	text := "<policies><inbound>" + inbound + "</inbound></policies>"
	doc, problems := policy.Compile(env, policy.Source{Text: []byte(text), File: "policy.xml", Resource: "apis/echo"}, scope)
	r.chain = policy.Chain{}
	r.chain.Set(scope, doc)
	return problems
}

// mustCompile is compile for a document that is right.
func (r *rig) mustCompile(tb testing.TB, inbound string) {
	tb.Helper()
	if problems := r.compile(tb, policy.ScopeProduct, inbound); len(problems) > 0 {
		tb.Fatal(problems)
	}
}

// call makes a call with header fields, as name and value in turn.
func (r *rig) call(method, target string, fields ...string) *policy.Call {
	c := &policy.Call{}
	c.Reset()
	path, query, _ := strings.Cut(target, "?")
	c.Request = &message.Request{
		Method: method, Context: context.Background(), Protocol: message.HTTP11, Client: netip.MustParseAddrPort("203.0.113.7:40000"),
		URL: message.URL{Scheme: "https", Host: "gateway.example", Path: path, Query: query},
	}
	for i := 0; i+1 < len(fields); i += 2 {
		c.Request.Header.Add(message.NameOf(fields[i]), fields[i+1])
	}
	c.Response, c.Original, c.ID = &message.Response{}, c.Request.URL, "id"
	c.Chain, c.Services, c.Directory = r.chain, r.services, r
	c.API = &model.API{ID: "apis/echo", DisplayName: "Echo"}
	c.Operation = &model.Operation{ID: "apis/echo/operations/get", DisplayName: "Get"}
	c.Product = &model.Product{ID: "products/starter"}
	c.Subscription = &model.Subscription{ID: "subscriptions/alice", StartDate: &rigStart}
	c.Expr.Now, c.Expr.Timestamp = r.clock.Now, r.clock.Now()
	return c
}

// run takes a call through the policies as the gateway does.
func (r *rig) run(tb testing.TB, c *policy.Call) *policy.Fault {
	tb.Helper()
	r.forwarded.Reset()
	if c.Request.Method == methodOptions && c.Request.Header.Has(message.AccessControlReqMethod) {
		answered, err := c.Preflight()
		if err != nil {
			tb.Fatal(err)
		}
		if answered {
			return nil
		}
	}
	fault := c.Run()
	var sent int64
	if reader, err := c.Response.Body.Reader(); err == nil {
		sent, _ = io.Copy(io.Discard, reader)
	}
	c.Release(message.Sent{HeadSent: true, Bytes: sent})
	return fault
}
