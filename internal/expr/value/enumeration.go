package value

import "slices"

// Stop ends an enumeration that may have been left in the middle: what it has still open is closed, such as the
// finally blocks around its last element. After the end it does nothing.
type Stop func() *Exception

// Begin notes an enumeration that has to be stopped. It belongs to the loop or the call that is asking for an element
// now, which takes it over with TakeBegun.
func (t *Thread) Begin(stop Stop) { t.begun = append(t.begun, stop) }

// Begun is the number of enumerations that nobody has taken over.
func (t *Thread) Begun() int { return len(t.begun) }

// TakeBegun adds to list the enumerations that have begun since there were mark of them.
func (t *Thread) TakeBegun(mark int, list []Stop) []Stop {
	list = append(list, t.begun[mark:]...)
	clear(t.begun[mark:])
	t.begun = t.begun[:mark]
	return list
}

// StopSince stops the enumerations that have begun since there were mark of them.
func (t *Thread) StopSince(mark int, e *Exception) *Exception {
	if len(t.begun) <= mark {
		return e
	}
	return StopAll(t.TakeBegun(mark, nil), e)
}

// StopAll stops enumerations, the last one first. It returns the exception e with which they were left, or the one
// that stopping them threw instead; an exceeded budget remains what it is.
func StopAll(list []Stop, e *Exception) *Exception {
	for _, stop := range slices.Backward(list) {
		if thrown := stop(); thrown != nil && (e == nil || e.Budget == "") {
			e = thrown
		}
	}
	return e
}
