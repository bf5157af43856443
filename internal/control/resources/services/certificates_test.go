package services_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// hostArchive makes a certificate for a host, with its key.
func hostArchive(t *testing.T, serial int64) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "api.example"}, DNSNames: []string{"api.example"},
		NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	data, err := pkcs12.Modern.Encode(key, leaf, nil, "p")
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(data)
}

// withHosts is the body of a service with host names.
func withHosts(list string) string {
	return strings.Replace(plain, `"publisherName"`, `"hostnameConfigurations":[`+list+`],"publisherName"`, 1)
}

// TestHostCertificatesStay writes a service back as it was answered, which is
// without its certificates: they stay, and one that was replaced does not.
func TestHostCertificatesStay(t *testing.T) {
	s := resourcestest.New(t, nil)
	first, second := hostArchive(t, 1), hostArchive(t, 2)
	shown := func(want string) string {
		t.Helper()
		hosts, _ := resourcestest.At(s.Get(""), "properties.hostnameConfigurations").([]any)
		one, _ := hosts[1].(map[string]any)
		if one["encodedCertificate"] != nil || resourcestest.At(one, "certificate.expiry") != "2030-01-01T00:00:00Z" {
			t.Errorf("the host is %v", one)
		}
		thumbprint, _ := resourcestest.At(one, "certificate.thumbprint").(string)
		if want != "" && thumbprint != want {
			t.Errorf("the certificate is %s, want %s", thumbprint, want)
		}
		return thumbprint
	}
	s.Must("PUT", service, withHosts(`{"type":"Proxy","hostName":"api.example","encodedCertificate":"`+first+`","certificatePassword":"p"}`), http.StatusOK)
	before := shown("")
	s.Must("PUT", service, withHosts(`{"type":"Proxy","hostName":"API.example","negotiateClientCertificate":true}`), http.StatusOK)
	shown(before)
	s.Must("PATCH", service, `{"properties":{"hostnameConfigurations":[{"type":"Proxy","hostName":"api.example","encodedCertificate":"`+second+`","certificatePassword":"p"}]}}`, http.StatusOK)
	if shown("") == before {
		t.Error("the certificate is the one from before")
	}
}

func TestHostCertificatesAreChecked(t *testing.T) {
	s := resourcestest.New(t, nil)
	archive := hostArchive(t, 1)
	s.Run(t, []resourcestest.Step{
		{Name: "another password", Method: "PUT", Path: service, Status: 400, Targets: []string{"properties.hostnameConfigurations[1].encodedCertificate"},
			Body: withHosts(`{"type":"Proxy","hostName":"a.example"},{"type":"Proxy","hostName":"b.example","encodedCertificate":"` + archive + `","certificatePassword":"x"}`)},
		{Name: "no certificate at all", Method: "PUT", Path: service, Status: 400, Targets: []string{"properties.hostnameConfigurations[0].encodedCertificate"},
			Body: withHosts(`{"type":"Proxy","hostName":"a.example","encodedCertificate":"bm8gY2VydGlmaWNhdGU="}`)},
		{Name: "a vault that is not read", Method: "PUT", Path: service, Status: 200,
			Body: withHosts(`{"type":"Proxy","hostName":"a.example","keyVaultId":"https://vault.example/secrets/a"}`)},
		{Name: "an authority that is none", Method: "PUT", Path: service, Status: 400, Targets: []string{"properties.certificates[0].encodedCertificate"},
			Body: strings.Replace(plain, `"publisherName"`, `"certificates":[{"storeName":"Root","encodedCertificate":"bm8gY2VydGlmaWNhdGU="}],"publisherName"`, 1)},
	})
}
