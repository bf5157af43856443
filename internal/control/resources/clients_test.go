package resources_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// step is one request of a client, and what it needs of the answer.
type step struct {
	name, method, path string
	body               string
	match              string            // If-Match; "" sends none.
	accept             string            // Accept; "" sends none.
	status             int               // What is answered.
	want               map[string]string // Values in the answer, by path.
	names              []string          // The names in the list, in its order; nil checks none.
}

// steps sends requests one after the other.
func steps(t *testing.T, s *resourcestest.Server, version string, all []step) {
	t.Helper()
	w := &world{Server: s, t: t, version: version}
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			w.t = t
			path := p.path
			if !strings.HasPrefix(path, "/") {
				path = strings.TrimSuffix(resourcestest.Service+"/"+path, "/")
			}
			var headers []string
			for name, value := range map[string]string{"If-Match": p.match, "Accept": p.accept} {
				if value != "" {
					headers = append(headers, name, value)
				}
			}
			status, header, answer := w.ask(p.method, path, p.body, headers...)
			if status != p.status {
				t.Fatalf("%s %s: %d, not %d: %v", p.method, path, status, p.status, answer)
			}
			p.check(t, header, answer)
		})
	}
}

func (p *step) check(t *testing.T, header http.Header, answer map[string]any) {
	t.Helper()
	for at, want := range p.want {
		if got, _ := resourcestest.At(answer, at).(string); got != want {
			t.Errorf("%s is %q, not %q", at, resourcestest.At(answer, at), want)
		}
	}
	if answer != nil && !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		t.Errorf("the type of the answer is %q", header.Get("Content-Type"))
	}
	if p.names == nil {
		return
	}
	var names []string
	for _, item := range items(answer) {
		object, _ := item.(map[string]any)
		name, _ := object["name"].(string)
		names = append(names, name)
	}
	if !slices.Equal(names, p.names) {
		t.Errorf("the list is %q, not %q", names, p.names)
	}
}

const (
	weather    = `{"properties":{"displayName":"Weather","path":"weather","protocols":["https"],"apiType":"http","type":"http","subscriptionRequired":true}}`
	subscriber = "/subscriptions/00000000-0000-0000-0000-000000000000"
	provider   = subscriber + "/providers/Microsoft.ApiManagement"
	groupPath  = subscriber + "/resourceGroups/rg1/providers/Microsoft.ApiManagement"
	terraform  = groupPath + "/service/terraform1"
	serviceOf  = `{"location":"westus","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A"}}`
	rawPolicy  = `<policies><inbound><set-header name=\"x\" exists-action=\"override\"><value>@(context.Request.Method == \"GET\" && 1 < 2 ? \"a\" : \"b\")</value></set-header></inbound><backend><forward-request /></backend><outbound /><on-error /></policies>`
)

// TestTerraformService is what Terraform's provider asks when it makes a
// service.
func TestTerraformService(t *testing.T) {
	get, put, post := http.MethodGet, http.MethodPut, http.MethodPost
	steps(t, resourcestest.New(t, nil), "2022-08-01", []step{
		{name: "is it there", method: get, path: terraform, status: 404, want: map[string]string{"error.code": "ResourceNotFound"}},
		{name: "was it deleted", method: get, path: provider + "/locations/westus/deletedServices/terraform1", status: 404},
		{name: "make it", method: put, path: terraform, body: serviceOf, status: 201,
			want: map[string]string{"id": terraform, "properties.provisioningState": "Succeeded", "name": "terraform1"}},
		{name: "read it", method: get, path: terraform, status: 200, want: map[string]string{"properties.gatewayUrl": "https://terraform1.example"}},
		{name: "samples of APIs", method: get, path: terraform + "/apis?$top=100", status: 200, names: []string{}},
		{name: "samples of products", method: get, path: terraform + "/products", status: 200},
		{name: "sign-in", method: put, path: terraform + "/portalsettings/signin", body: `{"properties":{"enabled":false}}`, status: 200},
		{name: "sign-up", method: put, path: terraform + "/portalsettings/signup", status: 200,
			body: `{"properties":{"enabled":false,"termsOfService":{"enabled":false,"consentRequired":false,"text":""}}}`},
		{name: "delegation", method: put, path: terraform + "/portalsettings/delegation", status: 200,
			body: `{"properties":{"subscriptions":{"enabled":false},"userRegistration":{"enabled":false}}}`},
		{name: "policy", method: get, path: terraform + "/policies/policy?format=xml", status: 404},
		{name: "delegation again", method: get, path: terraform + "/portalsettings/delegation", status: 200},
		{name: "secrets of delegation", method: post, path: terraform + "/portalsettings/delegation/listSecrets", status: 200},
		{name: "secrets of the tenant", method: post, path: terraform + "/tenant/access/listSecrets", status: 200},
		{name: "sign-in again", method: get, path: terraform + "/portalsettings/signin", status: 200},
		{name: "sign-up again", method: get, path: terraform + "/portalsettings/signup", status: 200},
		{name: "tags", method: "PATCH", path: terraform, body: `{"tags":{"a":"b"}}`, status: 200, want: map[string]string{"tags.a": "b"}},
		{name: "delete it", method: "DELETE", path: terraform, status: 200},
		{name: "it was deleted", method: get, path: provider + "/locations/westus/deletedServices/terraform1", status: 200,
			want: map[string]string{"properties.serviceId": terraform}},
		{name: "the other spelling", method: get, path: provider + "/locations/westus/deletedservices/terraform1", status: 200},
		{name: "purge it", method: "DELETE", path: provider + "/locations/westus/deletedServices/terraform1", status: 200},
		{name: "it is gone", method: get, path: provider + "/locations/westus/deletedServices/terraform1", status: 404},
	})
}

// TestTerraformAPI is what Terraform's provider asks when it makes an API, which
// it addresses by its revision for ever.
func TestTerraformAPI(t *testing.T) {
	get, put := http.MethodGet, http.MethodPut
	s := resourcestest.New(t, nil)
	changed := strings.Replace(weather, "Weather", "Wetter", 1)
	steps(t, s, "2022-08-01", []step{
		{name: "is it there", method: get, path: "apis/weather;rev=1", status: 404},
		{name: "make it", method: put, path: "apis/weather;rev=1", body: weather, match: "*", status: 201,
			want: map[string]string{"properties.apiRevision": "1", "properties.displayName": "Weather"}},
		{name: "read it", method: get, path: "apis/weather;rev=1", status: 200, want: map[string]string{"properties.apiRevision": "1"}},
		{name: "read it encoded", method: get, path: "apis/weather%3Brev=1", status: 200, want: map[string]string{"properties.displayName": "Weather"}},
		{name: "read it encoded further", method: get, path: "apis/weather%3Brev%3D1", status: 200, want: map[string]string{"properties.displayName": "Weather"}},
		{name: "read it by its name", method: get, path: "apis/weather", status: 200, want: map[string]string{"name": "weather"}},
		{name: "it is listed once", method: get, path: "apis", status: 200, names: []string{"weather"}},
		{name: "change it", method: put, path: "apis/weather;rev=1", body: changed, status: 200, want: map[string]string{"properties.displayName": "Wetter"}},
		{name: "an operation below the revision", method: put, path: "apis/weather;rev=1/operations/read", match: "*", status: 201,
			body: `{"properties":{"displayName":"Read","method":"GET","urlTemplate":"/read"}}`},
		{name: "the operation below the name", method: get, path: "apis/weather/operations/read", status: 200},
		{name: "a policy below the revision", method: put, path: "apis/weather%3Brev%3D1/policies/policy", status: 201,
			body: `{"properties":{"format":"xml","value":"<policies><inbound><base /></inbound></policies>"}}`},
		{name: "the second revision", method: put, path: "apis/weather;rev=2", match: "*", status: 201,
			body: `{"properties":{"path":"weather","displayName":"Wetter","protocols":["https"],"sourceApiId":"` + resourcestest.Service + `/apis/weather","apiRevisionDescription":"two"}}`,
			want: map[string]string{"properties.apiRevision": "2", "name": "weather;rev=2"}},
		{name: "the operation was copied", method: get, path: "apis/weather;rev=2/operations/read", status: 200},
		{name: "a release", method: put, path: "apis/weather/releases/second", match: "*", status: 201,
			body: `{"properties":{"apiId":"/apis/weather;rev=2","notes":"now"}}`},
		{name: "the first is behind its suffix", method: get, path: "apis/weather;rev=1", status: 200, want: map[string]string{"properties.apiRevision": "1"}},
		{name: "the name is the second", method: get, path: "apis/weather", status: 200, want: map[string]string{"properties.apiRevision": "2"}},
		{name: "revisions", method: get, path: "apis/weather/revisions", status: 200},
		{name: "delete all", method: "DELETE", path: "apis/weather?deleteRevisions=true", status: 200},
		{name: "nothing is left", method: get, path: "apis", status: 200, names: []string{}},
	})
}

// TestAPIOps is what APIOps asks: nothing conditional, ids below the service,
// policies as they were typed.
func TestAPIOps(t *testing.T) {
	get, put, remove := http.MethodGet, http.MethodPut, http.MethodDelete
	scope := url.QueryEscape("endswith(Scope, '/products/basic') and ownerId eq null")
	simple := url.QueryEscape("endswith(Scope,'/products/basic')")
	steps(t, resourcestest.New(t, nil), "2022-08-01", []step{
		{name: "a version set", method: put, path: "apiVersionSets/set", status: 201, body: `{"properties":{"displayName":"Set","versioningScheme":"Segment"}}`},
		{name: "an API", method: put, path: "apis/weather", status: 201,
			body: `{"properties":{"displayName":"Weather","path":"weather","protocols":["https"],"apiVersion":"v1","apiVersionSetId":"/apiVersionSets/set"}}`},
		{name: "the API again", method: put, path: "apis/weather", status: 200,
			body: `{"properties":{"displayName":"Weather","path":"weather","protocols":["https"],"apiVersion":"v1","apiVersionSetId":"/apiVersionSets/set"}}`},
		{name: "a logger", method: put, path: "loggers/log", status: 201,
			body: `{"properties":{"loggerType":"applicationInsights","credentials":{"instrumentationKey":"11111111-2222-3333-4444-555555555555"}}}`},
		{name: "a diagnostic", method: put, path: "diagnostics/applicationinsights", status: 201, body: `{"properties":{"loggerId":"/loggers/log"}}`},
		{name: "a product", method: put, path: "products/basic", status: 201, body: `{"properties":{"displayName":"Basic","subscriptionRequired":true,"state":"published"}}`},
		{name: "its subscriptions", method: get, path: "subscriptions?$filter=" + simple, status: 200},
		{name: "its groups", method: get, path: "products/basic/groups", status: 200},
		{name: "no administrators", method: remove, path: "products/basic/groups/administrators", status: 200},
		{name: "an API of it", method: put, path: "products/basic/apis/weather", status: 201, body: `{}`},
		{name: "a subscription", method: put, path: "subscriptions/mine", status: 201, body: `{"properties":{"displayName":"Mine","scope":"/products/basic"}}`},
		{name: "the subscriptions of a scope", method: get, path: "subscriptions?$filter=" + scope, status: 200},
		{name: "a named value", method: put, path: "namedValues/token", status: 201, body: `{"properties":{"displayName":"token","value":"x","secret":true}}`},
		{name: "a policy", method: put, path: "apis/weather/policies/policy", status: 201, body: `{"properties":{"format":"rawxml","value":"` + rawPolicy + `"}}`},
		{name: "the policy", method: get, path: "apis/weather/policies/policy?format=rawxml", status: 200,
			want: map[string]string{"properties.format": "rawxml", "properties.value": strings.ReplaceAll(rawPolicy, `\"`, `"`)}},
		{name: "a fragment", method: put, path: "policyFragments/f", status: 201, body: `{"properties":{"format":"rawxml","value":"<fragment><base /></fragment>"}}`},
		{name: "the fragment", method: get, path: "policyFragments/f?format=rawxml", status: 200, want: map[string]string{"properties.format": "rawxml"}},
		{name: "a tag", method: put, path: "tags/red", status: 201, body: `{"properties":{"displayName":"Red"}}`},
		{name: "a tag of an API", method: put, path: "apis/weather/tags/red", status: 201, body: `{}`},
		{name: "gateways", method: get, path: "gateways", status: 200},
		{name: "delete the API", method: remove, path: "apis/weather?deleteRevisions=true", status: 200},
		{name: "delete the product", method: remove, path: "products/basic?deleteSubscriptions=true", status: 200},
		{name: "the subscription went", method: get, path: "subscriptions/mine", status: 404},
	})
}

// TestCommandLineQuirks is what Azure's command line does that the documents do
// not say.
func TestCommandLineQuirks(t *testing.T) {
	get, put := http.MethodGet, http.MethodPut
	called := url.QueryEscape("properties/displayName eq 'token'")
	steps(t, resourcestest.New(t, nil), "2021-08-01", []step{
		{name: "a named value", method: put, path: "namedValues/token", match: "*", status: 201, body: `{"properties":{"displayName":"token","value":"x"}}`},
		{name: "found by its name", method: get, path: "namedValues?$filter=" + called, status: 200, names: []string{"token"}},
		{name: "a version set", method: put, path: "apiVersionSets/set", match: "*", status: 201, body: `{"properties":{"displayName":"Set","versioningScheme":"Query","versionQueryName":"v"}}`},
		{name: "an API", method: put, path: "apis/weather", match: "*", status: 201, body: weather},
		{name: "an API by its name", method: get, path: "apis?$filter=" + url.QueryEscape("properties/displayName eq 'Weather'"), status: 200, names: []string{"weather"}},
		{name: "an operation", method: put, path: "apis/weather/operations/read", match: "*", status: 201, body: `{"properties":{"displayName":"Read","method":"GET","urlTemplate":"/read"}}`},
		{name: "a revision from its path", method: put, path: "apis/weather;rev=2", status: 201,
			body: `{"properties":{"path":"weather","sourceApiId":"/apis/weather","apiRevisionDescription":"two"}}`,
			want: map[string]string{"properties.apiRevision": "2", "properties.path": "weather"}},
		{name: "a release", method: put, path: "apis/weather/releases/r", match: "*", status: 201, body: `{"properties":{"apiId":"/apis/weather;rev=2"}}`},
		{name: "a product by its name", method: get, path: "products?$filter=" + url.QueryEscape("contains(properties/displayName, 'x')"), status: 200},
	})
}

// TestSpellings asks for one API by ids that differ in case and in encoding, and
// with the types that clients accept.
func TestSpellings(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/weather", weather)
	s.Put("apis/weather/policies/policy", `{"properties":{"format":"xml","value":"<policies><inbound /></policies>"}}`)
	for _, path := range []string{
		strings.ToUpper(resourcestest.Service) + "/APIS/WEATHER",
		strings.ToLower(resourcestest.Service) + "/apis/weather",
		strings.Replace(resourcestest.Service, "resourceGroups/rg1", "RESOURCEGROUPS/RG1", 1) + "/apis/Weather",
		strings.Replace(resourcestest.Service, "apimService1", "APIMSERVICE1", 1) + "/Apis/weather%3BREV=1",
		resourcestest.Service + "/apis/weather%3brev%3d1",
	} {
		status, _, answer := s.Do(http.MethodGet, path, nil)
		if id := resourcestest.At(answer, "id"); status != http.StatusOK || !strings.EqualFold(strings.TrimSuffix(strings.ToLower(id.(string)), ";rev=1"), resourcestest.Service+"/apis/weather") {
			t.Errorf("%s: %d, %v", path, status, id)
		}
	}
	for _, accept := range []string{"application/json, application/vnd.ms-azure-apim.policy+xml", "application/vnd.ms-azure-apim.policy+xml", "*/*", "text/xml"} {
		status, header, answer := s.Do(http.MethodGet, "apis/weather/policies/policy", nil, "Accept", accept)
		if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "application/json") || resourcestest.At(answer, "properties.value") == nil {
			t.Errorf("Accept %s: %d %s %v", accept, status, header.Get("Content-Type"), answer)
		}
	}
}

// TestSecretsOnRequest reads each secret by the one operation that answers it.
func TestSecretsOnRequest(t *testing.T) {
	for _, test := range []struct{ name, resource, action, at, want string }{
		{"a named value", "~/namedValues/{namedValueId}", "listValue", "value", "hush-named-value"},
		{"a named value of a workspace", workspacePath + "/namedValues/{namedValueId}", "listValue", "value", "hush-named-value"},
		{"a subscription", "~/subscriptions/{sid}", "listSecrets", "primaryKey", "hush-primary-key-of-mine"},
		{"its other key", "~/subscriptions/{sid}", "listSecrets", "secondaryKey", "hush-secondary-key-of-mine"},
		{"a subscription of a workspace", workspacePath + "/subscriptions/{sid}", "listSecrets", "primaryKey", "hush-primary-key-of-ours"},
		{"an authorization server", "~/authorizationServers/{authsid}", "listSecrets", "clientSecret", "hush-authsid"},
		{"an identity provider", "~/identityProviders/{identityProviderName}", "listSecrets", "clientSecret", "hush-google"},
		{"an OpenID Connect provider", "~/openidConnectProviders/{opid}", "listSecrets", "clientSecret", "hush-opid"},
		{"delegation", "~/portalsettings/delegation", "listSecrets", "validationKey", "aHVzaC1kZWxlZ2F0aW9uLWtleS1odXNoLWRlbGVnYXRpb24="},
		{"a gateway", "~/gateways/{gatewayId}", "listKeys", "primary", ""},
		{"the tenant", "~/tenant/{accessName}", "listSecrets", "primaryKey", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, "2024-05-01")
			w.ensure(test.resource)
			status, _, answer := w.ask(http.MethodPost, w.names(test.resource)+"/"+test.action, nil)
			got, _ := resourcestest.At(answer, test.at).(string)
			if status != http.StatusOK || got == "" || test.want != "" && got != test.want {
				t.Errorf("%d %v", status, answer)
			}
		})
	}
}

// TestVersions refuses requests without a version, or of one that there is not.
func TestVersions(t *testing.T) {
	s := resourcestest.New(t, nil)
	for _, test := range []struct {
		name, query string
		status      int
		code        string
	}{
		{"none", "?api-version=", 400, "MissingApiVersionParameter"},
		{"an unknown one", "?api-version=2099-01-01", 400, "InvalidApiVersionParameter"},
		{"the oldest", "?api-version=2021-08-01", 200, ""},
		{"another spelling", "?API-VERSION=2024-05-01&api-version=2024-05-01", 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, header, answer := s.Do(http.MethodGet, "apis"+test.query, nil)
			if code, _ := resourcestest.At(answer, "error.code").(string); status != test.status || code != test.code {
				t.Errorf("%d %v", status, answer)
			}
			if header.Get("X-Ms-Request-Id") == "" {
				t.Errorf("there is no x-ms-request-id")
			}
		})
	}
}
