package follow

import (
	"fmt"
	"slices"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// MaxAttempts bounds how often one change is compiled until it is known what of
// it can be served. What has not been placed by then is held back.
const MaxAttempts = 64

// heldGroup is a group that is not served as it is wanted, and why.
type heldGroup struct {
	*group
	problems problem.Problems
}

// placing finds out which groups of a change can be served.
type placing struct {
	settings *snapshot.Settings
	revision uint64
	attempts int
	unnamed  bool // Problems have named none of the groups that were tried.
	warnings problem.Problems
	held     map[string]*heldGroup
}

// run serves what it can of the groups, on top of base, which is nil where
// nothing is served yet. The result is nil where nothing can be served still.
func (p *placing) run(base *snapshot.Snapshot, groups []*group) *snapshot.Snapshot {
	p.held = map[string]*heldGroup{}
	var todo []*group
	for _, g := range groups {
		if line := g.unreadable(); line != nil {
			p.hold(problem.Problems{{Location: problem.Location{Resource: line.Name()}, Message: line.Err.Error()}}, g)
			continue
		}
		todo = append(todo, g)
	}
	next := base
	if base == nil && len(groups) == 0 {
		next, _ = p.try(nil, nil) // A service that is empty.
	}
	next = p.place(next, todo)
	next = p.placeAgain(next)
	if base == nil && p.held[globalGroup] != nil {
		// APIs without the policies that are for all of them would be open.
		for _, g := range groups {
			if p.held[g.name] == nil {
				p.hold(nil, g)
			}
		}
		return nil
	}
	return p.advance(p.standIn(next))
}

// place serves what it can of readable groups. Those that problems name are
// held back; where problems name none of them, halves are tried.
func (p *placing) place(base *snapshot.Snapshot, todo []*group) *snapshot.Snapshot {
	for len(todo) > 0 {
		if p.attempts >= MaxAttempts {
			p.hold(problem.Problems{{
				Message: fmt.Sprintf("it was not found out in %d attempts (MaxAttempts) whether this can be served", MaxAttempts),
			}}, todo...)
			return base
		}
		next, problems := p.try(base, todo)
		if next != nil {
			p.warnings = append(p.warnings, problems...)
			return next
		}
		rest := p.holdNamed(todo, problems)
		switch {
		case len(rest) < len(todo):
			todo = rest
		case len(todo) == 1:
			p.unnamed = true
			p.hold(problems, todo...)
			return base
		default:
			p.unnamed = true
			base = p.place(base, todo[:len(todo)/2])
			todo = todo[len(todo)/2:]
		}
	}
	return base
}

// placeAgain tries what was held back once more, each for itself and as long as
// that helps: a group may have been tried before what it needs, or been blamed for
// what another one broke.
func (p *placing) placeAgain(base *snapshot.Snapshot) *snapshot.Snapshot {
	for p.unnamed && p.attempts < MaxAttempts {
		var again []*group
		for _, h := range p.held {
			if h.unreadable() == nil {
				again = append(again, h.group)
			}
		}
		slices.SortFunc(again, compareGroups)
		before := len(p.held)
		for _, g := range again {
			if p.attempts < MaxAttempts {
				delete(p.held, g.name)
				base = p.place(base, []*group{g})
			}
		}
		if len(p.held) == before {
			break
		}
	}
	return base
}

// try compiles groups on top of base.
func (p *placing) try(base *snapshot.Snapshot, groups []*group) (next *snapshot.Snapshot, problems problem.Problems) {
	defer guard(&next, &problems)
	p.attempts++
	delta := &snapshot.Delta{Revision: p.revision}
	for _, g := range groups {
		for _, c := range g.changes {
			if c.deleted {
				delta.Delete = append(delta.Delete, c.line.ID)
			} else {
				delta.Put = append(delta.Put, c.line.Resource)
			}
		}
	}
	if base == nil {
		next, problems = snapshot.Compile(&snapshot.Document{Revision: p.revision, Resources: delta.Put}, p.settings)
	} else {
		delta.Base = base.Revision()
		next, problems = base.Apply(delta)
	}
	if problems.HasErrors() {
		next = nil
	}
	return next, problems
}

// holdNamed holds back those groups that errors name, and returns the others.
func (p *placing) holdNamed(todo []*group, problems problem.Problems) []*group {
	named := map[string]problem.Problems{}
	for _, one := range problems {
		if one.Severity == problem.SeverityError && one.Resource != "" {
			name := groupOf(model.ID(one.Resource))
			named[name] = append(named[name], one)
		}
	}
	rest := make([]*group, 0, len(todo))
	for _, g := range todo {
		if own := named[g.name]; own != nil {
			p.hold(own, g)
			continue
		}
		rest = append(rest, g)
	}
	return rest
}

// hold holds groups back for the errors among problems.
func (p *placing) hold(problems problem.Problems, groups ...*group) {
	var errors problem.Problems
	for _, one := range problems {
		if one.Severity == problem.SeverityError {
			errors = append(errors, one)
		}
	}
	for _, g := range groups {
		p.held[g.name] = &heldGroup{group: g, problems: errors}
	}
}

// standIn serves, of APIs that are held back and of which there is no earlier
// state, the paths: calls are answered with 503, for it is not the caller who
// has done something wrong, and what belongs to the API can be served.
func (p *placing) standIn(base *snapshot.Snapshot) *snapshot.Snapshot {
	if base == nil {
		return nil
	}
	var stand []*group
	for name, h := range p.held {
		if h.rank != rankAPI || base.Resource(model.ID(name)) != nil {
			continue
		}
		if s := h.standIn(); s != nil {
			stand = append(stand, s)
		}
	}
	if len(stand) == 0 {
		return base
	}
	slices.SortFunc(stand, compareGroups)
	if next, _ := p.try(base, stand); next != nil {
		return next
	}
	for _, s := range stand {
		if p.attempts >= MaxAttempts {
			break
		}
		if next, _ := p.try(base, []*group{s}); next != nil {
			base = next
		}
	}
	return base
}

// standInPolicy answers for an API that cannot be served.
const standInPolicy = `<policies><inbound><return-response><set-status code="503" reason="Service Unavailable" />` +
	`<set-header name="Content-Type"><value>application/json</value></set-header>` +
	`<set-body>{ "statusCode": 503, "message": "This gateway cannot serve the configuration of the API." }</set-body>` +
	`</return-response></inbound><backend /><outbound /><on-error /></policies>`

// standIn is what stands in for a group of an API, or nil where the API itself
// cannot be read. Whatever it puts that is not wanted, the group takes away
// again when it is served.
func (g *heldGroup) standIn() *group {
	s := &group{name: g.name, rank: g.rank}
	policies := map[model.Key]bool{}
	var apis []model.ID
	for _, c := range g.changes {
		id := c.line.ID
		switch r := c.line.Resource.(type) {
		case *model.API:
			apis = append(apis, id)
			s.changes = append(s.changes, c)
		case *model.Operation:
			s.changes = append(s.changes, c)
		case *model.Policy:
			policies[r.ID.Key()] = true
		}
	}
	for _, id := range apis {
		r := &model.Policy{ID: model.PolicyID(id), Format: model.PolicyRawXML, Value: standInPolicy}
		s.changes = append(s.changes, put(r))
		if !policies[r.ID.Key()] {
			g.changes = append(g.changes, gone(r.ID))
		}
	}
	if len(apis) == 0 {
		return nil
	}
	return s
}

// advance gives a snapshot the revision of the change.
func (p *placing) advance(next *snapshot.Snapshot) *snapshot.Snapshot {
	if next == nil || next.Revision() == p.revision {
		return next
	}
	advanced, problems := next.Apply(&snapshot.Delta{Base: next.Revision(), Revision: p.revision})
	if problems.HasErrors() {
		return next
	}
	return advanced
}

// title is what a group is called where something is wrong with it.
func (g *group) title() string {
	if len(g.changes) == 1 {
		return g.changes[0].line.Name()
	}
	return g.name
}

// problemsOf are the problems of groups that are held back, each with a resource
// of that group.
func problemsOf(held map[string]*heldGroup) problem.Problems {
	var all problem.Problems
	for name, h := range held {
		for _, one := range h.problems {
			if groupOf(model.ID(one.Resource)) != name {
				// What was to be changed is not what would have been broken.
				if one.Resource != "" {
					one.Message = "with it, " + one.Resource + " would be refused: " + one.Message
				}
				one.Resource, one.Element = h.title(), ""
			}
			all = append(all, one)
		}
	}
	all.Sort()
	return slices.Compact(all)
}
