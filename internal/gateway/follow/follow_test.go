package follow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/disk"
)

func TestOffer(t *testing.T) {
	g := newGateway(t, nil)
	defer g.close(t)
	if g.follower.Current() != nil || g.get("/shop/items/1", "key-one") != 503 {
		t.Fatal("a gateway without configuration serves something")
	}
	if problems := g.follower.Offer(g.document(good()), nil); problems.HasErrors() {
		t.Fatalf("the configuration is refused:\n%s", problems)
	}
	first := g.follower.Current()
	if status := g.get("/shop/items/1", "key-one"); status != 200 || g.server.Snapshot() != first {
		t.Errorf("status %d after the first configuration", status)
	}
	// A document that differs in a key shares all else.
	resources := append(good(), &model.Subscription{ID: "subscriptions/new", DisplayName: "New", Scope: "/apis", State: model.SubscriptionActive, PrimaryKey: "key-new"})
	if problems := g.follower.Offer(g.document(resources), nil); problems.HasErrors() {
		t.Fatalf("the configuration is refused:\n%s", problems)
	}
	second := g.follower.Current()
	if second == first || second.Routes() != first.Routes() || second.Operation(0) != first.Operation(0) || g.get("/shop/items/1", "key-new") != 200 {
		t.Error("the second configuration is not served, or was compiled anew")
	}
	if second.Revision() != 2 || !g.log.has("configuration applied") {
		t.Errorf("revision %d is served, or nothing was logged", second.Revision())
	}
}

func TestOfferRefused(t *testing.T) {
	g := newGateway(t, nil)
	defer g.close(t)
	g.follower.Offer(g.document(good()), nil)
	before := g.follower.Current()
	broken := append(good(), &model.Policy{ID: "products/gone/policies/policy", Value: "<policies"})
	located := false
	problems := g.follower.Offer(g.document(broken), func(p problem.Problems) problem.Problems {
		located = true
		for i := range p {
			p[i].File = "policy.xml"
		}
		return p
	})
	if !problems.HasErrors() || !located || g.follower.Current() != before || g.get("/shop/items/1", "key-one") != 200 {
		t.Errorf("a broken configuration was not refused:\n%s", problems)
	}
	if !g.log.has("products/gone") || !g.log.has("policy.xml") {
		t.Error("what is wrong was not logged with its place")
	}
	g.follower.Refuse(problem.Problems{{Message: "the folder cannot be read"}})
	if g.follower.Current() != before || !g.log.has("the folder cannot be read") {
		t.Error("a folder that cannot be read was not reported, or changed what is served")
	}
}

func TestOfferDelta(t *testing.T) {
	g := newGateway(t, nil)
	defer g.close(t)
	key := &model.Subscription{ID: "subscriptions/new", DisplayName: "New", Scope: "/apis", State: model.SubscriptionActive, PrimaryKey: "key-new"}
	if problems := g.follower.OfferDelta(&snapshot.Delta{Revision: 1, Put: []model.Resource{key}}); !problems.HasErrors() {
		t.Error("a delta was applied to nothing")
	}
	g.follower.Offer(g.document(good()), nil)
	if problems := g.follower.OfferDelta(&snapshot.Delta{Base: 1, Revision: 2, Put: []model.Resource{key}}); problems.HasErrors() {
		t.Fatalf("the delta is refused:\n%s", problems)
	}
	if g.get("/shop/items/1", "key-new") != 200 || g.follower.Current().Revision() != 2 {
		t.Error("the delta is not served")
	}
	if problems := g.follower.OfferDelta(&snapshot.Delta{Base: 1, Revision: 3, Delete: []model.ID{"subscriptions/new"}}); !problems.HasErrors() {
		t.Error("a delta of another base was applied")
	}
	if problems := g.follower.OfferDelta(&snapshot.Delta{Base: 2, Revision: 3, Delete: []model.ID{"subscriptions/new"}}); problems.HasErrors() {
		t.Fatalf("the delta is refused:\n%s", problems)
	}
	if status := g.get("/shop/items/1", "key-new"); status != 401 {
		t.Errorf("status %d with a key that has gone", status)
	}
}

func TestKeptOnDisk(t *testing.T) {
	dir := t.TempDir()
	store := openStore(t, dir)
	g := newGateway(t, store)
	g.follower.Offer(g.document(good()), nil)
	g.follower.Offer(g.document(append(good(), &model.Tag{ID: "tags/blue", DisplayName: "blue"})), nil)
	g.follower.Offer(g.document([]model.Resource{nil}), nil) // Refused: it is not kept.
	g.close(t)

	again := newGateway(t, openStore(t, dir))
	defer again.close(t)
	if ok, err := again.follower.Start(); !ok || err != nil {
		t.Fatalf("starting from disk: %v, %v", ok, err)
	}
	if again.follower.Current().Revision() != 2 || again.get("/shop/items/1", "key-one") != 200 {
		t.Errorf("revision %d is served from disk", again.follower.Current().Revision())
	}
}

func TestStartWithNothing(t *testing.T) {
	for _, store := range []*disk.Store{nil, openStore(t, t.TempDir())} {
		g := newGateway(t, store)
		if ok, err := g.follower.Start(); ok || err != nil {
			t.Errorf("started with nothing: %v, %v", ok, err)
		}
		g.close(t)
	}
}

// TestStartWithRefused starts from a kept configuration that this release does
// not take.
func TestStartWithRefused(t *testing.T) {
	store := openStore(t, t.TempDir())
	if _, err := store.Save(&snapshot.Document{Revision: 1, Resources: []model.Resource{&model.Policy{ID: "policies/policy", Value: "<policies><inbound><future /></inbound></policies>"}}}); err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, store)
	defer g.close(t)
	if ok, err := g.follower.Start(); ok || err != nil || !g.log.has("future") {
		t.Errorf("started: %v, %v", ok, err)
	}
}

func TestCloseGivesUp(t *testing.T) {
	g := newGateway(t, nil)
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("no more time")
	cancel(cause)
	// Either the keeper has ended already, or Close gives up with the cause.
	if err := g.follower.Close(ctx); err != nil && !errors.Is(err, cause) {
		t.Errorf("error %v, want the cause", err)
	}
}

// TestManyProblemsAreCutShort bounds what one document writes to the log.
func TestManyProblemsAreCutShort(t *testing.T) {
	g := newGateway(t, nil)
	defer g.close(t)
	problems := g.follower.Offer(g.document(make([]model.Resource, 1000)), nil)
	if len(problems) != 1000 || !g.log.has("more problems are not logged") {
		t.Errorf("%d problems", len(problems))
	}
	if lines := strings.Count(g.log.text.String(), "\n"); lines > 60 {
		t.Errorf("%d lines were logged", lines)
	}
}

func openStore(t *testing.T, dir string) *disk.Store {
	t.Helper()
	store, err := disk.Open(disk.OS{}, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}
