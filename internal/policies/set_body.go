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
		Details: "The content is one expression, or it is the body itself, as it stands. Where the message has no body " +
			"it gets one; an expression that reads the body fails then, because `context.Request.Body` is null.\n\n" +
			"The new body is not compressed, whatever the old one was: `Content-Encoding` and `Content-Length` are dropped. " +
			"`Content-Type` stays as it is.\n\n" +
			"Liquid templates are not served yet: a document that has one is refused.",
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
	for _, name := range []string{"xsi-nil", "parse-date"} {
		if at, ok := el.Attr(name); ok {
			c.Fail(at.Pos, el.Name, "the attribute "+name+" says something of Liquid templates only", "remove it, or set template=\"liquid\"")
		}
	}
	if c.Mixed(el.Name, el.Text, "make the whole body one expression; write a literal @ as &#64;") {
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
