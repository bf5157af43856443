package bound

import "github.com/sallyport/sallyport/internal/expr/types"

// Pattern is a checked pattern. The set is closed.
type Pattern interface{ pattern() }

// TypePattern matches a value that is not null and of a type.
type TypePattern struct {
	// Of is the type.
	Of *types.Type
	// Local receives the value, or is nil.
	Local *Local
	// Always says that a value that is not null always matches, since its static type says so.
	Always bool
}

// ConstPattern matches a value equal to a constant of the type of the constant.
type ConstPattern struct {
	// Value is the constant; null matches null.
	Value *Literal
}

// VarPattern matches everything, null included.
type VarPattern struct {
	// Local receives the value, or is nil for a discard.
	Local *Local
}

func (*TypePattern) pattern()  {}
func (*ConstPattern) pattern() {}
func (*VarPattern) pattern()   {}
