package usage

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
)

// TestUsageOfWorkspaces asks for the usage of a subscription of a workspace, which is not that of the service's of the
// same name.
func TestUsageOfWorkspaces(t *testing.T) {
	b := newBench(t)
	b.management.Set("users/ann/subscriptions/mine", map[string]any{"displayName": "Mine", "state": "active", "sallyportWorkspace": "sales"})
	if a := b.Get("/usage?subscription=sales:mine"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Mine (sales)") {
		t.Errorf("%d: %s", a.Status, a.Body)
	}
	if asked := b.asked(); len(asked) == 0 || slices.ContainsFunc(asked, func(filter string) bool {
		return !strings.Contains(filter, "subscriptionId eq '/workspaces/sales/subscriptions/mine'")
	}) {
		t.Errorf("asked for %q", asked)
	}
	for _, name := range []string{"mine", "support:mine", ":mine", "sales:"} {
		if a := b.Get("/usage?subscription=" + name); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
}

func TestRowsNameTheWorkspace(t *testing.T) {
	row := client.ReportRow{
		Name: "Orders", APIID: "/workspaces/sales/apis/orders", OperationID: "/workspaces/sales/apis/orders/operations/get",
		ProductID: "/products/gold", SubscriptionID: "/workspaces/support/subscriptions/-",
	}
	for by, want := range map[string]string{
		"api": "Orders (sales)", "operation": "Orders (sales)", "product": "Orders", "subscription": "Orders (support)",
	} {
		g := groupingOf(by, true)
		if name, id := g.about(&row); name != want || id == "" {
			t.Errorf("by %s it is %q, %q", by, name, id)
		}
	}
	g := groupingOf("operation", true)
	if got := g.detail(&row); got != "sales:orders" {
		t.Errorf("the detail is %q", got)
	}
}
