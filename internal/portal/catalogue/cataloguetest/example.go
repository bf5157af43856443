package cataloguetest

import (
	"fmt"
	"maps"
)

// Example fills a service with what tests of visibility need:
//
//	API        in products                          seen by
//	open       none, no key needed                  all
//	keyed      none                                 administrators
//	pets       starter, partner, draft              guests, developers, partners
//	orders     partner (v1 and v2 of a set)         partners
//	secret     draft (not published)                administrators
//	closed     locked (published, for nobody)       administrators
//
// The product starter is for guests and developers, partner for the group partners, free (open, with orders)
// for developers.
func Example(s *Service) {
	published := func(name string, more map[string]any) map[string]any {
		p := map[string]any{"displayName": name, "state": "published", "subscriptionRequired": true, "approvalRequired": false}
		maps.Copy(p, more)
		return p
	}
	s.Put("products/starter", published("Starter", map[string]any{
		"description": "For a *first* look.", "terms": "Be kind.", "subscriptionsLimit": 1}))
	s.Put("products/partner", published("Partner", map[string]any{"approvalRequired": true}))
	s.Put("products/locked", published("Locked", nil))
	s.Put("products/free", published("Free", map[string]any{"subscriptionRequired": false}))
	s.Put("products/draft", map[string]any{"displayName": "Draft", "state": "notPublished"})
	for product, groups := range map[string][]string{
		"starter": {"administrators", "guests", "developers"}, "partner": {"administrators", "partners"},
		"free": {"developers"}, "draft": {"guests", "developers"}, "locked": {"administrators"},
	} {
		for _, group := range groups {
			s.Put("products/"+product+"/groups/"+group, map[string]any{"displayName": group})
		}
	}
	s.Put("apiVersionSets/orders", map[string]any{"displayName": "Orders", "versioningScheme": "Segment"})
	API(s, "open", "Open Data", map[string]any{"subscriptionRequired": false})
	API(s, "keyed", "Keyed", nil)
	API(s, "pets", "Pet Store", map[string]any{
		"description": "Everything about *pets*.", "contact": map[string]any{"name": "Ann", "email": "ann@example.com"},
		"license": map[string]any{"name": "Apache 2.0",
			"url": "https://www.apache.org/licenses/"}, "termsOfServiceUrl": "https://example.com/terms"})
	API(s, "orders", "Orders", map[string]any{"apiVersion": "v1", "apiVersionSetId": "/apiVersionSets/orders"})
	API(s, "orders-v2", "Orders", map[string]any{"apiVersion": "v2", "apiVersionSetId": "/apiVersionSets/orders"})
	API(s, "secret", "Secret Pets", nil)
	API(s, "closed", "Closed", nil)
	for product, apis := range map[string][]string{
		"starter": {"pets"}, "partner": {"pets", "orders", "orders-v2"}, "free": {"orders"}, "draft": {"pets", "secret"}, "locked": {"closed"},
	} {
		for _, api := range apis {
			s.Put("products/"+product+"/apis/"+api, map[string]any{"displayName": api})
		}
	}
	s.Put("apis/pets/tags/animals", map[string]any{"displayName": "Animals"})
	s.Put("apis/secret/tags/hidden", map[string]any{"displayName": "Hidden"})
	s.Put("apis/pets/operations/pets-get/tags/reading", map[string]any{"displayName": "Reading"})
	s.Put("apis/pets/releases/r1", map[string]any{
		"apiId": "/apis/pets;rev=1", "notes": "First *release*.", "createdDateTime": "2026-01-02T03:04:05Z",
		"updatedDateTime": "2026-01-02T03:04:05Z"})
	s.Put("apis/pets/revisions/1", map[string]any{
		"apiId": "/apis/pets;rev=1", "apiRevision": "1", "isCurrent": true, "isOnline": true, "createdDateTime": "2026-01-01T00:00:00Z"})
	s.Put("apis/pets/revisions/2", map[string]any{
		"apiId": "/apis/pets;rev=2", "apiRevision": "2", "description": "In the works.", "isOnline": true,
		"createdDateTime": "2026-01-03T00:00:00Z"})
}

// API puts an API with two operations, NAME-get and NAME-add, into a service.
func API(s *Service, name, displayName string, more map[string]any) {
	p := map[string]any{
		"displayName": displayName, "path": name, "protocols": []string{"https"}, "subscriptionRequired": true,
		"apiRevision": "1", "isCurrent": true, "isOnline": true, "type": "http",
		"subscriptionKeyParameterNames": map[string]any{"header": "Ocp-Apim-Subscription-Key", "query": "subscription-key"},
	}
	maps.Copy(p, more)
	s.Put("apis/"+name, p)
	s.Put("apis/"+name+"/operations/"+name+"-get", map[string]any{
		"displayName": "Get " + displayName, "method": "GET", "urlTemplate": "/items/{id}", "description": "Finds one."})
	s.Put("apis/"+name+"/operations/"+name+"-add", map[string]any{
		"displayName": "Add " + displayName, "method": "POST", "urlTemplate": "/items"})
}

// Many puts n APIs with ten operations each into a service, all in the product "starter", with tags and
// descriptions. The names repeat after some thousand.
func Many(s *Service, n int) {
	s.Put("products/starter", map[string]any{"displayName": "Starter", "state": "published", "subscriptionRequired": true})
	s.Put("products/starter/groups/guests", map[string]any{"displayName": "Guests"})
	s.Put("products/starter/groups/developers", map[string]any{"displayName": "Developers"})
	kinds := []string{"http", "http", "http", "soap", "graphql", "websocket"}
	for i := range n {
		subject, area := subjects[i%len(subjects)], areas[(i/len(subjects))%len(areas)]
		name := fmt.Sprintf("%s-%s-%d", area, subject, i)
		s.Put("apis/"+name, map[string]any{
			"displayName": fmt.Sprintf("%s %s %d", area, subject, i), "path": name, "protocols": []string{"https"}, "apiRevision": "1",
			"isCurrent": true, "isOnline": true, "type": kinds[i%len(kinds)], "subscriptionRequired": true,
			"description": fmt.Sprintf("Reads and writes the %s of %s. It is kept by team %d, and answers in JSON.", subject, area, i%17),
		})
		for o := range 10 {
			verb := verbs[o]
			s.Put(fmt.Sprintf("apis/%s/operations/%s", name, verb.name), map[string]any{
				"displayName": fmt.Sprintf("%s %s", verb.name, subject), "method": verb.method,
				"urlTemplate": fmt.Sprintf("/%s/{%sId}%s", subject, subject,
					verb.path), "description": "Does it for one of the " + subject + ", and says what it did.",
			})
		}
		s.Put("products/starter/apis/"+name, map[string]any{"displayName": name})
		s.Put("apis/"+name+"/tags/"+area, map[string]any{"displayName": area})
	}
}

var verbs = []struct{ name, method, path string }{
	{"get", "GET", ""}, {"list", "GET", "/all"}, {"create", "POST", ""}, {"replace", "PUT", ""}, {"change", "PATCH", ""},
	{"remove", "DELETE", ""}, {"search", "GET", "/search"}, {"approve", "POST", "/approval"}, {"archive", "POST",
		"/archive"}, {"history", "GET", "/history"},
}

var subjects = []string{
	"Orders", "Invoices", "Customers", "Pets", "Shipments", "Payments", "Contracts", "Claims", "Policies", "Accounts", "Meters", "Readings",
	"Employees", "Vehicles", "Routes", "Tickets", "Devices", "Sensors", "Patients", "Appointments", "Products", "Prices", "Stocks", "Offers",
}

var areas = []string{
	"Billing", "Logistics", "Sales", "Support", "Energy", "Mobility", "Health", "Insurance", "Retail", "Finance", "Research", "Travel",
}

// ID is the full id of what is at a path below the service.
func ID(path string) string { return ServiceID + "/" + path }

// Link puts a link of a product or a tag, "workspaces/w/products/p/apiLinks/x", that leads to a path.
func Link(s *Service, path, property, to string) { s.Put(path, map[string]any{property: ID(to)}) }

// Workspaces fills a service with the same names three times: in the service itself and in the workspaces sales
// and support. Each has an API ledger with a tag, its own display name and path, in the product gold, which the
// group insiders of the same place sees.
func Workspaces(s *Service) {
	for _, workspace := range []string{"", "sales", "support"} {
		prefix, called := "", "Ledger of the service"
		if workspace != "" {
			prefix, called = "workspaces/"+workspace+"/", "Ledger of "+workspace
			s.Put("workspaces/"+workspace, map[string]any{"displayName": "Team " + workspace})
		}
		s.Put(prefix+"apiVersionSets/ledgers", map[string]any{"displayName": "Set of " + workspace, "versioningScheme": "Segment"})
		s.Put(prefix+"apis/ledger", map[string]any{
			"displayName": called, "path": workspace + "/ledger", "protocols": []string{"https"}, "subscriptionRequired": true,
			"apiRevision": "1", "isCurrent": true, "isOnline": true, "type": "http", "apiVersion": "v1",
			"apiVersionSetId": ID(prefix + "apiVersionSets/ledgers"),
		})
		s.Put(prefix+"apis/ledger/operations/get", map[string]any{
			"displayName": "Get of " + called, "method": "GET", "urlTemplate": "/entries"})
		s.Put(prefix+"products/gold", map[string]any{"displayName": "Gold of " + called, "state": "published", "subscriptionRequired": true})
		if workspace == "" {
			s.Put("products/gold/apis/ledger", nil)
			s.Put("products/gold/groups/insiders", nil)
			s.Put("apis/ledger/tags/kept", map[string]any{"displayName": "Kept by the service"})
			continue
		}
		Link(s, prefix+"products/gold/apiLinks/l", "apiId", prefix+"apis/ledger")
		Link(s, prefix+"products/gold/groupLinks/l", "groupId", prefix+"groups/insiders")
		s.Put(prefix+"tags/kept", map[string]any{"displayName": "Kept by " + workspace})
		Link(s, prefix+"tags/kept/apiLinks/l", "apiId", prefix+"apis/ledger")
	}
}
