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

// TestLargeConstants holds that strings that double with each statement are not put together by the checker.
func TestLargeConstants(t *testing.T) {
	code, name := `const string v = "0123456789";`, "v"
	for range 40 {
		code += strings.ReplaceAll(" const string Nv = N + N;", "N", name)
		name += "v"
	}
	if got := checked(testLibrary(t), code+" return 1;", true); !strings.HasPrefix(got, "CS0133@") {
		t.Errorf("got %s, want the error of a constant that is none", got)
	}
}

// TestLargeTypes holds that types that double with each statement are refused.
func TestLargeTypes(t *testing.T) {
	lib := testLibrary(t)
	tests := []struct{ name, first, next string }{
		{"anonymous", "var v = 1;", "var Nv = new { a = N, b = N };"},
		{"tuple", "var v = 1;", "var Nv = (N, N);"},
		{"generic", "var v = 1;", "var Nv = new[]{N}.ToDictionary(x => x, x => x);"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, name := test.first, "v"
			for range 40 {
				code += strings.ReplaceAll(test.next, "N", name)
				name += "v"
			}
			got := checked(lib, code+" return 1;", true)
			if !strings.HasPrefix(got, "SP0003@") {
				t.Errorf("got %s, want the limit's error", got)
			}
		})
	}
}
