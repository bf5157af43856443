package check

import (
	"strings"
	"testing"
)

// TestNestedLambdas holds the work of checking nested lambdas: it must not double with each level.
func TestNestedLambdas(t *testing.T) {
	lib := testLibrary(t)
	nested := func(depth int, before, inner, after string) string {
		code := inner
		for i := depth; i > 0; i-- {
			code = strings.ReplaceAll(before, "N", "n"+strings.Repeat("x", i)) + code + after
		}
		return code
	}
	tests := []struct{ name, before, inner, after, want string }{
		{"same type", "new[]{1}.Sum(N => ", "1", ")", "int"},
		{"another overload", "new[]{1}.Sum(N => 1L + ", "1", ")", "long"},
		{"inferred", "new[]{1}.Select(N => ", "1", ").First()", "int"},
		{"accumulated", "new[]{1}.Aggregate(0, (N, vN) => ", "1", ")", "int"},
		{"block", "new[]{1}.Select(N => { return ", "1", "; }).First()", "int"},
	}
	const depth = 16
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := checked(lib, nested(depth, test.before, test.inner, test.after), false); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	t.Run("too much", func(t *testing.T) {
		got := checked(lib, nested(2*depth, "new[]{1}.Sum(N => ", "nope", ")"), false)
		if !strings.HasPrefix(got, "SP0003@") {
			t.Errorf("got %s, want the limit's error", got)
		}
	})
}
