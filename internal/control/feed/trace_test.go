package feed_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// recorded is a trace as a gateway sends it.
func recorded(tb testing.TB, instance, id string) string {
	tb.Helper()
	body, err := protocol.EncodeTrace(&protocol.Trace{Version: protocol.TraceVersion, Instance: instance, ID: id, Began: morning,
		Sections: map[string][]protocol.TraceEntry{"inbound": {{Source: "s", Data: json.RawMessage(`{}`)}}}})
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}

// show posts a trace and returns the status.
func (g *gateway) show(body string) int {
	g.t.Helper()
	response, err := g.ask(g.t.Context(), http.MethodPost, protocol.TracePath, []byte(body))
	if err != nil {
		g.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		g.t.Error(err)
	}
	return response.StatusCode
}

func TestTrace(t *testing.T) {
	n := newNode(t, rig{})
	n.gateway("edge")
	g, edge := n.follower(n.token("managed")), n.follower(n.token("edge"))
	other := newNode(t, rig{store: n.store})
	elsewhere := other.follower(n.token("managed"))
	tests := []struct {
		name string
		g    *gateway
		body string
		want int
	}{
		{"a trace", g, recorded(t, "instance-1", "a"), http.StatusNoContent},
		{"the same", g, recorded(t, "instance-1", "a"), http.StatusNoContent},
		{"the same on another node", elsewhere, recorded(t, "instance-1", "a"), http.StatusNoContent},
		{"that of another gateway", edge, recorded(t, "instance-1", "its"), http.StatusNoContent},
		{"that of another instance", g, recorded(t, "instance-2", "b"), http.StatusBadRequest},
		{"no trace", g, "{}", http.StatusBadRequest},
		{"no JSON", g, "trace", http.StatusBadRequest},
		{"too much", g, strings.Repeat(" ", protocol.MaxTrace+1), http.StatusRequestEntityTooLarge},
		{"without a token", n.follower("managed&202601012200&x"), recorded(t, "instance-1", "c"), http.StatusUnauthorized},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.g.show(tt.body); got != tt.want {
				t.Errorf("the status is %d, want %d", got, tt.want)
			}
		})
	}
	for _, want := range []struct {
		node        *node
		gateway, id string
		there       bool
	}{
		{n, "managed", "a", true},
		{other, "managed", "a", true},
		{other, "edge", "its", true},
		{n, "managed", "its", false},
		{n, "edge", "a", false},
		{n, "managed", "b", false},
	} {
		found, err := want.node.plane.Environment().Traces.Find(t.Context(), string(serviceID), want.gateway, want.id)
		if err != nil || (found != nil) != want.there {
			t.Errorf("%s of %s: %v, %v", want.id, want.gateway, found, err)
		}
	}
	if err := n.store.Close(); err != nil {
		t.Fatal(err)
	}
	if got := g.show(recorded(t, "instance-1", "d")); got != http.StatusServiceUnavailable {
		t.Errorf("without the store the status is %d", got)
	}
}

// TestTrace_Flood bounds how many traces an instance sends.
func TestTrace_Flood(t *testing.T) {
	n := newNode(t, rig{})
	g := n.follower(n.token("managed"))
	taken := 0
	for i := range feed.TraceBurst + 10 {
		switch got := g.show(recorded(t, "instance-1", fmt.Sprint(i))); got {
		case http.StatusNoContent:
			taken++
		case http.StatusTooManyRequests:
		default:
			t.Fatalf("the status is %d", got)
		}
	}
	if taken != feed.TraceBurst {
		t.Errorf("%d traces were taken at once", taken)
	}
	n.clock.Advance(time.Second)
	if got := g.show(recorded(t, "instance-1", "later")); got != http.StatusNoContent {
		t.Errorf("a second later the status is %d", got)
	}
}

// debugKeys are the keys of debug tokens of a gateway.
func (n *node) debugKeys(name string) (keys []string) {
	n.t.Helper()
	n.read(func(s *resource.Session) (err error) {
		keys, err = services.DebugKeys(s, serviceID, name)
		return err
	})
	return keys
}

// TestTracing tells each gateway the keys of its own debug tokens, and new ones as
// soon as they are committed, without an end of the feed.
func TestTracing(t *testing.T) {
	n := newNode(t, rig{})
	n.gateway("edge")
	for _, name := range []string{"managed", "edge"} {
		t.Run(name, func(t *testing.T) {
			g := n.follower(n.token(name)).follows(protocol.TypeDocument)
			first := n.debugKeys(name)
			if len(g.tracing) != 1 || len(first) != 2 || !slices.Equal(g.tracing[0], first) {
				t.Fatalf("%d times keys came", len(g.tracing))
			}
			entity := id("gateways/edge")
			if name == "managed" {
				entity = services.ManagedKeysID(serviceID)
			}
			n.write(func(s *resource.Session) error { // As regenerateKey does, of the key that did not sign the gateway's token.
				e, err := s.Get(entity)
				if err != nil {
					return err
				}
				e = e.Clone()
				e.Set("secondaryKey", s.NewKey())
				return s.Store(e.ID, e.Body)
			})
			n.value("v-"+name, "1")
			g.wants(protocol.TypeDelta)
			n.value("w-"+name, "1") // The keys may come behind the first change.
			g.wants(protocol.TypeDelta)
			next := n.debugKeys(name)
			if len(g.tracing) != 2 || !slices.Equal(g.tracing[1], next) || next[0] != first[0] || next[1] == first[1] {
				t.Errorf("%d times keys came, or others than those of the gateway", len(g.tracing))
			}
		})
	}
	if keys, own := n.debugKeys("edge"), n.debugKeys("managed"); slices.Contains(keys, own[0]) || slices.Contains(keys, own[1]) {
		t.Error("two gateways have one key")
	}
}
