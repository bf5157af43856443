package policies

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// maxCertificateBytes is the longest PFX file that is read.
const maxCertificateBytes = 256 << 10

// authenticationCertificate describes authentication-certificate: a client
// certificate for the backend.
func authenticationCertificate() *policy.Spec {
	return &policy.Spec{
		Name:     "authentication-certificate",
		Summary:  "Authenticates at the backend with a client certificate.",
		Details:  "The certificate is one of the configuration, by its thumbprint or id, or a PFX file that an expression gives as bytes.",
		Example:  `<authentication-certificate certificate-id="orders-client" />`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "thumbprint", Value: policy.Value{Expression: true, Doc: "SHA-1 thumbprint of the certificate, in hexadecimal"}},
				{Name: "certificate-id", Value: policy.Value{Expression: true, Doc: "id of the certificate"}},
				{Name: "body", Value: policy.Value{Type: policy.TypeAny, Expression: true, Doc: "PFX file as a byte array"}},
				{Name: "password", Value: policy.Value{Expression: true, Doc: "password of the PFX file"}},
			},
			OneOf: [][]string{{"thumbprint", "certificate-id", "body"}},
		},
		Compile: compileAuthenticationCertificate,
	}
}

type authenticationCertificateStep struct {
	id       policy.String // certificate-id or thumbprint
	body     *expr.Program // nil for none
	password policy.String
}

func compileAuthenticationCertificate(c *policy.Compiler, el *document.Element) policy.Step {
	s := &authenticationCertificateStep{password: c.String(el, "password")}
	if text, ok := el.Attr("body"); ok {
		if s.body = c.Expression(el, text); s.body == nil && !text.Expression {
			c.Fail(text.Pos, el.Name+" body", "the body must be an expression that gives a byte array", `write @(Convert.FromBase64String("…"))`)
		}
		return s
	}
	if _, ok := el.Attr("password"); ok {
		c.Failf(el, "a password is only used with body")
	}
	if s.id = c.String(el, "certificate-id"); s.id.IsSet() {
		if id, known := s.id.Constant(); known && !c.Exists("certificates/"+id) {
			c.Failf(el, "there is no certificate %s", id)
		}
		return s
	}
	s.id = c.String(el, "thumbprint")
	return s
}

// Run sets the certificate with which the backend is called.
func (s *authenticationCertificateStep) Run(c *policy.Call) error {
	if s.body != nil {
		return s.fromBody(c)
	}
	id, err := s.id.Eval(c)
	if err != nil {
		return err
	}
	certificate := findCertificate(c, strings.TrimSpace(id))
	if certificate == nil {
		return fmt.Errorf("authenticating at the backend: there is no certificate %.80q", id)
	}
	c.Destination.Certificate = certificate
	return nil
}

// findCertificate looks for a certificate, by its id or its thumbprint, in the
// workspace of the API, then in the service.
func findCertificate(c *policy.Call, id string) *tls.Certificate {
	if c.API != nil && id != "" {
		if workspace := c.API.ID.Workspace(); workspace != "" {
			if own := c.Directory.Certificate(string(workspace) + "/certificates/" + id); own != nil {
				return own
			}
		}
	}
	return c.Directory.Certificate(id)
}

// fromBody reads the PFX file that the expression gives.
func (s *authenticationCertificateStep) fromBody(c *policy.Call) error {
	v, err := s.body.Run(c.Expression())
	if err != nil {
		return err
	}
	object, _ := v.Object()
	data, ok := object.(*value.Bytes)
	if !ok {
		return errors.New("authenticating at the backend: the body is no byte array")
	}
	if len(data.Data) > maxCertificateBytes {
		return fmt.Errorf("authenticating at the backend: the certificate has more than %d bytes (maxCertificateBytes)", maxCertificateBytes)
	}
	password, err := s.password.Eval(c)
	if err != nil {
		return err
	}
	key, leaf, chain, err := pkcs12.DecodeChain(data.Data, password)
	if err != nil {
		return fmt.Errorf("authenticating at the backend: reading the certificate: %w", err)
	}
	certificate := &tls.Certificate{PrivateKey: key, Leaf: leaf, Certificate: [][]byte{leaf.Raw}}
	for _, issuer := range chain {
		certificate.Certificate = append(certificate.Certificate, issuer.Raw)
	}
	c.Destination.Certificate = certificate
	return nil
}
