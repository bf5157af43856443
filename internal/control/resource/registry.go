package resource

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/problem"
)

// Route is a route that is no part of a kind, as the list of all services of a
// subscription.
type Route struct {
	// Method is GET or POST … .
	Method string
	// Path has {names} in place of segments, without a leading slash.
	Path string
	// Permission is what the caller needs, at the path's own id.
	Permission access.Permission
	// Body names the model of the body; "" where none is read.
	Body string
	// Writes says that Run changes the store.
	Writes bool
	// LongRunning says that the API defines a long-running operation.
	LongRunning bool
	// Run does it, with the segments that stand for the names.
	Run func(s *Session, segments map[string]string, in Input) (Result, error)
}

// Registry holds every kind and every route of the management API.
type Registry struct {
	roots  []*Node
	routes []Route
}

// NewRegistry makes a registry of the kinds that stand below a resource group
// (services, workspace gateways) and of the other routes. It fails where two
// kinds of one parent share a collection.
func NewRegistry(roots []*Node, routes []Route) (*Registry, error) {
	for _, root := range roots {
		if err := check(root, root.Collection); err != nil {
			return nil, err
		}
	}
	for _, r := range routes {
		if !r.Permission.Valid() {
			return nil, fmt.Errorf("the route %s %s has no permission", r.Method, r.Path)
		}
	}
	return &Registry{roots: roots, routes: routes}, nil
}

func check(n *Node, at string) error {
	if n.rule == (access.Type{}) {
		return fmt.Errorf("the kind %s has no permissions: make it with New", at)
	}
	for _, a := range n.Actions {
		if !n.rule.Action(a.Permission).Valid() {
			return fmt.Errorf("the action %s of %s has no permission", a.Path, at)
		}
	}
	seen := map[string]bool{}
	for _, c := range n.Children {
		folded := strings.ToLower(c.Collection)
		if seen[folded] {
			return fmt.Errorf("the collection %s/%s is there twice", at, c.Collection)
		}
		seen[folded] = true
		if err := check(c, at+"/"+c.Collection); err != nil {
			return err
		}
	}
	return nil
}

// Place is what a path leads to.
type Place struct {
	// Node is the kind of the resource or of the collection.
	Node *Node
	// ID is the resource, or the collection where Collection is true.
	ID         ID
	Collection bool
	// Rest is what follows the resource: the path of an action.
	Rest string
	// Internal says that the place is not for callers of the API.
	Internal bool
	// Live says that the kind, or one above it, is.
	Live bool
}

const provider = "Microsoft.ApiManagement"

// Walk finds what a path leads to, an id with or without its leading slash. ok
// is false where no kind has such a path; err says what is wrong with a name in
// it.
func (r *Registry) Walk(path string) (place Place, ok bool, err error) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	const head = 6 // subscriptions/S/resourceGroups/G/providers/P
	if len(segments) <= head || !strings.EqualFold(segments[0], "subscriptions") ||
		!strings.EqualFold(segments[2], "resourceGroups") || !strings.EqualFold(segments[4], "providers") ||
		!strings.EqualFold(segments[5], provider) {
		return Place{}, false, nil
	}
	id := ID("/subscriptions/" + segments[1] + "/resourceGroups/" + segments[3] + "/providers/" + provider)
	return walk(r.roots, nil, id, segments[head:])
}

func walk(nodes []*Node, parent *Node, id ID, segments []string) (Place, bool, error) {
	node := find(nodes, segments[0])
	if node == nil {
		if parent == nil {
			return Place{}, false, nil
		}
		return Place{Node: parent, ID: id, Rest: strings.Join(segments, "/")}, true, nil
	}
	collection := id + "/" + ID(node.Collection)
	if len(segments) == 1 {
		return Place{Node: node, ID: collection, Collection: true, Internal: node.Internal, Live: node.Live}, true, nil
	}
	name, ok, err := node.checkName(segments[1])
	if err != nil {
		return Place{}, true, err
	}
	if !ok {
		return Place{}, false, nil
	}
	id = collection + "/" + ID(name)
	if len(segments) == 2 {
		return Place{Node: node, ID: id, Internal: node.Internal, Live: node.Live}, true, nil
	}
	place, ok, err := walk(node.Children, node, id, segments[2:])
	place.Internal = place.Internal || node.Internal
	place.Live = place.Live || node.Live
	return place, ok, err
}

func find(nodes []*Node, collection string) *Node {
	for _, n := range nodes {
		if strings.EqualFold(n.Collection, collection) {
			return n
		}
	}
	return nil
}

// checkName applies the management API's rule for names: 1 to a number of
// characters, and none of *#&+:<>?. It returns the name as it is to be spelled,
// and false where the kind has no resource of that name.
func (n *Node) checkName(name string) (spelled string, ok bool, err error) {
	if n.Names != nil {
		for _, allowed := range n.Names {
			if strings.EqualFold(allowed, name) {
				return allowed, true, nil
			}
		}
		return "", false, nil
	}
	refuse := func(why string) error {
		return problem.Validation("The name of the %s is not allowed: %s.", n.Title, why).
			WithDetails(problem.Detail{Code: problem.CodeValidation, Target: "name", Message: "The name is not allowed: " + why + "."})
	}
	switch {
	case name == "" || name == "." || name == "..":
		return "", true, refuse("it is empty, or a step in a path")
	case !utf8.ValidString(name):
		return "", true, refuse("it is not UTF-8")
	case utf8.RuneCountInString(name) > n.MaxName:
		return "", true, refuse(fmt.Sprintf("it is longer than %d characters", n.MaxName))
	}
	for _, c := range name {
		if c < ' ' || c == 0x7f || strings.ContainsRune(`*#&+:<>?\`, c) {
			return "", true, refuse(fmt.Sprintf("it has the character %q", c))
		}
	}
	return name, true, nil
}

// Live reports whether what has the id says what happens, and not how something
// is configured.
func (r *Registry) Live(id ID) bool {
	place, ok, err := r.Walk(string(id))
	return ok && err == nil && place.Live
}

// Type is the resource's type: "Microsoft.ApiManagement/service/apis".
func Type(id ID) string {
	_, rest, found := strings.Cut(string(id), "/providers/")
	if !found {
		return ""
	}
	segments := strings.Split(rest, "/")
	parts := []string{segments[0]}
	for i := 1; i < len(segments); i += 2 {
		parts = append(parts, segments[i])
	}
	return strings.Join(parts, "/")
}

// Match finds a route that is no part of a kind, and the segments that stand for
// its names.
func (r *Registry) Match(method, path string) (*Route, map[string]string) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i := range r.routes {
		if r.routes[i].Method != method {
			continue
		}
		if names, ok := matchPath(strings.Split(r.routes[i].Path, "/"), segments); ok {
			return &r.routes[i], names
		}
	}
	return nil, nil
}

func matchPath(pattern, segments []string) (map[string]string, bool) {
	if len(pattern) != len(segments) {
		return nil, false
	}
	names := map[string]string{}
	for i, p := range pattern {
		if strings.HasPrefix(p, "{") {
			names[strings.Trim(p, "{}")] = segments[i]
		} else if !strings.EqualFold(p, segments[i]) {
			return nil, false
		}
	}
	return names, true
}

// Kinds returns every kind with those above it: the nodes of its path, the root
// first.
func (r *Registry) Kinds() iter.Seq[[]*Node] {
	return func(yield func([]*Node) bool) {
		for _, root := range r.roots {
			if !eachKind([]*Node{root}, yield) {
				return
			}
		}
	}
}

func eachKind(path []*Node, yield func([]*Node) bool) bool {
	if !yield(slices.Clone(path)) {
		return false
	}
	for _, c := range path[len(path)-1].Children {
		if !eachKind(append(path, c), yield) {
			return false
		}
	}
	return true
}

// Routes are the routes that are no part of a kind.
func (r *Registry) Routes() []Route { return slices.Clone(r.routes) }
