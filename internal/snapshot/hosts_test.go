package snapshot

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/model"
)

// hostPair makes a certificate with its key, as an archive in base64.
func hostPair(t *testing.T, name string) (archive string, leaf *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if leaf, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	data, err := pkcs12.Modern.Encode(key, leaf, nil, "p")
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(data), leaf
}

func TestHostsOfTheService(t *testing.T) {
	first, leaf := hostPair(t, "api.example")
	second, _ := hostPair(t, "*.shop.example")
	root := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}))
	service := &model.Service{
		HostnameConfigurations: []model.HostnameConfiguration{
			{HostName: "API.example", Type: model.HostnameProxy, EncodedCertificate: first, CertificatePassword: "p", DefaultSSLBinding: true},
			{HostName: "*.shop.example", Type: model.HostnameProxy, EncodedCertificate: second, CertificatePassword: "p", NegotiateClientCertificate: true},
			{HostName: "broken.example", Type: model.HostnameProxy, EncodedCertificate: second, CertificatePassword: "wrong"},
			{HostName: "other.example", Type: model.HostnameProxy, EncodedCertificate: first, CertificatePassword: "p"},
			{HostName: "vault.example", Type: model.HostnameProxy, KeyVaultID: "https://vault.example/secrets/c"},
			{HostName: "portal.example", Type: model.HostnameDeveloperPortal, EncodedCertificate: first, CertificatePassword: "p"},
		},
		Certificates: []model.CertificateConfiguration{
			{StoreName: "Root", EncodedCertificate: root}, {StoreName: "CertificateAuthority", EncodedCertificate: root}, {StoreName: "Root", EncodedCertificate: "***"},
		},
	}
	s, problems := Compile(&Document{Revision: 1, Resources: []model.Resource{service}}, &Settings{})
	if s == nil {
		t.Fatal(problems)
	}
	for _, want := range []string{"password is not that", "other.example): clients will refuse", "vault.example): its certificate", "certificates[2]: it is not trusted"} {
		if !strings.Contains(problems.Error(), want) {
			t.Errorf("no warning says %q: %v", want, problems)
		}
	}
	table := s.Hosts()
	if len(table.All()) != 5 || len(table.Authorities()) != 2 || !table.Authorities()[0].Trusted || table.Authorities()[1].Trusted {
		t.Fatalf("%d hosts, authorities %+v", len(table.All()), table.Authorities())
	}
	if h := table.Find("api.EXAMPLE."); h == nil || h != table.Default() || h.Negotiate || h.Certificate.Leaf.Subject.CommonName != "api.example" {
		t.Errorf("api.example is %+v", h)
	}
	if h := table.Find("a.shop.example"); h == nil || !h.Negotiate || table.Find("shop.example") != nil || table.Find("a.b.shop.example") != nil {
		t.Errorf("the wildcard is %+v", h)
	}
	if h := table.Find("broken.example"); h == nil || h.Certificate != nil {
		t.Errorf("broken.example is %+v", h)
	}
	next, problems := s.Apply(&Delta{Base: 1, Revision: 2, Put: []model.Resource{&model.Tag{ID: "tags/x", DisplayName: "x"}}})
	if next == nil {
		t.Fatal(problems)
	}
	if next.Hosts().Find("api.example").Certificate != table.Find("api.example").Certificate {
		t.Error("a certificate that did not change was opened again")
	}
}

func TestHostsOfAGateway(t *testing.T) {
	archive, _ := hostPair(t, "edge.example")
	off := false
	doc := &Document{Revision: 1, Resources: []model.Resource{
		&model.Service{HostnameConfigurations: []model.HostnameConfiguration{
			{HostName: "api.example", Type: model.HostnameProxy, EncodedCertificate: archive, CertificatePassword: "p"}}},
		&model.Gateway{ID: "gateways/edge", LocationData: &model.ResourceLocation{Name: "here"}},
		&model.Gateway{ID: "gateways/far", LocationData: &model.ResourceLocation{Name: "there"}},
		&model.Certificate{ID: "certificates/c", Data: archive, Password: "p"},
		&model.GatewayHostname{ID: "gateways/edge/hostnameConfigurations/a", Hostname: "edge.example", CertificateID: "certificates/c",
			NegotiateClientCertificate: true, HTTP2Enabled: &off},
		&model.GatewayHostname{ID: "gateways/edge/hostnameConfigurations/b", Hostname: "*",
			CertificateID: "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/x/certificates/c"},
		&model.GatewayHostname{ID: "gateways/far/hostnameConfigurations/c", Hostname: "far.example", CertificateID: "certificates/none"},
		&model.GatewayAuthority{ID: "gateways/edge/certificateAuthorities/c", IsTrusted: true},
		&model.GatewayAuthority{ID: "gateways/edge/certificateAuthorities/none", IsTrusted: true},
	}}
	compile := func(gateway string) *Snapshot {
		t.Helper()
		s, problems := Compile(doc, &Settings{Gateway: gateway})
		if s == nil {
			t.Fatal(problems)
		}
		return s
	}
	edge := compile("edge").Hosts()
	h := edge.Find("edge.example")
	if h == nil || h.Certificate == nil || !h.Negotiate || h.HTTP2 || edge.Find("api.example") != nil || edge.Find("far.example") != nil {
		t.Errorf("edge.example is %+v", h)
	}
	if d := edge.Default(); d == nil || d.Name != "*" || d.Certificate == nil || len(edge.Authorities()) != 1 {
		t.Errorf("the default is %+v, the authorities are %v", d, edge.Authorities())
	}
	if h := compile("far").Hosts().Find("far.example"); h == nil || h.Certificate != nil {
		t.Errorf("far.example is %+v", h)
	}
	if compile("managed").Hosts().Find("edge.example") != nil {
		t.Error("the service's own gateway has the host of another")
	}
	var ids []string
	compile("edge").Certificates(func(id string, c *tls.Certificate) bool {
		ids = append(ids, id)
		return c.Leaf != nil
	})
	if len(ids) != 1 || ids[0] != "certificates/c" {
		t.Errorf("certificates: %v", ids)
	}
}
