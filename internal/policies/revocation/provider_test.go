package revocation

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ocsp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/policy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var begin = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// issuer is an authority that answers for what it has revoked.
type issuer struct {
	t     *testing.T
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
	clock *clock.Fake
	other *issuer // signs in its place

	mu      sync.Mutex
	gone    map[int64]bool
	down    bool
	asked   int
	broken  bool // answers are garbage
	extra   []pkix.Extension
	forever bool // no next update
}

func newIssuer(t *testing.T, c *clock.Fake) *issuer {
	t.Helper()
	i := &issuer{t: t, clock: c, gone: map[int64]bool{}}
	var err error
	if i.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	i.cert = i.sign(&x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "issuer"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}, nil, &i.key.PublicKey)
	return i
}

func (i *issuer) sign(template, parent *x509.Certificate, public any) *x509.Certificate {
	i.t.Helper()
	template.NotBefore, template.NotAfter = begin.AddDate(-1, 0, 0), begin.AddDate(5, 0, 0)
	if parent == nil {
		parent = template
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, public, i.key)
	if err != nil {
		i.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(raw)
	if err != nil {
		i.t.Fatal(err)
	}
	return c
}

// chain makes a certificate that names places.
func (i *issuer) chain(serial int64, lists, responders []string) []*x509.Certificate {
	i.t.Helper()
	leaf := i.sign(&x509.Certificate{SerialNumber: big.NewInt(serial), CRLDistributionPoints: lists, OCSPServer: responders}, i.cert, &i.key.PublicKey)
	return []*x509.Certificate{leaf, i.cert}
}

// Fetch answers as the issuer's server.
func (i *issuer) Fetch(ctx context.Context, target string, limit int64) (policy.Fetched, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked++
	if i.down {
		return policy.Fetched{}, errors.New("connection refused")
	}
	if err := ctx.Err(); err != nil {
		return policy.Fetched{}, err
	}
	body := []byte("garbage")
	if !i.broken {
		if strings.Contains(target, "/ocsp/") {
			body = i.answer(target)
		} else {
			body = i.list()
		}
	}
	if int64(len(body)) > limit {
		return policy.Fetched{}, errors.New("too long")
	}
	return policy.Fetched{Status: 200, Body: body}, nil
}

func (i *issuer) list() []byte {
	signer := i
	if i.other != nil {
		signer = i.other
	}
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: i.clock.Now(), NextUpdate: i.clock.Now().Add(2 * time.Hour), ExtraExtensions: i.extra}
	for serial := range i.gone {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: i.clock.Now()})
	}
	raw, err := x509.CreateRevocationList(rand.Reader, template, signer.cert, signer.key)
	if err != nil {
		i.t.Error(err)
	}
	return raw
}

func (i *issuer) answer(target string) []byte {
	encoded, err := url.PathUnescape(target[strings.LastIndex(target, "/")+1:])
	if err != nil {
		i.t.Error(err)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		i.t.Error(err)
	}
	request, err := ocsp.ParseRequest(raw)
	if err != nil {
		i.t.Error(err)
		return nil
	}
	template := ocsp.Response{Status: ocsp.Good, SerialNumber: request.SerialNumber, ThisUpdate: i.clock.Now(), NextUpdate: i.clock.Now().Add(2 * time.Hour)}
	if i.forever {
		template.NextUpdate = time.Time{}
	}
	if i.gone[request.SerialNumber.Int64()] {
		template.Status, template.RevokedAt = ocsp.Revoked, i.clock.Now()
	}
	said, err := ocsp.CreateResponse(i.cert, i.cert, template, i.key)
	if err != nil {
		i.t.Error(err)
	}
	return said
}

func (i *issuer) set(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

func newProvider(t *testing.T) (*Provider, *issuer, *clock.Fake) {
	t.Helper()
	c := clock.NewFake(begin)
	i := newIssuer(t, c)
	p := New(Options{Fetcher: i, Clock: c})
	t.Cleanup(func() { _ = p.Close() })
	return p, i, c
}

var (
	crl  = []string{"http://pki.example/list.crl"}
	resp = []string{"http://pki.example/ocsp/"}
)

func TestCheck(t *testing.T) {
	scope := func(value any) pkix.Extension {
		raw, err := asn1.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return pkix.Extension{Id: issuingDistributionPoint, Critical: true, Value: raw}
	}
	type usersOnly struct {
		On bool `asn1:"optional,tag:1"`
	}
	type casOnly struct {
		On bool `asn1:"optional,tag:2"`
	}
	type indirect struct {
		On bool `asn1:"optional,tag:4"`
	}
	tests := []struct {
		name              string
		serial            int64
		lists, responders []string
		change            func(*issuer)
		want              error
	}{
		{"good by its list", 2, crl, nil, nil, nil},
		{"revoked by its list", 7, crl, nil, nil, policy.ErrRevoked},
		{"good by a responder", 2, nil, resp, nil, nil},
		{"revoked by a responder", 7, nil, resp, nil, policy.ErrRevoked},
		{"a responder that gives no date", 2, nil, resp, func(i *issuer) { i.forever = true }, nil},
		{"it names no place", 2, nil, nil, nil, policy.ErrNoRevocation},
		{"only a place of another protocol", 2, []string{"ldap://pki.example/list"}, nil, nil, policy.ErrNoRevocation},
		{"nobody answers", 2, crl, resp, func(i *issuer) { i.down = true }, policy.ErrRevocationUnknown},
		{"garbage", 2, crl, resp, func(i *issuer) { i.broken = true }, policy.ErrRevocationUnknown},
		{"a list that another has signed", 2, crl, nil, func(i *issuer) { i.other = newIssuer(t, i.clock) }, policy.ErrRevocationUnknown},
		{"a list of users", 7, crl, nil, func(i *issuer) { i.extra = []pkix.Extension{scope(usersOnly{true})} }, policy.ErrRevoked},
		{"a list of authorities", 7, crl, nil, func(i *issuer) { i.extra = []pkix.Extension{scope(casOnly{true})} }, policy.ErrRevocationUnknown},
		{"an indirect list", 7, crl, nil, func(i *issuer) { i.extra = []pkix.Extension{scope(indirect{true})} }, policy.ErrRevocationUnknown},
		{"the difference of a list", 7, crl, nil, func(i *issuer) {
			i.extra = []pkix.Extension{{Id: deltaIndicator, Critical: true, Value: []byte{2, 1, 1}}}
		}, policy.ErrRevocationUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, i, _ := newProvider(t)
			i.gone[7] = true
			if test.change != nil {
				test.change(i)
			}
			if err := p.Check(t.Context(), i.chain(test.serial, test.lists, test.responders)); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

// TestOutlivesItsIssuer asks while the issuer is down: what is known is used
// until it is too old, and a broken list does not take the place of a good one.
func TestOutlivesItsIssuer(t *testing.T) {
	p, i, c := newProvider(t)
	chain := i.chain(2, crl, nil)
	check := func(what string, want error) {
		t.Helper()
		if err := p.Check(t.Context(), chain); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Fatalf("%s: %v, want %v", what, err, want)
		}
		p.running.Wait()
	}
	check("the first time", nil)
	i.set(func() { i.down = true })
	c.Advance(RefreshInterval)
	check("with the issuer down", nil)
	c.Advance(2*time.Hour + StaleAge - 2*RefreshInterval)
	check("with a stale list", nil)
	c.Advance(RefreshInterval)
	check("with a list that is too old", policy.ErrRevocationUnknown)
	i.set(func() { i.down, i.gone[2] = false, true })
	c.Advance(RetryInterval)
	check("with the issuer back", policy.ErrRevoked)
}

// TestAskedOnce asks with many requests: one fetch serves them, and a place that
// fails is left alone for a while.
func TestAskedOnce(t *testing.T) {
	p, i, c := newProvider(t)
	chain := i.chain(2, crl, nil)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := p.Check(t.Context(), chain); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if i.asked != 1 {
		t.Errorf("the issuer was asked %d times, want 1", i.asked)
	}
	i.set(func() { i.down = true })
	unknown := i.chain(3, []string{"http://pki.example/other.crl"}, nil)
	for range 50 {
		if err := p.Check(t.Context(), unknown); !errors.Is(err, policy.ErrRevocationUnknown) {
			t.Error(err)
		}
	}
	if i.asked != 2 {
		t.Errorf("a place that fails was asked %d times, want once", i.asked-1)
	}
	c.Advance(RetryInterval)
	_ = p.Check(t.Context(), unknown)
	if i.asked != 3 {
		t.Errorf("after RetryInterval it was asked %d times, want twice", i.asked-1)
	}
}

// TestBounded keeps no more than MaxAnswers.
func TestBounded(t *testing.T) {
	p, i, _ := newProvider(t)
	p.mu.Lock()
	for n := range MaxAnswers {
		p.entries[strings.Repeat("x", n%7)+big.NewInt(int64(n)).String()] = &entry{answer: &answer{bytes: 1}, fetched: begin.Add(time.Duration(n))}
	}
	p.bytes = MaxAnswers
	p.mu.Unlock()
	if err := p.Check(t.Context(), i.chain(2, crl, nil)); err != nil {
		t.Fatal(err)
	}
	if len(p.entries) > MaxAnswers {
		t.Errorf("%d answers are kept, more than %d", len(p.entries), MaxAnswers)
	}
	p.bytes = MaxBytes + MaxListBytes
	if err := p.Check(t.Context(), i.chain(2, []string{"http://pki.example/third.crl"}, nil)); !errors.Is(err, policy.ErrRevocationUnknown) {
		t.Errorf("with MaxBytes of lists: %v", err)
	}
}

func FuzzReadList(f *testing.F) {
	f.Add([]byte("garbage"))
	f.Add([]byte("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"))
	block, _ := pem.Decode([]byte(fuzzIssuer))
	issuing, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if a, err := readList(raw, issuing, issuing, begin); err == nil && a == nil {
			t.Error("no answer and no error")
		}
		if a, err := readAnswer(raw, issuing, issuing, begin); err == nil && a == nil {
			t.Error("no answer and no error")
		}
		_ = checkScope(raw, false)
	})
}

// fuzzIssuer is an authority whose key nobody has.
const fuzzIssuer = `-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIUEYi6qXGqvKoFnqFZyr4xiFl2DagwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEZnV6ejAeFw0yNjExMjMxNDQzMjZaFw0zNjExMjAxNDQzMjZa
MA8xDTALBgNVBAMMBGZ1enowWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATlLvIw
72HLQu0WCw1zLZLAgRKmZp4sVFwdQ1elHjshX6nqUwvhnJLXy4SbxZnx4V9caqZJ
YNwnbtMKx4+5nEUOo1MwUTAdBgNVHQ4EFgQUVD/OG/6HEL/SzgdZg7EAt/J0G98w
HwYDVR0jBBgwFoAUVD/OG/6HEL/SzgdZg7EAt/J0G98wDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiEAmxYsLhd0l62629dNGGbIjzSKIbkwIYBFv4zQ
8Oeqih0CICekcpGf8Zbo2rWhahnbkYn6CiC/ltGdJ8i/OrLMMEEp
-----END CERTIFICATE-----
`
