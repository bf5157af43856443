package apiops

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// override is what the file of an environment says of one resource.
type override struct {
	id         model.ID
	node       *document.Node // The element of the list, for positions.
	properties *document.Node
	additions  *document.Node // The member "sallyport".
}

// overrides are all of them, by resource.
type overrides struct {
	file  string
	byKey map[model.Key]*override
	order []*override
	nodes map[*document.Node]bool // All nodes of the file.
}

// readOverrides reads a file such as configuration.prod.yaml: lists of
// resources by collection, nested as the resources are.
func (r *reader) readOverrides(data []byte, file string) *overrides {
	o := &overrides{file: file, byKey: map[model.Key]*override{}, nodes: map[*document.Node]bool{}}
	if len(data) == 0 {
		return o
	}
	if len(data) > MaxOverridesSize {
		r.add(problem.Location{File: file}, fmt.Sprintf("the file has %d bytes (limit MaxOverridesSize, %d)", len(data), MaxOverridesSize), "")
		return o
	}
	root, err := document.Parse(data)
	if err != nil {
		r.syntax(file, err)
		return o
	}
	o.remember(root)
	if root.Is(document.Null) {
		return o
	}
	if !root.Is(document.Object) {
		r.at(file, root, "", "the overrides are "+root.Kind.String()+", not an object", "")
		return o
	}
	r.overrideMembers(o, root, "")
	return o
}

func (o *overrides) remember(n *document.Node) {
	if n == nil || o.nodes[n] {
		return
	}
	o.nodes[n] = true
	for _, item := range n.Items {
		o.remember(item)
	}
	for i := range n.Members {
		o.remember(n.Members[i].Value)
	}
}

// overrideMembers reads the lists of an object: those of the root, or of an
// element whose children are overridden.
func (r *reader) overrideMembers(o *overrides, n *document.Node, parent model.ID) {
	for i := range n.Members {
		m := &n.Members[i]
		if m.Name == "name" || m.Name == "properties" || m.Name == additionsMember {
			continue
		}
		if !m.Value.Is(document.List) {
			if parent != "" {
				r.at(o.file, m.Value, m.Name, "is "+m.Value.Kind.String()+", not a list of overrides", "overrides of properties stand below properties")
			}
			continue // Such as apimServiceName.
		}
		for _, item := range m.Value.Items {
			if parent == "" && !item.Is(document.Object) && byCollection(layout(), overrideCollection(m.Name)) == nil {
				continue // Not a list of resources.
			}
			r.overrideItem(o, item, parent, overrideCollection(m.Name))
		}
	}
}

// overrideCollection gives the management API's name for a list of overrides.
func overrideCollection(name string) string {
	if name == "versionSets" {
		return "apiVersionSets"
	}
	return name
}

func (r *reader) overrideItem(o *overrides, item *document.Node, parent model.ID, collection string) {
	name := item.Get("name")
	if name.String() == "" {
		r.at(o.file, item, collection, "an override has no name", "give the name of the resource that it is for")
		return
	}
	id, err := model.ParseID(string(parent.Child(collection, name.String())))
	if err != nil {
		r.at(o.file, name, collection, err.Error(), "")
		return
	}
	entry := &override{id: id, node: name, properties: item.Get("properties"), additions: item.Get(additionsMember)}
	if entry.properties != nil && !entry.properties.Is(document.Object) {
		r.at(o.file, entry.properties, "properties", "is "+entry.properties.Kind.String()+", not an object", "")
		return
	}
	if first, ok := o.byKey[id.Key()]; ok {
		line, _ := first.node.Position()
		r.at(o.file, name, collection, fmt.Sprintf("%s is overridden twice, first in line %d", id, line), "")
		return
	}
	o.byKey[id.Key()] = entry
	o.order = append(o.order, entry)
	if id.Kind() == model.KindAPI {
		entry.properties = r.withoutRevision(o, entry.properties)
	}
	r.overrideMembers(o, item, id)
}

// withoutRevision takes out what cannot be overridden in an API.
func (r *reader) withoutRevision(o *overrides, properties *document.Node) *document.Node {
	if properties == nil {
		return nil
	}
	kept := *properties
	kept.Members = nil
	for _, m := range properties.Members {
		if m.Name == "apiRevision" || m.Name == "isCurrent" {
			r.warn(o.file, m.Value, m.Name, "cannot be overridden, and is ignored", "")
			continue
		}
		kept.Members = append(kept.Members, m)
	}
	o.nodes[&kept] = true
	return &kept
}

// unused reports the overrides of resources that the folder does not have.
func (r *reader) unused(o *overrides, has func(model.ID) bool) {
	for _, e := range o.order {
		if (e.properties != nil || e.additions != nil) && !has(e.id) {
			r.warn(o.file, e.node, "", fmt.Sprintf("%s is overridden, but the folder does not have it", e.id), "")
		}
	}
}

// merge lays over onto under: objects member by member, all else as a whole.
func merge(under, over *document.Node) *document.Node {
	if over == nil {
		return under
	}
	if !under.Is(document.Object) || !over.Is(document.Object) {
		return over
	}
	out := *under
	out.Members = append([]document.Member(nil), under.Members...)
	for _, m := range over.Members {
		found := false
		for i := range out.Members {
			if out.Members[i].Name == m.Name {
				out.Members[i].Value = merge(out.Members[i].Value, m.Value)
				found = true
				break
			}
		}
		if !found {
			out.Members = append(out.Members, m)
		}
	}
	return &out
}
