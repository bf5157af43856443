package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
	"software.sslmate.com/src/go-pkcs12"
)

// pki is an authority that issues certificates of every kind, and tells which it
// has taken back.
type pki struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	cert   *x509.Certificate
	list   string // URL of its list
	serial int64
	gone   []x509.RevocationListEntry
}

// newPKI makes an authority, below another one where parent is not nil.
func newPKI(t *testing.T, name string, parent *pki) *pki {
	t.Helper()
	p := &pki{t: t, serial: 100}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(p.crl()) }))
	t.Cleanup(server.Close)
	p.list = server.URL + "/list.crl"
	var err error
	if p.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	if parent == nil {
		parent = p
	}
	p.cert = parent.sign(template, p.key)
	return p
}

// sign makes a certificate of a template, for a key.
func (p *pki) sign(template *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	p.t.Helper()
	p.serial++
	template.SerialNumber = big.NewInt(p.serial)
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(90 * 24 * time.Hour)
	}
	parent := p.cert
	if parent == nil {
		parent = template
	} else {
		template.CRLDistributionPoints = []string{p.list}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(raw)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// issue makes a certificate for clients, changed by change.
func (p *pki) issue(change func(*x509.Certificate)) tls.Certificate {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "orders"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if change != nil {
		change(template)
	}
	leaf := p.sign(template, key)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw, p.cert.Raw}, PrivateKey: key, Leaf: leaf}
}

// revoke takes a certificate back.
func (p *pki) revoke(c tls.Certificate) tls.Certificate {
	p.gone = append(p.gone, x509.RevocationListEntry{SerialNumber: c.Leaf.SerialNumber, RevocationTime: time.Now()})
	return c
}

func (p *pki) crl() []byte {
	raw, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute),
		NextUpdate: time.Now().Add(time.Hour), RevokedCertificateEntries: p.gone}, p.cert, p.key)
	if err != nil {
		p.t.Error(err)
	}
	return raw
}

// archive is a certificate for hosts as the management API takes it.
func (p *pki) archive(names ...string) string {
	p.t.Helper()
	c := p.issue(func(c *x509.Certificate) {
		c.DNSNames, c.ExtKeyUsage, c.Subject.CommonName = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, names[0]
	})
	raw, err := pkcs12.Modern.Encode(c.PrivateKey, c.Leaf, nil, "secret")
	if err != nil {
		p.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func (p *pki) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}))
}

// freePort is a port of this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// mtls is a running serve whose host names and authorities are those of the
// configuration.
type mtls struct {
	*managed
	root, between, other *pki
	https                string
}

// strict is the policy of the table, with the reason of a failure in a field.
const strict = `<policies><inbound><base /><validate-client-certificate>` +
	`<identities><identity common-name="orders" /></identities></validate-client-certificate>` +
	`<return-response><set-status code="200" reason="OK" /></return-response></inbound>` +
	`<on-error><set-header name="Reason" exists-action="override"><value>@(context.LastError.Reason)</value></set-header></on-error></policies>`

// startMTLS starts serve and gives it host names through the management API.
func startMTLS(t *testing.T) *mtls {
	t.Helper()
	m := &mtls{https: freePort(t)}
	m.managed = startManaged(t, "--listen-tls", m.https)
	m.root = newPKI(t, "partners", nil)
	m.between, m.other = newPKI(t, "partners, issuing", m.root), newPKI(t, "somebody else", nil)
	m.hosts(m.root.archive("locked.example", "safe.example"))
	m.api("PUT", "apis/secret", `{"properties":{"displayName":"s","path":"secret","protocols":["https"],"subscriptionRequired":false}}`, 201)
	m.api("PUT", "apis/secret/operations/get", `{"properties":{"displayName":"g","method":"GET","urlTemplate":"/"}}`, 201)
	m.policy(strict)
	return m
}

// hosts writes the host names of the service.
func (m *mtls) hosts(archive string) {
	m.t.Helper()
	host := func(name string, negotiate, standard bool) map[string]any {
		return map[string]any{"type": "Proxy", "hostName": name, "encodedCertificate": archive, "certificatePassword": "secret",
			"negotiateClientCertificate": negotiate, "defaultSslBinding": standard}
	}
	authority := func(store string, p *pki) map[string]any {
		return map[string]any{"storeName": store, "encodedCertificate": base64.StdEncoding.EncodeToString([]byte(p.pem()))}
	}
	body, err := json.Marshal(map[string]any{"properties": map[string]any{
		"hostnameConfigurations": []any{host("locked.example", true, false), host("safe.example", true, false), host("open.example", false, true)},
		"certificates":           []any{authority("Root", m.root), authority("CertificateAuthority", m.between)},
	}})
	if err != nil {
		m.t.Fatal(err)
	}
	m.api("PATCH", "", string(body), 200)
}

func (m *mtls) policy(text string) {
	m.t.Helper()
	body, err := json.Marshal(map[string]any{"properties": map[string]any{"format": "rawxml", "value": text}})
	if err != nil {
		m.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(m.t.Context(), http.MethodPut, m.base+"/apis/secret/policies/policy?api-version=2024-05-01", strings.NewReader(string(body)))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+m.token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer w.Body.Close()
	if w.StatusCode > 201 {
		m.t.Fatalf("writing the policy: %d", w.StatusCode)
	}
}

// ask calls over a protocol, and returns the status with the reason of a failure.
func (m *mtls) ask(protocol, sni, host string, client *tls.Certificate) string {
	m.t.Helper()
	config := &tls.Config{ServerName: sni, InsecureSkipVerify: true}
	if client != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return client, nil }
	}
	var transport http.RoundTripper
	if protocol == "HTTP/3" {
		t := &http3.Transport{TLSClientConfig: config}
		defer t.Close()
		transport = t
	} else {
		p := new(http.Protocols)
		p.SetHTTP1(protocol == "HTTP/1.1")
		p.SetHTTP2(protocol == "HTTP/2")
		t := &http.Transport{TLSClientConfig: config, Protocols: p}
		defer t.CloseIdleConnections()
		transport = t
	}
	ctx, cancel := context.WithTimeout(m.t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+m.https+"/secret/", http.NoBody)
	if err != nil {
		m.t.Fatal(err)
	}
	r.Host = host
	w, err := transport.RoundTrip(r)
	if err != nil {
		return "error: " + err.Error()
	}
	defer w.Body.Close()
	return strings.TrimSpace(fmt.Sprint(w.StatusCode, " ", w.Header.Get("Reason")))
}

// mtlsRow is one row of the table.
type mtlsRow struct {
	name, sni, host string
	client          *tls.Certificate
	want            string
}

func (m *mtls) rows() []mtlsRow {
	of := func(p *pki, change func(*x509.Certificate)) *tls.Certificate {
		c := p.issue(change)
		return &c
	}
	revoked := func(p *pki) *tls.Certificate {
		c := p.revoke(p.issue(nil))
		return &c
	}
	self := newPKI(m.t, "orders", nil)
	good := of(m.root, nil)
	between := of(m.between, nil)
	between.Certificate = between.Certificate[:1] // The authority between is known from the configuration.
	locked := "locked.example"
	return []mtlsRow{
		{"no certificate", locked, locked, nil, "401 ClientCertificateNotFound"},
		{"of the authority", locked, locked, good, "200"},
		{"of an authority below it", locked, locked, between, "200"},
		{"expired", locked, locked, of(m.root, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), "401 ClientCertificateExpired"},
		{"not yet valid", locked, locked, of(m.root, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }), "401 ClientCertificateNotYetValid"},
		{"of another authority", locked, locked, of(m.other, nil), "401 ClientCertificateNotTrusted"},
		{"for servers", locked, locked, of(m.root, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), "401 ClientCertificateNotTrusted"},
		{"revoked", locked, locked, revoked(m.root), "401 ClientCertificateRevoked"},
		{"revoked, of an authority below", locked, locked, revoked(m.between), "401 ClientCertificateRevoked"},
		{"self-signed", locked, locked, &tls.Certificate{Certificate: [][]byte{self.cert.Raw}, PrivateKey: self.key}, "401 ClientCertificateNotTrusted"},
		{"of another identity", locked, locked, of(m.root, func(c *x509.Certificate) { c.Subject.CommonName = "billing" }), "401 ClientCertificateIdentityNotMatched"},
		{"SNI is another host with certificates", locked, "safe.example", good, "421"},
		{"SNI is a host that asks for none", "open.example", locked, good, "421"},
		{"a host that asks for none", "open.example", "open.example", good, "401 ClientCertificateNotFound"},
		{"no SNI", "", locked, good, "421"},
	}
}

// wrong returns the rows that are answered in another way.
func (m *mtls) wrong() (wrong []string, total int) {
	m.t.Helper()
	for _, row := range m.rows() {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2", "HTTP/3"} {
			if row.sni == "" && protocol == "HTTP/3" {
				continue // Its client always names a host.
			}
			total++
			if got := m.ask(protocol, row.sni, row.host, row.client); got != row.want {
				wrong = append(wrong, fmt.Sprintf("%s, %s: %s, want %s", row.name, protocol, got, row.want))
			}
		}
	}
	return wrong, total
}

// TestS10_ClientCertificates gives a running gateway host names, authorities and
// a policy through the management API, and shows it certificates of every kind.
func TestS10_ClientCertificates(t *testing.T) {
	m := startMTLS(t)
	wrong, total := m.wrong()
	if len(wrong) > 0 {
		t.Errorf("%d wrong rows:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	fmt.Printf("S10: %d of %d rows of client certificates right, over HTTP/1.1, 2 and 3 of the process (all)\n", total-len(wrong), total)
}

// TestS10_ClientCertificates_NegativeControl leaves the checks out of the policy.
func TestS10_ClientCertificates_NegativeControl(t *testing.T) {
	m := startMTLS(t)
	m.policy(strings.Replace(strict, "<validate-client-certificate>",
		`<validate-client-certificate validate-trust="false" validate-revocation="false" validate-not-before="false" validate-not-after="false">`, 1))
	wrong, total := m.wrong()
	if len(wrong) < 18 {
		t.Errorf("a policy without its checks has %d wrong rows: the table finds nothing:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	fmt.Printf("S10: a policy without its checks has %d of %d rows wrong (at least 18)\n", len(wrong), total)
}
