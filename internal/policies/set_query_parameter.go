package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// setQueryParameter describes set-query-parameter.
func setQueryParameter() *policy.Spec {
	return &policy.Spec{
		Name:    "set-query-parameter",
		Summary: "Adds, replaces or removes a parameter of the query that is forwarded.",
		Details: "Name and values are written as they are meant: the gateway escapes them. Several `value` elements make " +
			"several parameters of the same name. The other parameters stay exactly as the client sent them.",
		Example: `<set-query-parameter name="api-version" exists-action="skip">
    <value>2026-01-01</value>
</set-query-parameter>`,
		Sections: policy.Inbound | policy.Backend,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "name", Required: true, Value: policy.Value{Expression: true, Doc: "name of the parameter"}},
				existsAction("parameter"),
			},
			Children: []policy.Child{{Name: "value", Doc: "value of the parameter",
				Shape: policy.Shape{Text: &policy.Value{Expression: true, Doc: "the value"}}}},
		},
		Compile: compileSetQueryParameter,
	}
}

type setQueryParameterStep struct {
	name   policy.String
	action action
	values []policy.String
}

func compileSetQueryParameter(c *policy.Compiler, el *document.Element) policy.Step {
	s := &setQueryParameterStep{name: c.String(el, "name"), action: compileAction(c, el)}
	if name, ok := s.name.Constant(); ok && name == "" {
		c.Failf(el, "the name is empty")
	}
	for _, child := range el.Children {
		s.values = append(s.values, c.Value(child, child.Text.Trim()))
	}
	s.action.checkValues(c, el, len(s.values))
	return s
}

// Run changes the query of the request.
func (s *setQueryParameterStep) Run(c *policy.Call) error {
	name, err := s.name.Eval(c)
	if err != nil {
		return err
	}
	kind, err := s.action.eval(c)
	if err != nil {
		return err
	}
	url := &c.Request.URL
	_, there := url.QueryParameter(name)
	switch {
	case kind == existsSkip && there:
		return nil
	case kind == existsDelete:
		url.Query = withoutParameter(url, name, "")
		return nil
	}
	added, err := s.encode(c, name)
	if err != nil {
		return err
	}
	if kind == existsOverride && there {
		url.Query = withoutParameter(url, name, added)
		return nil
	}
	url.Query = joinQuery(url.Query, added)
	return nil
}

// encode writes the values as parameters of a query.
func (s *setQueryParameterStep) encode(c *policy.Call, name string) (string, error) {
	var b strings.Builder
	escaped := message.EscapeQuery(name)
	for i := range s.values {
		v, err := s.values[i].Eval(c)
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escaped)
		b.WriteByte('=')
		b.WriteString(message.EscapeQuery(v))
	}
	return b.String(), nil
}

// withoutParameter returns a query without the parameters of a name; in the
// place of the first stands the replacement.
func withoutParameter(url *message.URL, name, replacement string) string {
	var b strings.Builder
	b.Grow(len(url.Query) + len(replacement))
	write := func(text string) {
		if text == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(text)
	}
	for p := range url.QueryParameters() {
		if p.Name() != name {
			write(p.Raw)
			continue
		}
		write(replacement)
		replacement = ""
	}
	return b.String()
}
