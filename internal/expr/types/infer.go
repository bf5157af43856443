package types

import "slices"

// Inference infers the type arguments of one call of a generic method. The checker adds what the arguments
// say about the parameters and decides the order; Fix chooses.
type Inference struct {
	lib    *Library
	params []*Type
	fixed  []*Type
	bounds []bounds
}

// bounds are what is known about one type parameter.
type bounds struct {
	exact, lower, upper []*Type
}

// maxInferenceDepth bounds the nesting of types that one argument says something about.
const maxInferenceDepth = 64

// NewInference starts the inference of these type parameters.
func (l *Library) NewInference(params []*Type) *Inference {
	return &Inference{lib: l, params: params, fixed: make([]*Type, len(params)), bounds: make([]bounds, len(params))}
}

// Fixed returns the type arguments; nil for those that are not fixed yet.
func (f *Inference) Fixed() []*Type { return f.fixed }

// Done reports whether every type parameter is fixed.
func (f *Inference) Done() bool {
	for _, t := range f.fixed {
		if t == nil {
			return false
		}
	}
	return true
}

// Close returns t with the parameters that are fixed replaced.
func (f *Inference) Close(t *Type) *Type { return f.lib.Substitute(t, f.params, f.fixed) }

// Unfixed returns the places of the parameters in t that are not fixed.
func (f *Inference) Unfixed(t *Type) []int {
	var list []int
	for i, p := range f.params {
		if f.fixed[i] == nil && t.IsOpen([]*Type{p}) {
			list = append(list, i)
		}
	}
	return list
}

// HasBounds reports whether anything is known about the n-th parameter.
func (f *Inference) HasBounds(n int) bool {
	b := f.bounds[n]
	return len(b.exact)+len(b.lower)+len(b.upper) > 0
}

// index returns the place of an unfixed type parameter, -1 for every other type.
func (f *Inference) index(t *Type) int {
	if t.Kind == Param {
		for i, p := range f.params {
			if p == t && f.fixed[i] == nil {
				return i
			}
		}
	}
	return -1
}

// Exact says that from is exactly the type of the parameter to.
func (f *Inference) Exact(from, to *Type) { f.exact(from, to, 0) }

// Lower says that from must convert to the type of the parameter to.
func (f *Inference) Lower(from, to *Type) { f.lower(from, to, 0) }

func (f *Inference) exact(from, to *Type, depth int) {
	if depth > maxInferenceDepth || !to.IsOpen(f.params) {
		return
	}
	if i := f.index(to); i >= 0 {
		f.bounds[i].exact = addType(f.bounds[i].exact, from)
		return
	}
	switch {
	case to.Kind == Array && from.Kind == Array && to.Rank == from.Rank:
		f.exact(from.Elem, to.Elem, depth+1)
	case to.Kind == Tuple && from.Kind == Tuple && len(to.Args) == len(from.Args),
		to.Def != nil && to.Def == from.Def:
		for i := range to.Args {
			f.exact(from.Args[i], to.Args[i], depth+1)
		}
	}
}

func (f *Inference) lower(from, to *Type, depth int) {
	if depth > maxInferenceDepth || !to.IsOpen(f.params) || from.Kind == Null || from.Kind == Invalid || from.Kind == Void {
		return
	}
	if i := f.index(to); i >= 0 {
		f.bounds[i].lower = addType(f.bounds[i].lower, from)
		return
	}
	switch {
	case to.NullableElem() != nil && from.IsValueType():
		f.lower(from.Underlying(), to.NullableElem(), depth+1)
	case to.Kind == Array && from.Kind == Array && to.Rank == from.Rank:
		f.element(from.Elem, to.Elem, depth)
	case to.Kind == Interface && len(to.Args) == 1 && from.Kind == Array && from.Rank == 1 && f.lib.isArrayInterface(to.Def):
		f.element(from.Elem, to.Args[0], depth)
	case to.Kind == Tuple && from.Kind == Tuple && len(to.Args) == len(from.Args):
		for i := range to.Args {
			f.lower(from.Args[i], to.Args[i], depth+1)
		}
	case to.Def != nil:
		if u := f.unique(from, to.Def); u != nil {
			f.arguments(u, to, depth, f.lower, f.upper)
		}
	}
}

func (f *Inference) element(from, to *Type, depth int) {
	if from.IsValueType() {
		f.exact(from, to, depth+1)
		return
	}
	f.lower(from, to, depth+1)
}

func (f *Inference) upper(from, to *Type, depth int) {
	if depth > maxInferenceDepth || !to.IsOpen(f.params) {
		return
	}
	if i := f.index(to); i >= 0 {
		f.bounds[i].upper = addType(f.bounds[i].upper, from)
		return
	}
	if to.Def != nil && to.Def == from.Def {
		f.arguments(from, to, depth, f.upper, f.lower)
		return
	}
	f.exact(from, to, depth)
}

// arguments compares the type arguments of two constructions of one definition by their variance.
func (f *Inference) arguments(from, to *Type, depth int, covariant, contravariant func(*Type, *Type, int)) {
	for i, a := range from.Args {
		v := to.Def.Variance[i]
		switch {
		case v == '+' && !a.IsValueType():
			covariant(a, to.Args[i], depth+1)
		case v == '-' && !a.IsValueType():
			contravariant(a, to.Args[i], depth+1)
		default:
			f.exact(a, to.Args[i], depth+1)
		}
	}
}

// unique returns the one construction of def that from is, derives from or implements; nil where there are
// several.
func (f *Inference) unique(from *Type, def *Definition) *Type {
	for b := from; b != nil; b = b.Base() {
		if b.Def == def {
			return b
		}
	}
	var found *Type
	for _, i := range from.Interfaces() {
		if i.Def != def || i == found {
			continue
		}
		if found != nil {
			return nil
		}
		found = i
	}
	return found
}

func (l *Library) isArrayInterface(d *Definition) bool {
	return slices.Contains(l.arrays, d)
}

// Fix chooses the type of the n-th parameter from its bounds and reports whether there is exactly one.
func (f *Inference) Fix(n int) bool {
	b := f.bounds[n]
	var best *Type
	for _, c := range b.all() {
		if !f.fits(c, b) {
			continue
		}
		if best == nil || f.lib.converts(best, c) && !f.lib.converts(c, best) {
			best = c
		}
	}
	if best == nil {
		return false
	}
	for _, c := range b.all() {
		if f.fits(c, b) && !f.lib.converts(c, best) {
			return false
		}
	}
	f.fixed[n] = best
	return true
}

func (b bounds) all() []*Type {
	list := append([]*Type(nil), b.exact...)
	for _, t := range append(append([]*Type(nil), b.lower...), b.upper...) {
		list = addType(list, t)
	}
	return list
}

// fits reports whether a candidate satisfies every bound.
func (f *Inference) fits(c *Type, b bounds) bool {
	for _, t := range b.exact {
		if t.Plain != c.Plain {
			return false
		}
	}
	for _, t := range b.lower {
		if !f.lib.converts(t, c) {
			return false
		}
	}
	for _, t := range b.upper {
		if !f.lib.converts(c, t) {
			return false
		}
	}
	return true
}

func (l *Library) converts(from, to *Type) bool { return l.Standard(from, to).Exists() }

func addType(list []*Type, t *Type) []*Type {
	if slices.Contains(list, t) {
		return list
	}
	return append(list, t)
}

// BestCommon returns the type among the list to which all of it converts, or nil.
func (l *Library) BestCommon(list []*Type) *Type {
	param := &Type{Kind: Param}
	f := l.NewInference([]*Type{param})
	for _, t := range list {
		f.Lower(t, param)
	}
	if !f.HasBounds(0) || !f.Fix(0) {
		return nil
	}
	return f.fixed[0]
}
