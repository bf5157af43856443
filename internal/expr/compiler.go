package expr

import (
	"fmt"
	"sort"

	"github.com/sallyport/sallyport/internal/expr/check"
	"github.com/sallyport/sallyport/internal/expr/library"
	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/plan"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Compiler compiles policy expressions. It is immutable and safe for concurrent use; a process needs one.
type Compiler struct {
	lib     *types.Library
	planner *plan.Planner
}

// NewCompiler builds the library of .NET types and a compiler for it, with the answers of .NET 10. It fails only
// where a table is wrong.
func NewCompiler() (*Compiler, error) { return NewCompilerFor(Net) }

// NewCompilerFor is NewCompiler with the answers of that runtime. Values of programs of compilers for different
// runtimes must not meet.
func NewCompilerFor(runtime Runtime) (*Compiler, error) {
	lib, err := library.New(runtime)
	if err != nil {
		return nil, fmt.Errorf("building the expression library: %w", err)
	}
	return &Compiler{lib: lib, planner: plan.New(lib)}, nil
}

// Runtime returns the runtime whose answers programs of the compiler give.
func (c *Compiler) Runtime() Runtime { return c.lib.Runtime() }

// Library returns the types that expressions can use, for the documentation page.
func (c *Compiler) Library() *types.Library { return c.lib }

// Compile compiles one expression. The error is Errors, with all that is wrong.
func (c *Compiler) Compile(src Source) (*Program, error) {
	var diags syntax.Diagnostics
	unit := parse.Source(src.Code, src.Block, &diags)
	if diags.Len() > 0 {
		return nil, src.errors(&diags)
	}
	typed := check.Check(c.lib, unit, &diags)
	if diags.Len() > 0 || typed == nil {
		return nil, src.errors(&diags)
	}
	code, err := c.planner.Compile(typed)
	if err != nil {
		return nil, Errors{src.wrap(syntax.Diagnostic{Code: "SP0002", Message: err.Error()})}
	}
	return newProgram(src, typed, code), nil
}

// errors returns the diagnostics in the order of the text; without any, the error that there should be one.
func (s *Source) errors(diags *syntax.Diagnostics) Errors {
	var list Errors
	for _, d := range diags.All() {
		list = append(list, s.wrap(d))
	}
	if len(list) == 0 {
		return Errors{s.wrap(syntax.Diagnostic{Code: "SP0001", Message: "The expression could not be checked."})}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Offset < list[j].Offset })
	return list
}

func (s *Source) wrap(d syntax.Diagnostic) Error {
	start, end := s.Position(int(d.Start)), s.Position(int(d.End))
	return Error{
		File: s.File, Line: start.Line, Column: start.Column, EndLine: end.Line, EndColumn: end.Column,
		Offset: int(d.Start), End: int(d.End), Code: d.Code, Message: d.Message,
	}
}
