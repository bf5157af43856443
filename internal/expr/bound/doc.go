// Package bound is the typed tree of a policy expression: what check produces and plan consumes. Every name
// is resolved, every overload chosen, every conversion explicit, every constant folded; plan decides nothing.
// Query expressions are method calls here, using statements and foreach keep their shape.
package bound

import (
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Expr is a typed expression. The set is closed: every implementation is in this package.
type Expr interface {
	syntax.Node
	// Type returns the static type; types.Void for a call without result.
	Type() *types.Type
	bound()
}

// Stmt is a checked statement. The set is closed: every implementation is in this package.
type Stmt interface {
	syntax.Node
	stmt()
}

// Node is what every expression embeds: its place in the source and its static type.
type Node struct {
	syntax.Span
	// T is the static type.
	T *types.Type
}

// Type returns the static type.
func (n *Node) Type() *types.Type { return n.T }

func (n *Node) bound() {}

// StmtNode is what every statement embeds: its place in the source.
type StmtNode struct {
	syntax.Span
}

func (n *StmtNode) stmt() {}

// Local is a variable: a local, a parameter of a lambda or a local function, a pattern or range variable, or
// a temporary of the compiler. Plan gives each a slot in the storage of its type.
type Local struct {
	// Name is the C# name, "" for a temporary.
	Name string
	// Type is the variable's type.
	Type *types.Type
	// Captured says that a lambda or a local function other than Owner uses it, so that it lives in a cell
	// that is made anew each time its scope is entered.
	Captured bool
	// Owner is the function whose frame holds it.
	Owner *Function
	// ReadOnly says that it cannot be assigned to: it is the variable of a foreach or a using statement, or where
	// Kept has the number of another error, the range variable of a query or an in parameter.
	ReadOnly bool
	Kept     string
	// Late says that an expression declares it, as an out argument or in a pattern: it has no value before that
	// expression has been evaluated.
	Late bool
	// ByRef says that it is a ref or out parameter of a local function, Out that it is an out parameter.
	ByRef, Out bool
	// Slot is set by plan.
	Slot int
}

// Function is the body of the whole expression, of a lambda or of a local function: what has a frame.
type Function struct {
	// Name is a local function's name, "" otherwise.
	Name string
	// At is where errors about the function as a whole are reported: the arrow of a lambda, the name of a
	// local function.
	At syntax.Span
	// Parent is the function around it, nil for the whole expression.
	Parent *Function
	// Params are the parameters.
	Params []*Local
	// Result is the type of the result, types.Void for none.
	Result *types.Type
	// Yields is the type of the elements where the function is an iterator, else nil.
	Yields *types.Type
	// Body is the body; an expression body is a Return statement.
	Body *Block
	// Locals are all variables of the function, parameters included.
	Locals []*Local
	// Captures are the variables of functions around it that it uses, its own nested functions included.
	Captures []*Local
}

// Program is a whole expression, checked.
type Program struct {
	// Main is the expression's own function: its Result is the static type of the value returned, object
	// where a block returns several types.
	Main *Function
	// Const is the value where the expression is a constant or folds to one, else nil.
	Const *Literal
	// ReadsRequestBody and ReadsResponseBody say which bodies may be read.
	ReadsRequestBody, ReadsResponseBody bool
}
