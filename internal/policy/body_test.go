package policy_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
)

// unread is a body that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, nil
}

func (unread) Close() error { return nil }

// TestNullTestLeavesTheBody asks whether there is a body, which does not touch it.
func TestNullTestLeavesTheBody(t *testing.T) {
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{
		`context.Request.Body != null`, `!(null == context.Request?.Body)`, `!(context.Request.Body is null)`, `context.Request.Body is IMessageBody`,
	} {
		t.Run(code, func(t *testing.T) {
			p, err := compiler.Compile(expr.Source{Code: code})
			if err != nil {
				t.Fatal(err)
			}
			if request, response := p.ReadsBody(); request || response {
				t.Errorf("the program says that it reads: %t, %t", request, response)
			}
			c := (&notes{}).call(t, nil)
			c.Request.Body.SetStream(unread{t}, -1)
			if got, err := p.Bool(c.Expression()); err != nil || !got {
				t.Errorf("%t, %v", got, err)
			}
			if _, whole := c.Request.Body.Buffered(); whole || c.Request.Body.Consumed() {
				t.Error("the body is buffered or consumed")
			}
		})
	}
}
