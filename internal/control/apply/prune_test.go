package apply_test

import (
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/model"
)

// TestPruneLeavesOtherForms states links in one of their two forms, and loggers
// whose credentials the service keeps elsewhere: nothing of that is pruned.
func TestPruneLeavesOtherForms(t *testing.T) {
	s := resourcestest.New(t, nil)
	resources := append(quickstart(t),
		&model.Tag{ID: "tags/one", DisplayName: "one"},
		&model.Link{ID: "apis/petstore/tags/one"},
		&model.Tag{ID: "tags/two", DisplayName: "two"},
		&model.Link{ID: "tags/two/apiLinks/x", APIID: "/apis/petstore"},
		&model.Logger{ID: "loggers/hub", LoggerType: "azureEventHub", Credentials: map[string]string{"name": "n", "connectionString": "Endpoint=sb://x"}},
	)
	run(t, s, resources, apply.Options{Prune: true})
	s.Put("caches/default", `{"properties": {"connectionString": "host:6380", "useFromLocation": "default"}}`)
	values := len(s.Names("namedValues"))
	if again := run(t, s, resources, apply.Options{Prune: true}); len(again.Steps) != 0 {
		t.Errorf("applied again: %v", again.Steps)
	}
	if got := len(s.Names("namedValues")); got != values {
		t.Errorf("%d named values, not %d, are left", got, values)
	}
	if got := strings.Join(s.Names("apis/petstore/tags"), " "); got != "one two" {
		t.Errorf("the API has the tags %q", got)
	}
	if got := s.Names("tags/one/apiLinks"); len(got) != 1 {
		t.Errorf("the links of the tag are %v", got)
	}
	for path, want := range map[string]string{
		"products/starter/groups": "developers guests", "products/starter/apis": "echo petstore",
		"products/starter/groupLinks": "starter-developers starter-guests", "products/starter/apiLinks": "echo petstore",
	} {
		if got := strings.Join(s.Names(path), " "); got != want {
			t.Errorf("%s has %q, not %q", path, got, want)
		}
	}
	without := resources[:len(resources)-5]
	run(t, s, without, apply.Options{Prune: true})
	if got := s.Names("apis/petstore/tags"); len(got) != 0 {
		t.Errorf("the tags %v are left", got)
	}
}
