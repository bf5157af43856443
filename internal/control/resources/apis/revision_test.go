package apis_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// numbers are what the list of revisions says: each number, with "*" where it is
// current.
func numbers(t *testing.T, s *resourcestest.Server, api string) []string {
	t.Helper()
	var all []string
	list, _ := s.Get(api + "/revisions")["value"].([]any)
	for _, item := range list {
		revision, _ := item.(map[string]any)
		number, _ := revision["apiRevision"].(string)
		if revision["isCurrent"] == true {
			number += "*"
		}
		all = append(all, number)
	}
	return all
}

// TestRevisionOne has an API as Terraform makes it.
func TestRevisionOne(t *testing.T) {
	s := resourcestest.New(t, nil)
	status, _, body := s.Do(http.MethodPut, "apis/echo;rev=1", echo, "If-Match", "*")
	if status != http.StatusCreated || at(body, "properties.apiRevision") != "1" || at(body, "properties.isCurrent") != true {
		t.Fatalf("status %d: %v", status, body)
	}
	s.Must(http.MethodPut, "apis/echo%3Brev%3D1", echo, http.StatusOK)
	s.Put("apis/echo;rev=1/operations/get", getThing)
	if diff := cmp.Diff([]string{"echo"}, s.Names("apis")); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{"apis/echo;rev=1", "apis/echo", "apis/echo/operations/get", "apis/echo;rev=1/operations/get"} {
		s.Get(path)
	}
	s.Must(http.MethodGet, "apis/echo;rev=2", nil, http.StatusNotFound)
	if diff := cmp.Diff([]string{"1*"}, numbers(t, s, "apis/echo")); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodDelete, "apis/echo;rev=1?deleteRevisions=true", nil, http.StatusAccepted)
	s.Must(http.MethodGet, "apis/echo", nil, http.StatusNotFound)
}

func TestFirstRevisionHasItsNumber(t *testing.T) {
	s := resourcestest.New(t, nil)
	body := s.Put("apis/echo;rev=4", echo)
	if at(body, "name") != "echo;rev=4" || at(body, "id") != resourcestest.Service+"/apis/echo;rev=4" || at(s.Get("apis/echo"), "name") != "echo" || at(body, "properties.apiRevision") != "4" {
		t.Errorf("%v", body)
	}
	s.Get("apis/echo;rev=4")
}

// withRevisions makes an API with two revisions, which differ.
func withRevisions(t *testing.T) *resourcestest.Server {
	t.Helper()
	s := resourcestest.New(t, nil)
	s.Put("apis/echo", echo)
	s.Put("apis/echo/operations/get", getThing)
	s.Put("apis/echo/operations/old", `{"properties": {"displayName": "Old", "method": "GET", "urlTemplate": "/old"}}`)
	s.Put("apis/echo/policies/policy", `{"properties": {"format": "rawxml", "value": "<policies><inbound><base /></inbound><backend><base /></backend><outbound /><on-error /></policies>"}}`)
	s.Put("apis/echo/schemas/s", `{"properties": {"contentType": "text/plain", "document": {"value": "x"}}}`)
	s.Clock.Advance(time.Hour)
	body := s.Must(http.MethodPut, "apis/echo;rev=2", `{"properties": {"path": "echo", "apiRevisionDescription": "Second",
		"serviceUrl": "http://echo.example/v2", "sourceApiId": "/apis/echo"}}`, http.StatusCreated)
	want := map[string]any{
		"displayName": "Echo API", "path": "echo", "serviceUrl": "http://echo.example/v2", "protocols": []any{"http", "https"},
		"apiRevision": "2", "apiRevisionDescription": "Second", "isOnline": true, "subscriptionRequired": true, "provisioningState": "Succeeded",
		"subscriptionKeyParameterNames": map[string]any{"header": "Ocp-Apim-Subscription-Key", "query": "subscription-key"},
	}
	if diff := cmp.Diff(want, at(body, "properties")); diff != "" || at(body, "name") != "echo;rev=2" {
		t.Fatal(diff)
	}
	s.Must(http.MethodDelete, "apis/echo;rev=2/operations/old", nil, http.StatusOK)
	s.Put("apis/echo;rev=2/operations/new", `{"properties": {"displayName": "New", "method": "GET", "urlTemplate": "/new"}}`)
	return s
}

func TestRelease(t *testing.T) {
	s := withRevisions(t)
	s.Get("apis/echo;rev=2/policies/policy")
	s.Get("apis/echo;rev=2/schemas/s")
	if diff := cmp.Diff([]string{"echo"}, s.Names("apis")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"get", "old"}, s.Names("apis/echo/operations")); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodPut, "apis/echo/releases/zero", `{"properties": {"apiId": "/apis/echo", "notes": "nothing new"}}`, http.StatusCreated)
	if diff := cmp.Diff([]string{"2", "1*"}, numbers(t, s, "apis/echo")); diff != "" {
		t.Error(diff)
	}
	body := s.Must(http.MethodPut, "apis/echo/releases/second", `{"properties": {"apiId": "/apis/echo;rev=2", "notes": "new"}}`, http.StatusCreated)
	want := map[string]any{
		"apiId": resourcestest.Service + "/apis/echo;rev=2", "notes": "new",
		"createdDateTime": "2026-01-01T10:00:00Z", "updatedDateTime": "2026-01-01T10:00:00Z",
	}
	if diff := cmp.Diff(want, at(body, "properties")); diff != "" {
		t.Error(diff)
	}
	body = s.Get("apis/echo")
	if at(body, "properties.apiRevision") != "2" || at(body, "properties.isCurrent") != true || at(body, "properties.serviceUrl") != "http://echo.example/v2" {
		t.Errorf("current is %v", body)
	}
	for path, names := range map[string][]string{
		"apis/echo/operations": {"get", "new"}, "apis/echo;rev=2/operations": {"get", "new"},
		"apis/echo;rev=1/operations": {"get", "old"}, "apis/echo/releases": {"second", "zero"}, "apis": {"echo"},
	} {
		if diff := cmp.Diff(names, s.Names(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	if diff := cmp.Diff([]string{"2*", "1"}, numbers(t, s, "apis/echo")); diff != "" {
		t.Error(diff)
	}
	// Notes of an old release do not bring its revision back; a new release does.
	s.Must(http.MethodPut, "apis/echo/releases/first", `{"properties": {"apiId": "/apis/echo;rev=1"}}`, http.StatusCreated)
	s.Must(http.MethodPatch, "apis/echo/releases/second", `{"properties": {"notes": "newer"}}`, http.StatusOK)
	if diff := cmp.Diff([]string{"2", "1*"}, numbers(t, s, "apis/echo")); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodDelete, "apis/echo/releases/first", nil, http.StatusOK)
}

func TestReleaseRefused(t *testing.T) {
	s := withRevisions(t)
	s.Put("apis/other", `{"properties": {"path": "other"}}`)
	for _, id := range []string{"/apis/echo;rev=3", "/apis/other", "/products/x", "nonsense"} {
		status, _, body := s.Do(http.MethodPut, "apis/echo/releases/r", `{"properties": {"apiId": "`+id+`"}}`)
		if status != http.StatusBadRequest || !slices.Contains(resourcestest.Targets(body), "properties.apiId") {
			t.Errorf("%s: status %d: %v", id, status, body)
		}
	}
}

func TestSharedProperties(t *testing.T) {
	s := withRevisions(t)
	for _, property := range []string{
		`"displayName": "x"`, `"description": "x"`, `"subscriptionRequired": false`, `"path": "x"`, `"protocols": ["http"]`, `"type": "soap"`, `"apiVersionDescription": "x"`,
	} {
		status, _, body := s.Do(http.MethodPatch, "apis/echo;rev=2", `{"properties": {`+property+`}}`)
		if status != http.StatusBadRequest || len(resourcestest.Targets(body)) != 1 {
			t.Errorf("%s: status %d: %v", property, status, body)
		}
	}
	s.Must(http.MethodPut, "apis/echo;rev=2", `{"properties": {"displayName": "Echo API", "path": "echo", "protocols": ["https", "http"], "serviceUrl": "http://other.example"}}`, http.StatusOK)
	s.Must(http.MethodPatch, "apis/echo", `{"properties": {"displayName": "Renamed", "path": "renamed"}}`, http.StatusOK)
	body := s.Get("apis/echo;rev=2")
	if at(body, "properties.displayName") != "Renamed" || at(body, "properties.path") != "renamed" || at(body, "properties.serviceUrl") != "http://other.example" {
		t.Errorf("%v", body)
	}
}

func TestDeleteRevisions(t *testing.T) {
	s := withRevisions(t)
	status, _, body := s.Do(http.MethodDelete, "apis/echo", nil)
	if status != http.StatusBadRequest || at(body, "error.message") != "Cannot delete the current revision of an API." {
		t.Errorf("status %d: %v", status, body)
	}
	s.Must(http.MethodDelete, "apis/echo;rev=2", nil, http.StatusAccepted)
	s.Must(http.MethodGet, "apis/echo;rev=2/operations/get", nil, http.StatusNotFound)
	s.Get("apis/echo/operations/get")
	s.Must(http.MethodPut, "apis/echo;rev=2", `{"properties": {"path": "echo", "sourceApiId": "/apis/echo;rev=1"}}`, http.StatusCreated)
	s.Must(http.MethodDelete, "apis/echo?deleteRevisions=true", nil, http.StatusAccepted)
	s.Must(http.MethodGet, "apis/echo;rev=2", nil, http.StatusNotFound)
	s.Must(http.MethodGet, "apis/echo", nil, http.StatusNotFound)
}

// TestReleaseIsOneChange looks at the API from within the release's transaction:
// all of it is one revision of the store.
func TestReleaseIsOneChange(t *testing.T) {
	s := withRevisions(t)
	var before uint64
	read := func() (revision uint64) {
		err := s.Plane.Read(t.Context(), &resource.Call{}, func(session *resource.Session) error {
			revision = uint64(session.Reader().Revision())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return revision
	}
	before = read()
	s.Put("apis/echo/releases/second", `{"properties": {"apiId": "/apis/echo;rev=2"}}`)
	if after := read(); after != before+1 {
		t.Errorf("the release took the revisions %d to %d", before, after)
	}
}

func TestClone(t *testing.T) {
	s := withRevisions(t)
	s.Put("apiVersionSets/set", `{"properties": {"displayName": "Set", "versioningScheme": "Segment"}}`)
	body := s.Must(http.MethodPut, "apis/echo-v2", `{"properties": {"path": "echo2", "displayName": "Echo 2", "apiVersion": "v2", "apiVersionSetId": "/apiVersionSets/set",
		"sourceApiId": "`+resourcestest.Service+`/apis/echo"}}`, http.StatusCreated)
	if at(body, "properties.apiRevision") != "1" || at(body, "properties.serviceUrl") != "http://echo.example/api" || at(body, "properties.sourceApiId") != nil {
		t.Errorf("%v", body)
	}
	if diff := cmp.Diff([]string{"get", "old"}, s.Names("apis/echo-v2/operations")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1*"}, numbers(t, s, "apis/echo-v2")); diff != "" {
		t.Error(diff)
	}
}
