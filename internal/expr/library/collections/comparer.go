package collections

import (
	"hash/maphash"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// seed makes the hashes of strings differ between processes, so that no caller can choose colliding keys.
var seed = maphash.MakeSeed()

// EqualBy compares two values by a comparer, which may be null.
func EqualBy(c value.EqualityComparer, a, b value.Value) bool {
	if c != nil {
		return c.EqualValues(a, b)
	}
	return object.Equal(a, b)
}

// HashBy returns the hash of a value by a comparer, which may be null.
func HashBy(c value.EqualityComparer, v value.Value) uint64 {
	if c != nil {
		return c.HashValue(v)
	}
	if s, ok := v.Str(); ok {
		return maphash.String(seed, s.Go())
	}
	return object.Hash(v)
}

// CompareBy orders two values by a comparer, which may be null.
func CompareBy(c value.OrderComparer, a, b value.Value) (int, *value.Exception) {
	if c != nil {
		return c.CompareValues(a, b)
	}
	return object.Compare(a, b)
}

// SortBy is CompareBy for sorting, where values without an order are InvalidOperationException.
func SortBy(c value.OrderComparer, a, b value.Value) (int, *value.Exception) {
	n, e := CompareBy(c, a, b)
	if e != nil && e.Type == value.ArgumentException {
		return 0, value.InvalidOperation("Failed to compare two elements in the array.")
	}
	return n, e
}

// EqualityArg returns an argument as a comparer, nil for null.
func EqualityArg(v value.Value) value.EqualityComparer {
	o, _ := v.Object()
	c, _ := o.(value.EqualityComparer)
	return c
}

// OrderArg returns an argument as a comparer, nil for null.
func OrderArg(v value.Value) value.OrderComparer {
	o, _ := v.Object()
	c, _ := o.(value.OrderComparer)
	return c
}

func comparerEquals(c *value.Call) (value.Value, *value.Exception) {
	return object.Of(c.Thread).Bool(EqualBy(EqualityArg(c.Args[0]), c.Args[1], c.Args[2])), nil
}

func comparerHash(c *value.Call) (value.Value, *value.Exception) {
	return object.Of(c.Thread).Int(int64(int32(HashBy(EqualityArg(c.Args[0]), c.Args[1])))), nil
}

func comparerCompare(c *value.Call) (value.Value, *value.Exception) {
	n, e := CompareBy(OrderArg(c.Args[0]), c.Args[1], c.Args[2])
	return object.Of(c.Thread).Int(int64(n)), e
}
