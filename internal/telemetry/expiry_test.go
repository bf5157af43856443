package telemetry

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

func TestExpiries(t *testing.T) {
	const day = 24 * time.Hour
	c := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	m, err := NewMetrics(c)
	if err != nil {
		t.Fatal(err)
	}
	h := NewHealth()
	var log bytes.Buffer
	e, err := WatchExpiries(ExpiryOptions{Metrics: m, Health: h, Log: slog.New(slog.NewTextHandler(&log, nil)), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	end := c.Now().Add(40 * day)
	list := []Expiry{{"api.example", end}, {"far.example", end.Add(1000 * day)}, {"api.example", end}}
	e.Watch("host", list)
	said := func() string { // What is logged is logged under the mutex.
		e.mu.Lock()
		defer e.mu.Unlock()
		return log.String()
	}
	lines := func() int { return strings.Count(said(), "\n") }
	steps := []struct {
		name    string
		forward time.Duration
		lines   int
	}{
		{"40 days before", 0, 0}, {"31 days before", 9 * day, 0}, {"30 days before", day, 1}, {"again", time.Hour, 1},
		{"6 days before", 24 * day, 2}, {"again", day, 2}, {"one hour before", 5*day - 2*time.Hour, 3}, {"expired", 2 * time.Hour, 4}, {"again", day, 4},
	}
	for _, step := range steps {
		c.Advance(step.forward)
		e.Watch("host", list)
		if lines() != step.lines {
			t.Errorf("%s: %d lines in the log, want %d:\n%s", step.name, lines(), step.lines, said())
		}
	}
	if !strings.Contains(said(), "level=ERROR msg=\"a certificate has expired: renew it\" use=host name=api.example") {
		t.Error(said())
	}
	report := h.Report()
	if !report.Ready || report.Checks[0].OK || !strings.Contains(report.Checks[0].Reason, "host api.example") {
		t.Errorf("%+v", report)
	}
	w := httptest.NewRecorder()
	Admin(m, h).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for _, want := range []string{`sallyport_certificate_days_left{name="api.example",use="host"} -1`, `sallyport_certificate_expires_timestamp{name="far.example",use="host"}`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
	e.Watch("host", []Expiry{{"api.example", end.Add(100 * day)}})
	if err := e.expired(); err != nil {
		t.Error(err)
	}
	files := []Expiry{{"files", c.Now().Add(-time.Hour)}}
	e.WatchFunc("listener", func() []Expiry { return files })
	if err := e.expired(); err == nil || lines() != 5 {
		t.Errorf("an expired file: %v, %s", err, said())
	}
	files[0].NotAfter = c.Now().Add(100 * day)
	if err := e.expired(); err != nil {
		t.Errorf("a file that was replaced: %v", err)
	}
	if lines() != 5 {
		t.Errorf("a renewed certificate is warned of: %s", said())
	}
}
