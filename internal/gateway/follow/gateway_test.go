package follow_test

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	cachememory "github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/clock"
	countermemory "github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/gateway/follow"
	"github.com/sallyport/sallyport/internal/gateway/serve"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/disk"
)

// now is when the tests take place.
var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// gateway is a follower with a server, which answers without a network.
type gateway struct {
	follower *follow.Follower
	server   *serve.Server
	settings *snapshot.Settings
	log      *logLines
	revision uint64
}

// newGateway makes a gateway that has no configuration yet.
func newGateway(t *testing.T, store *disk.Store) *gateway {
	t.Helper()
	fake := clock.NewFake(now)
	responses, err := cachememory.New[*cache.Response](cachememory.Options{Clock: fake})
	if err != nil {
		t.Fatal(err)
	}
	values, err := cachememory.New[cache.Value](cachememory.Options{Clock: fake})
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{log: &logLines{}}
	log := slog.New(slog.NewTextHandler(g.log, nil))
	services := &policy.Services{
		Counters: countermemory.New(countermemory.Options{Clock: fake}), Responses: responses, Values: values,
		Clock: fake, Log: log, Concurrency: policy.NewConcurrency(), Forwarder: okBackend{},
	}
	g.settings = &snapshot.Settings{Policies: policies.All(), Expressions: compiler, Services: services}
	g.server = serve.New(serve.Options{Services: services, Log: log})
	g.follower = follow.New(follow.Options{Settings: g.settings, Use: g.server.Use, Store: store, Log: log, Clock: fake})
	return g
}

// close ends the follower.
func (g *gateway) close(t *testing.T) {
	t.Helper()
	if err := g.follower.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// document makes the next document of these resources.
func (g *gateway) document(resources []model.Resource) *snapshot.Document {
	g.revision++
	return &snapshot.Document{Revision: g.revision, Resources: resources}
}

// get sends a request with a key and returns the status of the answer.
func (g *gateway) get(path, key string) int {
	r := &message.Request{Method: "GET", Protocol: message.HTTP11, Context: context.Background(), Client: netip.MustParseAddrPort("192.0.2.1:1"),
		URL: message.URL{Scheme: "https", Host: "gateway.example", Path: path}}
	if key != "" {
		r.Header.Set(message.SubscriptionKey, key)
	}
	w := &answer{}
	g.server.Serve(r, w)
	return w.status
}

// okBackend answers every request with 200.
type okBackend struct{}

// Forward answers the call.
func (okBackend) Forward(c *policy.Call, _ *policy.ForwardOptions) error {
	return c.Answer(200, "text/plain", []byte("ok"))
}

// answer keeps the status of an answer.
type answer struct{ status int }

// Inform does nothing.
func (*answer) Inform(int, *message.Header) error { return nil }

// Respond reads the answer to its end.
func (a *answer) Respond(r *message.Response) (message.Sent, error) {
	a.status = r.Status
	reader, err := r.Body.Reader()
	if err != nil {
		return message.Sent{}, err
	}
	n, err := io.Copy(io.Discard, reader)
	if err != nil {
		return message.Sent{HeadSent: true}, err
	}
	return message.Sent{HeadSent: true, Bytes: n}, r.Body.Close()
}

// logLines is a log that can be read.
type logLines struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write adds a line.
func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// has reports whether a line has been logged that contains a text.
func (l *logLines) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

// good is a configuration of every kind that a gateway reads.
func good() []model.Resource {
	begin := now.Add(-time.Hour)
	return []model.Resource{
		&model.Policy{ID: "policies/policy", Value: `<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>`},
		&model.NamedValue{ID: "namedValues/colour", DisplayName: "Colour", Value: "blue", Tags: []string{"tint"}},
		&model.PolicyFragment{ID: "policyFragments/common", Value: `<fragment><set-header name="X-Common"><value>1</value></set-header></fragment>`},
		&model.Backend{ID: "backends/orders", URL: "https://orders.example/base", Protocol: model.BackendHTTP,
			Credentials: &model.BackendCredentials{Header: map[string][]string{"x-key": {"secret"}}, Authorization: &model.BackendAuthorization{Scheme: "Basic", Parameter: "eDp5"}},
			TLS:         &model.BackendTLS{ValidateCertificateChain: new(true)},
			CircuitBreaker: &model.CircuitBreaker{Rules: []model.CircuitBreakerRule{{Name: "r", TripDuration: "PT1M",
				FailureCondition: &model.FailureCondition{Count: new(int64(3)), Interval: "PT1M", StatusCodeRanges: []model.StatusCodeRange{{Min: 500, Max: 599}}}}}}},
		&model.Backend{ID: "backends/pool", Type: model.BackendOfBackends, Pool: &model.BackendPool{
			Services:        []model.BackendPoolItem{{ID: "/backends/orders", Priority: new(1), Weight: new(2)}},
			SessionAffinity: &model.SessionAffinity{SessionID: &model.SessionID{Source: "cookie", Name: "s"}}}},
		&model.VersionSet{ID: "apiVersionSets/v", DisplayName: "V", VersioningScheme: model.VersionInHeader, VersionHeaderName: "Api-Version"},
		&model.API{ID: "apis/shop", DisplayName: "Shop", Path: "shop", ServiceURL: "https://shop.example", Protocols: []model.Protocol{"https"},
			SubscriptionKeyParameterNames: &model.SubscriptionKeyParameterNames{Header: "Ocp-Apim-Subscription-Key", Query: "subscription-key"}},
		&model.API{ID: "apis/shop;rev=2", DisplayName: "Shop", Path: "shop", APIRevision: "2", ServiceURL: "https://two.example"},
		&model.API{ID: "apis/versioned", DisplayName: "Versioned", Path: "v", APIVersion: "v1", APIVersionSetID: "/apiVersionSets/v", ServiceURL: "https://v.example"},
		&model.Policy{ID: "apis/shop/policies/policy", Value: `<policies><inbound><base /><set-header name="X-Colour"><value>{{colour}}</value></set-header></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`},
		&model.Operation{ID: "apis/shop/operations/get", DisplayName: "Get", Method: "GET", URLTemplate: "/items/{id}",
			TemplateParameters: []model.Parameter{{Name: "id", Type: "string", Required: true}},
			Request:            &model.Request{Headers: []model.Parameter{{Name: "x", Type: "string"}}},
			Responses:          []model.Response{{StatusCode: 200, Representations: []model.Representation{{ContentType: "application/json", SchemaID: "types", TypeName: "Item"}}}}},
		&model.Policy{ID: "apis/shop/operations/get/policies/policy", Value: `<policies><inbound><base /><include-fragment fragment-id="common" /></inbound></policies>`},
		&model.Operation{ID: "apis/versioned/operations/get", DisplayName: "Get", Method: "GET", URLTemplate: "/*"},
		&model.Schema{ID: "apis/shop/schemas/types", ContentType: model.SchemaOpenAPI, Document: model.SchemaDocument{Components: []byte(`{"schemas":{"Item":{}}}`)}},
		&model.Product{ID: "products/starter", DisplayName: "Starter", State: model.ProductPublished, SubscriptionsLimit: new(5)},
		&model.Policy{ID: "products/starter/policies/policy", Value: `<policies><inbound><base /><rate-limit calls="100000" renewal-period="60" /></inbound></policies>`},
		&model.Link{ID: "products/starter/apis/shop"},
		&model.Link{ID: "products/starter/groups/developers"},
		&model.Group{ID: "groups/testers", DisplayName: "Testers"},
		&model.User{ID: "users/ann", Email: "ann@example.com", FirstName: "Ann", LastName: "A", State: model.UserActive, RegistrationDate: &begin},
		&model.Link{ID: "groups/testers/users/ann"},
		&model.Subscription{ID: "subscriptions/one", DisplayName: "One", Scope: "/products/starter", OwnerID: "/users/ann",
			State: model.SubscriptionActive, PrimaryKey: "key-one", SecondaryKey: "key-one-b", StartDate: &begin},
		&model.Subscription{ID: "subscriptions/two", DisplayName: "Two", Scope: "/apis", State: model.SubscriptionActive, PrimaryKey: "key-two"},
		&model.Tag{ID: "tags/red", DisplayName: "red"},
		&model.Link{ID: "apis/shop/tags/red"},
		&model.Workspace{ID: "workspaces/w", DisplayName: "Team"},
		&model.API{ID: "workspaces/w/apis/team", DisplayName: "Team", Path: "team", ServiceURL: "https://team.example"},
		&model.Operation{ID: "workspaces/w/apis/team/operations/get", DisplayName: "Get", Method: "GET", URLTemplate: "/"},
		&model.Policy{ID: "workspaces/w/policies/policy", Value: `<policies><inbound><base /></inbound></policies>`},
		&model.Logger{ID: "loggers/l", LoggerType: "azureMonitor"},
		&model.Diagnostic{ID: "diagnostics/azuremonitor", LoggerID: "/loggers/l"},
		&model.Gateway{ID: "gateways/edge", Description: "edge"},
		&model.Link{ID: "gateways/edge/apis/shop"},
		&model.Release{ID: "apis/shop/releases/r", APIID: "/apis/shop"},
	}
}
