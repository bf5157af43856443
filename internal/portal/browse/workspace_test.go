package browse_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// inPlaces are the names of the API and the product that the service and two workspaces all have.
var inPlaces = []string{"", "sales:", "support:"}

// lookAround asks for the pages of what the service and two workspaces have under the same names, as members of the
// group that is called the same in all of them.
func lookAround(t *testing.T, h http.Handler, tell func(format string, args ...any)) (asked, wrong int) {
	t.Helper()
	for _, of := range inPlaces {
		visitor := "insider of " + of
		for _, place := range inPlaces {
			want := http.StatusNotFound
			if of == place {
				want = http.StatusOK
			}
			for _, path := range []string{"/apis/" + place + "ledger", "/apis/" + place + "ledger/changes", "/products/" + place + "gold"} {
				asked++
				if res, _ := get(t, h, visitor, path); res.StatusCode != want {
					wrong++
					tell("%s gets %d for %s, want %d", visitor, res.StatusCode, path, want)
				}
			}
		}
		for _, path := range []string{
			"/apis", "/products", "/search?q=ledger", "/search?q=gold", "/search?q=team", "/search/suggestions?q=ledger",
			"/apis?workspace=sales", "/apis?workspace=support", "/apis?workspace=:", "/products?workspace=sales", "/apis/" + of + "ledger",
			"/products/" + of + "gold",
		} {
			asked++
			_, body := get(t, h, visitor, path)
			for _, name := range slices.Concat(linked(body, "apis"), linked(body, "products"), linked(body, "subscribe")) {
				if name != of+"ledger" && name != of+"gold" {
					wrong++
					tell("%s is shown %s on %s", visitor, name, path)
				}
			}
			for _, other := range []string{"sales", "support"} {
				if main := mainOf(body); of != other+":" && strings.Contains(main, "Team "+other) {
					wrong++
					tell("%s is shown the name of %s on %s", visitor, other, path)
				}
			}
		}
	}
	return asked, wrong
}

// withInsiders are the tests' visitors with members of the group insiders of each place.
func withInsiders(t *testing.T) {
	t.Helper()
	for _, of := range inPlaces {
		visitors["insider of "+of] = page.Visitor{User: "ida", Name: "Ida", Groups: []string{"developers", of + "insiders"}}
		t.Cleanup(func() { delete(visitors, "insider of "+of) })
	}
}

// TestS17_CataloguePagesOfWorkspaces asks for every page of what three places have under the same names.
func TestS17_CataloguePagesOfWorkspaces(t *testing.T) {
	withInsiders(t)
	s := cataloguetest.New()
	cataloguetest.Workspaces(s)
	h := portal(t, s)
	asked, wrong := lookAround(t, h, t.Errorf)
	t.Logf("S17: %d of %d pages show, or hide, what another of three places has under the same name (0)", wrong, asked)
	_, body := get(t, h, "insider of sales:", "/apis")
	for _, want := range []string{"Ledger of sales", "Team sales"} {
		if !strings.Contains(mainOf(body), want) {
			t.Errorf("the list does not have %q", want)
		}
	}
	if strings.Contains(body, `name="workspace"`) {
		t.Error("there is a filter by workspaces where there is one place only")
	}
	for path, want := range map[string]string{
		"/apis": "ledger sales:ledger support:ledger", "/apis?workspace=SALES": "sales:ledger", "/apis?workspace=:": "ledger",
		"/apis?workspace=none": "", "/products": "gold sales:gold support:gold", "/products?workspace=support": "support:gold",
	} {
		_, body := get(t, h, "admin", path)
		names := slices.Concat(linked(mainOf(body), "apis"), linked(mainOf(body), "products"))
		slices.Sort(names)
		if got := strings.Join(slices.Compact(names), " "); got != want {
			t.Errorf("%s has %q, want %q", path, got, want)
		}
		if !strings.Contains(body, `name="workspace"`) {
			t.Errorf("%s has no filter by workspaces", path)
		}
	}
}

// TestS17_CataloguePagesOfWorkspaces_NegativeControl shows the product of one workspace to the group of another: that
// is told of.
func TestS17_CataloguePagesOfWorkspaces_NegativeControl(t *testing.T) {
	withInsiders(t)
	s := cataloguetest.New()
	cataloguetest.Workspaces(s)
	cataloguetest.Link(s, "workspaces/sales/products/gold/groupLinks/m", "groupId", "workspaces/support/groups/insiders")
	if _, wrong := lookAround(t, portal(t, s), t.Logf); wrong < 5 {
		t.Errorf("only %d pages are told of", wrong)
	}
}
