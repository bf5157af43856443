package people_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

const service = resourcestest.Service

func addAPI(t *testing.T, s *resourcestest.Server, name string) {
	t.Helper()
	s.Put("apis/"+name, `{"properties":{"displayName":"`+name+`","path":"`+name+`","protocols":["https"]}}`)
}

func TestProducts(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Run(t, []resourcestest.Step{
		{Name: "create", Method: "PUT", Path: "products/p", Body: `{"properties":{"displayName":"P"}}`, Status: 201, Want: map[string]any{
			"id": service + "/products/p", "type": "Microsoft.ApiManagement/service/products", "name": "p",
			"properties.state": "notPublished", "properties.subscriptionRequired": true, "properties.approvalRequired": false,
		}},
		{Name: "again", Method: "PUT", Path: "products/p", Body: `{"properties":{"displayName":"P2","subscriptionsLimit":3}}`, Status: 200},
		{Name: "head", Method: "HEAD", Path: "products/p", Status: 200},
		{Name: "stale", Method: "PATCH", Path: "products/p", Body: `{"properties":{"displayName":"P3"}}`, Headers: []string{"If-Match", `"0"`}, Status: 412},
		{Name: "patch", Method: "PATCH", Path: "products/p", Body: `{"properties":{"state":"published"}}`, Headers: []string{"If-Match", "*"}, Status: 200,
			Want: map[string]any{"properties.state": "published", "properties.displayName": "P2"}},
		{Name: "no name", Method: "PUT", Path: "products/q", Body: `{"properties":{}}`, Status: 400, Targets: []string{"properties.displayName"}},
		{Name: "limit", Method: "PUT", Path: "products/q", Body: `{"properties":{"displayName":"Q","subscriptionsLimit":-1}}`, Status: 400,
			Targets: []string{"properties.subscriptionsLimit"}},
		{Name: "open", Method: "PUT", Path: "products/open", Body: `{"properties":{"displayName":"O","subscriptionRequired":false}}`, Status: 201,
			Want: map[string]any{"properties.approvalRequired": nil}},
		{Name: "list", Method: "GET", Path: "products?$filter=displayName eq 'P2'", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "administrators", Method: "HEAD", Path: "products/p/groups/administrators", Status: 204},
		{Name: "no group", Method: "HEAD", Path: "products/p/groups/developers", Status: 404},
		{Name: "no such group", Method: "PUT", Path: "products/p/groups/nobody", Status: 404},
		{Name: "guests", Method: "PUT", Path: "products/p/groups/guests", Status: 201, Want: map[string]any{
			"id": service + "/groups/guests", "name": "guests", "properties.displayName": "Guests"}},
		{Name: "groups", Method: "GET", Path: "products/p/groups?$filter=name eq 'guests'", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "delete", Method: "DELETE", Path: "products/p", Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "delete again", Method: "DELETE", Path: "products/p", Headers: []string{"If-Match", "*"}, Status: 204},
		{Name: "nothing below", Method: "GET", Path: "products/p/groups", Status: 404},
	})
}

func TestProductAPIs(t *testing.T) {
	s := resourcestest.New(t, nil)
	addAPI(t, s, "echo")
	addAPI(t, s, "pets")
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	s.Run(t, []resourcestest.Step{
		{Name: "absent", Method: "PUT", Path: "products/p/apis/none", Status: 404},
		{Name: "plain", Method: "PUT", Path: "products/p/apis/echo", Status: 201, Want: map[string]any{"id": service + "/apis/echo", "properties.path": "echo"}},
		{Name: "again", Method: "PUT", Path: "products/p/apis/echo", Status: 200},
		{Name: "head", Method: "HEAD", Path: "products/p/apis/echo", Status: 204},
		{Name: "head of none", Method: "HEAD", Path: "products/p/apis/pets", Status: 404},
		{Name: "the other form", Method: "GET", Path: "products/p/apiLinks/echo", Status: 200, Want: map[string]any{"properties.apiId": service + "/apis/echo"}},
		{Name: "link", Method: "PUT", Path: "products/p/apiLinks/l1", Body: `{"properties":{"apiId":"/apis/pets"}}`, Status: 201, Want: map[string]any{
			"properties.apiId": service + "/apis/pets", "type": "Microsoft.ApiManagement/service/products/apiLinks"}},
		{Name: "its plain form", Method: "HEAD", Path: "products/p/apis/pets", Status: 204},
		{Name: "no API", Method: "PUT", Path: "products/p/apiLinks/l2", Body: `{"properties":{"apiId":"/apis/none"}}`, Status: 400, Targets: []string{"properties.apiId"}},
		{Name: "no id of an API", Method: "PUT", Path: "products/p/apiLinks/l2", Body: `{"properties":{"apiId":"/products/p"}}`, Status: 400, Targets: []string{"properties.apiId"}},
		{Name: "list", Method: "GET", Path: "products/p/apis", Status: 200, Want: map[string]any{"count": 2.0}},
		{Name: "filtered", Method: "GET", Path: "products/p/apis?$filter=path eq 'pets'", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "links", Method: "GET", Path: "products/p/apiLinks?$filter=contains(apiId, 'pets')", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "unlink", Method: "DELETE", Path: "products/p/apiLinks/l1", Status: 200},
		{Name: "the plain form went", Method: "HEAD", Path: "products/p/apis/pets", Status: 404},
		{Name: "unlink by name", Method: "DELETE", Path: "products/p/apis/echo", Status: 200},
		{Name: "the link went", Method: "GET", Path: "products/p/apiLinks/echo", Status: 404},
		{Name: "unlink again", Method: "DELETE", Path: "products/p/apis/echo", Status: 204},
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
	s.Run(t, []resourcestest.Step{
		{Name: "create", Method: "PUT", Path: "subscriptions/a", Body: `{"properties":{"displayName":"A","scope":"` + service + `/products/p","ownerId":"/users/u"}}`,
			Status: 201, Want: map[string]any{
				"properties.state": "submitted", "properties.scope": service + "/products/p", "properties.ownerId": service + "/users/u",
				"properties.createdDate": "2026-01-01T09:00:00Z", "properties.primaryKey": nil, "properties.secondaryKey": nil,
			}},
		{Name: "given keys", Method: "PUT", Path: "subscriptions/b", Body: `{"properties":{"displayName":"B","scope":"/apis/echo","primaryKey":"one","secondaryKey":"two","state":"active"}}`,
			Status: 201, Want: map[string]any{"properties.startDate": "2026-01-01T00:00:00Z", "properties.scope": service + "/apis/echo"}},
		{Name: "secrets", Method: "POST", Path: "subscriptions/b/listSecrets", Status: 200, Want: map[string]any{"primaryKey": "one", "secondaryKey": "two"}},
		{Name: "taken key", Method: "PUT", Path: "subscriptions/c", Body: `{"properties":{"displayName":"C","scope":"/apis","primaryKey":"two"}}`, Status: 400, Targets: []string{"properties.primaryKey"}},
		{Name: "all APIs", Method: "PUT", Path: "subscriptions/c", Body: `{"properties":{"displayName":"C","scope":"/apis"}}`, Status: 201, Want: map[string]any{"properties.scope": service + "/apis"}},
		{Name: "no product", Method: "PUT", Path: "subscriptions/d", Body: `{"properties":{"displayName":"D","scope":"/products/none"}}`, Status: 400, Targets: []string{"properties.scope"}},
		{Name: "no scope", Method: "PUT", Path: "subscriptions/d", Body: `{"properties":{"displayName":"D","scope":"/backends/x"}}`, Status: 400, Targets: []string{"properties.scope"}},
		{Name: "empty scope", Method: "PUT", Path: "subscriptions/d", Body: `{"properties":{"displayName":"D","scope":" "}}`, Status: 400, Targets: []string{"properties.scope"}},
		{Name: "scope taken away", Method: "PATCH", Path: "subscriptions/a", Body: `{"properties":{"scope":null}}`, Status: 400, Targets: []string{"properties.scope"}},
		{Name: "other service", Method: "PUT", Path: "subscriptions/d", Body: `{"properties":{"displayName":"D","scope":"` + service + `2/apis/echo"}}`, Status: 400, Targets: []string{"properties.scope"}},
		{Name: "no owner", Method: "PUT", Path: "subscriptions/d", Body: `{"properties":{"displayName":"D","scope":"/apis","ownerId":"/users/none"}}`, Status: 400, Targets: []string{"properties.ownerId"}},
		{Name: "replaced, keys stay", Method: "PUT", Path: "subscriptions/b", Body: `{"properties":{"displayName":"B2","scope":"/apis/echo"}}`, Status: 200, Want: map[string]any{"properties.state": "active"}},
		{Name: "same secrets", Method: "POST", Path: "subscriptions/b/listSecrets", Status: 200, Want: map[string]any{"primaryKey": "one", "secondaryKey": "two"}},
		{Name: "regenerate", Method: "POST", Path: "subscriptions/b/regenerateSecondaryKey", Status: 204},
		{Name: "released", Method: "PUT", Path: "subscriptions/d", Body: `{"properties":{"displayName":"D","scope":"/apis","primaryKey":"two"}}`, Status: 201},
		{Name: "cancel", Method: "PATCH", Path: "subscriptions/b", Body: `{"properties":{"state":"cancelled","expirationDate":"2026-02-01T00:00:00Z"}}`, Status: 200,
			Want: map[string]any{"properties.endDate": "2026-01-01T09:00:00Z", "properties.notificationDate": "2026-01-20T00:00:00Z"}},
		{Name: "activate", Method: "PATCH", Path: "subscriptions/b", Body: `{"properties":{"state":"active"}}`, Status: 200, Want: map[string]any{"properties.endDate": nil}},
		{Name: "bad state", Method: "PATCH", Path: "subscriptions/b", Body: `{"properties":{"state":"sleeping"}}`, Status: 400, Targets: []string{"properties.state"}},
		{Name: "filter by product", Method: "GET", Path: "subscriptions?$filter=productId eq 'p'", Status: 200},
		{Name: "delete", Method: "DELETE", Path: "subscriptions/b", Status: 200},
		{Name: "delete again", Method: "DELETE", Path: "subscriptions/b", Status: 204},
		{Name: "released by deletion", Method: "PUT", Path: "subscriptions/e", Body: `{"properties":{"displayName":"E","scope":"/apis","primaryKey":"one"}}`, Status: 201},
		{Name: "master", Method: "DELETE", Path: "subscriptions/master", Status: 400},
		{Name: "master's scope", Method: "GET", Path: "subscriptions/master", Status: 200, Want: map[string]any{"properties.scope": service + "/", "properties.state": "active"}},
		{Name: "claims are not shown", Method: "GET", Path: "claims", Status: 404},
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
	s.Run(t, []resourcestest.Step{
		{Name: "product", Method: "PUT", Path: "workspaces/w/subscriptions/a", Status: 201,
			Body: `{"properties":{"displayName":"A","scope":"` + w + `/products/p","ownerId":"` + service + `/users/1","primaryKey":"k"}}`,
			Want: map[string]any{"type": "Microsoft.ApiManagement/service/workspaces/subscriptions", "properties.scope": w + "/products/p"}},
		{Name: "relative", Method: "PUT", Path: "workspaces/w/subscriptions/b", Body: `{"properties":{"displayName":"A","scope":"/products/p","ownerId":"/users/1"}}`,
			Status: 201, Want: map[string]any{"properties.scope": w + "/products/p"}},
		{Name: "all APIs", Method: "PUT", Path: "workspaces/w/subscriptions/c", Body: `{"properties":{"displayName":"A","scope":"/apis"}}`,
			Status: 201, Want: map[string]any{"properties.scope": w + "/apis"}},
		{Name: "key of a workspace", Method: "PUT", Path: "subscriptions/d", Body: `{"properties":{"displayName":"A","scope":"/apis","primaryKey":"k"}}`,
			Status: 400, Targets: []string{"properties.primaryKey"}},
		{Name: "workspace goes", Method: "DELETE", Path: "workspaces/w", Status: 200},
		{Name: "its key is free", Method: "PUT", Path: "subscriptions/d", Body: `{"properties":{"displayName":"A","scope":"/apis","primaryKey":"k"}}`, Status: 201},
	})
}

func TestGroups(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("users/u", `{"properties":{"firstName":"U","lastName":"V","email":"u@example.com"}}`)
	s.Put("products/p", `{"properties":{"displayName":"P"}}`)
	s.Run(t, []resourcestest.Step{
		{Name: "create", Method: "PUT", Path: "groups/g", Body: `{"properties":{"displayName":"G"}}`, Status: 201, Want: map[string]any{"properties.type": "custom", "properties.builtIn": false}},
		{Name: "external", Method: "PUT", Path: "groups/x", Body: `{"properties":{"displayName":"X","type":"external","externalId":"aad://t/groups/1"}}`, Status: 201},
		{Name: "patch", Method: "PATCH", Path: "groups/x", Body: `{"properties":{"description":"d"}}`, Status: 200, Want: map[string]any{"properties.type": "external"}},
		{Name: "by external id", Method: "GET", Path: "groups?$filter=externalId eq 'aad://t/groups/1'", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "built in", Method: "DELETE", Path: "groups/guests", Status: 400},
		{Name: "built in, renamed", Method: "PATCH", Path: "groups/guests", Body: `{"properties":{"displayName":"Everybody"}}`, Status: 400, Targets: []string{"properties.displayName"}},
		{Name: "built in, as it is", Method: "PUT", Path: "groups/guests", Body: `{"properties":{"displayName":"Guests","type":"system"}}`, Status: 200, Want: map[string]any{"properties.builtIn": true}},
		{Name: "add", Method: "PUT", Path: "groups/g/users/u", Status: 201, Want: map[string]any{"id": service + "/users/u", "properties.email": "u@example.com", "type": "Microsoft.ApiManagement/service/groups/users"}},
		{Name: "nobody", Method: "PUT", Path: "groups/g/users/none", Status: 404},
		{Name: "there", Method: "HEAD", Path: "groups/g/users/u", Status: 204},
		{Name: "members", Method: "GET", Path: "groups/g/users?$filter=email eq 'u@example.com'", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "in product", Method: "PUT", Path: "products/p/groups/g", Status: 201},
		{Name: "group link", Method: "GET", Path: "products/p/groupLinks/g", Status: 200, Want: map[string]any{"properties.groupId": service + "/groups/g"}},
		{Name: "delete", Method: "DELETE", Path: "groups/g", Status: 200},
		{Name: "out of product", Method: "HEAD", Path: "products/p/groups/g", Status: 404},
		{Name: "link gone", Method: "GET", Path: "products/p/groupLinks/g", Status: 404},
	})
	if got := s.Names("users/u/groups"); !slices.Equal(got, []string{"developers"}) {
		t.Errorf("the user is in %v", got)
	}
}

func TestUsers(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Run(t, []resourcestest.Step{
		{Name: "create", Method: "PUT", Path: "users/u", Body: `{"properties":{"firstName":"U","lastName":"V","email":"U@example.com","password":"correct horse","confirmation":"signup"}}`,
			Status: 201, Want: map[string]any{
				"properties.state": "active", "properties.registrationDate": "2026-01-01T09:00:00Z", "properties.password": nil, "properties.passwordHash": nil,
				"properties.confirmation": nil, "properties.identities": []any{map[string]any{"provider": "Basic", "id": "U@example.com"}},
			}},
		{Name: "same address", Method: "PUT", Path: "users/v", Body: `{"properties":{"firstName":"U","lastName":"V","email":"u@EXAMPLE.com"}}`, Status: 400, Targets: []string{"properties.email"}},
		{Name: "no address", Method: "PUT", Path: "users/v", Body: `{"properties":{"firstName":"U","lastName":"V","email":"nobody"}}`, Status: 400, Targets: []string{"properties.email"}},
		{Name: "short password", Method: "PUT", Path: "users/v", Body: `{"properties":{"firstName":"U","lastName":"V","email":"v@example.com","password":"x"}}`, Status: 400, Targets: []string{"properties.password"}},
		{Name: "again", Method: "PUT", Path: "users/u", Body: `{"properties":{"firstName":"U","lastName":"W","email":"u2@example.com"}}`, Status: 200},
		{Name: "address is free", Method: "PUT", Path: "users/v", Body: `{"properties":{"firstName":"U","lastName":"V","email":"u@example.com"}}`, Status: 201},
		{Name: "block", Method: "PATCH", Path: "users/v", Body: `{"properties":{"state":"blocked","note":"n"}}`, Status: 200, Want: map[string]any{"properties.state": "blocked"}},
		{Name: "filter", Method: "GET", Path: "users?$filter=state eq 'blocked'", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "identities", Method: "GET", Path: "users/v/identities", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "token", Method: "POST", Path: "users/u/token", Body: `{"properties":{"keyType":"primary","expiry":"2019-04-21T00:44:24.2845269Z"}}`, Status: 200},
		{Name: "token, too long", Method: "POST", Path: "users/u/token", Body: `{"properties":{"keyType":"primary","expiry":"2027-04-21T00:44:24Z"}}`, Status: 400, Targets: []string{"properties.expiry"}},
		{Name: "sign-in", Method: "POST", Path: "users/u/generateSsoUrl", Status: 200},
		{Name: "confirmation", Method: "POST", Path: "users/u/confirmations/password/send", Status: 204},
		{Name: "confirmation of nobody", Method: "POST", Path: "users/none/confirmations/password/send", Status: 404},
		{Name: "administrator", Method: "DELETE", Path: "users/1", Status: 400},
		{Name: "subscribed", Method: "PUT", Path: "subscriptions/a", Body: `{"properties":{"displayName":"A","scope":"/apis","ownerId":"/users/v"}}`, Status: 201},
		{Name: "with subscriptions", Method: "DELETE", Path: "users/v", Status: 400},
		{Name: "and all", Method: "DELETE", Path: "users/v?deleteSubscriptions=true", Status: 202},
		{Name: "subscription gone", Method: "GET", Path: "subscriptions/a", Status: 404},
		{Name: "membership gone", Method: "HEAD", Path: "groups/developers/users/v", Status: 404},
		{Name: "again gone", Method: "DELETE", Path: "users/v", Status: 204},
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

// TestListsOfAUserNameTheWorkspace lists groups and subscriptions that are called the same in a service and in its
// workspaces.
func TestListsOfAUserNameTheWorkspace(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("users/ann", `{"properties": {"email": "ann@example.com", "firstName": "Ann", "lastName": "Lee"}}`)
	for _, place := range []string{"", "workspaces/sales/", "workspaces/support/"} {
		if place != "" {
			s.Put(strings.TrimSuffix(place, "/"), `{"properties": {"displayName": "W"}}`)
		}
		// What is stored under the name of what the list says is not what the list says.
		s.Put(place+"groups/insiders", `{"properties": {"displayName": "I", "sallyportWorkspace": "forged"}}`)
		if place != "workspaces/support/" {
			s.Put(place+"groups/insiders/users/ann", nil)
			s.Put(place+"subscriptions/mine", `{"properties": {"displayName": "M", "scope": "/apis", "sallyportWorkspace": "forged",
				"ownerId": "`+resourcestest.Service+`/users/ann"}}`)
		}
	}
	for path, want := range map[string]string{
		"users/ann/groups":                          "developers insiders",
		"users/ann/groups?sallyportWorkspaces=true": "developers insiders sales:insiders",
		"users/ann/subscriptions":                   "mine sales:mine",
	} {
		var got []string
		list, _ := s.Get(path)["value"].([]any)
		for _, v := range list {
			e, _ := v.(map[string]any)
			p, _ := e["properties"].(map[string]any)
			name, _ := e["name"].(string)
			if w, _ := p["sallyportWorkspace"].(string); w != "" {
				name = w + ":" + name
			}
			got = append(got, name)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", path, got, want)
		}
	}
}

// TestWorkspacesReachNoFurther links and subscribes, as whoever has rights in one workspace only may, to what is of
// the service and of another workspace.
func TestWorkspacesReachNoFurther(t *testing.T) {
	s := resourcestest.New(t, nil)
	places := []string{"", "workspaces/sales/", "workspaces/support/"}
	for i, place := range places {
		if place != "" {
			s.Put(strings.TrimSuffix(place, "/"), `{"properties": {"displayName": "W"}}`)
		}
		s.Put(place+"apis/ledger", `{"properties":{"displayName":"L","path":"ledger`+strconv.Itoa(i)+`","protocols":["https"]}}`)
		s.Put(place+"products/gold", `{"properties":{"displayName":"G","subscriptionRequired":false}}`)
		s.Put(place+"groups/insiders", `{"properties":{"displayName":"I"}}`)
	}
	link := func(property, to string) string {
		return `{"properties":{"` + property + `":"` + service + "/" + to + `"}}`
	}
	subscription := func(scope string) string {
		return `{"properties":{"displayName":"S","scope":"` + service + "/" + scope + `"}}`
	}
	const gold, other = "workspaces/sales/products/gold/", "workspaces/support/"
	api, group, scope := []string{"properties.apiId"}, []string{"properties.groupId"}, []string{"properties.scope"}
	s.Run(t, []resourcestest.Step{
		{Name: "an API of the service", Method: "PUT", Path: gold + "apiLinks/a", Body: link("apiId", "apis/ledger"), Status: 400, Targets: api},
		{Name: "an API of another", Method: "PUT", Path: gold + "apiLinks/a", Body: link("apiId", other+"apis/ledger"), Status: 400, Targets: api},
		{Name: "none of another", Method: "PUT", Path: gold + "apiLinks/a", Body: link("apiId", other+"apis/none"), Status: 400, Targets: api},
		{Name: "its own API", Method: "PUT", Path: gold + "apiLinks/a", Body: link("apiId", "workspaces/SALES/apis/ledger"), Status: 201},
		{Name: "a group of another", Method: "PUT", Path: gold + "groupLinks/g", Body: link("groupId", other+"groups/insiders"), Status: 400, Targets: group},
		{Name: "its own group", Method: "PUT", Path: gold + "groupLinks/g", Body: link("groupId", "workspaces/sales/groups/insiders"), Status: 201},
		{Name: "a group of the service", Method: "PUT", Path: gold + "groupLinks/h", Body: link("groupId", "groups/developers"), Status: 201},
		{Name: "of the service to a workspace", Method: "PUT", Path: "products/gold/apiLinks/w", Body: link("apiId", other+"apis/ledger"), Status: 201},
		{Name: "everything", Method: "PUT", Path: "workspaces/sales/subscriptions/s", Body: subscription(""), Status: 400, Targets: scope},
		{Name: "all APIs of the service", Method: "PUT", Path: "workspaces/sales/subscriptions/s", Body: subscription("apis"), Status: 400, Targets: scope},
		{Name: "all APIs of another", Method: "PUT", Path: "workspaces/sales/subscriptions/s", Body: subscription(other + "apis"), Status: 400, Targets: scope},
		{Name: "a product of the service", Method: "PUT", Path: "workspaces/sales/subscriptions/s", Body: subscription("products/gold"), Status: 400, Targets: scope},
		{Name: "its own product", Method: "PUT", Path: "workspaces/sales/subscriptions/s", Body: subscription("workspaces/SALES/products/gold"), Status: 201},
		{Name: "all its own APIs", Method: "PUT", Path: "workspaces/sales/subscriptions/t", Body: subscription("workspaces/sales/apis"), Status: 201},
	})
}
