package syntax

// NewExpr is new T(args) { … }.
type NewExpr struct {
	exprNode
	Span
	// Type is T.
	Type Type
	// Args are the constructor's arguments; HasArgs tells () from none.
	Args    []Argument
	HasArgs bool
	// Init is the object or collection initialiser, or nil.
	Init *InitExpr
}

// NewArrayExpr is new T[n, m][] { … } or new[] { … }.
type NewArrayExpr struct {
	exprNode
	Span
	// Type is the whole array type, or nil for an implicitly typed array.
	Type *ArrayType
	// Rank is the number of dimensions of an implicitly typed array.
	Rank int
	// Sizes are the lengths of the outermost dimensions; empty where only an initialiser gives them.
	Sizes []Expr
	// Init is the initialiser, or nil.
	Init *InitExpr
}

// NewAnonymousExpr is new { a, b = c }.
type NewAnonymousExpr struct {
	exprNode
	Span
	// Members are the properties in order.
	Members []AnonymousMember
}

// AnonymousMember is one property of an anonymous object.
type AnonymousMember struct {
	Span
	// Name is the property's name; empty where it is taken from Value (a name or a member access).
	Name Name
	// Value is the property's value.
	Value Expr
}

// InitExpr is the braces of an object, collection or array initialiser.
type InitExpr struct {
	exprNode
	Span
	// Items are the entries in order.
	Items []InitItem
	// Object says that the items are assignments to members or indexers.
	Object bool
}

// InitItem is one entry of an initialiser. Exactly one of the forms is used:
// a member (Name) or an indexer (Index) with a Value, or plain Values (one, or several in braces for Add).
type InitItem struct {
	Span
	// Name is the member assigned, in an object initialiser.
	Name Name
	// Index are the arguments of [i] = v, in an object initialiser.
	Index []Argument
	// Value is the value assigned, in an object initialiser; it may be a nested *InitExpr.
	Value Expr
	// Values are the arguments of Add in a collection initialiser, or the one element of an array
	// initialiser (a nested *InitExpr for a multi-dimensional array).
	Values []Expr
	// Braced says that Values stood in braces of their own.
	Braced bool
}

// LambdaExpr is a lambda or an anonymous method.
type LambdaExpr struct {
	exprNode
	Span
	// Params are the parameters; their Type is nil where it is inferred.
	Params []Param
	// Body is the expression, or nil for a block body.
	Body Expr
	// Block is the block body, or nil.
	Block *BlockStmt
	// Async says that the lambda is async, which policies may not use.
	Async bool
	// AnonymousMethod says that it is delegate (…) { … }; NoParams that it has no parameter list at all.
	AnonymousMethod, NoParams bool
	// Arrow is the position of => or of the word delegate.
	Arrow Span
}

// Param is a parameter of a lambda, a local function or a declared signature.
type Param struct {
	Span
	// Mode is KwRef, KwOut, KwIn, KwParams, KwThis, or Invalid.
	Mode Kind
	// Type is the declared type, or nil where a lambda's is inferred.
	Type Type
	// Name is the parameter's name.
	Name Name
	// Default is the default value of an optional parameter, or nil.
	Default Expr
	// OfQuery says that it is the range variable of a query.
	OfQuery bool
}
