package snapshot_test

import (
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// TestApplyCompilesOnlyWhatChanged counts the documents that a change compiles.
func TestApplyCompilesOnlyWhatChanged(t *testing.T) {
	const (
		ofAPI = "apis/shop/policies/policy"
		ofGet = "apis/shop/operations/get/policies/policy"
	)
	tests := []struct {
		name string
		put  []model.Resource
		gone []model.ID
		want map[string]int
	}{
		{"a key", []model.Resource{&model.Subscription{ID: "subscriptions/new", DisplayName: "New", Scope: "/apis", PrimaryKey: "key-new"}}, nil, nil},
		{"a user", []model.Resource{&model.User{ID: "users/bob", Email: "bob@example.com", FirstName: "Bob", LastName: "B"}}, nil, nil},
		{"a product", []model.Resource{&model.Product{ID: "products/starter", DisplayName: "Starter 2"}}, nil, nil},
		{"a backend that is new", []model.Resource{&model.Backend{ID: "backends/new", URL: "https://new.example", Protocol: "http"}}, nil, nil},
		{"a named value", []model.Resource{&model.NamedValue{ID: "namedValues/colour", DisplayName: "Colour", Value: "red"}}, nil, map[string]int{ofAPI + " red": 1}},
		{"a named value that nothing uses", []model.Resource{&model.NamedValue{ID: "namedValues/size", DisplayName: "Size", Value: "9"}}, nil, nil},
		{"a fragment", []model.Resource{&model.PolicyFragment{ID: "policyFragments/common", Value: `<fragment><mark text="changed" /></fragment>`}}, nil,
			map[string]int{"policyFragments/common changed": 1, ofGet + " get": 1}},
		{"a document", []model.Resource{&model.Policy{ID: "policies/policy", Value: marked("everywhere")}}, nil, map[string]int{"policies/policy everywhere": 1}},
		{"a document with the same text", []model.Resource{&model.Policy{ID: "policies/policy", Value: marked("global")}}, nil, nil},
		{"an operation less", nil, []model.ID{"apis/shop/operations/list"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			compiled := map[string]int{}
			snap := compile(t, settings(t, markRegistry(compiled)), shop())
			clear(compiled)
			next := apply(t, snap, test.put, test.gone...)
			want := test.want
			if want == nil {
				want = map[string]int{}
			}
			if diff := cmp.Diff(want, maps.Clone(compiled)); diff != "" {
				t.Errorf("compiled (-want +got):\n%s", diff)
			}
			if next.Revision() != 2 || snap.Revision() != 1 {
				t.Errorf("revisions %d and %d", snap.Revision(), next.Revision())
			}
		})
	}
}

// TestApplyKeySharesEverythingElse compares pointers.
func TestApplyKeySharesEverythingElse(t *testing.T) {
	snap := compile(t, settings(t, markRegistry(map[string]int{})), shop())
	next := apply(t, snap, []model.Resource{&model.Subscription{ID: "subscriptions/new", DisplayName: "New", Scope: "/apis/shop", PrimaryKey: "key-new"}})
	if next.Routes() != snap.Routes() || next.Global() != snap.Global() || next.Product("products/starter") != snap.Product("products/starter") {
		t.Error("the tree, a document or a product was made anew")
	}
	for i := range snap.APIs() {
		if snap.API(i) != next.API(i) {
			t.Errorf("the API %d was made anew", i)
		}
	}
	for i := range snap.Operations() {
		if snap.Operation(i) != next.Operation(i) {
			t.Errorf("the operation %d was made anew", i)
		}
	}
	if next.Subscription("key-new") == nil || snap.Subscription("key-new") != nil || next.Subscriptions() != 3 || snap.Subscriptions() != 2 {
		t.Error("the key is not in the new snapshot, or is in the old one")
	}
}

// TestApplyNamedValueSharesRoutes makes sure that the matching tree is not built
// for a change that does not concern it.
func TestApplyNamedValueSharesRoutes(t *testing.T) {
	snap := compile(t, settings(t, markRegistry(map[string]int{})), shop())
	next := apply(t, snap, []model.Resource{&model.NamedValue{ID: "namedValues/colour", DisplayName: "Colour", Value: "red"}})
	if next.Routes() != snap.Routes() || next.Global() != snap.Global() || next.Operation(0).Policy != snap.Operation(0).Policy {
		t.Error("the tree or a document was made anew")
	}
	if next.API(0).Policy == snap.API(0).Policy {
		t.Error("the document that uses the value was not")
	}
	moved := apply(t, next, []model.Resource{&model.API{ID: "apis/shop;rev=2", DisplayName: "Shop", Path: "shop", APIRevision: "2", ServiceURL: "https://three.example"}})
	if moved.Routes() == next.Routes() || moved.API(1).ServiceURL.Host != "three.example" {
		t.Error("the change of an API is not in the new snapshot")
	}
}

func TestApplyKeys(t *testing.T) {
	sub := func(name, primary, secondary string) *model.Subscription {
		return &model.Subscription{ID: model.NewID("subscriptions", name), DisplayName: name, Scope: "/apis", State: model.SubscriptionActive,
			PrimaryKey: primary, SecondaryKey: secondary}
	}
	tests := []struct {
		name string
		put  []model.Resource
		gone []model.ID
		want map[string]string // subscription by key; "" for none
	}{
		{"regenerated", []model.Resource{sub("one", "key-1", "key-one-b")}, nil, map[string]string{"key-1": "one", "key-one": "", "key-one-b": "one"}},
		{"deleted", nil, []model.ID{"subscriptions/one"}, map[string]string{"key-one": "", "key-one-b": "", "key-two": "two"}},
		{"exchanged", []model.Resource{sub("one", "key-two", ""), sub("two", "key-one", "")}, nil,
			map[string]string{"key-one": "two", "key-two": "one", "key-one-b": ""}},
		{"moved to a new one", []model.Resource{sub("three", "key-two", "")}, []model.ID{"subscriptions/two"}, map[string]string{"key-two": "three"}},
		{"together with a product", []model.Resource{sub("three", "key-3", ""), &model.Product{ID: "products/more", DisplayName: "More"}},
			[]model.ID{"subscriptions/two"}, map[string]string{"key-3": "three", "key-two": "", "key-one": "one"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			next := apply(t, compile(t, settings(t, markRegistry(map[string]int{})), shop()), test.put, test.gone...)
			for key, want := range test.want {
				got := ""
				if sub := next.Subscription(key); sub != nil {
					got = sub.Model.ID.Name()
				}
				if got != want {
					t.Errorf("the key %s belongs to %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	tests := []struct {
		name     string
		base     uint64
		put      []model.Resource
		gone     []model.ID
		resource string
		text     string
	}{
		{"another base", 7, nil, nil, "", "revision 7"},
		{"a key of another", 1, []model.Resource{&model.Subscription{ID: "subscriptions/x", DisplayName: "x", Scope: "/apis", PrimaryKey: "key-one-b"}}, nil,
			"subscriptions/x", "has a key that the subscription one has too"},
		{"a subscription twice", 1, []model.Resource{
			&model.Subscription{ID: "subscriptions/x", DisplayName: "x", Scope: "/apis", PrimaryKey: "1"},
			&model.Subscription{ID: "subscriptions/X", DisplayName: "x", Scope: "/apis", PrimaryKey: "2"}}, nil, "subscriptions/X", "twice"},
		{"a subscription for nothing", 1, []model.Resource{&model.Subscription{ID: "subscriptions/x", DisplayName: "x", Scope: "/products/gone"}}, nil,
			"subscriptions/x", "products/gone, which does not exist"},
		{"an empty resource", 1, []model.Resource{nil}, nil, "", "resources[0]"},
		{"an empty pointer", 1, []model.Resource{(*model.Subscription)(nil)}, nil, "", "resources[0]"},
		{"a backend that a document needs", 1, nil, []model.ID{"backends/orders"}, "apis/shop/operations/get/policies/policy", "there is no backend orders"},
		{"a fragment that a document needs", 1, nil, []model.ID{"policyFragments/common"}, "apis/shop/operations/get/policies/policy", "there is no policy fragment"},
		{"a named value that a document needs", 1, nil, []model.ID{"namedValues/colour"}, "apis/shop/policies/policy", "there is no named value"},
		{"an API with operations", 1, nil, []model.ID{"apis/shop"}, "apis/shop/operations/get", "apis/shop, which does not exist"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			snap := compile(t, settings(t, markRegistry(map[string]int{})), shop())
			next, problems := snap.Apply(&snapshot.Delta{Base: test.base, Revision: 9, Put: test.put, Delete: test.gone})
			if next != nil || !problems.HasErrors() || !says(problems, test.resource, test.text) {
				t.Errorf("want a problem of %q with %q, have:\n%s", test.resource, test.text, problems)
			}
			if snap.Subscription("key-one") == nil || snap.Operations() != 2 {
				t.Error("a refused change has changed the snapshot")
			}
		})
	}
}

func TestDifference(t *testing.T) {
	before := &snapshot.Document{Revision: 3, Resources: shop()}
	after := &snapshot.Document{Revision: 4, Resources: shop()}
	after.Resources[1] = &model.NamedValue{ID: "namedValues/colour", DisplayName: "Colour", Value: "red"}
	after.Resources = append(after.Resources[:2], after.Resources[3:]...)
	delta, err := snapshot.Difference(before, after)
	if err != nil {
		t.Fatal(err)
	}
	want := &snapshot.Delta{Base: 3, Revision: 4, Put: after.Resources[1:2], Delete: []model.ID{"policyFragments/common"}}
	if diff := cmp.Diff(want, delta); diff != "" {
		t.Errorf("delta (-want +got):\n%s", diff)
	}
	for _, wrong := range [][]model.Resource{{nil}, {(*model.User)(nil)}, append(shop(), shop()[0])} {
		if _, err := snapshot.Difference(before, &snapshot.Document{Resources: wrong}); err == nil {
			t.Error("a document with an empty or repeated resource has a difference")
		}
	}
}

func TestUsable(t *testing.T) {
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	earlier, later := now.Add(-time.Second), now.Add(time.Second)
	tests := []struct {
		name string
		sub  model.Subscription
		want string
	}{
		{"without state", model.Subscription{}, ""},
		{"active", model.Subscription{State: model.SubscriptionActive, StartDate: &earlier, ExpirationDate: &later, EndDate: &later}, ""},
		{"suspended", model.Subscription{State: model.SubscriptionSuspended}, "the subscription is suspended"},
		{"begins now", model.Subscription{StartDate: &now}, ""},
		{"begins later", model.Subscription{StartDate: &later}, "the subscription has not begun"},
		{"expires now", model.Subscription{ExpirationDate: &now}, "the subscription has expired"},
		{"ended", model.Subscription{EndDate: &earlier}, "the subscription has ended"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &snapshot.Subscription{Model: &test.sub}
			if got := s.Usable(now); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// BenchmarkApplyKey adds one subscription key to a configuration that has
// 100,000. The whole delta is to be served within 10 ms.
func BenchmarkApplyKey(b *testing.B) {
	const keys = 100_000
	resources := shop()
	for i := range keys {
		name := strconv.Itoa(i)
		resources = append(resources, &model.Subscription{ID: model.NewID("subscriptions", "s"+name), DisplayName: name, Scope: "/products/starter",
			State: model.SubscriptionActive, PrimaryKey: "primary-" + name, SecondaryKey: "secondary-" + name})
	}
	snap := compile(b, settings(b, markRegistry(map[string]int{})), resources)
	put := []model.Resource{&model.Subscription{ID: "subscriptions/new", DisplayName: "New", Scope: "/products/starter",
		State: model.SubscriptionActive, PrimaryKey: "primary-new", SecondaryKey: "secondary-new"}}
	b.ReportAllocs()
	for b.Loop() {
		next, problems := snap.Apply(&snapshot.Delta{Base: 1, Revision: 2, Put: put})
		if problems.HasErrors() || next.Subscription("primary-new") == nil {
			b.Fatal(problems)
		}
	}
}
