package resource

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/odata"
)

// Source is a collection that a list is made of.
type Source struct {
	// Collection is of a kind that is Indexed.
	Collection ID
	// Keep says which of its resources the list has, in their order; nil is all.
	Keep func(r *Row) bool
	// As is a resource as it stands in the list; nil is as it is.
	As func(e *Entity) *Entity
}

// search lists through indexes: it reads no records but those of the page. ok is
// false where there are none for the list.
func (s *Session) search(n *Node, collection ID, q Query) (listing *Listing, ok bool, err error) {
	if q.OrderBy != "" || s.Indexes == nil || s.tx != nil {
		return nil, false, nil
	}
	sources := []Source{{Collection: collection}}
	switch {
	case n.Sources != nil:
		if sources, ok, err = n.Sources(s, collection); !ok || err != nil {
			return nil, false, err
		}
	case n.Indexed == nil || !n.plain(s.Call):
		return nil, false, nil
	}
	filter, err := odata.Parse(q.Filter, odata.Of(n.Filter))
	if q.Filter == "" {
		filter, err = nil, nil
	}
	if err != nil {
		return nil, false, Invalid("$filter", "%v", err).WithCause(err)
	}
	p := pageOf{from: q.Skip, to: q.Skip + q.Top}
	for _, source := range sources {
		rows, ok, err := s.rowsOf(source)
		if !ok || err != nil {
			return nil, false, err
		}
		place, err := s.at(source.Collection + "/x")
		if err != nil {
			return nil, false, err
		}
		p.match(source, rows, newMatcher(place.Node.Indexed, filter))
	}
	items, err := s.found(n, p.hits)
	if err != nil {
		return nil, false, err
	}
	listing = &Listing{Items: items, Count: p.count}
	if p.to < p.count {
		next := q
		next.Skip, next.After = p.to, ""
		listing.Next = &next
	}
	return listing, true, nil
}

// pageOf collects what stands on a page, and counts what stands on all.
type pageOf struct {
	from, to, count int
	hits            []hit
}

type hit struct {
	source Source
	row    *Row
}

func (p *pageOf) match(source Source, rows []*Row, m *matcher) {
	for _, r := range rows {
		if source.Keep != nil && !source.Keep(r) || !m.match(r) {
			continue
		}
		if p.count >= p.from && p.count < p.to {
			p.hits = append(p.hits, hit{source, r})
		}
		p.count++
	}
}

// found reads what was found.
func (s *Session) found(n *Node, hits []hit) ([]map[string]any, error) {
	entities := make([]*Entity, 0, len(hits))
	for _, h := range hits {
		id := h.source.Collection + "/" + ID(h.row.Name())
		e, err := s.Get(id)
		if err != nil {
			return nil, fmt.Errorf("reading what was found: %w", err)
		}
		if h.source.As != nil {
			e = h.source.As(e)
		}
		entities = append(entities, e)
	}
	return s.answers(n, entities)
}

// matcher asks a filter about rows, of which it makes an entity each time.
type matcher struct {
	filter     *odata.Filter
	fields     []string
	tree       map[string]any
	properties map[string]any
}

func newMatcher(fields []string, filter *odata.Filter) *matcher {
	m := &matcher{filter: filter, fields: fields, properties: make(map[string]any, len(fields))}
	m.tree = map[string]any{"properties": m.properties}
	return m
}

func (m *matcher) match(r *Row) bool {
	if m.filter == nil {
		return true
	}
	m.tree["name"] = r.name
	for i, field := range m.fields {
		if r.values[i] == nil {
			delete(m.properties, field)
			continue
		}
		m.properties[field] = r.values[i]
	}
	return m.filter.Match(m.tree)
}

// maxNames bounds how many resources a list is asked for by their names.
const maxNames = 100

// named lists the resources with the names that sallyportNames gives, with
// commas between them; those that are not there are left out.
func (s *Session) named(n *Node, collection ID, names string) (*Listing, error) {
	list := strings.Split(names, ",")
	if len(list) > maxNames {
		return nil, Invalid("sallyportNames", "%d names; at most %d are possible", len(list), maxNames)
	}
	var entities []*Entity
	for _, name := range list {
		if name == "" || strings.Contains(name, "/") {
			continue
		}
		e, err := s.Lookup(collection + "/" + ID(name))
		if err != nil {
			return nil, err
		}
		if e != nil {
			entities = append(entities, e)
		}
	}
	items, err := s.answers(n, entities)
	return &Listing{Items: items, Count: len(items)}, err
}
