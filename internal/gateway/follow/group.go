package follow

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// change is what becomes of one resource: it is put, or deleted.
type change struct {
	line    wire.Line
	deleted bool
}

// group is what is taken or held back together: an API with all its revisions,
// operations and policies, a product with its policy, or any other resource by
// itself. Half of an API would be neither what was good nor what is wanted.
type group struct {
	name    string
	rank    int
	changes []change
}

// globalGroup is the group of the policy document that holds for all APIs.
const globalGroup = "policies/policy"

// groupOf returns the name of the group of a resource. It goes by the form of
// the id, so that it says something of ids as well that this release does not
// know.
func groupOf(id model.ID) string {
	segments := strings.Split(strings.Trim(strings.ToLower(string(id)), "/"), "/")
	at := 0
	if len(segments) > 2 && segments[0] == "workspaces" {
		at = 2
	}
	if len(segments) < at+2 {
		return strings.Join(segments, "/")
	}
	switch segments[at] {
	case "apis":
		root, _ := model.SplitRevision(segments[at+1])
		return strings.Join(append(segments[:at:at], "apis", root), "/")
	case "products":
		if len(segments) == at+4 && segments[at+2] != "policies" {
			break // A link of the product, which may lead to what is held back.
		}
		return strings.Join(segments[:at+2], "/")
	case "policies":
		if at > 0 {
			return strings.Join(segments[:at], "/") // That of the workspace.
		}
	}
	return strings.Join(segments, "/")
}

// The order in which groups are tried: what others refer to comes first.
const (
	rankShared = iota
	rankAPI
	rankProduct
	rankLink
	rankSubscription
)

// rankOf returns when a group is tried.
func rankOf(name string) int {
	if rest, ok := strings.CutPrefix(name, "workspaces/"); ok {
		_, below, inside := strings.Cut(rest, "/")
		if !inside {
			return rankShared
		}
		name = below
	}
	collection, rest, _ := strings.Cut(name, "/")
	switch {
	case collection == "apis":
		return rankAPI
	case collection == "subscriptions":
		return rankSubscription
	case strings.Contains(rest, "/"):
		return rankLink
	case collection == "products":
		return rankProduct
	}
	return rankShared
}

// groupsOf sorts changes into groups.
func groupsOf(changes map[model.Key]change) []*group {
	byName := map[string]*group{}
	for _, c := range changes {
		name := groupOf(c.line.ID)
		g := byName[name]
		if g == nil {
			g = &group{name: name, rank: rankOf(name)}
			byName[name] = g
		}
		g.changes = append(g.changes, c)
	}
	list := make([]*group, 0, len(byName))
	for _, g := range byName {
		list = append(list, g)
	}
	slices.SortFunc(list, compareGroups)
	return list
}

// compareGroups orders groups as they are tried.
func compareGroups(a, b *group) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.name, b.name))
}

// put is the change that puts a resource which is not wanted.
func put(r model.Resource) change {
	return change{line: wire.Line{ID: r.ResourceID(), Resource: r}}
}

// gone is the change that takes a resource away.
func gone(id model.ID) change { return change{line: wire.Line{ID: id}, deleted: true} }

// unreadable returns what cannot be read in a group, or nil.
func (g *group) unreadable() *wire.Line {
	for i := range g.changes {
		if c := &g.changes[i]; !c.deleted && c.line.Err != nil {
			return &c.line
		}
	}
	return nil
}
