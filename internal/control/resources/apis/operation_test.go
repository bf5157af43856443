package apis_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

const getThing = `{"properties": {"displayName": "Get a thing", "method": "GET", "urlTemplate": "/things/{id}",
	"templateParameters": [{"name": "id", "type": "string", "required": true}],
	"request": {"description": "Which"},
	"responses": [{"statusCode": 200, "representations": [{"contentType": "application/json", "schemaId": "s", "typeName": "Thing"}]}]}}`

func TestOperation(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must(http.MethodPut, "apis/echo/operations/get", getThing, http.StatusNotFound)
	s.Put("apis/echo", echo)
	body := s.Must(http.MethodPut, "apis/echo/operations/get", getThing, http.StatusCreated)
	if diff := cmp.Diff(map[string]any{
		"description": "Which", "queryParameters": []any{}, "headers": []any{}, "representations": []any{},
	}, at(body, "properties.request")); diff != "" {
		t.Error(diff)
	}
	if at(body, "type") != "Microsoft.ApiManagement/service/apis/operations" || at(body, "id") != resourcestest.Service+"/apis/echo/operations/get" {
		t.Errorf("%v", body)
	}
	s.Must(http.MethodPut, "apis/echo/operations/get", getThing, http.StatusOK)
	s.Must(http.MethodPatch, "apis/echo/operations/get", `{"properties": {"displayName": "Get"}}`, http.StatusOK)
	s.Put("apis/echo/operations/post", `{"properties": {"displayName": "Post", "method": "POST", "urlTemplate": "/things"}}`)
	s.Put("tags/red", `{"properties": {"displayName": "Red"}}`)
	s.Put("apis/echo/operations/post/tags/red", nil)
	for path, want := range map[string][]string{
		"apis/echo/operations":                                                {"get", "post"},
		"apis/echo/operations?$filter=method eq 'POST'":                       {"post"},
		"apis/echo/operations?$filter=contains(properties/displayName,'Get')": {"get"},
		"apis/echo/operations?tags=red":                                       {"post"},
		"apis/echo;rev=1/operations":                                          {"get", "post"},
		"apis/echo/operations?$top=1":                                         {"get"},
	} {
		if diff := cmp.Diff(want, s.Names(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	byTags, _ := s.Get("apis/echo/operationsByTags")["value"].([]any)
	want := []any{map[string]any{
		"tag": map[string]any{"id": "/tags/red", "name": "Red"},
		"operation": map[string]any{
			"id": "/apis/echo/operations/post", "name": "Post", "method": "POST", "urlTemplate": "/things",
			"apiName": "Echo API", "apiRevision": "1",
		},
	}}
	if diff := cmp.Diff(want, byTags); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodDelete, "apis/echo/operations/get", nil, http.StatusOK)
	s.Must(http.MethodDelete, "apis/echo/operations/get", nil, http.StatusNoContent)
	s.Must(http.MethodGet, "apis/none/operations", nil, http.StatusNotFound)
}

func TestOperationRefused(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/echo", echo)
	s.Put("apis/graph", `{"properties": {"path": "graph", "type": "graphql"}}`)
	s.Put("apis/echo/operations/get", getThing)
	tests := []struct {
		name, path, body, target string
	}{
		{"an undefined parameter", "apis/echo/operations/x", `{"properties": {"displayName": "x", "method": "GET", "urlTemplate": "/{a}"}}`, "properties.templateParameters"},
		{"a template with a hole", "apis/echo/operations/x", `{"properties": {"displayName": "x", "method": "GET", "urlTemplate": "/{a"}}`, "properties.urlTemplate"},
		{"a method with a space", "apis/echo/operations/x", `{"properties": {"displayName": "x", "method": "G T", "urlTemplate": "/x"}}`, "properties.method"},
		{"no name", "apis/echo/operations/x", `{"properties": {"method": "GET", "urlTemplate": "/x"}}`, "properties.displayName"},
		{"a GraphQL API's", "apis/graph/operations/x", `{"properties": {"displayName": "x", "method": "GET", "urlTemplate": "/x"}}`, "name"},
		{"a second of the same", "apis/echo/operations/x", `{"properties": {"displayName": "x", "method": "get", "urlTemplate": "/Things/{id}",
			"templateParameters": [{"name": "id", "type": "string"}]}}`, "properties.urlTemplate"},
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

func TestSchema(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/echo", echo)
	s.Put("apis/echo/operations/get", getThing)
	tests := []struct {
		name, contentType, document string
		want                        map[string]any
	}{
		{"XML", "application/vnd.ms-azure-apim.xsd+xml", `{"value": "<s:schema/>"}`, map[string]any{"value": "<s:schema/>"}},
		{"components as text", "application/vnd.oai.openapi.components+json", `{"value": "{\"components\": {\"schemas\": {\"T\": {\"type\": \"string\"}}}}"}`,
			map[string]any{"components": map[string]any{"schemas": map[string]any{"T": map[string]any{"type": "string"}}}}},
		{"definitions", "application/vnd.ms-azure-apim.swagger.definitions+json", `{"definitions": {"T": {}}}`,
			map[string]any{"definitions": map[string]any{"T": map[string]any{}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := s.Put("apis/echo/schemas/s", `{"properties": {"contentType": "`+tt.contentType+`", "document": `+tt.document+`}}`)
			if diff := cmp.Diff(tt.want, at(body, "properties.document")); diff != "" || at(body, "properties.provisioningState") != "Succeeded" {
				t.Errorf("%v", body)
			}
		})
	}
	s.Must(http.MethodPut, "apis/echo/schemas/s", `{"properties": {"contentType": "x/y", "document": {}}}`, http.StatusBadRequest)
	s.Must(http.MethodDelete, "apis/echo/schemas/s", nil, http.StatusBadRequest)
	s.Must(http.MethodDelete, "apis/echo/schemas/s?force=true", nil, http.StatusOK)
	body := s.Get("apis/echo/operations/get")
	if responses, _ := at(body, "properties.responses").([]any); cmp.Diff(map[string]any{
		"statusCode": 200.0, "representations": []any{map[string]any{"contentType": "application/json"}},
	}, responses[0]) != "" {
		t.Errorf("%v", body)
	}
}

func TestResolver(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/graph", `{"properties": {"path": "graph", "type": "graphql"}}`)
	s.Must(http.MethodPut, "apis/graph/resolvers/users", `{"properties": {"displayName": "Query Users", "path": "Query/users", "description": "An example"}}`, http.StatusCreated)
	s.Must(http.MethodPatch, "apis/graph/resolvers/users", `{"properties": {"path": "Query/admins"}}`, http.StatusOK)
	if diff := cmp.Diff([]string{"users"}, s.Names("apis/graph/resolvers?$filter=path eq 'Query/admins'")); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodDelete, "apis/graph/resolvers/users", nil, http.StatusOK)
}

func TestTagDescription(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/echo", echo)
	s.Put("tags/red", `{"properties": {"displayName": "Red ones"}}`)
	body := s.Must(http.MethodPut, "apis/echo/tagDescriptions/red", `{"properties": {"description": "What is red", "externalDocsUrl": "http://docs.example"}}`, http.StatusCreated)
	want := map[string]any{
		"description": "What is red", "externalDocsUrl": "http://docs.example",
		"displayName": "Red ones", "tagId": resourcestest.Service + "/tags/red",
	}
	if diff := cmp.Diff(want, at(body, "properties")); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodDelete, "apis/echo/tagDescriptions/red", nil, http.StatusOK)
}
