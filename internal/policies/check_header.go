package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// checkHeader describes check-header: a header that a request must have.
func checkHeader() *policy.Spec {
	return &policy.Spec{
		Name:    "check-header",
		Summary: "Requires that the request has a header, and that it has one of the given values.",
		Details: "Without `value` elements any value will do, but not an empty one. Several lines of the header are compared " +
			"as one, joined by commas.",
		Example: `<check-header name="x-tenant" failed-check-httpcode="401"
    failed-check-error-message="Not authorized" ignore-case="false">
    <value>f6dc69a089844cf6b2019bae6d36fac8</value>
</check-header>`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "name", Required: true, Value: policy.Value{Expression: true, Doc: "name of the header"}},
				{Name: "failed-check-httpcode", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Min: 100, Max: 999, Doc: "status of the answer where the check fails"}},
				{Name: "failed-check-error-message", Value: policy.Value{Expression: true, Doc: "message of the answer where the check fails"}},
				{Name: "ignore-case", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "false", Doc: "whether values are compared without regard to case"}},
			},
			Children: []policy.Child{{Name: "value", Doc: "a value that is allowed", Shape: policy.Shape{Text: &policy.Value{Expression: true}}}},
		},
		Compile: compileCheckHeader,
	}
}

type checkHeaderStep struct {
	name       policy.String
	known      message.Name // of a literal name
	status     policy.Int
	message    policy.String
	ignoreCase policy.Bool
	values     []policy.String
}

func compileCheckHeader(c *policy.Compiler, el *document.Element) policy.Step {
	s := &checkHeaderStep{
		name: c.String(el, "name"), status: c.Int(el, "failed-check-httpcode"),
		message: c.String(el, "failed-check-error-message"), ignoreCase: c.Bool(el, "ignore-case"),
	}
	if name, ok := s.name.Constant(); ok {
		if !message.ValidFieldName(name) {
			c.Failf(el, "%q cannot be the name of a header", name)
			return nil
		}
		s.known = message.NameOf(name)
	}
	for _, child := range el.Children {
		s.values = append(s.values, c.Value(child, child.Text))
	}
	return s
}

// Run checks the header.
func (s *checkHeaderStep) Run(c *policy.Call) error {
	name := s.known
	if name == (message.Name{}) {
		text, err := s.name.Eval(c)
		if err != nil {
			return err
		}
		name = message.NameOf(text)
	}
	value, ok := c.Request.Header.Joined(name, ",")
	if !ok || value == "" {
		return s.fault(c, "HeaderNotFound", "Header "+name.String()+" was not found in the request. Access denied.")
	}
	allowed, err := s.allows(c, value)
	if err != nil || allowed {
		return err
	}
	return s.fault(c, "HeaderValueNotAllowed", "Header "+name.String()+" value of "+told(name, value)+" is not allowed. Access denied.")
}

// allows compares a value with those that are allowed.
func (s *checkHeaderStep) allows(c *policy.Call, value string) (bool, error) {
	if len(s.values) == 0 {
		return true, nil
	}
	ignoreCase, err := s.ignoreCase.Eval(c)
	if err != nil {
		return false, err
	}
	for i := range s.values {
		want, err := s.values[i].Eval(c)
		if err != nil {
			return false, err
		}
		want = strings.TrimSpace(want)
		if value == want || (ignoreCase && strings.EqualFold(value, want)) {
			return true, nil
		}
	}
	return false, nil
}

// told returns a header's value as messages and logs may have it: not that of a
// header that holds credentials.
func told(name message.Name, value string) string {
	for _, secret := range [...]message.Name{message.Authorization, message.ProxyAuthorization, message.Cookie, message.SubscriptionKey} {
		if name.Is(secret) {
			return "***"
		}
	}
	return value
}

func (s *checkHeaderStep) fault(c *policy.Call, reason, text string) error {
	status, err := s.status.Eval(c)
	if err != nil {
		return err
	}
	message, err := s.message.Eval(c)
	if err != nil {
		return err
	}
	return policy.NewFault(int(status), "check-header", reason, text).Telling(message)
}
