package policies

import (
	"time"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// Limits of forward-request's times. Longer ones are no promise that anyone in
// between keeps.
const (
	maxForwardSeconds      = 86_400
	maxForwardMilliseconds = maxForwardSeconds * 1000
)

// forwardRequest describes forward-request.
func forwardRequest() *policy.Spec {
	seconds := policy.Value{Type: policy.TypeInteger, Expression: true, Max: maxForwardSeconds}
	return &policy.Spec{
		Name:    "forward-request",
		Summary: "Forwards the request to the backend and waits for the head of its answer.",
		Details: "Without this policy in the section `backend`, or `base`, nothing is forwarded: the answer is then what " +
			"other policies have made.\n\n" +
			"A backend that cannot be reached, or does not answer in time, is a failure and leads to on-error: " +
			"its reason is `BackendConnectionFailure` or `Timeout`.\n\n" +
			"Interim answers of the backend, such as 103 (Early Hints), go on to the client at once, also those of an " +
			"attempt that is retried. The policies of `outbound` do not see them: where there are any, only the fields " +
			"`Link`, `Content-Security-Policy` and `Content-Security-Policy-Report-Only` are passed on.",
		Example:  `<forward-request timeout="60" follow-redirects="false" />`,
		Sections: policy.Backend,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "timeout", Value: withDoc(withDefault(seconds, "300"), "seconds until the head of the answer; 0 for no limit")},
			{Name: "timeout-ms", Value: policy.Value{Type: policy.TypeInteger, Expression: true, Max: maxForwardMilliseconds,
				Doc: "the same in milliseconds; not together with timeout"}},
			{Name: "continue-timeout", Value: withDoc(seconds, "seconds to wait for 100 Continue; absent, it is not waited for")},
			{Name: "http-version", Value: policy.Value{Type: policy.TypeEnum, Enum: []string{"1", "2", "2or1"}, Default: "1",
				Doc: "HTTP/1.1, HTTP/2, or HTTP/2 where the backend has it"}},
			{Name: "follow-redirects", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "false",
				Doc: "whether redirects of the backend are followed instead of returned"}},
			{Name: "buffer-request-body", Value: policy.Value{Type: policy.TypeBoolean, Default: "false",
				Doc: "whether the request's body is kept, so that it can be sent again"}},
			{Name: "buffer-response", Value: policy.Value{Type: policy.TypeBoolean, Default: "true",
				Doc: "whether the answer is passed on in pieces of up to 8 KB instead of as it comes"}},
			{Name: "fail-on-error-status-code", Value: policy.Value{Type: policy.TypeBoolean, Default: "false",
				Doc: "whether an answer of 400 to 599 is a failure and leads to on-error"}},
		}},
		Compile: compileForwardRequest,
	}
}

// withDefault returns a value with a default.
func withDefault(v policy.Value, text string) policy.Value {
	v.Default = text
	return v
}

// withDoc returns a value with its line of documentation.
func withDoc(v policy.Value, text string) policy.Value {
	v.Doc = text
	return v
}

// forwardStep forwards with options that are known.
type forwardStep struct{ options policy.ForwardOptions }

// Run forwards the request.
func (s *forwardStep) Run(c *policy.Call) error { return c.Services.Forward(c, &s.options) }

// dynamicForwardStep forwards with options of which some are expressions.
type dynamicForwardStep struct {
	options         policy.ForwardOptions // what is known
	timeout         policy.Int
	unit            time.Duration // of timeout
	continueTimeout policy.Int
	followRedirects policy.Bool
}

func compileForwardRequest(c *policy.Compiler, el *document.Element) policy.Step {
	s := &dynamicForwardStep{
		timeout: c.Int(el, "timeout"), unit: time.Second,
		continueTimeout: c.Int(el, "continue-timeout"), followRedirects: c.Bool(el, "follow-redirects"),
	}
	if exact := c.Int(el, "timeout-ms"); exact.IsSet() {
		if s.timeout.IsSet() {
			c.Fail(el.Pos, el.Name, "timeout and timeout-ms cannot stand together", "keep one of them")
		}
		s.timeout, s.unit = exact, time.Millisecond
	}
	s.options = policy.ForwardOptions{
		Version:           httpVersion(c, el),
		BufferRequestBody: constantBool(c, el, "buffer-request-body"),
		BufferResponse:    constantBool(c, el, "buffer-response"),
		FailOnErrorStatus: constantBool(c, el, "fail-on-error-status-code"),
	}
	timeout, known := s.timeout.Constant()
	wait, knownWait := s.continueTimeout.Constant()
	follow, knownFollow := s.followRedirects.Constant()
	s.options = s.with(timeout, wait, follow)
	if known && knownWait && knownFollow {
		return &forwardStep{options: s.options}
	}
	return s
}

// with returns the options with these values.
func (s *dynamicForwardStep) with(timeout, continueTimeout int64, follow bool) policy.ForwardOptions {
	o := s.options
	o.Timeout = time.Duration(timeout) * s.unit
	o.ContinueTimeout = time.Duration(continueTimeout) * time.Second
	o.FollowRedirects = follow
	return o
}

// Run evaluates the options and forwards the request.
func (s *dynamicForwardStep) Run(c *policy.Call) error {
	timeout, err := s.timeout.Eval(c)
	if err != nil {
		return err
	}
	wait, err := s.continueTimeout.Eval(c)
	if err != nil {
		return err
	}
	follow, err := s.followRedirects.Eval(c)
	if err != nil {
		return err
	}
	options := s.with(timeout, wait, follow)
	return c.Services.Forward(c, &options)
}

// httpVersion reads the attribute of that name.
func httpVersion(c *policy.Compiler, el *document.Element) policy.HTTPVersion {
	switch text, _ := c.String(el, "http-version").Constant(); text {
	case "2":
		return policy.HTTP2
	case "2or1":
		return policy.HTTP2Or1
	}
	return policy.HTTP1
}

// constantBool reads an attribute that admits no expression.
func constantBool(c *policy.Compiler, el *document.Element, name string) bool {
	value, _ := c.Bool(el, name).Constant()
	return value
}
