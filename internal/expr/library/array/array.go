package array

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// mismatch is the exception of arrays whose types do not fit.
const mismatch = "System.ArrayTypeMismatchException"

// stepShift makes a member of Array that looks at all elements cost a step for each 16 of them.
const stepShift = 4

// array returns an argument that must be an array, and charges for a look at all of it.
func array(c *value.Call, i int, param string) (value.Settable, *value.Exception) {
	a, ok := c.Object(i).(value.Settable)
	if !ok {
		return nil, value.NullArgument(param)
	}
	return a, c.Thread.Budget.Steps(int64(a.Count()) >> stepShift)
}

// index finds an element that is equal.
func index(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	start, n := int64(0), int64(a.Count())
	if len(c.Args) > 2 {
		start, n = c.Int(2), n-c.Int(2)
	}
	if start < 0 || n < 0 {
		return value.Nil, value.OutOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
	}
	if len(c.Args) > 3 {
		if c.Int(3) < 0 || c.Int(3) > n {
			return value.Nil, value.OutOfRange("count", "Count must be positive and count must refer to a location within the string/array/collection.")
		}
		n = c.Int(3)
	}
	for i := start; i < start+n; i++ {
		if object.Equal(a.At(int(i)), c.Args[1]) {
			return c.ReturnInt(i)
		}
	}
	return c.ReturnInt(-1)
}

// lastIndex is LastIndexOf(array, value[, startIndex[, count]]), which looks back from startIndex.
func lastIndex(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	start := int64(a.Count()) - 1
	if len(c.Args) > 2 {
		start = c.Int(2)
	}
	if a.Count() == 0 {
		return c.ReturnInt(-1)
	}
	if start < 0 || start >= int64(a.Count()) {
		return value.Nil, value.OutOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
	}
	n := start + 1
	if len(c.Args) > 3 {
		if c.Int(3) < 0 || c.Int(3) > n {
			return value.Nil, value.OutOfRange("count", "Count must be positive and count must refer to a location within the string/array/collection.")
		}
		n = c.Int(3)
	}
	for i := start; i > start-n; i-- {
		if object.Equal(a.At(int(i)), c.Args[1]) {
			return c.ReturnInt(i)
		}
	}
	return c.ReturnInt(-1)
}

// find calls a predicate for each element until it is true, from the front or from the back.
func find(found func(c *value.Call, a value.Settable, i int) (value.Value, *value.Exception), back bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		a, e := array(c, 0, "array")
		if e != nil {
			return value.Nil, e
		}
		for n := range a.Count() {
			i := n
			if back {
				i = a.Count() - 1 - n
			}
			ok, e := object.Invoke(c.Thread, c.Args[1], a.At(i))
			if e != nil {
				return value.Nil, e
			}
			if ok.Bool() {
				return found(c, a, i)
			}
		}
		return found(c, a, -1)
	}
}

func all(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	for i := range a.Count() {
		ok, e := object.Invoke(c.Thread, c.Args[1], a.At(i))
		if e != nil || !ok.Bool() {
			return object.Of(c.Thread).Bool(false), e
		}
	}
	return c.ReturnBool(true)
}

// mapItems calls a function for each element: ForEach, ConvertAll, FindAll.
func mapItems(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	class, _ := c.Result.(*types.Type)
	var out []value.Value
	for i := range a.Count() {
		v, e := object.Invoke(c.Thread, c.Args[1], a.At(i))
		if e != nil {
			return value.Nil, e
		}
		switch {
		case class == nil || class.Kind != types.Array:
		case len(c.TypeArgs) == 2:
			out = append(out, v)
		case v.Bool():
			out = append(out, a.At(i))
		}
	}
	if class == nil || class.Kind != types.Array {
		return value.Nil, nil
	}
	if e := c.Thread.Budget.AllocElements(int64(len(out)), object.ElementSize); e != nil {
		return value.Nil, e
	}
	return object.ArrayOf(class, out), nil
}

// reverse is Reverse(array[, index, length]).
func reverse(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	from, n := int64(0), int64(a.Count())
	if len(c.Args) > 2 {
		from, n = c.Int(1), c.Int(2)
	}
	if e := inRange(a, from, n); e != nil {
		return value.Nil, e
	}
	for i, j := int(from), int(from+n)-1; i < j; i, j = i+1, j-1 {
		x, y := a.At(i), a.At(j)
		a.Set(i, y)
		a.Set(j, x)
	}
	return value.Nil, nil
}

// sortItems is Sort(array[, index, length][, order]).
func sortItems(c *value.Call) (value.Value, *value.Exception) {
	return sortArrays(c, 1)
}

// sortPairs is Sort(keys, items[, index, length][, comparer]).
func sortPairs(c *value.Call) (value.Value, *value.Exception) {
	return sortArrays(c, 2)
}

// sortArrays sorts the first of its arrays and the second, which may be null, along with it.
func sortArrays(c *value.Call, arrays int) (value.Value, *value.Exception) {
	keys, e := array(c, 0, "keys")
	if e != nil {
		return value.Nil, e
	}
	more := c.Args[arrays:]
	from, n := int64(0), int64(keys.Count())
	if len(more) > 1 {
		from, n, more = more[0].Int(), more[1].Int(), more[2:]
	}
	if e := inRange(keys, from, n); e != nil {
		return value.Nil, e
	}
	order := Comparison(object.Compare)
	if len(more) > 0 {
		order = ComparisonOf(c.Thread, more[0])
	}
	k, e := part(c.Thread, keys, from, n)
	if e != nil {
		return value.Nil, e
	}
	var along []value.Value
	items, paired := c.Object(arrays - 1).(value.Settable)
	if paired = paired && arrays == 2; paired {
		if int64(items.Count()) < from+n {
			return value.Nil, value.Argument("", "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.")
		}
		if along, e = part(c.Thread, items, from, n); e != nil {
			return value.Nil, e
		}
	}
	if e := Sort(c.Thread, k, along, order); e != nil {
		return value.Nil, e
	}
	for i := range k {
		keys.Set(int(from)+i, k[i])
		if paired {
			items.Set(int(from)+i, along[i])
		}
	}
	return value.Nil, nil
}

// part returns a copy of n elements of an array.
func part(t *value.Thread, a value.Settable, from, n int64) ([]value.Value, *value.Exception) {
	items, e := value.Make[value.Value](t, int(n))
	for i := range items {
		items[i] = a.At(int(from) + i)
	}
	return items, e
}

// inRange checks an index and a length.
func inRange(a value.Settable, from, n int64) *value.Exception {
	switch {
	case from < 0:
		return value.OutOfRange("index", "Non-negative number required.")
	case n < 0:
		return value.OutOfRange("length", "Non-negative number required.")
	case from+n > int64(a.Count()):
		return value.Argument("", "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.")
	}
	return nil
}

// copyItems implements Array.Copy(source, [sourceIndex,] destination, [destinationIndex,] length).
func copyItems(c *value.Call) (value.Value, *value.Exception) {
	from, to, n, dst := int64(0), int64(0), c.Int(len(c.Args)-1), 1
	if len(c.Args) == 5 {
		from, dst, to = c.Int(1), 2, c.Int(3)
	}
	a, e := array(c, 0, "sourceArray")
	if e != nil {
		return value.Nil, e
	}
	b, e := array(c, dst, "destinationArray")
	if e != nil {
		return value.Nil, e
	}
	switch {
	case n < 0:
		return value.Nil, value.OutOfRange("length", "Non-negative number required.")
	case from < 0:
		return value.Nil, value.OutOfRange("sourceIndex", "Number was less than the array's lower bound in the first dimension.")
	case to < 0:
		return value.Nil, value.OutOfRange("destinationIndex", "Number was less than the array's lower bound in the first dimension.")
	case from+n > int64(a.Count()):
		return value.Nil, value.Argument("sourceArray", "Source array was not long enough. Check the source index, length, and the array's lower bounds.")
	case to+n > int64(b.Count()):
		return value.Nil, value.Argument("destinationArray", "Destination array was not long enough. Check the destination index, length, and the array's lower bounds.")
	}
	if e := c.Thread.Budget.Steps(n); e != nil {
		return value.Nil, e
	}
	items, e := part(c.Thread, a, from, n)
	if e != nil {
		return value.Nil, e
	}
	source, _ := a.ObjectType().(*types.Type)
	target, _ := b.ObjectType().(*types.Type)
	if e := widen(c.Thread, items, source.Elem, target.Elem); e != nil {
		return value.Nil, e
	}
	for i, v := range items {
		b.Set(int(to)+i, v)
	}
	return value.Nil, nil
}

// widen makes elements of one type fit an array of another: the same, a base, a derived type that each of them
// must then be of, or a wider number.
func widen(t *value.Thread, items []value.Value, from, to *types.Type) *value.Exception {
	if from == to {
		return nil
	}
	env := object.Of(t)
	if env.Lib.Standard(from, to).Kind == types.ToNumber && to.Special() != types.Decimal {
		for i, v := range items {
			items[i] = wider(v, from, to)
		}
		return nil
	}
	for i, v := range items {
		switch {
		case v.IsNull() && to.AcceptsNull():
		case v.IsNull() || !env.Is(v, to):
			if from.IsValueType() || to.IsValueType() && from.Special() != types.Object && from.Kind != types.Interface {
				return value.Throw(mismatch, "Source array type cannot be assigned to destination array type.")
			}
			return value.Throw(value.InvalidCastException, "At least one element in the source array could not be cast down to the destination array type.")
		default:
			items[i] = v
		}
	}
	return nil
}

// wider converts a number to a type that takes all of its numbers.
func wider(v value.Value, from, to *types.Type) value.Value {
	switch {
	case to.Storage() != types.Float:
		return value.Boxed(to, v.Bits())
	case from.Storage() == types.Float:
		return value.BoxedFloat(to, v.Float())
	}
	f := float64(v.Int())
	if from.Special() == types.UInt64 {
		f = float64(v.Bits())
	}
	if to.Special() == types.Single {
		f = float64(float32(f))
	}
	return value.BoxedFloat(to, f)
}

func clone(c *value.Call) (value.Value, *value.Exception) {
	if e := c.Thread.Budget.AllocElements(int64(c.Object(0).(value.Counted).Count()), object.ElementSize); e != nil {
		return value.Nil, e
	}
	switch a := c.Object(0).(type) {
	case *value.Array:
		b := *a
		b.Items = append([]value.Value(nil), a.Items...)
		return value.OfObject(&b), nil
	case *value.Bytes:
		b := *a
		b.Data = append([]byte(nil), a.Data...)
		return value.OfObject(&b), nil
	}
	return value.Nil, nil
}

func length(c *value.Call) (value.Value, *value.Exception) {
	a, _ := c.Object(0).(value.Counted)
	if arr, ok := a.(*value.Array); ok && len(c.Args) > 1 {
		d := c.Int(1)
		switch {
		case d == 0 && arr.Dims == nil:
			return c.ReturnInt(int64(len(arr.Items)))
		case d < 0 || d >= int64(len(arr.Dims)):
			return value.Nil, value.IndexOutOfRange()
		}
		return c.ReturnInt(int64(arr.Dims[d]))
	}
	return c.ReturnInt(int64(a.Count()))
}

// item is GetValue(index) and SetValue(value, index).
func item(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	i := c.Int(len(c.Args) - 1)
	if i < 0 || i >= int64(a.Count()) {
		return value.Nil, value.IndexOutOfRange()
	}
	if len(c.Args) == 2 {
		return a.At(int(i)), nil
	}
	class, _ := a.ObjectType().(*types.Type)
	v := c.Args[1]
	switch {
	case v.IsNull():
		v = object.Zero(class.Elem)
	case !object.Of(c.Thread).Is(v, class.Elem):
		return value.Nil, value.Throw(value.InvalidCastException, "Object cannot be stored in an array of this type.")
	}
	a.Set(int(i), v)
	return value.Nil, nil
}

// fill is Fill(array, value), Clear(array) and Clear(array, index, length).
func fill(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	class, _ := a.ObjectType().(*types.Type)
	v, from, n := object.Zero(class.Elem), int64(0), int64(a.Count())
	switch len(c.Args) {
	case 2:
		v = c.Args[1]
	case 3:
		from, n = c.Int(1), c.Int(2)
	}
	if from < 0 || n < 0 || from+n > int64(a.Count()) {
		return value.Nil, value.IndexOutOfRange()
	}
	for i := from; i < from+n; i++ {
		a.Set(int(i), v)
	}
	return value.Nil, c.Thread.Budget.Steps(n)
}

// resize is Resize(ref array, size).
func resize(c *value.Call) (value.Value, *value.Exception) {
	n := c.Int(1)
	if n < 0 {
		return value.Nil, value.OutOfRange("newSize", "Non-negative number required.")
	}
	if e := c.Thread.Budget.AllocElements(n, object.ElementSize); e != nil {
		return value.Nil, e
	}
	elem, _ := c.TypeArgs[0].(*types.Type)
	fresh := object.NewArray(object.Of(c.Thread).Lib.ArrayOf(elem, 1), int(n))
	if old, ok := c.Object(0).(value.Settable); ok {
		for i := range min(old.Count(), int(n)) {
			fresh.Set(i, old.At(i))
		}
	}
	c.Args[0] = value.OfObject(fresh)
	return value.Nil, nil
}

// search is BinarySearch(array[, index, length], value[, comparer]): the index, or the complement of the index of
// the next larger element.
func search(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	from, n, rest := int64(0), int64(a.Count()), c.Args[1:]
	if len(rest) > 2 {
		from, n, rest = rest[0].Int(), rest[1].Int(), rest[2:]
	}
	if e := inRange(a, from, n); e != nil {
		return value.Nil, e
	}
	order := Comparison(object.Compare)
	if len(rest) > 1 {
		order = ComparisonOf(c.Thread, rest[1])
	}
	low, high := int(from), int(from+n)-1
	for low <= high {
		mid := low + (high-low)/2
		n, e := order(a.At(mid), rest[0])
		switch {
		case e != nil && e.Budget == "":
			outer := value.InvalidOperation("Failed to compare two elements in the array.")
			outer.Inner = e
			return value.Nil, outer
		case e != nil:
			return value.Nil, e
		case n == 0:
			return c.ReturnInt(int64(mid))
		case n < 0:
			low = mid + 1
		default:
			high = mid - 1
		}
	}
	return c.ReturnInt(int64(^low))
}
