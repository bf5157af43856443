package types

import "github.com/sallyport/sallyport/internal/expr/syntax"

// Find returns the members of that name of t and its bases: the one property, field or constant of the most
// derived type that has it, or all methods, the most derived first. Where invoked, what cannot be called is
// passed over.
func (t *Type) Find(name string, invoked bool) []*Member {
	var methods []*Member
	for _, level := range t.Levels() {
		for _, m := range level.Members(name) {
			switch {
			case m.Kind == syntax.MethodMember:
				methods = append(methods, m)
			case m.Kind == syntax.OperatorMember, m.Kind == syntax.ConversionMember:
			case invoked && m.Result.Kind != Delegate:
			case len(methods) == 0:
				return []*Member{m}
			}
		}
	}
	return methods
}

// Levels lists the types whose members a value of type t has: itself, its bases, and for an interface all
// that it extends, and object.
func (t *Type) Levels() []*Type {
	var list []*Type
	for b := t; b != nil; b = b.Base() {
		list = append(list, b)
	}
	if t.Kind == Interface {
		list = append(list, t.Interfaces()...)
		if o := t.lib.Special(Object); o != nil {
			list = append(list, o)
		}
	}
	return list
}

// Element returns the place of an element of a tuple or a property of an anonymous object, -1 for none.
func (t *Type) Element(name string) int {
	if t.Kind != Tuple && t.Kind != Anonymous {
		return -1
	}
	for i, n := range t.Names {
		if n == name || t.Kind == Tuple && name == tupleItem(i) {
			return i
		}
	}
	return -1
}

func tupleItem(i int) string {
	if i < 9 {
		return "Item" + string(rune('1'+i))
	}
	return "Item" + string(rune('0'+(i+1)/10)) + string(rune('0'+(i+1)%10))
}
