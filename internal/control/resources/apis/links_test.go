package apis_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLinks follows an API's tags and products through a copy, a release and a
// delete.
func TestLinks(t *testing.T) {
	s := withRevisions(t)
	s.Put("tags/red", `{"properties": {"displayName": "Red"}}`)
	s.Put("tags/blue", `{"properties": {"displayName": "Blue"}}`)
	s.Put("apis/echo/tags/red", nil)
	s.Put("apis/echo/operations/old/tags/red", nil)
	s.Put("apis/echo;rev=2/tags/blue", nil)
	s.Put("products/p", `{"properties": {"displayName": "P"}}`)
	s.Put("products/p/apis/echo", nil)
	s.Put("gateways/g", `{"properties": {"locationData": {"name": "here"}}}`)
	s.Put("gateways/g/apis/echo", `{"properties": {"provisioningState": "created"}}`)
	s.Put("subscriptions/s", `{"properties": {"displayName": "S", "scope": "/apis/echo"}}`)
	if diff := cmp.Diff([]string{"p"}, s.Names("apis/echo/products?$filter=displayName eq 'P'")); diff != "" {
		t.Error(diff)
	}
	counts := func() map[string]int {
		got := map[string]int{}
		for _, list := range []string{"tags/red/apiLinks", "tags/red/operationLinks", "tags/blue/apiLinks", "products/p/apis", "products/p/apiLinks", "gateways/g/apis"} {
			got[list] = len(s.Names(list))
		}
		return got
	}
	want := map[string]int{"tags/red/apiLinks": 1, "tags/red/operationLinks": 1, "tags/blue/apiLinks": 0, "products/p/apis": 1, "products/p/apiLinks": 1, "gateways/g/apis": 1}
	if diff := cmp.Diff(want, counts()); diff != "" {
		t.Error(diff)
	}
	// The current revision's tags are those of the links: red goes, blue comes.
	s.Put("apis/echo/releases/second", `{"properties": {"apiId": "/apis/echo;rev=2"}}`)
	want["tags/red/apiLinks"], want["tags/red/operationLinks"], want["tags/blue/apiLinks"] = 0, 0, 1
	if diff := cmp.Diff(want, counts()); diff != "" {
		t.Error(diff)
	}
	s.Put("apis/copy", `{"properties": {"path": "copy", "sourceApiId": "/apis/echo;rev=1"}}`)
	want["tags/red/apiLinks"], want["tags/red/operationLinks"] = 1, 1
	if diff := cmp.Diff(want, counts()); diff != "" {
		t.Error(diff)
	}
	compile(t, s)
	s.Must(http.MethodDelete, "apis/copy/operations/old", nil, http.StatusOK)
	s.Must(http.MethodDelete, "apis/echo?deleteRevisions=true", nil, http.StatusAccepted)
	want = map[string]int{"tags/red/apiLinks": 1, "tags/red/operationLinks": 0, "tags/blue/apiLinks": 0, "products/p/apis": 0, "products/p/apiLinks": 0, "gateways/g/apis": 0}
	if diff := cmp.Diff(want, counts()); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodGet, "subscriptions/s", nil, http.StatusNotFound)
	compile(t, s)
}
