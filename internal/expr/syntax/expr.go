package syntax

// IdentExpr is a simple name, perhaps with type arguments: x, Foo<int>.
type IdentExpr struct {
	exprNode
	Span
	// Name is the identifier.
	Name Name
	// Args are the type arguments, or nil.
	Args []Type
}

// LiteralExpr is a literal: number, character, string, true, false, null.
type LiteralExpr struct {
	exprNode
	Span
	// Kind is IntLit, RealLit, CharLit, StringLit, KwTrue, KwFalse or KwNull.
	Kind Kind
	// Text is the source text with its suffix; Value is the decoded content of a character or string literal.
	Text, Value string
}

// InterpolationPart is either literal text or one hole of an interpolated string.
type InterpolationPart struct {
	Span
	// Text is the decoded literal text where Hole is false, and the source of the hole's expression otherwise.
	Text string
	// Hole says that the part is {expression,alignment:format}.
	Hole bool
	// Expr and Alignment are parsed by the parser; Alignment may be nil.
	Expr, Alignment Expr
	// Format is the text after the colon, decoded; HasFormat tells an empty one from none.
	Format    string
	HasFormat bool
}

// InterpolatedExpr is $"…" or $@"…".
type InterpolatedExpr struct {
	exprNode
	Span
	// Parts are text and holes in order.
	Parts []InterpolationPart
}

// ParenExpr is (x).
type ParenExpr struct {
	exprNode
	Span
	// X is the expression in the parentheses.
	X Expr
}

// MemberExpr is x.Name, x?.Name (inside a ConditionalExpr's Then) or a type's member.
type MemberExpr struct {
	exprNode
	Span
	// X is what stands before the dot; inside ConditionalAccessExpr.Then it may be a *BindingExpr.
	X Expr
	// Name is the member, Args its type arguments.
	Name Name
	Args []Type
}

// Argument is one argument of a call, a creation or an indexer.
type Argument struct {
	Span
	// Name is that of a named argument; its Text is empty otherwise.
	Name Name
	// Mode is KwRef, KwOut, KwIn, or Invalid for a value.
	Mode Kind
	// Value is the argument; for an `out var x` or `out T x` it is a *DeclarationExpr.
	Value Expr
}

// CallExpr is f(args).
type CallExpr struct {
	exprNode
	Span
	// Fun is what is called.
	Fun Expr
	// Args are the arguments as written.
	Args []Argument
	// Close is the span of the closing parenthesis.
	Close Span
}

// IndexExpr is x[args].
type IndexExpr struct {
	exprNode
	Span
	// X is what is indexed.
	X Expr
	// Args are the arguments as written.
	Args []Argument
}

// ConditionalAccessExpr is x?.M… or x?[i]….
type ConditionalAccessExpr struct {
	exprNode
	Span
	// X is the receiver, evaluated once.
	X Expr
	// Then is the whole chain that runs when X is not null; its innermost receiver is a *BindingExpr.
	Then Expr
}

// BindingExpr stands in ConditionalAccessExpr.Then for the receiver's value.
type BindingExpr struct {
	exprNode
	Span
}

// UnaryExpr is a prefix or postfix operator: + - ! ~ ++ -- (& and * are refused by the checker).
type UnaryExpr struct {
	exprNode
	Span
	// Op is the operator; Postfix says that it follows X.
	Op      Kind
	Postfix bool
	// X is the operand.
	X Expr
	// OpSpan is the operator's own position.
	OpSpan Span
}

// BinaryExpr is any binary operator but is, as and assignment: && || ?? and the arithmetic, relational and bitwise ones.
type BinaryExpr struct {
	exprNode
	Span
	// Op is the operator; >> is ShiftRight.
	Op Kind
	// X and Y are the operands.
	X, Y Expr
	// OpSpan is the operator's own position.
	OpSpan Span
}

// AssignExpr is x = y or x op= y.
type AssignExpr struct {
	exprNode
	Span
	// Op is Assign for a plain assignment, or the binary operator of a compound one (Plus for +=).
	Op Kind
	// X is the target, Y the value. A *TupleExpr as target is a deconstruction.
	X, Y Expr
	// OpSpan is the operator's own position.
	OpSpan Span
}

// CondExpr is c ? a : b.
type CondExpr struct {
	exprNode
	Span
	// Cond is tested; Then and Else are the alternatives.
	Cond, Then, Else Expr
}

// CastExpr is (T)x.
type CastExpr struct {
	exprNode
	Span
	// Type is T.
	Type Type
	// X is the operand.
	X Expr
}

// IsExpr is x is Pattern; "x is T" has a *TypePattern without name or a *ConstPattern where T could be either.
type IsExpr struct {
	exprNode
	Span
	// X is the operand.
	X Expr
	// Pattern is what it is tested for.
	Pattern Pattern
}

// AsExpr is x as T.
type AsExpr struct {
	exprNode
	Span
	// X is the operand.
	X Expr
	// Type is T.
	Type Type
}

// TupleExpr is (a, b: c).
type TupleExpr struct {
	exprNode
	Span
	// Elems are the elements, at least two; their Mode is Invalid.
	Elems []Argument
}

// DeclarationExpr is `var x`, `T x`, `var (x, y)` or a discard, as an out argument or in a deconstruction.
type DeclarationExpr struct {
	exprNode
	Span
	// Type is the declared type; var is a NamedType.
	Type Type
	// Names is what is declared.
	Designation Designation
}

// Designation is what a declaration expression declares: one name, or a parenthesised list of designations.
type Designation struct {
	Span
	// Name is the single name ("_" is a discard); its Text is empty for a list.
	Name Name
	// List is the parenthesised list, or nil.
	List []Designation
}

// TypeExpr is a type where an expression is expected: int.Parse, string.Empty, List<int>[]….
type TypeExpr struct {
	exprNode
	Span
	// Type is the type.
	Type Type
}

// ThisExpr is this or base, which policies do not have.
type ThisExpr struct {
	exprNode
	Span
	// Base says that it is base.
	Base bool
}

// TypeofExpr is typeof(T).
type TypeofExpr struct {
	exprNode
	Span
	// Type is T.
	Type Type
}

// SizeofExpr is sizeof(T).
type SizeofExpr struct {
	exprNode
	Span
	// Type is T.
	Type Type
}

// DefaultExpr is default(T), or the literal default where Type is nil.
type DefaultExpr struct {
	exprNode
	Span
	// Type is T or nil.
	Type Type
}

// CheckedExpr is checked(x) or unchecked(x).
type CheckedExpr struct {
	exprNode
	Span
	// Checked is false for unchecked.
	Checked bool
	// X is the operand.
	X Expr
}

// ThrowExpr is throw x in an expression.
type ThrowExpr struct {
	exprNode
	Span
	// X is the exception.
	X Expr
}

// RefExpr is ref x, which occurs only where C# 7 has ref returns and locals; the checker refuses it.
type RefExpr struct {
	exprNode
	Span
	// X is the operand.
	X Expr
}

// AwaitExpr is await x, which policies may not use.
type AwaitExpr struct {
	exprNode
	Span
	// X is the operand.
	X Expr
}

// StackAllocExpr is stackalloc T[n], which policies may not use.
type StackAllocExpr struct {
	exprNode
	Span
}

// BadExpr stands where an expression is missing; an error has been reported.
type BadExpr struct {
	exprNode
	Span
}
