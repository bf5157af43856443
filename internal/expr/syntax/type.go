package syntax

// PredefinedType is a type by keyword: int, string, object, void ….
type PredefinedType struct {
	typeNode
	exprNode
	Span
	// Kind is the keyword.
	Kind Kind
}

// NamedType is a type by name, with its qualifier and type arguments: Newtonsoft.Json.Linq.JObject, List<int>.
// In an expression, names are IdentExpr and MemberExpr; NamedType occurs only where C# expects a type.
type NamedType struct {
	typeNode
	Span
	// Qualifier is what stands before the last dot, or nil.
	Qualifier Type
	// Name is the simple name. "var" is an ordinary name here: the checker decides.
	Name Name
	// Args are the type arguments; an unbound generic type (typeof(List<>)) has nil entries.
	Args []Type
	// Global says that the name starts with global::.
	Global bool
}

// NullableType is T?.
type NullableType struct {
	typeNode
	Span
	// Elem is T.
	Elem Type
}

// ArrayType is T[], T[,] …; int[][,] is an ArrayType of rank 1 whose Elem is an ArrayType of rank 2.
type ArrayType struct {
	typeNode
	Span
	// Elem is the element type.
	Elem Type
	// Rank is the number of dimensions, at least 1.
	Rank int
}

// TupleType is (int a, string b).
type TupleType struct {
	typeNode
	Span
	// Elems are the elements, at least two.
	Elems []TupleElem
}

// TupleElem is one element of a tuple type.
type TupleElem struct {
	// Type is the element's type.
	Type Type
	// Name is the element's name; its Text is empty where the element has none.
	Name Name
}

// PointerType is T*, which policies may not use; it is parsed so that the error is the compiler's own.
type PointerType struct {
	typeNode
	Span
	// Elem is T.
	Elem Type
}

// BadType stands where a type is missing; an error has been reported.
type BadType struct {
	typeNode
	Span
}

// TypeParam is a type parameter of a local function or of a declared signature.
type TypeParam struct {
	// Name is the parameter's name.
	Name Name
}

// Constraint is one "where T : …" clause.
type Constraint struct {
	Span
	// Param is the type parameter constrained.
	Param Name
	// Types are the constraint types; class, struct and new() are flags.
	Types []Type
	// Class, Struct and New are the special constraints.
	Class, Struct, New bool
}
