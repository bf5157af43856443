package snapshot_test

import (
	"slices"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

func TestCompile(t *testing.T) {
	snap := compile(t, settings(t, markRegistry(map[string]int{})), shop())
	if snap.Revision() != 1 || snap.APIs() != 2 || snap.Operations() != 2 || snap.Subscriptions() != 2 || snap.Global() == nil {
		t.Errorf("revision %d, %d APIs, %d operations, %d subscriptions, global %v",
			snap.Revision(), snap.APIs(), snap.Operations(), snap.Subscriptions(), snap.Global() != nil)
	}
	if len(snap.Document().Resources) != len(shop()) {
		t.Errorf("the document has %d resources, want %d", len(snap.Document().Resources), len(shop()))
	}
	api := snap.API(0)
	if api.Model.ID != "apis/shop" || api.Policy == nil || api.ServiceURL.Host != "shop.example" || api.Static.API.Name != "Shop" || !api.Static.API.IsCurrentRevision {
		t.Errorf("the API is %+v", api)
	}
	if second := snap.API(1); second.Root != api.Root || second.Policy != nil || second.Static.API.Revision != "2" || second.Static.API.IsCurrentRevision {
		t.Errorf("the second revision is %+v", second)
	}
	if get := snap.Operation(0); get.API != api || get.Policy == nil || get.Static.Operation.URLTemplate != "/items/{id}" || get.Static.API != api.Static.API {
		t.Errorf("the operation is %+v", get)
	}
	product := snap.Product("products/starter")
	if product == nil || product.Policy == nil || !product.Contains(api) || !product.Contains(snap.API(1)) || product.Host.Groups[0].ID != "developers" {
		t.Errorf("the product is %+v", product)
	}
	if group := product.Host.Groups[0]; group.Name != "Developers" {
		t.Errorf("the built-in group is called %q", group.Name)
	}
	if user := snap.User("users/ann"); user == nil || user.Host.Groups[0].Name != "Testers" {
		t.Errorf("the user is %+v", user)
	}
	for _, key := range []string{"key-one", "key-one-b"} {
		if sub := snap.Subscription(key); sub == nil || sub.Target != "products/starter" || sub.Owner != "users/ann" || sub.Host.PrimaryKey != "key-one" {
			t.Errorf("the subscription of %s is %+v", key, sub)
		}
	}
	if snap.Subscription("key-none") != nil || snap.Subscription("") != nil {
		t.Error("a key that is none has a subscription")
	}
	for _, id := range []string{"orders", "ORDERS", "/backends/orders"} {
		if b := snap.Backend(id); b == nil || b.URL != "https://orders.example/base" {
			t.Errorf("the backend %s is %v", id, b)
		}
	}
	if snap.Schema("apis/shop", "types") == nil || snap.Schema("apis/shop", "none") != nil || snap.OpenProduct(api) != nil {
		t.Error("the schema is not found, or a product is open that is not")
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct {
		name     string
		change   func([]model.Resource) []model.Resource
		resource string
		text     string
	}{
		{"an empty resource", func(r []model.Resource) []model.Resource { return append(r, nil) }, "", "resources[20]"},
		{"an empty pointer", func(r []model.Resource) []model.Resource { return append(r, (*model.API)(nil)) }, "", "resources[20]"},
		{"an API twice", func(r []model.Resource) []model.Resource { return append(r, r[4]) }, "apis/shop", "twice"},
		{"a subscription twice", func(r []model.Resource) []model.Resource { return append(r, r[18]) }, "subscriptions/one", "twice"},
		{"a key twice", func(r []model.Resource) []model.Resource {
			return append(r, &model.Subscription{ID: "subscriptions/three", DisplayName: "x", Scope: "/apis", SecondaryKey: "key-two"})
		}, "subscriptions/three", "has a key that the subscription two has too"},
		{"an operation without its API", func(r []model.Resource) []model.Resource {
			return append(r, &model.Operation{ID: "apis/gone/operations/x", DisplayName: "x", Method: "GET", URLTemplate: "/"})
		}, "apis/gone/operations/x", "apis/gone"},
		{"a document with an error", func(r []model.Resource) []model.Resource {
			return append(r, &model.Policy{ID: "apis/shop/operations/list/policies/policy", Value: `<policies><inbound><mark /></inbound></policies>`})
		}, "apis/shop/operations/list/policies/policy", "1:20: mark: the attribute text is missing"},
		{"a fragment that nothing includes", func(r []model.Resource) []model.Resource {
			return append(r, &model.PolicyFragment{ID: "policyFragments/broken", Value: `<fragment><march /></fragment>`})
		}, "policyFragments/broken", "did you mean mark?"},
		{"a backend without URL", func(r []model.Resource) []model.Resource {
			return append(r, &model.Backend{ID: "backends/blank", URL: "orders.example", Protocol: "http"})
		}, "backends/blank", ""},
		{"a certificate that is none", func(r []model.Resource) []model.Resource {
			return append(r, &model.Certificate{ID: "certificates/c", Data: "AAAA"})
		}, "certificates/c", "PKCS #12"},
		{"two open products", func(r []model.Resource) []model.Resource {
			return append(r,
				&model.Product{ID: "products/open", DisplayName: "Open", SubscriptionRequired: new(false)}, &model.Link{ID: "products/open/apis/shop"},
				&model.Product{ID: "products/also", DisplayName: "Also", SubscriptionRequired: new(false)}, &model.Link{ID: "products/also/apis/shop"})
		}, "products/open/apis/shop", "two products without subscription"},
		{"a workspace's fragment", func(r []model.Resource) []model.Resource {
			return append(r, &model.Workspace{ID: "workspaces/w", DisplayName: "W"},
				&model.Policy{ID: "workspaces/w/policies/policy", Value: `<policies><inbound><include-fragment fragment-id="common" /></inbound></policies>`})
		}, "workspaces/w/policies/policy", "there is no policy fragment common"},
	}
	s := settings(t, markRegistry(map[string]int{}))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			snap, problems := snapshot.Compile(&snapshot.Document{Revision: 1, Resources: test.change(shop())}, s)
			if snap != nil || !problems.HasErrors() || !says(problems, test.resource, test.text) {
				t.Errorf("want a problem of %q with %q, have:\n%s", test.resource, test.text, problems)
			}
		})
	}
	t.Run("too many resources", func(t *testing.T) {
		_, problems := snapshot.Compile(&snapshot.Document{Resources: make([]model.Resource, snapshot.MaxResources+1)}, s)
		if !says(problems, "", "MaxResources") {
			t.Errorf("want the name of the limit, have:\n%s", problems)
		}
	})
}

// TestCompileSharesNothing makes sure that a document can be compiled again.
func TestCompileSharesNothing(t *testing.T) {
	resources := shop()
	before := slices.Clone(resources)
	s := settings(t, markRegistry(map[string]int{}))
	compile(t, s, resources)
	compile(t, s, resources)
	if !slices.Equal(before, resources) {
		t.Error("compiling has changed the document")
	}
}

func TestOpenProduct(t *testing.T) {
	s := settings(t, markRegistry(map[string]int{}))
	snap := compile(t, s, append(shop(),
		&model.Product{ID: "products/open", DisplayName: "Open", SubscriptionRequired: new(false)}, &model.Link{ID: "products/open/apis/shop"}))
	for i := range snap.APIs() {
		if open := snap.OpenProduct(snap.API(i)); open == nil || open.Model.ID != "products/open" {
			t.Errorf("the open product of %s is %v", snap.API(i).Model.ID, open)
		}
	}
	closed := apply(t, snap, nil, "products/open/apis/shop")
	if closed.OpenProduct(closed.API(0)) != nil {
		t.Error("the product is still open without the API")
	}
}

func TestWorkspaces(t *testing.T) {
	s := settings(t, markRegistry(map[string]int{}))
	snap := compile(t, s, append(shop(),
		&model.Workspace{ID: "workspaces/w", DisplayName: "Team"},
		&model.NamedValue{ID: "workspaces/w/namedValues/colour", DisplayName: "colour", Value: "green"},
		&model.PolicyFragment{ID: "workspaces/w/policyFragments/common", Value: `<fragment><mark text="{{colour}}" /></fragment>`},
		&model.Backend{ID: "workspaces/w/backends/own", URL: "https://own.example", Protocol: model.BackendHTTP},
		&model.Policy{ID: "workspaces/w/policies/policy", Value: `<policies><inbound><include-fragment fragment-id="common" /><mark text="w" backend="own" /></inbound></policies>`},
		&model.API{ID: "workspaces/w/apis/team", DisplayName: "Team", Path: "team"},
		&model.Operation{ID: "workspaces/w/apis/team/operations/get", DisplayName: "Get", Method: "GET", URLTemplate: "/"}))
	var team *snapshot.API
	for i := range snap.APIs() {
		if a := snap.API(i); a.Model.ID == "workspaces/w/apis/team" {
			team = a
		}
	}
	if team == nil || team.Workspace == nil || team.Workspace.Policy == nil || team.Static.Workspace.Name != "Team" {
		t.Fatalf("the workspace's API is %+v", team)
	}
	if snap.Backend("own") != nil || snap.Backend("workspaces/w/backends/own") == nil {
		t.Error("a backend of a workspace is found where it is not, or not where it is")
	}
	if snap.API(0).Workspace != nil {
		t.Error("an API of the service is in a workspace")
	}
}

// TestProductsOfWorkspaces keeps what products of workspaces open in their workspace, whatever was kept before that
// was refused.
func TestProductsOfWorkspaces(t *testing.T) {
	s := settings(t, markRegistry(map[string]int{}))
	const full = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/x/"
	snap := compile(t, s, append(shop(),
		&model.Workspace{ID: "workspaces/w", DisplayName: "Team"},
		&model.API{ID: "workspaces/w/apis/team", DisplayName: "Team", Path: "team"},
		&model.Product{ID: "workspaces/w/products/open", DisplayName: "Open", SubscriptionRequired: new(false)},
		&model.Link{ID: "workspaces/w/products/open/apiLinks/own", APIID: "/apis/team"},
		&model.Link{ID: "workspaces/w/products/open/apiLinks/other", APIID: full + "apis/shop"}))
	for i := range snap.APIs() {
		a := snap.API(i)
		if open := snap.OpenProduct(a) != nil; open != (a.WorkspaceKey != "") {
			t.Errorf("the product of the workspace opens %s: %v", a.Model.ID, open)
		}
	}
}
