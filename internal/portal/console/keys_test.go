package console

import (
	"testing"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
)

// TestS17_KeysOpenTheirOwnPlace gives subscriptions of the service and of two workspaces, whose names are the same,
// to APIs that are called the same: offered is what the gateway lets in, and nothing else.
func TestS17_KeysOpenTheirOwnPlace(t *testing.T) {
	api := func(workspace, name, product string) *catalogue.API {
		return &catalogue.API{
			Name: name, Place: catalogue.Place{Workspace: workspace}, Products: []*catalogue.Product{{Name: product}},
		}
	}
	apis := map[string]*catalogue.API{
		"the service": api("", "ledger", "gold"), "sales": api("sales", "sales:ledger", "sales:gold"),
		"support": api("support", "support:ledger", "support:gold"),
	}
	const service = testService
	tests := []struct{ scope, opens string }{
		{service + "/products/gold", "the service"},
		{service + "/workspaces/sales/products/gold", "sales"},
		{service + "/workspaces/Support/products/Gold", "support"},
		{service + "/apis/ledger", "the service"},
		{service + "/apis/ledger;rev=2", "the service"},
		{service + "/workspaces/sales/apis/ledger", "sales"},
		{service + "/apis", "the service"},
		{service + "/workspaces/sales/apis", "sales"},
		{service + "/workspaces/sales", "sales"},
		{service + "/workspaces/none/apis", ""},
		{service + "/workspaces/sales/products/other", ""},
		{service + "/users/ann", ""},
		{service + "/", "all"},
		{"/products/gold", "the service"},
	}
	wrong := 0
	for _, test := range tests {
		for place, a := range apis {
			if got := opens(test.scope, a); got != (test.opens == place || test.opens == "all") {
				wrong++
				t.Errorf("%s opens the ledger of %s: %t", test.scope, place, got)
			}
		}
	}
	t.Logf("S17: %d of %d pairs of a subscription's scope and an API are offered and do not open it, or the other way (0)",
		wrong, len(tests)*len(apis))
	for scope, want := range map[string]string{
		service + "/workspaces/sales/products/gold": "x (product sales:gold)", service + "/products/gold": "x (product gold)",
		service + "/workspaces/sales/apis/ledger": "x (API sales:ledger)", service + "/workspaces/sales/apis": "x (all APIs of sales)",
		service + "/apis": "x (all APIs)",
	} {
		if got := nameOf("x", "", scope); got != want {
			t.Errorf("%s is called %q, want %q", scope, got, want)
		}
	}
}
