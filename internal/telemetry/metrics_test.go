package telemetry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/telemetry"
)

func newMetrics(tb testing.TB) *telemetry.Metrics {
	tb.Helper()
	m, err := telemetry.NewMetrics(clock.NewFake(time.Unix(1000, 0)))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// get asks the admin handler.
func get(t *testing.T, h http.Handler, path string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	b, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(b)
}

// scrape returns the samples of sallyport's own metrics whose names begin with
// a prefix, without buckets.
func scrape(t *testing.T, m *telemetry.Metrics, prefix string) []string {
	t.Helper()
	status, body := get(t, telemetry.Admin(m, telemetry.NewHealth()), "/metrics")
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, body)
	}
	var out []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, prefix) && !strings.Contains(line, "_bucket{") {
			out = append(out, strings.TrimSuffix(line, "\n"))
		}
	}
	return out
}

func TestMetricsOfRequests(t *testing.T) {
	m := newMetrics(t)
	r := telemetry.NewRecorder(m, nil)
	get, put := m.Operation("echo", "get"), m.Operation("echo", "put")
	for range 4 {
		r.Started()
	}
	r.Finished(&telemetry.Record{Operation: get, Status: 200, Duration: time.Second, BackendDuration: time.Second, BytesOut: 5})
	r.Finished(&telemetry.Record{Operation: m.Operation("echo", "get"), Status: 204, Duration: time.Second})
	r.Finished(&telemetry.Record{
		Operation: put, Status: 429, BytesIn: 7, ErrorSource: "rate-limit", ErrorReason: "RateLimitExceeded",
	})
	r.Started()
	r.Finished(&telemetry.Record{Status: 404})
	want := []string{
		`sallyport_request_bytes_total{api="echo",direction="in"} 7`,
		`sallyport_request_bytes_total{api="echo",direction="out"} 5`,
		`sallyport_request_bytes_total{api="none",direction="in"} 0`,
		`sallyport_request_bytes_total{api="none",direction="out"} 0`,
		`sallyport_request_duration_seconds_sum{api="echo"} 2`,
		`sallyport_request_duration_seconds_count{api="echo"} 3`,
		`sallyport_request_duration_seconds_sum{api="none"} 0`,
		`sallyport_request_duration_seconds_count{api="none"} 1`,
		`sallyport_request_errors_total{reason="RateLimitExceeded",source="rate-limit"} 1`,
		`sallyport_requests_in_flight 1`,
		`sallyport_requests_total{api="echo",operation="get",status="2xx"} 2`,
		`sallyport_requests_total{api="echo",operation="put",status="4xx"} 1`,
		`sallyport_requests_total{api="none",operation="none",status="4xx"} 1`,
	}
	if d := cmp.Diff(want, scrape(t, m, "sallyport_request")); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
	want = []string{`sallyport_gateway_duration_seconds_sum 1`, `sallyport_gateway_duration_seconds_count 4`}
	if d := cmp.Diff(want, scrape(t, m, "sallyport_gateway")); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
}

func TestMetricsAreBounded(t *testing.T) {
	m := newMetrics(t)
	r := telemetry.NewRecorder(m, nil)
	for api := range 2 * telemetry.MaxAPILabels {
		for op := range 10 {
			o := m.Operation(fmt.Sprint("api-", api), fmt.Sprint("op-", op))
			r.Finished(&telemetry.Record{Operation: o, Status: 200, ErrorSource: fmt.Sprint(api), ErrorReason: fmt.Sprint(op)})
		}
	}
	r.Finished(&telemetry.Record{Operation: m.Operation("\xff"+strings.Repeat("x", 1000), "\xff"), Status: 99})
	samples := scrape(t, m, "sallyport_requests_total")
	if most := telemetry.MaxOperationLabels + telemetry.MaxAPILabels + 1; len(samples) > most {
		t.Errorf("%d samples, at most %d", len(samples), most)
	}
	total, others := 0.0, 0
	for _, s := range samples {
		var n float64
		if _, err := fmt.Sscan(s[strings.LastIndexByte(s, ' ')+1:], &n); err != nil {
			t.Fatal(err)
		}
		total += n
		if strings.Contains(s, `operation="other"`) {
			others++
		}
	}
	if want := float64(2*telemetry.MaxAPILabels*10 + 1); total != want || others == 0 {
		t.Errorf("%.0f requests in all, %d samples of others, want %.0f and some", total, others, want)
	}
	if n := len(scrape(t, m, "sallyport_request_duration_seconds_count")); n != telemetry.MaxAPILabels+1 {
		t.Errorf("durations of %d APIs, want %d and the others", n, telemetry.MaxAPILabels)
	}
	if n := len(scrape(t, m, "sallyport_request_errors_total")); n != 301 {
		t.Errorf("%d errors by name, want 300 and the others", n)
	}
}

func TestMetricsOfBackends(t *testing.T) {
	m := newMetrics(t)
	b := m.Backend("echo")
	b.Answered(200, time.Second)
	m.Backend("echo").Answered(503, time.Second)
	b.Failed("Timeout", time.Second)
	b.SetBreaker(true)
	b.SetBreaker(false)
	b.SetBreaker(true)
	want := []string{
		`sallyport_backend_breaker_open{backend="echo"} 1`,
		`sallyport_backend_breaker_trips_total{backend="echo"} 2`,
		`sallyport_backend_duration_seconds_sum{backend="echo"} 3`,
		`sallyport_backend_duration_seconds_count{backend="echo"} 3`,
		`sallyport_backend_errors_total{backend="echo",reason="Timeout"} 1`,
		`sallyport_backend_responses_total{backend="echo",status="2xx"} 1`,
		`sallyport_backend_responses_total{backend="echo",status="5xx"} 1`,
	}
	if d := cmp.Diff(want, scrape(t, m, "sallyport_backend")); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
}

func TestMetricsOfSnapshots(t *testing.T) {
	c := clock.NewFake(time.Unix(1000, 0))
	m, err := telemetry.NewMetrics(c)
	if err != nil {
		t.Fatal(err)
	}
	want := func(revision, age, refused, applications, failures int) {
		t.Helper()
		got := scrape(t, m, "sallyport_snapshot")
		want := []string{
			fmt.Sprint("sallyport_snapshot_age_seconds ", age),
			fmt.Sprint("sallyport_snapshot_applications_total ", applications),
			fmt.Sprint("sallyport_snapshot_compile_failures_total ", failures),
			fmt.Sprint("sallyport_snapshot_compile_seconds ", float64(applications)*0.25),
			fmt.Sprint("sallyport_snapshot_operations ", 10*revision),
			fmt.Sprint("sallyport_snapshot_refused ", refused),
			fmt.Sprint("sallyport_snapshot_revision ", revision),
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("metrics (-want +got):\n%s", d)
		}
	}
	want(0, 0, 0, 0, 0)
	m.SnapshotApplied(7, 70, 250*time.Millisecond)
	c.Advance(time.Minute)
	m.SnapshotRefused()
	want(7, 60, 1, 1, 1)
	m.SnapshotApplied(8, 80, 500*time.Millisecond)
	want(8, 0, 0, 2, 1)
}

func TestMetricsOfOthers(t *testing.T) {
	m := newMetrics(t)
	stats := func() telemetry.QueueStats {
		return telemetry.QueueStats{Offered: 6, Delivered: 1, Dropped: 2, Pending: 3}
	}
	if err := errors.Join(m.WatchQueue("log", stats), m.WatchQueue("access-log", stats)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`sallyport_queue_delivered_total{queue="access-log"} 1`,
		`sallyport_queue_delivered_total{queue="log"} 1`,
		`sallyport_queue_dropped_total{queue="access-log"} 2`,
		`sallyport_queue_dropped_total{queue="log"} 2`,
		`sallyport_queue_pending{queue="access-log"} 3`,
		`sallyport_queue_pending{queue="log"} 3`,
	}
	if d := cmp.Diff(want, scrape(t, m, "sallyport_queue")); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
	if err := m.WatchQueue("log", stats); err == nil {
		t.Error("the same metric twice, and no error")
	}
	if len(scrape(t, m, "go_goroutines")) != 1 || len(scrape(t, m, "process_")) == 0 {
		t.Error("no metrics of the runtime and the process")
	}
}

func TestNilRecorderTakesNoNote(*testing.T) {
	var r *telemetry.Recorder
	r.Started()
	r.Finished(&telemetry.Record{})
	r = telemetry.NewRecorder(nil, nil)
	r.Started()
	r.Finished(&telemetry.Record{})
}

func TestHealth(t *testing.T) {
	wrong := errors.New("no snapshot is loaded")
	for _, tt := range []struct {
		name        string
		weight      telemetry.Weight
		err         error
		drain       bool
		live, ready bool
	}{
		{"well", telemetry.Liveness, nil, false, true, true},
		{"advice fails", telemetry.Advice, wrong, false, true, true},
		{"readiness fails", telemetry.Readiness, wrong, false, true, false},
		{"liveness fails", telemetry.Liveness, wrong, false, false, false},
		{"draining", telemetry.Advice, nil, true, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := telemetry.NewHealth()
			h.Add("c", tt.weight, func() error { return tt.err })
			if tt.drain {
				h.Drain()
			}
			want := telemetry.Report{
				Live: tt.live, Ready: tt.ready, Draining: tt.drain,
				Checks: []telemetry.CheckResult{{Name: "c", Weight: tt.weight.String(), OK: tt.err == nil}},
			}
			if tt.err != nil {
				want.Checks[0].Reason = tt.err.Error()
			}
			admin := telemetry.Admin(newMetrics(t), h)
			for path, ok := range map[string]bool{"/healthz": tt.live, "/readyz": tt.ready} {
				status, body := get(t, admin, path)
				if (status == http.StatusOK) != ok || !ok && status != http.StatusServiceUnavailable {
					t.Errorf("%s: status %d, want ok = %v", path, status, ok)
				}
				var got telemetry.Report
				if err := json.Unmarshal([]byte(body), &got); err != nil {
					t.Errorf("%s: %v: %s", path, err, body)
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s (-want +got):\n%s", path, d)
				}
			}
		})
	}
}

func TestFinishedAllocatesNothing(t *testing.T) {
	m := newMetrics(t)
	log := telemetry.NewAccessLog(io.Discard, telemetry.FormatJSON, telemetry.QueueOptions{Records: 16, Flush: -1})
	defer func() {
		if err := log.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	r := telemetry.NewRecorder(m, log)
	rec := fullRecord(m.Operation("echo", "get"))
	if got := testing.AllocsPerRun(1000, func() {
		r.Started()
		r.Finished(rec)
	}); got != 0 {
		t.Errorf("Finished allocates %v times, want 0", got)
	}
}

// BenchmarkRequest includes the encoding of the log line, on its goroutine.
func BenchmarkRequest(b *testing.B) {
	for _, tt := range []struct {
		name   string
		logged bool
	}{{"metrics", false}, {"metrics and log", true}} {
		b.Run(tt.name, func(b *testing.B) {
			m := newMetrics(b)
			var log *telemetry.AccessLog
			if tt.logged {
				log = telemetry.NewAccessLog(io.Discard, telemetry.FormatJSON, telemetry.QueueOptions{})
			}
			r := telemetry.NewRecorder(m, log)
			rec := fullRecord(m.Operation("echo", "get"))
			rec.ErrorSource, rec.ErrorReason = "", ""
			b.ReportAllocs()
			for b.Loop() {
				r.Started()
				r.Finished(rec)
			}
			if log != nil {
				if err := log.Close(b.Context()); err != nil {
					b.Error(err)
				}
				b.ReportMetric(float64(log.Stats().Dropped)/float64(log.Stats().Offered), "dropped/op")
			}
		})
	}
}
