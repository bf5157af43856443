package installation

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/rest"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// measured is a management plane that is measured.
type measured struct {
	*Installation
	api http.Handler
	// handed is when the gateway had the last change.
	handed time.Time
}

// everybody is a guard that knows one caller, who may do everything, so that
// what is measured is the API and the store.
type everybody struct{}

func (everybody) Authenticate(context.Context, string) (rest.Principal, error) {
	return rest.Principal{ID: "bench", Name: "bench"}, nil
}

func (everybody) Allow(context.Context, rest.Principal, access.Permission, string) (bool, error) {
	return true, nil
}

func openMeasured(b *testing.B, store string) *measured {
	b.Helper()
	compiler, err := expr.NewCompiler()
	if err != nil {
		b.Fatal(err)
	}
	m := &measured{}
	m.Installation, err = Open(b.Context(), Options{
		Data: b.TempDir(), Store: store, Clock: clock.System(), Log: slog.New(slog.DiscardHandler),
		Names:    Names{Subscription: subscription, ResourceGroup: "rg1", Service: "apimService1", Location: "westus"},
		Settings: &snapshot.Settings{Policies: policies.WithUnserved(), Expressions: compiler, MixedText: true},
		Use:      func(*snapshot.Snapshot) { m.handed = time.Now() },
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := m.Close(); err != nil {
			b.Error(err)
		}
	})
	if _, err := m.First(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	m.api = rest.New(rest.Options{Plane: m.Plane, Guard: everybody{}, Log: slog.New(slog.DiscardHandler), Limits: &rest.Limits{}})
	return m
}

func (m *measured) do(b *testing.B, method, path, body string) {
	b.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	target := string(m.Names.ID()) + "/" + path + separator + "api-version=2024-05-01"
	r := httptest.NewRequestWithContext(b.Context(), method, target, strings.NewReader(body))
	w := httptest.NewRecorder()
	m.api.ServeHTTP(w, r)
	if w.Code >= http.StatusBadRequest {
		b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

func (m *measured) apply(b *testing.B, resources []model.Resource) {
	b.Helper()
	if _, err := apply.Apply(b.Context(), m.Plane, System("bench"), resources, apply.Options{Service: m.Names.ID()}); err != nil {
		b.Fatal(err)
	}
}

// thousand is a configuration of 1,000 APIs of ten operations, each with a
// policy.
func thousand() []model.Resource {
	var resources []model.Resource
	for i := range 1000 {
		api := &model.API{ID: model.NewID("apis", fmt.Sprintf("api%d", i)), DisplayName: "API", Path: fmt.Sprintf("api/%d", i),
			ServiceURL: "https://origin.example", Protocols: []model.Protocol{model.ProtocolHTTPS}}
		resources = append(resources, api, &model.Policy{ID: model.PolicyID(api.ID), Format: model.PolicyRawXML,
			Value: `<policies><inbound><base /><set-header name="X-API" exists-action="override"><value>@(context.Api.Name)</value></set-header></inbound></policies>`})
		for o := range 10 {
			resources = append(resources, &model.Operation{ID: api.ID.Child("operations", fmt.Sprintf("get%d", o)), DisplayName: "Get",
				Method: "GET", URLTemplate: fmt.Sprintf("/things%d/{id}", o), TemplateParameters: []model.Parameter{{Name: "id", Type: "string", Required: true}}})
		}
	}
	return resources
}

// stores are the stores that are measured, by name.
func stores(b *testing.B) map[string]string {
	b.Helper()
	return map[string]string{"sqlite": "", "postgres": postgrestest.Database(b)}
}

// BenchmarkManagement measures the management API over each store.
func BenchmarkManagement(b *testing.B) {
	for name, url := range stores(b) {
		b.Run(name, func(b *testing.B) {
			m := openMeasured(b, url)
			b.Run("put", func(b *testing.B) {
				for b.Loop() {
					m.do(b, http.MethodPut, "tags/t", `{"properties":{"displayName":"t"}}`)
				}
			})
			b.Run("get", func(b *testing.B) {
				for b.Loop() {
					m.do(b, http.MethodGet, "tags/t", "")
				}
			})
			resources := thousand()
			b.Run("apply 1000 APIs", func(b *testing.B) {
				begin := time.Now()
				m.apply(b, resources)
				took := time.Since(begin)
				for b.Loop() {
					continue // A folder can be applied once only.
				}
				b.ReportMetric(took.Seconds(), "s/folder")
			})
			b.Run("list 1000 APIs", func(b *testing.B) {
				for b.Loop() {
					m.do(b, http.MethodGet, "apis?$top=1000", "")
				}
			})
			b.Run("put at 1000 APIs", func(b *testing.B) {
				var effect time.Duration
				n := 0
				for b.Loop() {
					n++
					begin := time.Now()
					m.do(b, http.MethodPut, "namedValues/v", fmt.Sprintf(`{"properties":{"displayName":"v","value":"%d"}}`, n))
					effect += m.handed.Sub(begin)
				}
				b.ReportMetric(float64(effect.Microseconds())/1000/float64(n), "ms-to-effect")
			})
			subscriptions(b, m)
		})
	}
}

// subscriptions measures reading where there are 100,000 subscriptions.
func subscriptions(b *testing.B, m *measured) {
	b.Helper()
	const many = 100_000
	made := make([]model.Resource, many)
	for i := range made {
		made[i] = &model.Subscription{ID: model.NewID("subscriptions", fmt.Sprintf("s%d", i)), DisplayName: fmt.Sprint(i), Scope: "/apis",
			State: model.SubscriptionActive, PrimaryKey: fmt.Sprintf("primary-%d", i), SecondaryKey: fmt.Sprintf("secondary-%d", i)}
	}
	before := heap()
	m.apply(b, made)
	b.Logf("heap for %d subscriptions: %.0f MiB", many, float64(heap()-before)/(1<<20))
	b.Run("get of 100000 subscriptions", func(b *testing.B) {
		for b.Loop() {
			m.do(b, http.MethodGet, "subscriptions/s54321", "")
		}
	})
	b.Run("page of 100000 subscriptions", func(b *testing.B) {
		for b.Loop() {
			m.do(b, http.MethodGet, "subscriptions", "")
		}
	})
	b.Run("key at 100000 subscriptions", func(b *testing.B) {
		for b.Loop() {
			m.do(b, http.MethodPost, "subscriptions/s1/regeneratePrimaryKey", "")
		}
	})
}

func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
