package reference_test

import (
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// TestS17_DescriptionsOfWorkspaces has three descriptions of APIs that are called the same, in the service and in two
// workspaces: the reference and the exports of each have its own, for who sees it.
func TestS17_DescriptionsOfWorkspaces(t *testing.T) {
	s := newPlane()
	cataloguetest.Workspaces(s.Service)
	places := []string{"", "sales:", "support:"}
	said := func(place string) string { return "Said of " + place + "ledger" }
	for _, place := range places {
		s.documents[place+"ledger"] = `{"openapi": "3.0.3", "info": {"title": "` + place + `", "version": "1"}, "paths": {"/entries": {"get": {
			"summary": "x", "description": "` + said(place) + `", "responses": {"200": {"description": "ok"}}}}}}`
		s.exports[place+"ledger.openapi+json-link"] = s.documents[place+"ledger"]
		s.exports[place+"ledger.openapi-link"] = "exported of " + place
	}
	r := newRig(t, s)
	asked, wrong := 0, 0
	for range 2 { // From the management plane, and from memory.
		for _, of := range places {
			r.As(page.Visitor{User: "ida", Session: "s", Groups: []string{"developers", of + "insiders"}})
			for _, place := range places {
				for _, path := range []string{"/operations/get", "/export/original", "/operations"} {
					asked++
					a := r.Get("/apis/" + place + "ledger" + path)
					if (a.Status == 200) != (of == place) {
						wrong++
						t.Errorf("an insider of %q gets %d for %s of %q", of, a.Status, path, place)
					}
					for _, other := range places {
						if strings.Contains(a.Body, said(other)) && (other != place || other != of) {
							wrong++
							t.Errorf("an insider of %q is shown what is said of %q", of, other)
						}
					}
					if path == "/operations/get" && of == place && !strings.Contains(a.Body, said(place)) {
						wrong++
						t.Errorf("the reference of %q does not have its description", place)
					}
				}
			}
		}
	}
	t.Logf("S17: %d of %d pages and files of descriptions of the same name in three places are another's (0)", wrong, asked)
}
