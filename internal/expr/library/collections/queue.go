package collections

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Deque is a Queue<T>, or a Stack<T> where last is true: then the end of items is the top.
type Deque struct {
	List
	last bool
}

// Iterate enumerates from the element that is taken next.
func (d *Deque) Iterate(t *value.Thread) value.Iterator {
	if !d.last {
		return d.List.Iterate(t)
	}
	version, i := d.version, len(d.items)
	return func() (value.Value, bool, *value.Exception) {
		if version != d.version {
			return value.Nil, false, modified()
		}
		if i == 0 {
			return value.Nil, false, nil
		}
		i--
		return d.items[i], true, nil
	}
}

// newDeque makes the constructors of Queue<T> and Stack<T>.
func newDeque(last bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		d := &Deque{List: List{class: c.Declaring}, last: last}
		if len(c.Args) == 0 {
			return value.OfObject(d), nil
		}
		if _, _, number := c.Args[0].Boxed(); number {
			return value.OfObject(d), nil
		}
		seq, e := Source(c.Thread, c.Args[0], "collection")
		if e != nil {
			return value.Nil, e
		}
		d.items, e = Collect(c.Thread, seq)
		return value.OfObject(d), e
	}
}

func deque(c *value.Call) *Deque {
	o, _ := c.Args[0].Object()
	d, ok := o.(*Deque)
	if !ok {
		return &Deque{}
	}
	return d
}

func (d *Deque) next() (int, *value.Exception) {
	switch {
	case len(d.items) == 0 && d.last:
		return 0, value.InvalidOperation("Stack empty.")
	case len(d.items) == 0:
		return 0, value.InvalidOperation("Queue empty.")
	case d.last:
		return len(d.items) - 1, nil
	}
	return 0, nil
}

func dequePush(c *value.Call) (value.Value, *value.Exception) {
	return value.Nil, deque(c).add(c.Thread, c.Args[1])
}

func dequePop(c *value.Call) (value.Value, *value.Exception) {
	d := deque(c)
	i, e := d.next()
	if e != nil {
		return value.Nil, e
	}
	v := d.items[i]
	if d.last {
		d.items = d.items[:i]
	} else {
		d.items = d.items[1:]
	}
	d.version++
	return v, nil
}

func dequePeek(c *value.Call) (value.Value, *value.Exception) {
	d := deque(c)
	i, e := d.next()
	if e != nil {
		return value.Nil, e
	}
	return d.items[i], nil
}

func dequeClear(c *value.Call) (value.Value, *value.Exception) {
	deque(c).clear()
	return value.Nil, nil
}

func dequeToArray(c *value.Call) (value.Value, *value.Exception) {
	items, e := Collect(c.Thread, deque(c))
	class, _ := c.Result.(*types.Type)
	return object.ArrayOf(class, items), e
}

// QueueTables are Queue<T> and Stack<T>.
func QueueTables() []types.Table {
	shared := []types.Entry{
		{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
		{Sig: "void Clear()", Impl: types.Func(dequeClear)},
		{Sig: "bool Contains(T item)", Impl: types.Func(contains)},
		{Sig: "T Peek()", Impl: types.Func(dequePeek)},
		{Sig: "T[] ToArray()", Impl: types.Func(dequeToArray)},
	}
	return []types.Table{
		{Namespace: generic, Decl: "class Queue<T> : IReadOnlyCollection<T>", Members: append([]types.Entry{
			{Sig: "Queue()", Impl: newDeque(false)},
			{Sig: "Queue(int capacity)", Impl: newDeque(false)},
			{Sig: "Queue(IEnumerable<T> collection)", Impl: newDeque(false)},
			{Sig: "void Enqueue(T item)", Impl: types.Func(dequePush)},
			{Sig: "T Dequeue()", Impl: types.Func(dequePop)},
		}, shared...)},
		{Namespace: generic, Decl: "class Stack<T> : IReadOnlyCollection<T>", Members: append([]types.Entry{
			{Sig: "Stack()", Impl: newDeque(true)},
			{Sig: "Stack(int capacity)", Impl: newDeque(true)},
			{Sig: "Stack(IEnumerable<T> collection)", Impl: newDeque(true)},
			{Sig: "void Push(T item)", Impl: types.Func(dequePush)},
			{Sig: "T Pop()", Impl: types.Func(dequePop)},
		}, shared...)},
	}
}

// Tables returns the tables of this package.
func Tables() []types.Table {
	list := append(Interfaces(), mappingInterfaces()...)
	list = append(list, Delegates()...)
	list = append(list, ListTable(), SetTable())
	list = append(list, DictionaryTables()...)
	return append(list, QueueTables()...)
}

// NewDeque returns a Queue<T> of items, or a Stack<T> with the last of them on top.
func NewDeque(class value.Type, items []value.Value, stack bool) *Deque {
	return &Deque{List: List{class: class, items: items}, last: stack}
}
