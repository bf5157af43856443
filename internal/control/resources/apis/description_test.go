package apis_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/apis"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/transfer"
)

const kept = "/sallyportDescriptions/original"

// TestDescriptionIsKept finds the document beside the API, whole, and says which
// operations were changed by hand.
func TestDescriptionIsKept(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must(http.MethodPut, "apis/pets", importOf("openapi", pets), http.StatusCreated)
	got := s.Get("apis/pets" + kept)
	if at(got, "properties.format") != "openapi" || at(got, "properties.length") != float64(len(pets)) {
		t.Errorf("the description is %v", got)
	}
	if got["sallyportContent"] != nil {
		t.Error("the description answers what is hidden")
	}
	document := s.Get("apis/pets" + kept + "/document")
	if document["value"] != pets || document["format"] != "openapi" {
		t.Errorf("the document is %v", document)
	}
	if diff := cmp.Diff([]any{}, at(got, "properties.edited")); diff != "" {
		t.Error(diff)
	}
	s.Must(http.MethodPatch, "apis/pets/operations/listPets", `{"properties": {"displayName": "All of them"}}`, http.StatusOK)
	s.Must(http.MethodPatch, "apis/pets/operations/getPet", `{"properties": {"responses": []}}`, http.StatusOK)
	s.Put("apis/pets/operations/mine", `{"properties": {"displayName": "Mine", "method": "GET", "urlTemplate": "/mine"}}`)
	if diff := cmp.Diff([]any{"getPet", "mine"}, at(s.Get("apis/pets"+kept), "properties.edited")); diff != "" {
		t.Error(diff)
	}
}

// TestDescriptionFollows copies the document with revisions, replaces it with
// imports, and ends with the API.
func TestDescriptionFollows(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must(http.MethodPut, "apis/pets", importOf("openapi", pets), http.StatusCreated)
	s.Put("apis/pets;rev=2", `{"properties": {"path": "pets", "sourceApiId": "/apis/pets"}}`)
	if got := s.Get("apis/pets;rev=2" + kept + "/document"); got["value"] != pets {
		t.Errorf("the revision has the document %v", got)
	}
	other := strings.Replace(pets, "operationId: getPet", "operationId: onePet", 1)
	s.Must(http.MethodPut, "apis/pets;rev=2", importOf("openapi", other), http.StatusOK)
	if got := s.Get("apis/pets;rev=2" + kept + "/document"); got["value"] != other {
		t.Errorf("the revision has the document %v", got)
	}
	if got := s.Get("apis/pets" + kept + "/document"); got["value"] != pets {
		t.Errorf("the current revision has the document %v", got)
	}
	s.Must(http.MethodDelete, "apis/pets"+kept, nil, http.StatusOK)
	s.Must(http.MethodGet, "apis/pets"+kept, nil, http.StatusNotFound)
	s.Must(http.MethodPut, "apis/pets"+kept, `{"properties": {}}`, http.StatusMethodNotAllowed)
	latin := strings.Replace(pets, "All pets", "All p\xe9ts", 1)
	err := s.Write(func(session *resource.Session) error {
		spec := transfer.Specification{Format: transfer.FormatOpenAPI, File: "specification.yaml", Data: []byte(latin)}
		return apis.Describe(session, resourcestest.Service+"/apis/pets;rev=2", spec, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Must(http.MethodGet, "apis/pets;rev=2"+kept, nil, http.StatusNotFound) // It is not UTF-8.
}

// TestDescriptionTooLarge imports a document that is not kept.
func TestDescriptionTooLarge(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must(http.MethodPut, "apis/pets", importOf("openapi", pets), http.StatusCreated)
	s.Documents["https://docs.example/big.yaml"] = pets + strings.Repeat("# nothing is said here\n", apis.MaxDescription/22)
	linked := importOf("openapi-link", "https://docs.example/big.yaml")
	if status, _, _ := s.Do(http.MethodPut, "apis/pets", linked); status == http.StatusOK {
		s.Must(http.MethodGet, "apis/pets"+kept, nil, http.StatusNotFound)
	}
}

// TestDescribe keeps the specification of a folder once.
func TestDescribe(t *testing.T) {
	s := resourcestest.New(t, nil)
	declare(t, s, "apis/pets", map[string]any{"displayName": "Pets", "path": "pets"},
		"apis/pets/operations/getPet", map[string]any{"displayName": "g", "method": "GET", "urlTemplate": "/pets/{id}",
			"templateParameters": []any{map[string]any{"name": "id", "type": "string", "required": true}},
			"responses":          []any{map[string]any{"statusCode": json.Number("200"), "description": "ok"}}},
		"apis/pets/operations/listPets", map[string]any{"displayName": "other", "method": "GET", "urlTemplate": "/other"},
		"apis/pets/operations/own", map[string]any{"displayName": "o", "method": "GET", "urlTemplate": "/o"})
	spec := transfer.Specification{Format: transfer.FormatOpenAPI, File: "specification.yaml", Data: []byte(pets)}
	for _, edits := range []int{1, 0} {
		err := s.Write(func(session *resource.Session) error {
			err := apis.Describe(session, resourcestest.Service+"/apis/pets", spec, false)
			if n := len(session.Edits()); n != edits {
				t.Errorf("%d edits, not %d", n, edits)
			}
			for _, edit := range session.Edits() {
				_, after, err := edit.Masked()
				if err != nil || strings.Contains(string(after), "sallyportContent") {
					t.Errorf("the audit has %s: %v", after, err)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]any{"listPets", "own"}, at(s.Get("apis/pets"+kept), "properties.edited")); diff != "" {
		t.Error(diff)
	}
}

// TestSpecifications gives a folder the document of an API, unless an operation
// of it was deleted.
func TestSpecifications(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must(http.MethodPut, "apis/pets", importOf("openapi", pets), http.StatusCreated)
	for _, want := range []int{1, 0} {
		err := s.Write(func(session *resource.Session) error {
			doc, err := publish.Document(session, resourcestest.Service)
			if err != nil {
				return err
			}
			c := transfer.New()
			c.Resources = doc.Resources
			c.Sort()
			if err := apis.Specifications(session, resourcestest.Service, c); err != nil {
				return err
			}
			if len(c.Specifications) != want {
				t.Errorf("%d specifications, not %d", len(c.Specifications), want)
			}
			for _, one := range c.Specifications {
				if string(one.Data) != pets || one.File != "specification.yaml" {
					t.Errorf("the specification is %s: %s", one.File, one.Data)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Do(http.MethodDelete, "apis/pets/operations/getPet", nil)
	}
}
