package subscribe_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// The keys of subscriptions that are called the same in three places.
var keysOf = map[string]string{"mine": "service-key", "sales:mine": "sales-key", "support:mine": "support-key"}

// workspaces puts the same names into the service and two workspaces: the product gold, which the group insiders of
// each sees, its API ledger with a limit, and a subscription, mine: ann's in the service and in sales, bob's in support.
func workspaces(s *resourcestest.Server) {
	for _, workspace := range []string{"", "sales", "support"} {
		place, owner := "", "ann"
		if workspace != "" {
			place = "workspaces/" + workspace + "/"
			s.Put("workspaces/"+workspace, `{"properties": {"displayName": "Team `+workspace+`"}}`)
		}
		if workspace == "support" {
			owner = "bob"
		}
		s.Put(place+"groups/insiders", `{"properties": {"displayName": "Insiders"}}`)
		s.Put(place+"apis/ledger", `{"properties": {"displayName": "Ledger `+workspace+`", "path": "`+workspace+`/ledger", "protocols": ["https"]}}`)
		s.Put(place+"products/gold", `{"properties": {"displayName": "Gold `+workspace+`", "state": "published", "subscriptionsLimit": 2}}`)
		if workspace == "" {
			s.Put("products/gold/apis/ledger", nil)
			s.Put("products/gold/groups/insiders", nil)
		} else {
			id := func(path string) string { return resourcestest.Service + "/" + place + path }
			s.Put(place+"products/gold/apiLinks/l", `{"properties": {"apiId": "`+id("apis/ledger")+`"}}`)
			s.Put(place+"products/gold/groupLinks/l", `{"properties": {"groupId": "`+id("groups/insiders")+`"}}`)
		}
		s.Put(place+"products/gold/policies/policy", map[string]any{"properties": map[string]any{"format": "rawxml", "value": `<policies><inbound>` +
			`<quota calls="777" renewal-period="3600"><api name="ledger" id="ledger" calls="55" renewal-period="3600" /></quota></inbound></policies>`}})
		key := keysOf[client.Qualify(workspace, "mine")]
		s.Put(place+"subscriptions/mine", `{"properties": {"displayName": "Mine of `+workspace+`", "scope": "/products/gold", "state": "active",
			"ownerId": "`+resourcestest.Service+`/users/`+owner+`", "primaryKey": "`+key+`-primary-0123456789", "secondaryKey": "`+key+`-secondary-0123456789"}}`)
	}
	s.Put("workspaces/sales/groups/insiders/users/ann", nil)
}

// insider is ann, who is in the group of one workspace.
var insider = page.Visitor{
	User: "ann", Name: "Ann L", Email: "ann@example.com", Session: "s", Groups: []string{"developers", "sales:insiders"},
}

func TestSubscribeInAWorkspace(t *testing.T) {
	r := newRig(t, workspaces)
	r.As(insider)
	once := field(t, r.Get("/subscribe/sales:gold").Want(t, 200, "Gold sales", "Mine of sales").WantNone(t, "Mine of support"), "once")
	good := url.Values{"once": {once}, "name": {"Second"}}
	for range 2 {
		if a := r.Post("/subscribe/sales:gold", good).Want(t, 303); a.Location() != "/subscriptions/sales:"+once {
			t.Fatalf("leads to %s", a.Location())
		}
	}
	if got := r.api.Names("workspaces/sales/subscriptions"); !slices.Contains(got, once) {
		t.Errorf("the workspace has %v", got)
	}
	if got := r.api.Names("subscriptions"); slices.Contains(got, once) {
		t.Errorf("the service has %v", got)
	}
	good.Set("once", strings.Repeat("a", len(once)))
	r.Post("/subscribe/sales:gold", good).Want(t, 422, "The user has 2 subscriptions to the product, and it allows 2.")

	path := "/subscriptions/sales:" + once
	r.Get(path).Want(t, 200, "Second", "Gold sales (Team sales)", `href="/products/sales:gold"`, "777 calls", "Ledger sales", "55 calls")
	r.Post(path+"/rename", url.Values{"name": {"Renamed"}}).Want(t, 303)
	version := field(t, r.Get(path+"/renew?key=primary").Want(t, 200), "version")
	r.Post(path+"/renew", url.Values{"key": {"primary"}, "version": {version}, "overlap": {"PT1H"}, "life": {"30"}}).Want(t, 303)
	r.Post(path+"/cancel", url.Values{}).Want(t, 303)
	r.Get(path).Want(t, 200, "Renamed", "cancelled")
	if got := r.api.Get("workspaces/sales/subscriptions/" + once); got["properties"].(map[string]any)["state"] != "cancelled" {
		t.Errorf("it is %v", got)
	}
}

// TestS17_SubscriptionsOfWorkspaces looks at the subscription of each place, all of which are called the same, as
// their owners.
func TestS17_SubscriptionsOfWorkspaces(t *testing.T) {
	r := newRig(t, workspaces)
	asked, wrong := 0, 0
	for _, visitor := range []struct {
		page.Visitor
		owns []string
	}{
		{insider, []string{"mine", "sales:mine"}},
		{page.Visitor{User: "bob", Name: "Bob", Session: "t", Groups: []string{"developers", "insiders"}}, []string{"support:mine"}},
	} {
		r.As(visitor.Visitor)
		list := r.Get("/subscriptions").Want(t, 200).Body
		for name, key := range keysOf {
			asked += 3
			owns := slices.Contains(visitor.owns, name)
			if strings.Contains(list, `"/subscriptions/`+name+`"`) != owns {
				wrong++
				t.Errorf("%s is listed %s: want %t", visitor.User, name, owns)
			}
			shown := r.Post("/subscriptions/"+name+"/keys", url.Values{})
			if (shown.Status == 200) != owns || strings.Contains(shown.Body, key+"-primary") != owns {
				wrong++
				t.Errorf("%s asks for the keys of %s: %d", visitor.User, name, shown.Status)
			}
			for _, other := range keysOf {
				if other != key && strings.Contains(shown.Body, other) {
					wrong++
					t.Errorf("%s is shown %s for %s", visitor.User, other, name)
				}
			}
			if sees := r.Get("/subscribe/"+strings.Replace(name, "mine", "gold", 1)).Status == 200; sees !=
				slices.Contains(visitor.Groups, strings.Replace(name, "mine", "insiders", 1)) {
				wrong++
				t.Errorf("%s can subscribe where %s is: %t", visitor.User, name, sees)
			}
		}
	}
	r.As(insider)
	for _, name := range []string{"support:mine", ":mine", "sales:", "sales:mine:x", "none:mine", "sales:..", "sales:%2e%2e%2fmine"} {
		asked++
		if code := r.Get("/subscriptions/" + name).Status; code != 404 {
			wrong++
			t.Errorf("%s answers %d", name, code)
		}
	}
	t.Logf("S17: %d of %d looks at subscriptions of the same name in three places show another's (0)", wrong, asked)
}

// TestVisitorsSubscribeWhereTheProductIs tries to get around a product's limit with a subscription elsewhere, and
// around its groups.
func TestVisitorsSubscribeWhereTheProductIs(t *testing.T) {
	r := newRig(t, workspaces)
	put := func(path, product, owner string) int {
		status, _, _ := r.api.Do("PUT", path+"?appType=developerPortal", `{"properties": {"displayName": "x",
			"scope": "`+resourcestest.Service+"/"+product+`", "ownerId": "`+resourcestest.Service+`/users/`+owner+`"}}`)
		return status
	}
	for _, test := range []struct {
		path, product, owner string
		want                 int
	}{
		{"subscriptions/a", "workspaces/sales/products/gold", "ann", 400},
		{"workspaces/support/subscriptions/a", "workspaces/sales/products/gold", "ann", 400},
		{"workspaces/support/subscriptions/b", "workspaces/support/products/gold", "ann", 404},
		{"workspaces/sales/subscriptions/c", "workspaces/sales/products/gold", "bob", 404},
		{"subscriptions/d", "products/gold", "ann", 404},
		{"workspaces/sales/subscriptions/e", "workspaces/sales/products/gold", "ann", 201},
	} {
		if got := put(test.path, test.product, test.owner); got != test.want {
			t.Errorf("%s of %s to %s: %d, want %d", test.path, test.owner, test.product, got, test.want)
		}
	}
}
