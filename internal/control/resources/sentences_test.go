package resources_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/apis"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// TestRelativeIDs gives ids below the service, and gets whole ones.
func TestRelativeIDs(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/weather", weather)
	s.Put("products/basic", `{"properties":{"displayName":"Basic"}}`)
	s.Put("apiVersionSets/set", `{"properties":{"displayName":"Set","versioningScheme":"Segment"}}`)
	s.Put("loggers/log", `{"properties":{"loggerType":"azureMonitor"}}`)
	s.Put("users/ann", `{"properties":{"firstName":"Ann","lastName":"E","email":"ann@example.com"}}`)
	for _, test := range []struct{ name, path, body, at, want string }{
		{"the scope of a product", "subscriptions/a", `{"properties":{"displayName":"a","scope":"/products/basic"}}`, "properties.scope", "/products/basic"},
		{"the scope of an API", "subscriptions/b", `{"properties":{"displayName":"b","scope":"/apis/weather"}}`, "properties.scope", "/apis/weather"},
		{"the scope of all APIs", "subscriptions/c", `{"properties":{"displayName":"c","scope":"/apis"}}`, "properties.scope", "/apis"},
		{"an owner", "subscriptions/d", `{"properties":{"displayName":"d","scope":"/apis","ownerId":"/users/ann"}}`, "properties.ownerId", "/users/ann"},
		{"a version set", "apis/versioned", `{"properties":{"displayName":"V","path":"v","apiVersion":"v1","apiVersionSetId":"/apiVersionSets/set"}}`, "properties.apiVersionSetId", "/apiVersionSets/set"},
		{"a logger", "diagnostics/azuremonitor", `{"properties":{"loggerId":"/loggers/log"}}`, "properties.loggerId", "/loggers/log"},
		{"a tag of a product", "products/basic/tags/t", `{}`, "id", "/products/basic/tags/t"},
		{"a user by a whole id", "subscriptions/e", `{"properties":{"displayName":"e","scope":"` + resourcestest.Service + `/products/basic"}}`, "properties.scope", "/products/basic"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if strings.HasPrefix(test.path, "products/basic/tags") {
				s.Put("tags/t", `{"properties":{"displayName":"T"}}`)
			}
			answer := s.Put(test.path, test.body)
			if got := resourcestest.At(answer, test.at); got != resourcestest.Service+test.want {
				t.Errorf("%s is %v", test.at, got)
			}
		})
	}
}

// TestPolicyFormats writes a policy in every format, and reads it in both.
func TestPolicyFormats(t *testing.T) {
	const (
		raw     = `<policies><inbound><set-variable name="x" value="@(1 < 2 && "a" == "a")" /></inbound></policies>`
		escaped = `<policies><inbound><set-variable name="x" value="@(1 &lt; 2 &amp;&amp; &quot;a&quot; == &quot;a&quot;)" /></inbound></policies>`
	)
	s := resourcestest.New(t, nil)
	s.Documents["https://documents.example/raw"], s.Documents["https://documents.example/xml"] = raw, escaped
	for format, value := range map[string]string{
		"rawxml": raw, "xml": escaped, "rawxml-link": "https://documents.example/raw", "xml-link": "https://documents.example/xml",
	} {
		t.Run(format, func(t *testing.T) {
			status, _, answer := s.Do(http.MethodPut, "policies/policy", map[string]any{"properties": map[string]any{"format": format, "value": value}})
			if status >= 300 {
				t.Fatalf("%d %v", status, answer)
			}
			for read, want := range map[string]string{"?format=rawxml": `1 < 2 && "a" == "a"`, "?format=xml": `1 &lt; 2 &amp;&amp; &quot;a&quot; == &quot;a&quot;`, "": `&amp;&amp;`} {
				if got := fmt.Sprint(resourcestest.At(s.Get("policies/policy"+read), "properties.value")); !strings.Contains(got, want) {
					t.Errorf("%q: %s", read, got)
				}
			}
		})
	}
}

// TestKeysAreRegenerated keeps given keys, makes others, and makes new ones.
func TestKeysAreRegenerated(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("subscriptions/made", `{"properties":{"displayName":"made","scope":"/apis"}}`)
	for _, path := range []string{"subscriptions/made", "tenant/access", "tenant/gitAccess"} {
		for _, key := range []string{"primaryKey", "secondaryKey"} {
			read := func() any { return resourcestest.At(s.Must("POST", path+"/listSecrets", nil, 200), key) }
			before := read()
			s.Must("POST", path+"/regenerate"+strings.ToUpper(key[:1])+key[1:], nil, 204)
			if after := read(); before == nil || after == nil || before == after {
				t.Errorf("%s: %s was %v and is %v", path, key, before, after)
			}
		}
	}
	s.Put("subscriptions/made", `{"properties":{"displayName":"again","scope":"/apis"}}`)
	before := s.Must("POST", "subscriptions/made/listSecrets", nil, 200)
	s.Must("PATCH", "subscriptions/made", `{"properties":{"displayName":"once more"}}`, 200)
	if after := s.Must("POST", "subscriptions/made/listSecrets", nil, 200); after["primaryKey"] != before["primaryKey"] {
		t.Errorf("a change of the name made another key")
	}
}

// TestSoftDelete deletes a service, whose name stays taken, and restores it.
func TestSoftDelete(t *testing.T) {
	get, put := http.MethodGet, http.MethodPut
	s := resourcestest.New(t, nil)
	s.Put("apis/weather", weather)
	steps(t, s, "2024-05-01", []step{
		{name: "delete", method: "DELETE", path: "", status: 202},
		{name: "it is gone", method: get, path: "", status: 404, want: map[string]string{"error.code": "ResourceNotFound"}},
		{name: "what it had too", method: get, path: "apis/weather", status: 404},
		{name: "its name is taken", method: put, path: "", body: serviceOf, status: 409},
		{name: "nor available", method: "POST", path: provider + "/checkNameAvailability", body: `{"name":"apimService1"}`, status: 200,
			want: map[string]string{"reason": "AlreadyExists"}},
		{name: "it is among the deleted", method: get, path: provider + "/deletedservices", status: 200, names: []string{"apimService1"}},
		{name: "restore it", method: put, path: "", status: 201, body: strings.Replace(serviceOf, `"properties":{`, `"properties":{"restore":true,`, 1)},
		{name: "with what it had", method: get, path: "apis/weather", status: 200},
		{name: "it is deleted no more", method: get, path: provider + "/deletedservices", status: 200, names: []string{}},
		{name: "delete again", method: "DELETE", path: "", status: 202},
		{name: "purge", method: "DELETE", path: provider + "/locations/westus/deletedservices/APIMSERVICE1", status: 200},
		{name: "the name is free", method: "POST", path: provider + "/checkNameAvailability", body: `{"name":"apimService1"}`, status: 200,
			want: map[string]string{"reason": "Valid"}},
		{name: "and makes a new one", method: put, path: "", body: serviceOf, status: 201},
	})
}

// TestOrders sorts lists that say how.
func TestOrders(t *testing.T) {
	s := resourcestest.New(t, nil)
	for _, name := range []string{"a", "b", "c"} {
		s.Put("policyFragments/"+name, `{"properties":{"value":"<fragment />","description":"`+string('z'-rune(name[0])+'a')+`"}}`)
	}
	for order, want := range map[string]string{"name": "[a b c]", "name desc": "[c b a]", "description": "[c b a]"} {
		if got := fmt.Sprint(s.Names("policyFragments?$orderby=" + strings.ReplaceAll(order, " ", "%20"))); got != want {
			t.Errorf("%s: %s", order, got)
		}
	}
}

// TestSideEffects are what the service does beside what it was asked.
func TestSideEffects(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("products/basic", `{"properties":{"displayName":"Basic","subscriptionRequired":true}}`)
	if names := fmt.Sprint(s.Names("products/basic/groups")); names != "[administrators]" {
		t.Errorf("the groups of a new product are %s", names)
	}
	s.Put("subscriptions/mine", `{"properties":{"displayName":"Mine","scope":"/products/basic"}}`)
	s.Put("namedValues/token", `{"properties":{"displayName":"token","value":"x"}}`)
	s.Put("policies/policy", `{"properties":{"format":"rawxml","value":"<policies><inbound><set-header name=\"x\" exists-action=\"override\"><value>{{token}}</value></set-header></inbound></policies>"}}`)
	s.Must("PATCH", "namedValues/token", `{"properties":{"displayName":"renamed"}}`, 200)
	if got := fmt.Sprint(resourcestest.At(s.Get("policies/policy?format=rawxml"), "properties.value")); !strings.Contains(got, "{{renamed}}") {
		t.Errorf("the policy is %s", got)
	}
	if status, _, answer := s.Do("DELETE", "products/basic", nil); status < 400 {
		t.Errorf("a product with subscriptions was deleted: %d %v", status, answer)
	}
	s.Must("DELETE", "products/basic?deleteSubscriptions=true", nil, 200)
}

// TestMerge changes what a PATCH names, and nothing else.
func TestMerge(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/weather", `{"properties":{"displayName":"Weather","path":"weather","description":"old","serviceUrl":"https://a.example","protocols":["https"]}}`)
	answer := s.Must("PATCH", "apis/weather", `{"properties":{"displayName":"Wetter","description":null}}`, 200)
	for at, want := range map[string]any{"properties.displayName": "Wetter", "properties.serviceUrl": "https://a.example", "properties.path": "weather", "properties.description": nil} {
		if got := resourcestest.At(answer, at); got != want {
			t.Errorf("%s is %v", at, got)
		}
	}
}

// TestLinksLead follows the link of an export without a token.
func TestLinksLead(t *testing.T) {
	for _, test := range []struct{ name, at, link string }{
		{"of the service", "", "value.link"}, {"of a workspace", "workspaces/w/", "properties.value.link"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := resourcestest.New(t, apis.Exporter{})
			s.Put("workspaces/w", `{"properties":{"displayName":"W"}}`)
			s.Put(test.at+"apis/weather", weather)
			answer := s.Get(test.at + "apis/weather?export=true&format=openapi-link")
			link, _ := resourcestest.At(answer, test.link).(string)
			path, ok := strings.CutPrefix(link, "https://management.example")
			if !ok {
				t.Fatalf("there is no link: %v", answer)
			}
			if status, _, raw := s.Raw(http.MethodGet, path, nil); status != http.StatusOK || len(raw) == 0 {
				t.Errorf("%d %s", status, raw)
			}
		})
	}
}

// TestLongLists follows lists that are longer than a page may be, those without
// $top too, to their end.
func TestLongLists(t *testing.T) {
	const many = 1003
	s := resourcestest.New(t, nil)
	err := s.Write(func(session *resource.Session) error {
		for i := range many {
			api := resource.ID(resourcestest.Service).Child("apis", fmt.Sprintf("a%04d", i))
			if err := session.Store(api, resource.Object(map[string]any{"displayName": "A", "path": fmt.Sprint("a", i)})); err != nil {
				return err
			}
			policy := resource.Object(map[string]any{"format": "xml", "value": "<policies />"})
			if err := session.Store(api.Child("policies", "policy"), policy); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"apis", "apis?$top=5000", "apis?$filter=path%20ne%20'x'&$top=2000", "allPolicies"} {
		t.Run(path, func(t *testing.T) {
			seen, pages := 0, 0
			for link := path; link != "" && pages <= many; pages++ {
				answer := s.Get(link)
				seen += len(items(answer))
				next, _ := answer["nextLink"].(string)
				link = strings.TrimPrefix(next, "https://management.example")
			}
			if seen != many {
				t.Errorf("%d of %d in %d pages", seen, many, pages)
			}
		})
	}
}
