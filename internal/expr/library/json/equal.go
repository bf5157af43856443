package json

import (
	"github.com/sallyport/sallyport/internal/expr/library/json/mergesettings"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// deepEqual reports what JToken.DeepEquals returns. The order of properties does not matter.
func deepEqual(th *value.Thread, a, b *Token) (bool, *value.Exception) {
	if e := th.Budget.Step(); e != nil {
		return false, e
	}
	switch {
	case a == b:
		return true, nil
	case a == nil || b == nil, a.kind != b.kind, len(a.items) != len(b.items), a.name != b.name:
		return false, nil
	case !a.isContainer():
		return sameValue(a, b), nil
	}
	for i, p := range a.items {
		q := b.items[i]
		if a.kind == Object {
			if q = b.find(p.name); q == nil {
				return false, nil
			}
			p, q = p.items[0], q.items[0]
		}
		if same, e := deepEqual(th, p, q); !same || e != nil {
			return false, e
		}
	}
	return true, nil
}

// sameValue compares two scalars of one kind.
func sameValue(a, b *Token) bool {
	if a.val.IsNull() || b.val.IsNull() {
		return a.val.IsNull() && b.val.IsNull()
	}
	if a.kind == Integer || a.kind == Float {
		x, ok1 := numberOf(a)
		y, ok2 := numberOf(b)
		if a.kind == Integer && a.val.Bits() == b.val.Bits() {
			return true
		}
		return ok1 && ok2 && x == y && a.kind == Float
	}
	return object.Equal(a.val, b.val)
}

// EqualTo is what Equals returns: JValues compare by value, containers by reference.
func (t *Token) EqualTo(other value.Value) bool {
	o := asToken(other)
	if t == o {
		return true
	}
	return o != nil && !t.isContainer() && t.kind == o.kind && sameValue(t, o)
}

// HashCode returns a hash that agrees with EqualTo.
func (t *Token) HashCode() uint64 {
	switch {
	case t.isContainer():
		return uint64(t.kind)
	case t.kind == Integer || t.kind == Float:
		f, _ := numberOf(t)
		return object.Hash(value.BoxedFloat(t.world.double, f))
	}
	return object.Hash(t.val)
}

// CompareTo orders JValues, for OrderBy and Sort. Containers have no order.
func (t *Token) CompareTo(other value.Value) (int, *value.Exception) {
	o := asToken(other)
	if o == nil || t.isContainer() || o.isContainer() {
		return 0, value.Argument("", "At least one object must implement IComparable.")
	}
	switch {
	case t.val.IsNull() && o.val.IsNull():
		return 0, nil
	case t.val.IsNull():
		return -1, nil
	case o.val.IsNull():
		return 1, nil
	case t.kind == String || o.kind == String:
		a, e := t.NetString()
		if e != nil {
			return 0, e
		}
		b, e := o.NetString()
		return object.CompareOrdinal(a.Go(), b.Go()), e
	}
	if a, ok := numberOf(t); ok {
		b, ok := numberOf(o)
		if !ok {
			return 0, value.Argument("", "Object must be of type "+t.kind.String()+".")
		}
		switch {
		case a < b:
			return -1, nil
		case a > b:
			return 1, nil
		}
		return 0, nil
	}
	return object.Compare(t.val, o.val)
}

// merge puts the content of another token into this one.
func (t *Token) merge(th *value.Thread, other *Token, s *mergesettings.Settings) *value.Exception {
	if other == nil {
		return nil
	}
	switch t.kind {
	case Object:
		return t.mergeObject(th, other, s)
	case Array:
		return t.mergeArray(th, other, s)
	}
	return nil
}

func (t *Token) mergeObject(th *value.Thread, other *Token, s *mergesettings.Settings) *value.Exception {
	if other.kind != Object {
		return nil
	}
	for _, p := range other.items {
		mine := t.findBy(p.name, s.Names)
		var e *value.Exception
		switch v := p.items[0]; {
		case mine == nil:
			e = t.append(th, p)
		case !mine.items[0].isContainer() || mine.items[0].kind != v.kind:
			if v.kind != Null || s.Nulls {
				e = mine.items[0].replace(th, v)
			}
		default:
			e = mine.items[0].merge(th, v, s)
		}
		if e != nil {
			return e
		}
	}
	return nil
}

func (t *Token) mergeArray(th *value.Thread, other *Token, s *mergesettings.Settings) *value.Exception {
	if other.kind != Array {
		return nil
	}
	if s.Arrays == mergesettings.Replace {
		if t == other {
			return nil
		}
		t.clear()
	}
	items, e := value.Make[*Token](th, len(other.items))
	copy(items, other.items)
	for i, item := range items {
		has := false
		if s.Arrays == mergesettings.Union {
			has, e = t.has(th, item)
		}
		switch {
		case has || e != nil:
		case s.Arrays == mergesettings.Merge && i < len(t.items):
			mine := t.items[i]
			switch {
			case mine.isContainer() && mine.kind == item.kind:
				e = mine.merge(th, item, s)
			case item.kind != Null || s.Nulls:
				e = mine.replace(th, item)
			}
		default:
			e = t.append(th, item)
		}
		if e != nil {
			return e
		}
	}
	return e
}

func (t *Token) has(th *value.Thread, item *Token) (bool, *value.Exception) {
	for _, mine := range t.items {
		if same, e := deepEqual(th, mine, item); same || e != nil {
			return same, e
		}
	}
	return false, nil
}
