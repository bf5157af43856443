package portal

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page"
)

// expectations say who may use which paths: the first that matches counts. They
// are written down apart from the routes, so that a route which asks for less is
// found.
var expectations = []struct {
	path  *regexp.Regexp
	needs page.Access
}{
	{regexp.MustCompile(`^/admin(/|$)`), page.Administrator},
	{regexp.MustCompile(`^/(account|subscriptions|subscribe|usage|delegation)(/|$)`), page.SignedIn},
	{regexp.MustCompile(`^/(\{\$\}|pages/.*|search.*|apis.*|products.*|theme.*|logo.*|content.*|media.*)$`), page.Anyone},
	{regexp.MustCompile(`^/(signup|signin|signout|signin-sso|signin-oauth|confirm|reset|invitation|terms|proof)(/|$)`), page.Anyone},
	{regexp.MustCompile(`^/console(/|$)`), page.Anyone},
	{regexp.MustCompile(`^/(robots\.txt|sitemap\.xml|favicon\.ico|opensearch\.xml)$`), page.Anyone},
}

// exceptions are routes whose access is not that of their folder, each with why.
var exceptions = map[string]page.Access{
	// Tokens of authorization servers are kept for a session.
	"GET /console/{api}/{operation}/authorize/{kind}/{server}": page.SignedIn,
	"POST /console/{api}/{operation}/token/{kind}/{server}":    page.SignedIn,
	"POST /console/{api}/{operation}/forget":                   page.SignedIn,
	"GET /signin-oauth/code/callback/{server}":                 page.SignedIn,
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// example is a path of a pattern.
func example(path string) string {
	path = strings.TrimSuffix(path, "{$}")
	return variable.ReplaceAllString(path, "x")
}

// TestS17_PortalRoutes asks for each route of the portal as a guest, a developer
// and an administrator.
func TestS17_PortalRoutes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	visitors := []*visitor{r.sessionOf("", "a"), r.sessionOf("ann", "a"), r.sessionOf("1", "a")}
	routes := r.portal.Routes()
	if len(routes) < 20 {
		t.Fatalf("there are only %d routes", len(routes))
	}
	wrong, cases := 0, 0
	for _, route := range routes {
		needs, ok := expected(route)
		if !ok {
			wrong++
			t.Errorf("%s %s: nobody has said who may use it", route.Method, route.Path)
			continue
		}
		if needs != route.Needs {
			wrong++
			t.Errorf("%s %s is for %s, want %s", route.Method, route.Path, route.Needs, needs)
		}
		for rank, v := range visitors {
			cases++
			if route.Path == "/signout" { // It ends the session that it is done in.
				v = r.sessionOf(v.user, "b")
			}
			w := v.do(route.Method, example(route.Path), nil, "X-CSRF-Token", v.token())
			if admitted := !turnedAway(w.Code, w.Header().Get("Location"), w.Body.String()); admitted != (rank >= int(needs)) {
				wrong++
				t.Errorf("%s %s as %q: %d %s, admitted %v, want the route for %s", route.Method, route.Path, v.user, w.Code,
					w.Header().Get("Location"), admitted, needs)
			}
		}
	}
	t.Logf("S17: %d routes of the portal, %d cases, %d wrong (0)", len(routes), cases, wrong)
}

func expected(route page.RouteInfo) (page.Access, bool) {
	if needs, ok := exceptions[route.Method+" "+route.Path]; ok {
		return needs, true
	}
	for _, e := range expectations {
		if e.path.MatchString(route.Path) {
			return e.needs, true
		}
	}
	return 0, false
}

// turnedAway says that an answer is a refusal for who the visitor is.
func turnedAway(status int, location, body string) bool {
	return status == http.StatusSeeOther && strings.HasPrefix(location, "/signin?return=") ||
		status == http.StatusForbidden && strings.Contains(body, "for administrators")
}

// TestS17_PortalRoutes_NegativeControl gives a route to those who may not have it:
// the matrix says so.
func TestS17_PortalRoutes_NegativeControl(t *testing.T) {
	t.Parallel()
	needs, ok := expected(page.RouteInfo{Method: "GET", Path: "/admin/users", Needs: page.SignedIn})
	if !ok || needs != page.Administrator {
		t.Errorf("/admin/users is expected to be for %s", needs)
	}
	if _, ok := expected(page.RouteInfo{Method: "GET", Path: "/forgotten"}); ok {
		t.Error("a path of which nothing is written down is expected")
	}
	if turnedAway(http.StatusOK, "", "") || turnedAway(http.StatusForbidden, "", "The form has expired.") {
		t.Error("an answer that is none counts as a refusal")
	}
}
