package value

// Mapping is a Counted of key-value pairs that can be looked up by key: a dictionary, the headers of a message.
// Its elements are KeyValuePair objects.
type Mapping interface {
	Counted
	// Lookup returns the value of a key and whether it is there. The key is never null.
	Lookup(t *Thread, key Value) (Value, bool, *Exception)
}

// EqualityComparer is an Object that is IEqualityComparer<T>, such as a StringComparer.
type EqualityComparer interface {
	Object
	// EqualValues reports whether two values count as equal.
	EqualValues(a, b Value) bool
	// HashValue returns a hash that agrees with EqualValues.
	HashValue(v Value) uint64
}

// OrderComparer is an Object that is IComparer<T>, such as a StringComparer.
type OrderComparer interface {
	Object
	// CompareValues returns a negative number, 0 or a positive number.
	CompareValues(a, b Value) (int, *Exception)
}
