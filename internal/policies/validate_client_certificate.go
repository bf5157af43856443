package policies

import (
	"crypto/x509"
	"errors"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// maxIdentities is how many identities a policy may name.
const maxIdentities = 10

// validateClientCertificate describes validate-client-certificate: what is asked
// of the certificate that a client has shown.
func validateClientCertificate() *policy.Spec {
	flag := func(name, standard, doc string) policy.Attribute {
		return policy.Attribute{Name: name, Value: policy.Value{Type: policy.TypeBoolean, Default: standard, Doc: doc}}
	}
	claim := func(name, doc string) policy.Attribute {
		return policy.Attribute{Name: name, Value: policy.Value{Expression: true, Doc: doc}}
	}
	return &policy.Spec{
		Name:    "validate-client-certificate",
		Summary: "Requires that the client has shown a certificate that passes the given checks and is one of the given identities.",
		Details: "Clients are asked for a certificate where the host name says so (`negotiateClientCertificate`) or with `--client-ca`. " +
			"Trusted are the authorities of the configuration and of `--client-ca`, and no others. All claims of an identity must " +
			"hold, of one identity. Revocation is looked up in lists (CRL) and at responders (OCSP) that the certificate names, over " +
			"`http`; a certificate that names neither is refused unless `validate-revocation` is `false`. Where it cannot be looked " +
			"up the answer is `503 Service Unavailable`; in all other cases it is `401 Unauthorized`.",
		Example: `<validate-client-certificate validate-revocation="false" ignore-error="false">
    <identities>
        <identity subject="CN=orders, O=Contoso" issuer-subject="CN=Partners, O=Contoso" />
    </identities>
</validate-client-certificate>`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				flag("validate-revocation", "true", "whether its issuer is asked if it has been revoked"),
				flag("validate-trust", "true", "whether there must be a chain to an authority that is trusted"),
				flag("validate-not-before", "true", "whether it must be valid already"),
				flag("validate-not-after", "true", "whether it must be valid still"),
				flag("ignore-error", "false", "whether a request that fails goes on to the next policy"),
			},
			Children: []policy.Child{{Name: "identities", Max: 1, Doc: "whom the certificate may be of", Shape: policy.Shape{
				Children: []policy.Child{{Name: "identity", Max: maxIdentities, Doc: "one whom it may be of", Shape: policy.Shape{
					Attributes: []policy.Attribute{
						claim("thumbprint", "SHA-1 of the certificate, in hexadecimal"),
						claim("serial-number", "serial number, in hexadecimal"),
						claim("common-name", "common name of the subject"),
						claim("subject", "the subject, such as `CN=orders, O=Contoso`"),
						claim("dns-name", "a DNS name among the alternative names of the subject"),
						claim("issuer-subject", "the subject of the issuer"),
						claim("issuer-thumbprint", "SHA-1 of the issuer's certificate, in hexadecimal"),
						claim("issuer-certificate-id", "id of a certificate of the configuration that is the issuer's"),
					}}}}}}},
		},
		Compile: compileValidateClientCertificate,
	}
}

type clientCertificateStep struct {
	revocation, trust, notBefore, notAfter, ignore bool
	identities                                     []certificateIdentity
}

func compileValidateClientCertificate(c *policy.Compiler, el *document.Element) policy.Step {
	is := func(name string) bool {
		b := c.Bool(el, name)
		value, _ := b.Constant()
		return value
	}
	s := &clientCertificateStep{
		revocation: is("validate-revocation"), trust: is("validate-trust"),
		notBefore: is("validate-not-before"), notAfter: is("validate-not-after"), ignore: is("ignore-error"),
	}
	for _, list := range el.Children {
		if len(list.Children) == 0 {
			c.Failf(list, "there must be at least one identity")
		}
		for _, child := range list.Children {
			s.identities = append(s.identities, compileIdentity(c, child))
		}
	}
	return s
}

// Run checks the certificate.
func (s *clientCertificateStep) Run(c *policy.Call) error {
	err := s.check(c)
	if _, failed := errors.AsType[*policy.Fault](err); failed && s.ignore {
		return nil
	}
	return err
}

func (s *clientCertificateStep) check(c *policy.Call) error {
	leaf := c.Request.ClientCertificate()
	if leaf == nil {
		return certificateFault("ClientCertificateNotFound", "The client has shown no certificate.")
	}
	now := c.Services.Clock.Now()
	switch {
	case s.notBefore && now.Before(leaf.NotBefore):
		return certificateFault("ClientCertificateNotYetValid", "The client's certificate is not valid yet.")
	case s.notAfter && now.After(leaf.NotAfter):
		return certificateFault("ClientCertificateExpired", "The client's certificate has expired.")
	case s.trust && len(c.Request.TLS.Chain) == 0:
		return certificateFault("ClientCertificateNotTrusted",
			"The client's certificate is not for clients, or no authority that is trusted has issued it.")
	}
	known, err := s.known(c, leaf)
	if err != nil {
		return err
	}
	if !known {
		return certificateFault("ClientCertificateIdentityNotMatched", "The client's certificate is of none of the identities.")
	}
	return s.revoked(c)
}

// revoked asks whether the certificate has been revoked. It comes last: only a
// certificate that has passed everything else makes the gateway ask.
func (s *clientCertificateStep) revoked(c *policy.Call) error {
	if !s.revocation {
		return nil
	}
	err := policy.ErrRevocationUnknown
	if chain := c.Request.TLS.Chain; len(chain) > 0 && c.Services.Revocations != nil {
		err = c.Services.Revocations.Check(c.Request.Context, chain)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, policy.ErrRevoked):
		return certificateFault("ClientCertificateRevoked", "The client's certificate has been revoked.")
	case errors.Is(err, policy.ErrNoRevocation):
		return certificateFault("ClientCertificateRevocationNotFound",
			`The client's certificate names neither a revocation list nor a responder; validate-revocation="false" does without.`)
	case len(c.Request.TLS.Chain) == 0:
		return certificateFault("ClientCertificateNotTrusted",
			"Whether the client's certificate has been revoked can only be asked of an authority that is trusted.")
	}
	return &policy.Fault{Status: 503, Source: "validate-client-certificate", Reason: "ClientCertificateRevocationUnknown", Err: err,
		Message: "It cannot be told at the moment whether the client's certificate has been revoked.",
		Told:    "Service unavailable. Try again later.", Public: true, Header: retrySoon()}
}

// certificateFault refuses a client, who is not told why.
func certificateFault(reason, text string) error {
	return policy.NewFault(401, "validate-client-certificate", reason, text).Telling("Invalid client certificate")
}

// issuerOf returns the certificate of the issuer: of the chain, or what the
// client has sent with its own, where the signature is the issuer's.
func issuerOf(c *policy.Call, leaf *x509.Certificate) *x509.Certificate {
	if chain := c.Request.TLS.Chain; len(chain) > 0 {
		return chain[min(1, len(chain)-1)]
	}
	sent := c.Request.TLS.PeerCertificates
	if len(sent) > 1 && leaf.CheckSignatureFrom(sent[1]) == nil {
		return sent[1]
	}
	return nil
}
