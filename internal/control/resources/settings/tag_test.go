package settings_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// tagged is a server with an API, an operation of it, a product and a tag.
func tagged(t *testing.T) *resourcestest.Server {
	t.Helper()
	s := resourcestest.New(t, nil)
	s.Put("apis/echo", `{"properties": {"displayName": "Echo API", "path": "echo", "protocols": ["https"]}}`)
	s.Put("apis/echo/operations/get", `{"properties": {"displayName": "Get", "method": "GET", "urlTemplate": "/r"}}`)
	s.Put("products/starter", `{"properties": {"displayName": "Starter"}}`)
	s.Put("tags/t1", `{"properties": {"displayName": "one"}}`)
	return s
}

// owners are what can have a tag, and the links to it.
var owners = []struct{ name, owner, links, property string }{
	{"an API", "apis/echo", "apiLinks", "apiId"},
	{"an operation", "apis/echo/operations/get", "operationLinks", "operationId"},
	{"a product", "products/starter", "productLinks", "productId"},
}

func TestTagAssigned(t *testing.T) {
	for _, test := range owners {
		t.Run(test.name, func(t *testing.T) {
			s := tagged(t)
			path := test.owner + "/tags/t1"
			made := s.Must(http.MethodPut, path, nil, http.StatusCreated)
			at(t, made, "properties.displayName", "one")
			want := resourcestest.Service + "/tags/t1"
			if test.name == "a product" {
				want = resourcestest.Service + "/" + path
			}
			at(t, made, "id", want)
			s.Must(http.MethodPut, path, nil, http.StatusOK)
			at(t, s.Get(path), "id", resourcestest.Service+"/tags/t1")
			if status, header, _ := s.Do(http.MethodHead, path, nil); status != http.StatusOK || header.Get("ETag") == "" {
				t.Errorf("HEAD gives %d with the tag %q", status, header.Get("ETag"))
			}
			if diff := cmp.Diff([]string{"t1"}, s.Names(test.owner+"/tags?$filter=displayName eq 'one'")); diff != "" {
				t.Errorf("the tags (-want +got):\n%s", diff)
			}
			links := s.Names("tags/t1/" + test.links)
			if len(links) != 1 {
				t.Fatalf("the links are %v", links)
			}
			at(t, s.Get("tags/t1/"+test.links+"/"+links[0]), "properties."+test.property, resourcestest.Service+"/"+test.owner)

			s.Must(http.MethodPut, test.owner+"/tags/none", nil, http.StatusNotFound)
			s.Must(http.MethodDelete, path, nil, http.StatusOK)
			s.Must(http.MethodDelete, path, nil, http.StatusNoContent)
			if left := s.Names("tags/t1/" + test.links); len(left) != 0 {
				t.Errorf("the links %v are left", left)
			}
		})
	}
}

func TestTagLinked(t *testing.T) {
	for _, test := range owners {
		t.Run(test.name, func(t *testing.T) {
			s := tagged(t)
			link := properties(map[string]any{test.property: "/" + test.owner})
			s.Put(test.owner+"/tags/t1", nil) // Its link has no name yet.
			made := s.Must(http.MethodPut, "tags/t1/"+test.links+"/l1", link, http.StatusCreated)
			at(t, made, "properties."+test.property, resourcestest.Service+"/"+test.owner)
			s.Must(http.MethodPut, "tags/t1/"+test.links+"/l1", link, http.StatusOK)
			if diff := cmp.Diff([]string{"l1"}, s.Names("tags/t1/"+test.links)); diff != "" {
				t.Errorf("the links (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"t1"}, s.Names(test.owner+"/tags")); diff != "" {
				t.Errorf("the tags (-want +got):\n%s", diff)
			}
			s.Must(http.MethodPut, "tags/t1/"+test.links+"/l2", properties(map[string]any{test.property: "/tags/t1"}), http.StatusBadRequest)
			s.Must(http.MethodPut, "tags/t1/"+test.links+"/l2", properties(map[string]any{test.property: "/" + test.owner + "x"}), http.StatusBadRequest)
			s.Must(http.MethodDelete, "tags/t1/"+test.links+"/l1", nil, http.StatusOK)
			if left := s.Names(test.owner + "/tags"); len(left) != 0 {
				t.Errorf("the tags %v are left", left)
			}
		})
	}
}

// TestTagCascades deletes each side of a link.
func TestTagCascades(t *testing.T) {
	for _, test := range owners {
		t.Run(test.name, func(t *testing.T) {
			s := tagged(t)
			for _, owner := range owners {
				s.Put(owner.owner+"/tags/t1", nil)
			}
			s.Must(http.MethodDelete, test.owner, nil, http.StatusOK, http.StatusAccepted)
			if left := s.Names("tags/t1/" + test.links); len(left) != 0 {
				t.Errorf("without the %s, the links %v are left", test.owner, left)
			}
			s.Must(http.MethodDelete, "tags/t1", nil, http.StatusOK)
			for _, owner := range owners {
				if status, _, answer := s.Do(http.MethodGet, owner.owner+"/tags", nil); status == http.StatusOK && resourcestest.At(answer, "count") != 0.0 {
					t.Errorf("without the tag, %s has %v", owner.owner, answer)
				}
			}
		})
	}
}

func TestTagLists(t *testing.T) {
	s := tagged(t)
	s.Put("tags/t2", `{"properties": {"displayName": "two"}}`)
	s.Put("products/other", `{"properties": {"displayName": "Other"}}`)
	for _, owner := range owners {
		s.Put(owner.owner+"/tags/t1", nil)
	}
	tag := map[string]any{"id": "/tags/t1", "name": "one"}
	list, _ := s.Get("tagResources")["value"].([]any)
	found := map[string]any{}
	for _, item := range list {
		object, _ := item.(map[string]any)
		if diff := cmp.Diff(tag, object["tag"]); diff != "" {
			t.Errorf("the tag (-want +got):\n%s", diff)
		}
		for _, kind := range []string{"api", "operation", "product"} {
			if object[kind] != nil {
				found[kind] = resourcestest.At(object, kind+".id")
			}
		}
	}
	if diff := cmp.Diff(map[string]any{"api": "/apis/echo", "operation": "/apis/echo/operations/get", "product": "/products/starter"}, found); diff != "" {
		t.Errorf("what has tags (-want +got):\n%s", diff)
	}
	for path, want := range map[string]float64{
		"tagResources?$filter=method eq 'GET'":          1,
		"productsByTags":                                1,
		"productsByTags?includeNotTaggedProducts=true":  2,
		"productsByTags?$filter=displayName eq 'Other'": 0,
		"tags":                  2,
		"tags?scope=apis":       1,
		"tags?scope=/apis/echo": 1,
		"tags?scope=products":   1,
		"tags?scope=apis/none":  0,
	} {
		if got := resourcestest.At(s.Get(path), "count"); got != want {
			t.Errorf("%s has %v elements, not %v", path, got, want)
		}
	}
}

// TestTagsOfWorkspace has links only.
func TestTagsOfWorkspace(t *testing.T) {
	s := tagged(t)
	s.Put("workspaces/w1", `{"properties": {"displayName": "one"}}`)
	s.Put("workspaces/w1/products/p", `{"properties": {"displayName": "P"}}`)
	s.Put("workspaces/w1/tags/t1", `{"properties": {"displayName": "one"}}`)
	made := s.Put("workspaces/w1/tags/t1/productLinks/l", `{"properties": {"productId": "/products/p"}}`)
	at(t, made, "properties.productId", resourcestest.Service+"/workspaces/w1/products/p")
	s.Must(http.MethodPut, "workspaces/w1/tags/t1/productLinks/m", `{"properties": {"productId": "`+resourcestest.Service+`/products/starter"}}`, http.StatusBadRequest)
	s.Must(http.MethodDelete, "workspaces/w1/products/p", nil, http.StatusOK)
	if left := s.Names("workspaces/w1/tags/t1/productLinks"); len(left) != 0 {
		t.Errorf("the links %v are left", left)
	}
}
