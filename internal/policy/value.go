package policy

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/expr"
)

// String is a text that is either known when the document is compiled or given
// by an expression for each request. The zero String is absent.
type String struct {
	text    string
	program *expr.Program
	set     bool
}

// Literal makes a String of a known text.
func Literal(text string) String { return String{text: text, set: true} }

// IsSet reports whether the document has the value.
func (s String) IsSet() bool { return s.set }

// Constant returns the text where it is known without a request.
func (s String) Constant() (string, bool) { return s.text, s.set && s.program == nil }

// Program returns the expression, or nil.
func (s String) Program() *expr.Program { return s.program }

// Eval returns the text for this request; null and absent are empty.
func (s String) Eval(c *Call) (string, error) {
	if s.program == nil {
		return s.text, nil
	}
	text, _, err := s.program.Text(c.Expression())
	return text, err
}

// EvalNull is Eval that tells null from the empty text.
func (s String) EvalNull(c *Call) (text string, null bool, err error) {
	if s.program == nil {
		return s.text, !s.set, nil
	}
	return s.program.Text(c.Expression())
}

// Bool is a truth value that is either known when the document is compiled or
// given by an expression.
type Bool struct {
	value   bool
	program *expr.Program
	set     bool
}

// IsSet reports whether the document has the value.
func (b Bool) IsSet() bool { return b.set }

// Constant returns the value where it is known without a request.
func (b Bool) Constant() (value, known bool) { return b.value, b.program == nil }

// Eval returns the value for this request; absent is the default.
func (b Bool) Eval(c *Call) (bool, error) {
	if b.program == nil {
		return b.value, nil
	}
	return b.program.Bool(c.Expression())
}

// Int is a whole number that is either known when the document is compiled or
// given by an expression.
type Int struct {
	value    int64
	program  *expr.Program
	set      bool
	name     string
	min, max int64
}

// IsSet reports whether the document has the value.
func (n Int) IsSet() bool { return n.set }

// Constant returns the number where it is known without a request.
func (n Int) Constant() (value int64, known bool) { return n.value, n.program == nil }

// Eval returns the number for this request; absent is the default. A number out
// of the attribute's range is a failure.
func (n Int) Eval(c *Call) (int64, error) {
	if n.program == nil {
		return n.value, nil
	}
	v, err := n.program.Int64(c.Expression())
	if err != nil {
		return 0, err
	}
	if (n.min != 0 || n.max != 0) && (v < n.min || v > n.max) {
		return 0, fmt.Errorf("evaluating %s: %d is not between %d and %d", n.name, v, n.min, n.max)
	}
	return v, nil
}
