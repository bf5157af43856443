package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/lower"
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// declareFunctions makes the local functions of a block known before its statements are checked, since they
// may be called before they are declared.
func (c *checker) declareFunctions(list []syntax.Stmt) {
	for _, s := range list {
		if l, ok := s.(*syntax.LabeledStmt); ok {
			s = l.Body
		}
		f, ok := s.(*syntax.LocalFuncStmt)
		if !ok {
			continue
		}
		c.declareFunction(f)
	}
}

func (c *checker) declareFunction(f *syntax.LocalFuncStmt) {
	if f.Async {
		c.report(f.Name, codeRefused, "A policy expression cannot use async.")
	}
	// The type parameters are known in the signature, and then in the body.
	declared := c.names.Top
	c.names.Open(nil)
	params := c.typeParams(f.TypeParams)
	fn := &bound.Function{Name: f.Name.Text, At: f.Name.Span, Parent: c.names.Fn, Result: c.types.Type(f.Result)}
	for i := range f.Params {
		fn.Params = append(fn.Params, c.functionParam(&f.Params[i], fn))
	}
	c.names.Top = declared
	c.names.DeclareSymbol(f.Name, &scope.Symbol{Name: f.Name.Text, At: f.Name.Span, Function: fn, Body: f, TypeParams: params})
	if params != nil {
		c.generics[fn] = &generic{params: params, source: f, template: fn, scope: declared, instances: map[string]*bound.Function{}}
		return
	}
	c.names.Top.Functions = append(c.names.Top.Functions, fn)
}

func (c *checker) functionParam(p *syntax.Param, fn *bound.Function) *bound.Local {
	t := c.types.Type(p.Type)
	if t.Kind == types.Void {
		c.report(p.Type, "CS1536", "Invalid parameter type 'void'")
		t = c.invalid()
	}
	v := &bound.Local{Name: p.Name.Text, Type: t, Owner: fn}
	v.Out = p.Mode == syntax.KwOut
	v.ByRef = v.Out || p.Mode == syntax.KwRef || p.Mode == syntax.KwIn
	fn.Locals = append(fn.Locals, v)
	return v
}

// localFunction checks the body of a local function that declareFunctions has declared.
func (c *checker) localFunction(f *syntax.LocalFuncStmt) {
	sym := c.names.Own(f.Name.Text)
	if sym == nil || sym.Body != f {
		return
	}
	if sym.TypeParams == nil {
		c.functionBody(f, sym.Function)
	}
}

// functionBody checks the body of a local function.
func (c *checker) functionBody(f *syntax.LocalFuncStmt, fn *bound.Function) {
	leave := c.enterFunction(fn)
	defer leave()
	for i, v := range fn.Params {
		c.names.Top.Locals = append(c.names.Top.Locals, v)
		c.names.DeclareParam(f.Params[i].Name, v)
	}
	switch {
	case f.Block != nil:
		if lower.Yields(f.Block) {
			c.iterator(f, fn)
		}
		fn.Body = c.blockBody(f.Block)
	default:
		fn.Body = &bound.Block{StmtNode: node(f.Body), List: []bound.Stmt{c.lambdaExpr(f.Body, fn)}}
		fn.Body.Locals = c.names.Top.Locals
	}
}
