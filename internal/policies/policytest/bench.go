package policytest

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	cachememory "github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/clock"
	countermemory "github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/problem"
)

// start is the time at which every golden file begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// bench is one set of documents with the services that they run with.
type bench struct {
	files    *archiveFiles
	setup    map[string]string
	chain    policy.Chain
	services *policy.Services
	clock    *clock.Fake
	backend  *fakeBackend
	waits    []string
	traced   strings.Builder
	lookUp   *directory
	// call is used for one exchange after the other, as the gateway does.
	call      policy.Call
	views     []*message.Arena // that texts of the exchange are in
	responses *watchedCache[*cache.Response]
	values    *watchedCache[cache.Value]
}

// scopeFiles are the files that hold documents.
var scopeFiles = map[string]policy.Scope{
	"operation.xml": policy.ScopeOperation, "api.xml": policy.ScopeAPI, "product.xml": policy.ScopeProduct,
	"workspace.xml": policy.ScopeWorkspace, "global.xml": policy.ScopeGlobal,
}

// newBench compiles the documents of a golden file.
func newBench(t *testing.T, files *archiveFiles, registry *policy.Registry) (*bench, problem.Problems) {
	t.Helper()
	b := &bench{files: files, clock: clock.NewFake(start), backend: &fakeBackend{}}
	text, _ := files.get("setup")
	b.setup = lines(text)
	b.lookUp = newDirectory(b)
	responses, err := cachememory.New[*cache.Response](cachememory.Options{Clock: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	values, err := cachememory.New[cache.Value](cachememory.Options{Clock: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	b.responses, b.values = watch(cache.Responses(responses)), watch(cache.Values(values))
	b.services = &policy.Services{
		Counters: countermemory.New(countermemory.Options{Clock: b.clock}), Responses: b.responses, Values: b.values,
		Clock: waitingClock{b.clock, &b.waits}, Log: slog.New(traceLog{&b.traced}), Concurrency: policy.NewConcurrency(),
		Forwarder: b.backend, Random: func() float64 { return 0.5 },
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	env := &policy.Environment{
		Policies: registry, Expressions: compiler, Services: b.services,
		NamedValue: b.namedValues(), Fragment: b.fragments(), Exists: b.lookUp.exists,
	}
	problems := b.compile(env)
	return b, problems
}

// compile compiles every document of the file.
func (b *bench) compile(env *policy.Environment) problem.Problems {
	var problems problem.Problems
	documents := map[policy.Scope]string{}
	for name, scope := range scopeFiles {
		if text, ok := b.files.get(name); ok {
			documents[scope] = text
		}
	}
	if text, ok := b.files.get("policy.xml"); ok {
		scope := policy.ScopeAPI
		if name := b.setup["scope"]; name != "" {
			scope = scopeFiles[name+".xml"]
		}
		documents[scope] = text
	}
	for scope, text := range documents {
		doc, found := policy.Compile(env, policy.Source{Text: []byte(text), File: "policy.xml"}, scope)
		problems = append(problems, found...)
		b.chain.Set(scope, doc)
	}
	return problems
}

func (b *bench) namedValues() func(string) (string, bool) {
	text, _ := b.files.get("named-values")
	values := lines(text)
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

func (b *bench) fragments() func(string) (policy.Source, bool) {
	return func(id string) (policy.Source, bool) {
		text, ok := b.files.get("fragment " + id)
		return policy.Source{Text: []byte(text), File: "fragment " + id}, ok
	}
}

// exchange plays one request and records its results.
func (b *bench) exchange(t *testing.T, request, suffix string, results map[string]string) {
	t.Helper()
	if text, ok := b.files.get("advance" + suffix); ok {
		d, err := time.ParseDuration(strings.TrimSpace(text))
		if err != nil {
			t.Fatalf("advance%s: %v", suffix, err)
		}
		b.clock.Advance(d)
	}
	answer, _ := b.files.get("backend" + suffix)
	b.backend.answer, b.backend.forwarded = b.view(answer), ""
	c := b.newCall(t, b.view(request))
	b.showCertificate(t, c.Request, suffix)
	defer b.endExchange(t)
	var fault *policy.Fault
	if answered, err := b.preflight(c); err != nil {
		t.Fatal(err)
	} else if !answered {
		fault = c.Run()
	}
	if b.backend.forwarded != "" {
		results["forwarded"+suffix] = b.backend.forwarded
	}
	if len(b.waits) > 0 {
		results["waits"+suffix] = strings.Join(b.waits, " ") + "\n"
		b.waits = nil
	}
	if b.traced.Len() > 0 {
		results["trace"+suffix] = b.traced.String()
		b.traced.Reset()
	}
	response := formatResponse(t, c.Response)
	c.Release(message.Sent{HeadSent: true, Bytes: int64(len(response))})
	results["response"+suffix] = response
	if fault != nil {
		results["fault"+suffix] = fmt.Sprintf("%s %s\nmessage: %s\nscope: %s\nsection: %s\npath: %s\nid: %s\n",
			fault.Source, fault.Reason, fault.Message, fault.Scope, fault.Section, fault.Path, fault.PolicyID)
	}
}

// methodOptions is the method of preflight requests.
const methodOptions = "OPTIONS"

// preflight plays a CORS preflight request as the gateway does.
func (b *bench) preflight(c *policy.Call) (bool, error) {
	if c.Request.Method != methodOptions || !c.Request.Header.Has(message.AccessControlReqMethod) {
		return false, nil
	}
	return c.Preflight()
}

// newCall makes the call of a request.
func (b *bench) newCall(t *testing.T, text string) *policy.Call {
	t.Helper()
	c := &b.call
	c.Reset()
	c.Request, c.Response = parseRequest(t, text), &message.Response{}
	c.Original = c.Request.URL
	c.ID, c.Begin = b.view("87aeb87f-192c-424c-84d1-32d5bbfec437"), b.clock.Now()
	c.Chain, c.Services = b.chain, b.services
	c.API = &model.API{ID: "apis/echo", DisplayName: "Echo API", Path: "echo"}
	c.Directory = b.lookUp
	c.Operation = b.operation(t, c)
	b.access(c)
	c.Expr.Static = &host.Static{
		API:        &host.API{ID: "echo", Name: "Echo API", Path: "echo", Revision: "1", IsCurrentRevision: true},
		Operation:  &host.Operation{ID: "get", Name: "Get", Method: c.Request.Method, URLTemplate: c.Operation.URLTemplate},
		Deployment: &host.Deployment{Region: "local", ServiceName: "sallyport", GatewayID: "managed", InstanceID: "test"},
	}
	c.Expr.Now, c.Expr.Timestamp = b.clock.Now, c.Begin
	c.Request.URL.Scheme, c.Request.URL.Host, c.Request.URL.Port = "https", "backend.example", 0
	c.Request.URL.Path = strings.TrimPrefix(c.Request.URL.Path, "/echo")
	return c
}

// access gives the call the subscription and product that setup names.
func (b *bench) access(c *policy.Call) {
	if id := b.setup["product"]; id != "" {
		c.Product = &model.Product{ID: model.NewID("products", id), DisplayName: id}
		c.Expr.Product = &host.Product{ID: id, Name: id, SubscriptionRequired: true, Published: true}
	}
	if id := b.setup["subscription"]; id != "" {
		begin := start.Add(-24 * time.Hour)
		c.Subscription = &model.Subscription{ID: model.NewID("subscriptions", id), DisplayName: id, StartDate: &begin}
		c.Key = b.view("key-of-" + id)
		c.Expr.Subscription = &host.Subscription{ID: id, Name: id, Key: c.Key, Created: begin, Start: begin}
	}
	if id := b.setup["user"]; id != "" {
		c.User = &model.User{ID: model.NewID("users", id), Email: id + "@example.com", FirstName: id}
		c.Expr.User = &host.User{ID: id, Email: id + "@example.com", FirstName: id, Groups: []host.Group{{ID: "developers", Name: "Developers"}}}
	}
}

// lines reads "name: value" lines.
func lines(text string) map[string]string {
	m := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			m[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return m
}
