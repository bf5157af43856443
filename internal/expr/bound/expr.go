package bound

import (
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Bad stands for an expression with an error that has been reported; plan never sees one.
type Bad struct{ Node }

// Literal is a constant of its type: a literal, a const, a folded expression, or default of a type.
type Literal struct {
	Node
	// Value is the constant; null for a null reference or nullable. A struct's default that has no bits
	// (Guid, decimal) is a Default node instead.
	Value value.Value
}

// Default is default(T) of a struct that a Literal cannot hold.
type Default struct{ Node }

// ContextRef reads the variable context. It is never null.
type ContextRef struct{ Node }

// LocalRef reads a variable.
type LocalRef struct {
	Node
	// Local is the variable.
	Local *Local
}

// FieldRef reads a field, static where X is nil. Element access of a tuple is TupleElement.
type FieldRef struct {
	Node
	// X is the receiver, or nil.
	X Expr
	// Field is the member.
	Field *types.Member
}

// PropertyRef reads a property, static where X is nil. As an assignment's target it names the setter.
type PropertyRef struct {
	Node
	// X is the receiver, or nil.
	X Expr
	// Property is the member.
	Property *types.Member
}

// IndexerRef reads an indexer of a class or interface.
type IndexerRef struct {
	Node
	// X is the receiver.
	X Expr
	// Indexer is the member.
	Indexer *types.Member
	// Args are the arguments in parameter order.
	Args []Expr
}

// ElementRef reads an element of an array.
type ElementRef struct {
	Node
	// X is the array.
	X Expr
	// Index are the indices, one a dimension, each an int or a long.
	Index []Expr
}

// AnonymousRef reads a property of an anonymous object or an element of a tuple.
type AnonymousRef struct {
	Node
	// X is the object or the tuple.
	X Expr
	// Index is the property's place, from 0.
	Index int
}

// Call calls a method, a constructor's like included only as New.
type Call struct {
	Node
	// X is the receiver, nil for a static method. An extension method's first argument is in Args.
	X Expr
	// Method is the method chosen, with its type parameters still open; TypeArgs closes them.
	Method *types.Member
	// TypeArgs are the type arguments, given or inferred.
	TypeArgs []*types.Type
	// Args are the arguments in parameter order: converted, defaults filled in, params arrays built.
	// An out or ref argument is an OutArg.
	Args []Expr
	// Order is the order of evaluation as indices into Args, nil for left to right.
	Order []int
}

// OutArg passes a variable to an out or ref parameter.
type OutArg struct {
	Node
	// Mode is syntax.KwOut, KwRef or KwIn.
	Mode syntax.Kind
	// Target is a LocalRef, an ElementRef, or nil for a discard.
	Target Expr
}

// Invoke calls a delegate.
type Invoke struct {
	Node
	// X is the delegate.
	X Expr
	// Args are the arguments in parameter order.
	Args []Expr
}

// LocalCall calls a local function.
type LocalCall struct {
	Node
	// Function is the local function.
	Function *Function
	// Args are the arguments in parameter order.
	Args []Expr
	// Order is the order of evaluation as indices into Args, nil for left to right.
	Order []int
}

// New calls a constructor.
type New struct {
	Node
	// Ctor is the constructor.
	Ctor *types.Member
	// Args are the arguments in parameter order.
	Args []Expr
	// Order is the order of evaluation as indices into Args, nil for left to right.
	Order []int
}

// NewArray makes an array.
type NewArray struct {
	Node
	// Sizes are the lengths of the dimensions.
	Sizes []Expr
	// Elems are the initial elements in row-major order, or nil for defaults.
	Elems []Expr
}

// NewObject makes an anonymous object or a tuple; Node.T says which.
type NewObject struct {
	Node
	// Values are the properties or elements in order.
	Values []Expr
}

// Initialized makes an object and runs its object or collection initialiser.
type Initialized struct {
	Node
	// X makes the object.
	X Expr
	// Temp holds it while Do runs.
	Temp *Local
	// Do are assignments and Add calls on Temp, in order.
	Do []Expr
}

// Lambda makes a delegate of Node.T.
type Lambda struct {
	Node
	// Function is the body.
	Function *Function
}

// MethodGroup makes a delegate of Node.T from a method or a local function.
type MethodGroup struct {
	Node
	// X is the receiver, or nil.
	X Expr
	// Method is the method, with TypeArgs; nil for a local function.
	Method   *types.Member
	TypeArgs []*types.Type
	// Function is the local function, or nil.
	Function *Function
}

// TypeOf is typeof(T).
type TypeOf struct {
	Node
	// Of is T.
	Of *types.Type
}

// Interpolation is an interpolated string.
type Interpolation struct {
	Node
	// Parts are the text and the holes in order.
	Parts []InterpolationPart
}

// InterpolationPart is literal text where X is nil, or one hole.
type InterpolationPart struct {
	// Text is the literal text, or the format of a hole.
	Text string
	// X is the hole's value.
	X Expr
	// Align is the alignment; 0 for none.
	Align int
}

// Sequence runs Do in order and then yields X.
type Sequence struct {
	Node
	// Do are run for their effects.
	Do []Expr
	// X is the result.
	X Expr
}

// Throw throws in an expression; it has the type that its surroundings need.
type Throw struct {
	Node
	// X is the exception.
	X Expr
}
