package access

import (
	"iter"
	"slices"
	"strings"
)

// Permission is the right to do one thing with one type of resource. It comes
// from a Type of the table in types.go and from nowhere else; the zero
// Permission is given to nobody, by no role.
type Permission struct {
	name, folded string
}

// String is the permission in Azure's words, as roles and the audit log have
// it: "Microsoft.ApiManagement/service/apis/read". It is "" for the zero
// Permission.
func (p Permission) String() string { return p.name }

// Valid reports whether the permission is one of the table's.
func (p Permission) Valid() bool { return p.name != "" }

// Action is something that is done with a resource and is neither reading nor
// writing it. Reading what is secret is one, so that no reader may do it.
type Action string

// Type is a type of resource, as Azure names it.
type Type struct {
	// provider is the namespace, path the types below it, joined.
	provider, path string
	// actions are the Actions of the type, separated by spaces, so that types
	// can be compared.
	actions string
	// shared says that workspaces have resources of the type too.
	shared bool
}

// providerAPIM is the namespace of the service that this program stands for.
const providerAPIM = "Microsoft.ApiManagement"

// servicePath and workspacePath are the types under which all others stand, in
// a service and in a workspace.
const (
	servicePath   = "service"
	workspacePath = "service/workspaces"
)

// newType is a type that only a service has, with its actions besides reading,
// writing and deleting.
func newType(path string, actions ...Action) Type {
	return Type{provider: providerAPIM, path: path, actions: joinActions(actions)}
}

// newSharedType is a type that a service and its workspaces have.
func newSharedType(path string, actions ...Action) Type {
	t := newType(path, actions...)
	t.shared = true
	return t
}

func joinActions(actions []Action) string {
	var b strings.Builder
	for i, a := range actions {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(a))
	}
	return b.String()
}

// String is the type as resources have it in their field "type", for example
// "Microsoft.ApiManagement/service/apis".
func (t Type) String() string {
	if t.path == "" {
		return t.provider
	}
	return t.provider + "/" + t.path
}

// Read permits getting, listing and asking for the ETag.
func (t Type) Read() Permission { return t.permission("read") }

// Write permits creating and updating.
func (t Type) Write() Permission { return t.permission("write") }

// Delete permits removing.
func (t Type) Delete() Permission { return t.permission("delete") }

// Action permits an action of the type. Where the type's row in the table does
// not name the action the Permission is zero, and nobody has it.
func (t Type) Action(name Action) Permission {
	if !slices.Contains(strings.Fields(t.actions), string(name)) {
		return Permission{}
	}
	return t.permission(string(name) + "/action")
}

// InWorkspace is the same type inside a workspace: "service/workspaces/apis"
// of "service/apis". Where workspaces have no such type it is the zero Type,
// whose permissions are zero.
func (t Type) InWorkspace() Type {
	if !t.shared {
		return Type{}
	}
	t.path = workspacePath + strings.TrimPrefix(t.path, servicePath)
	t.shared = false
	return t
}

func (t Type) permission(verb string) Permission {
	if t.provider == "" {
		return Permission{}
	}
	name := t.String() + "/" + verb
	return Permission{name: name, folded: strings.ToLower(name)}
}

// Permissions returns every permission that there is, type by type in the order
// of the table.
func Permissions() iter.Seq[Permission] {
	return func(yield func(Permission) bool) {
		for _, t := range types {
			for _, each := range []Type{t, t.InWorkspace()} {
				for _, p := range each.permissions() {
					if !yield(p) {
						return
					}
				}
			}
		}
	}
}

// permissions are those of one type; none for the zero Type.
func (t Type) permissions() []Permission {
	if t.provider == "" {
		return nil
	}
	all := []Permission{t.Read(), t.Write(), t.Delete()}
	for a := range strings.FieldsSeq(t.actions) {
		all = append(all, t.Action(Action(a)))
	}
	return all
}
