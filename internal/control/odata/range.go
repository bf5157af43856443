package odata

import "time"

// Range is a stretch of time: From is its first moment and To its last one, either
// of which may be zero, for none.
type Range struct {
	From, To time.Time
}

// Range takes the comparisons of a field with times out of the filter, and
// returns what they leave of time, to within a nanosecond, and what remains of
// the filter. They must be joined with the rest by and, because nothing else is a
// stretch of time.
func (f *Filter) Range(field string) (Range, *Filter, error) {
	var r Range
	parts := allOf{f.root}
	if joined, ok := f.root.(allOf); ok {
		parts = joined
	}
	var rest allOf
	for _, part := range parts {
		if inner, ok := part.(allOf); ok {
			sub, left, err := (&Filter{root: inner}).Range(field)
			if err != nil {
				return r, nil, err
			}
			r.narrow(sub)
			rest = append(rest, left.root)
			continue
		}
		c, ok := part.(*comparison)
		if !ok || c.place.field == nil || c.place.field.Name != field {
			if mentions(part, field) {
				return r, nil, fault("%s must be joined with the rest by and", field)
			}
			rest = append(rest, part)
			continue
		}
		if c.literal.time.IsZero() || c.operator == "ne" {
			return r, nil, fault("%s must be compared with a time such as datetime'2026-01-31T23:59:59', by ge, gt, le, lt or eq", field)
		}
		r.narrow(c.within())
	}
	return r, &Filter{root: rest}, nil
}

// within is the stretch of time that a comparison leaves.
func (n *comparison) within() Range {
	at := n.literal.time
	switch n.operator {
	case "ge":
		return Range{From: at}
	case "gt":
		return Range{From: at.Add(1)}
	case "le":
		return Range{To: at}
	case "lt":
		return Range{To: at.Add(-1)}
	default:
		return Range{From: at, To: at}
	}
}

// narrow leaves what is in both.
func (r *Range) narrow(o Range) {
	if o.From.After(r.From) {
		r.From = o.From
	}
	if !o.To.IsZero() && (r.To.IsZero() || o.To.Before(r.To)) {
		r.To = o.To
	}
}

// mentions reports whether a part of a filter asks for a field.
func mentions(n node, field string) bool {
	some := func(parts []node) bool {
		for _, inner := range parts {
			if mentions(inner, field) {
				return true
			}
		}
		return false
	}
	switch n := n.(type) {
	case anyOf:
		return some(n)
	case allOf:
		return some(n)
	case negation:
		return mentions(n.node, field)
	case *comparison:
		return n.place.field != nil && n.place.field.Name == field
	case *textFunction:
		return n.place.field != nil && n.place.field.Name == field
	}
	return false
}
