// Package caseset knows what the labels of a switch take: which label can never be reached because those before it
// take all its values, and whether they take every value.
package caseset

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Set is what the labels of a switch have taken so far.
type Set struct {
	c *convert.Converter
	// of is the type of what the switch looks at.
	of *types.Type
	// errors is the number of errors before the switch: after one, labels that can never be reached are not
	// reported.
	errors int
	// taken are the labels that take their values in any case.
	taken []*bound.Case
}

// New returns the set of a switch before its first label; of is the type of what the switch looks at.
func New(c *convert.Converter, of *types.Type) *Set {
	return &Set{c: c, of: of, errors: c.Host.Errors()}
}

// Add adds a label and reports one that can never be reached.
func (s *Set) Add(l *syntax.SwitchLabel, one *bound.Case) {
	switch {
	case one.Pattern == nil && !l.Default: // It has an error.
		return
	case one.Pattern == nil && s.has(one):
		s.c.Host.Report(l, "CS0152", "The switch has two labels 'default'")
		return
	case s.has(one):
		if _, ok := l.Pattern.(*syntax.ConstPattern); ok && l.When == nil && s.repeats(one) {
			s.c.Host.Report(l, "CS0152", "The switch has two labels '%s'", labelOf(one))
		} else if s.c.Host.Errors() == s.errors {
			s.c.Host.Report(l.Pattern, "CS8120", "The label can never be reached: those before it take all its values")
		}
		return
	}
	if one.When == nil {
		s.taken = append(s.taken, one)
	}
}

// labelOf is a label as an error shows it.
func labelOf(one *bound.Case) string {
	return (&bound.Case{Pattern: one.Pattern}).Key()
}

// has reports whether the labels so far take all that a label takes.
func (s *Set) has(one *bound.Case) bool {
	for _, t := range s.taken {
		if s.covers(t.Pattern, one.Pattern) {
			return true
		}
	}
	return false
}

// repeats reports whether a label is the same constant as one before.
func (s *Set) repeats(one *bound.Case) bool {
	for _, t := range s.taken {
		if _, ok := t.Pattern.(*bound.ConstPattern); ok && s.covers(t.Pattern, one.Pattern) {
			return true
		}
	}
	return false
}

// covers reports whether one pattern takes all that another takes; nil is default, which takes what is left.
func (s *Set) covers(a, b bound.Pattern) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	switch a := a.(type) {
	case *bound.VarPattern:
		return true
	case *bound.ConstPattern:
		b, ok := b.(*bound.ConstPattern)
		return ok && sameValue(a.Value, b.Value)
	case *bound.TypePattern:
		if s.everything(a) {
			return true
		}
		switch b := b.(type) {
		case *bound.TypePattern:
			return s.c.Always(b.Of, a.Of)
		case *bound.ConstPattern:
			return b.Value.T.Kind != types.Null && s.c.Always(b.Value.T, a.Of)
		}
	}
	return false
}

// sameValue compares two constants of patterns.
func sameValue(a, b *bound.Literal) bool {
	x, text := a.Value.Str()
	y, both := b.Value.Str()
	switch {
	case a.Value.IsNull() || b.Value.IsNull():
		return a.Value.IsNull() && b.Value.IsNull()
	case text || both:
		return text && both && x.Equal(y)
	}
	return a.Value.Int() == b.Value.Int() && a.T.Plain == b.T.Plain
}

// everything reports whether a type pattern takes every value that the switch looks at.
func (s *Set) everything(p *bound.TypePattern) bool {
	t := s.of
	return p.Always && t.IsValueType() && t.NullableElem() == nil
}

// All reports whether the labels take every value, without a default.
func (s *Set) All() bool {
	var yes, no, null, whole bool
	for _, t := range s.taken {
		switch p := t.Pattern.(type) {
		case *bound.VarPattern:
			return true
		case *bound.TypePattern:
			whole = whole || p.Always
			if s.everything(p) {
				return true
			}
		case *bound.ConstPattern:
			v := p.Value.Value
			switch {
			case v.IsNull():
				null = true
			case s.of.Underlying().Special() == types.Boolean:
				yes, no = yes || v.Bool(), no || !v.Bool()
			}
		}
	}
	whole = whole || yes && no
	return whole && (null || !s.of.AcceptsNull())
}
