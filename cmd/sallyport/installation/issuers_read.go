package installation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/access/oidc"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
)

// issuerReader reads the file of issuers up to the first error.
type issuerReader struct {
	names Names
	err   error
}

// failf keeps the first error.
func (r *issuerReader) failf(line int32, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%d: %w", max(line, 1), fmt.Errorf(format, args...))
	}
}

// read reads the whole file.
func (r *issuerReader) read(root *document.Node) (list []External) {
	r.object(root, "the file", map[string]func(*document.Node){"issuers": func(n *document.Node) {
		if !n.Is(document.List) || len(n.Items) > MaxIssuers {
			r.failf(n.Line, "issuers is not a list of at most %d issuers", MaxIssuers)
			return
		}
		for _, item := range n.Items {
			one := r.issuer(item)
			for _, other := range list {
				if strings.EqualFold(other.Name, one.Name) || other.Issuer == one.Issuer {
					r.failf(item.Line, "the issuer %q is like the one in line %d: names and issuers have to differ", one.Name, other.line)
				}
			}
			list = append(list, one)
		}
	}})
	if r.err == nil && len(list) == 0 {
		r.failf(1, `there is no issuer: the file has the list "issuers"`)
	}
	return list
}

// issuer reads one issuer.
func (r *issuerReader) issuer(n *document.Node) External {
	e := External{line: int(n.Line)}
	r.object(n, "an issuer", map[string]func(*document.Node){
		"name":           r.text(&e.Name),
		"issuer":         r.text(&e.Issuer),
		"audiences":      r.texts(&e.Audiences),
		"principalClaim": r.text(&e.PrincipalClaim),
		"groupsClaim":    r.text(&e.GroupsClaim),
		"rolesClaim":     r.text(&e.RolesClaim),
		"ca":             r.text(&e.CA),
		"roles":          func(n *document.Node) { e.Roles = r.roles(n) },
	})
	if r.err == nil {
		if err := e.Check(); err != nil {
			r.failf(n.Line, "%w", err)
		}
	}
	return e
}

// roles reads what the values of the roles claim give.
func (r *issuerReader) roles(n *document.Node) map[string]oidc.RoleAt {
	if !n.Is(document.Object) {
		r.failf(n.Line, "roles is %s, not an object from a value of the claim to {role, scope}", n.Kind)
		return nil
	}
	roles := map[string]oidc.RoleAt{}
	for _, m := range n.Members {
		var at oidc.RoleAt
		r.object(m.Value, "a role", map[string]func(*document.Node){"role": r.text(&at.Role), "scope": r.text(&at.Scope)})
		if r.err != nil {
			return nil
		}
		role, err := FindRole(at.Role)
		if err != nil {
			r.failf(m.Line, "%w", err)
			return nil
		}
		scope, err := r.names.Scope(at.Scope)
		if err != nil {
			r.failf(m.Line, "%w", err)
			return nil
		}
		roles[m.Name] = oidc.RoleAt{Role: role.ID, Scope: scope.String()}
	}
	return roles
}

// object reads the members of an object, each with what reads its name, and
// refuses others.
func (r *issuerReader) object(n *document.Node, what string, members map[string]func(*document.Node)) {
	if !n.Is(document.Object) {
		kind, line := document.Null, int32(1)
		if n != nil {
			kind, line = n.Kind, n.Line
		}
		r.failf(line, "%s is %s, not an object", what, kind)
		return
	}
	for _, m := range n.Members {
		read, ok := members[m.Name]
		if !ok {
			r.failf(m.Line, "%s has no %q: there are %s", what, m.Name, strings.Join(slices.Sorted(maps.Keys(members)), ", "))
			return
		}
		read(m.Value)
	}
}

// text reads a string.
func (r *issuerReader) text(into *string) func(*document.Node) {
	return func(n *document.Node) {
		if !n.Is(document.String) || n.Text == "" {
			r.failf(n.Line, "there has to be a string, and it is %s", describe(n))
			return
		}
		*into = n.Text
	}
}

// texts reads a list of strings.
func (r *issuerReader) texts(into *[]string) func(*document.Node) {
	return func(n *document.Node) {
		if !n.Is(document.List) {
			r.failf(n.Line, "there has to be a list of strings, and it is %s", describe(n))
			return
		}
		for _, item := range n.Items {
			var text string
			r.text(&text)(item)
			*into = append(*into, text)
		}
	}
}

func describe(n *document.Node) string {
	if n.Is(document.String) {
		return "empty"
	}
	return n.Kind.String()
}

// FindRole finds a role by name or id; the error names those that there are.
func FindRole(nameOrID string) (*access.Role, error) {
	if role, ok := access.FindRole(nameOrID); ok {
		return role, nil
	}
	all := access.Roles()
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return nil, fmt.Errorf("there is no role %q: there are %s", nameOrID, strings.Join(names, ", "))
}
