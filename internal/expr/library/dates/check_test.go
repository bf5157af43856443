package dates_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/expr"
)

// now is what the clock of every run shows.
func now() time.Time { return time.Date(2024, 3, 15, 10, 30, 46, 500_000_000, time.UTC) }

// check runs each expression and compares its text; an exception is its type behind an exclamation mark.
func check(t *testing.T, tests [][2]string) {
	t.Helper()
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test[0], func(t *testing.T) {
			src := expr.Source{Code: test[0]}
			if src.Code[0] == '{' {
				src = expr.Source{Code: src.Code[1 : len(src.Code)-1], Block: true}
			}
			p, err := c.Compile(src)
			if err != nil {
				t.Fatal(err)
			}
			got, null, err := p.Text(&expr.Context{Now: now})
			var x *expr.Exception
			switch {
			case errors.As(err, &x):
				got = "!" + x.Type
			case null:
				got = "null"
			}
			if got != test[1] {
				t.Errorf("%s = %q, want %q", test[0], got, test[1])
			}
		})
	}
}
