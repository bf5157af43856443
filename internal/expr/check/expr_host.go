package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/operator"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// The checker is the host of the conversions, overloads and operators; Builder is their state.
var _ operator.Host = (*checker)(nil)

// Report adds an error.
func (c *checker) Report(at syntax.Node, code, format string, args ...any) {
	c.report(at, code, format, args...)
}

// Errors is the number of errors reported so far.
func (c *checker) Errors() int { return c.diags.Len() }

// Temp adds a temporary to the current function.
func (c *checker) Temp(t *types.Type) *bound.Local { return c.names.Temp(t) }

// Overflow says whether arithmetic is in a checked context, and whether it is explicitly in an unchecked one.
func (c *checker) Overflow() (checked, unchecked bool) { return c.checked, c.unchecked }

// Uses notes which bodies a member may read.
func (c *checker) Uses(m *types.Member) {
	c.countReads(m, 1)
	c.usesResponse = c.usesResponse || m.Name == "Response" && m.Declaring.Def != nil && m.Declaring.Def.Name == contextType
}

// countReads adds n for each body that a member may read.
func (c *checker) countReads(m *types.Member, n int) {
	if m.ReadsRequestBody {
		c.requestReads += n
	}
	if m.ReadsResponseBody {
		c.responseReads += n
	}
}

// onlyTested takes back that an operand reads a body, where the operand is the body itself and all that happens to
// it is a comparison with null: that a message has a body is known before it has arrived.
func (c *checker) onlyTested(x bound.Expr) {
	for a, ok := x.(*bound.CondAccess); ok; a, ok = x.(*bound.CondAccess) {
		x = a.Then
	}
	if p, ok := x.(*bound.PropertyRef); ok {
		c.countReads(p.Property, -1)
	}
}

// Lambda binds a lambda to a delegate type.
func (c *checker) Lambda(l *syntax.LambdaExpr, d *types.Type) (*bound.Lambda, bool) {
	return c.lambda(l, d)
}

// LambdaResult returns the type that a lambda yields for these parameter types.
func (c *checker) LambdaResult(l *syntax.LambdaExpr, params []*types.Type) *types.Type {
	return c.lambdaResult(l, params)
}

// ResolveType returns the type that the syntax names.
func (c *checker) ResolveType(t syntax.Type) *types.Type { return c.types.Type(t) }

// Declare declares the variable of an out argument in the current scope.
func (c *checker) Declare(name syntax.Name, t *types.Type) *bound.Local {
	return c.names.DeclareLate(name, t)
}

// Instantiate returns the function that a generic local function is with these type arguments.
func (c *checker) Instantiate(fn *bound.Function, args []*types.Type, at syntax.Node) *bound.Function {
	return c.instantiate(fn, args, at)
}

// Try runs f and reports whether it found no error.
func (c *checker) Try(f func()) bool { return c.try(f) }

// convert converts x implicitly to a type; a type or a namespace is no value.
func (c *checker) convert(x bound.Expr, to *types.Type, at syntax.Node) bound.Expr {
	if !convert.IsBad(x) {
		x = c.valueOf(x, at)
	}
	return c.Convert(x, to, at)
}

// cast converts x explicitly to a type.
func (c *checker) cast(x bound.Expr, to *types.Type, at syntax.Node) bound.Expr {
	return c.Cast(x, to, at)
}
