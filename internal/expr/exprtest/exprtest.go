// Package exprtest runs C# in the tests of the expression library's packages,
// through the compiler that the gateway uses.
package exprtest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
)

// compiler is made once for all tests of a package.
var compiler = sync.OnceValues(expr.NewCompiler)

// Now is what the clock of every run shows.
func Now() time.Time { return time.Date(2024, 3, 15, 10, 30, 46, 500_000_000, time.UTC) }

// Run runs statements within small limits, and returns the text of their result
// or the exception. Code that does not compile fails the test.
func Run(t *testing.T, code string) (string, error) {
	t.Helper()
	s, _, err := compile(t, expr.Source{Code: code, Block: true}).
		Text(&expr.Context{Static: &host.Static{}, Limits: expr.Limits{Steps: 100_000, Memory: 4 << 20}})
	return s, err
}

// Check runs pairs of an expression, or of statements in braces, and the text
// of its result; an exception is its type behind an exclamation mark.
func Check(t *testing.T, tests [][2]string) {
	t.Helper()
	for _, test := range tests {
		t.Run(test[0], func(t *testing.T) {
			src := expr.Source{Code: test[0]}
			if src.Code[0] == '{' {
				src = expr.Source{Code: src.Code[1 : len(src.Code)-1], Block: true}
			}
			got, null, err := compile(t, src).Text(&expr.Context{Now: Now})
			if x, ok := errors.AsType[*expr.Exception](err); ok {
				got = "!" + x.Type
			} else if null {
				got = "null"
			}
			if got != test[1] {
				t.Errorf("%s = %q, want %q", test[0], got, test[1])
			}
		})
	}
}

func compile(t *testing.T, src expr.Source) *expr.Program {
	t.Helper()
	c, err := compiler()
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Compile(src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
