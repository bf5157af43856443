package syntax

// MemberKind says which kind of member a declared signature is.
type MemberKind uint8

// The kinds of members that a type table can declare.
const (
	MethodMember MemberKind = iota
	ConstructorMember
	PropertyMember
	IndexerMember
	FieldMember
	ConstantMember
	EnumMember
	OperatorMember
	ConversionMember
)

// Signature is one member declared by its C# text, such as "string Substring(int startIndex, int length)".
type Signature struct {
	// Kind is the kind of member.
	Kind MemberKind
	// Static says that the member is static; extension methods are static with a `this` parameter.
	Static bool
	// Implicit tells an implicit conversion from an explicit one.
	Implicit bool
	// Get and Set are the accessors of a property or an indexer.
	Get, Set bool
	// Name is the member's name; for an operator its text ("==", "+", "true").
	Name string
	// Type is the result: return type, property type, or the target of a conversion; nil for a constructor.
	Type Type
	// TypeParams and Constraints are those of a generic method.
	TypeParams  []TypeParam
	Constraints []Constraint
	// Params are the parameters of a method, constructor, indexer, operator or conversion.
	Params []Param
	// Value is the value of a constant or an enum member, or nil.
	Value Expr
}

// Declaration is the head of a type, such as "class List<T> : IList<T>, IReadOnlyList<T>".
type Declaration struct {
	// Keyword is KwClass, KwStruct, KwInterface, KwEnum or KwDelegate.
	Keyword Kind
	// Static, Abstract and Sealed are the modifiers.
	Static, Abstract, Sealed bool
	// Name is the type's name; a nested type is written Outer.Name.
	Name string
	// TypeParams are the parameters of a generic type; Variance has "in", "out" or "" for each.
	TypeParams []TypeParam
	Variance   []string
	// Bases are the base class and the interfaces, or an enum's underlying type.
	Bases []Type
	// Result and Params are those of a delegate.
	Result Type
	Params []Param
}
