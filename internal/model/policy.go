package model

// Policy is the policy document of one scope. Its id is that of the scope
// followed by "policies/policy": "policies/policy" is the global one,
// "apis/echo/operations/get/policies/policy" an operation's.
type Policy struct {
	ID ID `json:"-"`
	// Format is PolicyXML where it is empty.
	Format PolicyFormat `json:"format,omitempty"`
	// Value is the document.
	Value string `json:"value"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// PolicyFormat says how C# is written in a policy document.
type PolicyFormat string

// The formats of policy documents. In PolicyXML expressions are escaped as XML
// demands, in PolicyRawXML they are as typed. The links name a URL that has
// the document.
const (
	PolicyXML        PolicyFormat = "xml"
	PolicyRawXML     PolicyFormat = "rawxml"
	PolicyXMLLink    PolicyFormat = "xml-link"
	PolicyRawXMLLink PolicyFormat = "rawxml-link"
)

// PolicyName is the name of every policy.
const PolicyName = "policy"

// PolicyID returns the id of the policy of a scope: the service (""), a
// workspace, a product, an API or an operation.
func PolicyID(scope ID) ID { return scope.Child("policies", PolicyName) }

// ResourceID returns the policy's id.
func (p *Policy) ResourceID() ID { return p.ID }

// Kind returns KindPolicy.
func (*Policy) Kind() Kind { return KindPolicy }

func (p *Policy) setID(id ID) { p.ID = id }
func (p *Policy) rest() *Rest { return &p.Rest }

// Scope returns the id of what the policy applies to; "" is the service.
func (p *Policy) Scope() ID { return p.ID.Parent() }
