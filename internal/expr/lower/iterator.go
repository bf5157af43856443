package lower

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

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
