package settings_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

func properties(p map[string]any) map[string]any { return map[string]any{"properties": p} }

func at(t *testing.T, body map[string]any, path string, want any) {
	t.Helper()
	if diff := cmp.Diff(want, resourcestest.At(body, path)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// life tests what all kinds have in common: it makes, changes, lists and deletes
// path, which is below a collection, with a body.
func life(t *testing.T, s *resourcestest.Server, path string, body any) {
	t.Helper()
	made := s.Must(http.MethodPut, path, body, http.StatusCreated)
	name := path[strings.LastIndexByte(path, '/')+1:]
	at(t, made, "id", resourcestest.Service+"/"+path)
	at(t, made, "name", name)
	s.Must(http.MethodPut, path, body, http.StatusOK)
	status, header, _ := s.Do(http.MethodHead, path, nil)
	if status != http.StatusOK || header.Get("ETag") == "" {
		t.Errorf("HEAD %s: %d with the ETag %q", path, status, header.Get("ETag"))
	}
	if status, _, _ := s.Do(http.MethodPut, path, body, "If-Match", `"00000000000000ff"`); status != http.StatusPreconditionFailed {
		t.Errorf("a PUT of %s with a stale ETag gives %d", path, status)
	}
	collection := strings.TrimSuffix(path, "/"+name)
	if diff := cmp.Diff([]string{name}, s.Names(collection+"?$top=1&$skip=0")); diff != "" {
		t.Errorf("the list %s (-want +got):\n%s", collection, diff)
	}
	if status, _, _ := s.Do(http.MethodDelete, path, nil, "If-Match", "*"); status != http.StatusOK {
		t.Errorf("DELETE %s gives %d", path, status)
	}
	s.Must(http.MethodDelete, path, nil, http.StatusNoContent)
	s.Must(http.MethodGet, path, nil, http.StatusNotFound)
}

func TestLife(t *testing.T) {
	tests := []struct{ path, body string }{
		{"namedValues/n", `{"properties": {"displayName": "n", "value": "v", "tags": ["a"]}}`},
		{"backends/b", `{"properties": {"url": "https://b.example/", "protocol": "http"}}`},
		{"loggers/l", `{"properties": {"loggerType": "azureMonitor"}}`},
		{"caches/c1", `{"properties": {"connectionString": "{{x}}", "useFromLocation": "default"}}`},
		{"schemas/s", `{"properties": {"schemaType": "xml", "value": "<xsd:schema/>"}}`},
		{"tags/t", `{"properties": {"displayName": "T"}}`},
		{"certificates/k", `{"properties": {"keyVault": {"secretIdentifier": "https://v.vault.azure.net/secrets/c"}}}`},
		{"authorizationServers/a", authorizationServer},
		{"openidConnectProviders/o", `{"properties": {"clientId": "c", "displayName": "o", "metadataEndpoint": "https://o.example"}}`},
		{"identityProviders/facebook", `{"properties": {"clientId": "c", "clientSecret": "s"}}`},
		{"authorizationProviders/p", `{"properties": {"displayName": "p", "identityProvider": "aad"}}`},
		{"workspaces/w1/namedValues/n", `{"properties": {"displayName": "n", "value": "v"}}`},
		{"workspaces/w1/backends/b", `{"properties": {"url": "https://b.example/", "protocol": "http"}}`},
		{"workspaces/w1/tags/t", `{"properties": {"displayName": "T"}}`},
		{"workspaces/w1/schemas/s", `{"properties": {"schemaType": "json", "document": {"type": "object"}}}`},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.path, "/", " "), func(t *testing.T) {
			s := resourcestest.New(t, nil)
			s.Put("workspaces/w1", `{"properties": {"displayName": "one"}}`)
			life(t, s, test.path, test.body)
		})
	}
}

func TestNamedValueSecrets(t *testing.T) {
	s := resourcestest.New(t, nil)
	plain := s.Put("namedValues/plain", properties(map[string]any{"displayName": "plain", "value": "seen"}))
	at(t, plain, "properties.value", "seen")
	at(t, plain, "properties.secret", false)
	at(t, plain, "properties.provisioningState", "Succeeded")

	secret := s.Put("namedValues/secret", properties(map[string]any{"displayName": "hush", "value": "unseen", "secret": true}))
	at(t, secret, "properties.value", nil)
	at(t, s.Get("namedValues/secret"), "properties.value", nil)
	at(t, s.Must(http.MethodPost, "namedValues/secret/listValue", nil, http.StatusOK), "value", "unseen")

	s.Must(http.MethodPatch, "namedValues/secret", properties(map[string]any{"tags": []string{"x"}}), http.StatusOK)
	at(t, s.Must(http.MethodPost, "namedValues/secret/listValue", nil, http.StatusOK), "value", "unseen")
	at(t, s.Must(http.MethodPatch, "namedValues/secret", properties(map[string]any{"secret": false}), http.StatusOK), "properties.value", "unseen")
	at(t, s.Must(http.MethodPatch, "namedValues/plain", properties(map[string]any{"secret": true}), http.StatusOK), "properties.value", nil)
	at(t, s.Must(http.MethodPost, "namedValues/plain/listValue", nil, http.StatusOK), "value", "seen")

	vault := s.Put("namedValues/vault", properties(map[string]any{"displayName": "vault",
		"keyVault": map[string]any{"secretIdentifier": "https://v.vault.azure.net/secrets/s"}}))
	at(t, vault, "properties.secret", true)
	at(t, vault, "properties.keyVault.lastStatus.code", "NotSupported")
	at(t, s.Must(http.MethodPost, "namedValues/vault/refreshSecret", nil, http.StatusOK), "name", "vault")
	at(t, s.Must(http.MethodPost, "namedValues/plain/refreshSecret", nil, http.StatusOK), "name", "plain")
	for path, want := range map[string][]string{
		"namedValues?isKeyVaultRefreshFailed=true":                 {"vault"},
		"namedValues?$filter=tags/any(t: t eq 'x')":                {"secret"},
		"namedValues?$filter=startswith(displayName,'pl')":         {"plain"},
		"namedValues?$top=1&$skip=1":                               {"secret"},
		"namedValues?$filter=properties/displayName%20eq%20'hush'": {"secret"},
	} {
		if diff := cmp.Diff(want, s.Names(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestNamedValueRefused(t *testing.T) {
	tests := []struct {
		name    string
		body    any
		targets []string
	}{
		{"nothing", `{}`, []string{"properties.displayName"}},
		{"no value", `{"properties": {"displayName": "x"}}`, []string{"properties.value"}},
		{"a name in use", `{"properties": {"displayName": "TAKEN", "value": "v"}}`, []string{"properties.displayName"}},
		{"a name with spaces", `{"properties": {"displayName": "a b", "value": "v"}}`, []string{"properties.displayName"}},
		{"a wrong type", `{"properties": {"displayName": "x", "value": 1, "secret": "no"}}`, []string{"properties.secret", "properties.value"}},
		{"sealed text", `{"properties": {"displayName": "x", "value": "sealed:v1:a", "secret": true}}`, []string{"properties.value"}},
	}
	s := resourcestest.New(t, nil)
	s.Put("namedValues/taken", `{"properties": {"displayName": "taken", "value": "v"}}`)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := s.Must(http.MethodPut, "namedValues/new", test.body, http.StatusBadRequest)
			if diff := cmp.Diff(test.targets, resourcestest.Targets(answer)); diff != "" {
				t.Errorf("targets (-want +got):\n%s\n%v", diff, answer)
			}
		})
	}
}

// users are what may refer to a named value called %s.
var users = []struct{ path, body, at string }{
	{"policies/policy", `{"properties": {"format": "rawxml", "value": "<policies><inbound><set-header name='a'><value>{{ %s }}</value></set-header></inbound></policies>"}}`, "properties.value"},
	{"policyFragments/f", `{"properties": {"format": "rawxml", "value": "<fragment>{{%s}}</fragment>"}}`, "properties.value"},
	{"backends/b", `{"properties": {"url": "https://b.example/", "protocol": "http", "credentials": {"header": {"x-key": ["{{%s}}"]}}}}`, "properties.credentials.header"},
	{"loggers/l", `{"properties": {"loggerType": "applicationInsights", "credentials": {"instrumentationKey": "{{%s}}"}}}`, "properties.credentials.instrumentationKey"},
	{"caches/default", `{"properties": {"connectionString": "{{%s}}", "useFromLocation": "default"}}`, "properties.connectionString"},
}

func TestNamedValueInUse(t *testing.T) {
	for _, user := range users {
		t.Run(user.path, func(t *testing.T) {
			s := resourcestest.New(t, nil)
			s.Put("namedValues/n", `{"properties": {"displayName": "first", "value": "v"}}`)
			s.Put(user.path, fmt.Sprintf(user.body, "First"))
			refused := s.Must(http.MethodDelete, "namedValues/n", nil, http.StatusBadRequest)
			if !strings.Contains(fmt.Sprint(refused), "/"+user.path) {
				t.Errorf("the refusal does not name %s: %v", user.path, refused)
			}

			s.Must(http.MethodPatch, "namedValues/n", `{"properties": {"displayName": "second"}}`, http.StatusOK)
			got := fmt.Sprint(resourcestest.At(s.Get(user.path+"?format=rawxml"), user.at))
			if !strings.Contains(got, "{{second}}") || strings.Contains(strings.ToLower(got), "first") {
				t.Errorf("after the change of the name there is %s", got)
			}
			s.Must(http.MethodDelete, "namedValues/n", nil, http.StatusBadRequest)
			s.Must(http.MethodDelete, user.path, nil, http.StatusOK)
			s.Must(http.MethodDelete, "namedValues/n", nil, http.StatusOK)
		})
	}
}

// TestNamedValueOfWorkspace has the same names on both sides of the border.
func TestNamedValueOfWorkspace(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("workspaces/w1", `{"properties": {"displayName": "one"}}`)
	s.Put("namedValues/n", `{"properties": {"displayName": "first", "value": "v"}}`)
	s.Put("workspaces/w1/namedValues/n", `{"properties": {"displayName": "first", "value": "v"}}`)
	policy := `{"properties": {"value": "<policies>{{first}}</policies>"}}`
	s.Put("workspaces/w1/policies/policy", policy)
	s.Must(http.MethodPatch, "namedValues/n", `{"properties": {"displayName": "second"}}`, http.StatusOK)
	at(t, s.Get("workspaces/w1/policies/policy"), "properties.value", "<policies>{{first}}</policies>")
	s.Must(http.MethodDelete, "namedValues/n", nil, http.StatusOK)
	s.Must(http.MethodDelete, "workspaces/w1/namedValues/n", nil, http.StatusBadRequest)
}
