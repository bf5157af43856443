package types

import "github.com/sallyport/sallyport/internal/expr/value"

// Base returns the base class, substituted, or nil.
func (t *Type) Base() *Type {
	t.lineage()
	return t.base
}

// Interfaces returns all interfaces, those of base types and interfaces included, substituted.
func (t *Type) Interfaces() []*Type {
	t.lineage()
	return t.interfaces
}

// lineage finds the base class and the interfaces on first use.
func (t *Type) lineage() {
	t.lineageOnce.Do(func() {
		t.base = t.findBase()
		seen := map[*Type]bool{}
		add := func(i *Type) {
			if !seen[i] {
				seen[i] = true
				t.interfaces = append(t.interfaces, i)
			}
		}
		for _, i := range t.declaredInterfaces() {
			add(i)
			for _, j := range i.Interfaces() {
				add(j)
			}
		}
		if t.base != nil {
			for _, i := range t.base.Interfaces() {
				add(i)
			}
		}
	})
}

func (t *Type) findBase() *Type {
	l := t.lib
	switch t.Kind {
	case Class, Struct, Enum, Delegate:
		if len(t.Args) > 0 {
			return l.Substitute(t.Def.Base, t.Def.Params, t.Args)
		}
		return t.Def.Base
	case Array:
		return l.firstOf(ArrayBase, Object)
	case Tuple:
		return l.firstOf(ValueType, Object)
	case Anonymous, Param:
		return l.Special(Object)
	default:
		return nil
	}
}

// firstOf returns the first of the special types that a table declares, or nil.
func (l *Library) firstOf(list ...Special) *Type {
	for _, s := range list {
		if t := l.Special(s); t != nil {
			return t
		}
	}
	return nil
}

func (t *Type) declaredInterfaces() []*Type {
	switch {
	case t.Kind == Array && t.Rank == 1:
		list := make([]*Type, len(t.lib.arrays))
		for i, d := range t.lib.arrays {
			list[i] = t.lib.Construct(d, t.Elem)
		}
		return list
	case t.Def == nil:
		return nil
	case len(t.Args) == 0:
		return t.Def.Interfaces
	}
	list := make([]*Type, len(t.Def.Interfaces))
	for i, d := range t.Def.Interfaces {
		list[i] = t.lib.Substitute(d, t.Def.Params, t.Args)
	}
	return list
}

// AssignableTo reports whether a value of type t is a value of type u by identity, inheritance, interfaces
// with variance, or boxing.
func (t *Type) AssignableTo(u value.Type) bool {
	target, ok := u.(*Type)
	return ok && t.Inherits(target)
}

// Inherits reports whether t is u, or derives from it, or implements it, variance and the covariance of
// arrays included. Nothing is converted but by boxing.
func (t *Type) Inherits(u *Type) bool {
	if t.Plain == u.Plain {
		return true
	}
	switch u.Kind {
	case Class:
		if u.Special() == Object {
			return t.Kind != Void
		}
		return t.derivesFrom(u)
	case Interface:
		return t.implements(u)
	case Array:
		return t.Kind == Array && t.Rank == u.Rank && elementFits(t.Elem, u.Elem)
	case Delegate:
		return t.Def != nil && t.Def == u.Def && variantArgs(t, u)
	default:
		return false
	}
}

func (t *Type) derivesFrom(u *Type) bool {
	for b := t.Base(); b != nil; b = b.Base() {
		if b == u {
			return true
		}
	}
	return false
}

func (t *Type) implements(u *Type) bool {
	if variantTo(t, u) {
		return true
	}
	for _, i := range t.Interfaces() {
		if variantTo(i, u) {
			return true
		}
	}
	// An array of a reference type implements the interfaces of its element's base types too.
	if t.Kind == Array && t.Rank == 1 && len(u.Args) == 1 && !t.Elem.IsValueType() {
		return t.lib.isArrayInterface(u.Def) && t.Elem.Inherits(u.Args[0])
	}
	return false
}

// elementFits is the covariance of arrays: only between reference types.
func elementFits(t, u *Type) bool {
	if t.Plain == u.Plain {
		return true
	}
	return !t.IsValueType() && !u.IsValueType() && t.Kind != Param && u.Kind != Param && t.Inherits(u)
}

// variantTo reports whether t is u, or a construction of the same interface that variance makes one of u.
func variantTo(t, u *Type) bool {
	return t == u || t.Def != nil && t.Def == u.Def && len(t.Args) > 0 && variantArgs(t, u)
}

// variantArgs compares the type arguments of two constructions of one definition.
func variantArgs(t, u *Type) bool {
	for i, a := range t.Args {
		b := u.Args[i]
		if a.Plain == b.Plain {
			continue
		}
		if a.IsValueType() || b.IsValueType() || i >= len(t.Def.Variance) {
			return false
		}
		switch t.Def.Variance[i] {
		case '+':
			if !a.Inherits(b) {
				return false
			}
		case '-':
			if !b.Inherits(a) {
				return false
			}
		default:
			return false
		}
	}
	return true
}
