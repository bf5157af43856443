package route

import (
	"fmt"
	"strings"
)

// apiTree collects the operations of one API.
type apiTree struct {
	api      int32
	name     string
	root     *node
	problems []Problem
}

func newAPITree(api int32, name string) *apiTree {
	return &apiTree{api: api, name: name, root: &node{}}
}

func (a *apiTree) add(o Operation) error {
	if o.Method == "" {
		return fmt.Errorf("adding operation %q to API %q: it has no method", o.Template, a.name)
	}
	t, err := ParseTemplate(o.Template)
	if err != nil {
		return fmt.Errorf("adding operation to API %q: %w", a.name, err)
	}
	l := leaf{method: method(o.Method), operation: o.Index, template: t, matrix: t.matrix, query: t.query, names: t.names}
	a.compare(l, a.root.insert(l))
	return nil
}

// commonMethods are the methods that nearly all operations have. One string for
// each keeps comparisons in memory that is at hand.
var commonMethods = [...]string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"}

// method returns a method in upper case.
func method(m string) string {
	m = strings.ToUpper(m)
	for _, c := range commonMethods {
		if m == c {
			return c
		}
	}
	return m
}

// compare reports the first of the leaves in one place that conflicts with a
// new one.
func (a *apiTree) compare(l leaf, place []leaf) {
	for _, other := range place {
		if other.template == l.template || other.method != l.method || compareQuery(other.template, l.template) != 0 {
			continue
		}
		kind, what := overlap(other.template, l.template)
		if kind == 0 {
			continue
		}
		a.problems = append(a.problems, Problem{
			Kind: kind, API: a.api, Operation: l.operation, Other: other.operation,
			Message: fmt.Sprintf("API %q: operation %s %s %s %s", a.name, l.method, l.template, what, other.template),
		})
		return
	}
}

// overlap compares the queries of two templates of one shape that are equally
// specific.
func overlap(a, b *Template) (ProblemKind, string) {
	same := true
	for i := range a.query {
		mine := &a.query[i]
		theirs := b.rule(mine.name)
		switch {
		case theirs == nil:
			same = false
		case mine.fixed != theirs.fixed:
			same = false
		case mine.fixed && !strings.EqualFold(mine.literal, theirs.literal):
			return 0, "" // No request satisfies both.
		}
	}
	if same {
		return DuplicateOperation, "has the shape of an earlier one and is never matched:"
	}
	return AmbiguousOperation, "loses, where a request satisfies the queries of both, to the earlier"
}

// rule returns the part of the query with that name, or nil.
func (t *Template) rule(name string) *queryRule {
	for i := range t.query {
		if strings.EqualFold(t.query[i].name, name) {
			return &t.query[i]
		}
	}
	return nil
}
