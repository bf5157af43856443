package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// matcher tests a value and stores it where the pattern names it.
type matcher func(*Frame, value.Value) bool

func (c *compiler) pattern(p bound.Pattern) matcher {
	switch p := p.(type) {
	case *bound.TypePattern:
		return c.typePattern(p)
	case *bound.ConstPattern:
		want := p.Value.Value
		return func(_ *Frame, v value.Value) bool { return object.Equal(v, want) }
	case *bound.VarPattern:
		if p.Local == nil {
			return func(*Frame, value.Value) bool { return true }
		}
		set := c.setLocal(p.Local)
		return func(f *Frame, v value.Value) bool {
			set(f, v)
			return true
		}
	}
	c.fail(p)
	return nil
}

func (c *compiler) typePattern(p *bound.TypePattern) matcher {
	set := func(*Frame, value.Value) {}
	if p.Local != nil {
		set = c.setLocal(p.Local)
	}
	env, of, always := c.env, p.Of, p.Always
	return func(f *Frame, v value.Value) bool {
		if v.IsNull() || !always && !instance(env, v, of) {
			return false
		}
		set(f, v)
		return true
	}
}

func (c *compiler) is(x *bound.Is) BoolFunc {
	if k, ok := x.Pattern.(*bound.ConstPattern); ok && k.Value.Value.IsNull() {
		return c.isNull(x.X)
	}
	v, m := c.val(x.X), c.pattern(x.Pattern)
	return func(f *Frame) (bool, *value.Exception) {
		o, e := v(f)
		if e != nil {
			return false, e
		}
		return m(f, o), nil
	}
}

// isNull compiles the test of x for null.
func (c *compiler) isNull(x bound.Expr) BoolFunc {
	k := c.expr(x)
	if k.s != nil {
		return func(f *Frame) (bool, *value.Exception) {
			s, e := k.s(f)
			return s.IsNull(), e
		}
	}
	v := boxed(k, x.Type())
	return func(f *Frame) (bool, *value.Exception) {
		o, e := v(f)
		return o.IsNull(), e
	}
}

func (c *compiler) as(x *bound.As) code {
	v, env, to := c.val(x.X), c.env, x.To
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		o, e := v(f)
		if e != nil || o.IsNull() || !instance(env, o, to) {
			return value.Nil, e
		}
		return o, nil
	}, x.T)
}
