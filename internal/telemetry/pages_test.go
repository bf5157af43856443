package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/telemetry"
)

func TestPagesAreCountedByRouteAndStatus(t *testing.T) {
	m, err := telemetry.NewMetrics(clock.NewFake(time.Unix(0, 0)))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := m.Pages()
	if err != nil {
		t.Fatal(err)
	}
	pages.Served("GET /apis/{api}", 200, 3*time.Millisecond, time.Millisecond)
	pages.Served("GET /apis/{api}", 404, time.Millisecond, 0)
	pages.Served("", 404, time.Millisecond, 0)
	var none *telemetry.Pages
	none.Served("GET /", 200, 0, 0)
	w := httptest.NewRecorder()
	telemetry.Admin(m, telemetry.NewHealth()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`sallyport_portal_requests_total{route="GET /apis/{api}",status="2xx"} 1`,
		`sallyport_portal_requests_total{route="GET /apis/{api}",status="4xx"} 1`,
		`sallyport_portal_requests_total{route="none",status="4xx"} 1`,
		`sallyport_portal_request_duration_seconds_count{route="GET /apis/{api}"} 2`,
		`sallyport_portal_render_duration_seconds_count 1`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if _, err := m.Pages(); err == nil {
		t.Error("a second portal was counted in the same process")
	}
}
