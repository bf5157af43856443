package apis_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

const echo = `{"properties": {"displayName": "Echo API", "path": "/echo", "serviceUrl": "http://echo.example/api", "protocols": ["https", "http"]}}`

// at is resourcestest.At.
func at(body map[string]any, path string) any { return resourcestest.At(body, path) }

func TestAPI(t *testing.T) {
	s := resourcestest.New(t, nil)
	status, header, body := s.Do(http.MethodPut, "apis/echo", echo)
	if status != http.StatusCreated {
		t.Fatalf("status %d: %v", status, body)
	}
	want := map[string]any{
		"id": resourcestest.Service + "/apis/echo", "name": "echo", "type": "Microsoft.ApiManagement/service/apis",
		"properties": map[string]any{
			"displayName": "Echo API", "path": "echo", "serviceUrl": "http://echo.example/api",
			"protocols": []any{"http", "https"}, "apiRevision": "1", "isCurrent": true, "isOnline": true,
			"subscriptionRequired": true, "provisioningState": "Succeeded",
			"subscriptionKeyParameterNames": map[string]any{"header": "Ocp-Apim-Subscription-Key", "query": "subscription-key"},
		},
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
	if header.Get("Location") == "" || header.Get("Azure-AsyncOperation") == "" || header.Get("ETag") == "" {
		t.Errorf("the headers are %v", header)
	}
	_, first, _ := s.Do(http.MethodHead, "apis/echo", nil)
	s.Clock.Advance(time.Second)
	if _, header, _ := s.Do(http.MethodPut, "apis/echo", echo); header.Get("ETag") == first.Get("ETag") {
		t.Error("the same again has the ETag of before")
	}
	s.Must(http.MethodPut, "apis/echo", strings.ReplaceAll(echo, "Echo API", "Echo"), http.StatusOK)
	if status, _, _ := s.Do(http.MethodPut, "apis/echo", echo, "If-Match", first.Get("ETag")); status != http.StatusPreconditionFailed {
		t.Errorf("a stale If-Match gives %d", status)
	}
	body = s.Must(http.MethodPatch, "apis/echo", `{"properties": {"path": "newecho", "description": "More.", "apiRevision": "7", "isCurrent": false}}`, http.StatusOK)
	if at(body, "properties.path") != "newecho" || at(body, "properties.apiRevision") != "1" || at(body, "properties.isCurrent") != true {
		t.Errorf("the patch gives %v", body)
	}
	if status, header, _ := s.Do(http.MethodDelete, "apis/echo", nil); status != http.StatusAccepted || header.Get("Location") == "" {
		t.Errorf("the delete gives %d", status)
	}
	s.Must(http.MethodDelete, "apis/echo", nil, http.StatusNoContent)
	s.Must(http.MethodGet, "apis/echo", nil, http.StatusNotFound)
}

func TestAPIList(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apiVersionSets/set", `{"properties": {"displayName": "Set", "versioningScheme": "Segment"}}`)
	s.Put("tags/red", `{"properties": {"displayName": "Red ones"}}`)
	s.Put("apis/a", `{"properties": {"displayName": "A", "path": "a", "apiVersion": "v1", "apiVersionSetId": "/apiVersionSets/set"}}`)
	s.Put("apis/b", `{"properties": {"displayName": "B", "path": "b", "protocols": ["https"]}}`)
	s.Put("apis/c", `{"properties": {"path": "c", "sourceApiId": "/apis/b"}}`)
	s.Put("apis/b/tags/red", nil)
	tests := []struct {
		name, query string
		want        []string
	}{
		{"all", "", []string{"a", "b", "c"}},
		{"a page", "?$top=1&$skip=1", []string{"b"}},
		{"a filter", "?$filter=displayName eq 'B'", []string{"b", "c"}},
		{"by a tag's id", "?tags=red", []string{"b"}},
		{"by a tag's name", "?tags=blue,Red ones", []string{"b"}},
		{"by no tag", "?tags=blue", []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, s.Names("apis"+tt.query)); diff != "" {
				t.Error(diff)
			}
		})
	}
	value, _ := s.Get("apis?expandApiVersionSet=true")["value"].([]any)
	first, _ := value[0].(map[string]any)
	if at(first, "properties.apiVersionSet.versioningScheme") != "Segment" {
		t.Errorf("the first API is %v", first)
	}
	value, _ = s.Get("apis")["value"].([]any)
	first, _ = value[0].(map[string]any)
	if at(first, "properties.apiVersionSet") != nil || at(first, "properties.apiVersionSetId") != resourcestest.Service+"/apiVersionSets/set" {
		t.Errorf("the first API is %v", first)
	}
	byTags, _ := s.Get("apisByTags")["value"].([]any)
	want := []any{map[string]any{
		"tag": map[string]any{"id": "/tags/red", "name": "Red ones"},
		"api": map[string]any{
			"id": "/apis/b", "name": "B", "path": "b", "protocols": []any{"https"}, "apiRevision": "1", "isCurrent": true,
			"subscriptionRequired": true,
		},
	}}
	if diff := cmp.Diff(want, byTags); diff != "" {
		t.Error(diff)
	}
	if all, _ := s.Get("apisByTags?includeNotTaggedApis=true&$filter=apiRevision eq '1'")["value"].([]any); len(all) != 3 {
		t.Errorf("with those that have no tag: %v", all)
	}
}

func TestAPIRefused(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apiVersionSets/set", `{"properties": {"displayName": "Set", "versioningScheme": "Segment"}}`)
	s.Put("apis/echo", echo)
	s.Put("apis/v1", `{"properties": {"path": "v", "apiVersion": "v1", "apiVersionSetId": "/apiVersionSets/set"}}`)
	s.Put("apis/v2", `{"properties": {"path": "v", "apiVersion": "v2", "apiVersionSetId": "apiVersionSets/set"}}`)
	tests := []struct {
		name, path, body, target string
	}{
		{"no path", "apis/x", `{"properties": {}}`, "properties.path"},
		{"another API's path", "apis/x", `{"properties": {"path": "ECHO/"}}`, "properties.path"},
		{"another version's path", "apis/x", `{"properties": {"path": "v", "apiVersion": "V2", "apiVersionSetId": "/apiVersionSets/set"}}`, "properties.path"},
		{"a version without a set", "apis/x", `{"properties": {"path": "x", "apiVersion": "v1"}}`, "properties.apiVersionSetId"},
		{"a set that is not there", "apis/x", `{"properties": {"path": "x", "apiVersionSetId": "/apiVersionSets/none"}}`, "properties.apiVersionSetId"},
		{"a set that is none", "apis/x", `{"properties": {"path": "x", "apiVersionSetId": "/apis/echo"}}`, "properties.apiVersionSetId"},
		{"a source that is not there", "apis/x", `{"properties": {"path": "x", "sourceApiId": "/apis/none"}}`, "properties.sourceApiId"},
		{"a source that is none", "apis/x", `{"properties": {"path": "x", "sourceApiId": "/apiVersionSets/set"}}`, "properties.sourceApiId"},
		{"a revision without a number", "apis/x;rev=b", `{"properties": {"path": "x"}}`, "name"},
		{"a wrong type", "apis/x", `{"properties": {"path": "x", "subscriptionRequired": "perhaps"}}`, "properties.subscriptionRequired"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, _, body := s.Do(http.MethodPut, tt.path, tt.body)
			if status != http.StatusBadRequest || !slices.Contains(resourcestest.Targets(body), tt.target) {
				t.Errorf("status %d: %v", status, body)
			}
		})
	}
}

func TestAPIAuthentication(t *testing.T) {
	s := resourcestest.New(t, nil)
	body := s.Put("apis/echo", `{"properties": {"path": "echo", "authenticationSettings": {
		"oAuth2": {"authorizationServerId": "a", "scope": "s"},
		"openidAuthenticationSettings": [{"openidProviderId": "p"}]}}}`)
	want := map[string]any{
		"oAuth2":                       map[string]any{"authorizationServerId": "a", "scope": "s"},
		"oAuth2AuthenticationSettings": []any{map[string]any{"authorizationServerId": "a", "scope": "s"}},
		"openid":                       map[string]any{"openidProviderId": "p"},
		"openidAuthenticationSettings": []any{map[string]any{"openidProviderId": "p"}},
	}
	if diff := cmp.Diff(want, at(body, "properties.authenticationSettings")); diff != "" {
		t.Error(diff)
	}
}

func TestWebSocketAPI(t *testing.T) {
	s := resourcestest.New(t, nil)
	body := s.Put("apis/ws", `{"properties": {"path": "ws", "apiType": "websocket", "serviceUrl": "wss://echo.example", "protocols": ["wss", "ws"]}}`)
	if diff := cmp.Diff([]any{"ws", "wss"}, at(body, "properties.protocols")); diff != "" || at(body, "properties.type") != "websocket" {
		t.Errorf("%v", body)
	}
	if diff := cmp.Diff([]string{"onHandshake"}, s.Names("apis/ws/operations")); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodPut, "apis/ws/operations/other", `{"properties": {"displayName": "o", "method": "GET", "urlTemplate": "/o"}}`, http.StatusBadRequest)
}

func TestVersionSet(t *testing.T) {
	s := resourcestest.New(t, nil)
	body := s.Must(http.MethodPut, "apiVersionSets/set", `{"properties": {"displayName": "Set", "versioningScheme": "Header"}}`, http.StatusCreated)
	if at(body, "properties.versionHeaderName") != "Api-Version" {
		t.Errorf("%v", body)
	}
	s.Must(http.MethodPut, "apiVersionSets/set", `{"properties": {"displayName": "Set", "versioningScheme": "Query", "versionQueryName": "v"}}`, http.StatusOK)
	s.Must(http.MethodPatch, "apiVersionSets/set", `{"properties": {"versioningScheme": "Segment"}}`, http.StatusOK)
	body = s.Put("apis/echo", `{"properties": {"path": "echo", "apiVersion": "v1", "apiVersionSetId": "/apiVersionSets/set"}}`)
	if at(body, "properties.apiVersionSet.name") != "Set" {
		t.Errorf("%v", body)
	}
	s.Must(http.MethodDelete, "apiVersionSets/set", nil, http.StatusBadRequest)
	s.Must(http.MethodDelete, "apis/echo", nil, http.StatusAccepted)
	s.Must(http.MethodDelete, "apiVersionSets/set", nil, http.StatusOK)

	inline := `{"properties": {"path": "echo", "apiVersion": "v1", "apiVersionSet": {"name": "Made", "versioningScheme": "Segment"}}}`
	body = s.Put("apis/echo", inline)
	id := at(body, "properties.apiVersionSetId")
	if body = s.Put("apis/echo", inline); id == nil || at(body, "properties.apiVersionSetId") != id {
		t.Errorf("%v", body)
	}
	if names := s.Names("apiVersionSets"); len(names) != 1 {
		t.Errorf("the version sets are %v", names)
	}
}
