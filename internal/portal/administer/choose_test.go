package administer_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// TestChoosers filters by what resources are called, and by their names as in
// addresses of before.
func TestChoosers(t *testing.T) {
	c := newCrowd(t, memory.New(), 1000)
	c.As(pagetest.Admin)
	for _, test := range []struct {
		name, path string
		has, none  []string
	}{
		{"few products", "/admin/subscriptions?product=p001", []string{`<option value="p001" selected>Product No. 1`, "Product " + "Product No. 1"}, []string{"Product " + "Product No. 2"}},
		{"by display name", "/admin/subscriptions?product=product+no.+2", []string{`<option value="p002" selected>`, "Product " + "Product No. 2"}, []string{"Product " + "Product No. 1"}},
		{"a product that is gone", "/admin/subscriptions?product=gone", []string{`<option value="gone" selected>`, "No subscription matches"}, nil},
		{"an owner by name", "/admin/subscriptions?owner=u000999", []string{`<option value="u000999" selected>Firstu000999 Lastu000999 (person999@example.com)`, "/admin/subscriptions/s000999"}, []string{"/admin/subscriptions/s000998"}},
		{"an owner by address", "/admin/subscriptions?owner=person998@example", []string{`<option value="u000998" selected>`, "/admin/subscriptions/s000998"}, nil},
		{"several owners", "/admin/subscriptions?owner=person99&state=active", []string{"Which user?", "owner=u000099&amp;state=active", "owner=u000990&amp;state=active"}, []string{"Asked for"}},
		{"very many owners", "/admin/subscriptions?owner=person", []string{"Which user?", "write more of the name"}, []string{"Asked for"}},
		{"no owner", "/admin/subscriptions?owner=nobody%2F..%2F", []string{"No user is called so."}, []string{"Asked for"}},
		{"a group", "/admin/users?group=developers&q=person17%40", []string{`<option value="developers" selected>Developers`, "person17@example.com"}, nil},
		{"a group that is gone", "/admin/users?group=gone", []string{"No user matches"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.Get(test.path).Want(t, http.StatusOK, test.has...).WantNone(t, test.none...)
		})
	}
}

// TestChoosers_Many searches where there are too many to choose from.
func TestChoosers_Many(t *testing.T) {
	c := newCrowd(t, memory.New(), 1000)
	for i := range 110 {
		c.api.Put(fmt.Sprintf("products/q%03d", i), fmt.Sprintf(`{"properties": {"displayName": "Quick %d"}}`, i))
	}
	c.As(pagetest.Admin)
	page := c.Get("/admin/subscriptions").Want(t, http.StatusOK, `name="product"`, "Product No. 1")
	if strings.Contains(page.Body, "Quick 1") {
		t.Error("the page lists products that are not on it")
	}
	c.Get("/admin/subscriptions?product=Quick+10").Want(t, http.StatusOK, "Which product?", "product=q010", "product=q101")
	c.Get("/admin/subscriptions?product=p001").Want(t, http.StatusOK, `<option value="p001" selected>Product No. 1`)
	c.Get("/admin/subscriptions?product=No.+1").Want(t, http.StatusOK, `<option value="p001" selected>Product No. 1`, "Product "+"Product No. 1")
}

// TestS18_Choosers has hostile texts in what filters show: names of products,
// groups, APIs and users, and what was typed.
func TestS18_Choosers(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	n := 0
	for _, path := range hostileFilters(evil) {
		w := newWorld(t)
		furnishFilters(w.m, evil)
		got := w.Get(path).Want(t, http.StatusOK)
		n++
		for _, bad := range []string{"<script>alert", "<img src=x", evil} {
			if strings.Contains(got.Body, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
	}
	t.Logf("S18: %d lists with hostile filters and names: 0 that run (limit 0)", n)
}

// TestS18_Choosers_NegativeControl finds the texts on the pages, escaped.
func TestS18_Choosers_NegativeControl(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	for _, path := range hostileFilters(evil) {
		w := newWorld(t)
		furnishFilters(w.m, evil)
		w.Get(path).Want(t, http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt;")
	}
}

func hostileFilters(evil string) []string {
	q := url.QueryEscape(evil)
	return []string{
		"/admin/subscriptions", "/admin/subscriptions?product=" + q, "/admin/subscriptions?owner=" + q, "/admin/subscriptions?owner=ann",
		"/admin/subscriptions?q=" + q, "/admin/users?group=" + q, "/admin/users?group=partners", "/admin/users?q=" + q, "/admin/approvals",
	}
}

func furnishFilters(m *pagetest.Management, evil string) {
	m.Set("products/starter", map[string]any{"displayName": evil})
	m.Set("apis/echo", map[string]any{"displayName": evil})
	m.Set("subscriptions/ofapi", map[string]any{"displayName": evil, "state": "submitted", "scope": pagetest.Service + "/apis/echo"})
}
