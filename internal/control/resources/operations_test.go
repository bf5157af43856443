package resources_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// operation is one operation of the published API.
type operation struct {
	method, path, client string
	statuses             []string
}

func operations(t *testing.T) []operation {
	t.Helper()
	file, err := os.Open("testdata/operations-2024-05-01.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all []operation
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 4 || fields[0] == "#" {
			continue
		}
		all = append(all, operation{fields[0], fields[1], fields[3], strings.Split(fields[2], ",")})
	}
	if len(all) != publishedOperations {
		t.Fatalf("%d operations in the list, not %d", len(all), publishedOperations)
	}
	return all
}

// publishedOperations is how many operations the API of 2024-05-01 has.
const publishedOperations = 613

// spell puts names in the place of a path's parameters: for each the name that
// its collection allows.
func spell(registry *resource.Registry, path string) string {
	path = strings.Replace(path, "~", resourcestest.Service, 1)
	for _, known := range [][2]string{
		{"{subscriptionId}", "00000000-0000-0000-0000-000000000000"}, {"{resourceGroupName}", "rg1"}, {"{location}", "westus"},
		{"{policyId}", "policy"}, {"{settingsType}", "public"}, {"{accessName}", "access"}, {"{configurationName}", "configuration"},
		{"{identityProviderName}", "google"}, {"{templateName}", "newIssueNotificationMessage"}, {"{notificationName}", "RequestPublisherNotificationMessage"},
		{"{portalConfigId}", "default"}, {"{quotaCounterKey}", "key"},
	} {
		path = strings.ReplaceAll(path, known[0], known[1])
	}
	for {
		begin := strings.IndexByte(path, '{')
		if begin < 0 {
			return path
		}
		end := strings.IndexByte(path, '}')
		name := "x"
		if place, ok, err := registry.Walk(path[:begin] + "x"); ok && err == nil && place.Node.Names != nil {
			name = place.Node.Names[0]
		}
		path = path[:begin] + name + path[end+1:]
	}
}

// TestEveryOperation finds a route, with a permission, for each operation of the
// published API.
func TestEveryOperation(t *testing.T) {
	registry, err := resources.Registry()
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for _, op := range operations(t) {
		if why := routed(registry, op.method, spell(registry, op.path)); why != "" {
			missing++
			t.Errorf("%s %s (%s): %s", op.method, op.path, op.client, why)
		}
	}
	fmt.Printf("operations: %d of %d have a route and a permission\n", publishedOperations-missing, publishedOperations)
}

// routed says why an operation has no route; "" where it has one.
func routed(registry *resource.Registry, method, path string) string {
	if route, _ := registry.Match(method, path); route != nil {
		return ""
	}
	place, ok, err := registry.Walk(path)
	switch {
	case err != nil:
		return err.Error()
	case !ok:
		return "no route"
	case place.Rest != "":
		return routedAction(place, method)
	case place.Collection:
		if method != "GET" || !place.Node.Verbs.Has(resource.List) {
			return "the collection has no list"
		}
		return permitted(place, resource.List)
	}
	verbs := map[string]resource.Verbs{"GET": resource.Get, "HEAD": resource.Get, "PUT": resource.Put, "PATCH": resource.Patch, "DELETE": resource.Delete}
	verb := verbs[method]
	if method == "HEAD" && place.Node.HeadOnly {
		return permitted(place, resource.Get)
	}
	if !place.Node.Verbs.Has(verb) {
		return "the kind has no such verb"
	}
	return permitted(place, verb)
}

func permitted(place resource.Place, verb resource.Verbs) string {
	id := place.ID
	if place.Collection {
		id += "/x"
	}
	if !place.Node.Permission(verb, id).Valid() {
		return "no permission"
	}
	return ""
}

func routedAction(place resource.Place, method string) string {
	list := place.Node.Actions
	if method == "GET" {
		list = place.Node.Reads
	}
	for i := range list {
		if !strings.EqualFold(list[i].Path, place.Rest) {
			continue
		}
		if method == "POST" && !place.Node.ActionPermission(&list[i], place.ID).Valid() {
			return "no permission"
		}
		return ""
	}
	return "no action " + place.Rest
}
