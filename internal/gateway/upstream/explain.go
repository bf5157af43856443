package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/policy"
)

// maxNames bounds how many names of a certificate an error lists.
const maxNames = 5

// blame says in a failure to connect over TLS which backend it was and why. The
// failure is the configuration's or the backend's, so its status stays 500.
func blame(c *policy.Call, e *endpoint, err error) {
	fault, ok := errors.AsType[*policy.Fault](err)
	if !ok || fault.Reason != policy.ReasonBackendConnectionFailure {
		return
	}
	why := explainTLS(fault.Err, certificateFor(c, e))
	if why == "" {
		return
	}
	name := c.Request.URL.Authority()
	if e != nil {
		name = e.id
	}
	fault.Message = "the TLS connection with the backend " + name + " failed: " + why
}

// explainTLS says why a backend could not be connected to over TLS; "" for
// failures of another kind. shown is our certificate, or nil.
func explainTLS(err error, shown *tls.Certificate) string {
	if errors.Is(err, errNoCertificate) {
		return errNoCertificate.Error()
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return explainInvalid(invalid)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate is from an authority that is not trusted here; add that to the certificates of the service, in the store Root"
	}
	if other, ok := errors.AsType[x509.HostnameError](err); ok {
		names := other.Certificate.DNSNames
		for _, ip := range other.Certificate.IPAddresses {
			names = append(slices.Clip(names), ip.String())
		}
		return "its certificate is not for " + other.Host + ", but for " + strings.Join(names[:min(len(names), maxNames)], ", ")
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "it does not answer with TLS"
	}
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		return explainAlert(alert.Err.Error(), shown)
	}
	return ""
}

func explainInvalid(invalid x509.CertificateInvalidError) string {
	if invalid.Reason == x509.Expired && invalid.Cert != nil {
		return "its certificate " + invalid.Cert.Subject.String() + " is valid from " +
			invalid.Cert.NotBefore.UTC().Format(time.RFC3339) + " to " + invalid.Cert.NotAfter.UTC().Format(time.RFC3339) + " only"
	}
	return "its certificate cannot be used: " + invalid.Error()
}

// explainAlert says what the backend's refusal of a handshake means.
func explainAlert(alert string, shown *tls.Certificate) string {
	switch {
	case shown == nil && (strings.Contains(alert, "certificate") || strings.Contains(alert, "handshake failure")):
		return "it wants a client certificate, and the backend has none in its credentials (" + alert + ")"
	case shown != nil && shown.Leaf != nil && strings.Contains(alert, "certif"):
		return "it refused the client certificate " + shown.Leaf.Subject.String() + ", which is valid to " +
			shown.Leaf.NotAfter.UTC().Format(time.RFC3339) + " (" + alert + ")"
	default:
		return "it refused the handshake (" + alert + ")"
	}
}
