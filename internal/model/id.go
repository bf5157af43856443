package model

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxIDLength bounds the relative id of a resource, in bytes.
const MaxIDLength = 2048

// ID is the id of a resource relative to its service, as in
// "apis/echo/operations/get" or "workspaces/w/apis/echo": collection and name
// in turn, without a leading slash. The empty ID is the service itself.
//
// Collections are spelled as the management API spells them ([ParseID] sees to
// that). Names keep the case they were given, but two names that differ only
// in the case of letters are the same name, as Azure Resource Manager has it.
// Compare with [ID.Equal], and index by [ID.Key], never by the ID.
type ID string

// Key is an ID folded for comparison: two ids name the same resource if and
// only if their keys are equal. Use it as the key of maps.
type Key string

// errNotID is wrapped by every error of ParseID.
var errNotID = errors.New("not a resource id")

// NewID joins collections and names, in turn, to an id: NewID("apis", "echo").
// It does not check them; ParseID does.
func NewID(segments ...string) ID {
	return ID(strings.Join(segments, "/"))
}

// ParseID reads a relative id ("apis/echo", "/apis/echo") or a full one
// ("/subscriptions/…/providers/Microsoft.ApiManagement/service/s/apis/echo"),
// and spells its collections as the management API does. It fails where a
// collection is unknown or a name is not allowed.
func ParseID(s string) (ID, error) {
	if len(s) > MaxIDLength {
		return "", fmt.Errorf("%w: it is longer than %d bytes", errNotID, MaxIDLength)
	}
	rest := strings.Trim(trimServicePrefix(s), "/")
	if rest == "" {
		return "", nil
	}
	segments := strings.Split(rest, "/")
	if len(segments)%2 != 0 {
		return "", fmt.Errorf("%w: %q does not end with a name", errNotID, s)
	}
	node := kindRoot
	for i := 0; i < len(segments); i += 2 {
		next, ok := node.child(segments[i])
		if !ok {
			return "", fmt.Errorf("%w: %q has no collection %q here", errNotID, s, segments[i])
		}
		if err := checkName(next, segments[i+1]); err != nil {
			return "", fmt.Errorf("%w: %q: %w", errNotID, s, err)
		}
		segments[i] = next.collection
		node = next
	}
	return ID(strings.Join(segments, "/")), nil
}

// trimServicePrefix takes what precedes the service's own resources off a full
// ARM id. It returns a relative id unchanged.
func trimServicePrefix(s string) string {
	const provider = "/providers/microsoft.apimanagement/service/"
	// As in SplitRevision, lower-casing may change lengths.
	for at := 0; at+len(provider) <= len(s); at++ {
		if s[at] == '/' && strings.EqualFold(s[at:at+len(provider)], provider) {
			_, rest, _ := strings.Cut(s[at+len(provider):], "/")
			return rest
		}
	}
	return s
}

// checkName applies the management API's rule for names: 1 to a number of
// characters that depends on the collection, and none of *#&+:<>?.
func checkName(n *kindNode, name string) error {
	switch {
	case name == "":
		return errors.New("a name is empty")
	case name == "." || name == "..":
		return fmt.Errorf("the name %q is not allowed", name)
	case utf8.RuneCountInString(name) > n.maxName:
		return fmt.Errorf("the name %q… is longer than %d characters", firstRunes(name, 20), n.maxName)
	case !utf8.ValidString(name):
		return errors.New("a name is not UTF-8")
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`*#&+:<>?\`, r) {
			return fmt.Errorf("the name %q has the character %q, which is not allowed", name, r)
		}
	}
	return nil
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// Key returns the id folded for comparison.
func (id ID) Key() Key { return Key(strings.ToLower(string(id))) }

// Equal reports whether both ids name the same resource.
func (id ID) Equal(other ID) bool { return id == other || id.Key() == other.Key() }

// String returns the id as it is spelled.
func (id ID) String() string { return string(id) }

// Name returns the last segment: "get" of "apis/echo/operations/get".
func (id ID) Name() string {
	return string(id[strings.LastIndexByte(string(id), '/')+1:])
}

// Collection returns the last collection: "operations" of
// "apis/echo/operations/get".
func (id ID) Collection() string {
	s := string(id)
	end := strings.LastIndexByte(s, '/')
	if end < 0 {
		return ""
	}
	return s[strings.LastIndexByte(s[:end], '/')+1 : end]
}

// Parent returns the id of the resource that holds this one: "apis/echo" of
// "apis/echo/operations/get", and "" (the service) of "apis/echo".
func (id ID) Parent() ID {
	s := string(id)
	end := strings.LastIndexByte(s, '/')
	if end < 0 {
		return ""
	}
	if end = strings.LastIndexByte(s[:end], '/'); end < 0 {
		return ""
	}
	return id[:end]
}

// Child returns the id of the resource of that collection and name below this
// one.
func (id ID) Child(collection, name string) ID {
	if id == "" {
		return ID(collection + "/" + name)
	}
	return ID(string(id) + "/" + collection + "/" + name)
}

// Ancestor returns the nearest id of that kind among this id and those that
// hold it: the API of an operation's policy, for one.
func (id ID) Ancestor(kind Kind) (ID, bool) {
	for ; id != ""; id = id.Parent() {
		if id.Kind() == kind {
			return id, true
		}
	}
	return "", kind == KindService
}

// Within reports whether the id is the ancestor itself or below it.
func (id ID) Within(ancestor ID) bool {
	if ancestor == "" {
		return true
	}
	k, a := string(id.Key()), string(ancestor.Key())
	return k == a || strings.HasPrefix(k, a+"/")
}

// Workspace returns the id of the workspace that holds the resource, or "" for
// a resource of the service itself. A workspace is in itself.
func (id ID) Workspace() ID {
	rest, ok := strings.CutPrefix(string(id), workspacesPrefix)
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return ID(workspacesPrefix + name)
}

// InWorkspace returns the id below a workspace; with "" it returns the id
// unchanged, as it does with an id that is in a workspace.
func (id ID) InWorkspace(workspace ID) ID {
	if workspace == "" || id.Workspace() != "" {
		return id
	}
	return ID(string(workspace) + "/" + string(id))
}

// Qualified returns the name with that of the workspace before it, where the
// resource is in one: "sales:orders". No name has a colon, so no two resources of
// a kind have the same.
func (id ID) Qualified() string {
	workspace := id.Workspace()
	if workspace == "" || workspace == id {
		return id.Name()
	}
	return workspace.Name() + ":" + id.Name()
}

const workspacesPrefix = "workspaces/"

// revisionMark divides an API's name from the number of its revision.
const revisionMark = ";rev="

// SplitRevision divides the name of an API into the name without a revision
// and the revision's number: "echo;rev=2" into "echo" and "2". The revision is
// "" where the name has none, and so is the current one.
func SplitRevision(name string) (root, revision string) {
	// The mark is looked for byte by byte: lower-casing may change the length of
	// a name that is not valid UTF-8.
	for at := len(name) - len(revisionMark); at >= 0; at-- {
		if strings.EqualFold(name[at:at+len(revisionMark)], revisionMark) {
			return name[:at], name[at+len(revisionMark):]
		}
	}
	return name, ""
}

// ParseReference reads the id that a property of the resource owner refers to.
// Both full and relative ids are allowed, and a relative id in a workspace is
// of that workspace.
func ParseReference(owner ID, reference string) (ID, error) {
	id, err := ParseID(reference)
	if err != nil {
		return "", err
	}
	if trimServicePrefix(reference) != reference {
		return id, nil
	}
	return id.InWorkspace(owner.Workspace()), nil
}
