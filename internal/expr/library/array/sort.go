package array

import (
	"math/bits"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Comparison orders two values.
type Comparison func(a, b value.Value) (int, *value.Exception)

// The sort that follows is .NET's, step by step: it is not stable, and what it makes of equal elements can be
// seen by a policy.

// insertionSize is the size up to which a part is sorted by insertion.
const insertionSize = 16

// sorter sorts keys, and items along with them where there are any.
type sorter struct {
	thread  *value.Thread
	keys    []value.Value
	items   []value.Value
	compare Comparison
	failed  *value.Exception
}

// Sort sorts keys by an order, and items, unless nil, along with them. An exception of a comparison becomes the
// InvalidOperationException that .NET makes of it.
func Sort(t *value.Thread, keys, items []value.Value, compare Comparison) *value.Exception {
	s := &sorter{thread: t, keys: keys, items: items, compare: compare}
	if len(keys) > 1 {
		s.intro(0, len(keys), 2*bits.Len(uint(len(keys))))
	}
	if s.failed == nil || s.failed.Budget != "" {
		return s.failed
	}
	e := value.InvalidOperation("Failed to compare two elements in the array.")
	e.Inner = s.failed
	return e
}

// less reports whether a comes before b; after an exception nothing does.
func (s *sorter) less(a, b value.Value) bool {
	if s.failed != nil {
		return false
	}
	if s.failed = s.thread.Budget.Step(); s.failed != nil {
		return false
	}
	n, e := s.compare(a, b)
	s.failed = e
	return e == nil && n < 0
}

func (s *sorter) swap(i, j int) {
	s.keys[i], s.keys[j] = s.keys[j], s.keys[i]
	if s.items != nil {
		s.items[i], s.items[j] = s.items[j], s.items[i]
	}
}

// order swaps two elements that are in the wrong order. .NET asks whether the first is greater, not whether the
// second is less, which a comparison can tell apart.
func (s *sorter) order(i, j int) {
	if s.failed != nil {
		return
	}
	n, e := s.compare(s.keys[i], s.keys[j])
	if s.failed = e; e == nil && n > 0 {
		s.swap(i, j)
	}
}

// intro sorts the elements from lo up to, not including, hi.
func (s *sorter) intro(lo, hi, depth int) {
	for s.failed == nil && hi-lo > 1 {
		switch n := hi - lo; {
		case n == 2:
			s.order(lo, lo+1)
			return
		case n == 3:
			s.order(lo, lo+1)
			s.order(lo, lo+2)
			s.order(lo+1, lo+2)
			return
		case n <= insertionSize:
			s.insertion(lo, hi)
			return
		case depth == 0:
			s.heap(lo, hi)
			return
		}
		depth--
		p := s.partition(lo, hi-1)
		s.intro(p+1, hi, depth)
		hi = p
	}
}

// partition moves what is less than the median of three before it and returns its place.
func (s *sorter) partition(lo, hi int) int {
	middle := lo + (hi-lo)/2
	s.order(lo, middle)
	s.order(lo, hi)
	s.order(middle, hi)
	pivot := s.keys[middle]
	s.swap(middle, hi-1)
	left, right := lo, hi-1
	for left < right && s.failed == nil {
		left++
		for left < hi && s.less(s.keys[left], pivot) {
			left++
		}
		right--
		for right > lo && s.less(pivot, s.keys[right]) {
			right--
		}
		if left >= right {
			break
		}
		s.swap(left, right)
	}
	if left != hi-1 {
		s.swap(left, hi-1)
	}
	return left
}

func (s *sorter) insertion(lo, hi int) {
	for i := lo + 1; i < hi && s.failed == nil; i++ {
		for j := i; j > lo && s.less(s.keys[j], s.keys[j-1]); j-- {
			s.swap(j, j-1)
		}
	}
}

func (s *sorter) heap(lo, hi int) {
	n := hi - lo
	for i := n / 2; i >= 1; i-- {
		s.sink(lo, i, n)
	}
	for i := n; i > 1 && s.failed == nil; i-- {
		s.swap(lo, lo+i-1)
		s.sink(lo, 1, i-1)
	}
}

// sink moves the i-th element, counted from 1, down a heap of n.
func (s *sorter) sink(lo, i, n int) {
	for i <= n/2 && s.failed == nil {
		child := 2 * i
		if child < n && s.less(s.keys[lo+child-1], s.keys[lo+child]) {
			child++
		}
		if !s.less(s.keys[lo+i-1], s.keys[lo+child-1]) {
			return
		}
		s.swap(lo+i-1, lo+child-1)
		i = child
	}
}

// ComparisonOf returns the order that an argument stands for: a comparer, a Comparison<T>, or for null the
// order of the elements themselves.
func ComparisonOf(t *value.Thread, v value.Value) Comparison {
	o, _ := v.Object()
	switch x := o.(type) {
	case value.OrderComparer:
		return x.CompareValues
	case *value.Delegate:
		return func(a, b value.Value) (int, *value.Exception) {
			r, e := object.Invoke(t, v, a, b)
			return int(r.Int()), e
		}
	}
	return object.Compare
}
