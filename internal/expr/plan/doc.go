// Package plan turns the typed tree of package bound into closures over typed slots. Numbers and booleans are
// never boxed where their type is known; a string is a Go string; a library function with a typed signature
// is called directly. Nothing is decided at run time that the types have decided.
package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// The closures that expressions compile to, one kind for each storage.
type (
	// BoolFunc yields a Bool.
	BoolFunc = func(*Frame) (bool, *value.Exception)
	// IntFunc yields an Int.
	IntFunc = func(*Frame) (int64, *value.Exception)
	// FloatFunc yields a Float.
	FloatFunc = func(*Frame) (float64, *value.Exception)
	// StrFunc yields a Str.
	StrFunc = func(*Frame) (value.String, *value.Exception)
	// ValFunc yields a Val.
	ValFunc = func(*Frame) (value.Value, *value.Exception)
	// VoidFunc yields nothing.
	VoidFunc = func(*Frame) *value.Exception
)

// Program is a compiled expression, immutable and shared by all requests.
type Program struct {
	// Type is the static type of the result.
	Type *types.Type

	env  *object.Env
	main *function
	// These yield the result in each of the forms that the gateway asks for.
	val  ValFunc
	text StrFunc
	bool BoolFunc
	int  IntFunc
	// reuse says that the result itself is no reference but a string.
	reuse bool
	pool  *framePool
}

// Planner turns checked programs into closures. It is immutable and safe for concurrent use.
type Planner struct {
	env *object.Env
}

// New returns a planner for the programs of one library.
func New(lib *types.Library) *Planner { return &Planner{env: object.NewEnv(lib)} }

// Env returns the types that library functions make values of.
func (p *Planner) Env() *object.Env { return p.env }

// Compile turns a checked program into closures. It cannot fail on what check has produced; an error is a
// mistake of ours and says which node.
func (p *Planner) Compile(prog *bound.Program) (*Program, error) { return compile(p.env, prog) }
