package policies

import (
	"crypto/sha1" //nolint:gosec // A thumbprint is a name, in API Management's contract.
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/crypto"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// certificateIdentity is one whom a certificate may be of. All claims that are
// set must hold.
type certificateIdentity []certificateClaim

// certificateClaim is one claim. The form brings what is wanted and what is there
// into what is compared.
type certificateClaim struct {
	want  policy.String
	known string // of a literal, in its form
	form  func(string) string
	holds func(c *policy.Call, leaf *x509.Certificate, want string) bool
}

// compileIdentity compiles the claims of an identity.
func compileIdentity(c *policy.Compiler, el *document.Element) certificateIdentity {
	var id certificateIdentity
	if len(el.Attributes) == 0 {
		c.Failf(el, "there must be at least one claim, such as thumbprint or subject")
	}
	for _, a := range el.Attributes {
		claim, ok := claimOf(a.Name)
		if !ok {
			continue // Its shape has been checked.
		}
		claim.want = c.String(el, a.Name)
		if text, constant := claim.want.Constant(); constant {
			claim.known = claim.form(text)
			if claim.known == "" {
				c.Failf(el, "%s must not be empty", a.Name)
			}
			if a.Name == "issuer-certificate-id" && !c.Exists("certificates/"+claim.known) {
				c.Failf(el, "there is no certificate %s", claim.known)
			}
		}
		id = append(id, claim)
	}
	if _, exclusive := el.Attr("issuer-certificate-id"); exclusive {
		_, subject := el.Attr("issuer-subject")
		_, thumbprint := el.Attr("issuer-thumbprint")
		if subject || thumbprint {
			c.Failf(el, "issuer-certificate-id says all of the issuer: leave out issuer-subject and issuer-thumbprint")
		}
	}
	return id
}

// claimOf returns the claim of an attribute.
func claimOf(name string) (certificateClaim, bool) {
	switch name {
	case "thumbprint":
		return certificateClaim{form: hexadecimal, holds: func(_ *policy.Call, leaf *x509.Certificate, want string) bool {
			return thumbprintOf(leaf) == want
		}}, true
	case "serial-number":
		return certificateClaim{form: serialForm, holds: func(_ *policy.Call, leaf *x509.Certificate, want string) bool {
			return serialForm(leaf.SerialNumber.Text(16)) == want
		}}, true
	case "common-name":
		return certificateClaim{form: strings.TrimSpace, holds: func(_ *policy.Call, leaf *x509.Certificate, want string) bool {
			return strings.EqualFold(leaf.Subject.CommonName, want)
		}}, true
	case "subject":
		return certificateClaim{form: nameForm, holds: func(_ *policy.Call, leaf *x509.Certificate, want string) bool {
			return nameForm(crypto.DistinguishedName(leaf.RawSubject)) == want
		}}, true
	case "dns-name":
		return certificateClaim{form: strings.TrimSpace, holds: func(_ *policy.Call, leaf *x509.Certificate, want string) bool {
			return slices.ContainsFunc(leaf.DNSNames, func(name string) bool { return strings.EqualFold(name, want) })
		}}, true
	}
	return issuerClaimOf(name)
}

func issuerClaimOf(name string) (certificateClaim, bool) {
	switch name {
	case "issuer-subject":
		return certificateClaim{form: nameForm, holds: func(_ *policy.Call, leaf *x509.Certificate, want string) bool {
			return nameForm(crypto.DistinguishedName(leaf.RawIssuer)) == want
		}}, true
	case "issuer-thumbprint":
		return certificateClaim{form: hexadecimal, holds: func(c *policy.Call, leaf *x509.Certificate, want string) bool {
			issuer := issuerOf(c, leaf)
			return issuer != nil && thumbprintOf(issuer) == want
		}}, true
	case "issuer-certificate-id":
		return certificateClaim{form: strings.TrimSpace, holds: func(c *policy.Call, leaf *x509.Certificate, want string) bool {
			issuer := findCertificate(c, want)
			return issuer != nil && issuer.Leaf != nil && leaf.CheckSignatureFrom(issuer.Leaf) == nil
		}}, true
	}
	return certificateClaim{}, false
}

// known reports whether the certificate is of one of the identities, or whether
// none is asked for.
func (s *clientCertificateStep) known(c *policy.Call, leaf *x509.Certificate) (bool, error) {
	for _, id := range s.identities {
		ok, err := id.matches(c, leaf)
		if ok || err != nil {
			return ok, err
		}
	}
	return len(s.identities) == 0, nil
}

// matches reports whether all claims hold.
func (id certificateIdentity) matches(c *policy.Call, leaf *x509.Certificate) (bool, error) {
	for i := range id {
		claim := &id[i]
		want := claim.known
		if want == "" {
			text, err := claim.want.Eval(c)
			if err != nil {
				return false, err
			}
			want = claim.form(text)
		}
		if want == "" || !claim.holds(c, leaf, want) {
			return false, nil
		}
	}
	return true, nil
}

// thumbprintOf returns the SHA-1 of a certificate in hexadecimal.
func thumbprintOf(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw) //nolint:gosec // As above.
	return hex.EncodeToString(sum[:])
}

// hexadecimal keeps the digits of a hexadecimal number, in lower case: what is
// copied from a certificate's window has blanks, colons, and marks that nobody
// sees.
func hexadecimal(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'f':
			return r
		case r >= 'A' && r <= 'F':
			return r - 'A' + 'a'
		default:
			return -1
		}
	}, text)
}

// serialForm is hexadecimal without leading zeros.
func serialForm(text string) string {
	digits := hexadecimal(text)
	if short := strings.TrimLeft(digits, "0"); short != "" || digits == "" {
		return short
	}
	return "0"
}

// nameForm brings a distinguished name into the form in which names are compared:
// without blanks around parts, and in lower case.
func nameForm(text string) string {
	var parts []string
	quoted, begin := false, 0
	for i, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			parts = append(parts, partForm(text[begin:i]))
			begin = i + 1
		}
	}
	return strings.Join(append(parts, partForm(text[begin:])), ",")
}

// partForm is the form of one part of a distinguished name.
func partForm(part string) string {
	name, value, ok := strings.Cut(part, "=")
	if !ok {
		return strings.ToLower(strings.TrimSpace(part))
	}
	name, value = strings.ToLower(strings.TrimSpace(name)), strings.ToLower(strings.TrimSpace(value))
	if name == "st" {
		name = "s" // Two names for one thing.
	}
	return name + "=" + value
}
