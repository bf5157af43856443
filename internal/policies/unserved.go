package policies

import (
	"slices"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// unservedNames are the policies that API Management has and this release does
// not serve.
var unservedNames = []string{
	"authentication-managed-identity", "azure-openai-emit-token-metric", "azure-openai-semantic-cache-lookup",
	"azure-openai-semantic-cache-store", "azure-openai-token-limit", "cosmosdb-data-source", "cross-domain", "emit-metric", "find-and-replace",
	"get-authorization-context", "http-data-source", "invoke-dapr-binding", "json-to-xml", "jsonp",
	"llm-content-safety", "llm-emit-token-metric", "llm-semantic-cache-lookup", "llm-semantic-cache-store",
	"llm-token-limit", "log-to-eventhub", "proxy", "publish-event", "publish-to-dapr", "redirect-content-urls",
	"send-one-way-request", "send-request", "send-service-bus-message", "sql-data-source", "validate-azure-ad-token",
	"validate-content", "validate-graphql-request", "validate-headers",
	"validate-odata-request", "validate-parameters", "validate-status-code", "wait", "xml-to-json", "xsl-transform",
}

// WithUnserved returns every policy, and for each one of API Management that is
// not served yet a stand-in: a document that has it can be kept, as API
// Management keeps it, and a call that reaches it fails and says why. Whoever
// checks documents before they are used takes All.
func WithUnserved() *policy.Registry {
	served := All().All()
	all := slices.Clone(served)
	for _, name := range unservedNames {
		if !slices.ContainsFunc(served, func(s *policy.Spec) bool { return s.Name == name }) {
			all = append(all, unserved(name))
		}
	}
	return policy.NewRegistry(all...)
}

// unserved is the stand-in of one policy.
func unserved(name string) *policy.Spec {
	return &policy.Spec{
		Name: name, Summary: "is not served by this release",
		Sections: policy.Inbound | policy.Backend | policy.Outbound | policy.OnError,
		Scopes:   policy.AnyScope,
		Shape:    policy.Shape{Unchecked: true},
		Compile:  func(*policy.Compiler, *document.Element) policy.Step { return unservedStep{name} },
	}
}

// unservedStep fails each call: to leave the policy out would be to answer as if
// it had done its work.
type unservedStep struct{ name string }

// Run fails.
func (s unservedStep) Run(*policy.Call) error {
	return policy.NewFault(statusNotServed, s.name, "PolicyNotServed", "This release of Sallyport does not serve the policy "+s.name+".")
}

// statusNotServed is the status of a call that reaches such a policy.
const statusNotServed = 500
