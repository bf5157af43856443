package browser

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// serviceID is the id of the service that a first start makes. A group of the service is named by its full id: what
// is relative is of the workspace.
const serviceID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sallyport" +
	"/providers/Microsoft.ApiManagement/service/sallyport"

// workspaceFiles are a workspace whose API and product have the names of the service's own, shown to developers.
func workspaceFiles(tb testing.TB, p *portal) map[string]string {
	const at = "workspaces/sales/"
	properties := func(value map[string]any) string { return mustJSON(tb, map[string]any{"properties": value}) }
	link := func(property, id string) string {
		return mustJSON(tb, map[string]any{"name": "link", "properties": map[string]any{property: id}})
	}
	return map[string]string{
		at + "workspaceInformation.json": properties(map[string]any{"displayName": "Sales team"}),
		at + "apis/echo/apiInformation.json": properties(map[string]any{
			"displayName": "Ledger", "path": "sales/ledger", "protocols": []string{"http", "https"}, "type": "http", "subscriptionRequired": true,
			"serviceUrl": "http://" + p.ports["--echo"] + "/sallyport-echo", "isCurrent": true, "apiRevision": "1",
		}),
		at + "apis/echo/operations/entries/operationInformation.json": properties(map[string]any{
			"displayName": "List entries", "method": "GET", "urlTemplate": "/resource",
		}),
		at + "products/unlimited/productInformation.json": properties(map[string]any{
			"displayName": "Books", "state": "published", "subscriptionRequired": true, "approvalRequired": true,
		}),
		at + "products/unlimited/apis/echo/productApiInformation.json":           link("apiId", "/workspaces/sales/apis/echo"),
		at + "products/unlimited/groups/developers/productGroupInformation.json": link("groupId", serviceID+"/groups/developers"),
	}
}

// TestWorkspaceJourney finds the API of a workspace, subscribes to its product, is approved, calls it with the key and in
// the console, and sees what it used.
func TestWorkspaceJourney(tt *testing.T) {
	p := startPortal(tt)
	p.apply(workspaceFiles(tt, p))
	t := newTab(tt)
	t.open(p.url + "/apis")
	t.lacks("Ledger") // Guests do not see it.
	t.signUp(p, journeyMail)

	t.open(p.url + "/search?q=sales")
	t.sees("Ledger")
	t.sees("Sales team")
	t.open(p.url + "/apis?workspace=sales")
	t.lacks("Echo API")
	t.picture("workspace-apis")
	t.followText("Ledger")
	t.sees("Sales team")
	t.picture("workspace-api")
	t.open(p.url + "/apis/sales:echo/operations/entries")
	t.sees("/sales/ledger/resource")

	t.subscribe(p, "sales:unlimited", "Counting house")
	t.sees("Counting house")
	admin := newTab(tt)
	admin.open(p.administratorLink())
	admin.open(p.url + "/admin/approvals")
	admin.sees("workspace sales")
	admin.followText("Counting house")
	admin.followText("Approve")
	p.post.await(tt, journeyMail, "Books")

	t.open(p.url + "/subscriptions")
	t.picture("workspace-subscriptions")
	t.followText("Counting house")
	key := t.shownKey()
	for path, want := range map[string]int{"/sales/ledger/resource": http.StatusOK, "/echo/resource?param1=sample": http.StatusUnauthorized} {
		if got := p.call(path, key); got != want {
			tt.Errorf("%s is answered %d, want %d", path, got, want)
		}
	}
	t.open(p.url + "/console/sales:echo/entries")
	t.do(t.clickText("Send"))
	t.sees("200 OK")
	t.picture("workspace-console")
	for range 10 {
		t.open(p.url + "/usage")
		if evaluate[bool](t, `document.body.innerText.includes("Ledger (sales)")`) {
			break
		}
		t.do(chromedp.Sleep(2 * time.Second))
	}
	t.sees("Ledger (sales)")
	t.picture("workspace-usage")
}

// lacks checks that a page does not show a text.
func (t *tab) lacks(text string) {
	t.tb.Helper()
	if shown := t.visible(); strings.Contains(shown, text) {
		t.tb.Errorf("the page shows %q:\n%s", text, shown)
	}
}
