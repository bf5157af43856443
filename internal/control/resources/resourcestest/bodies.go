package resourcestest

import (
	"maps"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/contract"
)

// bodies are the properties of bodies, by the model of the PUT, where required
// fields filled in at random would be refused.
func bodies() map[string]map[string]any {
	return map[string]map[string]any{
		"PolicyContract":         {"format": "rawxml", "value": "<policies><inbound /></policies>"},
		"PolicyFragmentContract": {"format": "rawxml", "value": "<fragment />"},
		"SchemaContract": {"contentType": "application/vnd.oai.openapi.components+json",
			"document": map[string]any{"components": map[string]any{"schemas": map[string]any{}}}},
		"GlobalSchemaContract":     {"schemaType": "json", "document": map[string]any{"type": "object"}},
		"DiagnosticContract":       {"loggerId": "/loggers/h"},
		"IssueContract":            {"userId": "/users/h"},
		"IssueCommentContract":     {"userId": "/users/h"},
		"APIVersionSetContract":    {"versioningScheme": "Segment"},
		"NamedValueCreateContract": {"value": "v", "secret": false},
		"BackendContract":          {"protocol": "http", "url": "https://backend.example"},
		"CertificateCreateOrUpdateParameters": {
			"keyVault": map[string]any{"secretIdentifier": "https://vault.example/secrets/c"}, //nolint:gosec // An address.
		},
		"LoggerContract":               {"loggerType": "applicationInsights", "credentials": map[string]any{"instrumentationKey": "k"}},
		"TagAPILinkContract":           {"apiId": "/apis/h"},
		"TagOperationLinkContract":     {"operationId": "/apis/h/operations/h"},
		"TagProductLinkContract":       {"productId": "/products/h"},
		"ProductAPILinkContract":       {"apiId": "/apis/h"},
		"ProductGroupLinkContract":     {"groupId": "/groups/h"},
		"AuthorizationServerContract":  {"grantTypes": []any{"authorizationCode"}},
		"UserCreateParameters":         {"email": "h@example.com"},
		"SubscriptionCreateParameters": {"scope": "/apis"},
		"SallyportSessionContract":     {"verifier": strings.Repeat("0a", 32), "expires": "2026-02-01T00:00:00Z"},
		"SallyportMailContract":        {"to": "h@example.com", "subject": "h", "text": "h"},
	}
}

// Body is a body that a PUT with the model takes: what is required, and little
// else. References lead to resources called h; workspace is the path of the
// workspace in which it is put, or "".
func Body(t testing.TB, contracts *contract.Set, model, workspace string) map[string]any {
	t.Helper()
	if model == "" {
		return map[string]any{}
	}
	m, err := contracts.Model(model)
	if err != nil {
		t.Fatal(err)
	}
	body := object(contracts, m)
	if own := bodies()[model]; own != nil {
		properties, _ := body["properties"].(map[string]any)
		if properties == nil {
			properties = map[string]any{}
		}
		maps.Copy(properties, own)
		for name, value := range properties {
			if text, ok := value.(string); ok && strings.HasPrefix(text, "/") && name != "scope" && name != "userId" {
				properties[name] = workspace + text
			}
		}
		body["properties"] = properties
	}
	return body
}

// object has the required fields of a model, and "properties".
func object(contracts *contract.Set, m *contract.Model) map[string]any {
	o := map[string]any{}
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.Required || f.Name == "properties" && !f.ReadOnly {
			o[f.Name] = sample(contracts, f, f.Type)
		}
	}
	return o
}

// sample is a value of a type.
func sample(contracts *contract.Set, f *contract.Field, of string) any {
	if element, ok := strings.CutPrefix(of, "[]"); ok {
		return []any{sample(contracts, f, element)}
	}
	if element, ok := strings.CutPrefix(of, "{}"); ok {
		return map[string]any{"k": sample(contracts, f, element)}
	}
	switch of {
	case "string":
		return strings.Repeat("h", max(1, f.MinLength))
	case "integer", "number":
		if f.Minimum != nil {
			return *f.Minimum
		}
		return 1
	case "boolean":
		return true
	case "time":
		return "2026-01-01T00:00:00Z"
	case "any":
		return map[string]any{}
	}
	m, err := contracts.Model(of)
	if err != nil { // An enum, for which bodies has a value.
		return ""
	}
	return object(contracts, m)
}
