package policies

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// setMethod describes set-method.
func setMethod() *policy.Spec {
	return &policy.Spec{
		Name:    "set-method",
		Summary: "Changes the method of the request that is forwarded.",
		Details: "The operation has been matched by then: changing the method does not match another one. " +
			"`CONNECT` is refused, because it asks for a tunnel and names no resource.",
		Example:  `<set-method>POST</set-method>`,
		Sections: policy.Inbound | policy.OnError,
		Scopes:   everyScope,
		Shape:    policy.Shape{Text: &policy.Value{Expression: true, Doc: "the method, such as GET or POST"}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			s := &setMethodStep{method: c.Value(el, el.Text)}
			if text, ok := s.method.Constant(); ok {
				s.method = policy.Literal(strings.TrimSpace(text))
				if err := checkMethod(strings.TrimSpace(text)); err != nil {
					c.Fail(el.Text.Pos, el.Name, err.Error(), "a method such as GET or POST is needed")
				}
			}
			return s
		},
	}
}

type setMethodStep struct{ method policy.String }

// Run changes the method.
func (s *setMethodStep) Run(c *policy.Call) error {
	method, err := s.method.Eval(c)
	if err != nil {
		return err
	}
	method = strings.TrimSpace(method)
	if err := checkMethod(method); err != nil {
		return fmt.Errorf("setting the method: %w", err)
	}
	c.Request.Method = method
	return nil
}

// checkMethod refuses what cannot be the method of a request to a resource.
func checkMethod(method string) error {
	if !message.ValidFieldName(method) || strings.EqualFold(method, "CONNECT") {
		return fmt.Errorf("%.60q cannot be the method of a request", method)
	}
	return nil
}
