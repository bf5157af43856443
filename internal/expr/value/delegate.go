package value

// partSize is what one part of a combined delegate costs of the memory budget, in bytes.
const partSize = 16

// list are the single methods that a delegate calls; nil for a null one.
func (d *Delegate) list() []*Delegate {
	switch {
	case d == nil:
		return nil
	case d.parts == nil:
		return []*Delegate{d}
	default:
		return d.parts
	}
}

// delegateOf returns the delegate that calls all parts in order and yields what the last one does; null for none.
func delegateOf(t *Thread, class Type, parts []*Delegate) (Value, *Exception) {
	switch len(parts) {
	case 0:
		return Nil, nil
	case 1:
		return OfObject(parts[0]), nil
	}
	if e := t.Budget.Alloc(int64(len(parts)) * partSize); e != nil {
		return Nil, e
	}
	return OfObject(&Delegate{Class: class, parts: parts, Fn: func(t *Thread, args []Value) (v Value, e *Exception) {
		for _, p := range parts {
			if e := t.Budget.Step(); e != nil {
				return Nil, e
			}
			// A method may change its parameters, which are its own.
			if v, e = p.Fn(t, append([]Value(nil), args...)); e != nil {
				return Nil, e
			}
		}
		return v, nil
	}}), nil
}

func asDelegate(v Value) *Delegate {
	o, _ := v.Object()
	d, _ := o.(*Delegate)
	return d
}

// Combine is x + y for delegates of one class.
func Combine(t *Thread, class Type, x, y Value) (Value, *Exception) {
	a, b := asDelegate(x).list(), asDelegate(y).list()
	if e := t.Budget.Steps(int64(len(a) + len(b))); e != nil {
		return Nil, e
	}
	return delegateOf(t, class, append(append(make([]*Delegate, 0, len(a)+len(b)), a...), b...))
}

// Remove is x - y for delegates of one class: x without the last of its stretches that calls what y does.
func Remove(t *Thread, class Type, x, y Value) (Value, *Exception) {
	a, b := asDelegate(x).list(), asDelegate(y).list()
	if e := t.Budget.Steps(int64(len(a)*len(b) + 1)); e != nil {
		return Nil, e
	}
	for i := len(a) - len(b); i >= 0 && len(b) > 0; i-- {
		if sameParts(a[i:i+len(b)], b) {
			return delegateOf(t, class, append(append(make([]*Delegate, 0, len(a)-len(b)), a[:i]...), a[i+len(b):]...))
		}
	}
	return x, nil
}

func sameParts(a, b []*Delegate) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
