package syntax

// TypePattern is T or T x. A name that could be a constant or a type is parsed as ConstPattern where no
// designation follows, and the checker decides.
type TypePattern struct {
	patternNode
	Span
	// Type is T.
	Type Type
	// Name is the variable; its Text is empty where there is none, "_" for a discard.
	Name Name
}

// ConstPattern is a constant expression (or a type's name: see TypePattern).
type ConstPattern struct {
	patternNode
	Span
	// Value is the constant.
	Value Expr
}

// VarPattern is var x.
type VarPattern struct {
	patternNode
	Span
	// Name is the variable, "_" for a discard.
	Name Name
}
