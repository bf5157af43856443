package contract

import "strings"

// Bounds of what is accepted.
const (
	// maxDepth is how many objects and arrays may be inside each other.
	maxDepth = 64
	// maxNodes is how many values a body may have in all.
	maxNodes = 500_000
	// maxString is the largest string that the contract gives no bound, in bytes.
	maxString = 1 << 20
	// maxDocument is the largest string that holds a whole document, in bytes.
	maxDocument = 4 << 20
	// maxNumber is the longest number in JSON that is read, in bytes.
	maxNumber = 64
	// maxMember is the longest name of a member, in bytes.
	maxMember = 1024
	// maxDetails is how many faults are told; who has more begins with these.
	maxDetails = 50
)

// leniency is a field that the contract requires and the service does without.
type leniency struct {
	model, field string
	// unless says of the object that would have the field whether it may miss.
	unless func(object map[string]any) bool
}

// lenient lists what is required by the letter of the contract and is missing in
// requests that the service takes.
var lenient = []leniency{
	// A pool of backends has neither address nor protocol of its own: its members
	// have them. The published example of a pool gives none.
	{"BackendContractProperties", "url", isPool},
	{"BackendContractProperties", "protocol", isPool},
	// A client that proves itself by a certificate, or a provider that is written
	// back as it was read, has no secret in its body: reading never gives it.
	{"IdentityProviderCreateContractProperties", "clientSecret", always},
	// Without a capacity there is one unit; Consumption has none.
	{"ServiceSKUProperties", "capacity", always},
}

// always excuses every object.
func always(map[string]any) bool { return true }

// isPool tells a pool of backends from a single one.
func isPool(object map[string]any) bool {
	for name, value := range object {
		if strings.EqualFold(name, "pool") && value != nil {
			return true
		}
		if text, ok := value.(string); ok && strings.EqualFold(name, "type") && strings.EqualFold(text, "Pool") {
			return true
		}
	}
	return false
}

// sizing is a string that may be longer than others.
type sizing struct {
	model, field string
	bytes        int
}

// sizes lists the strings that hold whole documents.
var sizes = []sizing{
	// Policy documents; the policy reader has a bound of its own below this one.
	{"PolicyContractProperties", "value", maxDocument},
	{"PolicyFragmentContractProperties", "value", maxDocument},
	// OpenAPI, WSDL, GraphQL and other documents that an API is made from.
	{"APICreateOrUpdateProperties", "value", maxDocument},
	// Schemas that are given as text.
	{"SchemaDocumentProperties", "value", maxDocument},
	// Screenshots in base64.
	{"IssueAttachmentContractProperties", "content", maxDocument},
}
