// Package value holds what policy expressions compute with at run time: strings, numbers, objects,
// delegates, exceptions, and the budget that bounds a run. It knows nothing of syntax or of the type tables;
// a type is known here only by the Type interface.
package value

// Type is a closed .NET type as run-time values see it. The types package implements it with one canonical
// pointer per type, so that two types are the same exactly where the interface values are equal.
type Type interface {
	// Name returns the type's C# name, such as "int" or "List<string>".
	Name() string
	// FullName returns the .NET name, such as "System.Int32".
	FullName() string
	// AssignableTo reports whether a value of this type is a value of type t as well: identity,
	// base classes, interfaces and their variance, boxing; never user-defined conversions.
	AssignableTo(t Type) bool
}

// Object is a reference that is neither a string nor a boxed number: JObject, List<T>, byte[], a boxed Guid.
type Object interface {
	// ObjectType returns the run-time type.
	ObjectType() Type
}

// Stringer is an Object with a ToString of its own; without it ToString is the type's full name.
type Stringer interface {
	// NetString returns what ToString() returns, in the invariant culture.
	NetString() (String, *Exception)
}

// Equaler is an Object whose Equals is not reference equality.
type Equaler interface {
	// EqualTo reports what Equals(other) returns.
	EqualTo(other Value) bool
	// HashCode returns a hash that agrees with EqualTo. It is not .NET's own number.
	HashCode() uint64
}
