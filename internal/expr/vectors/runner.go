package vectors

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/policy"
)

// Status is the outcome of one vector.
type Status uint8

// The outcomes.
const (
	// Passed gave what real C# gave.
	Passed Status = iota
	// Failed gave something else: a wrong value, another exception, or accepted what C# refuses.
	Failed
	// Unsupported was refused by the compiler although C# accepts it: safe, but not complete.
	Unsupported
)

// Outcome is what running a vector gave.
type Outcome struct {
	// Status says whether it passed.
	Status Status
	// Got and Want describe the result for a report.
	Got, Want string
}

// Runner runs vectors.
type Runner struct {
	compiler *expr.Compiler
	contexts Contexts
	programs map[string]*expr.Program
}

// NewRunner returns a runner for vectors of these contexts.
func NewRunner(c *expr.Compiler, contexts Contexts) *Runner {
	return &Runner{compiler: c, contexts: contexts, programs: map[string]*expr.Program{}}
}

// Run runs one vector.
func (r *Runner) Run(v *Vector) Outcome {
	p, err := r.compiler.Compile(expr.Source{Code: v.Code, Block: v.Kind == "statements"})
	want := v.Expected.text()
	if err != nil {
		return refused(v, err, want)
	}
	if e := v.Expected.Error; e != nil && e.Phase == "compile" {
		return Outcome{Status: Failed, Got: "accepted", Want: want}
	}
	doc, err := r.contexts.document(v)
	if err != nil {
		return Outcome{Status: Failed, Got: err.Error(), Want: want}
	}
	call, err := doc.build()
	if err != nil {
		return Outcome{Status: Failed, Got: err.Error(), Want: want}
	}
	r.fill(doc, call)
	return r.run(p, call.Expression(), v, want)
}

// refused judges an error of the compiler.
func refused(v *Vector, err error, want string) Outcome {
	var list expr.Errors
	if !errors.As(err, &list) || len(list) == 0 {
		return Outcome{Status: Failed, Got: err.Error(), Want: want}
	}
	e := v.Expected.Error
	switch {
	case v.Has("off-allowlist"):
		// What the list of types and members does not name does not exist.
		return Outcome{Got: list[0].Error(), Want: want}
	case e == nil || e.Phase != "compile":
		return Outcome{Status: Unsupported, Got: list[0].Error(), Want: want}
	case e.Code == "DISALLOWED" || e.Code == "LANGVERSION":
		return Outcome{Got: list[0].Error(), Want: want}
	case list[0].Code == e.Code && list[0].Line == e.Line && list[0].Column == e.Col:
		return Outcome{Got: list[0].Error(), Want: want}
	}
	return Outcome{Status: Failed, Got: list[0].Error(), Want: want}
}

// run runs a compiled vector and compares.
func (r *Runner) run(p *expr.Program, ctx *host.Context, v *Vector, want string) Outcome {
	result, err := p.Run(ctx)
	var got encoded
	if err == nil {
		// A lazy sequence may throw only now.
		got, err = r.encode(result, 0)
	}
	var x *expr.Exception
	if err != nil {
		if !errors.As(err, &x) {
			return Outcome{Status: Failed, Got: err.Error(), Want: want}
		}
		out := Outcome{Status: Failed, Got: x.Error(), Want: want}
		if e := v.Expected.Error; e != nil && shortName(e.Type) == shortName(x.Type) {
			out.Status = Passed
		}
		return out
	}
	out := Outcome{Status: Failed, Got: got.text(), Want: want}
	if v.Expected.Error == nil && matches(got, v, r.compiler.Runtime()) {
		out.Status = Passed
	}
	return out
}

// shortName is a type's name without its namespace.
func shortName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// text shows an expectation for a report.
func (e *Expected) text() string {
	switch {
	case e.Error != nil && e.Error.Phase == "compile":
		return fmt.Sprintf("%d:%d: %s", e.Error.Line, e.Error.Col, e.Error.Code)
	case e.Error != nil:
		return e.Error.Type
	case e.Str != nil:
		return fmt.Sprintf("%s %s (%q)", e.Type, e.Value, *e.Str)
	}
	return fmt.Sprintf("%s %s", e.Type, e.Value)
}

// apply runs a small program of the runner's own on one value, which is its variable "v".
func (r *Runner) apply(name, code string, v expr.Value) (expr.Value, error) {
	if code == "" {
		return v, fmt.Errorf("vectors cannot %s", name)
	}
	p := r.programs[name]
	if p == nil {
		var err error
		if p, err = r.compiler.Compile(expr.Source{Code: code}); err != nil {
			return v, fmt.Errorf("%s: %w", name, err)
		}
		r.programs[name] = p
	}
	vars := &policy.Variables{}
	vars.Set("v", v)
	return p.Run(&host.Context{Static: &host.Static{}, Variables: vars})
}

// String returns the status's name.
func (s Status) String() string {
	switch s {
	case Passed:
		return "passed"
	case Failed:
		return "failed"
	default:
		return "unsupported"
	}
}
