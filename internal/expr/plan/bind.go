package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// bind takes the narrower form of a member, where it has one for what is known here.
func (c *compiler) bind(in invocation) invocation {
	if in.m.Bind == nil {
		return in
	}
	u := types.Use{Lib: c.env.Lib, TypeArgs: in.typeArgs, Result: in.node.Type(), Args: make([]types.Operand, len(in.args))}
	var unknown []bound.Expr
	for i, a := range in.args {
		v, ok := c.constant(a)
		if u.Args[i] = (types.Operand{Known: ok, Value: v}); !ok {
			unknown = append(unknown, a)
		}
	}
	if in.x != nil {
		u.Path, u.Rooted = path(in.x)
	}
	impl := in.m.Bind(&u)
	if impl == nil && u.Rooted {
		u.Path, u.Rooted = "", false
		impl = in.m.Bind(&u)
	}
	if impl == nil {
		return in
	}
	in.impl, in.args, in.order = impl, unknown, nil
	if u.Rooted {
		in.x = nil
	}
	return in
}

// constant returns the value of an expression that the program does not compute.
func (c *compiler) constant(x bound.Expr) (value.Value, bool) {
	switch x := x.(type) {
	case *bound.Literal:
		if s, ok := x.Value.Str(); ok {
			return value.OfGo(c.env.Intern(s.Go())), true
		}
		if x.T.Storage() == types.Val || x.T.Storage() == types.Str {
			return x.Value, true
		}
		return value.Boxed(x.T, x.Value.Bits()), true
	case *bound.Conversion:
		if x.Kind == bound.Identity || x.Kind == bound.Upcast || x.Kind == bound.Box {
			return c.constant(x.X)
		}
	}
	return value.Nil, false
}

// path returns the chain of properties that leads from context to x, and whether x is one.
func path(x bound.Expr) (string, bool) {
	switch x := x.(type) {
	case *bound.ContextRef:
		return "", true
	case *bound.PropertyRef:
		if x.X == nil {
			return "", false
		}
		outer, ok := path(x.X)
		if outer != "" {
			outer += "."
		}
		return outer + x.Property.Name, ok
	}
	return "", false
}
