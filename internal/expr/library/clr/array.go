package clr

import (
	"sort"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// arrayStepShift makes a member of Array that looks at all elements cost a step for each 16 of them.
const arrayStepShift = 4

// array returns an argument that must be an array, and charges for a look at all of it.
func array(c *value.Call, i int, param string) (value.Settable, *value.Exception) {
	a, ok := c.Object(i).(value.Settable)
	if !ok {
		return nil, value.NullArgument(param)
	}
	return a, c.Thread.Budget.Steps(int64(a.Count()) >> arrayStepShift)
}

// arrayIndex finds an element that is equal.
func arrayIndex(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	start := int64(0)
	if len(c.Args) > 2 {
		start = c.Int(2)
	}
	for i := max(start, 0); i < int64(a.Count()); i++ {
		if object.Equal(a.At(int(i)), c.Args[1]) {
			return c.ReturnInt(i)
		}
	}
	return c.ReturnInt(-1)
}

func arrayLastIndex(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	for i := a.Count() - 1; i >= 0; i-- {
		if object.Equal(a.At(i), c.Args[1]) {
			return c.ReturnInt(int64(i))
		}
	}
	return c.ReturnInt(-1)
}

// arrayFind calls a predicate for each element until it is true, from the front or from the back.
func arrayFind(found func(c *value.Call, a value.Settable, i int) (value.Value, *value.Exception), back bool) types.Func {
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

func arrayAll(c *value.Call) (value.Value, *value.Exception) {
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

// arrayMap calls a function for each element: ForEach, ConvertAll, FindAll.
func arrayMap(c *value.Call) (value.Value, *value.Exception) {
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

func arrayReverse(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	for i, j := 0, a.Count()-1; i < j; i, j = i+1, j-1 {
		x, y := a.At(i), a.At(j)
		a.Set(i, y)
		a.Set(j, x)
	}
	return value.Nil, nil
}

func arraySort(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	items, e := object.List(c.Thread, c.Args[0])
	if e != nil {
		return value.Nil, e
	}
	var failed *value.Exception
	sort.SliceStable(items, func(i, j int) bool {
		if failed != nil {
			return false
		}
		n, e := compareItems(c, items[i], items[j])
		failed = e
		return n < 0
	})
	if failed != nil {
		return value.Nil, failed
	}
	for i, v := range items {
		a.Set(i, v)
	}
	return value.Nil, nil
}

func compareItems(c *value.Call, a, b value.Value) (int, *value.Exception) {
	if e := c.Thread.Budget.Step(); e != nil {
		return 0, e
	}
	if len(c.Args) < 2 {
		return object.Compare(a, b)
	}
	if k, ok := c.Object(1).(value.OrderComparer); ok {
		return k.CompareValues(a, b)
	}
	v, e := object.Invoke(c.Thread, c.Args[1], a, b)
	return int(v.Int()), e
}

// arrayCopy implements Array.Copy(source, [sourceIndex,] destination, [destinationIndex,] length).
func arrayCopy(c *value.Call) (value.Value, *value.Exception) {
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
	if from < 0 || to < 0 || n < 0 {
		return value.Nil, value.OutOfRange("length", "")
	}
	if from+n > int64(a.Count()) || to+n > int64(b.Count()) {
		return value.Nil, value.Argument("", "Source array was not long enough. Check the source index, length, and the array's lower bounds.")
	}
	items := make([]value.Value, n)
	for i := range items {
		items[i] = a.At(int(from) + i)
	}
	for i, v := range items {
		b.Set(int(to)+i, v)
	}
	return value.Nil, c.Thread.Budget.Steps(n)
}

func arrayClone(c *value.Call) (value.Value, *value.Exception) {
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

func arrayLength(c *value.Call) (value.Value, *value.Exception) {
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

func arrayTable() types.Table {
	members := append(arrayInstanceMembers(), arrayFindMembers()...)
	return types.Table{Namespace: system, Decl: "abstract class Array : System.Collections.IEnumerable", Special: types.ArrayBase, Members: append(members, arrayStaticMembers()...)}
}

func arrayInstanceMembers() []types.Entry {
	return []types.Entry{
		{Sig: "int Length { get; }", Impl: types.ObjInt(func(_ *value.Thread, o value.Value) (int64, *value.Exception) {
			x, _ := o.Object()
			a, _ := x.(value.Counted)
			return int64(a.Count()), nil
		})},
		{Sig: "long LongLength { get; }", Impl: types.Func(arrayLength)},
		{Sig: "int Rank { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if a, ok := c.Object(0).(*value.Array); ok {
				return c.ReturnInt(int64(max(len(a.Dims), 1)))
			}
			return c.ReturnInt(1)
		})},
		{Sig: "int GetLength(int dimension)", Impl: types.Func(arrayLength)},
		{Sig: "int GetUpperBound(int dimension)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			n, e := arrayLength(c)
			return value.Boxed(c.Result, uint64(n.Int()-1)), e
		})},
		{Sig: "object Clone()", Impl: types.Func(arrayClone)},
		{Sig: "void CopyTo(Array array, int index)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			n, _ := c.Object(0).(value.Counted)
			zero, length := value.Boxed(c.Result, 0), value.Boxed(c.Result, uint64(n.Count()))
			return arrayCopy(&value.Call{Thread: c.Thread, Args: []value.Value{c.Args[0], zero, c.Args[1], c.Args[2], length}})
		})},
		{Sig: "int GetLowerBound(int dimension)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(0) })},
		{Sig: "object GetValue(int index)", Impl: types.Func(arrayValue)},
		{Sig: "void SetValue(object value, int index)", Impl: types.Func(arrayValue)},
	}
}

func arrayStaticMembers() []types.Entry {
	return []types.Entry{
		{Sig: "static int IndexOf<T>(T[] array, T value)", Impl: types.Func(arrayIndex)},
		{Sig: "static int IndexOf<T>(T[] array, T value, int startIndex)", Impl: types.Func(arrayIndex)},
		{Sig: "static int LastIndexOf<T>(T[] array, T value)", Impl: types.Func(arrayLastIndex)},
		{Sig: "static bool TrueForAll<T>(T[] array, Predicate<T> match)", Impl: types.Func(arrayAll)},
		{Sig: "static T[] FindAll<T>(T[] array, Predicate<T> match)", Impl: types.Func(arrayMap)},
		{Sig: "static TOutput[] ConvertAll<TInput, TOutput>(TInput[] array, Converter<TInput, TOutput> converter)", Impl: types.Func(arrayMap)},
		{Sig: "static void ForEach<T>(T[] array, Action<T> action)", Impl: types.Func(arrayMap)},
		{Sig: "static void Reverse(Array array)", Impl: types.Func(arrayReverse)},
		{Sig: "static void Sort<T>(T[] array)", Impl: types.Func(arraySort)},
		{Sig: "static void Sort<T>(T[] array, Comparison<T> comparison)", Impl: types.Func(arraySort)},
		{Sig: "static void Sort<T>(T[] array, System.Collections.Generic.IComparer<T> comparer)", Impl: types.Func(arraySort)},
		{Sig: "static void Copy(Array sourceArray, Array destinationArray, int length)", Impl: types.Func(arrayCopy)},
		{Sig: "static void Copy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)", Impl: types.Func(arrayCopy)},
		{Sig: "static void Clear(Array array, int index, int length)", Impl: types.Func(arrayFill)},
		{Sig: "static void Clear(Array array)", Impl: types.Func(arrayFill)},
		{Sig: "static void Fill<T>(T[] array, T value)", Impl: types.Func(arrayFill)},
		{Sig: "static void Resize<T>(ref T[] array, int newSize)", Impl: types.Func(arrayResize)},
		{Sig: "static int BinarySearch<T>(T[] array, T value)", Impl: types.Func(arraySearch)},
		{Sig: "static int IndexOf(Array array, object value)", Impl: types.Func(arrayIndex)},
		{Sig: "static void Sort(Array array)", Impl: types.Func(arraySort)},
		{Sig: "static T[] Empty<T>()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			class, _ := c.Result.(*types.Type)
			return value.OfObject(object.NewArray(class, 0)), nil
		})},
	}
}

// arrayFindMembers are the members that search by a predicate.
func arrayFindMembers() []types.Entry {
	of := func(c *value.Call, a value.Settable, i int) value.Value {
		if i < 0 {
			t, _ := c.Result.(*types.Type)
			return object.Zero(t)
		}
		return a.At(i)
	}
	element := func(c *value.Call, a value.Settable, i int) (value.Value, *value.Exception) { return of(c, a, i), nil }
	place := func(c *value.Call, _ value.Settable, i int) (value.Value, *value.Exception) {
		return c.ReturnInt(int64(i))
	}
	exists := func(c *value.Call, _ value.Settable, i int) (value.Value, *value.Exception) {
		return c.ReturnBool(i >= 0)
	}
	return []types.Entry{
		{Sig: "static T Find<T>(T[] array, Predicate<T> match)", Impl: arrayFind(element, false)},
		{Sig: "static T FindLast<T>(T[] array, Predicate<T> match)", Impl: arrayFind(element, true)},
		{Sig: "static int FindIndex<T>(T[] array, Predicate<T> match)", Impl: arrayFind(place, false)},
		{Sig: "static int FindLastIndex<T>(T[] array, Predicate<T> match)", Impl: arrayFind(place, true)},
		{Sig: "static bool Exists<T>(T[] array, Predicate<T> match)", Impl: arrayFind(exists, false)},
	}
}

// arrayValue is GetValue(index) and SetValue(value, index).
func arrayValue(c *value.Call) (value.Value, *value.Exception) {
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

// arrayFill is Fill(array, value), Clear(array) and Clear(array, index, length).
func arrayFill(c *value.Call) (value.Value, *value.Exception) {
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

// arrayResize is Resize(ref array, size).
func arrayResize(c *value.Call) (value.Value, *value.Exception) {
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

// arraySearch is BinarySearch: the index, or the complement of the index of the next larger element.
func arraySearch(c *value.Call) (value.Value, *value.Exception) {
	a, e := array(c, 0, "array")
	if e != nil {
		return value.Nil, e
	}
	low, high := 0, a.Count()-1
	for low <= high {
		mid := (low + high) / 2
		n, e := object.Compare(a.At(mid), c.Args[1])
		switch {
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
