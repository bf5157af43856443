package people_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// step is one request and what it has to answer.
type step struct {
	name, method, path string
	body               any
	headers            []string
	status             int
	want               map[string]any // By path in the answer.
	targets            []string
}

func run(t *testing.T, s *resourcestest.Server, steps []step) {
	t.Helper()
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			status, _, body := s.Do(tt.method, tt.path, tt.body, tt.headers...)
			if status != tt.status {
				t.Fatalf("%s %s: status %d, not %d: %v", tt.method, tt.path, status, tt.status, body)
			}
			for path, want := range tt.want {
				if diff := cmp.Diff(want, resourcestest.At(body, path)); diff != "" {
					t.Errorf("%s: %s\n%v", path, diff, body)
				}
			}
			if tt.targets != nil {
				if diff := cmp.Diff(tt.targets, resourcestest.Targets(body)); diff != "" {
					t.Errorf("targets: %s\n%v", diff, body)
				}
			}
		})
	}
}

const service = resourcestest.Service

func addAPI(t *testing.T, s *resourcestest.Server, name string) {
	t.Helper()
	s.Put("apis/"+name, `{"properties":{"displayName":"`+name+`","path":"`+name+`","protocols":["https"]}}`)
}

func TestProducts(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "create", method: "PUT", path: "products/p", body: `{"properties":{"displayName":"P"}}`, status: 201, want: map[string]any{
			"id": service + "/products/p", "type": "Microsoft.ApiManagement/service/products", "name": "p",
			"properties.state": "notPublished", "properties.subscriptionRequired": true, "properties.approvalRequired": false,
		}},
		{name: "again", method: "PUT", path: "products/p", body: `{"properties":{"displayName":"P2","subscriptionsLimit":3}}`, status: 200},
		{name: "head", method: "HEAD", path: "products/p", status: 200},
		{name: "stale", method: "PATCH", path: "products/p", body: `{"properties":{"displayName":"P3"}}`, headers: []string{"If-Match", `"0"`}, status: 412},
		{name: "patch", method: "PATCH", path: "products/p", body: `{"properties":{"state":"published"}}`, headers: []string{"If-Match", "*"}, status: 200,
			want: map[string]any{"properties.state": "published", "properties.displayName": "P2"}},
		{name: "no name", method: "PUT", path: "products/q", body: `{"properties":{}}`, status: 400, targets: []string{"properties.displayName"}},
		{name: "limit", method: "PUT", path: "products/q", body: `{"properties":{"displayName":"Q","subscriptionsLimit":-1}}`, status: 400,
			targets: []string{"properties.subscriptionsLimit"}},
		{name: "open", method: "PUT", path: "products/open", body: `{"properties":{"displayName":"O","subscriptionRequired":false}}`, status: 201,
			want: map[string]any{"properties.approvalRequired": nil}},
		{name: "list", method: "GET", path: "products?$filter=displayName eq 'P2'", status: 200, want: map[string]any{"count": 1.0}},
		{name: "administrators", method: "HEAD", path: "products/p/groups/administrators", status: 204},
		{name: "no group", method: "HEAD", path: "products/p/groups/developers", status: 404},
		{name: "no such group", method: "PUT", path: "products/p/groups/nobody", status: 404},
		{name: "guests", method: "PUT", path: "products/p/groups/guests", status: 201, want: map[string]any{
			"id": service + "/groups/guests", "name": "guests", "properties.displayName": "Guests"}},
		{name: "groups", method: "GET", path: "products/p/groups?$filter=name eq 'guests'", status: 200, want: map[string]any{"count": 1.0}},
		{name: "delete", method: "DELETE", path: "products/p", headers: []string{"If-Match", "*"}, status: 200},
		{name: "delete again", method: "DELETE", path: "products/p", headers: []string{"If-Match", "*"}, status: 204},
		{name: "nothing below", method: "GET", path: "products/p/groups", status: 404},
	})
}

func TestProductAPIs(t *testing.T) {
	s := resourcestest.New(t, nil)
	addAPI(t, s, "echo")
	addAPI(t, s, "pets")
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	run(t, s, []step{
		{name: "absent", method: "PUT", path: "products/p/apis/none", status: 404},
		{name: "plain", method: "PUT", path: "products/p/apis/echo", status: 201, want: map[string]any{"id": service + "/apis/echo", "properties.path": "echo"}},
		{name: "again", method: "PUT", path: "products/p/apis/echo", status: 200},
		{name: "head", method: "HEAD", path: "products/p/apis/echo", status: 204},
		{name: "head of none", method: "HEAD", path: "products/p/apis/pets", status: 404},
		{name: "the other form", method: "GET", path: "products/p/apiLinks/echo", status: 200, want: map[string]any{"properties.apiId": service + "/apis/echo"}},
		{name: "link", method: "PUT", path: "products/p/apiLinks/l1", body: `{"properties":{"apiId":"/apis/pets"}}`, status: 201, want: map[string]any{
			"properties.apiId": service + "/apis/pets", "type": "Microsoft.ApiManagement/service/products/apiLinks"}},
		{name: "its plain form", method: "HEAD", path: "products/p/apis/pets", status: 204},
		{name: "no API", method: "PUT", path: "products/p/apiLinks/l2", body: `{"properties":{"apiId":"/apis/none"}}`, status: 400, targets: []string{"properties.apiId"}},
		{name: "no id of an API", method: "PUT", path: "products/p/apiLinks/l2", body: `{"properties":{"apiId":"/products/p"}}`, status: 400, targets: []string{"properties.apiId"}},
		{name: "list", method: "GET", path: "products/p/apis", status: 200, want: map[string]any{"count": 2.0}},
		{name: "filtered", method: "GET", path: "products/p/apis?$filter=path eq 'pets'", status: 200, want: map[string]any{"count": 1.0}},
		{name: "links", method: "GET", path: "products/p/apiLinks?$filter=contains(apiId, 'pets')", status: 200, want: map[string]any{"count": 1.0}},
		{name: "unlink", method: "DELETE", path: "products/p/apiLinks/l1", status: 200},
		{name: "the plain form went", method: "HEAD", path: "products/p/apis/pets", status: 404},
		{name: "unlink by name", method: "DELETE", path: "products/p/apis/echo", status: 200},
		{name: "the link went", method: "GET", path: "products/p/apiLinks/echo", status: 404},
		{name: "unlink again", method: "DELETE", path: "products/p/apis/echo", status: 204},
	})
}

func TestListOfProductAPIsHasTheIDsOfLinks(t *testing.T) {
	s := resourcestest.New(t, nil)
	addAPI(t, s, "echo")
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	s.Put("products/p/apis/echo", nil)
	list, _ := s.Get("products/p/apis")["value"].([]any)
	item, _ := list[0].(map[string]any)
	want := map[string]any{"id": service + "/products/p/apis/echo", "type": "Microsoft.ApiManagement/service/products/apis", "name": "echo"}
	for field, value := range want {
		if item[field] != value {
			t.Errorf("%s is %v, not %v", field, item[field], value)
		}
	}
}

func TestDeletingAProductWithSubscriptions(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	s.Put("subscriptions/a", `{"properties":{"displayName":"A","scope":"/products/p"}}`)
	s.Must("DELETE", "products/p", nil, http.StatusBadRequest)
	if got := s.Names("products/p/subscriptions"); !slices.Equal(got, []string{"a"}) {
		t.Errorf("the product has the subscriptions %v", got)
	}
	s.Must("DELETE", "products/p?deleteSubscriptions=true", nil, http.StatusOK)
	s.Must("GET", "subscriptions/a", nil, http.StatusNotFound)
}

func TestSubscriptions(t *testing.T) {
	s := resourcestest.New(t, nil)
	addAPI(t, s, "echo")
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	s.Put("users/u", `{"properties":{"firstName":"U","lastName":"V","email":"u@example.com"}}`)
	run(t, s, []step{
		{name: "create", method: "PUT", path: "subscriptions/a", body: `{"properties":{"displayName":"A","scope":"` + service + `/products/p","ownerId":"/users/u"}}`,
			status: 201, want: map[string]any{
				"properties.state": "submitted", "properties.scope": service + "/products/p", "properties.ownerId": service + "/users/u",
				"properties.createdDate": "2026-01-01T09:00:00Z", "properties.primaryKey": nil, "properties.secondaryKey": nil,
			}},
		{name: "given keys", method: "PUT", path: "subscriptions/b", body: `{"properties":{"displayName":"B","scope":"/apis/echo","primaryKey":"one","secondaryKey":"two","state":"active"}}`,
			status: 201, want: map[string]any{"properties.startDate": "2026-01-01T00:00:00Z", "properties.scope": service + "/apis/echo"}},
		{name: "secrets", method: "POST", path: "subscriptions/b/listSecrets", status: 200, want: map[string]any{"primaryKey": "one", "secondaryKey": "two"}},
		{name: "taken key", method: "PUT", path: "subscriptions/c", body: `{"properties":{"displayName":"C","scope":"/apis","primaryKey":"two"}}`, status: 400, targets: []string{"properties.primaryKey"}},
		{name: "all APIs", method: "PUT", path: "subscriptions/c", body: `{"properties":{"displayName":"C","scope":"/apis"}}`, status: 201, want: map[string]any{"properties.scope": service + "/apis"}},
		{name: "no product", method: "PUT", path: "subscriptions/d", body: `{"properties":{"displayName":"D","scope":"/products/none"}}`, status: 400, targets: []string{"properties.scope"}},
		{name: "no scope", method: "PUT", path: "subscriptions/d", body: `{"properties":{"displayName":"D","scope":"/backends/x"}}`, status: 400, targets: []string{"properties.scope"}},
		{name: "empty scope", method: "PUT", path: "subscriptions/d", body: `{"properties":{"displayName":"D","scope":" "}}`, status: 400, targets: []string{"properties.scope"}},
		{name: "scope taken away", method: "PATCH", path: "subscriptions/a", body: `{"properties":{"scope":null}}`, status: 400, targets: []string{"properties.scope"}},
		{name: "other service", method: "PUT", path: "subscriptions/d", body: `{"properties":{"displayName":"D","scope":"` + service + `2/apis/echo"}}`, status: 400, targets: []string{"properties.scope"}},
		{name: "no owner", method: "PUT", path: "subscriptions/d", body: `{"properties":{"displayName":"D","scope":"/apis","ownerId":"/users/none"}}`, status: 400, targets: []string{"properties.ownerId"}},
		{name: "replaced, keys stay", method: "PUT", path: "subscriptions/b", body: `{"properties":{"displayName":"B2","scope":"/apis/echo"}}`, status: 200, want: map[string]any{"properties.state": "active"}},
		{name: "same secrets", method: "POST", path: "subscriptions/b/listSecrets", status: 200, want: map[string]any{"primaryKey": "one", "secondaryKey": "two"}},
		{name: "regenerate", method: "POST", path: "subscriptions/b/regenerateSecondaryKey", status: 204},
		{name: "released", method: "PUT", path: "subscriptions/d", body: `{"properties":{"displayName":"D","scope":"/apis","primaryKey":"two"}}`, status: 201},
		{name: "cancel", method: "PATCH", path: "subscriptions/b", body: `{"properties":{"state":"cancelled","expirationDate":"2026-02-01T00:00:00Z"}}`, status: 200,
			want: map[string]any{"properties.endDate": "2026-01-01T09:00:00Z", "properties.notificationDate": "2026-01-20T00:00:00Z"}},
		{name: "activate", method: "PATCH", path: "subscriptions/b", body: `{"properties":{"state":"active"}}`, status: 200, want: map[string]any{"properties.endDate": nil}},
		{name: "bad state", method: "PATCH", path: "subscriptions/b", body: `{"properties":{"state":"sleeping"}}`, status: 400, targets: []string{"properties.state"}},
		{name: "filter by product", method: "GET", path: "subscriptions?$filter=productId eq 'p'", status: 200},
		{name: "delete", method: "DELETE", path: "subscriptions/b", status: 200},
		{name: "delete again", method: "DELETE", path: "subscriptions/b", status: 204},
		{name: "released by deletion", method: "PUT", path: "subscriptions/e", body: `{"properties":{"displayName":"E","scope":"/apis","primaryKey":"one"}}`, status: 201},
		{name: "master", method: "DELETE", path: "subscriptions/master", status: 400},
		{name: "master's scope", method: "GET", path: "subscriptions/master", status: 200, want: map[string]any{"properties.scope": service + "/", "properties.state": "active"}},
		{name: "claims are not shown", method: "GET", path: "claims", status: 404},
	})
	if got := s.Names("users/u/subscriptions"); !slices.Equal(got, []string{"a"}) {
		t.Errorf("the user has the subscriptions %v", got)
	}
	one := s.Get("users/u/subscriptions/a")
	if one["id"] != service+"/users/u/subscriptions/a" || resourcestest.At(one, "properties.primaryKey") != nil {
		t.Errorf("the user's subscription is %v", one)
	}
	s.Must("GET", "users/u/subscriptions/c", nil, http.StatusNotFound)
}

func TestAKeyThatIsBothStaysTaken(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("subscriptions/a", `{"properties":{"displayName":"A","scope":"/apis","primaryKey":"k","secondaryKey":"k"}}`)
	s.Must("POST", "subscriptions/a/regeneratePrimaryKey", nil, http.StatusNoContent)
	taken := `{"properties":{"displayName":"B","scope":"/apis","primaryKey":"k"}}`
	s.Must("PUT", "subscriptions/b", taken, http.StatusBadRequest)
	s.Must("POST", "subscriptions/a/regenerateSecondaryKey", nil, http.StatusNoContent)
	s.Must("PUT", "subscriptions/b", taken, http.StatusCreated)
}

func TestSubscriptionsLimit(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("products/p", `{"properties":{"displayName":"P","subscriptionsLimit":1}}`)
	body := `{"properties":{"displayName":"A","scope":"/products/p","ownerId":"/users/1"}}`
	s.Must("PUT", "subscriptions/a", body, http.StatusCreated)
	s.Must("PUT", "subscriptions/a", body, http.StatusOK)
	s.Must("PUT", "subscriptions/b", body, http.StatusBadRequest)
	s.Must("PATCH", "subscriptions/a", `{"properties":{"state":"cancelled"}}`, http.StatusOK)
	s.Must("PUT", "subscriptions/b", body, http.StatusCreated)
}

func TestWorkspaceSubscriptions(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("workspaces/w", `{"properties":{"displayName":"W"}}`)
	s.Put("workspaces/w/products/p", `{"properties":{"displayName":"P"}}`)
	w := service + "/workspaces/w"
	run(t, s, []step{
		{name: "product", method: "PUT", path: "workspaces/w/subscriptions/a", status: 201,
			body: `{"properties":{"displayName":"A","scope":"` + w + `/products/p","ownerId":"` + service + `/users/1","primaryKey":"k"}}`,
			want: map[string]any{"type": "Microsoft.ApiManagement/service/workspaces/subscriptions", "properties.scope": w + "/products/p"}},
		{name: "relative", method: "PUT", path: "workspaces/w/subscriptions/b", body: `{"properties":{"displayName":"A","scope":"/products/p","ownerId":"/users/1"}}`,
			status: 201, want: map[string]any{"properties.scope": w + "/products/p"}},
		{name: "all APIs", method: "PUT", path: "workspaces/w/subscriptions/c", body: `{"properties":{"displayName":"A","scope":"/apis"}}`,
			status: 201, want: map[string]any{"properties.scope": w + "/apis"}},
		{name: "key of a workspace", method: "PUT", path: "subscriptions/d", body: `{"properties":{"displayName":"A","scope":"/apis","primaryKey":"k"}}`,
			status: 400, targets: []string{"properties.primaryKey"}},
		{name: "workspace goes", method: "DELETE", path: "workspaces/w", status: 200},
		{name: "its key is free", method: "PUT", path: "subscriptions/d", body: `{"properties":{"displayName":"A","scope":"/apis","primaryKey":"k"}}`, status: 201},
	})
}

func TestGroups(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("users/u", `{"properties":{"firstName":"U","lastName":"V","email":"u@example.com"}}`)
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	run(t, s, []step{
		{name: "create", method: "PUT", path: "groups/g", body: `{"properties":{"displayName":"G"}}`, status: 201, want: map[string]any{"properties.type": "custom", "properties.builtIn": false}},
		{name: "external", method: "PUT", path: "groups/x", body: `{"properties":{"displayName":"X","type":"external","externalId":"aad://t/groups/1"}}`, status: 201},
		{name: "patch", method: "PATCH", path: "groups/x", body: `{"properties":{"description":"d"}}`, status: 200, want: map[string]any{"properties.type": "external"}},
		{name: "by external id", method: "GET", path: "groups?$filter=externalId eq 'aad://t/groups/1'", status: 200, want: map[string]any{"count": 1.0}},
		{name: "built in", method: "DELETE", path: "groups/guests", status: 400},
		{name: "built in, renamed", method: "PATCH", path: "groups/guests", body: `{"properties":{"displayName":"Everybody"}}`, status: 400, targets: []string{"properties.displayName"}},
		{name: "built in, as it is", method: "PUT", path: "groups/guests", body: `{"properties":{"displayName":"Guests","type":"system"}}`, status: 200, want: map[string]any{"properties.builtIn": true}},
		{name: "add", method: "PUT", path: "groups/g/users/u", status: 201, want: map[string]any{"id": service + "/users/u", "properties.email": "u@example.com", "type": "Microsoft.ApiManagement/service/groups/users"}},
		{name: "nobody", method: "PUT", path: "groups/g/users/none", status: 404},
		{name: "there", method: "HEAD", path: "groups/g/users/u", status: 204},
		{name: "members", method: "GET", path: "groups/g/users?$filter=email eq 'u@example.com'", status: 200, want: map[string]any{"count": 1.0}},
		{name: "in product", method: "PUT", path: "products/p/groups/g", status: 201},
		{name: "group link", method: "GET", path: "products/p/groupLinks/g", status: 200, want: map[string]any{"properties.groupId": service + "/groups/g"}},
		{name: "delete", method: "DELETE", path: "groups/g", status: 200},
		{name: "out of product", method: "HEAD", path: "products/p/groups/g", status: 404},
		{name: "link gone", method: "GET", path: "products/p/groupLinks/g", status: 404},
	})
	if got := s.Names("users/u/groups"); !slices.Equal(got, []string{"developers"}) {
		t.Errorf("the user is in %v", got)
	}
}

func TestUsers(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "create", method: "PUT", path: "users/u", body: `{"properties":{"firstName":"U","lastName":"V","email":"U@example.com","password":"correct horse","confirmation":"signup"}}`,
			status: 201, want: map[string]any{
				"properties.state": "active", "properties.registrationDate": "2026-01-01T09:00:00Z", "properties.password": nil, "properties.passwordHash": nil,
				"properties.confirmation": nil, "properties.identities": []any{map[string]any{"provider": "Basic", "id": "U@example.com"}},
			}},
		{name: "same address", method: "PUT", path: "users/v", body: `{"properties":{"firstName":"U","lastName":"V","email":"u@EXAMPLE.com"}}`, status: 400, targets: []string{"properties.email"}},
		{name: "no address", method: "PUT", path: "users/v", body: `{"properties":{"firstName":"U","lastName":"V","email":"nobody"}}`, status: 400, targets: []string{"properties.email"}},
		{name: "short password", method: "PUT", path: "users/v", body: `{"properties":{"firstName":"U","lastName":"V","email":"v@example.com","password":"x"}}`, status: 400, targets: []string{"properties.password"}},
		{name: "again", method: "PUT", path: "users/u", body: `{"properties":{"firstName":"U","lastName":"W","email":"u2@example.com"}}`, status: 200},
		{name: "address is free", method: "PUT", path: "users/v", body: `{"properties":{"firstName":"U","lastName":"V","email":"u@example.com"}}`, status: 201},
		{name: "block", method: "PATCH", path: "users/v", body: `{"properties":{"state":"blocked","note":"n"}}`, status: 200, want: map[string]any{"properties.state": "blocked"}},
		{name: "filter", method: "GET", path: "users?$filter=state eq 'blocked'", status: 200, want: map[string]any{"count": 1.0}},
		{name: "identities", method: "GET", path: "users/v/identities", status: 200, want: map[string]any{"count": 1.0}},
		{name: "token", method: "POST", path: "users/u/token", body: `{"properties":{"keyType":"primary","expiry":"2019-04-21T00:44:24.2845269Z"}}`, status: 200},
		{name: "token, too long", method: "POST", path: "users/u/token", body: `{"properties":{"keyType":"primary","expiry":"2027-04-21T00:44:24Z"}}`, status: 400, targets: []string{"properties.expiry"}},
		{name: "sign-in", method: "POST", path: "users/u/generateSsoUrl", status: 200},
		{name: "confirmation", method: "POST", path: "users/u/confirmations/password/send", status: 204},
		{name: "confirmation of nobody", method: "POST", path: "users/none/confirmations/password/send", status: 404},
		{name: "administrator", method: "DELETE", path: "users/1", status: 400},
		{name: "subscribed", method: "PUT", path: "subscriptions/a", body: `{"properties":{"displayName":"A","scope":"/apis","ownerId":"/users/v"}}`, status: 201},
		{name: "with subscriptions", method: "DELETE", path: "users/v", status: 400},
		{name: "and all", method: "DELETE", path: "users/v?deleteSubscriptions=true", status: 202},
		{name: "subscription gone", method: "GET", path: "subscriptions/a", status: 404},
		{name: "membership gone", method: "HEAD", path: "groups/developers/users/v", status: 404},
		{name: "again gone", method: "DELETE", path: "users/v", status: 204},
	})
	users, _ := s.Get("users?expandGroups=true&$filter=name eq '1'")["value"].([]any)
	one, _ := users[0].(map[string]any)
	groups, _ := resourcestest.At(one, "properties.groups").([]any)
	if len(groups) != 2 {
		t.Errorf("the administrator is in the groups %v", groups)
	}
}

func TestUserTokenIsSigned(t *testing.T) {
	s := resourcestest.New(t, nil)
	ask := func(key string) string {
		answer := s.Must("POST", "users/1/token", `{"properties":{"keyType":"`+key+`","expiry":"2026-01-02T00:00:00Z"}}`, http.StatusOK)
		token, _ := answer["value"].(string)
		return token
	}
	first := ask("primary")
	if parts := strings.Split(first, "&"); len(parts) != 3 || parts[0] != "1" || parts[1] != "202601020000" {
		t.Errorf("the token is %q", first)
	}
	if ask("primary") != first || ask("secondary") == first {
		t.Error("the signature does not follow from the key")
	}
	s.Must("POST", "tenant/access/regeneratePrimaryKey", nil, http.StatusNoContent)
	if ask("primary") == first {
		t.Error("the token is signed by a key that was replaced")
	}
}

func TestDatesFollowTheClock(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Clock.Advance(24 * time.Hour)
	answer := s.Put("subscriptions/a", `{"properties":{"displayName":"A","scope":"/apis","state":"active"}}`)
	if got := resourcestest.At(answer, "properties.startDate"); got != "2026-01-02T00:00:00Z" {
		t.Errorf("it starts at %v", got)
	}
}
