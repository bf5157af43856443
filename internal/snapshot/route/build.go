package route

import (
	"errors"
	"fmt"
	"strings"
)

// Versioning says where a request carries the version of an API.
type Versioning uint8

// The versioning schemes of a version set.
const (
	Unversioned Versioning = iota // the API has no versions
	ByPath                        // a segment behind the API's path
	ByHeader                      // a request header
	ByQuery                       // a query parameter
)

// Bounds of an API's address, in bytes.
const (
	MaxAPIPathLength = 400
	MaxVersionLength = 100
)

// API is where requests for one revision of an API arrive.
type API struct {
	Name        string     // for problems
	Hosts       []string   // lower case, without port; empty for every host
	Path        string     // such as "shop/orders"; may be empty
	Version     string     // empty for the original of a version set
	Versioning  Versioning // of the version set
	VersionName string     // header or query parameter of the version set
	Revision    string     // such as "2"
	Current     bool       // answers requests that ask for no revision
}

// ProblemKind says what is wrong between two operations or two APIs.
type ProblemKind uint8

// The kinds of problems.
const (
	DuplicateOperation ProblemKind = iota + 1 // the same method and shape twice: the second never matches
	AmbiguousOperation                        // one request can satisfy both queries: the first wins
	DuplicateAPI                              // the same path, version and revision twice: the second never matches
	MixedVersioning                           // one path, two ways to ask for a version: the second never matches
)

// Problem is a conflict in a table. The table works nevertheless; in each
// conflict the API or operation that was added first wins.
type Problem struct {
	Kind      ProblemKind
	API       int32 // index of the API, of the second one where two APIs conflict
	Operation int32 // index of the second operation, or -1
	Other     int32 // index of the first operation or API
	Message   string
}

// String returns the problem in words.
func (p Problem) String() string { return p.Message }

// Builder collects APIs and operations for a Table. It is not safe for
// concurrent use. The zero Builder is ready for use.
type Builder struct {
	apis     []*apiTree
	anyHost  prefix
	hosts    map[string]*prefix
	problems []Problem
}

// AddAPI adds an API and returns its index, by which operations are added and
// which a Match names: 0 for the first API, 1 for the next.
func (b *Builder) AddAPI(a API) (int32, error) {
	segments, err := apiSegments(a)
	if err != nil {
		return -1, fmt.Errorf("adding API %q: %w", a.Name, err)
	}
	index := int32(len(b.apis))
	b.apis = append(b.apis, newAPITree(index, a.Name))
	if len(a.Hosts) == 0 {
		b.place(&b.anyHost, segments, a, index)
	}
	for _, h := range a.Hosts {
		if b.hosts == nil {
			b.hosts = map[string]*prefix{}
		}
		h = strings.ToLower(h)
		if b.hosts[h] == nil {
			b.hosts[h] = &prefix{}
		}
		b.place(b.hosts[h], segments, a, index)
	}
	return index, nil
}

// AddOperation adds an operation to an API. The index is the caller's own and
// is what a Match returns. The error is a *TemplateError, wrapped.
func (b *Builder) AddOperation(api int32, method, template string, index int32) error {
	if api < 0 || int(api) >= len(b.apis) {
		return fmt.Errorf("adding operation: no API has the index %d", api)
	}
	return b.apis[api].add(Operation{Method: method, Template: template, Index: index})
}

// Build returns the table and the conflicts in it. The builder is used up.
func (b *Builder) Build() (*Table, []Problem) {
	t := &Table{anyHost: &b.anyHost, hosts: b.hosts}
	problems := b.problems
	for _, a := range b.apis {
		t.trees = append(t.trees, a.root)
		t.names = append(t.names, a.name)
		problems = append(problems, a.problems...)
	}
	return t, problems
}

// apiSegments returns the segments of an API's path, with its version where
// that is one, in the form in which requests are compared.
func apiSegments(a API) ([]string, error) {
	path := strings.Trim(a.Path, "/")
	switch {
	case len(path) > MaxAPIPathLength:
		return nil, fmt.Errorf("path is longer than MaxAPIPathLength (%d bytes)", MaxAPIPathLength)
	case strings.ContainsAny(path, ";?#{}*"):
		return nil, fmt.Errorf("path %q: none of ; ? # { } * is possible in it", path)
	case len(a.Version) > MaxVersionLength:
		return nil, fmt.Errorf("version is longer than MaxVersionLength (%d bytes)", MaxVersionLength)
	case a.Version != "" && a.Versioning == Unversioned:
		return nil, fmt.Errorf("version %q, but the version set says no scheme", a.Version)
	case a.Version != "" && a.Versioning != ByPath && a.VersionName == "":
		return nil, errors.New("the version set names no header or query parameter for the version")
	}
	if a.Version != "" && a.Versioning == ByPath {
		if strings.ContainsAny(a.Version, "/;?#{}*") {
			return nil, fmt.Errorf("version %q: none of / ; ? # { } * is possible in a path version", a.Version)
		}
		path += "/" + a.Version
	}
	canonical, err := Normalize("/" + path)
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", path, err)
	}
	canonical = strings.Trim(canonical, "/")
	if canonical == "" {
		return nil, nil
	}
	return strings.Split(lowerASCII(canonical), "/"), nil
}

// place enters an API into the tree of API paths of one host.
func (b *Builder) place(at *prefix, segments []string, a API, index int32) {
	for _, s := range segments {
		at = at.children.grow(s)
	}
	if at.choice == nil {
		at.choice = &choice{}
	}
	r := b.revisionsFor(at.choice, a, index)
	if at.choice.versioning != Unversioned {
		at.only = 0
	}
	if r == nil {
		return
	}
	name := strings.ToLower(a.Revision)
	for _, other := range r.named {
		if other.name == name {
			b.conflict(DuplicateAPI, index, other.api, "has the path, version and revision of")
			return
		}
	}
	r.named = append(r.named, revision{name: name, api: index})
	if !a.Current {
		return
	}
	if r.current >= 0 {
		b.conflict(DuplicateAPI, index, r.current, "has the path and version of")
		return
	}
	r.current = index
	if at.choice.versioning == Unversioned {
		at.only = index + 1
	}
}

// revisionsFor returns where the revisions of the API's version are kept, or
// nil where the choice has no room for it.
func (b *Builder) revisionsFor(c *choice, a API, index int32) *revisions {
	if a.Version == "" || a.Versioning == ByPath {
		if c.original == nil {
			c.original = &revisions{current: -1}
		}
		return c.original
	}
	if c.versioning == Unversioned {
		c.versioning, c.name = a.Versioning, a.VersionName
	}
	if c.versioning != a.Versioning || !strings.EqualFold(c.name, a.VersionName) {
		b.conflict(MixedVersioning, index, c.versions[0].revisions.named[0].api,
			"asks for its version in another way than, on the same path,")
		return nil
	}
	for _, v := range c.versions {
		if strings.EqualFold(v.name, a.Version) {
			return v.revisions
		}
	}
	r := &revisions{current: -1}
	c.versions = append(c.versions, version{name: a.Version, revisions: r})
	return r
}

func (b *Builder) conflict(kind ProblemKind, index, other int32, how string) {
	b.problems = append(b.problems, Problem{
		Kind: kind, API: index, Operation: -1, Other: other,
		Message: fmt.Sprintf("API %q %s API %q: requests never reach the first", b.apis[index].name, how, b.apis[other].name),
	})
}
