package lower

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// Yielded is the name of the list that the elements of an iterator are collected in; no C# name is like it.
const Yielded = "<yielded>"

// Yields reports whether the statements of a local function, without the functions inside of it, yield.
func Yields(s syntax.Stmt) bool {
	switch s := s.(type) {
	case *syntax.YieldStmt:
		return true
	case *syntax.BlockStmt:
		return anyYields(s.List)
	case *syntax.IfStmt:
		return Yields(s.Then) || s.Else != nil && Yields(s.Else)
	case *syntax.WhileStmt:
		return Yields(s.Body)
	case *syntax.DoStmt:
		return Yields(s.Body)
	case *syntax.ForStmt:
		return Yields(s.Body)
	case *syntax.ForeachStmt:
		return Yields(s.Body)
	case *syntax.UsingStmt:
		return Yields(s.Body)
	case *syntax.CheckedStmt:
		return Yields(s.Body)
	case *syntax.LabeledStmt:
		return Yields(s.Body)
	case *syntax.TryStmt:
		return Yields(s.Body) || s.Finally != nil && Yields(s.Finally)
	case *syntax.SwitchStmt:
		for i := range s.Sections {
			if anyYields(s.Sections[i].Body) {
				return true
			}
		}
	}
	return false
}

func anyYields(list []syntax.Stmt) bool { return slices.ContainsFunc(list, Yields) }

// Collecting rewrites an iterator so that it collects what it yields in a list and returns that: it runs when
// it is called rather than when it is enumerated, within the same budget.
func Collecting(f *syntax.LocalFuncStmt) *syntax.BlockStmt {
	at := f.Name.Span
	elem := syntax.Type(&syntax.PredefinedType{Span: at, Kind: syntax.KwObject})
	if t, ok := f.Result.(*syntax.NamedType); ok && len(t.Args) == 1 {
		elem = t.Args[0]
	}
	list := &syntax.NamedType{Span: at, Name: syntax.Name{Span: at, Text: "List"}, Args: []syntax.Type{elem}}
	return &syntax.BlockStmt{Span: f.Block.Span, Close: f.Block.Close, List: []syntax.Stmt{
		&syntax.LocalDeclStmt{Span: at, Type: list, Vars: []syntax.VarDecl{{
			Span: at, Name: syntax.Name{Span: at, Text: Yielded}, Init: &syntax.NewExpr{Span: at, Type: list, HasArgs: true},
		}}},
		f.Block,
		&syntax.ReturnStmt{Span: at, X: YieldedRef(at)},
	}}
}

// YieldedRef reads the list.
func YieldedRef(at syntax.Span) syntax.Expr {
	return &syntax.IdentExpr{Span: at, Name: syntax.Name{Span: at, Text: Yielded}}
}
