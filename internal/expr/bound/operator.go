package bound

import (
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Unary is + - ! ~ on a predefined operand type, or a user-defined operator.
type Unary struct {
	Node
	// Op is the operator.
	Op syntax.Kind
	// X is the operand, converted to Operand, or to Operand? where Lifted.
	X Expr
	// Operand is the type of the predefined operator: int, uint, long, ulong, float, double, decimal, bool, an enum.
	Operand *types.Type
	// Lifted says that the operator works on nullables.
	Lifted bool
	// Checked says that overflow throws.
	Checked bool
	// Method is the user-defined operator, or nil.
	Method *types.Member
}

// Binary is an arithmetic, bitwise, relational or equality operator, or string concatenation (see Concat).
type Binary struct {
	Node
	// Op is the operator; >> is syntax.ShiftRight.
	Op syntax.Kind
	// X and Y are the operands, converted to Operand, or to Operand? where Lifted; a shift's Y is an int.
	X, Y Expr
	// Operand is the type of the predefined operator: the numeric types, bool, char-free, string, object
	// (reference equality), an enum, a delegate.
	Operand *types.Type
	// Lifted says that the operator works on nullables.
	Lifted bool
	// Checked says that overflow throws.
	Checked bool
	// Method is the user-defined operator, or nil.
	Method *types.Member
}

// Concat is string concatenation, flattened: null is the empty string, other types have been converted by
// ToString as C# does.
type Concat struct {
	Node
	// Parts are of any type; plan formats each as string.Concat(object) does.
	Parts []Expr
}

// Logical is && or || on bool.
type Logical struct {
	Node
	// And tells && from ||.
	And bool
	// X and Y are the operands.
	X, Y Expr
}

// Coalesce is x ?? y.
type Coalesce struct {
	Node
	// X is tested for null.
	X Expr
	// Temp holds X's value (T itself, not T?, where Unwrap) while Then is evaluated.
	Temp *Local
	// Unwrap says that X is a nullable whose value Temp receives.
	Unwrap bool
	// Then is the result where X is not null: Temp, converted to the result's type.
	Then Expr
	// Y is the result where X is null.
	Y Expr
}

// Cond is c ? a : b.
type Cond struct {
	Node
	// Test is a bool.
	Test Expr
	// Then and Else are of the result's type.
	Then, Else Expr
}

// CondAccess is x?.…: null (or nothing, for void) where X is null, else Then with Temp holding X's value.
type CondAccess struct {
	Node
	// X is tested for null.
	X Expr
	// Temp holds X's value, T itself where X is a T?.
	Temp *Local
	// Unwrap says that X is a nullable value type.
	Unwrap bool
	// Then is the chain; already converted to Node.T.
	Then Expr
}

// Assign is x = y; its value is y's, converted to the target's type.
type Assign struct {
	Node
	// X is a LocalRef, FieldRef, PropertyRef, IndexerRef, ElementRef, or AnonymousRef (of a tuple).
	X Expr
	// Y is the value.
	Y Expr
}

// Compound is x op= y, ++ and --: X is evaluated once.
type Compound struct {
	Node
	// X is the target, as for Assign.
	X Expr
	// Old holds X's value while Value is evaluated.
	Old *Local
	// Value is the new value, of the target's type, in terms of Old.
	Value Expr
	// Postfix says that the result is the old value.
	Postfix bool
}

// Deconstruct is (a, b) = tuple or var (a, b) = object.
type Deconstruct struct {
	Node
	// Receivers and indices of the targets are evaluated first, then Y, then the assignments.
	// Y is the tuple, kept in Temp, or the object whose Deconstruct method Split calls.
	Y    Expr
	Temp *Local
	// Split is the call of Deconstruct with Temp as receiver and temporaries as out arguments, or nil for a tuple.
	Split Expr
	// Assigns are the assignments from the temporaries or elements of Temp, in order.
	Assigns []Expr
}

// ConversionKind says what a conversion does.
type ConversionKind uint8

// The kinds of conversions.
const (
	// Identity changes only the static type: between names of tuple elements, or to Invalid.
	Identity ConversionKind = iota
	// Numeric converts between numeric types, enums and char; Checked decides on overflow.
	Numeric
	// Box makes a Value of an Int, Bool, Float, or of a nullable.
	Box
	// Unbox tests the exact type and takes the number out: InvalidCastException, NullReferenceException.
	Unbox
	// Upcast goes to a base type or interface and costs nothing (a string becomes a Value).
	Upcast
	// Downcast tests the run-time type: InvalidCastException.
	Downcast
	// ToNullable wraps T in T?; FromNullable takes it out or throws InvalidOperationException.
	ToNullable
	FromNullable
	// LiftedNullable converts T? to U? by the conversion in Inner.
	LiftedNullable
	// UserDefined calls an operator.
	UserDefined
	// TupleWise converts each element of a tuple.
	TupleWise
)

// Conversion converts X to Node.T.
type Conversion struct {
	Node
	// Kind says how.
	Kind ConversionKind
	// X is the operand.
	X Expr
	// Checked says that numeric overflow throws.
	Checked bool
	// Method is the operator of a user-defined conversion.
	Method *types.Member
	// Temp and Inner are those of LiftedNullable (the value, and its conversion to U) and of TupleWise (the
	// tuple, and a NewObject that converts its elements).
	Temp  *Local
	Inner Expr
}

// As is x as T: null where the run-time type does not fit.
type As struct {
	Node
	// X is a reference or nullable.
	X Expr
	// To is T.
	To *types.Type
}

// Is is x is pattern.
type Is struct {
	Node
	// X is the operand.
	X Expr
	// Pattern is what it is tested for.
	Pattern Pattern
}
