package bench

import (
	"log/slog"
	"net"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/clock"
	countermemory "github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/gateway/serve"
	"github.com/sallyport/sallyport/internal/gateway/upstream"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// typicalPolicy is what most APIs have.
const typicalPolicy = `<policies>
  <inbound>
    <base />
    <rate-limit calls="1000000" renewal-period="60" />
    <set-header name="X-Gateway" exists-action="override"><value>sallyport</value></set-header>
  </inbound>
  <backend><base /></backend>
  <outbound><base /></outbound>
  <on-error><base /></on-error>
</policies>`

// gatewayRole makes a gateway with one API.
func gatewayRole(role, backend string) (func(net.Listener) error, error) {
	server, err := newServer(resources(role, backend))
	if err != nil {
		return nil, err
	}
	return listen.New(listen.Options{Handler: server, Log: slog.New(slog.DiscardHandler)}).Serve, nil
}

// resources is the configuration of a role.
func resources(role, backend string) []model.Resource {
	required := role == roleTypical
	list := []model.Resource{
		&model.API{ID: "apis/bench", DisplayName: "Bench", Path: "api", ServiceURL: "http://" + backend,
			Protocols: []model.Protocol{model.ProtocolHTTP}, SubscriptionRequired: &required},
		&model.Operation{ID: "apis/bench/operations/get", DisplayName: "Get", Method: "GET", URLTemplate: "/thing"},
		&model.Subscription{ID: "subscriptions/bench", DisplayName: "Bench", Scope: "/apis", State: model.SubscriptionActive, PrimaryKey: key},
	}
	if required {
		list = append(list, &model.Policy{ID: "apis/bench/policies/policy", Format: model.PolicyRawXML, Value: typicalPolicy})
	}
	return list
}

// newServer makes a serving gateway of a configuration.
func newServer(list []model.Resource) (*serve.Server, error) {
	c := clock.System()
	log := slog.New(slog.DiscardHandler)
	metrics, err := telemetry.NewMetrics(c)
	if err != nil {
		return nil, err
	}
	manager := upstream.New(upstream.Options{Clock: c, Log: log, Metrics: metrics})
	services := &policy.Services{
		Counters: countermemory.New(countermemory.Options{Clock: c}), Responses: cache.None[*cache.Response]{}, Values: cache.None[cache.Value]{},
		Clock: c, Log: log, Concurrency: policy.NewConcurrency(), Forwarder: manager, Fetcher: manager.Fetcher(),
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		return nil, err
	}
	settings := &snapshot.Settings{Policies: policies.All(), Expressions: compiler, Services: services}
	snap, problems := snapshot.Compile(&snapshot.Document{Revision: 1, Resources: list}, settings)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	server := serve.New(serve.Options{Services: services, Recorder: telemetry.NewRecorder(metrics, nil), Metrics: metrics, Log: log})
	server.Use(snap)
	return server, nil
}
