package expr_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
)

// TestBodyOnlyTested compiles what asks whether there is a body, beside what reads it.
func TestBodyOnlyTested(t *testing.T) {
	tests := []struct {
		name, code        string
		request, response bool
	}{
		{"equals null", `context.Request.Body == null`, false, false},
		{"null on the left", `null != context.Request.Body`, false, false},
		{"parentheses", `(context.Request.Body) != null`, false, false},
		{"conditional access", `context?.Request?.Body != null`, false, false},
		{"is null", `context.Response.Body is null`, false, false},
		{"is a type", `context.Request.Body is IMessageBody`, false, false},
		{"response", `context.Response.Body == null ? 204 : 200`, false, false},
		{"inside a lambda of an overloaded call", `new[] { 1, 2 }.Select(n => context.Request.Body != null ? n : 0).Sum()`, false, false},
		{"kept in a variable of a pattern", `context.Request.Body is IMessageBody b && b.As<string>() == ""`, true, false},
		{"read after the test", `context.Request.Body != null ? context.Request.Body.As<string>(true) : ""`, true, false},
		{"read before the test", `context.Response.Body.As<string>(true) == null || context.Response.Body == null`, false, true},
		{"read by conditional access", `context.Request.Body?.As<string>(true) == null`, true, false},
		{"compared with each other", `context.Request.Body == context.Response.Body`, true, true},
		{"coalesced", `(context.Request.Body ?? context.Response.Body) == null`, true, true},
	}
	c := newCompiler(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: tt.code})
			if err != nil {
				t.Fatal(err)
			}
			if request, response := p.ReadsBody(); request != tt.request || response != tt.response {
				t.Errorf("got %t, %t, want %t, %t", request, response, tt.request, tt.response)
			}
		})
	}
}
