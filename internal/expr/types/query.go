package types

// Storage returns in which typed slot values of the type are kept.
func (t *Type) Storage() Storage {
	switch t.Kind {
	case Void:
		return None
	case Enum:
		return Int
	case Struct, Class:
		return t.Def.Storage
	default:
		return Val
	}
}

// Special returns which type of the language it is, NotSpecial otherwise.
func (t *Type) Special() Special {
	if t.Def == nil {
		return NotSpecial
	}
	return t.Def.Special
}

// IsValueType reports whether the type is a struct, an enum or a tuple.
func (t *Type) IsValueType() bool {
	return t.Kind == Struct || t.Kind == Enum || t.Kind == Tuple
}

// IsReference reports whether the type is known to be a reference type, so that null is one of its values.
func (t *Type) IsReference() bool {
	switch t.Kind {
	case Class, Interface, Delegate, Array, Anonymous, Null:
		return true
	default:
		return false
	}
}

// NullableElem returns T for T?, and nil for every other type.
func (t *Type) NullableElem() *Type {
	if t.Def != nil && t.Def.Special == Nullable {
		return t.Args[0]
	}
	return nil
}

// Underlying returns T for T?, and the type itself for every other type.
func (t *Type) Underlying() *Type {
	if e := t.NullableElem(); e != nil {
		return e
	}
	return t
}

// AcceptsNull reports whether null converts to the type.
func (t *Type) AcceptsNull() bool { return t.IsReference() || t.NullableElem() != nil }

// IsInteger reports whether it is one of the eight integer types. Char is none.
func (t *Type) IsInteger() bool {
	s := t.Special()
	return s >= SByte && s <= UInt64
}

// IsNumeric reports whether arithmetic is defined on the type: integers, char, float, double, decimal.
func (t *Type) IsNumeric() bool {
	s := t.Special()
	return s >= Char && s <= Decimal
}

// Weight returns the number of types that the type is made of, each as often as it occurs: 3 for
// Dictionary<string, int>. What walks through a type takes that many steps.
func (t *Type) Weight() int { return t.weight }

// Members returns the members with that name that the type itself declares, substituted.
func (t *Type) Members(name string) []*Member {
	t.membersOnce.Do(t.findMembers)
	return t.members[name]
}

func (t *Type) findMembers() {
	if t.Def == nil {
		return
	}
	t.members = make(map[string][]*Member)
	for _, m := range t.Def.Members {
		if m.Unnamed {
			continue
		}
		if len(t.Args) > 0 && t != t.Def.self {
			m = t.lib.SubstituteMember(m, t.Def.Params, t.Args)
		}
		t.members[m.Name] = append(t.members[m.Name], m)
	}
}

// Invoke returns the signature of a delegate type, substituted, or nil.
func (t *Type) Invoke() *Member {
	if t.Kind != Delegate {
		return nil
	}
	if len(t.Args) == 0 || t == t.Def.self {
		return t.Def.Invoke
	}
	list := t.Members("Invoke")
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// Implementation returns the construction of def that t is, derives from or implements, the first one
// found, or nil.
func (t *Type) Implementation(def *Definition) *Type {
	for b := t; b != nil; b = b.Base() {
		if b.Def == def {
			return b
		}
	}
	for _, i := range t.Interfaces() {
		if i.Def == def {
			return i
		}
	}
	return nil
}

// sizes are the bytes that values of the predefined types take.
var sizes = map[Special]int{
	SByte: 1, Byte: 1, Boolean: 1, Int16: 2, UInt16: 2, Char: 2,
	Int32: 4, UInt32: 4, Single: 4, Int64: 8, UInt64: 8, Double: 8, Decimal: 16,
}

// Size returns the bytes that a value of a predefined type takes, 0 for other types.
func (t *Type) Size() int { return sizes[t.Special()] }
