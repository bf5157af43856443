package plan

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/library/apim"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// RunVal runs the program and returns its result, boxed where it is a number.
func (p *Program) RunVal(ctx *host.Context) (v value.Value, e *value.Exception) {
	f := p.frame(ctx, p.reuse)
	defer rescue(f.Thread, &e)
	v, e = p.val(f)
	p.done(f, p.reuse)
	return v, e
}

// RunText runs the program and returns its result's ToString.
func (p *Program) RunText(ctx *host.Context) (v value.String, e *value.Exception) {
	f := p.frame(ctx, true)
	defer rescue(f.Thread, &e)
	v, e = p.text(f)
	p.done(f, true)
	return v, e
}

// RunBool runs the program and returns its result as a bool: a bool, or a string that bool.Parse accepts.
func (p *Program) RunBool(ctx *host.Context) (v bool, e *value.Exception) {
	f := p.frame(ctx, true)
	defer rescue(f.Thread, &e)
	v, e = p.bool(f)
	p.done(f, true)
	return v, e
}

// RunInt64 runs the program and returns its result as an integer: any integer, or a string that long.Parse
// accepts.
func (p *Program) RunInt64(ctx *host.Context) (v int64, e *value.Exception) {
	f := p.frame(ctx, true)
	defer rescue(f.Thread, &e)
	v, e = p.int(f)
	p.done(f, true)
	return v, e
}

// InternalError begins the message of an exception that stands for a mistake of ours.
const InternalError = "internal error: "

// rescue turns a panic of a library function into an exception, so that a mistake of ours ends one run and not
// the gateway. The run's frame is left to the garbage collector.
func rescue(t *value.Thread, e **value.Exception) {
	if r := recover(); r != nil {
		t.Abandon()
		*e = value.InvalidOperation(InternalError + fmt.Sprint(r))
		(*e).Pos = 0
	}
}

// frame returns a frame for one run. Where reuse is set, no reference can leave the run, so that its frame serves the
// next one.
func (p *Program) frame(ctx *host.Context, reuse bool) *Frame {
	if reuse {
		if f, ok := p.pool.pool.Get().(*Frame); ok {
			t := f.Thread
			t.Budget.Start(&ctx.Limits, ctx.Now)
			t.Host, t.Clock = ctx, ctx.Now
			return f
		}
	}
	t := &value.Thread{Host: ctx, Clock: ctx.Now, Env: p.env}
	t.Budget.Start(&ctx.Limits, ctx.Now)
	f := p.main.newFrame(t, nil)
	f.keeps = reuse
	return f
}

// done gives the frame back. What it referred to must not live on in the pool.
func (p *Program) done(f *Frame, reuse bool) {
	f.Thread.End()
	if !reuse {
		return
	}
	f.reset()
	f.recycle()
	f.Thread.Host, f.Thread.Clock, f.Thread.Budget.Now = nil, nil, nil
	apim.Forget(f.Thread)
	p.pool.pool.Put(f)
}
