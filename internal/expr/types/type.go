package types

import (
	"sync"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Kind is the kind of a type.
type Kind uint8

// The kinds of types.
const (
	// Invalid is the type of an expression with an error: it converts to and from everything silently.
	Invalid Kind = iota
	// Void is the result of a method without result.
	Void
	// Null is the type of the literal null; DefaultLiteral that of default without a type.
	Null
	DefaultLiteral
	// Class, Struct, Enum, Interface and Delegate are declared in a table (Def).
	Class
	Struct
	Enum
	Interface
	Delegate
	// Array has Elem and Rank.
	Array
	// Tuple is (A, B, …): Args are the elements, Names their names ("" for none).
	Tuple
	// Anonymous is the type of new { … }: Args are the properties' types, Names their names.
	Anonymous
	// Param is a type parameter of a generic definition or method.
	Param
	// Typeless is the type of a method group, a lambda or a throw expression before it is converted.
	Typeless
)

// Storage says in which typed slot compiled code keeps values of a type.
type Storage uint8

// The storages. Each has its own kind of closure in plan.
const (
	// Val is a value.Value: object, references, nullable value types, decimal, Guid, tuples, other structs.
	Val Storage = iota
	// Bool is a Go bool.
	Bool
	// Int is an int64: integers (ulong by its bits), char, enums, DateTime (.NET's bits), TimeSpan (ticks).
	Int
	// Float is a float64: double, and float (rounded to 32 bits after each operation).
	Float
	// Str is a value.String.
	Str
	// None is void.
	None
)

// Special marks the types that the language itself knows.
type Special uint8

// The special types.
const (
	NotSpecial Special = iota
	Object
	String
	Boolean
	Char
	SByte
	Byte
	Int16
	UInt16
	Int32
	UInt32
	Int64
	UInt64
	Single
	Double
	Decimal
	Nullable
	DateTime
	TimeSpan
	EnumBase
	ValueType
	ArrayBase
	DelegateBase
	Exception
	Enumerable  // IEnumerable, not generic.
	EnumerableT // IEnumerable<T>.
	Disposable
	TypeOf // System.Type, which exists only for nameof-like uses of typeof.
)

// Type is a .NET type: a definition with its type arguments, an array, a tuple ….
// The Library makes each type once, so that two types are identical exactly where the pointers are equal;
// tuples that differ only in element names are different pointers with the same Plain type.
type Type struct {
	// Kind is the kind.
	Kind Kind
	// Def is the definition for the kinds that a table declares, nil otherwise.
	Def *Definition
	// Args are the type arguments of a generic type, or the elements of a tuple or an anonymous type.
	Args []*Type
	// Names are the names of the elements of a tuple or an anonymous type.
	Names []string
	// Elem and Rank are those of an array.
	Elem *Type
	Rank int
	// Plain is the tuple without names; the type itself for every other type.
	Plain *Type
	// ParamName and ParamIndex are those of a type parameter, Method says that a method declares it.
	ParamName  string
	ParamIndex int
	Method     bool

	lib *Library
	// id is unique in the library; the keys of interned types are made of it.
	id int
	// weight is the number of types that the type is made of, each as often as it occurs.
	weight int
	// The hierarchy and the members are found on first use and then kept.
	lineageOnce sync.Once
	base        *Type
	interfaces  []*Type
	membersOnce sync.Once
	members     map[string][]*Member
}

// Definition is a type as a table declares it, with the members in terms of its own type parameters.
type Definition struct {
	// Namespace and Name are the .NET name; a nested type is "Outer.Name".
	Namespace, Name string
	// Kind is Class, Struct, Enum, Interface or Delegate.
	Kind Kind
	// Special marks the types that the language knows.
	Special Special
	// Static and Abstract types cannot be created; Sealed ones cannot be derived from.
	Static, Abstract, Sealed bool
	// Hidden types can be met but not named.
	Hidden bool
	// Params are the type parameters; Variance has '+' for out, '-' for in, 0 for none.
	Params   []*Type
	Variance []byte
	// Base is the base class, nil for object and interfaces; Interfaces are those declared.
	Base       *Type
	Interfaces []*Type
	// Underlying is the integer type of an enum; Flags says that it prints as a combination.
	Underlying *Type
	Flags      bool
	// Storage says how values are kept.
	Storage Storage
	// Members are all declared members in the order of the table. An enum's are its constants.
	Members []*Member
	// Invoke is the signature of a delegate, nil for other kinds.
	Invoke *Member

	// self is the type itself: with its own parameters as arguments where it is generic.
	self *Type
}

// Self returns the type that the definition declares: the open one, with its own parameters as arguments,
// where it is generic.
func (d *Definition) Self() *Type { return d.self }

// Runtime returns the runtime of the type's library.
func (t *Type) Runtime() value.Runtime { return t.lib.runtime }

var _ value.Type = (*Type)(nil)
