package arm

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/access"
)

// FuzzServeHTTP sends anything as an administrator: no answer is a 500, each has
// a body that is JSON or none, and nobody else gets in.
func FuzzServeHTTP(f *testing.F) {
	f.Add("GET", "/subscriptions", "api-version=1", "")
	f.Add("PUT", "/subscriptions/"+sub+"/resourceGroups/g", "api-version=1", `{"location":"x","tags":{"a":null}}`)
	f.Add("PATCH", "/subscriptions/"+sub+"/resourceGroups/implied", "api-version=1", `{"tags":{}}`)
	f.Add("PUT", "/subscriptions/a/providers/Microsoft.Authorization/roleAssignments/"+access.NewID(), "api-version=1",
		`{"properties":{"roleDefinitionId":"Reader","principalId":"p"}}`)
	f.Add("GET", "/providers/Microsoft.Authorization/roleAssignments", "api-version=1&$filter=principalId%20eq%20'", "")
	r := newRig(f)
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://host/", strings.NewReader(body))
		if err != nil {
			return
		}
		request.URL = &url.URL{Path: path, RawPath: path, RawQuery: query}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, request)
		if w.Code < http.StatusBadRequest && !strings.EqualFold(path, "/metadata/endpoints") && !strings.EqualFold(strings.Trim(path, "/"), "metadata/endpoints") {
			t.Errorf("%s %q: %d for nobody", method, path, w.Code)
		}
		request.Body = http.NoBody
		if request.Body, err = request.GetBody(); err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer administrator")
		w = httptest.NewRecorder()
		r.ServeHTTP(w, request)
		if w.Code >= http.StatusInternalServerError || w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %q ?%q: %d %s", method, path, query, w.Code, w.Body)
		}
	})
}
