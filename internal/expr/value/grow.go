package value

import "unsafe"

// firstItems is how many elements a list that grows has room for at first.
const firstItems = 4

// Append appends an element to a list that a library function builds. The budget is charged each time that the list
// takes more memory, before it does, and the list has at most as many elements as the budget allows.
func Append[T any](t *Thread, list []T, item T) ([]T, *Exception) {
	if len(list) == cap(list) {
		grown, e := Grow(t, list, 1)
		if e != nil {
			return nil, e
		}
		list = grown
	}
	return append(list, item), nil
}

// Grow returns a list with room for n more elements.
func Grow[T any](t *Thread, list []T, n int) ([]T, *Exception) {
	if n <= cap(list)-len(list) {
		return list, nil
	}
	need := len(list) + n
	size := max(need, 2*cap(list), firstItems)
	if int64(size) > t.Budget.Limits.Elements {
		size = need
	}
	var zero T
	if e := t.Budget.AllocElements(int64(size), int64(unsafe.Sizeof(zero))); e != nil {
		return nil, e
	}
	grown := make([]T, len(list), size)
	copy(grown, list)
	return grown, nil
}

// Make returns a list of n elements.
func Make[T any](t *Thread, n int) ([]T, *Exception) {
	var zero T
	if e := t.Budget.AllocElements(int64(n), int64(unsafe.Sizeof(zero))); e != nil {
		return nil, e
	}
	return make([]T, n), nil
}

// MapSlots is how many slots a map of Go has taken for each of its entries by the time that it holds them, those that it
// has grown out of included, at most. A slot has the size of the key, the value and one byte.
const MapSlots = 5
