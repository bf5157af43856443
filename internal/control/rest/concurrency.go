package rest

import "time"

// maxConcurrent bounds how many requests are served at once. Each may hold a body
// of MaxBody and a connection of the store.
const maxConcurrent = 128

// busyWait is when clients are told to come back that found every slot taken.
const busyWait = time.Second

// slots bounds how many requests are served at once; nil is no bound.
type slots chan struct{}

func newSlots(n int) slots {
	if n <= 0 {
		return nil
	}
	return make(slots, n)
}

// take takes a slot, and says whether there was one; release gives it back.
func (s slots) take() (release func(), ok bool) {
	if s == nil {
		return func() {}, true
	}
	select {
	case s <- struct{}{}:
		return func() { <-s }, true
	default:
		return nil, false
	}
}

// slot is take, with the refusal of a request that finds none.
func (x *exchange) slot() (release func(), err error) {
	release, ok := x.limits.slots.take()
	if !ok {
		return nil, tooMany(x.w.Header(), busyWait, "Too many requests are served at this moment. Try again.")
	}
	return release, nil
}
