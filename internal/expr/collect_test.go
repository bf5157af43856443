package expr_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
)

// TestTypesAreCollected compiles and drops many programs that each have types of their own.
func TestTypesAreCollected(t *testing.T) {
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	compile := func(i int) *expr.Program {
		code := fmt.Sprintf(`new[] { new { A%d = 1, B = "x" } }.Where(x => x.A%d > 0).ToList().Select(x => (x, x.B)).First().Item2`, i, i)
		p, err := compiler.Compile(expr.Source{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	kept := compile(0)
	before := compiler.Library().Constructed()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const programs = 300
	for i := 1; i <= programs; i++ {
		compile(i)
	}
	made := compiler.Library().Constructed() - before
	left := made
	for range 100 {
		if runtime.GC(); left <= programs/10 {
			break
		}
		runtime.Gosched()
		left = compiler.Library().Constructed() - before
	}
	if made < programs || left > programs/10 {
		t.Errorf("%d types have been made, %d are left", made, left)
	}
	if s, _, err := kept.Text(&expr.Context{}); err != nil || s != "x" {
		t.Errorf("the program that is kept gives %q, %v", s, err)
	}
}
