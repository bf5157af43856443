package value

import (
	"math"
	"unsafe"
)

// Value is any C# value in 24 bytes without allocation: null, a boxed number, boolean, character, enum,
// DateTime or TimeSpan (64 bits with their type), a string, or a reference. It is the storage of the static
// type object and of every type that has no typed storage of its own; compiled code keeps numbers and
// booleans of known type unboxed and builds a Value only where C# would box.
//
// The layout is that of log/slog.Value: num holds the bits of a number or the length of a string;
// any holds the number's Type, a stringData, or the Object.
type Value struct {
	num uint64
	any any
}

// stringData is the start of a string's bytes; a pointer, so that storing it in an interface is free.
type stringData *byte

// emptyString marks the empty string, whose data pointer may be nil.
var emptyString byte

// Nil is null.
var Nil Value

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.any == nil }

// Boxed returns a number of type t by its bits: two's complement for integers, characters, enums, DateTime
// (.NET's own 64 bits: kind and ticks) and TimeSpan (ticks); 0 or 1 for bool; the IEEE bits of a float64
// for float and double.
func Boxed(t Type, bits uint64) Value { return Value{num: bits, any: t} }

// BoxedFloat returns a float or double of type t.
func BoxedFloat(t Type, f float64) Value { return Value{num: math.Float64bits(f), any: t} }

// BoxedBool returns a bool; t is the type bool.
func BoxedBool(t Type, b bool) Value {
	if b {
		return Value{num: 1, any: t}
	}
	return Value{any: t}
}

// OfString returns a string as a value; the null string is null.
func OfString(s String) Value {
	if s.IsNull() {
		return Nil
	}
	return OfGo(s.s)
}

// OfGo returns the non-null string with content s, which is not copied.
func OfGo(s string) Value {
	if s == "" {
		return Value{any: stringData(&emptyString)}
	}
	return Value{num: uint64(len(s)), any: stringData(unsafe.StringData(s))}
}

// OfObject returns a reference; a nil interface is null. A nil pointer in a non-nil interface is a mistake.
func OfObject(o Object) Value {
	if o == nil {
		return Nil
	}
	return Value{any: o}
}

// Str returns v as a string and reports whether it is one. Null is not.
func (v Value) Str() (String, bool) {
	p, ok := v.any.(stringData)
	if !ok {
		return Null, false
	}
	if v.num == 0 {
		return Str(""), true
	}
	return Str(unsafe.String((*byte)(p), int(v.num))), true
}

// StringOrNull returns v as a string where its static type is string: null stays null.
func (v Value) StringOrNull() String {
	s, _ := v.Str()
	return s
}

// SameString reports whether two strings are one object rather than only of equal content.
func SameString(a, b string) bool {
	return len(a) == len(b) && (a == "" || unsafe.StringData(a) == unsafe.StringData(b))
}

// Object returns v as a reference other than a string and reports whether it is one.
func (v Value) Object() (Object, bool) {
	o, ok := v.any.(Object)
	return o, ok
}

// As returns v as a reference of one Go type and reports whether it is one. It is quicker than Object.
func As[T Object](v Value) (T, bool) {
	o, ok := v.any.(T)
	return o, ok
}

// Boxed returns the type and the bits of a boxed number, and whether v is one.
func (v Value) Boxed() (Type, uint64, bool) {
	t, ok := v.any.(Type)
	return t, v.num, ok
}

// Bits returns the bits of a boxed number without looking at its type.
func (v Value) Bits() uint64 { return v.num }

// Int returns the bits as a signed integer: what a boxed integer of static type holds.
func (v Value) Int() int64 { return int64(v.num) }

// Float returns the bits as a floating-point number.
func (v Value) Float() float64 { return math.Float64frombits(v.num) }

// Bool returns the bits as a boolean.
func (v Value) Bool() bool { return v.num != 0 }
