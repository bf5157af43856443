package feed_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

func TestDocumentThenDeltas(t *testing.T) {
	n := newNode(t, rig{})
	n.api("shop")
	n.value("v", "1")
	g := n.follower(n.token("managed")).follows(protocol.TypeDocument)
	if !g.has("apis/shop/operations/get") || !g.has("namedValues/v") || !g.has("subscriptions/master") {
		t.Errorf("the document has %d resources", len(g.resources))
	}
	n.value("v", "2")
	g.wants(protocol.TypeDelta)
	n.remove("namedValues/v")
	g.wants(protocol.TypeDelta)
	if g.has("namedValues/v") {
		t.Error("what was deleted is there")
	}
	n.put("products/p", `{"properties":{"displayName":"P"}}`)
	g.wants(protocol.TypeDelta)
	n.put("products/p/wikis/default", `{"properties":{"documents":[]}}`) // No gateway needs it.
	n.value("w", "1")
	g.wants(protocol.TypeDelta)
	if !g.has("namedValues/w") {
		t.Error("a change that no gateway needs was sent")
	}
}

// TestComingBack leaves and comes back with a document, of each kind.
func TestComingBack(t *testing.T) {
	n := newNode(t, rig{limits: feed.Limits{MaxDeltas: 3, JoinsPerSecond: 1000, JoinBurst: 1000}})
	n.value("v", "0")
	token := n.token("managed")
	stays := n.follower(token).follows(protocol.TypeDocument)
	g := n.follower(token).follows(protocol.TypeDocument)
	back := func(kind protocol.Type) {
		t.Helper()
		g.leave()
		again := n.follower(token)
		again.position, again.resources = g.position, g.resources
		g = again.follows(kind)
	}
	change := func(values ...string) {
		for _, v := range values {
			n.value("v", v)
			stays.wants(protocol.TypeDelta)
		}
	}
	back(protocol.TypeCurrent)
	change("1", "2")
	back(protocol.TypeDelta)
	g.wants(protocol.TypeDelta)
	back(protocol.TypeCurrent)
	change("3", "4", "5")
	back(protocol.TypeDelta)
	g.wants(protocol.TypeDelta)
	g.wants(protocol.TypeDelta)
	change("6", "7", "8", "9") // One more than is kept.
	back(protocol.TypeDocument)
	g.position.Digest[0]++
	back(protocol.TypeDocument)
	g.position.Lineage = "another"
	back(protocol.TypeDocument)
	g.position.Revision += 1000 // No node has seen that.
	back(protocol.TypeDocument)
	if g.position.Digest != stays.position.Digest {
		t.Error("the two gateways have different documents")
	}
}

// TestSameDocumentOtherRevision comes to a node that numbers the same document
// otherwise, for it began to follow later, or earlier.
func TestSameDocumentOtherRevision(t *testing.T) {
	first := newNode(t, rig{})
	token := first.token("managed")
	a := first.follower(token).follows(protocol.TypeDocument)
	first.put("products/p/wikis/default", `{"properties":{"documents":[]}}`) // No gateway needs it.
	second := newNode(t, rig{store: first.store})
	b := second.follower(token).follows(protocol.TypeDocument)
	if a.position.Revision >= b.position.Revision || a.position.Digest != b.position.Digest {
		t.Fatalf("%+v and %+v", a.position, b.position)
	}
	swap := func(n *node, g *gateway) *gateway {
		t.Helper()
		other := n.follower(token)
		other.position, other.resources = g.position, g.resources
		if err := other.join(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(other.leave)
		if _, err := other.next(); err != nil || other.documents > 0 {
			t.Fatalf("%d documents, %v", other.documents, err)
		}
		return other
	}
	c, d := swap(second, a), swap(first, b)
	first.value("v", "1")
	for _, g := range []*gateway{a, b, c, d} {
		for !g.has("namedValues/v") {
			g.wants(protocol.TypeDelta)
		}
	}
	if c.position.Digest != d.position.Digest {
		t.Error("the gateways have different documents")
	}
}

// TestWhatAGatewayGets links and unlinks APIs.
func TestWhatAGatewayGets(t *testing.T) {
	n := newNode(t, rig{})
	for _, api := range []string{"one", "two", "three"} {
		n.api(api)
	}
	n.put("products/p", `{"properties":{"displayName":"P"}}`)
	n.put("products/p/apis/one", `{}`)
	n.put("products/p/apis/two", `{}`)
	n.put("tags/t", `{"properties":{"displayName":"T"}}`)
	n.put("apis/two/tags/t", `{}`)
	for _, scope := range []string{"one", "two"} {
		n.put("subscriptions/"+scope, `{"properties":{"displayName":"`+scope+`","scope":"/apis/`+scope+`"}}`)
	}
	n.put("subscriptions/all", `{"properties":{"displayName":"all","scope":"/apis"}}`)
	n.gateway("edge")
	n.gateway("other")
	n.put("gateways/edge/apis/one", `{}`)
	n.put("gateways/other/apis/three", `{}`)
	g := n.follower(n.token("edge")).follows(protocol.TypeDocument)
	check := func(want string) {
		t.Helper()
		var got []string
		for _, path := range []string{"apis/one", "apis/one/operations/get", "products/p/apis/one", "subscriptions/one",
			"apis/two", "apis/two/operations/get", "products/p/apis/two", "apis/two/tags/t", "subscriptions/two",
			"apis/three", "subscriptions/all", "gateways/edge", "gateways/edge/apis/one", "gateways/other", "gateways/other/apis/three"} {
			if g.has(path) {
				got = append(got, path)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
		}
	}
	const one = "apis/one apis/one/operations/get products/p/apis/one subscriptions/one"
	const two = "apis/two apis/two/operations/get products/p/apis/two apis/two/tags/t subscriptions/two"
	check(one + " subscriptions/all gateways/edge gateways/edge/apis/one")
	n.put("gateways/edge/apis/two", `{}`)
	g.wants(protocol.TypeDelta)
	check(one + " " + two + " subscriptions/all gateways/edge gateways/edge/apis/one")
	n.remove("gateways/edge/apis/one")
	g.wants(protocol.TypeDelta)
	check(two + " subscriptions/all gateways/edge")
	n.put("apis/three", `{"properties":{"displayName":"3","path":"three","protocols":["https"]}}`) // Not its own.
	n.put("apis/two;rev=2", `{"properties":{"displayName":"two","path":"two","protocols":["https"],"apiRevision":"2","sourceApiId":"/apis/two"}}`)
	g.wants(protocol.TypeDelta)
	if !g.has("apis/two;rev=2") {
		t.Error("a revision of an API that it gets is missing")
	}
	for _, l := range g.resources {
		if strings.Contains(string(l.Text), "primaryKey") && l.ID.Collection() == "gateways" {
			t.Errorf("a gateway gets what signs tokens: %s", l.Text)
		}
	}
	managed := n.follower(n.token("managed")).follows(protocol.TypeDocument)
	if !managed.has("apis/one") || !managed.has("apis/three") || managed.has("gateways/edge") {
		t.Error("the managed gateway does not get every API, or the gateways of others")
	}
}

// TestEncodedOnce has many instances follow: a document and a change are encoded
// once for all of them.
func TestEncodedOnce(t *testing.T) {
	n := newNode(t, rig{})
	token := n.token("managed")
	var all []*gateway
	for range 20 {
		all = append(all, n.follower(token).follows(protocol.TypeDocument))
	}
	if made := n.feed.Stats().Documents; made != 1 {
		t.Errorf("%d documents were encoded for 20 instances", made)
	}
	n.value("v", "1")
	for _, g := range all {
		g.wants(protocol.TypeDelta)
	}
	if s := n.feed.Stats(); s.Feeds != 20 || s.Frames != 80 || s.Deltas != 1 {
		t.Errorf("%+v", s)
	}
}

// TestBeat holds the clock still but for one beat.
func TestBeat(t *testing.T) {
	n := newNode(t, rig{})
	g := n.follower(n.token("managed")).follows(protocol.TypeDocument)
	if g.hello.BeatSeconds != 10 || g.hello.HeartbeatSeconds != 10 || g.hello.Release != "test" {
		t.Errorf("%+v", g.hello)
	}
	n.clock.BlockUntil(2) // The feed's, and the hub's.
	n.clock.Advance(protocol.Beat)
	g.wants(protocol.TypeCurrent)
}

// bye reads on to the end of a feed.
func (g *gateway) bye() string {
	g.t.Helper()
	for {
		if _, err := g.next(); errors.Is(err, errBye) {
			return err.Error()
		} else if err != nil {
			g.t.Fatal(err)
		}
	}
}

// TestFeedsEnd ends feeds for each reason.
func TestFeedsEnd(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		do         func(n *node)
	}{
		{"the key was made anew", "not signed", func(n *node) {
			n.write(func(s *resource.Session) error {
				e, err := s.Get(id("gateways/edge"))
				if err != nil {
					return err
				}
				next := e.Clone()
				next.Set("primaryKey", s.NewKey())
				return s.Store(e.ID, next.Body)
			})
		}},
		{"the gateway was deleted", "gateway was deleted", func(n *node) { n.remove("gateways/edge") }},
		{"the token has expired", "has expired", func(n *node) {
			n.clock.BlockUntil(2)
			n.clock.Advance(time.Hour + feed.TokenLeeway + time.Minute)
		}},
		{"the node stops", "stopping, after 0 s", func(n *node) { n.feed.Drain() }},
		{"the configuration was restored", "was restored", func(n *node) {
			if _, err := n.store.Update(t.Context(), func(tx store.Tx) error {
				_, err := lineage.Renew(tx, morning)
				return err
			}); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newNode(t, rig{limits: feed.Limits{JoinsPerSecond: 1000, JoinBurst: 1000, StoreLost: 1000 * time.Hour}})
			n.gateway("edge")
			g := n.follower(n.token("edge")).follows(protocol.TypeDocument)
			tt.do(n)
			if got := g.bye(); !strings.Contains(got, tt.want) {
				t.Errorf("the gateway is told %q", got)
			}
		})
	}
}

// TestRestoredIsAnotherLineage comes back after a restore.
func TestRestoredIsAnotherLineage(t *testing.T) {
	n := newNode(t, rig{})
	token := n.token("managed")
	g := n.follower(token).follows(protocol.TypeDocument)
	if _, err := n.store.Update(t.Context(), func(tx store.Tx) error {
		_, err := lineage.Renew(tx, morning)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_ = g.bye()
	again := n.follower(token)
	again.position, again.resources = g.position, g.resources
	again.follows(protocol.TypeDocument)
	if again.hello.Lineage == g.hello.Lineage {
		t.Error("the lineage is the same")
	}
}
