// Package plan turns the typed tree of package bound into closures over typed slots. Numbers and booleans are
// never boxed where their type is known; a string is a Go string; a library function with a typed signature
// is called directly. Nothing is decided at run time that the types have decided.
package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Frame holds the variables of one call of one function in slots by storage, and the state of the run.
type Frame struct {
	// Thread is the run: budget, host, clock.
	Thread *value.Thread
	// Bits are the slots of Bool, Int and Float variables; a float by its IEEE bits.
	Bits []uint64
	// Strs are the slots of Str variables.
	Strs []value.String
	// Vals are the slots of Val variables; a captured variable is a cell here, whatever its type.
	Vals []value.Value
}

// The closures that expressions compile to, one kind for each storage.
type (
	// BoolFunc yields a Bool.
	BoolFunc func(*Frame) (bool, *value.Exception)
	// IntFunc yields an Int.
	IntFunc func(*Frame) (int64, *value.Exception)
	// FloatFunc yields a Float.
	FloatFunc func(*Frame) (float64, *value.Exception)
	// StrFunc yields a Str.
	StrFunc func(*Frame) (value.String, *value.Exception)
	// ValFunc yields a Val.
	ValFunc func(*Frame) (value.Value, *value.Exception)
	// VoidFunc yields nothing.
	VoidFunc func(*Frame) *value.Exception
)

// Program is a compiled expression, immutable and shared by all requests.
type Program struct {
	// Type is the static type of the result.
	Type *types.Type
	// The closure for the result's storage is set, and Val always, which boxes.
	Bool  BoolFunc
	Int   IntFunc
	Float FloatFunc
	Str   StrFunc
	Val   ValFunc
	// Text yields the result's ToString in the invariant culture; null stays null.
	Text StrFunc
	// Bits, Strs and Vals are the sizes of a frame.
	Bits, Strs, Vals int
}

// Compile turns a checked program into closures. It cannot fail on what check has produced; an error is a
// mistake of ours and says which node.
func Compile(lib *types.Library, p *bound.Program) (*Program, error) {
	return compile(lib, p)
}
