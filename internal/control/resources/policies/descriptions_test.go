package policies_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
)

// TestDescriptionsAreTheRegistry holds the table of policies and the gateway's
// own together.
func TestDescriptionsAreTheRegistry(t *testing.T) {
	s := resourcestest.New(t, nil)
	want := map[string]string{}
	products := []string{}
	for _, spec := range policies.All().All() {
		want[spec.Name] = strings.ReplaceAll(spec.Summary, "`", "'")
		if spec.Scopes&policy.ScopeProduct != 0 {
			products = append(products, spec.Name)
		}
	}
	got := map[string]string{}
	list, _ := s.Get("policyDescriptions")["value"].([]any)
	for _, item := range list {
		object, _ := item.(map[string]any)
		got[object["name"].(string)], _ = resourcestest.At(object, "properties.description").(string)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names and summaries (-registry +answered):\n%s", diff)
	}
	slices.Sort(products)
	if diff := cmp.Diff(products, s.Names("policyDescriptions?scope=Product")); diff != "" {
		t.Errorf("at the scope of products (-registry +answered):\n%s", diff)
	}
	s.Must(http.MethodGet, "policyDescriptions?scope=Moon", nil, http.StatusBadRequest)
}
