package settings_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

const authorizationServer = `{"properties": {"displayName": "test2", "clientId": "1", "clientSecret": "2",
	"authorizationEndpoint": "https://www.contoso.com/oauth2/auth", "clientRegistrationEndpoint": "https://www.contoso.com/apps",
	"tokenEndpoint": "https://www.contoso.com/oauth2/token", "grantTypes": ["authorizationCode", "implicit"],
	"resourceOwnerUsername": "un", "resourceOwnerPassword": "pwd", "supportState": true}}`

func TestBackends(t *testing.T) {
	s := resourcestest.New(t, nil)
	made := s.Must(http.MethodPut, "backends/proxybackend", `{"properties": {"description": "d", "url": "https://backendname2644/", "protocol": "http",
		"credentials": {"authorization": {"scheme": "Basic", "parameter": "opensesma"}, "header": {"x-my-1": ["val1", "val2"]}, "query": {"sv": ["xx", "bb"]}},
		"proxy": {"url": "http://192.168.1.1:8080", "username": "u", "password": "p"}, "tls": {"validateCertificateChain": true}}}`, http.StatusCreated)
	at(t, made, "properties.type", "Single")
	at(t, made, "properties.credentials.authorization.parameter", "opensesma")
	at(t, made, "properties.credentials.header", map[string]any{"x-my-1": []any{"val1", "val2"}})
	at(t, made, "properties.proxy.password", "p")
	changed := s.Must(http.MethodPatch, "backends/proxybackend", `{"properties": {"description": "d2"}}`, http.StatusOK)
	at(t, changed, "properties.credentials.query", map[string]any{"sv": []any{"xx", "bb"}})
	s.Must(http.MethodPost, "backends/proxybackend/reconnect", `{"properties": {"after": "PT3S"}}`, http.StatusAccepted)
	s.Must(http.MethodPost, "backends/proxybackend/reconnect", nil, http.StatusAccepted)
	s.Must(http.MethodPost, "backends/proxybackend/reconnect", `{"properties": {"after": "soon"}}`, http.StatusBadRequest)

	pool := s.Put("backends/pool", `{"properties": {"pool": {"services": [{"id": "/backends/proxybackend", "weight": 1}]}}}`)
	at(t, pool, "properties.type", "Pool")
	at(t, pool, "properties.pool.services", []any{map[string]any{"id": resourcestest.Service + "/backends/proxybackend", "weight": 1.0}})
	s.Must(http.MethodDelete, "backends/proxybackend", nil, http.StatusBadRequest)
	s.Must(http.MethodDelete, "backends/pool", nil, http.StatusOK)
	s.Put("policies/policy", `{"properties": {"value": "<policies><inbound><set-backend-service backend-id=\"ProxyBackend\"/></inbound></policies>"}}`)
	s.Must(http.MethodDelete, "backends/proxybackend", nil, http.StatusBadRequest)
	s.Must(http.MethodDelete, "policies/policy", nil, http.StatusOK)
	s.Must(http.MethodDelete, "backends/proxybackend", nil, http.StatusOK)
}

func TestBackendsRefused(t *testing.T) {
	tests := []struct {
		name, body string
		targets    []string
	}{
		{"nothing", `{}`, []string{"properties.protocol", "properties.url"}},
		{"a URL that is none", `{"properties": {"url": "hello", "protocol": "http"}}`, []string{"properties.url"}},
		{"a pool of what is not there", `{"properties": {"pool": {"services": [{"id": "/backends/none"}]}}}`, []string{"properties.pool.services[0].id"}},
		{"a pool of itself", `{"properties": {"type": "Pool", "pool": {"services": [{"id": "/backends/there"}]}}}`, []string{"properties.pool.services[0].id"}},
		{"a pool of named values", `{"properties": {"pool": {"services": [{"id": "/namedValues/n"}]}}}`, []string{"properties.pool.services[0].id"}},
		{"a certificate that is not there", `{"properties": {"url": "https://x", "protocol": "http", "credentials": {"certificateIds": ["/certificates/none"]}}}`,
			[]string{"properties.credentials.certificateIds[0]"}},
		{"a header that is none", `{"properties": {"url": "https://x", "protocol": "http", "credentials": {"header": {"a b": ["x"]}}}}`, []string{"properties.credentials.header"}},
	}
	s := resourcestest.New(t, nil)
	s.Put("backends/there", `{"properties": {"url": "https://b.example/", "protocol": "http"}}`)
	s.Put("namedValues/n", `{"properties": {"displayName": "n", "value": "v"}}`)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := s.Must(http.MethodPut, "backends/there", test.body, http.StatusBadRequest)
			if diff := cmp.Diff(test.targets, resourcestest.Targets(answer)); diff != "" {
				t.Errorf("targets (-want +got):\n%s\n%v", diff, answer)
			}
		})
	}
}

func TestLoggers(t *testing.T) {
	s := resourcestest.New(t, nil)
	hub := s.Must(http.MethodPut, "loggers/eh1", `{"properties": {"loggerType": "azureEventHub", "description": "adding",
		"credentials": {"name": "hydra", "connectionString": "Endpoint=sb://x;SharedAccessKey=k"}}}`, http.StatusCreated)
	at(t, hub, "properties.isBuffered", true)
	at(t, hub, "properties.credentials.name", "hydra")
	reference, _ := resourcestest.At(hub, "properties.credentials.connectionString").(string)
	if !strings.HasPrefix(reference, "{{Logger-Credentials-") {
		t.Fatalf("the connection string is answered as %q", reference)
	}
	values := s.Names("namedValues")
	if len(values) != 1 {
		t.Fatalf("the named values are %v", values)
	}
	at(t, s.Must(http.MethodPost, "namedValues/"+values[0]+"/listValue", nil, http.StatusOK), "value", "Endpoint=sb://x;SharedAccessKey=k")
	changed := s.Must(http.MethodPatch, "loggers/eh1", `{"properties": {"description": "updating", "loggerType": "azureEventHub"}}`, http.StatusOK)
	at(t, changed, "properties.credentials.connectionString", reference)
	s.Must(http.MethodPatch, "loggers/eh1", `{"properties": {"credentials": {"connectionString": "Endpoint=sb://y"}}}`, http.StatusOK)
	at(t, s.Must(http.MethodPost, "namedValues/"+values[0]+"/listValue", nil, http.StatusOK), "value", "Endpoint=sb://y")

	s.Put("diagnostics/azuremonitor", `{"properties": {"loggerId": "/loggers/eh1", "sampling": {"samplingType": "fixed", "percentage": 50}}}`)
	at(t, s.Get("diagnostics/azuremonitor"), "properties.loggerId", resourcestest.Service+"/loggers/eh1")
	s.Must(http.MethodDelete, "loggers/eh1", nil, http.StatusBadRequest)
	s.Must(http.MethodDelete, "diagnostics/azuremonitor", nil, http.StatusOK)
	s.Must(http.MethodDelete, "loggers/eh1", nil, http.StatusOK)
	if left := s.Names("namedValues"); len(left) != 0 {
		t.Errorf("the logger left %v behind", left)
	}
	refused := s.Must(http.MethodPut, "loggers/new", `{"properties": {"loggerType": "applicationInsights"}}`, http.StatusBadRequest)
	if diff := cmp.Diff([]string{"properties.credentials"}, resourcestest.Targets(refused)); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	refused = s.Must(http.MethodPut, "diagnostics/x", `{"properties": {"loggerId": "/loggers/none"}}`, http.StatusBadRequest)
	if diff := cmp.Diff([]string{"properties.loggerId"}, resourcestest.Targets(refused)); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

func TestCaches(t *testing.T) {
	s := resourcestest.New(t, nil)
	made := s.Must(http.MethodPut, "caches/c1", `{"properties": {"description": "Redis", "useFromLocation": "default",
		"connectionString": "apim.redis.cache.windows.net:6380,password=xc,ssl=True"}}`, http.StatusCreated)
	reference, _ := resourcestest.At(made, "properties.connectionString").(string)
	if !strings.HasPrefix(reference, "{{") || strings.Contains(reference, "password") {
		t.Errorf("the connection string is answered as %q", reference)
	}
	at(t, s.Must(http.MethodPatch, "caches/c1", `{"properties": {"useFromLocation": "westindia"}}`, http.StatusOK), "properties.connectionString", reference)
	s.Must(http.MethodDelete, "caches/c1", nil, http.StatusOK)
	if left := s.Names("namedValues"); len(left) != 0 {
		t.Errorf("the cache left %v behind", left)
	}
}

func TestSchemas(t *testing.T) {
	document := map[string]any{"type": "object", "title": "Person"}
	tests := []struct {
		name, body string
		field      string
		want       any
		targets    []string
	}{
		{"xml", `{"properties": {"schemaType": "xml", "value": "<xsd:schema/>"}}`, "properties.value", "<xsd:schema/>", nil},
		{"an object", `{"properties": {"schemaType": "json", "document": {"type": "object", "title": "Person"}}}`, "properties.document", document, nil},
		{"an object as a text", `{"properties": {"schemaType": "json", "value": "{\"type\": \"object\", \"title\": \"Person\"}"}}`, "properties.document", document, nil},
		{"no type", `{"properties": {"value": "x"}}`, "", nil, []string{"properties.schemaType"}},
		{"xml without a value", `{"properties": {"schemaType": "xml"}}`, "", nil, []string{"properties.value"}},
		{"json without a document", `{"properties": {"schemaType": "json"}}`, "", nil, []string{"properties.document"}},
		{"no JSON", `{"properties": {"schemaType": "json", "value": "{"}}`, "", nil, []string{"properties.value"}},
		{"a number", `{"properties": {"schemaType": "json", "document": 1}}`, "", nil, []string{"properties.document"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := resourcestest.New(t, nil)
			if test.targets != nil {
				refused := s.Must(http.MethodPut, "schemas/s", test.body, http.StatusBadRequest)
				if diff := cmp.Diff(test.targets, resourcestest.Targets(refused)); diff != "" {
					t.Errorf("targets (-want +got):\n%s", diff)
				}
				return
			}
			made := s.Must(http.MethodPut, "schemas/s", test.body, http.StatusCreated)
			at(t, made, test.field, test.want)
			at(t, made, "properties.provisioningState", "Succeeded")
		})
	}
}

func TestSignInSecrets(t *testing.T) {
	s := resourcestest.New(t, nil)
	at(t, s.Put("authorizationServers/a", authorizationServer), "properties.clientSecret", nil)
	want := map[string]any{"clientSecret": "2", "resourceOwnerUsername": "un", "resourceOwnerPassword": "pwd"}
	if diff := cmp.Diff(want, s.Must(http.MethodPost, "authorizationServers/a/listSecrets", nil, http.StatusOK)); diff != "" {
		t.Errorf("secrets of the server (-want +got):\n%s", diff)
	}
	s.Must(http.MethodPatch, "authorizationServers/a", `{"properties": {"useInTestConsole": false}}`, http.StatusOK)
	at(t, s.Must(http.MethodPost, "authorizationServers/a/listSecrets", nil, http.StatusOK), "clientSecret", "2")

	google := s.Put("identityProviders/Google", `{"properties": {"clientId": "c", "clientSecret": "s"}}`)
	at(t, google, "properties.type", "google")
	at(t, google, "properties.clientSecret", nil)
	at(t, s.Must(http.MethodPost, "identityProviders/google/listSecrets", nil, http.StatusOK), "clientSecret", "s")
	s.Must(http.MethodPut, "identityProviders/other", `{"properties": {"clientId": "c", "clientSecret": "s"}}`, http.StatusNotFound)

	openid := s.Put("openidConnectProviders/o", `{"properties": {"clientId": "c", "clientSecret": "s", "displayName": "o", "metadataEndpoint": "https://o.example"}}`)
	at(t, openid, "properties.clientSecret", nil)
	at(t, s.Must(http.MethodPost, "openidConnectProviders/o/listSecrets", nil, http.StatusOK), "clientSecret", "s")
}

func TestCredentialManager(t *testing.T) {
	s := resourcestest.New(t, nil)
	const provider = "authorizationProviders/aad"
	made := s.Put(provider, `{"properties": {"displayName": "aad", "identityProvider": "aad", "oauth2": {"redirectUrl": "https://consent.example/redirect",
		"grantTypes": {"authorizationCode": {"clientId": "c", "clientSecret": "s", "scopes": null}}}}}`)
	at(t, made, "properties.oauth2.grantTypes.authorizationCode.clientId", "c")
	at(t, made, "properties.oauth2.grantTypes.authorizationCode.clientSecret", nil)

	at(t, s.Put(provider+"/authorizations/a", `{"properties": {"authorizationType": "OAuth2", "oauth2grantType": "AuthorizationCode"}}`), "properties.error.code", "Unauthenticated")
	connected := s.Put(provider+"/authorizations/b", `{"properties": {"parameters": {"clientId": "c", "clientSecret": "s"}}}`)
	at(t, connected, "properties.status", "Connected")
	at(t, connected, "properties.parameters", map[string]any{"clientId": "c"})
	link := s.Must(http.MethodPost, provider+"/authorizations/a/getLoginLinks", `{"postLoginRedirectUrl": "https://www.bing.com/"}`, http.StatusOK)
	at(t, link, "loginLink", "https://consent.example/redirect/login")
	s.Must(http.MethodPost, provider+"/authorizations/a/confirmConsentCode", `{"consentCode": "x"}`, http.StatusOK)
	s.Must(http.MethodPost, provider+"/authorizations/a/confirmConsentCode", `{}`, http.StatusBadRequest)
	s.Put(provider+"/authorizations/a/accessPolicies/p", `{"properties": {"objectId": "o", "tenantId": "t"}}`)
	s.Must(http.MethodDelete, provider, nil, http.StatusOK)
	s.Must(http.MethodGet, provider+"/authorizations/a", nil, http.StatusNotFound)
}
