package policies

import (
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// setVariable describes set-variable.
func setVariable() *policy.Spec {
	return &policy.Spec{
		Name:    "set-variable",
		Summary: "Sets a context variable for later policies of the same request.",
		Details: "A literal is a `string`, whatever it looks like: `value=\"10\"` is the text 10. The value of an expression " +
			"keeps its type: `value=\"@(10)\"` is an `int`. The variable lives until the request has been answered, and " +
			"policies of all sections and scopes see it under `context.Variables[\"name\"]`.",
		Example:  `<set-variable name="caller" value="@(context.Subscription?.Name ?? "anonymous")" />`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "name", Required: true, Value: policy.Value{Doc: "name of the variable"}},
			{Name: "value", Required: true, Value: policy.Value{Type: policy.TypeAny, Expression: true, Doc: "its value; an expression's value keeps its type"}},
		}},
		Compile: compileSetVariable,
	}
}

type setVariableStep struct {
	name  string
	value policy.String
}

func compileSetVariable(c *policy.Compiler, el *document.Element) policy.Step {
	name, named := el.Attr("name")
	text, _ := el.Attr("value")
	if named && name.Value == "" {
		c.Failf(el, "the name is empty")
	}
	if program := c.Expression(el, text); program != nil {
		return policy.StepFunc(func(c *policy.Call) error {
			v, err := program.Run(c.Expression())
			if err != nil {
				return err
			}
			c.Variables.Set(name.Value, v)
			return nil
		})
	}
	return &setVariableStep{name: name.Value, value: policy.Literal(text.Value)}
}

// Run sets the variable to its literal.
func (s *setVariableStep) Run(c *policy.Call) error {
	text, _ := s.value.Constant()
	c.Variables.Set(s.name, value.OfGo(text))
	return nil
}
