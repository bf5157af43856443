package linq

import (
	"math"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// numbers calls f with each number of a sequence, or with what a selector makes of each element; nulls are
// left out.
func numbers(c *value.Call, f func(v value.Value) *value.Exception) *value.Exception {
	seq, e := source(c)
	if e != nil {
		return e
	}
	var selector *value.Delegate
	if len(c.Args) > 1 {
		if selector, e = collections.DelegateArg(c, 1, "selector"); e != nil {
			return e
		}
	}
	return collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		if selector != nil {
			var e *value.Exception
			if v, e = collections.Invoke(c.Thread, selector, v); e != nil {
				return false, e
			}
		}
		if v.IsNull() {
			return true, nil
		}
		return true, f(v)
	})
}

// total adds numbers of one type.
type total struct {
	kind  types.Special
	n     int64
	f     float64
	d     *value.Decimal
	count int64
}

func (s *total) add(v value.Value) *value.Exception {
	s.count++
	switch s.kind {
	case types.Single, types.Double:
		s.f += v.Float()
	case types.Decimal:
		x := value.AsDecimal(v)
		if s.d == nil {
			s.d = x
			return nil
		}
		var e *value.Exception
		s.d, e = s.d.Add(x, false)
		return e
	default:
		sum := s.n + v.Int()
		if s.n > 0 && v.Int() > 0 && sum < 0 || s.n < 0 && v.Int() < 0 && sum >= 0 {
			return value.Overflow("")
		}
		s.n = sum
		if s.kind == types.Int32 && (sum > math.MaxInt32 || sum < math.MinInt32) {
			return value.Overflow("")
		}
	}
	return nil
}

func sum(c *value.Call) (value.Value, *value.Exception) {
	result, _ := c.Result.(*types.Type)
	result = result.Underlying()
	s := &total{kind: result.Special()}
	if e := numbers(c, s.add); e != nil {
		return value.Nil, e
	}
	switch s.kind {
	case types.Single:
		return value.BoxedFloat(result, float64(float32(s.f))), nil
	case types.Double:
		return value.BoxedFloat(result, s.f), nil
	case types.Decimal:
		if s.d == nil {
			return object.Zero(result), nil
		}
		return value.OfObject(s.d), nil
	}
	return value.Boxed(result, uint64(s.n)), nil
}

// average makes Average over numbers of one type.
func average(kind types.Special) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		result, _ := c.Result.(*types.Type)
		nullable := result.NullableElem() != nil
		result = result.Underlying()
		s := &total{kind: kind}
		if kind == types.Int32 {
			s.kind = types.Int64
		}
		if e := numbers(c, s.add); e != nil {
			return value.Nil, e
		}
		switch {
		case s.count == 0 && nullable:
			return value.Nil, nil
		case s.count == 0:
			return value.Nil, value.InvalidOperation(noElements)
		case kind == types.Decimal:
			d, e := s.d.Div(value.DecimalOfInt(result, s.count, false))
			if e != nil {
				return value.Nil, e
			}
			return value.OfObject(d), nil
		case kind == types.Single:
			return value.BoxedFloat(result, float64(float32(s.f/float64(s.count)))), nil
		case kind == types.Double:
			return value.BoxedFloat(result, s.f/float64(s.count)), nil
		}
		return value.BoxedFloat(result, float64(s.n)/float64(s.count)), nil
	}
}

// extreme makes Min (sign -1) and Max (sign 1), of numbers or of anything that has an order.
func extreme(sign int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		best, some := value.Nil, false
		e := numbers(c, func(v value.Value) *value.Exception {
			if !some {
				best, some = v, true
				return nil
			}
			n, e := object.Compare(v, best)
			if n*sign > 0 {
				best = v
			}
			return e
		})
		result, _ := c.Result.(*types.Type)
		if e == nil && !some && !result.AcceptsNull() {
			e = value.InvalidOperation(noElements)
		}
		return best, e
	}
}

// extremeBy makes MinBy and MaxBy.
func extremeBy(sign int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		seq, d, e := sourceAnd(c, "keySelector")
		if e != nil {
			return value.Nil, e
		}
		best, bestKey, some := value.Nil, value.Nil, false
		e = collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
			k, e := collections.Invoke(c.Thread, d, v)
			if e != nil {
				return false, e
			}
			n := 1
			if some {
				if n, e = object.Compare(k, bestKey); e != nil {
					return false, e
				}
				n *= sign
			}
			if n > 0 {
				best, bestKey, some = v, k, true
			}
			return true, nil
		})
		result, _ := c.Result.(*types.Type)
		if e == nil && !some && !result.AcceptsNull() {
			e = value.InvalidOperation(noElements)
		}
		return best, e
	}
}

// numeric are the types that Sum, Average, Min and Max have overloads for, with the result of Average.
var numeric = []struct {
	name, average string
	kind          types.Special
}{
	{"int", "double", types.Int32},
	{"long", "double", types.Int64},
	{"float", "float", types.Single},
	{"double", "double", types.Double},
	{"decimal", "decimal", types.Decimal},
}

// sums are the overloads of Sum, Average, Min and Max.
func sums() []types.Entry {
	var list []types.Entry
	add := func(result, name, of string, impl types.Func) {
		list = append(list,
			types.Entry{Sig: "static " + result + " " + name + "(this IEnumerable<" + of + "> source)", Impl: impl},
			types.Entry{Sig: "static " + result + " " + name + "<TSource>(this IEnumerable<TSource> source, Func<TSource, " + of + "> selector)", Impl: impl},
		)
	}
	for _, n := range numeric {
		for _, q := range []string{"", "?"} {
			add(n.name+q, "Sum", n.name+q, sum)
			add(n.average+q, "Average", n.name+q, average(n.kind))
			add(n.name+q, "Min", n.name+q, extreme(-1))
			add(n.name+q, "Max", n.name+q, extreme(1))
		}
	}
	for sign := -1; sign <= 1; sign += 2 {
		name := map[int]string{-1: "Min", 1: "Max"}[sign]
		list = append(list,
			types.Entry{Sig: "static TSource " + name + "<TSource>(this IEnumerable<TSource> source)", Impl: extreme(sign)},
			types.Entry{Sig: "static TResult " + name + "<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)", Impl: extreme(sign)},
			types.Entry{Sig: "static TSource " + name + "By<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)", Impl: extremeBy(sign)},
		)
	}
	return list
}
