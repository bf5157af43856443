package route

import "fmt"

// Table is the matching tree of a snapshot. It is immutable and safe for
// concurrent use.
type Table struct {
	anyHost *prefix
	hosts   map[string]*prefix // APIs that are bound to hosts
	trees   []*node            // operations of each API, by its index
	names   []string           // for problems
}

// APIs returns the number of APIs; each revision counts.
func (t *Table) APIs() int { return len(t.trees) }

// Operation is what an API matches: a method, a URL template, and the index
// under which the caller knows the operation.
type Operation struct {
	Method   string
	Template string
	Index    int32
}

// ReplaceOperations returns a table in which one API has other operations. All
// other APIs' trees are shared with t, which stays as it is. The error is that
// of the first operation that cannot be read, or that there is no such API.
func (t *Table) ReplaceOperations(api int32, operations []Operation) (*Table, []Problem, error) {
	if api < 0 || int(api) >= len(t.trees) {
		return nil, nil, fmt.Errorf("replacing operations: no API has the index %d", api)
	}
	tree := newAPITree(api, t.names[api])
	for _, o := range operations {
		if err := tree.add(o); err != nil {
			return nil, nil, err
		}
	}
	next := *t
	next.trees = append([]*node(nil), t.trees...)
	next.trees[api] = tree.root
	return &next, tree.problems, nil
}

// prefix is a place in the tree of API paths.
type prefix struct {
	children edges[prefix]
	choice   *choice // the APIs whose path ends here, or nil
	// only is the index of the API that answers when no revision is asked for and
	// nothing else is to be chosen, plus one, or 0: most paths have one API.
	only int32
}

// choice is what is left to choose between when an API path has matched.
type choice struct {
	original   *revisions // answers when no version is asked for, or nil
	versioning Versioning // by header or by query; Unversioned where there are no versions
	name       string     // of the header or query parameter
	versions   []version
}

type version struct {
	name      string
	revisions *revisions
}

// revisions are those of one API path and version.
type revisions struct {
	current int32 // index of the API, or -1
	named   []revision
}

type revision struct {
	name string // lower case
	api  int32
}
