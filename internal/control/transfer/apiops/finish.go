package apiops

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// finish puts the parts together, checks all of it and sorts the problems.
func (r *reader) finish() (*transfer.Configuration, problem.Problems) {
	c := &transfer.Configuration{
		Resources:      r.out.resources,
		Sources:        r.out.sources,
		Specifications: r.out.specifications,
		ValueSources:   r.out.valueSources,
		Kept:           r.out.kept,
		Portal:         r.portal(),
	}
	c.Sort()
	r.newPolicies(c)
	r.revisions(c)
	for _, resource := range c.Resources {
		r.placed(c, model.Validate(resource))
	}
	r.placed(c, model.CheckReferences(c.Resources))
	r.unused(r.over, func(id model.ID) bool {
		_, ok := c.Find(id)
		return ok
	})
	r.out.problems.Sort()
	return c, r.out.problems
}

// newPolicies makes the policies that the overrides give to scopes that have
// none in the folder.
func (r *reader) newPolicies(c *transfer.Configuration) {
	before := len(r.out.resources)
	for _, o := range r.over.order {
		if o.id.Kind() != model.KindPolicy || o.properties.Get("value") == nil {
			continue
		}
		_, there := c.Find(o.id)
		_, scope := c.Find(o.id.Parent())
		if !there && (scope || o.id.Parent() == "") {
			empty := &document.Node{Kind: document.Object}
			if o.properties.Get("format") == nil {
				empty = withText(empty, "")
			}
			r.decode(r.over.file, empty, nil, o.id)
		}
	}
	c.Resources = append(c.Resources, r.out.resources[before:]...)
	c.Sort()
}

// placed adds problems of the model, with the places of what they are about.
func (r *reader) placed(c *transfer.Configuration, problems problem.Problems) {
	for i := range problems {
		p := &problems[i]
		key := model.ID(p.Resource).Key()
		if tree := r.out.trees[key]; tree != nil && p.File == "" {
			p.File = c.Sources[key].File
			r.locate(&p.Location, tree)
		}
	}
	r.out.problems = append(r.out.problems, c.Locate(problems)...)
}

// locate finds the line of a property by its path, as in
// "pool.services[1].weight", as deep as the path leads. A value that came from
// the overrides is in their file.
func (r *reader) locate(l *problem.Location, properties *document.Node) {
	n := properties
	for _, step := range elementSteps(l.Element) {
		next := n.Get(step)
		if i, err := strconv.Atoi(step); err == nil && n.Is(document.List) && i >= 0 && i < len(n.Items) {
			next = n.Items[i]
		}
		if next == nil {
			break
		}
		n = next
	}
	if line, column := n.Position(); line > 0 {
		l.Line, l.Column = line, column
	}
	if r.over.nodes[n] {
		l.File = r.over.file
	}
}

// elementSteps divides "pool.services[1].weight" into its names and numbers.
func elementSteps(element string) []string {
	if element == "" {
		return nil
	}
	return strings.FieldsFunc(element, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
}

// revisions gives each revision what it has in common with the current one, as
// API Management does: name, path, type, protocols, version and whether a
// subscription is needed are the API's, not the revision's.
func (r *reader) revisions(c *transfer.Configuration) {
	for _, resource := range c.Resources {
		a, ok := resource.(*model.API)
		if !ok || a.ID.Equal(a.RootID()) {
			continue
		}
		found, ok := c.Find(a.RootID())
		if !ok {
			continue // CheckReferences says so.
		}
		current, ok := found.(*model.API)
		if !ok {
			continue
		}
		if tree := r.out.trees[a.ID.Key()]; tree.Get("path") != nil && a.Path != current.Path {
			location := problem.Location{File: c.Sources[a.ID.Key()].File, Element: "path", Resource: string(a.ID)}
			r.locate(&location, tree)
			r.warning(location, fmt.Sprintf("is %q, but that of %s, %q, is used", a.Path, current.ID, current.Path),
				"all revisions have the path of the current one")
		}
		a.Path, a.Type, a.Protocols = current.Path, current.Type, current.Protocols
		a.SubscriptionRequired = current.SubscriptionRequired
		a.APIVersion, a.APIVersionSetID = current.APIVersion, current.APIVersionSetID
		if current.DisplayName != "" {
			a.DisplayName = current.DisplayName
		}
	}
}
