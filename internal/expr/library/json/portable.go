package json

// Portable reports whether JSON text says all that a token is: an object, an array
// or a value, with nothing inside that JSON does not have.
func (t *Token) Portable() bool {
	return t != nil && t.kind != Property && t.all(func(scalar *Token) bool {
		switch scalar.kind {
		case Integer, Float, Boolean, Null, String, Date:
			return true
		}
		return false
	})
}

// HasDates reports whether dates are in a token: then its text is to be read with
// dates.
func (t *Token) HasDates() bool {
	return !t.all(func(scalar *Token) bool { return scalar.kind != Date })
}

// all reports whether f holds of each value in a token.
func (t *Token) all(f func(scalar *Token) bool) bool {
	switch t.kind {
	case Object, Array, Property:
	default:
		return f(t)
	}
	for _, item := range t.items {
		if !item.all(f) {
			return false
		}
	}
	return true
}
