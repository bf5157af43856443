package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// Collection is the collection that the policy of a scope stands in, and
// FragmentCollection that of the policy fragments.
const (
	Collection         = "policies"
	FragmentCollection = "policyFragments"
)

// Node is the kind of the policy document of one scope: below a service, a
// workspace, an API, an operation, a product or a resolver.
func Node(rule access.Type) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: Collection, Title: "Policy", Names: []string{"policy"},
		Contract: "PolicyContract", Verbs: resource.NoPatch, Unpaged: true,
		Hooks: resource.Hooks{Prepare: preparePolicy, Present: present},
	})
}

func preparePolicy(s *resource.Session, e, _ *resource.Entity) error {
	if err := settleFormat(s, e); err != nil {
		return err
	}
	if isResolver(e.ID) {
		return check(e, anyRoot)
	}
	return check(e, document.RootPolicies)
}

// isResolver says whether the policy is a GraphQL resolver's, whose root is the
// data source.
func isResolver(id resource.ID) bool {
	return strings.Contains(strings.ToLower(string(id)), "/resolvers/")
}

// settleFormat makes of the formats that a document can be given in the two that
// it is kept in.
func settleFormat(s *resource.Session, e *resource.Entity) error {
	format := e.Text("format")
	if format == "" {
		format = document.XML.String()
	}
	if kept, linked := strings.CutSuffix(format, "-link"); linked {
		value, err := s.Fetch("properties.value", e.Text("value"))
		if err != nil {
			return err
		}
		e.Set("value", string(value))
		format = kept
	}
	e.Set("format", format)
	return nil
}

// formatOf reads a format by its name; xml is the default.
func formatOf(name string) document.Format {
	if strings.HasPrefix(strings.ToLower(name), document.RawXML.String()) {
		return document.RawXML
	}
	return document.XML
}

// present gives the document in the format that the request asks for: xml where
// it does not say.
func present(s *resource.Session, e *resource.Entity) error {
	asked := s.Call.Query["format"]
	switch strings.ToLower(asked) {
	case "", document.XML.String(), document.RawXML.String():
	default:
		return resource.Invalid("format", "%q is not a format that policies can be asked for; give xml or rawxml", asked)
	}
	kept, wanted := formatOf(e.Text("format")), formatOf(asked)
	if value, err := convert(e.Text("value"), kept, wanted); err == nil {
		e.Set("value", value)
		kept = wanted
	}
	// What was read when it was kept and cannot be any more is answered as it is.
	e.Set("format", kept.String())
	return nil
}

// convert is document.Convert for documents of any root.
func convert(value string, from, to document.Format) (string, error) {
	if from == to {
		return value, nil
	}
	if out, err := document.Convert([]byte(value), from, to); err == nil {
		return string(out), nil
	}
	out, err := document.Convert([]byte(wrapped(value)), from, to)
	if err != nil {
		return "", err
	}
	inner := strings.TrimSuffix(strings.TrimSpace(string(out)), wrapEnd)
	return strings.TrimPrefix(inner, wrapStart), nil
}

// A document with another root is read as the content of a fragment.
const (
	wrapStart = "<" + document.RootFragment + ">"
	wrapEnd   = "</" + document.RootFragment + ">"
)

func wrapped(value string) string { return wrapStart + value + wrapEnd }
