package feed_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// TestNodesOverPostgreSQL has two management nodes over one database: a gateway
// that follows one gets what the other commits, the other shows it, and it can go
// over to the other.
func TestNodesOverPostgreSQL(t *testing.T) {
	address := postgrestest.Database(t)
	open := func() store.Store {
		s, err := postgres.Open(t.Context(), postgres.Options{URL: address})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	first, second := newNode(t, rig{store: open()}), newNode(t, rig{store: open()})
	token := first.token("managed")
	g := second.follower(token).follows(protocol.TypeDocument)
	for _, n := range []*node{first, second, first} {
		n.value("v", noise(8)+n.http.URL)
		g.wants(protocol.TypeDelta)
	}
	h := protocol.Heartbeat{Instance: "instance-1", Health: protocol.HealthOK, Digest: g.position.Digest.String()}
	if got := g.beat(encode(t, h)); got != 204 {
		t.Fatalf("the heartbeat's status is %d", got)
	}
	for _, n := range []*node{first, second} {
		found := n.instances("managed")
		if len(found) != 1 {
			t.Fatalf("%v", found)
		}
		if properties, _ := found[0]["properties"].(map[string]any); properties["inStep"] != true || properties["state"] != "connected" {
			t.Errorf("%v", properties)
		}
	}
	g.leave()
	over := first.follower(token)
	over.position, over.resources = g.position, g.resources
	if err := over.join(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(over.leave)
	second.value("v", "last")
	for !strings.Contains(string(over.resources["namedvalues/v"].Text), "last") {
		if _, err := over.next(); err != nil {
			t.Fatal(err)
		}
	}
	if over.documents != 0 {
		t.Error("a gateway that went over to another node was sent everything")
	}
}

// lame is a store that can be cut off.
type lame struct {
	*memory.Store
	cut atomic.Bool
}

func (l *lame) View(ctx context.Context, f func(store.Reader) error) error {
	if l.cut.Load() {
		return errors.New("no route to the database")
	}
	return l.Store.View(ctx, f)
}

// TestStoreLost cuts the node off from its store: gateways are sent away, and new
// ones refused, until it answers again.
func TestStoreLost(t *testing.T) {
	l := &lame{Store: memory.New()}
	n := newNode(t, rig{store: l, clock: clock.System(), limits: feed.Limits{Beat: 50 * time.Millisecond,
		StoreLost: 150 * time.Millisecond, JoinsPerSecond: 1000, JoinBurst: 1000}})
	token := n.token("managed")
	g := n.follower(token).follows(protocol.TypeDocument)
	l.cut.Store(true)
	if got := n.follower(token).status(); got != 503 {
		t.Errorf("a new gateway gets the status %d", got)
	}
	if got := g.bye(); !strings.Contains(got, "does not reach its store") {
		t.Errorf("the gateway is told %q", got)
	}
	l.cut.Store(false)
	back := n.follower(token)
	back.position, back.resources = g.position, g.resources
	back.follows(protocol.TypeCurrent)
}

// TestReloads has a hub's watch fail: what was missed comes as one change.
func TestReloads(t *testing.T) {
	l := &lame{Store: memory.New()}
	n := newNode(t, rig{store: l})
	g := n.follower(n.token("managed")).follows(protocol.TypeDocument)
	l.cut.Store(true)
	n.value("v", "1")
	n.value("w", "1")
	n.clock.BlockUntil(3) // The feed and the hub beat, and the hub has failed and rests.
	l.cut.Store(false)
	n.clock.Advance(time.Second)
	g.wants(protocol.TypeDelta)
	if !g.has("namedValues/v") || !g.has("namedValues/w") {
		t.Error("a change that was missed did not come with the next")
	}
}
