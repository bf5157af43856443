package resource_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
)

const serviceID = resource.ID("/subscriptions/S/resourceGroups/G/providers/Microsoft.ApiManagement/service/Shop")

func TestID(t *testing.T) {
	tests := []struct {
		id                         resource.ID
		service, workspace         resource.ID
		relative, name, collection string
		key                        store.Key
	}{
		{serviceID, serviceID, "", "", "Shop", string(serviceID[:len(serviceID)-5]),
			"subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/shop"},
		{serviceID + "/apis/Echo", serviceID, "", "apis/Echo", "Echo", string(serviceID) + "/apis",
			"subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/shop/apis/echo"},
		{serviceID + "/apis/echo;rev=2/operations/get", serviceID, "", "apis/echo;rev=2/operations/get", "get", string(serviceID) + "/apis/echo;rev=2/operations",
			"subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/shop/apis/echo/revisions/2/operations/get"},
		{serviceID + "/workspaces/W/apis/a", serviceID, serviceID + "/workspaces/W", "workspaces/W/apis/a", "a", string(serviceID) + "/workspaces/W/apis",
			"subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/shop/workspaces/w/apis/a"},
		{"/subscriptions/S/resourceGroups/G", "", "", "", "G", "/subscriptions/S/resourceGroups", "subscriptions/s/resourcegroups/g"},
	}
	for _, test := range tests {
		t.Run(string(test.id), func(t *testing.T) {
			if got := test.id.Service(); got != test.service {
				t.Errorf("service %q", got)
			}
			if got := test.id.Workspace(); got != test.workspace {
				t.Errorf("workspace %q", got)
			}
			if got := test.id.Relative(); got != test.relative {
				t.Errorf("relative %q", got)
			}
			if got := test.id.Name(); got != test.name {
				t.Errorf("name %q", got)
			}
			if got := test.id.Collection(); string(got) != test.collection {
				t.Errorf("collection %q", got)
			}
			if got := test.id.Key(); got != test.key {
				t.Errorf("key %q", got)
			}
		})
	}
	if !(serviceID + "/apis/a").Within(serviceID) || (serviceID + "x/apis/a").Within(serviceID) || !serviceID.Equal("/SUBSCRIPTIONS/s/resourcegroups/g/PROVIDERS/microsoft.apimanagement/SERVICE/shop") {
		t.Error("Within or Equal")
	}
	if got := resource.Type(serviceID + "/apis/a/operations/o"); got != "Microsoft.ApiManagement/service/apis/operations" {
		t.Errorf("type %q", got)
	}
}

func TestSplitRevision(t *testing.T) {
	for name, want := range map[string][2]string{
		"echo": {"echo", ""}, "echo;rev=2": {"echo", "2"}, "echo;REV=12": {"echo", "12"}, ";rev=1": {"", "1"}, "e;revx=1": {"e;revx=1", ""},
	} {
		if root, revision := resource.SplitRevision(name); root != want[0] || revision != want[1] {
			t.Errorf("%q: %q %q", name, root, revision)
		}
	}
}
