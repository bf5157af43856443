package resource

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/odata"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// Query is what a list is asked for.
type Query struct {
	Filter string
	// OrderBy is "name", "displayName desc" and the like; "" is by name.
	OrderBy string
	// Top is the length of a page; 0 asks for DefaultTop.
	Top, Skip int
	// After is where a nextLink of this server goes on.
	After string
}

// Limits of lists.
const (
	DefaultTop = 100
	MaxTop     = 1000
	MaxSkip    = 1 << 30
)

// Listing is one page.
type Listing struct {
	Items []map[string]any
	// Count is the number on all pages.
	Count int
	// Next continues: the query of the next page, or nil at the end.
	Next *Query
}

// List returns a page of a collection, as it is answered.
func (s *Session) List(n *Node, collection ID, q Query) (*Listing, error) {
	member, err := s.Locate(collection + "/x")
	if err != nil {
		return nil, err
	}
	collection = member.Collection()
	if err := s.RequireParent(member); err != nil {
		return nil, err
	}
	if q.Top == 0 {
		q.Top = DefaultTop
	}
	if names := s.Call.Query["sallyportnames"]; names != "" && n.plain(s.Call) {
		return s.named(n, collection, names)
	}
	if n.plain(s.Call) && q.Filter == "" && q.OrderBy == "" {
		return s.page(n, collection, q)
	}
	if listing, ok, err := s.search(n, collection, q); ok || err != nil {
		return listing, err
	}
	items, err := s.items(n, collection)
	if err != nil {
		return nil, err
	}
	return s.Select(n.Filter, items, q)
}

// plain says that the call gets the collection just as it is kept.
func (n *Node) plain(call *Call) bool {
	listed := n.Listed == nil || n.ListedBy != "" && call.Query[n.ListedBy] == ""
	return n.Items == nil && listed && n.Target == nil && !n.Permanent
}

// page reads one page straight from the store.
func (s *Session) page(n *Node, collection ID, q Query) (*Listing, error) {
	count, err := s.reader.Count(collection.Key())
	if err != nil {
		return nil, fmt.Errorf("counting %s: %w", collection, err)
	}
	page := store.Page{After: q.After, Limit: q.Top + 1}
	if q.After == "" {
		page.Skip = q.Skip
	}
	records, err := s.reader.List(collection.Key(), page)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", collection, err)
	}
	listing := &Listing{Count: count, Items: make([]map[string]any, 0, min(len(records), q.Top))}
	if len(records) > q.Top {
		records = records[:q.Top]
		next := q
		next.Skip += q.Top
		next.After = records[len(records)-1].Key.Name()
		listing.Next = &next
	}
	for _, record := range records {
		e, err := decode(record)
		if err != nil {
			return nil, err
		}
		answer, err := s.Answer(n, e)
		if err != nil {
			return nil, err
		}
		listing.Items = append(listing.Items, answer)
	}
	return listing, nil
}

// items are all elements of a collection, as they are answered.
func (s *Session) items(n *Node, collection ID) ([]map[string]any, error) {
	var entities []*Entity
	switch {
	case n.Items != nil:
		list, err := n.Items(s, collection)
		if err != nil {
			return nil, err
		}
		entities = list
	case n.Permanent && n.Names != nil:
		for _, name := range n.Names {
			e, err := s.Find(Place{Node: n, ID: collection + "/" + ID(name)})
			if err != nil {
				return nil, err
			}
			entities = append(entities, e)
		}
	default:
		for e, err := range s.Collection(collection) {
			if err != nil {
				return nil, err
			}
			listed, err := n.listed(s, e)
			if err != nil {
				return nil, err
			}
			if listed {
				entities = append(entities, e)
			}
		}
	}
	return s.answers(n, entities)
}

func (n *Node) listed(s *Session, e *Entity) (bool, error) {
	if n.Listed == nil {
		return true, nil
	}
	return n.Listed(s, e)
}

func (s *Session) answers(n *Node, entities []*Entity) ([]map[string]any, error) {
	items := make([]map[string]any, 0, len(entities))
	for _, e := range entities {
		kind := n
		if n.Target != nil {
			target, err := n.Target(s, e)
			if err != nil {
				return nil, err
			}
			if target == nil {
				continue
			}
			e = target
		}
		if place, err := s.at(e.ID); err == nil {
			kind = place.Node
		}
		answer, err := s.bare(kind, n, e)
		if err != nil {
			return nil, err
		}
		items = append(items, answer)
	}
	return items, nil
}

// bare answers an entity of a list, whose link was followed already.
func (s *Session) bare(kind, list *Node, e *Entity) (map[string]any, error) {
	if kind == list && kind.Target != nil {
		without := *kind
		without.Target = nil
		return s.Answer(&without, e)
	}
	return s.Answer(kind, e)
}

// Answers are entities of whatever kinds, as they are answered.
func (s *Session) Answers(entities []*Entity) ([]map[string]any, error) {
	items := make([]map[string]any, 0, len(entities))
	for _, e := range entities {
		place, err := s.at(e.ID)
		if err != nil {
			items = append(items, e.Body)
			continue
		}
		answer, err := s.Answer(place.Node, e)
		if err != nil {
			return nil, err
		}
		items = append(items, answer)
	}
	return items, nil
}

// Select filters, orders and pages items that are as they are answered. list
// names the fields that the filter may use.
func (s *Session) Select(list string, items []map[string]any, q Query) (*Listing, error) {
	if q.Top == 0 {
		q.Top = DefaultTop
	}
	if q.Filter != "" {
		filter, err := odata.Parse(q.Filter, odata.Of(list))
		if err != nil {
			return nil, Invalid("$filter", "%v", err).WithCause(err)
		}
		items = slices.DeleteFunc(items, func(item map[string]any) bool { return !filter.Match(item) })
	}
	if err := order(items, q.OrderBy); err != nil {
		return nil, err
	}
	listing := &Listing{Count: len(items)}
	skip := min(q.Skip, len(items))
	end := min(skip+q.Top, len(items))
	listing.Items = items[skip:end]
	if end < len(items) {
		next := q
		next.Skip, next.After = end, ""
		listing.Next = &next
	}
	return listing, nil
}

// order sorts by a property, as $orderby asks.
func order(items []map[string]any, by string) error {
	if by == "" {
		return nil
	}
	field, direction, _ := strings.Cut(strings.TrimSpace(by), " ")
	descending := strings.EqualFold(strings.TrimSpace(direction), "desc")
	if direction != "" && !descending && !strings.EqualFold(strings.TrimSpace(direction), "asc") {
		return Invalid("$orderby", "%q is not a field, followed by asc or desc", by)
	}
	slices.SortStableFunc(items, func(a, b map[string]any) int {
		order := compareKeys(orderKey(a, field), orderKey(b, field))
		if descending {
			return -order
		}
		return order
	})
	return nil
}

func orderKey(item map[string]any, field string) any {
	value, ok := At(item, field)
	if !ok {
		value, _ = At(item, "properties."+strings.TrimPrefix(field, "properties/"))
	}
	return value
}

// compareKeys compares numbers as such, and everything else as text.
func compareKeys(a, b any) int {
	first, ok := number(a)
	second, also := number(b)
	if ok && also {
		return cmp.Compare(first, second)
	}
	return cmp.Compare(strings.ToLower(fmt.Sprint(a)), strings.ToLower(fmt.Sprint(b)))
}

// number is a value of a body, or of what is computed, as a number.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case uint64:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	return 0, false
}

// ReadQuery reads the parameters of a list.
func ReadQuery(parameters map[string]string) (Query, error) {
	q := Query{Filter: parameters["$filter"], OrderBy: parameters["$orderby"], After: parameters["$skiptoken"]}
	var faults []problem.Detail
	number := func(name string, least, most int) int {
		text, given := parameters[name]
		if !given || text == "" {
			return 0
		}
		v, err := strconv.Atoi(text)
		if err != nil || v < least || v > most {
			faults = append(faults, problem.Detail{Code: problem.CodeValidation, Target: name,
				Message: fmt.Sprintf("%s must be a whole number from %d to %d.", name, least, most)})
		}
		return v
	}
	// A page may be shorter than what was asked for: the nextLink goes on.
	q.Top, q.Skip = min(number("$top", 1, MaxSkip), MaxTop), number("$skip", 0, MaxSkip)
	if len(faults) > 0 {
		return Query{}, problem.Validation("One or more query parameters are incorrect:").
			WithTarget(faults[0].Target).WithDetails(faults...)
	}
	return q, nil
}
