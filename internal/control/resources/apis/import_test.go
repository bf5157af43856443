package apis_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/apis"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

const pets = `openapi: 3.0.3
info: {title: Pets, description: All pets, version: "1", contact: {name: Pat}}
servers: [{url: https://pets.example/v1}]
tags: [{name: Animals, description: What lives}]
paths:
  /pets:
    get:
      operationId: listPets
      tags: [Animals]
      parameters: [{name: kind, in: query, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pets"}}}}}
    post:
      responses: {"201": {description: made}}
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok}}
components: {schemas: {Pets: {type: array, items: {type: string}}}}
`

// importOf is the body of a PUT that imports.
func importOf(format, value string, properties ...any) map[string]any {
	all := map[string]any{"path": "pets", "format": format, "value": value}
	for i := 0; i+1 < len(properties); i += 2 {
		name, _ := properties[i].(string)
		all[name] = properties[i+1]
	}
	return map[string]any{"properties": all}
}

func TestImportOpenAPI(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Documents["https://docs.example/pets.yaml"] = pets
	for name, body := range map[string]map[string]any{
		"by-value": importOf("openapi", pets), "by-link": importOf("openapi-link", "https://docs.example/pets.yaml", "path", "linked"),
	} {
		got := s.Must(http.MethodPut, "apis/"+name, body, http.StatusCreated)
		want := map[string]any{
			"displayName": "Pets", "description": "All pets", "path": at(body, "properties.path"), "serviceUrl": "https://pets.example/v1",
			"protocols": []any{"https"}, "contact": map[string]any{"name": "Pat"}, "apiRevision": "1", "isCurrent": true, "isOnline": true,
			"subscriptionRequired": true, "provisioningState": "Succeeded",
			"subscriptionKeyParameterNames": map[string]any{"header": "Ocp-Apim-Subscription-Key", "query": "subscription-key"},
		}
		if diff := cmp.Diff(want, at(got, "properties")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"getPet", "listPets", "post-pets"}, s.Names("apis/"+name+"/operations")); diff != "" {
			t.Error(diff)
		}
		if got := at(s.Get("apis/"+name+"/operations/listPets"), "properties.urlTemplate"); got != "/pets?kind={kind}" {
			t.Errorf("the template is %v", got)
		}
		if names := s.Names("apis/" + name + "/schemas"); len(names) != 1 {
			t.Errorf("the schemas are %v", names)
		}
		if diff := cmp.Diff([]string{"animals"}, s.Names("apis/"+name+"/operations/listPets/tags")); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff([]string{"animals"}, s.Names("tags")); diff != "" {
		t.Error(diff)
	}
	if got := at(s.Get("apis/by-value/tagDescriptions/animals"), "properties.description"); got != "What lives" {
		t.Errorf("the tag is described as %v", got)
	}
	body := importOf("openapi", pets, "path", "query", "translateRequiredQueryParameters", "query", "displayName", "Mine", "serviceUrl", "https://mine.example")
	got := s.Put("apis/query", body)
	if at(got, "properties.displayName") != "Mine" || at(got, "properties.serviceUrl") != "https://mine.example" || at(got, "properties.translateRequiredQueryParameters") != nil {
		t.Errorf("%v", got)
	}
	if got := at(s.Get("apis/query/operations/listPets"), "properties.urlTemplate"); got != "/pets" {
		t.Errorf("the template is %v", got)
	}
}

// TestImportWaitsOutsideOfTransactions writes while a document is on its way.
func TestImportWaitsOutsideOfTransactions(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Documents["https://docs.example/pets.yaml"] = pets
	fetches := 0
	s.Fetching = func(string) {
		fetches++
		s.Put("apis/meanwhile", echo)
	}
	s.Put("apis/pets", importOf("openapi-link", "https://docs.example/pets.yaml"))
	if diff := cmp.Diff([]string{"meanwhile", "pets"}, s.Names("apis")); diff != "" || fetches != 1 {
		t.Errorf("%d fetches: %s", fetches, diff)
	}
}

const noPolicy = `{"properties": {"format": "rawxml", "value": "<policies><inbound><base /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"}}`

func TestImportAgain(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/pets", importOf("openapi", pets, "subscriptionRequired", false))
	s.Put("apis/pets/operations/mine", `{"properties": {"displayName": "Mine", "method": "DELETE", "urlTemplate": "/pets"}}`)
	for _, name := range []string{"listPets", "post-pets", "mine"} {
		s.Put("apis/pets/operations/"+name+"/policies/policy", noPolicy)
	}
	schemas := s.Names("apis/pets/schemas")
	changed := strings.NewReplacer("    post:\n", "    post:\n      operationId: makePet\n", "/pets/{id}", "/pets/by/{id}", "title: Pets", "title: More pets").Replace(pets)
	got := s.Must(http.MethodPut, "apis/pets", importOf("openapi", changed), http.StatusOK)
	if at(got, "properties.displayName") != "More pets" || at(got, "properties.subscriptionRequired") != false {
		t.Errorf("%v", got)
	}
	// post-pets stays, under its name, as its method and template are the same.
	if diff := cmp.Diff([]string{"getPet", "listPets", "post-pets"}, s.Names("apis/pets/operations")); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"listPets", "post-pets"} {
		s.Get("apis/pets/operations/" + name + "/policies/policy")
	}
	s.Must(http.MethodGet, "apis/pets/operations/mine/policies/policy", nil, http.StatusNotFound)
	if got := at(s.Get("apis/pets/operations/getPet"), "properties.urlTemplate"); got != "/pets/by/{id}" {
		t.Errorf("the template is %v", got)
	}
	if again := s.Names("apis/pets/schemas"); len(again) != len(schemas) {
		t.Errorf("the schemas were %v and are %v", schemas, again)
	}
}

func TestImportIntoRevision(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/pets", importOf("openapi", pets))
	s.Put("apis/pets;rev=2", `{"properties": {"path": "pets", "sourceApiId": "/apis/pets"}}`)
	changed := strings.NewReplacer("title: Pets", "title: Other", "listPets", "allPets").Replace(pets)
	got := s.Must(http.MethodPut, "apis/pets;rev=2", importOf("openapi", changed), http.StatusOK)
	if at(got, "properties.displayName") != "Pets" || at(got, "name") != "pets;rev=2" {
		t.Errorf("%v", got)
	}
	// The operation of the revision keeps its name, and that of the API stays.
	for path, want := range map[string][]string{
		"apis/pets;rev=2/operations": {"getPet", "listPets", "post-pets"}, "apis/pets/operations": {"getPet", "listPets", "post-pets"},
	} {
		if diff := cmp.Diff(want, s.Names(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestImportRefused(t *testing.T) {
	s := resourcestest.New(t, nil)
	tests := []struct {
		name   string
		body   map[string]any
		target string
	}{
		{"no document", importOf("openapi", ""), "properties.value"},
		{"no format", importOf("", pets), "properties.format"},
		{"an unknown format", importOf("raml", pets), "properties.format"},
		{"a link that leads nowhere", importOf("openapi-link", "https://docs.example/none"), "properties.value"},
		{"a link that is none", importOf("openapi-link", "none"), "properties.value"},
		{"a document that is none", importOf("openapi", "{"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, _, body := s.Do(http.MethodPut, "apis/pets", tt.body)
			if status != http.StatusBadRequest || len(resourcestest.Targets(body)) == 0 || tt.target != "" && !slices.Contains(resourcestest.Targets(body), tt.target) {
				t.Errorf("status %d: %v", status, body)
			}
			s.Must(http.MethodGet, "apis/pets", nil, http.StatusNotFound)
		})
	}
}

func TestExport(t *testing.T) {
	s := resourcestest.New(t, apis.Exporter{})
	s.Put("apis/pets", importOf("openapi", pets))
	tests := []struct {
		asked, format, contains string
	}{
		{"openapi-link", "openapi-link", "operationId: listPets"},
		{"openapi+json-link", "openapi-link", `"url": "https://apimService1.example/pets"`},
		{"swagger-link", "swagger-link-json", `"swagger": "2.0"`},
	}
	for _, tt := range tests {
		t.Run(tt.asked, func(t *testing.T) {
			body := s.Get("apis/pets?export=true&format=" + strings.ReplaceAll(tt.asked, "+", "%2B"))
			if at(body, "id") != resourcestest.Service+"/apis/pets" || at(body, "format") != tt.format {
				t.Errorf("%v", body)
			}
			link, _ := at(body, "value.link").(string)
			path, ok := strings.CutPrefix(link, "https://management.example")
			if !ok {
				t.Fatalf("the link is %q", link)
			}
			status, _, document := s.Raw(http.MethodGet, path, nil)
			if status != http.StatusOK || !strings.Contains(string(document), tt.contains) {
				t.Errorf("status %d: %s", status, document)
			}
			// What is exported can be imported again, and is the same.
			s.Put("apis/again", importOf("openapi", string(document), "path", "again"))
			if diff := cmp.Diff(s.Names("apis/pets/operations"), s.Names("apis/again/operations")); diff != "" {
				t.Error(diff)
			}
		})
	}
	status, _, body := s.Do(http.MethodGet, "apis/pets?export=true&format=raml-link", nil)
	if status != http.StatusBadRequest || !slices.Contains(resourcestest.Targets(body), "format") {
		t.Errorf("status %d: %v", status, body)
	}
}

func TestExportFromWorkspace(t *testing.T) {
	s := resourcestest.New(t, apis.Exporter{})
	s.Put("workspaces/w", `{"properties": {"displayName": "W"}}`)
	s.Put("workspaces/w/apis/pets", importOf("openapi", pets))
	body := s.Get("workspaces/w/apis/pets?export=true&format=openapi-link")
	if at(body, "value.link") == nil || at(body, "properties.value.link") != at(body, "value.link") {
		t.Errorf("%v", body)
	}
	status, _, _ := s.Do(http.MethodDelete, "workspaces/w/apis/pets", nil)
	if status != http.StatusOK {
		t.Errorf("the delete gives %d", status)
	}
}
