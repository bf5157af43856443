package administer_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// TestSubscriptionsOfWorkspaces decides about a subscription of a workspace whose name is that of one of the
// service: that one stays as it is.
func TestSubscriptionsOfWorkspaces(t *testing.T) {
	w := newWorld(t)
	ann := w.m.Properties("users/ann")
	ann["email"], ann["firstName"] = "ann@example.com", "Ann"
	w.m.Set("users/ann", ann)
	w.m.Set("workspaces/sales", map[string]any{"displayName": "Team Sales"})
	w.m.Set("workspaces/sales/products/starter", map[string]any{"displayName": "Sales starter", "state": "published"})
	w.m.Set("workspaces/sales/subscriptions/waiting", map[string]any{
		"displayName": "Of sales", "state": "submitted", "scope": pagetest.Service + "/workspaces/sales/products/starter",
		"ownerId": pagetest.Service + "/users/ann",
	})
	w.Get("/admin/approvals").Want(t, http.StatusOK, `"/admin/approvals/waiting"`, `"/admin/approvals/sales:waiting"`, "Of sales")
	w.Get("/admin/subscriptions").Want(t, http.StatusOK, "Team Sales").WantNone(t, "Of sales")
	w.Get("/admin/subscriptions?workspace=Sales").Want(t, http.StatusOK, "Of sales", `"/admin/subscriptions/sales:waiting"`)
	w.Get("/admin/subscriptions?workspace=none").Want(t, http.StatusNotFound)
	at := "/admin/approvals/sales:waiting"
	w.Get(at).Want(t, http.StatusOK, "workspace sales")
	w.Post(at, form(w.etag(t, at), "decision", "approve")).Want(t, http.StatusSeeOther)
	if got := w.m.Properties("workspaces/sales/subscriptions/waiting")["state"]; got != "active" {
		t.Errorf("it is %v", got)
	}
	if got := w.m.Properties("subscriptions/waiting")["state"]; got != "submitted" {
		t.Errorf("that of the service is %v", got)
	}
	told := false
	for _, call := range w.m.Calls() {
		if name, ok := strings.CutPrefix(call, "PUT sallyportMail/"); ok {
			told = told || strings.Contains(w.m.Properties("sallyportMail/" + name)["html"].(string), "Sales starter")
		}
	}
	if !told {
		t.Error("nobody is told of it")
	}
	one := "/admin/subscriptions/sales:waiting"
	w.Post(one+"/state", form(w.etag(t, one), "state", "suspended")).Want(t, http.StatusSeeOther)
	if got := w.m.Properties("workspaces/sales/subscriptions/waiting")["state"]; got != "suspended" {
		t.Errorf("it is %v", got)
	}
}
