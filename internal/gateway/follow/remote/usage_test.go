package remote

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// TestDeliverUsage sends a parcel to nodes that answer this or that.
func TestDeliverUsage(t *testing.T) {
	tests := []struct {
		name         string
		status       int
		ok, refused  bool
		disconnected bool
	}{
		{"taken", http.StatusNoContent, true, false, false},
		{"malformed", http.StatusBadRequest, false, true, false},
		{"too large", http.StatusRequestEntityTooLarge, false, true, false},
		{"busy", http.StatusServiceUnavailable, false, false, false},
		{"an expired token", http.StatusUnauthorized, false, false, false},
		{"a node of an earlier release", http.StatusNotFound, false, false, false},
		{"no feed", http.StatusNoContent, false, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan string, 1)
			node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body) // What is missing shows below.
				got <- r.Method + " " + r.URL.Path + " " + r.Header.Get(feed.HeaderInstance) + " " + string(body)
				w.WriteHeader(tt.status)
			}))
			defer node.Close()
			c, err := New(Options{
				URLs: []string{node.URL}, Token: func() (string, error) { return "g&202601012200&x", nil }, Instance: "instance-1",
				Random: func() float64 { return 0 }, Clock: clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Log: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.http.CloseIdleConnections()
			if !tt.disconnected {
				c.state.connected = node.URL
			}
			err = c.DeliverUsage(context.Background(), []byte("parcel"))
			if (err == nil) != tt.ok || errors.Is(err, usage.ErrRefused) != tt.refused {
				t.Errorf("the error is %v", err)
			}
			if tt.disconnected {
				return
			}
			if sent := <-got; sent != "POST "+feed.UsagePath+" instance-1 parcel" {
				t.Errorf("sent %q", sent)
			}
		})
	}
}
