package types

import "slices"

// encompasses reports whether a standard implicit conversion leads from t to u and neither is an interface.
func (l *Library) encompasses(u, t *Type) bool {
	return t.Kind != Interface && u.Kind != Interface && l.Standard(t, u).Exists()
}

// userConversion finds the operator that converts from one type to another, by the rules of C#: the most
// specific source, the most specific target, and exactly one operator between them.
func (l *Library) userConversion(from, to *Type, explicit bool) Conversion {
	if from.Kind == Interface || to.Kind == Interface || from.Special() == Object || to.Special() == Object {
		return Conversion{}
	}
	list := l.userCandidates(from, to, explicit)
	if len(list) == 0 {
		return Conversion{}
	}
	sx, ok := l.sourceType(list, from, explicit)
	if !ok {
		return Conversion{}
	}
	tx, ok := l.targetType(list, to, explicit)
	if !ok {
		return Conversion{}
	}
	var best Conversion
	for _, c := range list {
		if c.From != sx || c.To != tx {
			continue
		}
		if best.Exists() && best.Lifted == c.Lifted {
			return Conversion{}
		}
		if !best.Exists() || best.Lifted {
			best = c
		}
	}
	return best
}

// userCandidates lists the operators that could convert between the types, lifted ones included.
func (l *Library) userCandidates(from, to *Type, explicit bool) []Conversion {
	var list []Conversion
	fits := func(t, u *Type) bool {
		return l.encompasses(u, t) || explicit && l.encompasses(t, u)
	}
	add := func(c Conversion) {
		if fits(from, c.From) && fits(c.To, to) {
			list = append(list, c)
		}
	}
	for _, t := range operatorTypes(from.Underlying(), to.Underlying()) {
		for _, m := range t.Members("conversion") {
			if !m.Implicit && !explicit || len(m.Params) != 1 {
				continue
			}
			c := Conversion{Kind: ToUser, Method: m, From: m.Params[0].Type, To: m.Result}
			add(c)
			if plainStruct(c.From) && plainStruct(c.To) && (from.NullableElem() != nil || to.NullableElem() != nil) {
				c.From, c.To, c.Lifted = l.NullableOf(c.From), l.NullableOf(c.To), true
				add(c)
			}
		}
	}
	return list
}

func plainStruct(t *Type) bool { return t.IsValueType() && t.NullableElem() == nil }

// operatorTypes lists the types whose operators apply to operands of these types, each once.
func operatorTypes(list ...*Type) []*Type {
	var found []*Type
	for _, t := range list {
		for ; t != nil; t = t.Base() {
			if !slices.Contains(found, t) {
				found = append(found, t)
			}
		}
	}
	return found
}

// sourceType returns the most specific type that the operators convert from.
func (l *Library) sourceType(list []Conversion, from *Type, explicit bool) (*Type, bool) {
	var all, wider []*Type
	for _, c := range list {
		if c.From == from {
			return from, true
		}
		all = append(all, c.From)
		if l.encompasses(c.From, from) {
			wider = append(wider, c.From)
		}
	}
	if !explicit || len(wider) > 0 {
		return l.extreme(wider, false)
	}
	return l.extreme(all, true)
}

// targetType returns the most specific type that the operators convert to.
func (l *Library) targetType(list []Conversion, to *Type, explicit bool) (*Type, bool) {
	var all, narrower []*Type
	for _, c := range list {
		if c.To == to {
			return to, true
		}
		all = append(all, c.To)
		if l.encompasses(to, c.To) {
			narrower = append(narrower, c.To)
		}
	}
	if !explicit || len(narrower) > 0 {
		return l.extreme(narrower, true)
	}
	return l.extreme(all, false)
}

// extreme returns the type of the list that encompasses all others (widest), or that all others encompass.
func (l *Library) extreme(list []*Type, widest bool) (*Type, bool) {
	for _, t := range list {
		ok := true
		for _, u := range list {
			if widest {
				ok = ok && l.encompasses(t, u)
			} else {
				ok = ok && l.encompasses(u, t)
			}
		}
		if ok {
			return t, true
		}
	}
	return nil, false
}

// Operators returns the user-defined operators with that text that apply to operands of these types, those
// of base classes included; a type's own come before its base's.
func (l *Library) Operators(op string, operands ...*Type) []*Member {
	var list []*Member
	under := make([]*Type, len(operands))
	for i, t := range operands {
		under[i] = t.Underlying()
	}
	for _, t := range operatorTypes(under...) {
		for _, m := range t.Members(op) {
			if len(m.Params) == len(operands) && m.Static {
				list = append(list, m)
			}
		}
	}
	return list
}

// Better reports whether t is the better target of a conversion than u: t converts to u and not the other
// way round, or t is signed where u is not.
func (l *Library) Better(t, u *Type) bool {
	forth, back := l.Implicit(t, u).Exists(), l.Implicit(u, t).Exists()
	if forth != back {
		return forth
	}
	return !forth && betterSign(t.Underlying().Special(), u.Underlying().Special())
}

// betterSign prefers the signed integer types to the unsigned ones.
func betterSign(t, u Special) bool {
	const unsigned = 1<<Byte | 1<<UInt16 | 1<<UInt32 | 1<<UInt64
	switch t {
	case SByte:
		return 1<<u&unsigned != 0
	case Int16:
		return 1<<u&(1<<UInt16|1<<UInt32|1<<UInt64) != 0
	case Int32:
		return u == UInt32 || u == UInt64
	case Int64:
		return u == UInt64
	default:
		return false
	}
}
