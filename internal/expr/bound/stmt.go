package bound

import (
	"fmt"
	"strconv"

	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Block is a sequence of statements with its own variables.
type Block struct {
	StmtNode
	// Locals are the variables of this scope: the captured ones get new cells when it is entered.
	Locals []*Local
	// Functions are the local functions declared here.
	Functions []*Function
	// List are the statements.
	List []Stmt
}

// Declare initialises a variable.
type Declare struct {
	StmtNode
	// Local is the variable.
	Local *Local
	// Init is its value, or nil.
	Init Expr
	// Unset says that Init only makes room for a tuple, whose elements are given values one by one.
	Unset bool
}

// ExprStmt evaluates an expression for its effects.
type ExprStmt struct {
	StmtNode
	// X is the expression.
	X Expr
}

// If chooses between statements.
type If struct {
	StmtNode
	// Cond is a bool.
	Cond Expr
	// Then and Else are the branches; Else may be nil.
	Then, Else Stmt
}

// Loop is while, do and for: Init; then while Cond holds, Body and Step.
type Loop struct {
	StmtNode
	// Locals are the variables of the head, one copy for all rounds.
	Locals []*Local
	// Init runs once.
	Init []Stmt
	// Cond is tested before each round, or after it where Post; nil is true.
	Cond Expr
	Post bool
	// Step runs after each round, and after continue.
	Step []Expr
	// Body is repeated.
	Body Stmt
	// Label is what Break and Continue refer to.
	Label *Label
}

// Foreach enumerates a collection; its variable is new in each round.
type Foreach struct {
	StmtNode
	// Locals are the variables of the head: Var, or those of a deconstruction.
	Locals []*Local
	// Var receives each element, converted from Elem.
	Var *Local
	// X is the collection: an array, a string, or an object that implements IEnumerable<T> or IEnumerable.
	X Expr
	// Elem is the type that the enumeration yields.
	Elem *types.Type
	// Item holds the element as enumerated; Convert is its conversion to Var's type, nil where the same.
	Item    *Local
	Convert Expr
	// Split deconstructs Var into the other Locals, or is nil.
	Split Expr
	// Body is repeated.
	Body Stmt
	// Label is what Break and Continue refer to.
	Label *Label
}

// Label is the target of jumps: a loop or switch (break, continue), a case, or a labelled statement.
type Label struct {
	// Name is the name of a labelled statement, "" otherwise.
	Name string
	// ID is set by plan.
	ID int
}

// Break leaves the loop or switch with that label.
type Break struct {
	StmtNode
	// Target is the loop's or switch's label.
	Target *Label
}

// Continue starts the next round of the loop with that label.
type Continue struct {
	StmtNode
	// Target is the loop's label.
	Target *Label
}

// Goto jumps to a labelled statement or a switch section.
type Goto struct {
	StmtNode
	// Target is the label.
	Target *Label
}

// Labeled is a statement that a Goto may jump to.
type Labeled struct {
	StmtNode
	// Label is its label.
	Label *Label
	// Body is the statement.
	Body Stmt
}

// Switch runs the first section with a label that matches.
type Switch struct {
	StmtNode
	// X is evaluated once into Temp.
	X    Expr
	Temp *Local
	// Sections are the cases in order. The default, wherever it stands, is tried last.
	Sections []Section
	// Locals are the variables of the switch block.
	Locals []*Local
	// Functions are the local functions declared in it.
	Functions []*Function
	// Label is what Break refers to.
	Label *Label
	// Exhaustive says that some section takes every value, so that control goes past the switch only by a break.
	Exhaustive bool
}

// Section is the statements under some case labels.
type Section struct {
	// Cases are the labels in order.
	Cases []Case
	// Locals are the pattern variables.
	Locals []*Local
	// Body are the statements.
	Body []Stmt
	// Label is what goto case and goto default refer to.
	Label *Label
}

// Case is one label of a section.
type Case struct {
	syntax.Span
	// Pattern is tested against the switch's Temp; nil is default.
	Pattern Pattern
	// When is the guard, or nil.
	When Expr
}

// Return ends the function.
type Return struct {
	StmtNode
	// X is the result, converted to the function's type, or nil.
	X Expr
}

// Yield hands an element of an iterator to what enumerates it.
type Yield struct {
	StmtNode
	// X is the element, converted to the type of the elements.
	X Expr
}

// ThrowStmt throws; X is nil for throw; in a catch block.
type ThrowStmt struct {
	StmtNode
	// X is the exception, or nil.
	X Expr
}

// Try runs Body and handles its exceptions.
type Try struct {
	StmtNode
	// Body is tried.
	Body *Block
	// Catches are the handlers in order.
	Catches []Catch
	// Finally runs in any case, or is nil.
	Finally *Block
}

// Catch is one handler.
type Catch struct {
	syntax.Span
	// Type is the exception's type, nil for any.
	Type *types.Type
	// Local receives the exception, or is nil.
	Local *Local
	// Locals are all variables of the handler's scope, those of its filter included.
	Locals []*Local
	// When is the filter, or nil.
	When Expr
	// Body handles the exception.
	Body *Block
}

// Using runs Body and then disposes of the resources in reverse order.
type Using struct {
	StmtNode
	// Locals are the variables of the head.
	Locals []*Local
	// Resources are what is disposed of; each Declare's variable, or a temporary with the expression.
	Resources []*Declare
	// Body runs before.
	Body Stmt
}

// Key is what tells two labels apart that C# does not allow twice, "" for a label that may be repeated.
func (c *Case) Key() string {
	if c.When != nil {
		return ""
	}
	if c.Pattern == nil {
		return "default"
	}
	p, ok := c.Pattern.(*ConstPattern)
	if !ok || p.Value == nil {
		return ""
	}
	if s, ok := p.Value.Value.Str(); ok {
		return fmt.Sprintf("%q", s.Go())
	}
	if p.Value.Value.IsNull() {
		return "null"
	}
	return strconv.FormatInt(p.Value.Value.Int(), 10)
}
