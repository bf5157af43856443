package author

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/internal/expr"
)

// RuntimeFlag is the flag that chooses the .NET whose answers expressions give.
// Its zero value is .NET.
type RuntimeFlag struct{ value expr.Runtime }

// Bind declares the flag.
func (r *RuntimeFlag) Bind(f *pflag.FlagSet) {
	f.Var(r, "runtime", "whose answers policy expressions give where they differ: net (.NET 10) or netframework (.NET Framework 4.8)")
}

// String returns the runtime's name.
func (r *RuntimeFlag) String() string { return r.value.String() }

// Type names what the flag takes, for the help.
func (r *RuntimeFlag) Type() string { return "name" }

// Set takes the runtime of that name.
func (r *RuntimeFlag) Set(name string) error {
	v, ok := expr.ParseRuntime(name)
	if !ok {
		return fmt.Errorf("there is no such runtime: choose net or netframework")
	}
	r.value = v
	return nil
}

// Compiler makes the compiler of expressions for the runtime.
func (r *RuntimeFlag) Compiler() (*expr.Compiler, error) {
	c, err := expr.NewCompilerFor(r.value)
	if err != nil {
		return nil, fmt.Errorf("preparing the expression compiler: %w", err)
	}
	return c, nil
}
