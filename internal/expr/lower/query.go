package lower

import "github.com/sallyport/sallyport/internal/expr/syntax"

// Query translates a query into method calls, as the C# specification does. Where the specification has
// transparent identifiers, the lambdas here take an anonymous object with all range variables and begin by
// declaring each of them: t => { var a = t.a; var b = t.b; return …; }.
func Query(q *syntax.QueryExpr) syntax.Expr {
	s := &queryState{}
	s.from(q.From)
	return body(s, q.Body)
}

// queryState is a query translated so far: its source, and the range variables of an element.
type queryState struct {
	source syntax.Expr
	vars   []syntax.Name
	// changed says that a clause has been translated, so that select x may be left out.
	changed bool
}

// rangeName is the name of the anonymous object that holds several range variables; no C# name is like it.
const rangeName = "<range>"

func (s *queryState) from(f *syntax.FromClause) {
	s.source = withCast(f.In, f.Type)
	s.vars = []syntax.Name{f.Name}
}

// withCast applies Cast<T> where a range variable is declared with a type.
func withCast(in syntax.Expr, t syntax.Type) syntax.Expr {
	if t == nil {
		return in
	}
	m := &syntax.MemberExpr{Span: in.Range(), X: in, Name: syntax.Name{Span: t.Range(), Text: "Cast"}, Args: []syntax.Type{t}}
	return &syntax.CallExpr{Span: in.Range(), Fun: m, Close: in.Range()}
}

func body(s *queryState, b *syntax.QueryBody) syntax.Expr {
	for i, clause := range b.Clauses {
		last := i == len(b.Clauses)-1
		if f, ok := clause.(*syntax.FromClause); ok && last {
			if sel, ok := b.End.(*syntax.SelectClause); ok {
				s.selectMany(f, sel.Value)
				return continuation(s, b)
			}
		}
		s.clause(clause)
	}
	switch end := b.End.(type) {
	case *syntax.SelectClause:
		if !s.changed || !s.isElement(end.Value) {
			s.call(end, "Select", s.lambda(end.Value))
		}
	case *syntax.GroupClause:
		if s.isElement(end.Value) {
			s.call(end, "GroupBy", s.lambda(end.Key))
		} else {
			s.call(end, "GroupBy", s.lambda(end.Key), s.lambda(end.Value))
		}
	}
	return continuation(s, b)
}

// continuation goes on after into.
func continuation(s *queryState, b *syntax.QueryBody) syntax.Expr {
	if b.Rest == nil {
		return s.source
	}
	return body(&queryState{source: s.source, vars: []syntax.Name{b.Into}}, b.Rest)
}

// isElement reports whether an expression is the only range variable itself.
func (s *queryState) isElement(e syntax.Expr) bool {
	id, ok := e.(*syntax.IdentExpr)
	return ok && len(s.vars) == 1 && id.Name.Text == s.vars[0].Text && len(id.Args) == 0
}

func (s *queryState) clause(clause syntax.QueryClause) {
	switch q := clause.(type) {
	case *syntax.FromClause:
		s.selectMany(q, nil)
	case *syntax.LetClause:
		members := append(s.members(), syntax.AnonymousMember{Span: q.Range(), Name: q.Name, Value: q.Value})
		s.call(q, "Select", s.lambda(&syntax.NewAnonymousExpr{Span: q.Value.Range(), Members: members}))
		s.vars = append(s.vars, q.Name)
	case *syntax.WhereClause:
		s.call(q, "Where", s.lambda(q.Cond))
	case *syntax.JoinClause:
		s.join(q)
	case *syntax.OrderByClause:
		s.orderBy(q)
	}
}

// selectMany translates a second from; value is the query's result where the from is its last clause.
func (s *queryState) selectMany(f *syntax.FromClause, value syntax.Expr) {
	collection := s.lambda(withCast(f.In, f.Type))
	s.combine(f, "SelectMany", []syntax.Expr{collection}, f.Name, value)
}

func (s *queryState) join(j *syntax.JoinClause) {
	inner := &queryState{vars: []syntax.Name{j.Name}}
	args := []syntax.Expr{withCast(j.In, j.Type), s.lambda(j.Left), inner.lambda(j.Right)}
	if j.Into.Text != "" {
		s.combine(j, "GroupJoin", args, j.Into, nil)
		return
	}
	s.combine(j, "Join", args, j.Name, nil)
}

// combine calls a method whose last argument makes an element of the range variables so far and a new one,
// or the query's result.
func (s *queryState) combine(at syntax.Node, method string, args []syntax.Expr, added syntax.Name, value syntax.Expr) {
	result := value
	if result == nil {
		result = &syntax.NewAnonymousExpr{Span: added.Span, Members: append(s.members(), member(added))}
	}
	l := s.lambda(result)
	l.Params = append(l.Params, syntax.Param{Span: added.Span, Name: added, OfQuery: true})
	s.call(at, method, append(args, l)...)
	if value == nil {
		s.vars = append(s.vars, added)
	}
}

func (s *queryState) orderBy(o *syntax.OrderByClause) {
	for i, k := range o.Keys {
		method := "OrderBy"
		if i > 0 {
			method = "ThenBy"
		}
		if k.Descending {
			method += "Descending"
		}
		s.call(k, method, s.lambda(k.Key))
	}
}

// members are the range variables as members of an anonymous object.
func (s *queryState) members() []syntax.AnonymousMember {
	var list []syntax.AnonymousMember
	for _, v := range s.vars {
		list = append(list, member(v))
	}
	return list
}

func member(v syntax.Name) syntax.AnonymousMember {
	return syntax.AnonymousMember{Span: v.Span, Name: v, Value: &syntax.IdentExpr{Span: v.Span, Name: v}}
}

// lambda is a lambda from an element to e.
func (s *queryState) lambda(e syntax.Expr) *syntax.LambdaExpr {
	l := &syntax.LambdaExpr{Span: e.Range(), Arrow: e.Range()}
	if len(s.vars) == 1 {
		l.Params = []syntax.Param{{Span: s.vars[0].Span, Name: s.vars[0], OfQuery: true}}
		l.Body = e
		return l
	}
	whole := syntax.Name{Span: e.Range(), Text: rangeName}
	l.Params = []syntax.Param{{Span: e.Range(), Name: whole}}
	l.Block = &syntax.BlockStmt{Span: e.Range()}
	for _, v := range s.vars {
		value := &syntax.MemberExpr{Span: v.Span, X: &syntax.IdentExpr{Span: v.Span, Name: whole}, Name: v}
		l.Block.List = append(l.Block.List, &syntax.LocalDeclStmt{
			Span: v.Span,
			Type: &syntax.NamedType{Span: v.Span, Name: syntax.Name{Span: v.Span, Text: "var"}},
			Vars: []syntax.VarDecl{{Span: v.Span, Name: v, Init: value}}, OfQuery: true,
		})
	}
	l.Block.List = append(l.Block.List, &syntax.ReturnStmt{Span: e.Range(), X: e})
	return l
}

// call applies a query method to the source.
func (s *queryState) call(at syntax.Node, method string, args ...syntax.Expr) {
	m := &syntax.MemberExpr{Span: at.Range(), X: s.source, Name: syntax.Name{Span: at.Range(), Text: method}}
	call := &syntax.CallExpr{Span: at.Range(), Fun: m, Close: at.Range()}
	for _, a := range args {
		call.Args = append(call.Args, syntax.Argument{Span: a.Range(), Value: a})
	}
	s.source = call
	s.changed = true
}

// RangeVariables tells visit each range variable of a query, and whether it has the name of one that is still
// known.
func RangeVariables(q *syntax.QueryExpr, visit func(name syntax.Name, again bool)) {
	known := map[string]bool{}
	declare := func(name syntax.Name) {
		if name.Text != "" {
			visit(name, known[name.Text])
			known[name.Text] = true
		}
	}
	declare(q.From.Name)
	for b := q.Body; b != nil; b = b.Rest {
		for _, clause := range b.Clauses {
			switch k := clause.(type) {
			case *syntax.FromClause:
				declare(k.Name)
			case *syntax.LetClause:
				declare(k.Name)
			case *syntax.JoinClause:
				if k.Into.Text == "" {
					declare(k.Name)
				}
				declare(k.Into)
			}
		}
		clear(known)
		declare(b.Into)
	}
}
