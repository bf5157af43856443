package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// restrictions is the kind of the policy restrictions: which documents have to
// include the policies of the scope above. They are looked at by
// validatePolicies and shown by allPolicies; they refuse no write.
func restrictions() *resource.Node {
	return resource.New(access.PolicyRestrictions, resource.Kind{
		Collection: "policyRestrictions", Title: "PolicyRestriction",
		Contract: "PolicyRestrictionContract", Update: "PolicyRestrictionUpdateContract",
	})
}

// States of a document with regard to the restrictions, as the API names them.
const (
	compliant    = "Compliant"
	nonCompliant = "NonCompliant"
)

// restricted are the scopes, in lower case, whose documents have to include
// <base /> in every section.
func restricted(s *resource.Session, service resource.ID) ([]string, error) {
	var scopes []string
	for e, err := range s.Collection(service + "/policyRestrictions") {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(e.Text("requireBase"), "true") {
			scopes = append(scopes, strings.ToLower(strings.Trim(e.Text("scope"), "/")))
		}
	}
	return scopes, nil
}

// complies says whether a document keeps the restrictions.
func complies(e *resource.Entity, scopes []string) bool {
	at := strings.ToLower(e.ID.Relative())
	for _, scope := range scopes {
		if id := resource.ID(scope); "/"+id.Service() != "/" {
			scope = strings.ToLower(id.Relative())
		}
		if (scope == "" || at == scope || strings.HasPrefix(at, scope+"/")) && !includesBase(e) {
			return false
		}
	}
	return true
}

// includesBase says whether every section of a document includes that of the
// scope above. The document of the service has none above.
func includesBase(e *resource.Entity) bool {
	if e.ID.Parent().Equal(e.ID.Service()) {
		return true
	}
	root, err := document.Parse([]byte(e.Text("value")), formatOf(e.Text("format")), document.Limits{})
	if err != nil {
		return false
	}
	for _, section := range root.Children {
		if !anyElement(section, func(el *document.Element) bool { return el.Name == "base" }) {
			return false
		}
	}
	return true
}
