package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// access compiles the reading of a field, property, indexer or element.
func (c *compiler) access(x bound.Expr) code {
	switch x := x.(type) {
	case *bound.FieldRef:
		return c.read(x, x.Field, x.X, nil)
	case *bound.PropertyRef:
		return c.read(x, x.Property, x.X, nil)
	case *bound.IndexerRef:
		return c.read(x, x.Indexer, x.X, x.Args)
	case *bound.ElementRef:
		return c.element(x)
	case *bound.AnonymousRef:
		return c.recordItem(x)
	}
	return c.fail(x)
}

// read compiles a getter.
func (c *compiler) read(node bound.Expr, m *types.Member, recv bound.Expr, args []bound.Expr) code {
	impl := implOf(m)
	if impl == nil {
		return c.literal(m.Const, node.Type())
	}
	return c.member(invocation{node: node, m: m, impl: impl, x: recv, args: args, declaring: m.Declaring})
}

func (c *compiler) recordItem(x *bound.AnonymousRef) code {
	pos, i := posOf(x), x.Index
	v := c.checked(x.X, pos)
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		o, e := v(f)
		if e != nil {
			return value.Nil, e
		}
		obj, _ := o.Object()
		r, ok := obj.(*value.Record)
		if !ok || i >= len(r.Items) {
			return value.Nil, at(value.NullReference(), pos)
		}
		return r.Items[i], nil
	}, x.T)
}

// element compiles a[i] and a[i, j].
func (c *compiler) element(x *bound.ElementRef) code {
	pos := posOf(x)
	arr := c.checked(x.X, pos)
	if len(x.Index) > 1 {
		index := c.indices(x.Index)
		return unboxed(func(f *Frame) (value.Value, *value.Exception) {
			o, e := arr(f)
			if e != nil {
				return value.Nil, e
			}
			idx, e := index(f)
			if e != nil {
				return value.Nil, e
			}
			a, i, e := locate(o, idx)
			if e != nil {
				return value.Nil, at(e, pos)
			}
			return a.At(i), nil
		}, x.T)
	}
	index := c.int(x.Index[0])
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		o, e := arr(f)
		if e != nil {
			return value.Nil, e
		}
		i, e := index(f)
		if e != nil {
			return value.Nil, e
		}
		obj, _ := o.Object()
		a, ok := obj.(value.Settable)
		if !ok || i < 0 || i >= int64(a.Count()) {
			return value.Nil, at(value.IndexOutOfRange(), pos)
		}
		return a.At(int(i)), nil
	}, x.T)
}

// indices compiles the indices of an element access, boxed as they come.
func (c *compiler) indices(list []bound.Expr) func(*Frame) ([]int64, *value.Exception) {
	fns := make([]IntFunc, len(list))
	for i, x := range list {
		fns[i] = c.int(x)
	}
	return func(f *Frame) ([]int64, *value.Exception) {
		out := make([]int64, len(fns))
		for i, fn := range fns {
			n, e := fn(f)
			if e != nil {
				return nil, e
			}
			out[i] = n
		}
		return out, nil
	}
}

// locate finds an element of an array of any rank.
func locate(o value.Value, index []int64) (value.Settable, int, *value.Exception) {
	obj, _ := o.Object()
	a, ok := obj.(value.Settable)
	if !ok {
		return nil, 0, value.IndexOutOfRange()
	}
	if len(index) == 1 {
		if index[0] < 0 || index[0] >= int64(a.Count()) {
			return nil, 0, value.IndexOutOfRange()
		}
		return a, int(index[0]), nil
	}
	arr, ok := a.(*value.Array)
	if !ok || len(arr.Dims) != len(index) {
		return nil, 0, value.IndexOutOfRange()
	}
	at := 0
	for d, i := range index {
		if i < 0 || i >= int64(arr.Dims[d]) {
			return nil, 0, value.IndexOutOfRange()
		}
		at = at*arr.Dims[d] + int(i)
	}
	return arr, at, nil
}
