package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// arrayHead is what an array costs beside its elements, in elements.
const arrayHead = 4

// valueSize is what one element of a collection costs of the memory budget, in bytes.
const valueSize = 24

func (c *compiler) create(x bound.Expr) code {
	switch x := x.(type) {
	case *bound.NewArray:
		return code{v: c.newArray(x)}
	case *bound.NewObject:
		return code{v: c.newObject(x)}
	case *bound.Initialized:
		return c.initialized(x)
	case *bound.TypeOf:
		v := value.OfObject(&value.TypeRef{Class: c.env.Type(types.TypeOf), Of: x.Of})
		return c.literal(v, x.T)
	}
	return c.fail(x)
}

func (c *compiler) newArray(x *bound.NewArray) ValFunc {
	pos, class := posOf(x), x.T
	if x.Elems != nil && len(x.Sizes) <= 1 {
		return c.arrayOf(class, x.Elems, pos)
	}
	sizes := c.indices(x.Sizes)
	var elems []ValFunc
	for _, e := range x.Elems {
		elems = append(elems, c.val(e))
	}
	return func(f *Frame) (value.Value, *value.Exception) {
		dims, e := sizes(f)
		if e != nil {
			return value.Nil, e
		}
		n := int64(1)
		for _, d := range dims {
			if d < 0 {
				return value.Nil, at(value.Overflow(""), pos)
			}
			if d > f.Thread.Budget.Limits.Elements {
				n = d
				break
			}
			n *= d
		}
		if e := f.Thread.Budget.AllocElements(n, valueSize); e != nil {
			return value.Nil, at(e, pos)
		}
		a := object.NewArray(class, int(n))
		if arr, ok := a.(*value.Array); ok && len(dims) > 1 {
			for _, d := range dims {
				arr.Dims = append(arr.Dims, int(d))
			}
		}
		for i, elem := range elems {
			v, e := elem(f)
			if e != nil {
				return value.Nil, e
			}
			a.Set(i, v)
		}
		return value.OfObject(a), nil
	}
}

// arrayOf compiles new[] { … }.
func (c *compiler) arrayOf(class *types.Type, list []bound.Expr, pos int32) ValFunc {
	elems := make([]ValFunc, len(list))
	for i, x := range list {
		elems[i] = c.val(x)
	}
	return func(f *Frame) (value.Value, *value.Exception) {
		if e := f.Thread.Budget.AllocElements(int64(len(elems))+arrayHead, valueSize); e != nil {
			return value.Nil, at(e, pos)
		}
		a := object.NewArray(class, len(elems))
		for i, elem := range elems {
			v, e := elem(f)
			if e != nil {
				return value.Nil, e
			}
			a.Set(i, v)
		}
		return value.OfObject(a), nil
	}
}

func (c *compiler) newObject(x *bound.NewObject) ValFunc {
	vals := make([]ValFunc, len(x.Values))
	for i, v := range x.Values {
		vals[i] = c.val(v)
	}
	class := x.T
	var names []string
	if class.Kind == types.Anonymous {
		names = class.Names
	}
	return func(f *Frame) (value.Value, *value.Exception) {
		r := &value.Record{Class: class, Names: names, Items: make([]value.Value, len(vals))}
		if e := f.Thread.Budget.Alloc(objectSize + int64(len(vals))*valueSize); e != nil {
			return value.Nil, e
		}
		if e := evaluate(f, r.Items, nil, vals, nil); e != nil {
			return value.Nil, e
		}
		return value.OfObject(r), nil
	}
}

func (c *compiler) initialized(x *bound.Initialized) code {
	steps := []VoidFunc{c.storeLocal(x.Temp, x.X)}
	for _, d := range x.Do {
		steps = append(steps, c.void(d))
	}
	return after(sequence(steps), c.local(x.Temp))
}

// sequence runs steps in order.
func sequence(steps []VoidFunc) VoidFunc {
	return func(f *Frame) *value.Exception {
		for _, s := range steps {
			if e := s(f); e != nil {
				return e
			}
		}
		return nil
	}
}
