package publish_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plane is a management plane whose changes are compiled.
type plane struct {
	*service.Plane
	publisher *publish.Publisher
	store     *memory.Store
	env       *resource.Environment
	settings  *snapshot.Settings
	served    []*snapshot.Snapshot
	t         *testing.T
}

const serviceID = resource.ID(resourcestest.Service)

func newPlane(t *testing.T) *plane {
	t.Helper()
	registry, err := resources.Registry()
	if err != nil {
		t.Fatal(err)
	}
	contracts, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	p := &plane{store: memory.New(), t: t, settings: &snapshot.Settings{Policies: policies.WithUnserved(), Expressions: compiler, MixedText: true}}
	p.env = &resource.Environment{Registry: registry, Contracts: contracts, Sealer: resourcestest.Sealer{},
		Clock: clock.NewFake(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)), GatewayURL: func(string) string { return "http://gateway.example" }}
	p.publisher = p.newPublisher()
	p.Plane = service.New(p.env, p.store, p.publisher)
	p.put("", `{"location":"x","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A"}}`)
	return p
}

func (p *plane) newPublisher() *publish.Publisher {
	made := publish.New(publish.Options{
		Store: p.store, Environment: p.env, Settings: p.settings, Log: slog.New(slog.NewTextHandler(p.t.Output(), nil)), Clock: p.env.Clock,
		Serves: func(id resource.ID) bool { return id.Equal(serviceID) },
		Use:    func(s *snapshot.Snapshot) { p.served = append(p.served, s) },
	})
	if err := made.Start(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	return made
}

func (p *plane) try(path, body string) error {
	object, err := contract.DecodeObject([]byte(body), 1<<20)
	if err != nil {
		p.t.Fatal(err)
	}
	id := serviceID
	if path != "" {
		id += "/" + resource.ID(path)
	}
	_, err = p.Write(p.t.Context(), &resource.Call{Principal: "t", Name: "t", Version: "2024-05-01"}, func(s *resource.Session) error {
		_, err := s.Put(id, object)
		return err
	})
	return err
}

func (p *plane) put(path, body string) {
	p.t.Helper()
	if err := p.try(path, body); err != nil {
		p.t.Fatalf("PUT %s: %v", path, err)
	}
}

func (p *plane) remove(path string) {
	p.t.Helper()
	_, err := p.Write(p.t.Context(), &resource.Call{Principal: "t"}, func(s *resource.Session) error {
		return s.Drop(serviceID + "/" + resource.ID(path))
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// current is the snapshot that the gateway of the process was handed last.
func (p *plane) current() *snapshot.Snapshot { return p.served[len(p.served)-1] }

func (p *plane) shop() {
	p.put("apis/shop", `{"properties":{"displayName":"Shop","path":"shop","protocols":["https"],"serviceUrl":"https://shop.example"}}`)
	p.put("apis/shop/operations/list", `{"properties":{"displayName":"List","method":"GET","urlTemplate":"/things"}}`)
	p.put("subscriptions/alice", `{"properties":{"displayName":"Alice","scope":"/apis/shop","primaryKey":"alice-primary","secondaryKey":"alice-secondary","state":"active"}}`)
}

// TestHandedOver writes what a gateway needs and finds it in the snapshot that
// the gateway has when the write returns.
func TestHandedOver(t *testing.T) {
	p := newPlane(t)
	p.shop()
	if s := p.current(); s.APIs() != 1 || s.Operations() != 1 || s.Subscription("alice-primary") == nil {
		t.Fatalf("apis %d, operations %d, key %v", s.APIs(), s.Operations(), s.Subscription("alice-primary"))
	}
	p.remove("subscriptions/alice")
	if p.current().Subscription("alice-primary") != nil {
		t.Error("a revoked key is still there")
	}
	before := len(p.served)
	p.put("products/p/wikis/default", `{"properties":{"documents":[]}}`)
	if len(p.served) != before {
		t.Error("a change that no gateway needs was handed over")
	}
}

// TestRefused writes what does not compile: it is refused with its place, and
// nothing changes.
func TestRefused(t *testing.T) {
	p := newPlane(t)
	p.shop()
	handed, at := len(p.served), p.current().Revision()
	tests := []struct {
		name, path, body, message string
	}{
		{"an unknown policy", "apis/shop/policies/policy", `{"properties":{"format":"rawxml","value":"<policies>\n<inbound>\n<no-such-policy/>\n</inbound>\n</policies>"}}`, "line 3"},
		{"an expression with a fault", "apis/shop/policies/policy", `{"properties":{"format":"rawxml","value":"<policies><inbound><set-variable name=\"x\" value=\"@(1 + nothing)\" /></inbound></policies>"}}`, "nothing"},
		{"a fragment that is not there", "apis/shop/policies/policy", `{"properties":{"format":"rawxml","value":"<policies><inbound><include-fragment fragment-id=\"absent\" /></inbound></policies>"}}`, "absent"},
		{"a named value that is not there", "policies/policy", `{"properties":{"format":"rawxml","value":"<policies><inbound><set-variable name=\"x\" value=\"{{absent}}\" /></inbound></policies>"}}`, "absent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := p.try(test.path, test.body)
			var refused *problem.Error
			if !errors.As(err, &refused) || refused.Code != problem.CodeValidation || len(refused.Details) == 0 {
				t.Fatalf("%v", err)
			}
			if !strings.Contains(refused.Error(), test.message) {
				t.Errorf("the error does not say %q: %v", test.message, refused)
			}
		})
	}
	if len(p.served) != handed || p.current().Revision() != at {
		t.Error("a refused change was handed over")
	}
}

// TestOtherNode commits through one node and follows on another.
func TestOtherNode(t *testing.T) {
	p := newPlane(t)
	p.shop()
	other := p.newPublisher()
	p.put("subscriptions/bob", `{"properties":{"displayName":"Bob","scope":"/apis","primaryKey":"bob-primary","secondaryKey":"bob-secondary","state":"active"}}`)
	node := service.New(p.env, p.store, other)
	_, err := node.Write(t.Context(), &resource.Call{Principal: "t", Version: "2024-05-01"}, func(s *resource.Session) error {
		_, err := s.Put(serviceID+"/namedValues/v", map[string]any{"properties": map[string]any{"displayName": "v", "value": "1"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if other.Current(serviceID).Subscription("bob-primary") == nil {
		t.Error("the other node's change was not taken in before this one's")
	}
	if p.publisher.Current(serviceID).Revision() >= other.Current(serviceID).Revision() {
		t.Error("the first node follows too early for this test to say anything")
	}
}

// TestTriedIsNotHandedOver tries a change, lets something else be committed, and
// then writes nothing: what was tried must not reach the gateway.
func TestTriedIsNotHandedOver(t *testing.T) {
	p := newPlane(t)
	p.shop()
	handed := len(p.served)
	call := &resource.Call{Principal: "t", Version: "2024-05-01"}
	err := p.Try(t.Context(), call, func(s *resource.Session) error { return s.Drop(serviceID + "/subscriptions/alice") })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.store.Update(t.Context(), func(tx store.Tx) error { // As the directory of principals does.
		if _, err := tx.Audit([]byte("{}")); err != nil {
			return err
		}
		return tx.Put("sallyport/other", "/sallyport/other", []byte("{}"))
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(t.Context(), call, func(*resource.Session) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if len(p.served) != handed || p.publisher.Current(serviceID).Subscription("alice-primary") == nil {
		t.Error("a change that was only tried reached the gateway")
	}
}
