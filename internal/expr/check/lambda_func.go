package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
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
	c.paramOrder(f.Params, fn)
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
	if p.Mode == syntax.KwIn {
		v.ReadOnly, v.Kept = true, inParameter
	}
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

// paramOrder reports parameters that stand where their kind cannot.
func (c *checker) paramOrder(list []syntax.Param, fn *bound.Function) {
	for i := range list {
		p := &list[i]
		params := p.Mode == syntax.KwParams
		switch {
		case params && i < len(list)-1:
			c.report(p, "CS0231", "A params parameter must be the last one")
		case params && fn.Params[i].Type.Kind != types.Array && fn.Params[i].Type.Kind != types.Invalid:
			c.diags.Report(syntax.Span{Start: p.Start, End: p.Start + syntax.Pos(len("params"))}, "CS0225", "A params parameter must be an array")
		case !params && p.Default == nil && i > 0 && list[i-1].Default != nil:
			end := p.Name.End
			c.diags.Report(syntax.Span{Start: end, End: end + 1}, "CS1737", "A parameter without a default value cannot follow one that has one")
		case p.Default != nil:
			c.paramDefault(p, fn.Params[i].Type)
		}
	}
}

// paramDefault reports a default value that is not of the parameter's type.
func (c *checker) paramDefault(p *syntax.Param, t *types.Type) {
	var x bound.Expr
	if !c.try(func() { x = c.expr(p.Default) }) || convert.IsBad(x) || t.Kind == types.Invalid || t.Kind == types.Param {
		return // It is reported where the value is used.
	}
	if !c.Fits(x, t).OK() {
		c.report(p.Name, "CS1750", "A value of the type '%s' is no default value for a parameter of the type '%s'", x.Type().Name(), t.Name())
	}
}
