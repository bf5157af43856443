package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// isVar reports whether a type's syntax is the word var.
func isVar(t syntax.Type) bool {
	n, ok := t.(*syntax.NamedType)
	return ok && n.Qualifier == nil && !n.Global && len(n.Args) == 0 && n.Name.Text == "var" && !n.Name.Verbatim
}

// localDecl checks a declaration of variables or constants.
func (c *checker) localDecl(s *syntax.LocalDeclStmt) bound.Stmt {
	list := c.declarations(s)
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	// The variables belong to the scope around: this block has none of its own.
	return &bound.Block{StmtNode: node(s), List: list}
}

// declarations checks the variables of one declaration in order.
func (c *checker) declarations(s *syntax.LocalDeclStmt) []bound.Stmt {
	if s.Ref {
		c.aliases(s)
		return nil
	}
	inferred := isVar(s.Type)
	var t *types.Type
	if !inferred {
		t = c.types.Type(s.Type)
		if t.Kind == types.Void {
			c.report(s.Type, "CS1547", "Keyword 'void' cannot be used in this context")
			t = c.invalid()
		}
	} else if len(s.Vars) > 1 {
		c.report(s.Vars[1], "CS0819", "Implicitly-typed variables cannot have multiple declarators")
	}
	var list []bound.Stmt
	for i := range s.Vars {
		v := &s.Vars[i]
		if s.Const {
			c.constant(v, t)
			continue
		}
		list = append(list, c.variable(s, v, t))
	}
	return list
}

// variable checks one variable; t is nil for var.
func (c *checker) variable(s *syntax.LocalDeclStmt, v *syntax.VarDecl, t *types.Type) bound.Stmt {
	d := &bound.Declare{StmtNode: node(v)}
	if t != nil {
		// The variable is known in its own initial value, where it has no value yet.
		d.Local = c.names.Declare(v.Name, t)
		if v.Init != nil {
			d.Init = c.init(s.Type, t, v.Init)
		} else if t.Kind == types.Tuple {
			d.Init, d.Unset = c.DefaultOf(v.Name, t), true
		}
		return d
	}
	d.Init = c.inferredInit(v)
	t = c.invalid()
	if d.Init != nil {
		t = d.Init.Type()
	}
	d.Local = c.names.Declare(v.Name, t)
	if s.OfQuery {
		d.Local.ReadOnly, d.Local.Kept = true, rangeVariable
	}
	return d
}

// init checks an initial value; braces alone are an array of the declared type.
func (c *checker) init(declared syntax.Type, t *types.Type, e syntax.Expr) bound.Expr {
	braces, ok := e.(*syntax.InitExpr)
	if !ok {
		return c.exprOf(e, t)
	}
	array, ok := declared.(*syntax.ArrayType)
	if !ok {
		c.report(e, "CS0622", "Can only use array initializer expressions to assign to array types. Try using a new expression instead.")
		return &bound.Bad{Node: bound.Node{Span: e.Range(), T: c.invalid()}}
	}
	return c.exprOf(&syntax.NewArrayExpr{Span: e.Range(), Type: array, Rank: array.Rank, Init: braces}, t)
}

// inferredInit checks the initial value of a var, nil with an error where it has no type.
func (c *checker) inferredInit(v *syntax.VarDecl) bound.Expr {
	if v.Init == nil {
		c.report(v.Name, "CS0818", "Implicitly-typed variables must be initialized")
		return nil
	}
	if _, ok := v.Init.(*syntax.InitExpr); ok {
		c.report(v, "CS0820", "Cannot initialize an implicitly-typed variable with an array initializer")
		return nil
	}
	// C# knows the variable in its own initial value, and then reports that it is used too early.
	x := c.expr(v.Init)
	var what string
	switch x.Type().Kind {
	case types.Null:
		what = "<null>"
	case types.DefaultLiteral:
		c.report(v.Init, "CS8716", "There is no type that default could be of here; write default(T)")
		return nil
	case types.Void:
		what = "void"
	case types.Typeless:
		if _, ok := x.(*bound.NewObject); ok {
			what = "a tuple without a type"
			break
		}
		c.noDelegate(v.Init)
		return nil
	default:
		return x
	}
	c.report(v, "CS0815", "Cannot assign %s to an implicitly-typed variable", what)
	return nil
}

// constant checks one constant; t is nil for var.
func (c *checker) constant(v *syntax.VarDecl, t *types.Type) {
	sym := &scope.Symbol{Name: v.Name.Text, At: v.Name.Span}
	switch {
	case t == nil:
		c.report(v, "CS0822", "Implicitly-typed variables cannot be constant")
		t = c.invalid()
	case v.Init == nil:
		c.report(v.Name, "CS0145", "A const field requires a value to be provided")
	default:
		x := c.exprOf(v.Init, t)
		lit, ok := x.(*bound.Literal)
		if !ok && x.Type().Kind != types.Invalid {
			c.report(v.Init, "CS0133", "The expression being assigned to '%s' must be constant", v.Name.Text)
		}
		sym.Constant = lit
	}
	sym.Local = &bound.Local{Name: v.Name.Text, Type: t, Owner: c.names.Fn}
	if sym.Constant == nil {
		sym.Constant = &bound.Literal{Node: bound.Node{Span: v.Span, T: c.invalid()}}
	}
	c.names.DeclareSymbol(v.Name, sym)
}

// aliases checks ref locals: each is another name of the variable that its initial value names.
func (c *checker) aliases(s *syntax.LocalDeclStmt) {
	for i := range s.Vars {
		v := &s.Vars[i]
		ref, ok := v.Init.(*syntax.RefExpr)
		if !ok {
			c.report(v.Name, "CS8174", "A declaration of a by-reference variable must have an initializer")
			continue
		}
		x, ok := c.expr(ref.X).(*bound.LocalRef)
		if !ok {
			c.report(v, codeRefused, "A ref local of a policy expression can only refer to a variable.")
			continue
		}
		if !isVar(s.Type) {
			if t := c.types.Type(s.Type); t.Plain != x.T.Plain && t.Kind != types.Invalid {
				c.report(v.Init, "CS8173", "The expression must be of type '%s' because it is being assigned by reference", t.Name())
			}
		}
		c.names.DeclareSymbol(v.Name, &scope.Symbol{Name: v.Name.Text, At: v.Name.Span, Local: x.Local})
	}
}
