package types

import (
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"weak"
)

// maxArity is the largest number of type parameters that a definition may have: that of Func.
const maxArity = 17

// Construct returns the type of def with these arguments.
func (l *Library) Construct(def *Definition, args ...*Type) *Type {
	if len(def.Params) == 0 {
		return def.self
	}
	return l.intern(typesKey('g', def.self.id, args), func() *Type {
		t := &Type{Kind: def.Kind, Def: def, Args: append([]*Type(nil), args...)}
		return t
	})
}

// ArrayOf returns the array type with that element type and rank.
func (l *Library) ArrayOf(elem *Type, rank int) *Type {
	return l.intern(typesKey('a', rank, []*Type{elem}), func() *Type {
		return &Type{Kind: Array, Elem: elem, Rank: rank}
	})
}

// NullableOf returns T? for a value type T.
func (l *Library) NullableOf(t *Type) *Type {
	def := l.special[Nullable]
	if def == nil {
		return l.Basic(Invalid)
	}
	return l.Construct(def, t)
}

// TupleOf returns the tuple type; names may be nil.
func (l *Library) TupleOf(elems []*Type, names []string) *Type {
	plain := l.intern(typesKey('t', len(elems), elems), func() *Type {
		return &Type{Kind: Tuple, Args: append([]*Type(nil), elems...), Names: make([]string, len(elems))}
	})
	if strings.Join(names, "") == "" {
		return plain
	}
	return l.intern(typesKey('n', plain.id, nil)+strings.Join(names, ","), func() *Type {
		return &Type{Kind: Tuple, Args: plain.Args, Names: append([]string(nil), names...), Plain: plain}
	})
}

// AnonymousOf returns the type of an anonymous object with these properties.
func (l *Library) AnonymousOf(names []string, props []*Type) *Type {
	return l.intern(typesKey('o', len(props), props)+strings.Join(names, ","), func() *Type {
		return &Type{Kind: Anonymous, Args: append([]*Type(nil), props...), Names: append([]string{}, names...)}
	})
}

// intern returns the type with that key and makes it where there is none yet. The library itself does not keep the
// type: it goes with the last program and value that refer to it, so that compiling many programs does not make ever
// more types.
func (l *Library) intern(key string, build func() *Type) *Type {
	l.mu.RLock()
	t := l.interned[key].Value()
	l.mu.RUnlock()
	if t != nil {
		return t
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.interned[key].Value(); t != nil {
		return t
	}
	t = l.adopt(build())
	l.interned[key] = weak.Make(t)
	runtime.AddCleanup(t, l.forget, key)
	return t
}

// forget removes the place of a type that has been collected, unless another has taken it.
func (l *Library) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.interned[key].Value() == nil {
		delete(l.interned, key)
	}
}

// Constructed returns the number of constructed types that are in use, or were lately.
func (l *Library) Constructed() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.interned)
}

// adopt gives a new type its library, its number and its plain form. The caller holds the lock, or nobody
// else knows the library yet.
func (l *Library) adopt(t *Type) *Type {
	l.nextID++
	t.lib, t.id = l, l.nextID
	t.weight = 1
	if t.Elem != nil {
		t.weight += t.Elem.weight
	}
	for _, a := range t.Args {
		t.weight = min(t.weight+a.weight, math.MaxInt32)
	}
	if t.Plain == nil {
		t.Plain = t
	}
	return t
}

// NewParam returns a new type parameter of a generic method: that of a local function, or of a table.
func (l *Library) NewParam(name string, index int) *Type {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.adopt(&Type{Kind: Param, ParamName: name, ParamIndex: index, Method: true})
}

// typesKey returns a key of a constructed type: its form, a number, and the numbers of its parts.
func typesKey(form byte, n int, parts []*Type) string {
	b := make([]byte, 0, 16)
	b = append(b, form)
	b = strconv.AppendInt(b, int64(n), 10)
	for _, p := range parts {
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(p.id), 10)
	}
	b = append(b, ':')
	return string(b)
}

// Substitute returns t with each type parameter in params replaced by the argument at its place. An
// argument that is nil leaves its parameter open.
func (l *Library) Substitute(t *Type, params, args []*Type) *Type {
	if t == nil || len(params) == 0 {
		return t
	}
	switch t.Kind {
	case Param:
		for i, p := range params {
			if p == t && args[i] != nil {
				return args[i]
			}
		}
		return t
	case Array:
		if e := l.Substitute(t.Elem, params, args); e != t.Elem {
			return l.ArrayOf(e, t.Rank)
		}
		return t
	default:
		return l.substituteArgs(t, params, args)
	}
}

// substituteArgs is Substitute for the types that have type arguments.
func (l *Library) substituteArgs(t *Type, params, args []*Type) *Type {
	if len(t.Args) == 0 {
		return t
	}
	changed := false
	list := make([]*Type, len(t.Args))
	for i, a := range t.Args {
		list[i] = l.Substitute(a, params, args)
		changed = changed || list[i] != a
	}
	if !changed {
		return t
	}
	switch t.Kind {
	case Tuple:
		return l.TupleOf(list, t.Names)
	case Anonymous:
		return l.AnonymousOf(t.Names, list)
	default:
		return l.Construct(t.Def, list...)
	}
}

// SubstituteMember returns m with the type parameters replaced in its signature; the parameters of a
// generic method stay open unless they are in params.
func (l *Library) SubstituteMember(m *Member, params, args []*Type) *Member {
	if len(params) == 0 {
		return m
	}
	c := *m
	c.Declaring = l.Substitute(m.Declaring, params, args)
	c.Result = l.Substitute(m.Result, params, args)
	c.Params = make([]Parameter, len(m.Params))
	for i, p := range m.Params {
		p.Type = l.Substitute(p.Type, params, args)
		c.Params[i] = p
	}
	return &c
}

// IsOpen reports whether t contains one of the type parameters.
func (t *Type) IsOpen(params []*Type) bool {
	if t.Kind == Param {
		return slices.Contains(params, t)
	}
	if t.Elem != nil {
		return t.Elem.IsOpen(params)
	}
	for _, a := range t.Args {
		if a.IsOpen(params) {
			return true
		}
	}
	return false
}
