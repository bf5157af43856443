package collections

import (
	"slices"
	"sort"

	"github.com/sallyport/sallyport/internal/expr/library/array"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// List is a List<T>.
type List struct {
	class   value.Type
	items   []value.Value
	version int
}

var _ value.Settable = (*List)(nil)

// NewList returns a List<T> of the closed type class with these elements, which it keeps.
func NewList(class value.Type, items []value.Value) *List { return &List{class: class, items: items} }

// ObjectType returns the closed type List<T>.
func (l *List) ObjectType() value.Type { return l.class }

// Count returns the number of elements.
func (l *List) Count() int { return len(l.items) }

// At returns the i-th element.
func (l *List) At(i int) value.Value { return l.items[i] }

// Set stores the i-th element.
func (l *List) Set(i int, v value.Value) {
	l.items[i] = v
	l.version++
}

// Iterate enumerates the elements; a change in between is InvalidOperationException.
func (l *List) Iterate(*value.Thread) value.Iterator {
	version, i := l.version, -1
	return func() (value.Value, bool, *value.Exception) {
		if version != l.version {
			return value.Nil, false, modified()
		}
		if i+1 >= len(l.items) {
			return value.Nil, false, nil
		}
		i++
		return l.items[i], true, nil
	}
}

func (l *List) add(t *value.Thread, v value.Value) *value.Exception {
	items, e := value.Append(t, l.items, v)
	if e != nil {
		return e
	}
	l.items = items
	l.version++
	return nil
}

func (l *List) insert(t *value.Thread, at int, list []value.Value) *value.Exception {
	items, e := value.Grow(t, l.items, len(list))
	if e != nil {
		return e
	}
	l.items = slices.Insert(items, at, list...)
	l.version++
	return nil
}

func (l *List) removeRange(at, n int) {
	l.items = append(l.items[:at], l.items[at+n:]...)
	l.version++
}

func (l *List) remove(v value.Value) bool {
	for i, item := range l.items {
		if object.Equal(item, v) {
			l.removeRange(i, 1)
			return true
		}
	}
	return false
}

func (l *List) clear() {
	l.items = nil
	l.version++
}

// self returns the receiver of a call as a list.
func self(c *value.Call) *List {
	o, _ := c.Args[0].Object()
	l, ok := o.(*List)
	if !ok {
		return &List{class: c.Declaring}
	}
	return l
}

func newList(c *value.Call) (value.Value, *value.Exception) {
	l := &List{class: c.Declaring}
	if len(c.Args) == 0 {
		return value.OfObject(l), nil
	}
	if _, _, number := c.Args[0].Boxed(); number {
		if c.Args[0].Int() < 0 {
			return value.Nil, value.OutOfRange("capacity", "Non-negative number required.")
		}
		return value.OfObject(l), nil
	}
	seq, e := Source(c.Thread, c.Args[0], "collection")
	if e != nil {
		return value.Nil, e
	}
	l.items, e = Collect(c.Thread, seq)
	return value.OfObject(l), e
}

// shiftSteps makes moving the elements behind one that is inserted or removed cost a step for each 64 of them.
const shiftSteps = 6

func listInsert(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	l, ok := o.(*List)
	if !ok {
		return value.Nil, readOnly()
	}
	at := c.Args[1].Int()
	if at < 0 || at > int64(len(l.items)) {
		return value.Nil, value.OutOfRange("index", "Index must be within the bounds of the List.")
	}
	if e := c.Thread.Budget.Steps((int64(len(l.items)) - at) >> shiftSteps); e != nil {
		return value.Nil, e
	}
	return value.Nil, l.insert(c.Thread, int(at), []value.Value{c.Args[2]})
}

func listRemoveAt(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	l, ok := o.(*List)
	if !ok {
		return value.Nil, readOnly()
	}
	at := c.Args[1].Int()
	if at < 0 || at >= int64(len(l.items)) {
		return value.Nil, value.IndexArgument()
	}
	l.removeRange(int(at), 1)
	return value.Nil, c.Thread.Budget.Steps((int64(len(l.items)) - at) >> shiftSteps)
}

func listAddRange(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	seq, e := Source(c.Thread, c.Args[1], "collection")
	if e != nil {
		return value.Nil, e
	}
	items, e := Collect(c.Thread, seq)
	if e != nil {
		return value.Nil, e
	}
	return value.Nil, l.insert(c.Thread, len(l.items), items)
}

func listInsertRange(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	seq, e := Source(c.Thread, c.Args[2], "collection")
	if e != nil {
		return value.Nil, e
	}
	at := c.Args[1].Int()
	if at < 0 || at > int64(len(l.items)) {
		return value.Nil, value.IndexArgument()
	}
	items, e := Collect(c.Thread, seq)
	if e != nil {
		return value.Nil, e
	}
	return value.Nil, l.insert(c.Thread, int(at), items)
}

// span checks a start and a length within a list.
func (l *List) span(start, n int64) *value.Exception {
	switch {
	case start < 0:
		return value.OutOfRange("index", "Non-negative number required.")
	case n < 0:
		return value.OutOfRange("count", "Non-negative number required.")
	case start+n > int64(len(l.items)):
		return value.Argument("", "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.")
	}
	return nil
}

func listRemoveRange(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	start, n := c.Args[1].Int(), c.Args[2].Int()
	if e := l.span(start, n); e != nil {
		return value.Nil, e
	}
	l.removeRange(int(start), int(n))
	return value.Nil, nil
}

func listGetRange(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	start, n := c.Args[1].Int(), c.Args[2].Int()
	if e := l.span(start, n); e != nil {
		return value.Nil, e
	}
	out := &List{class: l.class}
	return value.OfObject(out), out.insert(c.Thread, 0, l.items[start:start+n])
}

func listToArray(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	if e := c.Thread.Budget.AllocElements(int64(len(l.items)), valueBytes); e != nil {
		return value.Nil, e
	}
	class, _ := c.Result.(*types.Type)
	return object.ArrayOf(class, append([]value.Value(nil), l.items...)), nil
}

func listReverse(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	items := l.items
	if len(c.Args) > 2 {
		if e := span(l, c.Int(1), c.Int(2)); e != nil {
			return value.Nil, e
		}
		items = items[c.Int(1):][:c.Int(2)]
	}
	slices.Reverse(items)
	l.version++
	return value.Nil, c.Thread.Budget.Steps(int64(len(l.items)))
}

// listSort is Sort([index, count,] [order]): the default order, a comparer or a Comparison<T>.
func listSort(c *value.Call) (value.Value, *value.Exception) {
	l, rest := self(c), c.Args[1:]
	items := l.items
	if len(rest) > 1 {
		if e := span(l, rest[0].Int(), rest[1].Int()); e != nil {
			return value.Nil, e
		}
		items, rest = items[rest[0].Int():][:rest[1].Int()], rest[2:]
	}
	order := value.Nil
	if len(rest) > 0 {
		order = rest[0]
	}
	l.version++
	return value.Nil, array.Sort(c.Thread, items, nil, array.ComparisonOf(c.Thread, order))
}

// span checks an index and a count of a list.
func span(l *List, from, n int64) *value.Exception {
	switch {
	case from < 0:
		return value.OutOfRange("index", "Non-negative number required.")
	case n < 0:
		return value.OutOfRange("count", "Non-negative number required.")
	case from+n > int64(len(l.items)):
		return value.Argument("", "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.")
	}
	return nil
}

// Sort sorts values and stops at the first exception of a comparison.
func Sort(t *value.Thread, items []value.Value, compare func(a, b value.Value) (int, *value.Exception)) *value.Exception {
	var failed *value.Exception
	sort.SliceStable(items, func(i, j int) bool {
		if failed != nil {
			return false
		}
		if failed = t.Budget.Step(); failed != nil {
			return false
		}
		n, e := compare(items[i], items[j])
		failed = e
		return n < 0
	})
	return failed
}
