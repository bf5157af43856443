package plan

import (
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// RunVal runs the program and returns its result, boxed where it is a number.
func (p *Program) RunVal(ctx *host.Context) (value.Value, *value.Exception) {
	return p.Val(p.frame(ctx))
}

// RunText runs the program and returns its result's ToString.
func (p *Program) RunText(ctx *host.Context) (value.String, *value.Exception) {
	return p.Text(p.frame(ctx))
}

// RunBool runs the program and returns its result as a bool: a bool, or a string that bool.Parse accepts.
func (p *Program) RunBool(ctx *host.Context) (bool, *value.Exception) {
	return p.Bool(p.frame(ctx))
}

// RunInt64 runs the program and returns its result as an integer: any integer, or a string that long.Parse
// accepts.
func (p *Program) RunInt64(ctx *host.Context) (int64, *value.Exception) {
	return p.Int(p.frame(ctx))
}

// frame returns a frame for one run.
func (p *Program) frame(ctx *host.Context) *Frame {
	return &Frame{
		Thread: &value.Thread{Budget: value.NewBudget(ctx.Limits, ctx.Now), Host: ctx, Clock: ctx.Now},
		Bits:   make([]uint64, p.Bits), Strs: make([]value.String, p.Strs), Vals: make([]value.Value, p.Vals),
	}
}
