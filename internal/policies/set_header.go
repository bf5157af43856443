package policies

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// The values of exists-action.
const (
	existsOverride = "override"
	existsSkip     = "skip"
	existsAppend   = "append"
	existsDelete   = "delete"
)

// existsAction describes the attribute that set-header and
// set-query-parameter share.
func existsAction(what string) policy.Attribute {
	return policy.Attribute{Name: "exists-action", Value: policy.Value{
		Type: policy.TypeEnum, Expression: true, Default: existsOverride,
		Enum: []string{existsOverride, existsSkip, existsAppend, existsDelete},
		Doc:  "what to do when the " + what + " is there already",
	}}
}

// setHeader describes set-header.
func setHeader() *policy.Spec {
	return &policy.Spec{
		Name:    "set-header",
		Summary: "Adds, replaces, extends or removes a header of the request or of the response.",
		Details: "In inbound and backend it works on the request, in outbound and on-error on the response.",
		Example: `<set-header name="x-request-id" exists-action="skip">
    <value>@(context.RequestId.ToString())</value>
</set-header>`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "name", Required: true, Value: policy.Value{Expression: true, Doc: "name of the header"}},
				existsAction("header"),
			},
			Children: []policy.Child{{Name: "value", Doc: "value; several are joined by commas or sent as separate lines",
				Shape: policy.Shape{Text: &policy.Value{Expression: true}}}},
		},
		Compile: compileSetHeader,
	}
}

type setHeaderStep struct {
	name   policy.String
	known  message.Name // of a literal name
	action policy.String
	values []policy.String
}

func compileSetHeader(c *policy.Compiler, el *document.Element) policy.Step {
	s := &setHeaderStep{name: c.String(el, "name"), action: c.String(el, "exists-action")}
	if name, ok := s.name.Constant(); ok {
		if !message.ValidFieldName(name) {
			c.Failf(el, "%q cannot be the name of a header", name)
			return nil
		}
		s.known = message.NameOf(name)
	}
	for _, child := range el.Children {
		v := c.Value(child, child.Text)
		if text, ok := v.Constant(); ok && !message.ValidFieldValue(strings.TrimSpace(text)) {
			c.Failf(child, "the value has a control character, which a header cannot carry")
		}
		s.values = append(s.values, v)
	}
	if action, ok := s.action.Constant(); ok && !strings.EqualFold(action, existsDelete) && len(s.values) == 0 {
		c.Failf(el, "there is no value to set; only exists-action=\"delete\" needs none")
	}
	return s
}

// Run changes the header of the current message.
func (s *setHeaderStep) Run(c *policy.Call) error {
	name := s.known
	if name == (message.Name{}) {
		text, err := s.name.Eval(c)
		if err != nil {
			return err
		}
		if !message.ValidFieldName(text) {
			return fmt.Errorf("setting a header: %.60q cannot be the name of a header", text)
		}
		name = message.NameOf(text)
	}
	action, err := s.action.Eval(c)
	if err != nil {
		return err
	}
	header, _ := c.Message()
	return s.apply(c, header, name, action)
}

// apply does what exists-action says.
func (s *setHeaderStep) apply(c *policy.Call, h *message.Header, name message.Name, action string) error {
	switch {
	case strings.EqualFold(action, existsDelete):
		h.Delete(name)
		return nil
	case strings.EqualFold(action, existsSkip) && h.Has(name):
		return nil
	case strings.EqualFold(action, existsAppend):
	default:
		if len(s.values) == 1 {
			v, err := s.value(c, 0)
			if err != nil {
				return err
			}
			h.Set(name, v)
			return nil
		}
		h.Delete(name)
	}
	for i := range s.values {
		v, err := s.value(c, i)
		if err != nil {
			return err
		}
		h.Add(name, v)
	}
	return nil
}

// value evaluates one value and refuses what would start another header line.
func (s *setHeaderStep) value(c *policy.Call, i int) (string, error) {
	v, err := s.values[i].Eval(c)
	if err != nil {
		return "", err
	}
	v = strings.TrimSpace(v)
	if !message.ValidFieldValue(v) {
		return "", fmt.Errorf("setting a header: the value has a control character")
	}
	return v, nil
}
