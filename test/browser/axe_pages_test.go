package browser

import (
	"fmt"
	"testing"
)

// Pages by who may see them. Those that need more than an address are passed by
// the journey.
var (
	guestPages = []string{
		"/", "/apis", "/apis?q=echo", "/apis/echo", "/apis/echo/changes", "/apis/echo/operations", "/apis/echo/operations/retrieve-resource",
		"/apis/petstore", "/apis/petstore/operations/addpet", "/apis/petstore/schemas/Pet", "/products", "/products/starter", "/search?q=pet", "/search",
		"/console/echo/retrieve-resource", "/console/petstore/addpet", "/signin", "/signup", "/reset", missingPage,
	}
	userPages = []string{
		"/", "/apis/echo", "/products/starter", "/subscribe/starter", "/subscriptions", "/usage", "/account", "/account/sessions",
		"/account/close", "/console/echo/retrieve-resource",
	}
	adminPages = []string{
		"/admin", "/admin/content", "/admin/content/new", "/admin/content/pages/home", "/admin/content/preview/home", "/admin/navigation",
		"/admin/look", "/admin/media", "/admin/publish", "/admin/history", "/admin/approvals", "/admin/users", "/admin/users/1",
		"/admin/users/1/sessions", "/admin/users/1/delete", "/admin/users/invite", "/admin/groups", "/admin/groups/new",
		"/admin/groups/developers", "/admin/subscriptions", "/admin/settings", "/admin/settings/signup", "/admin/settings/delegation",
		"/admin/providers", "/admin/providers/aad", "/admin/templates", "/admin/templates/confirmSignUpIdentityDefault",
		"/admin/notifications", "/admin/notifications/BCC", "/admin/outbox", "/admin/usage",
	}
)

// missingPage is one that is not there.
const missingPage = "/nowhere"

// look is how a page is shown.
type look struct {
	width, height int64
	scheme        string
}

// looks are wide and light, and narrow and dark; in the long form all four.
func looks() []look {
	desktop, phone := sizes[0], sizes[1]
	list := []look{{desktop.width, desktop.height, "light"}, {phone.width, phone.height, "dark"}}
	if *long {
		list = append(list, look{desktop.width, desktop.height, "dark"}, look{phone.width, phone.height, "light"})
	}
	return list
}

// TestAccessibility has axe-core look at every page, for what WCAG 2.2 AA forbids.
func TestAccessibility(tt *testing.T) {
	axe := axeFile(tt)
	p := startPortal(tt)
	guest, user, admin := newTab(tt), newTab(tt), newTab(tt)
	user.signUp(p, "grace@example.org")
	user.subscribe(p, "starter", "Compiler")
	own := "/subscriptions/" + evaluate[string](user, `location.pathname.split("/")[2]`)
	admin.open(p.administratorLink())
	found, pages := 0, 0
	for _, group := range []struct {
		tab   *tab
		pages []string
	}{{guest, guestPages}, {user, append(userPages, own, own+"/renew?key=primary", own+"/cancel")}, {admin, adminPages}} {
		for _, path := range group.pages {
			if status := group.tab.status(p.url + path); (status >= 400) != (path == missingPage) {
				tt.Errorf("%s is answered %d", path, status)
			}
			pages++
			for _, look := range looks() {
				group.tab.do(viewport(look.width, look.height))
				group.tab.prefers(look.scheme)
				if list := group.tab.violations(axe); len(list) > 0 {
					found += len(list)
					tt.Errorf("%s at %d pixels, %s:\n%s", path, look.width, look.scheme, describe(list))
				}
			}
		}
	}
	fmt.Printf("portal: %d violations of WCAG 2.2 AA on %d pages, each in %d looks (0)\n", found, pages, len(looks()))
}

// accessible fails the test where axe-core finds something in the page as it is.
func (t *tab) accessible(what string) {
	t.tb.Helper()
	if list := t.violations(axeFile(t.tb)); len(list) > 0 {
		t.wrong("%s:\n%s", what, describe(list))
	}
}

// TestAccessibility_NegativeControl takes the label from a field, and has a text
// that cannot be read.
func TestAccessibility_NegativeControl(tt *testing.T) {
	axe := axeFile(tt)
	t := newTab(tt)
	t.open("data:text/html,<html lang=en><title>x</title><main><h1 style='color:%23ddd'>Hard to read</h1><input></main>")
	if list := t.violations(axe); len(list) < 2 {
		tt.Errorf("only %d violations were found on a page with two", len(list))
	}
}
