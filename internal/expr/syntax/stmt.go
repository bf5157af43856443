package syntax

// BlockStmt is { … }.
type BlockStmt struct {
	stmtNode
	Span
	// List are the statements.
	List []Stmt
	// Close is the span of the closing brace.
	Close Span
}

// LocalDeclStmt declares local variables or constants.
type LocalDeclStmt struct {
	stmtNode
	Span
	// Const says that constants are declared.
	Const bool
	// Ref says that ref locals are declared, which policies may not use.
	Ref bool
	// Type is the declared type; var is a NamedType.
	Type Type
	// Vars are the variables, at least one.
	Vars []VarDecl
	// OfQuery says that the variables are the range variables of a query.
	OfQuery bool
}

// VarDecl is one variable of a declaration.
type VarDecl struct {
	Span
	// Name is the variable.
	Name Name
	// Init is its initial value, or nil; an array initialiser without new is an *InitExpr.
	Init Expr
}

// LocalFuncStmt is a local function.
type LocalFuncStmt struct {
	stmtNode
	Span
	// Result is the return type.
	Result Type
	// Name is the function's name.
	Name Name
	// TypeParams and Constraints are those of a generic function.
	TypeParams  []TypeParam
	Constraints []Constraint
	// Params are the parameters.
	Params []Param
	// Body is an expression body, or nil; Block is a block body, or nil.
	Body  Expr
	Block *BlockStmt
	// Async says that the function is async, which policies may not use.
	Async bool
}

// ExprStmt is an expression as a statement.
type ExprStmt struct {
	stmtNode
	Span
	// X is the expression.
	X Expr
}

// EmptyStmt is ;.
type EmptyStmt struct {
	stmtNode
	Span
}

// IfStmt is if (c) … else ….
type IfStmt struct {
	stmtNode
	Span
	// Cond is the condition.
	Cond Expr
	// Then and Else are the branches; Else may be nil.
	Then, Else Stmt
}

// WhileStmt is while (c) ….
type WhileStmt struct {
	stmtNode
	Span
	// Cond is the condition.
	Cond Expr
	// Body is repeated.
	Body Stmt
}

// DoStmt is do … while (c);.
type DoStmt struct {
	stmtNode
	Span
	// Body is repeated.
	Body Stmt
	// Cond is the condition.
	Cond Expr
}

// ForStmt is for (init; cond; step) ….
type ForStmt struct {
	stmtNode
	Span
	// Decl is the declaration in the head, or nil; Init are its expressions otherwise.
	Decl *LocalDeclStmt
	Init []Expr
	// Cond is the condition, or nil.
	Cond Expr
	// Step are the expressions after each round.
	Step []Expr
	// Body is repeated.
	Body Stmt
}

// ForeachStmt is foreach (T x in source) …, or with a deconstruction in the head.
type ForeachStmt struct {
	stmtNode
	Span
	// Type and Name declare the variable; Type is nil for a deconstruction.
	Type Type
	Name Name
	// Target is the *TupleExpr or *DeclarationExpr of a deconstruction, or nil.
	Target Expr
	// In is the source.
	In Expr
	// Body is repeated.
	Body Stmt
	// InSpan is the position of the word in.
	InSpan Span
}

// SwitchStmt is switch (x) { … }.
type SwitchStmt struct {
	stmtNode
	Span
	// X is the value switched on.
	X Expr
	// Sections are the cases.
	Sections []SwitchSection
}

// SwitchSection is some labels with their statements.
type SwitchSection struct {
	Span
	// Labels are the case and default labels, at least one.
	Labels []SwitchLabel
	// Body are the statements.
	Body []Stmt
}

// SwitchLabel is case pattern when guard: or default:.
type SwitchLabel struct {
	Span
	// Default says that it is default:.
	Default bool
	// Pattern is the case's pattern, nil for default.
	Pattern Pattern
	// When is the guard, or nil.
	When Expr
}

// BreakStmt is break;.
type BreakStmt struct {
	stmtNode
	Span
}

// ContinueStmt is continue;.
type ContinueStmt struct {
	stmtNode
	Span
}

// GotoStmt is goto label;, goto case value; or goto default;.
type GotoStmt struct {
	stmtNode
	Span
	// Label is the label; its Text is empty for the other forms.
	Label Name
	// Case is the value of goto case, Default says that it is goto default.
	Case    Expr
	Default bool
}

// LabeledStmt is label: statement.
type LabeledStmt struct {
	stmtNode
	Span
	// Label is the label.
	Label Name
	// Body is the statement labelled.
	Body Stmt
}

// ReturnStmt is return x;.
type ReturnStmt struct {
	stmtNode
	Span
	// X is the value, or nil.
	X Expr
}

// ThrowStmt is throw x; or throw;.
type ThrowStmt struct {
	stmtNode
	Span
	// X is the exception, or nil in a catch block.
	X Expr
}

// TryStmt is try … catch … finally ….
type TryStmt struct {
	stmtNode
	Span
	// Body is tried.
	Body *BlockStmt
	// Catches are the handlers in order.
	Catches []CatchClause
	// Finally is the finally block, or nil.
	Finally *BlockStmt
}

// CatchClause is catch (T e) when (guard) { … }.
type CatchClause struct {
	Span
	// Type is the exception's type, or nil for a general handler.
	Type Type
	// Name is the variable; its Text is empty where there is none.
	Name Name
	// When is the filter, or nil.
	When Expr
	// Body handles the exception.
	Body *BlockStmt
}

// UsingStmt is using (resource) ….
type UsingStmt struct {
	stmtNode
	Span
	// Decl is the declaration of the resource, or nil; X is the expression otherwise.
	Decl *LocalDeclStmt
	X    Expr
	// Body runs before the resource is disposed of.
	Body Stmt
}

// CheckedStmt is checked { … } or unchecked { … }.
type CheckedStmt struct {
	stmtNode
	Span
	// Checked is false for unchecked.
	Checked bool
	// Body is the block.
	Body *BlockStmt
}

// LockStmt is lock (x) ….
type LockStmt struct {
	stmtNode
	Span
	// X is the object.
	X Expr
	// Body is the statement.
	Body Stmt
}

// YieldStmt is yield return x; or yield break;, which policies may not use.
type YieldStmt struct {
	stmtNode
	Span
	// X is the value, or nil for yield break.
	X Expr
}

// UnsafeStmt is unsafe { … } or fixed (…) …, which policies may not use.
type UnsafeStmt struct {
	stmtNode
	Span
	// Body is the statement.
	Body Stmt
}

// BadStmt stands where a statement is missing; an error has been reported.
type BadStmt struct {
	stmtNode
	Span
}
