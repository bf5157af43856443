package policies_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// A document with C# as typed, and the same with its expressions escaped.
const (
	typed   = "<policies>\r\n\t<!-- why -->\r\n\t<inbound><set-variable name=\"a\" value=\"@(1 < 2 && \"x\" == \"y\")\"/></inbound>\r\n</policies>"
	escaped = "<policies>\r\n\t<!-- why -->\r\n\t<inbound><set-variable name=\"a\" value=\"@(1 &lt; 2 &amp;&amp; &quot;x&quot; == &quot;y&quot;)\"/></inbound>\r\n</policies>"
)

func body(format, value string) map[string]any {
	return map[string]any{"properties": map[string]any{"format": format, "value": value}}
}

func TestPolicyFormats(t *testing.T) {
	tests := []struct {
		name, format, given string
		value               string
	}{
		{"as typed", "rawxml", typed, typed},
		{"escaped", "xml", escaped, escaped},
		{"without a format", "", escaped, escaped},
		{"typed, by link", "rawxml-link", "https://example.com/typed.xml", typed},
		{"escaped, by link", "xml-link", "https://example.com/escaped.xml", escaped},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := resourcestest.New(t, nil)
			s.Documents["https://example.com/typed.xml"] = typed
			s.Documents["https://example.com/escaped.xml"] = escaped
			given := map[string]any{"value": test.given}
			if test.format != "" {
				given["format"] = test.format
			}
			answer := s.Must(http.MethodPut, "policies/policy", map[string]any{"properties": given}, http.StatusCreated)
			if diff := cmp.Diff(escaped, resourcestest.At(answer, "properties.value")); diff != "" {
				t.Errorf("the answer of the PUT (-want +got):\n%s", diff)
			}
			for format, want := range map[string]string{"": escaped, "?format=xml": escaped, "?format=rawxml": typed, "?format=RawXml": typed} {
				got := s.Get("policies/policy" + format)
				if diff := cmp.Diff(want, resourcestest.At(got, "properties.value")); diff != "" {
					t.Errorf("GET%s (-want +got):\n%s", format, diff)
				}
			}
			if got := resourcestest.At(s.Get("policies/policy?format=rawxml"), "properties.format"); got != "rawxml" {
				t.Errorf("the format is %v, not rawxml", got)
			}
		})
	}
}

func TestPolicyLife(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must(http.MethodGet, "policies/policy", nil, http.StatusNotFound)
	s.Must(http.MethodPut, "policies/policy", body("xml", "<policies />"), http.StatusCreated)
	s.Must(http.MethodPut, "policies/policy", body("xml", "<policies><inbound /></policies>"), http.StatusOK)
	status, header, _ := s.Do(http.MethodHead, "policies/policy", nil)
	if status != http.StatusOK || header.Get("ETag") == "" {
		t.Errorf("HEAD gives %d with the tag %q", status, header.Get("ETag"))
	}
	if status, _, _ := s.Do(http.MethodPut, "policies/policy", body("xml", "<policies />"), "If-Match", `"0000000000000001"`); status != http.StatusPreconditionFailed {
		t.Errorf("a PUT with a stale tag gives %d", status)
	}
	if diff := cmp.Diff([]string{"policy"}, s.Names("policies")); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
	s.Must(http.MethodPatch, "policies/policy", body("xml", "<policies />"), http.StatusMethodNotAllowed)
	s.Must(http.MethodGet, "policies/policy?format=json", nil, http.StatusBadRequest)
	s.Must(http.MethodPut, "policies/other", body("xml", "<policies />"), http.StatusNotFound)
	s.Must(http.MethodDelete, "policies/policy", nil, http.StatusOK)
	s.Must(http.MethodDelete, "policies/policy", nil, http.StatusNoContent)
}

func TestPolicyRefused(t *testing.T) {
	tests := []struct {
		name, format, value string
		targets             []string
		message             string
	}{
		{"no value", "xml", "", []string{"properties.value"}, "no element"},
		{"cut off", "xml", "<policies>\n  <inbound>\n</policies>", []string{"inbound"}, "Error in element 'inbound' on line 3, column 1: "},
		{"C# as typed in xml", "xml", typed, []string{"set-variable"}, "on line 3, column "},
		{"another root", "xml", "<fragment />", []string{"fragment"}, "the root element has to be <policies>"},
		{"not even XML", "rawxml", "hello", []string{"properties.value"}, "line 1"},
		{"a dead link", "xml-link", "https://example.com/none", []string{"properties.value"}, "404"},
		{"no link", "xml-link", "<policies />", []string{"properties.value"}, "is not a URL"},
		{"an unknown format", "json", "{}", []string{"properties.format"}, ""},
	}
	s := resourcestest.New(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := s.Must(http.MethodPut, "policies/policy", body(test.format, test.value), http.StatusBadRequest)
			if diff := cmp.Diff(test.targets, resourcestest.Targets(answer)); diff != "" {
				t.Errorf("targets (-want +got):\n%s\n%v", diff, answer)
			}
			details, _ := resourcestest.At(answer, "error.details").([]any)
			if len(details) == 0 {
				t.Fatalf("no details: %v", answer)
			}
			first, _ := details[0].(map[string]any)
			if message, _ := first["message"].(string); !strings.Contains(message, test.message) {
				t.Errorf("the message %q does not have %q", message, test.message)
			}
		})
	}
}

func TestFragments(t *testing.T) {
	s := resourcestest.New(t, nil)
	fragment := map[string]any{"properties": map[string]any{
		"format": "rawxml", "description": "one", "value": `<fragment><set-header name="a"><value>@("<")</value></set-header></fragment>`}}
	status, header, answer := s.Do(http.MethodPut, "policyFragments/F1", fragment)
	if status != http.StatusCreated || header.Get("Location") == "" {
		t.Fatalf("PUT gives %d, Location %q: %v", status, header.Get("Location"), answer)
	}
	if got := resourcestest.At(answer, "properties.provisioningState"); got != "Succeeded" {
		t.Errorf("the provisioning state is %v", got)
	}
	if got := resourcestest.At(s.Get("policyFragments/f1"), "properties.value"); got != `<fragment><set-header name="a"><value>@("&lt;")</value></set-header></fragment>` {
		t.Errorf("as xml it is %v", got)
	}
	s.Must(http.MethodPut, "policyFragments/f2", body("xml", "<policies />"), http.StatusBadRequest)
	s.Must(http.MethodPost, "policyFragments/f9/listReferences", nil, http.StatusNotFound)
	if list := s.Must(http.MethodPost, "policyFragments/f1/listReferences", nil, http.StatusOK); resourcestest.At(list, "count") != 0.0 {
		t.Errorf("nothing refers to it yet, but: %v", list)
	}

	s.Put("policies/policy", body("xml", `<policies><inbound><include-fragment fragment-id="f1" /></inbound></policies>`))
	list := s.Must(http.MethodPost, "policyFragments/f1/listReferences", nil, http.StatusOK)
	want := []any{map[string]any{
		"id": resourcestest.Service + "/policies/policy", "name": "policy", "type": "Microsoft.ApiManagement/service/policies"}}
	if diff := cmp.Diff(want, list["value"]); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	refused := s.Must(http.MethodDelete, "policyFragments/f1", nil, http.StatusBadRequest)
	if message, _ := resourcestest.At(refused, "error.details").([]any)[0].(map[string]any)["message"].(string); !strings.Contains(message, "/policies/policy") {
		t.Errorf("the refusal does not name the user: %v", refused)
	}
	s.Must(http.MethodDelete, "policies/policy", nil, http.StatusOK)
	s.Must(http.MethodDelete, "policyFragments/f1", nil, http.StatusOK)
	s.Must(http.MethodDelete, "policyFragments/f1", nil, http.StatusNoContent)
}

func TestRestrictions(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("workspaces/w1", `{"properties": {"displayName": "one"}}`)
	s.Put("workspaces/w1/policies/policy", body("xml", "<policies><inbound /></policies>"))
	restriction := `{"properties": {"scope": "workspaces/w1", "requireBase": "true"}}`
	s.Must(http.MethodPut, "policyRestrictions/r1", restriction, http.StatusCreated)
	s.Must(http.MethodPatch, "policyRestrictions/r1", `{"properties": {"scope": "/workspaces/w1"}}`, http.StatusOK)

	states := func() any {
		list, _ := s.Get("allPolicies")["value"].([]any)
		if len(list) != 1 {
			t.Fatalf("%d policies, not 1: %v", len(list), list)
		}
		item, _ := list[0].(map[string]any)
		if got := resourcestest.At(item, "properties.referencePolicyId"); got != resourcestest.Service+"/workspaces/w1/policies/policy" {
			t.Errorf("it refers to %v", got)
		}
		return resourcestest.At(item, "properties.complianceState")
	}
	if got := states(); got != "NonCompliant" {
		t.Errorf("without base it is %v", got)
	}
	log := resourcestest.At(s.Must(http.MethodPost, "validatePolicies", nil, http.StatusOK), "properties.actionLog")
	if list, _ := log.([]any); len(list) != 1 {
		t.Errorf("the log is %v", log)
	}
	s.Put("workspaces/w1/policies/policy", body("xml", "<policies><inbound><base /></inbound></policies>"))
	if got := states(); got != "Compliant" {
		t.Errorf("with base it is %v", got)
	}
	s.Must(http.MethodDelete, "policyRestrictions/r1", nil, http.StatusOK)
}
