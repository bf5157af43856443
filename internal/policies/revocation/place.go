package revocation

import (
	"context"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/sallyport/sallyport/internal/policy"
)

// place is where it is told whether a certificate has been revoked.
type place struct {
	url     string
	subject *x509.Certificate
	issuer  *x509.Certificate
	serial  []byte // of the certificate, where a responder is asked for it alone
}

// placesOf returns the places that a certificate names: lists first, which
// answer for all certificates of an issuer.
func placesOf(c, issuer *x509.Certificate) []place {
	var list []place
	for _, u := range c.CRLDistributionPoints {
		if isHTTP(u) && len(list) < maxPlaces {
			list = append(list, place{url: u, subject: c, issuer: issuer})
		}
	}
	for _, u := range c.OCSPServer {
		if isHTTP(u) && len(list) < maxPlaces {
			list = append(list, place{url: u, subject: c, issuer: issuer, serial: c.SerialNumber.Bytes()})
		}
	}
	return list
}

// isHTTP reports whether something can be fetched from a URL. Lists and answers
// are signed, so that nobody can change them on the way.
func isHTTP(u string) bool {
	parsed, err := url.Parse(u)
	return err == nil && parsed.Host != "" && (strings.EqualFold(parsed.Scheme, "http") || strings.EqualFold(parsed.Scheme, "https"))
}

// fetch gets what the place says.
func (p *place) fetch(ctx context.Context, f policy.Fetcher, now time.Time) (*answer, error) {
	if p.serial != nil {
		return p.fetchOCSP(ctx, f, now)
	}
	got, err := get(ctx, f, p.url, MaxListBytes)
	if err != nil {
		return nil, err
	}
	return readList(got, p.subject, p.issuer, now)
}

// get gets a document.
func get(ctx context.Context, f policy.Fetcher, url string, limit int64) ([]byte, error) {
	got, err := f.Fetch(ctx, url, limit)
	if err != nil {
		return nil, err //nolint:wrapcheck // The URL is added above.
	}
	if got.Status != 200 {
		return nil, fmt.Errorf("the answer's status is %d", got.Status)
	}
	return got.Body, nil
}

// errUnsupported is the failure of a list in a form that is not supported.
var errUnsupported = errors.New("the list is of a kind that is not supported: indirect, in parts, or a difference")

// readList reads a revocation list that an issuer has signed.
func readList(raw []byte, subject, issuer *x509.Certificate, now time.Time) (*answer, error) {
	if block, _ := pem.Decode(raw); block != nil {
		raw = block.Bytes
	}
	list, err := x509.ParseRevocationList(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the list: %w", err)
	}
	if err := list.CheckSignatureFrom(issuer); err != nil {
		return nil, fmt.Errorf("checking the list's signature: %w", err)
	}
	if err := checkKind(list, subject.IsCA); err != nil {
		return nil, err
	}
	if err := checkTime(list.ThisUpdate, list.NextUpdate, now); err != nil {
		return nil, err
	}
	a := &answer{revoked: make(map[string]struct{}, len(list.RevokedCertificateEntries)), until: list.NextUpdate, bytes: len(raw)}
	for i := range list.RevokedCertificateEntries {
		a.revoked[string(list.RevokedCertificateEntries[i].SerialNumber.Bytes())] = struct{}{}
	}
	return a, nil
}

// maxSkew is how far an issuer's clock may be ahead.
const maxSkew = 5 * time.Minute

// checkTime refuses what is of tomorrow, and what should have been replaced so
// long ago that it would not be used.
func checkTime(from, until, now time.Time) error {
	switch {
	case from.After(now.Add(maxSkew)):
		return fmt.Errorf("it is not valid before %s", from.UTC().Format(time.RFC3339))
	case !until.IsZero() && now.Sub(until) >= StaleAge:
		return fmt.Errorf("it should have been replaced at %s", until.UTC().Format(time.RFC3339))
	case until.IsZero() && now.Sub(from) >= MostAge: // It may have been kept and played again.
		return fmt.Errorf("it is of %s, and does not say for how long", from.UTC().Format(time.RFC3339))
	}
	return nil
}

// The extensions that say what a list is of (RFC 5280 §5.2).
var (
	issuingDistributionPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
	deltaIndicator           = asn1.ObjectIdentifier{2, 5, 29, 27}
	listNumber               = asn1.ObjectIdentifier{2, 5, 29, 20}
	authorityKey             = asn1.ObjectIdentifier{2, 5, 29, 35}
)

// checkKind refuses a list that does not tell of all certificates of the issuer
// that are of the subject's kind.
func checkKind(list *x509.RevocationList, isCA bool) error {
	for _, e := range list.Extensions {
		switch {
		case e.Id.Equal(listNumber), e.Id.Equal(authorityKey):
		case e.Id.Equal(deltaIndicator):
			return errUnsupported
		case e.Id.Equal(issuingDistributionPoint):
			if err := checkScope(e.Value, isCA); err != nil {
				return err
			}
		case e.Critical:
			return errUnsupported
		}
	}
	return nil
}

// checkScope reads an issuing distribution point.
func checkScope(raw []byte, isCA bool) error {
	var scope struct {
		Point          asn1.RawValue  `asn1:"optional,tag:0"`
		UsersOnly      bool           `asn1:"optional,tag:1"`
		CAsOnly        bool           `asn1:"optional,tag:2"`
		SomeReasons    asn1.BitString `asn1:"optional,tag:3"`
		Indirect       bool           `asn1:"optional,tag:4"`
		AttributesOnly bool           `asn1:"optional,tag:5"`
	}
	rest, err := asn1.Unmarshal(raw, &scope)
	switch {
	case err != nil || len(rest) > 0:
		return fmt.Errorf("reading what the list is of: %w", errUnsupported)
	case scope.Indirect, scope.AttributesOnly, scope.SomeReasons.BitLength > 0:
		return errUnsupported
	case scope.UsersOnly && isCA, scope.CAsOnly && !isCA:
		return errUnsupported
	}
	return nil
}

// fetchOCSP asks a responder, with GET, which caches can answer (RFC 6960 A.1).
func (p *place) fetchOCSP(ctx context.Context, f policy.Fetcher, now time.Time) (*answer, error) {
	request, err := ocsp.CreateRequest(p.subject, p.issuer, nil)
	if err != nil {
		return nil, fmt.Errorf("making the question: %w", err)
	}
	target := strings.TrimSuffix(p.url, "/") + "/" + url.PathEscape(base64.StdEncoding.EncodeToString(request))
	raw, err := get(ctx, f, target, MaxAnswerBytes)
	if err != nil {
		return nil, err
	}
	return readAnswer(raw, p.subject, p.issuer, now)
}

// checkResponder refuses an answer whose signer the issuer has not made a
// responder (RFC 6960 §4.2.2.2): else whoever has any certificate of the issuer,
// also a revoked one, could answer for it. The signature itself has been checked.
func checkResponder(signer, issuer *x509.Certificate, now time.Time) error {
	switch {
	case signer == nil, signer.Equal(issuer):
		return nil
	case !slices.Contains(signer.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return errors.New("who has signed the answer may not answer for the issuer")
	case now.Before(signer.NotBefore), now.After(signer.NotAfter):
		return errors.New("the certificate of who has signed the answer is not valid now")
	}
	return nil
}

// readAnswer reads what a responder says of one certificate.
func readAnswer(raw []byte, subject, issuer *x509.Certificate, now time.Time) (*answer, error) {
	said, err := ocsp.ParseResponseForCert(raw, subject, issuer)
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if err := checkResponder(said.Certificate, issuer, now); err != nil {
		return nil, err
	}
	if err := checkTime(said.ThisUpdate, said.NextUpdate, now); err != nil {
		return nil, err
	}
	a := &answer{until: said.NextUpdate, bytes: len(raw)}
	switch said.Status {
	case ocsp.Good:
	case ocsp.Revoked:
		a.revoked = map[string]struct{}{string(subject.SerialNumber.Bytes()): {}}
	default:
		return nil, errors.New("the responder does not know the certificate")
	}
	return a, nil
}
