package policies

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// setHeader describes set-header.
func setHeader() *policy.Spec {
	return &policy.Spec{
		Name:    "set-header",
		Summary: "Adds, replaces, extends or removes a header of the request or of the response.",
		Details: "In inbound and backend it works on the request, in outbound and on-error on the response; inside a policy " +
			"that builds a message, on that message.\n\n" +
			"Several values become one field, joined by commas, and so does what `append` adds to a field that is there. " +
			"Fields whose values hold commas or dates of themselves keep a line for each value: `" +
			strings.Join(separateNames(), "`, `") + "`.\n\n" +
			"The request's `Host` is the backend's own until this policy sets it; `append` cannot give it a second value, " +
			"`skip` finds it there already, and `delete` goes back to the backend's own. Fields that frame the message " +
			"(`Content-Length`, `Transfer-Encoding`, `Connection`) are made by the gateway and not sent as they are set.",
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
				Shape: policy.Shape{Text: &policy.Value{Expression: true, Doc: "the value"}}}},
		},
		Compile: compileSetHeader,
	}
}

// separate are the headers whose values are never joined by commas.
var separate = []message.Name{
	message.UserAgent, message.WWWAuthenticate, message.ProxyAuthenticate, message.Cookie, message.SetCookie,
	message.NameOf("Warning"), message.Date, message.Expires, message.IfModifiedSince,
	message.NameOf("If-Unmodified-Since"), message.LastModified, message.RetryAfter,
}

func separateNames() []string {
	names := make([]string, 0, len(separate))
	for _, n := range separate {
		names = append(names, n.String())
	}
	return names
}

type setHeaderStep struct {
	name   policy.String
	known  message.Name // of a literal name
	apart  bool         // a literal name is one of those whose values are not joined
	action action
	values []policy.String // literal ones are as they are sent
}

func compileSetHeader(c *policy.Compiler, el *document.Element) policy.Step {
	s := &setHeaderStep{name: c.String(el, "name"), action: compileAction(c, el)}
	if name, ok := s.name.Constant(); ok {
		if !message.ValidFieldName(name) {
			c.Failf(el, "%.60q cannot be the name of a header", name)
			return nil
		}
		s.known = message.NameOf(name)
		s.apart = isSeparate(s.known)
	}
	for _, child := range el.Children {
		v := c.Value(child, child.Text.Trim())
		if text, ok := v.Constant(); ok {
			if !message.ValidFieldValue(text) {
				c.Failf(child, "the value has a control character, which a header cannot carry")
			}
			v = policy.Literal(strings.TrimSpace(text))
		}
		s.values = append(s.values, v)
	}
	s.action.checkValues(c, el, len(s.values))
	if s.known.Is(message.Host) && (len(s.values) > 1 || s.action.known && s.action.kind == existsAppend) {
		c.Failf(el, "a request has one Host, and no more can be added to it")
	}
	return s
}

// Run changes the header of the current message.
func (s *setHeaderStep) Run(c *policy.Call) error {
	name, apart := s.known, s.apart
	if name == (message.Name{}) {
		text, err := s.name.Eval(c)
		if err != nil {
			return err
		}
		if !message.ValidFieldName(text) {
			return fmt.Errorf("setting a header: %.60q cannot be the name of a header", text)
		}
		name = message.NameOf(text)
		apart = isSeparate(name)
	}
	kind, err := s.action.eval(c)
	if err != nil {
		return err
	}
	header, _ := c.Message()
	switch {
	case kind == existsDelete:
		header.Delete(name)
		return nil
	case kind == existsSkip && hasHeader(c, header, name):
		return nil
	case name.Is(message.Host):
		return s.setHost(c, header, kind)
	case apart:
		return s.addLines(c, header, name, kind)
	}
	return s.setJoined(c, header, name, kind)
}

// hasHeader reports whether a message has a header. A request has a Host though
// no policy has set one.
func hasHeader(c *policy.Call, h *message.Header, name message.Name) bool {
	return h.Has(name) || (h == &c.Request.Header && name.Is(message.Host))
}

func isSeparate(name message.Name) bool {
	return slices.ContainsFunc(separate, name.Is)
}

// setJoined makes all values one field.
func (s *setHeaderStep) setJoined(c *policy.Call, h *message.Header, name message.Name, kind existsKind) error {
	text, err := s.value(c, 0)
	if err != nil {
		return err
	}
	if kind == existsAppend {
		if before, ok := h.Joined(name, ","); ok {
			text = joinValues(before, text)
		}
	}
	for i := 1; i < len(s.values); i++ {
		v, err := s.value(c, i)
		if err != nil {
			return err
		}
		text = joinValues(text, v)
	}
	h.Set(name, text)
	return nil
}

func joinValues(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "," + b
}

// addLines makes each value a field of its own.
func (s *setHeaderStep) addLines(c *policy.Call, h *message.Header, name message.Name, kind existsKind) error {
	for i := range s.values {
		v, err := s.value(c, i)
		if err != nil {
			return err
		}
		if i == 0 && kind != existsAppend {
			h.Set(name, v)
			continue
		}
		h.Add(name, v)
	}
	return nil
}

// setHost sets the Host that is sent to the backend.
func (s *setHeaderStep) setHost(c *policy.Call, h *message.Header, kind existsKind) error {
	if kind == existsAppend || len(s.values) != 1 {
		return errors.New("setting a header: a request has one Host, and no more can be added to it")
	}
	v, err := s.value(c, 0)
	if err != nil {
		return err
	}
	if v == "" || strings.ContainsAny(v, " /\\?#@,\t") {
		return fmt.Errorf("setting a header: %.60q cannot be a Host", v)
	}
	h.Set(message.Host, v)
	return nil
}

// errControlCharacter refuses what would start another header line.
var errControlCharacter = errors.New("setting a header: the value has a control character")

// value evaluates one value; where there is none, it is empty.
func (s *setHeaderStep) value(c *policy.Call, i int) (string, error) {
	if i >= len(s.values) {
		return "", nil
	}
	if text, ok := s.values[i].Constant(); ok {
		return text, nil
	}
	v, err := s.values[i].Eval(c)
	if err != nil {
		return "", err
	}
	v = strings.TrimSpace(v)
	if !message.ValidFieldValue(v) {
		return "", errControlCharacter
	}
	return v, nil
}
