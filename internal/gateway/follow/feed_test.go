package follow_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/gateway/follow"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/disk"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// plane is the other end of a feed: lines by id, whatever they hold.
type plane struct {
	t        *testing.T
	revision uint64
	lines    map[model.Key][]byte
}

// newPlane has the good configuration.
func newPlane(t *testing.T) *plane {
	t.Helper()
	p := &plane{t: t, lines: map[model.Key][]byte{}}
	for _, r := range good() {
		p.set(r)
	}
	p.set(&model.API{ID: "apis/other", DisplayName: "Other", Path: "other", ServiceURL: "https://other.example"})
	p.set(&model.Operation{ID: "apis/other/operations/get", DisplayName: "Get", Method: "GET", URLTemplate: "/"})
	return p
}

func (p *plane) set(r model.Resource) {
	p.t.Helper()
	l, err := wire.LineOf(r)
	if err != nil {
		p.t.Fatal(err)
	}
	p.lines[r.ResourceID().Key()] = l.Text
}

// raw sets a line that this release may not understand.
func (p *plane) raw(id, properties string) {
	p.lines[model.ID(id).Key()] = []byte(`{"id":"` + id + `","properties":` + properties + `}`)
}

func (p *plane) digest() wire.Digest {
	var sum wire.Digest
	for _, text := range p.lines {
		l := wire.ReadLine(text)
		sum = sum.Plus(l.Digest)
	}
	return sum
}

// document is the whole configuration as a snapshot file.
func (p *plane) document() []byte {
	p.t.Helper()
	file, err := wire.EncodeLines(p.revision, p.sorted())
	if err != nil {
		p.t.Fatal(err)
	}
	return file
}

func (p *plane) sorted() [][]byte {
	var keys []string
	for key := range p.lines {
		keys = append(keys, string(key))
	}
	slices.Sort(keys)
	list := make([][]byte, len(keys))
	for i, key := range keys {
		list[i] = p.lines[model.Key(key)]
	}
	return list
}

// change makes changes and returns them as a delta.
func (p *plane) change(do func()) []byte {
	p.t.Helper()
	before := maps.Clone(p.lines)
	do()
	head := map[string]any{"base": p.revision, "revision": p.revision + 1, "digest": p.digest().String()}
	p.revision++
	var puts, deletes bytes.Buffer
	var put, gone int
	for key, text := range p.lines {
		if !bytes.Equal(before[key], text) {
			put++
			puts.Write(append(slices.Clip(text), '\n'))
		}
		delete(before, key)
	}
	for key := range before {
		gone++
		fmt.Fprintf(&deletes, "{\"id\":%q}\n", key)
	}
	head["put"], head["delete"] = put, gone
	first, err := json.Marshal(head)
	if err != nil {
		p.t.Fatal(err)
	}
	return append(append(append(first, '\n'), puts.Bytes()...), deletes.Bytes()...)
}

// replace gives a gateway the whole configuration.
func (p *plane) replace(g *gateway) {
	p.t.Helper()
	if err := g.follower.Replace("line", p.digest(), p.document()); err != nil {
		p.t.Fatal(err)
	}
}

// advance gives a gateway a change.
func (p *plane) advance(g *gateway, do func()) {
	p.t.Helper()
	if err := g.follower.Advance(p.change(do)); err != nil {
		p.t.Fatal(err)
	}
	if at, ok := g.follower.Position(); !ok || at.Revision != p.revision || at.Digest != p.digest() {
		p.t.Fatalf("the gateway is at %+v, not at revision %d", at, p.revision)
	}
}

// shopPolicyText is a policy of the API shop that answers with a status.
func shopPolicyText(status int) string {
	return fmt.Sprintf(`<policies><inbound><return-response><set-status code="%d" /></return-response></inbound></policies>`, status)
}

func policyAt(scope model.ID, text string) *model.Policy {
	return &model.Policy{ID: model.PolicyID(scope), Format: model.PolicyRawXML, Value: text}
}

const futurePolicies = `<policies><inbound><base /><policy-of-the-future /></inbound></policies>`

// heldResources are those that a gateway holds back.
func heldResources(g *gateway) string {
	var list []string
	for _, one := range g.follower.Held() {
		list = append(list, one.Resource)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

func wantStatus(t *testing.T, g *gateway, path string, want int) {
	t.Helper()
	if got := g.get(path, "key-two"); got != want {
		t.Errorf("%s answered %d, want %d", path, got, want)
	}
}

func TestFeedFollowed(t *testing.T) {
	p, g := newPlane(t), newGateway(t, nil)
	defer g.close(t)
	if _, ok := g.follower.Position(); ok {
		t.Error("a gateway without a document has a position")
	}
	p.revision = 7
	p.replace(g)
	wantStatus(t, g, "/shop/items/1", 200)
	p.advance(g, func() { p.set(policyAt("apis/shop", shopPolicyText(201))) })
	p.advance(g, func() {
		p.set(policyAt("apis/shop/operations/get", `<policies><inbound><base /></inbound></policies>`))
	})
	wantStatus(t, g, "/shop/items/1", 201)
	p.advance(g, func() { delete(p.lines, model.ID("apis/shop/policies/policy").Key()) })
	wantStatus(t, g, "/shop/items/1", 200)
	// What has piled up is taken at once, and compiled once.
	before := g.follower.Current()
	var deltas [][]byte
	for status := 210; status < 220; status++ {
		deltas = append(deltas, p.change(func() { p.set(policyAt("apis/shop", shopPolicyText(status))) }))
	}
	deltas = append(deltas, p.change(func() { delete(p.lines, model.ID("apis/shop/policies/policy").Key()) }),
		p.change(func() { p.set(policyAt("apis/shop", shopPolicyText(203))) }))
	if err := g.follower.Advance(append(deltas[:3:3], deltas[4:]...)...); !errors.Is(err, follow.ErrDiverged) || g.follower.Current() != before {
		t.Errorf("changes with one missing gave %v", err)
	}
	if err := g.follower.Advance(deltas...); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, g, "/shop/items/1", 203)
	if at, _ := g.follower.Position(); at.Revision != p.revision || at.Digest != p.digest() || g.follower.Current().Revision() != p.revision {
		t.Errorf("the gateway is at %+v", at)
	}
	// A restore runs revisions backwards, in another lineage.
	p.revision = 2
	p.replace(g)
	if at, _ := g.follower.Position(); at.Revision != 2 || g.follower.Current().Revision() != 2 || len(g.follower.Held()) != 0 {
		t.Errorf("after a restore the gateway is at %+v", at)
	}
}

func TestFeedDiverged(t *testing.T) {
	p, g := newPlane(t), newGateway(t, nil)
	defer g.close(t)
	first := p.change(func() {})
	if err := g.follower.Advance(first); !errors.Is(err, follow.ErrDiverged) {
		t.Errorf("a delta for nothing gave %v", err)
	}
	p.replace(g)
	before := g.follower.Current()
	p.change(func() { p.set(&model.Tag{ID: "tags/lost", DisplayName: "lost"}) })
	if err := g.follower.Advance(p.change(func() {})); !errors.Is(err, follow.ErrDiverged) {
		t.Errorf("a delta of another base gave %v", err)
	}
	p.revision = 1 // As if the one that was lost had not been one.
	if err := g.follower.Advance(p.change(func() { p.set(&model.Tag{ID: "tags/new", DisplayName: "new"}) })); !errors.Is(err, follow.ErrDiverged) {
		t.Errorf("a delta with another digest gave %v", err)
	}
	if err := g.follower.Replace("line", wire.Digest{1}, p.document()); !errors.Is(err, wire.ErrDamaged) {
		t.Errorf("a document with another digest gave %v", err)
	}
	if err := g.follower.Replace("line", p.digest(), p.document()[1:]); !errors.Is(err, wire.ErrDamaged) {
		t.Errorf("a damaged document gave %v", err)
	}
	if g.follower.Current() != before {
		t.Error("what was refused is served")
	}
}

// TestHeldBack breaks one thing at a time: its last good state stays, everything
// else is taken, and it is mended by a later change.
func TestHeldBack(t *testing.T) {
	team := policyAt("apis/other", shopPolicyText(204))
	cases := []struct {
		name, held string
		breaks     func(p *plane)
		mends      func(p *plane)
	}{
		{
			"an unknown policy of an API", "apis/shop/policies/policy",
			func(p *plane) { p.set(policyAt("apis/shop", futurePolicies)) },
			func(p *plane) { p.set(policyAt("apis/shop", shopPolicyText(202))) },
		},
		{
			"an unknown policy of an operation, and a change of its API", "apis/shop/operations/get/policies/policy",
			func(p *plane) {
				p.set(policyAt("apis/shop/operations/get", futurePolicies))
				p.set(policyAt("apis/shop", shopPolicyText(202)))
			},
			func(p *plane) {
				p.set(policyAt("apis/shop/operations/get", `<policies><inbound><base /></inbound></policies>`))
			},
		},
		{
			"a property of another type", "apis/shop",
			func(p *plane) {
				p.raw("apis/shop", `{"displayName":"Shop","path":{"is":"an object now"}}`)
				p.set(policyAt("apis/shop", shopPolicyText(202)))
			},
			func(p *plane) {
				p.raw("apis/shop", `{"displayName":"Shop","path":"shop","serviceUrl":"https://shop.example","nested":{"from":{"the":"future"}}}`)
			},
		},
		{
			"a kind of resource that is unknown", "apis/shop/futures/one",
			func(p *plane) {
				p.raw("apis/shop/futures/one", `{}`)
				p.set(policyAt("apis/shop", shopPolicyText(202)))
			},
			func(p *plane) { delete(p.lines, model.ID("apis/shop/futures/one").Key()) },
		},
		{
			"the global policy", "policies/policy",
			func(p *plane) { p.set(policyAt("", futurePolicies)) },
			func(p *plane) {
				p.set(policyAt("", `<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>`))
				p.set(policyAt("apis/shop", shopPolicyText(202)))
			},
		},
		{
			"a fragment", "policyFragments/common",
			func(p *plane) {
				p.set(&model.PolicyFragment{ID: "policyFragments/common", Value: `<fragment><policy-of-the-future /></fragment>`})
			},
			func(p *plane) {
				p.set(&model.PolicyFragment{ID: "policyFragments/common", Value: `<fragment><return-response><set-status code="202" /></return-response></fragment>`})
			},
		},
		{
			"a named value that breaks a policy which has not changed", "namedValues/colour",
			func(p *plane) {
				p.set(&model.NamedValue{ID: "namedValues/colour", DisplayName: "Colour", Value: "</value><oops"})
			},
			func(p *plane) {
				p.set(&model.NamedValue{ID: "namedValues/colour", DisplayName: "Colour", Value: "red"})
				p.set(policyAt("apis/shop", shopPolicyText(202)))
			},
		},
		{
			"a fragment that is gone and still used", "policyFragments/common",
			func(p *plane) { delete(p.lines, model.ID("policyFragments/common").Key()) },
			func(p *plane) { p.set(policyAt("apis/shop/operations/get", shopPolicyText(202))) },
		},
		{
			"a product's policy", "products/starter/policies/policy",
			func(p *plane) { p.set(policyAt("products/starter", futurePolicies)) },
			func(p *plane) {
				p.set(policyAt("products/starter", `<policies><inbound><base /></inbound></policies>`))
				p.set(policyAt("apis/shop", shopPolicyText(202)))
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			p, g := newPlane(t), newGateway(t, openStore(t, dir))
			p.replace(g)
			p.advance(g, func() { c.breaks(p); p.set(team) })
			if held := heldResources(g); !strings.Contains(held, c.held) || !g.log.has(c.held) {
				t.Errorf("%q is held back, want %s", held, c.held)
			}
			wantStatus(t, g, "/shop/items/1", 200)
			wantStatus(t, g, "/other", 204)
			key := &model.Subscription{ID: "subscriptions/new", DisplayName: "New", Scope: "/apis", State: model.SubscriptionActive, PrimaryKey: "key-new"}
			p.advance(g, func() { p.set(key) })
			if g.get("/other", "key-new") != 204 {
				t.Error("a new key is not taken beside what is held back")
			}
			g.close(t)

			again := newGateway(t, openStore(t, dir))
			defer again.close(t)
			if ok, err := again.follower.Resume(); !ok || err != nil {
				t.Fatalf("resumed: %v, %v", ok, err)
			}
			if !strings.Contains(heldResources(again), c.held) {
				t.Errorf("after a restart %q is held back", heldResources(again))
			}
			wantStatus(t, again, "/shop/items/1", 200)
			p.advance(again, func() { c.mends(p) })
			if held := again.follower.Held(); len(held) > 0 {
				t.Errorf("after it was mended there is held back: %s", held)
			}
			if status := again.get("/shop/items/1", "key-new"); status != 202 {
				t.Errorf("after it was mended the answer is %d", status)
			}
		})
	}
}

// TestHeldBackFromTheStart gives a gateway that has nothing yet a document of
// which parts cannot be served.
func TestHeldBackFromTheStart(t *testing.T) {
	p, g := newPlane(t), newGateway(t, nil)
	defer g.close(t)
	p.set(policyAt("apis/other", futurePolicies))
	p.raw("futures/one", `{}`)
	p.replace(g)
	wantStatus(t, g, "/shop/items/1", 200)
	wantStatus(t, g, "/other", 503)
	if held := heldResources(g); held != "apis/other/policies/policy futures/one" {
		t.Errorf("%q is held back", held)
	}
	p.advance(g, func() {
		p.set(policyAt("apis/shop/operations/get", shopPolicyText(202)))
		p.set(policyAt("apis/other/operations/get", futurePolicies))
	})
	wantStatus(t, g, "/shop/items/1", 202)
	wantStatus(t, g, "/other", 503)
	p.replace(g)
	wantStatus(t, g, "/other", 503)
	p.advance(g, func() {
		delete(p.lines, model.ID("apis/other/policies/policy").Key())
		delete(p.lines, model.ID("apis/other/operations/get/policies/policy").Key())
		delete(p.lines, model.ID("futures/one").Key())
	})
	wantStatus(t, g, "/other", 200)
	if len(g.follower.Held()) != 0 {
		t.Errorf("there is held back: %s", g.follower.Held())
	}
	same(t, g, p)
}

// TestWithoutTheGlobalPolicy gives a gateway that has nothing yet a global policy
// that it cannot serve: APIs without it would be open.
func TestWithoutTheGlobalPolicy(t *testing.T) {
	p, g := newPlane(t), newGateway(t, nil)
	defer g.close(t)
	p.set(policyAt("", futurePolicies))
	p.replace(g)
	wantStatus(t, g, "/shop/items/1", 503)
	if g.follower.Current() != nil || !strings.Contains(heldResources(g), "policies/policy") {
		t.Errorf("%q is held back", heldResources(g))
	}
	p.advance(g, func() { delete(p.lines, model.ID("policies/policy").Key()) })
	wantStatus(t, g, "/shop/items/1", 200)
	same(t, g, p)
}

// same fails where a gateway serves something else than what is wanted.
func same(t *testing.T, g *gateway, p *plane) {
	t.Helper()
	sum, err := wire.DigestOf(g.follower.Current().Document())
	if err != nil || sum != p.digest() {
		t.Errorf("what is served is not what is wanted (%v)", err)
	}
}

// TestResume goes on with deltas after a restart, with the seal and without.
func TestResume(t *testing.T) {
	for _, key := range [][]byte{nil, bytes.Repeat([]byte("k"), wire.KeySize)} {
		dir := t.TempDir()
		open := func() *disk.Store {
			store, err := disk.Open(disk.OS{}, dir, key)
			if err != nil {
				t.Fatal(err)
			}
			return store
		}
		p, g := newPlane(t), newGateway(t, open())
		p.raw("apis/shop", `{"displayName":"Shop","serviceUrl":"https://shop.example","path":"shop","z":1,"a":{"x":[{"b":1,"a":2}]}}`)
		p.replace(g)
		g.close(t)
		again := newGateway(t, open())
		if ok, err := again.follower.Resume(); !ok || err != nil {
			t.Fatalf("resumed: %v, %v", ok, err)
		}
		if at, ok := again.follower.Position(); !ok || at.Digest != p.digest() || at.Lineage != "line" {
			t.Errorf("after a restart the gateway is at %+v", at)
		}
		p.advance(again, func() {
			p.raw("apis/shop", `{"displayName":"Shop","path":"shop","serviceUrl":"https://two.example"}`)
		})
		again.close(t)
	}
}

// TestResumeWithoutItsFeed starts from a generation beside which nothing usable is
// kept: it is served, and the feed begins anew.
func TestResumeWithoutItsFeed(t *testing.T) {
	dir := t.TempDir()
	store := openStore(t, dir)
	doc := &snapshot.Document{Revision: 3, Resources: good()}
	for _, state := range []string{"", "x", `{"digest":"` + wire.Digest{}.String() + `","put":3}` + "\n", `{"put":-1}`} {
		if _, err := store.SaveWith(doc, []byte(state)); err != nil {
			t.Fatal(err)
		}
		g := newGateway(t, openStore(t, dir))
		if ok, err := g.follower.Resume(); !ok || err != nil {
			t.Fatalf("resumed: %v, %v", ok, err)
		}
		if _, ok := g.follower.Position(); ok {
			t.Errorf("with %q the feed does not begin anew", state)
		}
		wantStatus(t, g, "/shop/items/1", 200)
		g.close(t)
	}
}

// TestNotHeldBack changes a named value so that it breaks an API, and that API for
// the better: the API is blamed first, and taken in the end.
func TestNotHeldBack(t *testing.T) {
	p, g := newPlane(t), newGateway(t, nil)
	defer g.close(t)
	p.replace(g)
	p.advance(g, func() {
		p.set(&model.NamedValue{ID: "namedValues/colour", DisplayName: "Colour", Value: "</value><oops"})
		p.set(policyAt("apis/shop", `<policies><inbound><set-header name="X-Colour"><value>{{colour}}</value></set-header>`+
			`<return-response><set-status code="202" /></return-response></inbound></policies>`))
		p.set(policyAt("apis/shop/operations/get", `<policies><inbound><base /></inbound></policies>`))
	})
	if held := heldResources(g); held != "namedValues/colour" {
		t.Errorf("%q is held back", held)
	}
	wantStatus(t, g, "/shop/items/1", 202)
}
