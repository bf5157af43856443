package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority is an authority of a test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// issue returns a certificate, of its own authority where a is nil.
func (a *authority) issue(t *testing.T, serial int64, name string) (chain *authority, certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: a == nil,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	parent, signer := template, private
	if a != nil {
		parent, signer = a.certificate, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &private.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return &authority{made, private}, block("CERTIFICATE", der), block("PRIVATE KEY", secret)
}

// TestClientCertificateVerifies asks a policy for what it thinks of a client's
// certificate. Verify had known the authorities of the machine only, and not
// those of --client-ca.
func TestClientCertificateVerifies(t *testing.T) {
	ours, oursPEM, _ := (*authority)(nil).issue(t, 1, "our authority")
	theirs, _, _ := (*authority)(nil).issue(t, 2, "another authority")
	_, serverPEM, serverKey := ours.issue(t, 3, "server")
	files := t.TempDir()
	writeFiles(t, files, map[string]string{"ca.pem": oursPEM, "server.pem": serverPEM, "server.key": serverKey})
	dir := t.TempDir()
	goodFolder(t, dir, `@(context.Request.Certificate == null ? "none" : context.Request.Certificate.Verify().ToString())`)
	write(t, filepath.Join(dir, "apis", "hello", "apiInformation.json"),
		`{"properties":{"displayName":"Hello","path":"hello","protocols":["https"],"subscriptionRequired":false}}`)
	file := func(name string) string { return filepath.Join(files, name) }
	_, log := startGateway(t, dir, "", "--listen-tls", "127.0.0.1:0",
		"--tls-cert", file("server.pem"), "--tls-key", file("server.key"), "--client-ca", file("ca.pem"))
	_, address, _ := strings.Cut(log.wait(t, 0, `msg="accepting HTTPS" address=\S+`), "address=")
	for _, c := range []struct {
		name, want string
		from       *authority
	}{{"no certificate", "none", nil}, {"of ours", "True", ours}, {"of another", "False", theirs}} {
		t.Run(c.name, func(t *testing.T) {
			if got := getOverTLS(t, "https://"+address+"/hello/world", ours, c.from); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// getOverTLS returns the body of a call with a certificate that an authority has
// issued.
func getOverTLS(t *testing.T, url string, trusted, from *authority) string {
	t.Helper()
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AddCert(trusted.certificate)
	if from != nil {
		_, certificate, key := from.issue(t, 9, "client")
		pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
		if err != nil {
			t.Fatal(err)
		}
		// It is shown even where the server does not name its authority.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
