package syntax

// Node is any part of the tree that covers a range of source text.
type Node interface {
	// Range returns the source text that the node covers.
	Range() Span
}

// Expr is a C# expression. The set is closed: every implementation is in this package.
type Expr interface {
	Node
	expr()
}

// Stmt is a C# statement. The set is closed: every implementation is in this package.
type Stmt interface {
	Node
	stmt()
}

// Type is the syntax of a C# type. The set is closed: every implementation is in this package.
type Type interface {
	Node
	typ()
}

// Pattern is a C# 7 pattern, after `is` or in a case label.
type Pattern interface {
	Node
	pattern()
}

// QueryClause is a clause of a query expression after its first from clause.
type QueryClause interface {
	Node
	clause()
}

// Name is an identifier with its position; an empty Text stands for an identifier that is missing.
type Name struct {
	Span
	// Text is the identifier without @ and with Unicode escapes decoded.
	Text string
	// Verbatim says that the name was written with @.
	Verbatim bool
}

type (
	exprNode    struct{}
	stmtNode    struct{}
	typeNode    struct{}
	patternNode struct{}
	clauseNode  struct{}
)

func (exprNode) expr()       {}
func (stmtNode) stmt()       {}
func (typeNode) typ()        {}
func (patternNode) pattern() {}
func (clauseNode) clause()   {}
