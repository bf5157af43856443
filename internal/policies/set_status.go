package policies

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// setStatus describes set-status.
func setStatus() *policy.Spec {
	return &policy.Spec{
		Name:     "set-status",
		Summary:  "Sets the status code and the reason phrase of the response.",
		Example:  `<set-status code="401" reason="Unauthorized" />`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "code", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Min: 100, Max: 999, Doc: "status code"}},
			{Name: "reason", Value: policy.Value{Expression: true, Doc: "reason phrase; HTTP/2 does not carry it"}},
		}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			return &setStatusStep{code: c.Int(el, "code"), reason: c.String(el, "reason")}
		},
	}
}

type setStatusStep struct {
	code   policy.Int
	reason policy.String
}

// Run sets status and reason of the response.
func (s *setStatusStep) Run(c *policy.Call) error {
	code, err := s.code.Eval(c)
	if err != nil {
		return err
	}
	reason, err := s.reason.Eval(c)
	if err != nil {
		return err
	}
	if !message.ValidFieldValue(reason) {
		return fmt.Errorf("setting the status: the reason has a control character")
	}
	r := c.StatusOf()
	r.Status, r.Reason = int(code), reason
	return nil
}
