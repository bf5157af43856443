package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// CheckReferences checks what can be said only of all resources together: that
// no id comes twice, that what a resource is part of and refers to exists, and
// that names, keys and paths that must be unique are. Problems are sorted, and
// have Resource and Element as those of Validate. What policies refer to is
// checked where they are compiled.
func CheckReferences(resources []Resource) problem.Problems {
	c := &references{byKey: make(map[Key]Resource, len(resources))}
	for _, r := range resources {
		id := r.ResourceID()
		if _, ok := c.byKey[id.Key()]; ok {
			c.add(id, "", "the resource is there twice", "names that differ only in the case of letters are the same name")
			continue
		}
		c.byKey[id.Key()] = r
	}
	for _, r := range resources {
		c.parent(r.ResourceID())
		c.resource(r)
	}
	c.uniqueNamedValues(resources)
	c.uniqueKeys(resources)
	c.uniquePaths(resources)
	c.problems.Sort()
	return c.problems
}

type references struct {
	byKey    map[Key]Resource
	problems problem.Problems
}

func (c *references) add(id ID, element, message, hint string) {
	c.report(problem.SeverityError, id, element, message, hint)
}

func (c *references) warn(id ID, element, message, hint string) {
	c.report(problem.SeverityWarning, id, element, message, hint)
}

func (c *references) report(s problem.Severity, id ID, element, message, hint string) {
	c.problems = append(c.problems, problem.Problem{
		Severity: s,
		Location: problem.Location{Element: element, Resource: string(id)},
		Message:  message,
		Hint:     hint,
	})
}

// has reports whether a resource is there. Built-in groups always are, and what
// a resource of a workspace refers to may also be of the service.
func (c *references) has(id ID) bool {
	if _, ok := c.byKey[id.Key()]; ok || id == "" || IsBuiltInGroup(id) {
		return true
	}
	if w := id.Workspace(); w != "" && id != w && id.Kind() == KindGroup {
		_, ok := c.byKey[id[len(w)+1:].Key()]
		return ok
	}
	return false
}

// parent checks that the resource that holds this one exists.
func (c *references) parent(id ID) {
	parent := id.Parent()
	if c.has(parent) {
		return
	}
	c.add(id, "", fmt.Sprintf("it belongs to %s, which does not exist", parent), "")
}

func (c *references) resource(r Resource) {
	switch r := r.(type) {
	case *API:
		c.api(r)
	case *Link:
		c.link(r)
	case *Subscription:
		c.subscription(r)
	case *Backend:
		c.backend(r)
	case *Diagnostic:
		c.reference(r.ID, "loggerId", r.LoggerID, KindLogger)
	case *Release:
		c.release(r)
	case *Operation:
		c.schemas(r)
	}
}

// reference checks a property that must name an existing resource of a kind.
func (c *references) reference(owner ID, element, value string, kind Kind) (ID, bool) {
	if value == "" {
		return "", false // Validate says so.
	}
	id, err := ParseReference(owner, value)
	if err != nil {
		c.add(owner, element, err.Error(), "")
		return "", false
	}
	if id.Kind() != kind {
		c.add(owner, element, fmt.Sprintf("%q is not the id of a resource of kind %s", value, kind), "")
		return "", false
	}
	if !c.has(id) {
		c.add(owner, element, fmt.Sprintf("it refers to %s, which does not exist", id), "")
		return "", false
	}
	return id, true
}

// release checks which revision was released. A release is history: its
// revision may have become the current one, whose name has no number, or may be
// gone since.
func (c *references) release(r *Release) {
	id, err := ParseReference(r.ID, r.APIID)
	if err != nil || id.Kind() != KindAPI {
		c.reference(r.ID, "apiId", r.APIID, KindAPI)
		return
	}
	root, revision := SplitRevision(string(id))
	current, ok := c.byKey[ID(root).Key()].(*API)
	if c.has(id) || ok && current.Revision() == revision {
		return
	}
	c.warn(r.ID, "apiId", fmt.Sprintf("the revision %s, which it released, does not exist any more", id), "")
}

func (c *references) api(a *API) {
	if a.APIVersionSetID != "" {
		c.reference(a.ID, "apiVersionSetId", a.APIVersionSetID, KindVersionSet)
	}
	root := a.RootID()
	if a.ID.Equal(root) {
		return
	}
	current, ok := c.byKey[root.Key()].(*API)
	switch {
	case !ok:
		c.add(a.ID, "", fmt.Sprintf("it is a revision of %s, which does not exist", root), "")
	case a.IsCurrent != nil && *a.IsCurrent && current.Current():
		c.add(a.ID, "isCurrent", fmt.Sprintf("both it and %s are the current revision", root),
			"only one revision is current; that of the name without ;rev=")
	case current.Revision() == a.Revision():
		c.add(a.ID, "apiRevision", fmt.Sprintf("%s has the same revision, %s", root, a.Revision()), "")
	}
}

func (c *references) link(l *Link) {
	member, err := l.Member()
	if err != nil {
		return // Validate says so.
	}
	for _, end := range []ID{l.Holder(), member} {
		switch {
		case end == l.ID.Parent() || c.has(end):
		case end.Kind() == KindUser:
			c.warn(l.ID, "", fmt.Sprintf("it links %s, which does not exist", end), "")
		default:
			property, _, _ := l.target()
			if !strings.HasSuffix(l.ID.Collection(), "Links") {
				property = ""
			}
			c.add(l.ID, property, fmt.Sprintf("it links %s, which does not exist", end), "")
		}
	}
}

func (c *references) subscription(s *Subscription) {
	if s.OwnerID != "" {
		owner, err := ParseID(s.OwnerID)
		switch {
		case err != nil:
			c.add(s.ID, "ownerId", err.Error(), "")
		case !c.has(owner):
			c.warn(s.ID, "ownerId", fmt.Sprintf("it refers to %s, which does not exist", owner), "policies see no user for this subscription")
		}
	}
	scope, err := s.ParseScope()
	if err != nil || scope.Target == "" || c.has(scope.Target) {
		return
	}
	c.add(s.ID, "scope", fmt.Sprintf("it refers to %s, which does not exist", scope.Target), "")
}

func (c *references) backend(b *Backend) {
	if b.Pool != nil {
		for i, s := range b.Pool.Services {
			at := fmt.Sprintf("pool.services[%d].id", i)
			id, ok := c.reference(b.ID, at, s.ID, KindBackend)
			if !ok {
				continue
			}
			if member, ok := c.byKey[id.Key()].(*Backend); ok && member.IsPool() {
				c.add(b.ID, at, fmt.Sprintf("it refers to %s, which is itself a pool", id), "a pool holds single backends only")
			}
		}
	}
	if b.Credentials == nil {
		return
	}
	for i, value := range b.Credentials.CertificateIDs {
		id, err := ParseReference(b.ID, value)
		if err != nil || !c.has(id) {
			c.warn(b.ID, fmt.Sprintf("credentials.certificateIds[%d]", i),
				fmt.Sprintf("it refers to the certificate %s, which does not exist", value), "")
		}
	}
}

// schemas says which schema documents an operation names and the API lacks. It
// is served without them, and they may come later.
func (c *references) schemas(o *Operation) {
	check := func(element, id string) {
		if id != "" && !c.has(o.API().Child("schemas", id)) {
			c.warn(o.ID, element, fmt.Sprintf("it refers to the schema %q, which the API does not have", id), "")
		}
	}
	if o.Request != nil {
		for i, r := range o.Request.Representations {
			check(fmt.Sprintf("request.representations[%d].schemaId", i), r.SchemaID)
		}
	}
	for i, response := range o.Responses {
		for j, r := range response.Representations {
			check(fmt.Sprintf("responses[%d].representations[%d].schemaId", i, j), r.SchemaID)
		}
	}
}

// uniqueNamedValues checks the names by which policies refer to named values.
func (c *references) uniqueNamedValues(resources []Resource) {
	seen := map[string]ID{}
	for _, r := range resources {
		n, ok := r.(*NamedValue)
		if !ok {
			continue
		}
		name := string(n.ID.Workspace().Key()) + "/" + strings.ToLower(n.DisplayName)
		if first, ok := seen[name]; ok && !first.Equal(n.ID) {
			c.add(n.ID, "displayName", fmt.Sprintf("%s has the same displayName, %q", first, n.DisplayName),
				"policies refer to named values by it, so it must be unique")
			continue
		}
		seen[name] = n.ID
	}
}

// uniqueKeys checks that a subscription key belongs to one subscription. It
// never says the key.
func (c *references) uniqueKeys(resources []Resource) {
	seen := map[string]ID{}
	for _, r := range resources {
		s, ok := r.(*Subscription)
		if !ok {
			continue
		}
		for _, k := range s.Keys() {
			if k.Key == "" {
				continue
			}
			if first, ok := seen[k.Key]; ok && !first.Equal(s.ID) {
				c.add(s.ID, k.Element, fmt.Sprintf("%s has the same key", first), "each subscription needs keys of its own")
				continue
			}
			seen[k.Key] = s.ID
		}
	}
}

// uniquePaths checks that no two APIs answer to the same path, unless they are
// different versions of one version set or revisions of one API.
func (c *references) uniquePaths(resources []Resource) {
	byPath := map[string][]*API{}
	for _, r := range resources {
		a, ok := r.(*API)
		if !ok || !a.ID.Equal(a.RootID()) {
			continue
		}
		path := strings.ToLower(strings.Trim(a.Path, "/"))
		for _, other := range byPath[path] {
			if c.clash(a, other) {
				c.add(a.ID, "path", fmt.Sprintf("%s has the same path, %q", other.ID, a.Path),
					"give another path, or make them versions of one version set")
				break
			}
		}
		byPath[path] = append(byPath[path], a)
	}
}

// clash reports whether two APIs of the same path cannot be told apart.
func (c *references) clash(a, b *API) bool {
	if a.ID.Equal(b.ID) || socketAPI(a) != socketAPI(b) {
		return false
	}
	if a.APIVersionSetID == "" || b.APIVersionSetID == "" {
		return true
	}
	first, err := ParseReference(a.ID, a.APIVersionSetID)
	if err != nil {
		return false
	}
	second, err := ParseReference(b.ID, b.APIVersionSetID)
	if err != nil {
		return false
	}
	return !first.Equal(second) || a.APIVersion == b.APIVersion
}

// socketAPI reports whether an API takes WebSocket handshakes only: it may
// share its path with one that takes HTTP requests.
func socketAPI(a *API) bool {
	return a.Type == APIWebSocket || len(a.Protocols) > 0 && !slices.ContainsFunc(a.Protocols, func(p Protocol) bool {
		return p == ProtocolHTTP || p == ProtocolHTTPS
	})
}
