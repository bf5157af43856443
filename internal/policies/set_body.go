package policies

import (
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// setBody describes set-body.
func setBody() *policy.Spec {
	return &policy.Spec{
		Name:    "set-body",
		Summary: "Replaces the body of the request or of the response.",
		Details: "The content is an expression, or it is the body itself, as it stands. " +
			"Liquid templates are not served yet.",
		Example:  `<set-body>@(context.Request.Body.As<string>().Replace("foo", "bar"))</set-body>`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "template", Value: policy.Value{Type: policy.TypeEnum, Enum: []string{"liquid"}, Doc: "liquid for a Liquid template"}},
				{Name: "xsi-nil", Value: policy.Value{Type: policy.TypeEnum, Enum: []string{"blank", "null"}, Default: "blank",
					Doc: "what a Liquid template sees of XML elements marked xsi:nil"}},
				{Name: "parse-date", Value: policy.Value{Type: policy.TypeBoolean, Default: "true", Doc: "whether a Liquid template sees dates as dates"}},
			},
			Text:    &policy.Value{Expression: true, Doc: "the body"},
			Payload: true,
		},
		Compile: compileSetBody,
	}
}

type setBodyStep struct{ body policy.String }

func compileSetBody(c *policy.Compiler, el *document.Element) policy.Step {
	if template, ok := el.Attr("template"); ok {
		c.Fail(template.Pos, el.Name, "Liquid templates are not served yet", "write the body as an expression")
		return nil
	}
	if el.Text.Expression {
		return &setBodyStep{body: c.Value(el, el.Text)}
	}
	return &setBodyStep{body: policy.Literal(el.Payload())}
}

// Run replaces the body of the current message.
func (s *setBodyStep) Run(c *policy.Call) error {
	text, err := s.body.Eval(c)
	if err != nil {
		return err
	}
	header, body := c.Message()
	// The new body is not encoded, whatever the old one was.
	header.Delete(message.ContentEncoding)
	header.Delete(message.ContentLength)
	return body.SetBytes([]byte(text))
}
