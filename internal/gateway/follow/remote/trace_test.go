package remote

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// TestDeliverTrace sends a trace to nodes that answer this or that.
func TestDeliverTrace(t *testing.T) {
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
		{"too fast", http.StatusTooManyRequests, false, false, false},
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
			c := newClient(t, node.URL)
			if !tt.disconnected {
				c.state.connected = node.URL
			}
			err := c.DeliverTrace(context.Background(), []byte("trace"))
			if (err == nil) != tt.ok || errors.Is(err, tracing.ErrRefused) != tt.refused {
				t.Errorf("the error is %v", err)
			}
			if tt.disconnected {
				return
			}
			if sent := <-got; sent != "POST "+feed.TracePath+" instance-1 trace" {
				t.Errorf("sent %q", sent)
			}
		})
	}
}

func newClient(t *testing.T, url string) *Client {
	t.Helper()
	c, err := New(Options{
		URLs: []string{url}, Token: func() (string, error) { return "g&202601012200&x", nil }, Instance: "instance-1",
		Random: func() float64 { return 0 }, Clock: clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// TestRekey gives the keys of debug tokens on, and hangs up where they cannot be
// read; nobody need want them.
func TestRekey(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1")
	s := &session{c: c}
	frame, err := feed.TracingFrame(feed.Tracing{Keys: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.take(frame, nil); err != nil {
		t.Errorf("without a taker: %v", err)
	}
	var got []string
	c.o.DebugKeys = func(keys []string) { got = keys }
	if err := s.take(frame, nil); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%v, %v", got, err)
	}
	if err := s.take(feed.Frame{Type: feed.TypeTracing, Payload: []byte("x")}, nil); !errors.Is(err, feed.ErrFrame) {
		t.Errorf("a damaged frame: %v", err)
	}
}
