package policies

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// returnResponse describes return-response.
func returnResponse() *policy.Spec {
	return &policy.Spec{
		Name:    "return-response",
		Summary: "Ends the pipeline and answers the caller at once.",
		Details: "The answer is an empty `200 OK`, or the response that a variable holds, " +
			"changed by the policies inside. Nothing of what policies or the backend did to the response before is in it.",
		Example: `<return-response>
    <set-status code="401" reason="Unauthorized" />
    <set-header name="WWW-Authenticate" exists-action="override">
        <value>Bearer error="invalid_token"</value>
    </set-header>
</return-response>`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{{Name: "response-variable-name",
				Value: policy.Value{Doc: "name of a variable that holds a response, as send-request sets it"}}},
			Policies: true,
			Only:     []string{"set-status", "set-header", "set-body"},
		},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			name, _ := el.Attr("response-variable-name")
			return &returnResponseStep{variable: name.Value, steps: c.Steps(el)}
		},
	}
}

type returnResponseStep struct {
	variable string
	steps    policy.Steps
}

// Run builds the answer and ends the pipeline.
func (s *returnResponseStep) Run(c *policy.Call) error {
	if s.variable != "" {
		if _, ok := c.Variables.Get(s.variable); ok {
			return fmt.Errorf("returning the response: the variable %s holds no response", s.variable)
		}
	}
	answer := &message.Response{Status: 200}
	done := c.Build(policy.Building{Header: &answer.Header, Body: &answer.Body, Response: answer})
	err := s.steps.Run(c)
	done()
	if err != nil {
		return err
	}
	if err := c.Response.Discard(); err != nil {
		return fmt.Errorf("returning the response: %w", err)
	}
	*c.Response = *answer
	return policy.ErrDone
}
