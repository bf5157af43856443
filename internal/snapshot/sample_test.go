package snapshot_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// markRegistry has one policy, <mark text="…"/>, which does nothing but note how
// often it has been compiled.
func markRegistry(compiled map[string]int) *policy.Registry {
	var mu sync.Mutex // Documents are compiled side by side.
	return policy.NewRegistry(
		&policy.Spec{
			Name: "mark", Sections: policy.AnySection, Scopes: policy.AnyScope,
			Shape: policy.Shape{Attributes: []policy.Attribute{{Name: "text", Required: true}, {Name: "backend"}}},
			Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
				text, _ := c.String(el, "text").Constant()
				mu.Lock()
				compiled[c.Resource()+" "+text]++
				mu.Unlock()
				if id, ok := c.String(el, "backend").Constant(); ok && !c.Exists("backends/"+id) {
					c.Failf(el, "there is no backend %s", id)
				}
				return policy.StepFunc(func(*policy.Call) error { return nil })
			},
		},
		&policy.Spec{
			Name: "include-fragment", Sections: policy.AnySection, Scopes: policy.AnyScope,
			Shape: policy.Shape{Attributes: []policy.Attribute{{Name: "fragment-id", Required: true}}},
			Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
				id, _ := el.Attr("fragment-id")
				return c.Include(el, id.Value)
			},
		},
	)
}

// settings makes what the tests compile with.
func settings(tb testing.TB, registry *policy.Registry) *snapshot.Settings {
	tb.Helper()
	compiler, err := expr.NewCompiler()
	if err != nil {
		tb.Fatal(err)
	}
	return &snapshot.Settings{Policies: registry, Expressions: compiler}
}

// marked is a policy document with one mark.
func marked(text string) string {
	return `<policies><inbound><base /><mark text="` + text + `" /></inbound></policies>`
}

// shop is a small configuration of most kinds.
func shop() []model.Resource {
	return []model.Resource{
		&model.Policy{ID: "policies/policy", Value: marked("global")},
		&model.NamedValue{ID: "namedValues/colour", DisplayName: "Colour", Value: "blue"},
		&model.PolicyFragment{ID: "policyFragments/common", Value: `<fragment><mark text="fragment" /></fragment>`},
		&model.Backend{ID: "backends/orders", URL: "https://orders.example/base", Protocol: model.BackendHTTP},
		&model.API{ID: "apis/shop", DisplayName: "Shop", Path: "shop", ServiceURL: "https://shop.example", Protocols: []model.Protocol{"https"}},
		&model.API{ID: "apis/shop;rev=2", DisplayName: "Shop", Path: "shop", APIRevision: "2", ServiceURL: "https://two.example"},
		&model.Policy{ID: "apis/shop/policies/policy", Value: marked("{{colour}}")},
		&model.Operation{ID: "apis/shop/operations/get", DisplayName: "Get", Method: "GET", URLTemplate: "/items/{id}",
			TemplateParameters: []model.Parameter{{Name: "id", Type: "string", Required: true}}},
		&model.Operation{ID: "apis/shop/operations/list", DisplayName: "List", Method: "GET", URLTemplate: "/items"},
		&model.Policy{ID: "apis/shop/operations/get/policies/policy",
			Value: `<policies><inbound><include-fragment fragment-id="common" /><mark text="get" backend="orders" /></inbound></policies>`},
		&model.Schema{ID: "apis/shop/schemas/types", ContentType: model.SchemaOpenAPI},
		&model.Product{ID: "products/starter", DisplayName: "Starter", State: model.ProductPublished},
		&model.Policy{ID: "products/starter/policies/policy", Value: marked("starter")},
		&model.Link{ID: "products/starter/apis/shop"},
		&model.Link{ID: "products/starter/groups/developers"},
		&model.User{ID: "users/ann", Email: "ann@example.com", FirstName: "Ann", LastName: "A"},
		&model.Group{ID: "groups/testers", DisplayName: "Testers"},
		&model.Link{ID: "groups/testers/users/ann"},
		&model.Subscription{ID: "subscriptions/one", DisplayName: "One", Scope: "/products/starter", OwnerID: "/users/ann",
			State: model.SubscriptionActive, PrimaryKey: "key-one", SecondaryKey: "key-one-b"},
		&model.Subscription{ID: "subscriptions/two", DisplayName: "Two", Scope: "/apis", State: model.SubscriptionActive, PrimaryKey: "key-two"},
	}
}

// compile compiles resources that are right.
func compile(tb testing.TB, s *snapshot.Settings, resources []model.Resource) *snapshot.Snapshot {
	tb.Helper()
	snap, problems := snapshot.Compile(&snapshot.Document{Revision: 1, Resources: resources}, s)
	if problems.HasErrors() {
		tb.Fatalf("the configuration does not compile:\n%s", problems)
	}
	return snap
}

// apply applies a change that is right.
func apply(tb testing.TB, snap *snapshot.Snapshot, put []model.Resource, gone ...model.ID) *snapshot.Snapshot {
	tb.Helper()
	next, problems := snap.Apply(&snapshot.Delta{Base: snap.Revision(), Revision: snap.Revision() + 1, Put: put, Delete: gone})
	if problems.HasErrors() {
		tb.Fatalf("the change does not compile:\n%s", problems)
	}
	return next
}

// says reports whether a problem is about a resource and contains a text.
func says(problems problem.Problems, resource, text string) bool {
	for _, p := range problems {
		if p.Resource == resource && strings.Contains(p.String(), text) {
			return true
		}
	}
	return false
}
