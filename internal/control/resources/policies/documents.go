package policies

import (
	"iter"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// Documents are the policies and policy fragments of a scope, which is a service
// or a workspace, in the order of their ids. What is in a workspace of the
// service is not the service's.
func Documents(s *resource.Session, scope resource.ID) iter.Seq2[*resource.Entity, error] {
	return func(yield func(*resource.Entity, error) bool) {
		for e, err := range s.Tree(scope) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !IsDocument(e.ID) || !e.ID.Scope().Equal(scope) {
				continue
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// IsDocument says whether the id is that of a policy or of a policy fragment.
func IsDocument(id resource.ID) bool {
	collection := id.Collection().Name()
	return strings.EqualFold(collection, Collection) || strings.EqualFold(collection, FragmentCollection)
}

// UsesBackend says whether a policy or a fragment names a backend. One whose
// name is computed cannot be told.
func UsesBackend(e *resource.Entity, name string) bool {
	return uses(e, "set-backend-service", "backend-id", name)
}

// uses says whether an element of the document has an attribute with a name in
// it. Names have no case.
func uses(e *resource.Entity, element, attribute, name string) bool {
	value := e.Text("value")
	if !strings.Contains(value, element) || !strings.Contains(strings.ToLower(value), strings.ToLower(name)) {
		return false
	}
	root, err := document.Parse([]byte(value), formatOf(e.Text("format")), document.Limits{})
	if err != nil {
		return false
	}
	return anyElement(root, func(el *document.Element) bool {
		text, ok := el.Attr(attribute)
		return ok && el.Name == element && !text.Expression && strings.EqualFold(text.Trim().Value, name)
	})
}

func anyElement(e *document.Element, f func(*document.Element) bool) bool {
	if f(e) {
		return true
	}
	for _, child := range e.Children {
		if anyElement(child, f) {
			return true
		}
	}
	return false
}

// RenameReferences replaces {{from}} by {{to}} in a text, which is a document or
// any other that may refer to named values. Names have no case. It returns the
// text, and whether there was anything to replace.
func RenameReferences(text, from, to string) (string, bool) {
	var out strings.Builder
	at := 0
	for _, r := range document.NamedValues([]byte(text)) {
		if !strings.EqualFold(r.Name, from) {
			continue
		}
		out.WriteString(text[at:r.Start])
		out.WriteString("{{" + to + "}}")
		at = r.End
	}
	if at == 0 {
		return text, false
	}
	out.WriteString(text[at:])
	return out.String(), true
}

// Refers says whether a text refers to a named value by one of its names.
func Refers(text string, names ...string) bool {
	if !strings.Contains(text, "{{") {
		return false
	}
	for _, r := range document.NamedValues([]byte(text)) {
		for _, name := range names {
			if strings.EqualFold(r.Name, name) {
				return true
			}
		}
	}
	return false
}

// UsesCertificate says whether a policy or a fragment names a certificate, by
// its id or by its thumbprint.
func UsesCertificate(e *resource.Entity, name, thumbprint string) bool {
	const element = "authentication-certificate"
	return uses(e, element, "certificate-id", name) ||
		thumbprint != "" && uses(e, element, "thumbprint", thumbprint)
}
