package expr

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/plan"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// The types that the users of this package meet under their own package's name.
type (
	// Value is a C# value: what a run yields and what context.Variables holds.
	Value = value.Value
	// Context is what one run can see; the gateway fills it.
	Context = host.Context
	// Limits bounds one run.
	Limits = value.Limits
	// Runtime is the .NET whose answers are given where two of them differ.
	Runtime = value.Runtime
)

// The runtimes: .NET 10, which is the default, and the .NET Framework 4.8.
const (
	Net          = value.Net
	NetFramework = value.NetFramework
)

// ParseRuntime returns the runtime of that name, "net" or "netframework", and false where there is none.
func ParseRuntime(name string) (Runtime, bool) { return value.ParseRuntime(name) }

// Program is a compiled expression. It is immutable and shared by all requests.
type Program struct {
	src   Source
	code  *plan.Program
	typed *bound.Program
}

func newProgram(src Source, typed *bound.Program, code *plan.Program) *Program {
	return &Program{src: src, typed: typed, code: code}
}

// Type returns the C# name of the static type of the result, such as "string" or "object".
func (p *Program) Type() string { return p.code.Type.Name() }

// Const returns the value where the expression is constant, so that the gateway can fold it.
func (p *Program) Const() (Value, bool) {
	if p.typed.Const == nil {
		return value.Nil, false
	}
	return p.typed.Const.Value, true
}

// ReadsBody reports whether a run may read the request's and the response's body, so that the gateway
// buffers a body only where it must.
func (p *Program) ReadsBody() (request, response bool) {
	return p.typed.ReadsRequestBody, p.typed.ReadsResponseBody
}

// Run runs the program. The error is *Exception.
func (p *Program) Run(ctx *Context) (Value, error) {
	v, e := p.code.RunVal(ctx)
	if e != nil {
		return value.Nil, p.exception(e)
	}
	return v, nil
}

// Text runs the program and returns the result's ToString() in the invariant culture, and whether the
// result is null. The error is *Exception.
func (p *Program) Text(ctx *Context) (s string, null bool, err error) {
	v, e := p.code.RunText(ctx)
	if e != nil {
		return "", false, p.exception(e)
	}
	return v.Go(), v.IsNull(), nil
}

// Bool runs the program where the policy needs a truth value: a bool, or the text of one. The error is *Exception.
func (p *Program) Bool(ctx *Context) (bool, error) {
	b, e := p.code.RunBool(ctx)
	if e != nil {
		return false, p.exception(e)
	}
	return b, nil
}

// Int64 runs the program where the policy needs a whole number: an integer, or the text of one. The error
// is *Exception.
func (p *Program) Int64(ctx *Context) (int64, error) {
	n, e := p.code.RunInt64(ctx)
	if e != nil {
		return 0, p.exception(e)
	}
	return n, nil
}

func (p *Program) exception(e *value.Exception) *Exception {
	pos := p.src.Position(int(e.Pos))
	x := &Exception{Type: e.Type, Message: e.Message, Budget: e.Budget, File: p.src.File, Line: pos.Line, Column: pos.Column}
	if e.Inner != nil {
		x.Inner = p.exception(e.Inner)
	}
	return x
}

// String returns a description of the program for logs: its type and its place.
func (p *Program) String() string {
	at := p.src.Position(0)
	return fmt.Sprintf("expression of type %s at %d:%d", p.Type(), at.Line, at.Column)
}
