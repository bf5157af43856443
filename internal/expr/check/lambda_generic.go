package check

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// generic is a generic local function: its body is checked once for each list of type arguments that it is
// called with, as a function of its own.
type generic struct {
	// params are the type parameters, source is the declaration.
	params []*types.Type
	source *syntax.LocalFuncStmt
	// template has the signature in terms of the parameters; it has no body.
	template *bound.Function
	// scope is where the function is declared.
	scope *scope.Scope
	// instances are the functions made so far.
	instances map[string]*bound.Function
}

// instance is one function made of a generic one, whose body is yet to be checked.
type instance struct {
	of   *generic
	fn   *bound.Function
	args []*types.Type
}

// maxInstances is the number of functions that the generic local functions of one expression are made into.
const maxInstances = 64

// typeParams declares the type parameters of a local function in the current scope.
func (c *checker) typeParams(list []syntax.TypeParam) []*types.Type {
	var params []*types.Type
	for i, p := range list {
		t := c.lib.LocalParam(p.Name.Text, i)
		params = append(params, t)
		c.names.DeclareTypeParam(p.Name, t)
	}
	return params
}

// instantiate returns the function that a generic local function is with these type arguments.
func (c *checker) instantiate(fn *bound.Function, args []*types.Type, at syntax.Node) *bound.Function {
	g := c.generics[fn]
	if g == nil {
		return fn
	}
	var key strings.Builder
	for _, t := range args {
		key.WriteString(t.FullName())
		key.WriteByte('|')
	}
	made := g.instances[key.String()]
	if made == nil {
		if len(c.queue) >= maxInstances {
			c.report(at, codeRefused, "The generic local functions are used with more than %d lists of types.", maxInstances)
			return fn
		}
		made = c.newInstance(g, args)
		g.instances[key.String()] = made
	}
	c.names.Call(made)
	return made
}

func (c *checker) newInstance(g *generic, args []*types.Type) *bound.Function {
	fn := &bound.Function{
		Name: g.template.Name, At: g.template.At, Parent: g.template.Parent,
		Result: c.lib.Substitute(g.template.Result, g.params, args),
	}
	for _, p := range g.template.Params {
		v := &bound.Local{
			Name: p.Name, Type: c.lib.Substitute(p.Type, g.params, args), Owner: fn,
			ByRef: p.ByRef, Out: p.Out, ReadOnly: p.ReadOnly, Kept: p.Kept,
		}
		fn.Params, fn.Locals = append(fn.Params, v), append(fn.Locals, v)
	}
	c.queue = append(c.queue, instance{of: g, fn: fn, args: args})
	return fn
}

// checkInstances checks the bodies of the instances, and of those that they make in turn.
func (c *checker) checkInstances() {
	for i := 0; i < len(c.queue); i++ { //nolint:intrange // Checking a body may add to the queue.
		one := c.queue[i]
		leave := c.names.EnterAt(one.fn.Parent, one.of.scope)
		for j, p := range one.of.params {
			c.names.DeclareTypeParam(syntax.Name{Text: p.ParamName}, one.args[j])
		}
		c.functionBody(one.of.source, one.fn)
		leave()
		if b := one.of.scope.Block; b != nil {
			b.Functions = append(b.Functions, one.fn)
		}
	}
}
