package policies

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// authenticationBasic describes authentication-basic: user and password for
// the backend.
func authenticationBasic() *policy.Spec {
	return &policy.Spec{
		Name:    "authentication-basic",
		Summary: "Authenticates at the backend with user and password.",
		Details: "Sets the `Authorization` header of the request, in place of one that the caller sent. " +
			"Keep the password in a secret named value.",
		Example:  `<authentication-basic username="gateway" password="{{backend-password}}" />`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Once:     true,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "username", Required: true, Value: policy.Value{Expression: true, Doc: "name of the user, without a colon"}},
			{Name: "password", Required: true, Value: policy.Value{Expression: true, Doc: "the user's password"}},
		}},
		Compile: compileAuthenticationBasic,
	}
}

// authenticationBasicStep sets the header; where both values are constant, it
// is ready.
type authenticationBasicStep struct {
	username, password policy.String
	ready              string
}

func compileAuthenticationBasic(c *policy.Compiler, el *document.Element) policy.Step {
	s := &authenticationBasicStep{username: c.String(el, "username"), password: c.String(el, "password")}
	user, userKnown := s.username.Constant()
	if userKnown && strings.Contains(user, ":") {
		c.Failf(el, "the username has a colon, with which Basic authentication ends it")
		return nil
	}
	if password, known := s.password.Constant(); known && userKnown {
		s.ready = basicCredentials(user, password)
	}
	return s
}

func basicCredentials(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// Run sets the header.
func (s *authenticationBasicStep) Run(c *policy.Call) error {
	if s.ready != "" {
		c.Request.Header.Set(message.Authorization, s.ready)
		return nil
	}
	user, err := s.username.Eval(c)
	if err != nil {
		return err
	}
	password, err := s.password.Eval(c)
	if err != nil {
		return err
	}
	if strings.Contains(user, ":") {
		return errors.New("authenticating at the backend: the username has a colon")
	}
	c.Request.Header.Set(message.Authorization, basicCredentials(user, password))
	return nil
}
