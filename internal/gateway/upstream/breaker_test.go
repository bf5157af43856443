package upstream

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// breaking is a backend whose breaker opens for a minute after so many failures
// in ten seconds.
func breaking(url string, count int64) *model.Backend {
	return &model.Backend{URL: url, CircuitBreaker: &model.CircuitBreaker{Rules: []model.CircuitBreakerRule{{
		TripDuration: "PT1M", AcceptRetryAfter: true,
		FailureCondition: &model.FailureCondition{Count: &count, Interval: "PT10S", StatusCodeRanges: []model.StatusCodeRange{{Min: 500, Max: 599}}},
	}}}}
}

// script runs a backend that answers with the status in the path, and with
// Retry-After where the query says so.
func script(t *testing.T) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		_, _ = fmt.Sscan(strings.TrimPrefix(r.URL.Path, "/"), &status)
		if q := r.URL.RawQuery; q != "" {
			w.Header().Set("Retry-After", q)
		}
		w.WriteHeader(status)
	}).URL
}

// ask asks a backend for a status, and returns what came of it with Retry-After.
func (g *rig) ask(t *testing.T, name, path string) string {
	t.Helper()
	c := g.to(t, name)
	path, query, _ := strings.Cut(path, "?")
	c.SetRelativePath("/" + path)
	c.Request.URL.Query = query
	_, err := g.forward(c, &policy.DefaultForward)
	var fault *policy.Fault
	if !errors.As(err, &fault) {
		return fmt.Sprint(c.Response.Status)
	}
	text := fmt.Sprint(fault.Status)
	for _, f := range fault.Header {
		if f.Is(message.RetryAfter) {
			text += " after " + f.Value
		}
	}
	return text
}

func TestCircuitBreaker(t *testing.T) {
	percentage := int64(50)
	tests := []struct {
		name   string
		change func(*model.CircuitBreakerRule)
		// steps are statuses to ask for, or times to let pass; want is what comes.
		steps, want string
	}{
		{"opens at the count", nil, "200 500 500 500 200", "200 500 500 500 503 after 60"},
		{"other failures do not count", nil, "404 404 404 404 200", "404 404 404 404 200"},
		{"requests flow again after the trip", nil, "500 500 500 200 30s 200 30s 200 500 200", "500 500 500 503 after 60 503 after 30 200 500 200"},
		{"counts anew after the trip", nil, "500 500 500 60s 500 500 200 500 200", "500 500 500 500 500 200 500 503 after 60"},
		{"an interval forgets", nil, "500 500 10s 500 500 200", "500 500 500 500 200"},
		{"Retry-After in seconds", nil, "500 500 500?7 200 7s 200", "500 500 500 503 after 7 200"},
		{"Retry-After is bounded", nil, "500 500 500?99999 200", "500 500 500 503 after 3600"},
		{"Retry-After that makes no sense", nil, "500 500 500?soon 200", "500 500 500 503 after 60"},
		{"Retry-After not accepted", func(r *model.CircuitBreakerRule) { r.AcceptRetryAfter = false }, "500 500 500?7 200", "500 500 500 503 after 60"},
		{"percentage", func(r *model.CircuitBreakerRule) {
			r.FailureCondition.Count, r.FailureCondition.Percentage = nil, &percentage
		}, "500 500 500 500 200 200 200 200 200 500 200", "500 500 500 500 200 200 200 200 200 500 503 after 60"},
		{"too few calls for a percentage", func(r *model.CircuitBreakerRule) {
			r.FailureCondition.Count, r.FailureCondition.Percentage = nil, &percentage
		}, "500 500 500 500 200", "500 500 500 500 200"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{})
			b := breaking(script(t), 3)
			if test.change != nil {
				test.change(&b.CircuitBreaker.Rules[0])
			}
			g.add("b", b)
			var got []string
			for step := range strings.FieldsSeq(test.steps) {
				if d, err := time.ParseDuration(step); err == nil {
					g.clock.Advance(d)
					continue
				}
				got = append(got, g.ask(t, "b", step))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCircuitBreakerErrorReasons(t *testing.T) {
	for reason, want := range map[string]string{policy.ReasonBackendConnectionFailure: "BackendUnavailable", policy.ReasonTimeout: policy.ReasonBackendConnectionFailure} {
		g := newRig(t, Options{})
		b := breaking("http://127.0.0.1:1", 1)
		b.CircuitBreaker.Rules[0].FailureCondition.ErrorReasons = []string{reason}
		g.add("b", b)
		_ = g.status(g.to(t, "b"))
		if got := g.status(g.to(t, "b")); got != want {
			t.Errorf("with the reason %s the second call came to %s, want %s", reason, got, want)
		}
	}
}

// gauge returns the value of the metric that says whether breakers are open.
func gauge(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	telemetry.Admin(m, telemetry.NewHealth()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "sallyport_backend_breaker_open{") {
			return strings.TrimSpace(line[strings.Index(line, "}")+1:])
		}
	}
	return ""
}

func TestBreakerGaugeGoesBack(t *testing.T) {
	g := newRig(t, Options{})
	metrics, err := telemetry.NewMetrics(g.clock)
	if err != nil {
		t.Fatal(err)
	}
	g.manager.metrics = metrics
	g.add("b", breaking(script(t), 1))
	var got []string
	g.ask(t, "b", "500")
	got = append(got, gauge(t, metrics))
	g.clock.Advance(time.Minute)
	got = append(got, gauge(t, metrics))
	g.ask(t, "b", "500")
	got = append(got, gauge(t, metrics))
	if diff := cmp.Diff([]string{"1", "0", "1"}, got); diff != "" {
		t.Errorf("the gauge (-want +got):\n%s", diff)
	}
}
