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
		Name:    "set-status",
		Summary: "Sets the status code and the reason phrase of the response.",
		Details: "In inbound it has no effect on a request that is forwarded: the backend's answer has its own status. " +
			"Use it in outbound, in on-error, or inside return-response.",
		Example:  `<set-status code="401" reason="Unauthorized" />`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "code", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Min: 200, Max: 999, Doc: "status code; 1xx is no answer"}},
			{Name: "reason", Value: policy.Value{Expression: true, Doc: "reason phrase; HTTP/2 does not carry it"}},
		}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			s := &setStatusStep{code: c.Int(el, "code"), reason: c.String(el, "reason")}
			if text, ok := s.reason.Constant(); ok && !message.ValidFieldValue(text) {
				c.Failf(el, "the reason has a control character, which a status line cannot carry")
			}
			return s
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
