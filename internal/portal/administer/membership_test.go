package administer_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// TestMembers adds users to a group by their addresses and takes them out, on the
// page of the group.
func TestMembers(t *testing.T) {
	w := newWorld(t)
	w.m.Handle("GET users", func(rw http.ResponseWriter, r *http.Request) {
		found := `[]`
		if strings.Contains(r.URL.Query().Get("$filter"), "'p@example.com'") {
			found = `[{"name":"pending","properties":{"email":"p@example.com"}}]`
		}
		_, _ = rw.Write([]byte(`{"value":` + found + `,"count":1}`))
	})
	w.Post("/admin/groups/partners/members", form("", "email", " p@example.com ")).Want(t, http.StatusSeeOther)
	if w.m.Properties("groups/partners/users/pending") == nil {
		t.Error("the user is not in the group")
	}
	w.Get("/admin/groups/partners").Want(t, http.StatusOK, `action="/admin/groups/partners/members/remove"`, `name="user" value="pending"`)
	w.Post("/admin/groups/partners/members/remove", form("", "user", "pending")).Want(t, http.StatusSeeOther)
	if w.m.Properties("groups/partners/users/pending") != nil {
		t.Error("the user is in the group still")
	}
	w.Post("/admin/groups/partners/members", form("", "email", "nobody@example.com")).Want(t, http.StatusUnprocessableEntity,
		"No user has the address nobody@example.com.", `value="nobody@example.com"`, `href="#f-email"`)
	w.Post("/admin/groups/partners/members", form("", "email", " ")).Want(t, http.StatusUnprocessableEntity, "Fill in the e-mail address")
	w.Post("/admin/groups/partners/members/remove", nil).Want(t, http.StatusBadRequest, "Choose who is taken out")
	w.Post("/admin/groups/administrators/members/remove", form("", "user", "1")).Want(t, http.StatusBadRequest, "your own account")
}

// TestMemberships lists the groups of a user: only those that are given by hand
// have a button.
func TestMemberships(t *testing.T) {
	w := newWorld(t)
	w.m.Set("users/ann/groups/directory", map[string]any{"displayName": "Directory", "type": "external"})
	w.m.Set("users/ann/groups/sales", map[string]any{"displayName": "Sales", "sallyportWorkspace": "emea"})
	got := w.Get("/admin/users/ann").Want(t, http.StatusOK, `name="leave" value="partners"`, "Directory", "of the workspace emea", "Choose a group")
	got.WantNone(t, `value="directory"`, `value="sales"`)
	w.Get("/admin/users/1").Want(t, http.StatusOK, "Administrators").WantNone(t, `value="administrators"`)
	w.Post("/admin/users/ann/groups", form("", "group", "")).Want(t, http.StatusUnprocessableEntity, `href="#f-group"`, "Choose a group.")
	w.Post("/admin/users/ann/leave", nil).Want(t, http.StatusBadRequest, "Choose who is taken out")
	w.Post("/admin/users/ann/leave", form("", "leave", "partners")).Want(t, http.StatusSeeOther)
	if w.m.Properties("groups/partners/users/ann") != nil {
		t.Error("the user is in the group still")
	}
}

// TestExternalGroups have no form: their members come from a directory.
func TestExternalGroups(t *testing.T) {
	w := newWorld(t)
	w.m.Set("groups/directory", map[string]any{"displayName": "Directory", "type": "external"})
	w.m.Set("groups/directory/users/ann", map[string]any{"email": "ann@example.com", "firstName": "Ann"})
	w.Get("/admin/groups/directory").Want(t, http.StatusOK, "ann@example.com").WantNone(t, "Take out", "/members")
	w.As(pagetest.Guest).Post("/admin/groups/partners/members", form("", "email", "p@example.com"))
	if w.m.Properties("groups/partners/users/pending") != nil {
		t.Error("a guest has changed a group")
	}
}

// TestProblemsAtFields tells what is wrong with content at the field it is of.
func TestProblemsAtFields(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name, path string
		fields     []string
		want       []string
	}{
		{"a colour", "/admin/look", []string{"light-accent", "red"}, []string{`href="#f-light-accent"`, "Accent: "}},
		{"the name of a font", "/admin/look", []string{"family-text", "a;}", "file-text-0", "x.woff2"}, []string{`href="#f-family-text"`}},
		{"a weight", "/admin/look", []string{"family-text", "Fira", "file-text-0", "x.woff2", "weight-text-0", "bold"},
			[]string{`href="#f-weight-text-0"`}},
		{"a palette", "/admin/look", []string{"dark-text", "#303030"}, []string{"Colours on dark pages: text on", "All pairs that cannot be told apart"}},
		{"an address", "/admin/navigation", []string{"menu", "Terms = javascript:alert(1)"}, []string{`href="#f-menu"`, "Menu, address of link 1: "}},
		{"a name", "/admin/content/new", []string{"slug", "a b", "title", "A"}, []string{`href="#f-slug"`, "Name in the address"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			etag := ""
			if tt.path != "/admin/content/new" {
				etag = w.etag(t, tt.path)
			}
			w.Post(tt.path, form(etag, tt.fields...)).Want(t, http.StatusUnprocessableEntity, tt.want...)
		})
	}
}
