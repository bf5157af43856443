package client

import "testing"

func TestNamesOfWorkspaces(t *testing.T) {
	const service = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/x"
	tests := []struct{ name, collection, id, want, path string }{
		{"of the service", "apis", service + "/apis/orders", "orders", "apis/orders"},
		{"relative", "apis", "/apis/orders", "orders", "apis/orders"},
		{"of a workspace", "apis", service + "/workspaces/sales/apis/orders", "sales:orders", "workspaces/sales/apis/orders"},
		{"of a workspace, relative", "products", "workspaces/sales/products/p", "sales:p", "workspaces/sales/products/p"},
		{"in other case", "apis", "/SUBSCRIPTIONS/s/PROVIDERS/microsoft.apimanagement/Service/x/Workspaces/Sales/APIs/Orders", "Sales:Orders",
			"workspaces/Sales/apis/Orders"},
		{"below it", "apis", service + "/workspaces/sales/apis/orders/operations/get", "sales:orders", "workspaces/sales/apis/orders"},
		{"a subscription of the service, not of Azure", "subscriptions", service + "/subscriptions/mine", "mine", "subscriptions/mine"},
		{"only one of Azure", "subscriptions", service, "", ""},
		{"another collection", "apis", service + "/products/p/apis/orders", "", ""},
		{"all APIs", "apis", service + "/workspaces/sales/apis", "", ""},
		{"the workspace", "workspaces", service + "/workspaces/sales", "sales", "workspaces/sales"},
		{"nothing", "apis", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := NameIn(test.collection, test.id)
			if got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if got == "" {
				return
			}
			if path := PathIn(test.collection, got); path != test.path {
				t.Errorf("the path is %q, want %q", path, test.path)
			}
		})
	}
}

// TestOnlyBothNamesAreOfAWorkspace sees that what lacks one of the two names is
// none of the service's: no resource has a colon in its name.
func TestOnlyBothNamesAreOfAWorkspace(t *testing.T) {
	for name, want := range map[string]string{
		":orders": "apis/:orders", "sales:": "apis/sales:", "a:b:c": "workspaces/a/apis/b:c", "a:../x": "workspaces/a/apis/..%2Fx",
	} {
		if got := PathIn("apis", name); got != want {
			t.Errorf("%q is at %q, want %q", name, got, want)
		}
	}
	if got := PathIn("apis", "sales:orders", "operations", "a b"); got != "workspaces/sales/apis/orders/operations/a%20b" {
		t.Error(got)
	}
}
