package session_test

import (
	"net/http"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
	"github.com/sallyport/sallyport/internal/portal/session"
)

// TestS17_GroupsOfWorkspaces puts a user into groups of a workspace that are called as those of the service, the
// administrators among them: that makes no administrator, and no member of the service's.
func TestS17_GroupsOfWorkspaces(t *testing.T) {
	r := newRig(t)
	for name, workspace := range map[string]string{"Administrators": "Sales", "insiders": "Sales", "partners": "support"} {
		r.plane.Set("users/ann/groups/"+name, client.Group{DisplayName: name, Workspace: workspace})
	}
	b := r.portal().signIn(t, "ann")
	b.me(t, "ann Ann Lee sales:administrators,developers,sales:insiders,support:partners")
	m := session.New(session.Options{Client: r.plane.Client, Secure: true, Clock: r.clock})
	section := &page.Section{Name: "s", Routes: []page.Route{
		{Pattern: "POST /in", Run: func(x *page.Exchange) error {
			if err := m.Begin(x, "ann", "Basic"); err != nil {
				return err
			}
			return x.Redirect("/admin/x", "")
		}},
		{Pattern: "GET /admin/x", Needs: page.Administrator, Run: func(x *page.Exchange) error {
			_, err := x.W.Write([]byte("for administrators only"))
			return err
		}},
	}}
	p := pagetest.New(t, page.Options{Sessions: m, Client: r.plane.Client, Clock: r.clock}, section)
	p.Post("/in", nil).Want(t, http.StatusSeeOther)
	status := p.Get("/admin/x").Status
	if status == http.StatusOK {
		t.Error("an administrator of a workspace's group is one of the service")
	}
	t.Logf("S17: a member of a workspace's group administrators is answered %d for a page of administrators (never 200)", status)
	// A change of the workspace's group counts at once.
	r.plane.Remove("users/ann/groups/insiders")
	b.manager.Changed([]string{"workspaces/sales/groups/insiders/users/ann"}, true)
	b.me(t, "sales:administrators,developers,support:partners")
}
