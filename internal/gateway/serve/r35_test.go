package serve_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	cachememory "github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/clock"
	countermemory "github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/gateway/serve"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// errStruck is what the injected panics say.
const errStruck = "struck by the test"

// minPanics is how many panics have to be injected at the least.
const minPanics = 80

// mine is a gateway in which one policy panics while armed is set.
type mine struct {
	armed    atomic.Bool
	server   *serve.Server
	log      strings.Builder
	fail     bool // the backend fails, so that on-error runs
	services *policy.Services
}

// place is where a panic is injected.
type place struct {
	name     string
	registry func(*mine) *policy.Registry
	scope    policy.Scope
	text     string // the policy document
	method   string // GET where it is empty
	fail     bool   // the backend fails, so that on-error runs
	answered bool   // the answer has been made by then
	body     bool   // the request has a body whose reader panics
	caught   bool   // the runtime of expressions makes an exception of it
}

// before panics in the place of a step.
type before struct {
	m     *mine
	inner policy.Step
}

// Run panics, or runs the step where there is one.
func (s before) Run(c *policy.Call) error {
	s.m.strike()
	if s.inner == nil {
		return nil
	}
	return s.inner.Run(c)
}

// after panics when a step has run.
type after struct {
	m     *mine
	inner policy.Step
}

// Run runs the step and panics.
func (s after) Run(c *policy.Call) error {
	err := s.inner.Run(c)
	s.m.strike()
	return err
}

// preflight is before for a step that answers preflight requests.
type preflight struct{ before }

// Preflight panics, or lets the step answer.
func (s preflight) Preflight(c *policy.Call) (bool, error) {
	s.m.strike()
	return s.inner.(policy.Preflighter).Preflight(c)
}

func (m *mine) strike() {
	if m.armed.Load() {
		panic(errStruck)
	}
}

// Forward answers every call, or fails.
func (m *mine) Forward(c *policy.Call, _ *policy.ForwardOptions) error {
	if m.fail {
		return &policy.Fault{Status: 500, Source: "forward-request", Reason: policy.ReasonTimeout, Message: "late"}
	}
	if _, err := c.Request.Body.Buffer(policy.DefaultBufferLimit); err != nil {
		return err
	}
	return c.Answer(200, "text/plain", []byte("ok"))
}

// replaced is all policies, of which one has other steps.
func replaced(spec *policy.Spec, step func(m *mine, inner policy.Step) policy.Step) func(*mine) *policy.Registry {
	return func(m *mine) *policy.Registry {
		var specs []*policy.Spec
		for _, s := range policies.All().All() {
			if s.Name == spec.Name {
				own, changed := s.Compile, *s
				changed.Compile = func(c *policy.Compiler, el *document.Element) policy.Step {
					return step(m, own(c, el))
				}
				s = &changed
			}
			specs = append(specs, s)
		}
		return policy.NewRegistry(specs...)
	}
}

// injected is all policies and one of the test, inject.
func injected(run func(m *mine, c *policy.Call) error) func(*mine) *policy.Registry {
	return func(m *mine) *policy.Registry {
		return policy.NewRegistry(append(policies.All().All(), &policy.Spec{
			Name: "inject", Sections: policy.AnySection, Scopes: policy.AnyScope,
			Compile: func(*policy.Compiler, *document.Element) policy.Step {
				return policy.StepFunc(func(c *policy.Call) error { return run(m, c) })
			},
		})...)
	}
}

// places lists every policy in every section, before and after its own work,
// and the places inside policies that hold something.
func places() []place {
	list := []place{
		insidePolicy("choose", `<choose><when condition="true"><inject /></when></choose>`),
		insidePolicy("otherwise", `<choose><when condition="false" /><otherwise><inject /></otherwise></choose>`),
		insidePolicy("retry", `<retry condition="false" count="1" interval="0"><inject /></retry>`),
		insidePolicy("limit-concurrency", `<limit-concurrency key="one" max-count="1"><inject /></limit-concurrency>`),
		insidePolicy("include-fragment", `<include-fragment fragment-id="mine" />`),
		{name: "finisher", registry: injected(func(m *mine, c *policy.Call) error {
			c.AtEnd(finisher{m})
			return nil
		}), scope: policy.ScopeProduct, text: inSection(policy.Inbound, "<inject />")},
		{name: "releaser", registry: injected(func(m *mine, c *policy.Call) error {
			c.WhenSent(releaser{m})
			return nil
		}), scope: policy.ScopeProduct, text: inSection(policy.Inbound, "<inject />"), answered: true},
		{name: "reader of the body", registry: func(*mine) *policy.Registry { return policies.All() }, scope: policy.ScopeProduct, body: true, method: "POST",
			text: inSection(policy.Inbound, "")},
		{name: "reader of the body in an expression", registry: func(*mine) *policy.Registry { return policies.All() }, scope: policy.ScopeProduct,
			body: true, method: "POST", caught: true, text: inSection(policy.Inbound, `<set-body>@(context.Request.Body.As<string>())</set-body>`)},
	}
	for _, spec := range policies.All().All() {
		if spec.Name == "base" {
			continue // The compiler makes its step; the steps it leads to are here.
		}
		for _, section := range []policy.Section{policy.Inbound, policy.Backend, policy.Outbound, policy.OnError} {
			if spec.Sections&section != 0 {
				list = append(list, placesOf(spec, section)...)
			}
		}
	}
	return list
}

func insidePolicy(name, text string) place {
	return place{name: "inside " + name, scope: policy.ScopeProduct, text: inSection(policy.Inbound, text),
		registry: injected(func(m *mine, _ *policy.Call) error { m.strike(); return nil })}
}

// forwarding is what examples hold that can stand in one section only.
var forwarding = regexp.MustCompile(`<forward-request[^>]*/>`)

// placesOf lists the places of one policy in one section.
func placesOf(spec *policy.Spec, section policy.Section) []place {
	scope := policy.ScopeProduct
	if spec.Scopes&scope == 0 {
		scope = policy.ScopeAPI
	}
	example := spec.Example
	if section != policy.Backend {
		example = forwarding.ReplaceAllString(example, "")
	}
	p := place{scope: scope, text: inSection(section, example), fail: section == policy.OnError}
	instead, first, last := p, p, p
	instead.name = spec.Name + " in " + section.String()
	instead.registry = replaced(spec, func(m *mine, _ policy.Step) policy.Step { return before{m: m} })
	first.name = spec.Name + " in " + section.String() + ", before"
	first.registry = replaced(spec, func(m *mine, inner policy.Step) policy.Step {
		if _, ok := inner.(policy.Preflighter); ok {
			return preflight{before{m: m, inner: inner}}
		}
		return before{m: m, inner: inner}
	})
	last.name = spec.Name + " in " + section.String() + ", after"
	last.registry = replaced(spec, func(m *mine, inner policy.Step) policy.Step { return after{m: m, inner: inner} })
	list := []place{instead, first, last}
	if spec.Name == "cors" {
		first.name += ", preflight"
		first.method = "OPTIONS"
		list = append(list, first)
	}
	return list
}

// inSection is a document with policies in one section.
func inSection(section policy.Section, text string) string {
	var b strings.Builder
	b.WriteString("<policies>")
	for _, s := range []policy.Section{policy.Inbound, policy.Backend, policy.Outbound, policy.OnError} {
		inner := "<base />"
		if s == section {
			inner = text + "<base />"
		}
		fmt.Fprintf(&b, "<%s>%s</%s>", s, inner, s)
	}
	return b.String() + "</policies>"
}

type finisher struct{ m *mine }

// Finish panics.
func (f finisher) Finish(*policy.Call) { f.m.strike() }

type releaser struct{ m *mine }

// Release panics.
func (r releaser) Release(*policy.Call, message.Sent) { r.m.strike() }

// newMine makes a gateway for a place, or nil where the document does not compile
// there: an example may refer to what the test's configuration does not have.
func newMine(t *testing.T, p place) *mine {
	t.Helper()
	fake := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	responses, err := cachememory.New[*cache.Response](cachememory.Options{Clock: fake})
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	m := &mine{fail: p.fail}
	m.services = &policy.Services{
		Counters: countermemory.New(countermemory.Options{Clock: fake}), Responses: responses, Clock: fake,
		Log: slog.New(slog.NewTextHandler(&m.log, nil)), Concurrency: policy.NewConcurrency(), Forwarder: m, Fetcher: nowhere{},
	}
	scopes := map[policy.Scope]model.ID{policy.ScopeProduct: "products/starter", policy.ScopeAPI: "apis/shop"}
	snap, problems := snapshot.Compile(&snapshot.Document{Revision: 1, Resources: []model.Resource{
		&model.API{ID: "apis/shop", DisplayName: "Shop", Path: "shop", ServiceURL: "https://shop.example", Protocols: []model.Protocol{"https"}},
		&model.Operation{ID: "apis/shop/operations/get", DisplayName: "Get", Method: "GET", URLTemplate: "/items"},
		&model.Operation{ID: "apis/shop/operations/post", DisplayName: "Post", Method: "POST", URLTemplate: "/items"},
		&model.Product{ID: "products/starter", DisplayName: "Starter"},
		&model.Link{ID: "products/starter/apis/shop"},
		&model.Subscription{ID: "subscriptions/one", DisplayName: "One", Scope: "/products/starter", State: model.SubscriptionActive, PrimaryKey: "key"},
		&model.Backend{ID: "backends/orders-eu", URL: "https://orders.example", Protocol: model.BackendHTTP},
		&model.PolicyFragment{ID: "policyFragments/mine", Value: "<fragment><choose><when condition=\"true\">" + fragmentStep(p) + "</when></choose></fragment>"},
		&model.NamedValue{ID: "namedValues/backend-password", DisplayName: "backend-password", Value: "secret"},
		&model.Certificate{ID: "certificates/orders-client", KeyVault: &model.KeyVault{SecretIdentifier: "https://vault.example/c"}},
		&model.PolicyFragment{ID: "policyFragments/correlation", Value: "<fragment />"},
		&model.Policy{ID: model.PolicyID(scopes[p.scope]), Value: p.text, Format: model.PolicyRawXML},
	}}, &snapshot.Settings{Policies: p.registry(m), Expressions: compiler, Services: m.services})
	if problems.HasErrors() {
		t.Logf("%s: not compiled: %s", p.name, problems)
		return nil
	}
	m.server = serve.New(serve.Options{Services: m.services, Log: m.services.Log})
	m.server.Use(snap)
	return m
}

// fragmentStep is what the fragment of a place does.
func fragmentStep(p place) string {
	if p.name == "inside include-fragment" {
		return "<inject />"
	}
	return ""
}

// nowhere is a Fetcher that reaches nothing.
type nowhere struct{}

// Fetch fails.
func (nowhere) Fetch(context.Context, string, int64) (policy.Fetched, error) {
	return policy.Fetched{}, fmt.Errorf("fetching: there is no network")
}

// request makes a request for a place.
func (m *mine) request(p place) *message.Request {
	r := &message.Request{Method: "GET", Protocol: message.HTTP11, Context: context.Background(), Client: netip.MustParseAddrPort("203.0.113.7:40000"),
		URL: message.URL{Scheme: "https", Host: "gateway.example", Path: "/shop/items"}}
	if p.method != "" {
		r.Method = p.method
	}
	r.Header.Set(message.SubscriptionKey, "key")
	if p.method == "OPTIONS" {
		r.Header.Set(message.Origin, "https://app.example")
		r.Header.Set(message.AccessControlReqMethod, "GET")
	}
	if p.body {
		r.Body.SetStream(body{m}, -1)
	}
	return r
}

// body is a request's body that panics.
type body struct{ m *mine }

// Read panics, or is at its end.
func (b body) Read([]byte) (int, error) {
	b.m.strike()
	return 0, io.EOF
}

// Close does nothing.
func (body) Close() error { return nil }

// client keeps the status of the answer.
type client struct{ status int }

// Inform does nothing.
func (*client) Inform(int, *message.Header) error { return nil }

// Respond reads the answer to its end.
func (w *client) Respond(r *message.Response) (message.Sent, error) {
	w.status = r.Status
	if r.Body.Consumed() {
		return message.Sent{HeadSent: true}, nil
	}
	source, err := r.Body.Reader()
	if err != nil {
		return message.Sent{HeadSent: true}, err
	}
	n, err := io.Copy(io.Discard, source)
	return message.Sent{HeadSent: true, Bytes: n}, err
}

// verdict is what came of a panic.
type verdict struct{ dead, wrong, silent, stuck bool }

func (v verdict) bad() bool { return v != verdict{} }

// strikeAt sends a request before, one into the panic, and one after it.
func strikeAt(m *mine, p place, handler message.Handler) verdict {
	var v verdict
	send := func() (status int) {
		defer func() {
			if recover() != nil {
				v.dead = true
			}
		}()
		w := &client{}
		handler.Serve(m.request(p), w)
		return w.status
	}
	quiet := send()
	m.armed.Store(true)
	struck := send()
	m.armed.Store(false)
	next := send()
	v.wrong = struck != 500 && !p.answered
	v.silent = !p.caught && (!strings.Contains(m.log.String(), errStruck) || !strings.Contains(m.log.String(), "goroutine"))
	v.stuck = next != quiet || m.services.Concurrency.Inside("one") != 0
	return v
}

// TestR35_PanicInEveryPolicy lets each policy panic, in each section where it
// can stand, before and after its own work.
func TestR35_PanicInEveryPolicy(t *testing.T) {
	struck, dead, wrong, silent, stuck := 0, 0, 0, 0, 0
	covered := map[string]bool{}
	for _, p := range places() {
		m := newMine(t, p)
		if m == nil {
			continue
		}
		struck++
		name, _, _ := strings.Cut(p.name, " ")
		covered[name] = true
		v := strikeAt(m, p, m.server)
		if v.bad() {
			t.Errorf("%s: %+v", p.name, v)
		}
		for count, is := range map[*int]bool{&dead: v.dead, &wrong: v.wrong, &silent: v.silent, &stuck: v.stuck} {
			if is {
				*count++
			}
		}
	}
	for _, spec := range policies.All().All() {
		if spec.Name != "base" && !covered[spec.Name] {
			t.Errorf("%s was not made to panic", spec.Name)
		}
	}
	if struck < minPanics {
		t.Errorf("%d panics were injected, want at least %d", struck, minPanics)
	}
	fmt.Printf("R35: %d panics, %d processes dead, %d answers not 500, %d without stack in the log, %d next requests not as before (at least %d, 0, 0, 0, 0)\n",
		struck, dead, wrong, silent, stuck, minPanics)
}

// TestR35_PanicInEveryPolicy_NegativeControl runs the pipeline without what
// contains panics.
func TestR35_PanicInEveryPolicy_NegativeControl(t *testing.T) {
	p := insidePolicy("choose", `<choose><when condition="true"><inject /></when></choose>`)
	m := newMine(t, p)
	v := strikeAt(m, p, bare{m})
	if !v.dead || !v.wrong || !v.silent {
		t.Errorf("a gateway that does not contain panics passed: %+v", v)
	}
}

// bare is a handler that contains nothing.
type bare struct{ m *mine }

// Serve panics while the mine is armed.
func (b bare) Serve(_ *message.Request, w message.Responder) {
	b.m.strike()
	_, _ = w.Respond(&message.Response{Status: 200})
}
