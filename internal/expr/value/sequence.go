package value

import "unicode/utf16"

// Iterator yields the elements of a sequence one by one; ok is false at the end and after it.
type Iterator func() (v Value, ok bool, e *Exception)

// Enumerable is an Object that foreach and LINQ can enumerate.
type Enumerable interface {
	Object
	// Iterate starts an enumeration.
	Iterate(t *Thread) Iterator
}

// Counted is an Enumerable that knows its number of elements.
type Counted interface {
	Enumerable
	// Count returns the number of elements.
	Count() int
}

// Vector is a Counted with an index: an array, a List<T>, a JArray.
type Vector interface {
	Counted
	// At returns the i-th element; i is in range.
	At(i int) Value
}

// Array is a C# array of any rank, but for byte[].
type Array struct {
	// Class is the array's type, Elem the type of its elements.
	Class, Elem Type
	// Items are the elements in row-major order, boxed where they are numbers.
	Items []Value
	// Dims are the lengths of the dimensions; nil for rank 1.
	Dims []int
}

// ObjectType returns the array's type.
func (a *Array) ObjectType() Type { return a.Class }

// Count returns the number of elements of all dimensions.
func (a *Array) Count() int { return len(a.Items) }

// At returns the i-th element in row-major order.
func (a *Array) At(i int) Value { return a.Items[i] }

// Set stores the i-th element in row-major order.
func (a *Array) Set(i int, v Value) { a.Items[i] = v }

// Iterate enumerates the elements in row-major order.
func (a *Array) Iterate(*Thread) Iterator { return IterateVector(a) }

// Bytes is a byte[].
type Bytes struct {
	// Class is the type byte[], Elem the type byte.
	Class, Elem Type
	// Data are the elements.
	Data []byte
}

// ObjectType returns the type byte[].
func (b *Bytes) ObjectType() Type { return b.Class }

// Count returns the number of bytes.
func (b *Bytes) Count() int { return len(b.Data) }

// At returns the i-th byte, boxed.
func (b *Bytes) At(i int) Value { return Boxed(b.Elem, uint64(b.Data[i])) }

// Set stores the i-th byte.
func (b *Bytes) Set(i int, v Value) { b.Data[i] = byte(v.Bits()) }

// Iterate enumerates the bytes.
func (b *Bytes) Iterate(*Thread) Iterator { return IterateVector(b) }

// Settable is a Vector whose elements can be stored.
type Settable interface {
	Vector
	// Set stores the i-th element; i is in range.
	Set(i int, v Value)
}

// IterateVector enumerates a vector by index, so that an element added behind the cursor is seen.
func IterateVector(v Vector) Iterator {
	i := -1
	return func() (Value, bool, *Exception) {
		if i+1 >= v.Count() {
			return Nil, false, nil
		}
		i++
		return v.At(i), true, nil
	}
}

// IterateSlice enumerates a slice.
func IterateSlice(items []Value) Iterator {
	i := -1
	return func() (Value, bool, *Exception) {
		if i+1 >= len(items) {
			return Nil, false, nil
		}
		i++
		return items[i], true, nil
	}
}

// IterateString enumerates the UTF-16 code units of s as characters of type char.
func IterateString(s string, char Type) Iterator {
	low := rune(0)
	return func() (Value, bool, *Exception) {
		if u := low; u != 0 {
			low = 0
			return Boxed(char, uint64(u)), true, nil
		}
		if s == "" {
			return Nil, false, nil
		}
		r, n := DecodeRune(s)
		s = s[n:]
		if r >= 0x10000 {
			r, low = utf16.EncodeRune(r)
		}
		return Boxed(char, uint64(uint16(r))), true, nil
	}
}

// Record is a tuple or an anonymous object. A tuple that is assigned to is copied first, so that a Record is
// never changed.
type Record struct {
	// Class is the type.
	Class Type
	// Names are the properties of an anonymous object, nil for a tuple.
	Names []string
	// Items are the elements.
	Items []Value
}

// ObjectType returns the type.
func (r *Record) ObjectType() Type { return r.Class }

// TypeRef is a System.Type as a value: what typeof yields.
type TypeRef struct {
	// Class is the type System.Type, Of the type that it stands for.
	Class, Of Type
}

// ObjectType returns the type System.Type.
func (r *TypeRef) ObjectType() Type { return r.Class }
