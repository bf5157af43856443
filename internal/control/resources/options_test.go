package resources_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// furnished has an API with a tag and one without, in a product, a group and a
// version set, with an issue that was commented.
func furnished(t *testing.T) *resourcestest.Server {
	t.Helper()
	s := resourcestest.New(t, nil)
	for _, one := range [][2]string{
		{"apiVersionSets/set", `{"properties":{"displayName":"Set","versioningScheme":"Segment"}}`},
		{"tags/red", `{"properties":{"displayName":"red"}}`},
		{"tags/blue", `{"properties":{"displayName":"blue"}}`},
		{"apis/tagged", `{"properties":{"displayName":"Tagged","path":"tagged","apiVersion":"v1","apiVersionSetId":"/apiVersionSets/set"}}`},
		{"apis/plain", `{"properties":{"displayName":"Plain","path":"plain"}}`},
		{"apis/tagged/tags/red", `{}`},
		{"apis/tagged/operations/one", `{"properties":{"displayName":"One","method":"GET","urlTemplate":"/one"}}`},
		{"apis/tagged/operations/two", `{"properties":{"displayName":"Two","method":"GET","urlTemplate":"/two"}}`},
		{"apis/tagged/operations/one/tags/red", `{}`},
		{"products/tagged", `{"properties":{"displayName":"Tagged"}}`},
		{"products/plain", `{"properties":{"displayName":"Plain"}}`},
		{"products/tagged/tags/red", `{}`},
		{"users/ann", `{"properties":{"firstName":"Ann","lastName":"E","email":"ann@example.com"}}`},
		{"groups/people", `{"properties":{"displayName":"People"}}`},
		{"groups/people/users/ann", ``},
		{"products/tagged/groups/people", ``},
		{"apis/tagged/issues/i", `{"properties":{"title":"T","description":"D","userId":"/users/ann"}}`},
		{"apis/tagged/issues/i/comments/c", `{"properties":{"text":"hm","userId":"/users/ann"}}`},
		{"namedValues/plain", `{"properties":{"displayName":"plain","value":"x"}}`},
		{"subscriptions/anns", `{"properties":{"displayName":"anns","scope":"/products/tagged","ownerId":"/users/ann"}}`},
		{"workspaces/w", `{"properties":{"displayName":"W"}}`},
		{"workspaces/w/groups/people", `{"properties":{"displayName":"People"}}`},
		{"workspaces/w/products/ours", `{"properties":{"displayName":"Ours"}}`},
		{"workspaces/w/products/ours/groupLinks/l", `{"properties":{"groupId":"` + resourcestest.Service + `/workspaces/w/groups/people"}}`},
	} {
		s.Put(one[0], one[1])
	}
	return s
}

// TestOptionsOfLists asks lists with the options that are in the contract beside
// $filter, $top and $skip.
func TestOptionsOfLists(t *testing.T) {
	s := furnished(t)
	for _, test := range []struct {
		name, path, want string
	}{
		{"APIs of a tag", "apis?tags=red", "[tagged]"},
		{"APIs of two tags", "apis?tags=red,blue", "[tagged]"},
		{"APIs of no tag", "apis?tags=blue", "[]"},
		{"operations of a tag", "apis/tagged/operations?tags=red", "[one]"},
		{"products of a tag", "products?tags=red", "[tagged]"},
		{"named values that failed", "namedValues?isKeyVaultRefreshFailed=true", "[]"},
		{"named values", "namedValues?isKeyVaultRefreshFailed=false", "[plain]"},
		{"tags of APIs", "tags?scope=apis", "[red]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := fmt.Sprint(s.Names(test.path)); got != test.want {
				t.Errorf("%s: %s, not %s", test.path, got, test.want)
			}
		})
	}
	for _, test := range []struct {
		name, path string
		more       string
	}{
		{"APIs by tags", "apisByTags", "?includeNotTaggedApis=true"},
		{"operations by tags", "apis/tagged/operationsByTags", "?includeNotTaggedOperations=true"},
		{"products by tags", "productsByTags", "?includeNotTaggedProducts=true"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if few, all := len(items(s.Get(test.path))), len(items(s.Get(test.path+test.more))); few != 1 || all != 2 {
				t.Errorf("%d, and %d with those without tags", few, all)
			}
		})
	}
}

// TestExpanded asks for what stands beside a resource.
func TestExpanded(t *testing.T) {
	s := furnished(t)
	for _, test := range []struct{ name, path, option, at, item string }{
		{"version sets", "apis", "expandApiVersionSet=true", "properties.apiVersionSet", "tagged"},
		{"groups of products", "products", "expandGroups=true", "properties.groups", "tagged"},
		{"groups of products of a workspace", "workspaces/w/products", "expandGroups=true", "properties.groups", "ours"},
		{"groups of users", "users", "expandGroups=true", "properties.groups", "ann"},
		{"comments of issues", "apis/tagged/issues", "expandCommentsAttachments=true", "properties.comments", "i"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, item := range items(s.Get(test.path + "?" + test.option)) {
				object, _ := item.(map[string]any)
				got := resourcestest.At(object, test.at)
				if list, isList := got.([]any); object["name"] == test.item && (got == nil || isList && len(list) == 0) {
					t.Errorf("%s has no %s: %v", test.path, test.at, object)
				}
			}
		})
	}
	if got := resourcestest.At(s.Get("apis/tagged/issues/i?expandCommentsAttachments=true"), "properties.comments"); got == nil {
		t.Error("the issue has no comments")
	}
	for _, item := range items(s.Get("policyDescriptions?scope=Api")) {
		object, _ := item.(map[string]any)
		if scope, ok := resourcestest.At(object, "properties.scope").(float64); !ok || scope == 0 {
			t.Errorf("%v has no scope", object)
		}
	}
}

// TestDeleteOptions deletes with what goes along.
func TestDeleteOptions(t *testing.T) {
	s := furnished(t)
	if status, _, answer := s.Do(http.MethodDelete, "products/tagged", nil); status < 400 || !strings.Contains(fmt.Sprint(answer), "subscription") {
		t.Errorf("a product with subscriptions: %d %v", status, answer)
	}
	s.Must(http.MethodDelete, "users/ann?deleteSubscriptions=true&notify=false&appType=developerPortal", nil, 202)
	s.Must(http.MethodGet, "subscriptions/anns", nil, 404)
	s.Must(http.MethodDelete, "products/tagged", nil, 200)
	s.Must(http.MethodDelete, "apis/tagged", nil, 202)
	s.Must(http.MethodDelete, "apiVersionSets/set", nil, 200)
	if got := fmt.Sprint(s.Names("tags")); got != "[blue red]" {
		t.Errorf("the tags are %s", got)
	}
}
