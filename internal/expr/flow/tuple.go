package flow

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// elementsOf returns the variables that stand for the elements of a variable that is a tuple, nil for others.
func (f *checker) elementsOf(v *bound.Local) []*bound.Local {
	if v.Type == nil || v.Type.Kind != types.Tuple {
		return nil
	}
	list := f.elements[v]
	if list == nil {
		for range v.Type.Args {
			list = append(list, &bound.Local{Name: v.Name})
		}
		f.elements[v] = list
	}
	return list
}

// elementOf returns the variable that stands for what an expression reads of a tuple, nil for others.
func (f *checker) elementOf(e *bound.AnonymousRef) (whole *bound.LocalRef, part *bound.Local) {
	ref, ok := e.X.(*bound.LocalRef)
	if !ok || e.Index >= len(f.elements[ref.Local]) {
		return nil, nil
	}
	return ref, f.elements[ref.Local][e.Index]
}

// element follows the reading of an element: that of a tuple has a value where the element has.
func (f *checker) element(e *bound.AnonymousRef) {
	whole, part := f.elementOf(e)
	if part == nil {
		f.flowExpr(e.X)
		return
	}
	if n := f.numbers[part]; f.state.dead || !f.state.has(n) {
		return
	}
	if f.inside != nil && f.inside.outer[whole.Local] {
		f.use(whole)
		return
	}
	f.report(e, "CS0170", "The element of '%s' has no value here", whole.Local.Name)
	f.assign(part)
}

// assignElement follows the assignment to an element of a tuple; the tuple has a value when all elements have.
func (f *checker) assignElement(e *bound.Assign) bool {
	target, ok := e.X.(*bound.AnonymousRef)
	if !ok {
		return false
	}
	whole, part := f.elementOf(target)
	if part == nil {
		return false
	}
	f.flowExpr(e.Y)
	f.assign(part)
	for _, x := range f.elements[whole.Local] {
		if f.state.has(f.numbers[x]) {
			return true
		}
	}
	f.assign(whole.Local)
	return true
}
