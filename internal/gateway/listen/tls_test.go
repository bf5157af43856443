package listen

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

// writePair writes a certificate and its key as files.
func writePair(t *testing.T, dir, name string, c tls.Certificate) KeyPair {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	pair := KeyPair{filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")}
	writePEM(t, pair.Certificate, "CERTIFICATE", c.Certificate[0])
	writePEM(t, pair.Key, "PRIVATE KEY", key)
	return pair
}

func writePEM(t *testing.T, name, kind string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// identities are the certificates of the table.
type identities struct {
	*authority
	foreign *authority
	config  *tls.Config
	clock   *clock.Fake
	files   TLSFiles
}

// newIdentities makes a server's configuration from files: a certificate for
// a.example and localhost, and one for b.example.
func newIdentities(t *testing.T) *identities {
	t.Helper()
	dir := t.TempDir()
	i := &identities{authority: newAuthority(t), foreign: newAuthority(t), clock: clock.NewFake(time.Now())}
	first := writePair(t, dir, "a", i.issue(x509.ExtKeyUsageServerAuth, nil, "localhost", "a.example", "c.example"))
	second := writePair(t, dir, "b", i.issue(x509.ExtKeyUsageServerAuth, nil, "b.example"))
	cas := filepath.Join(dir, "clients.crt")
	writePEM(t, cas, "CERTIFICATE", i.certificate.Raw)
	i.files = TLSFiles{Certificate: first.Certificate, Key: first.Key, More: []KeyPair{second}, ClientCAs: cas, Clock: i.clock, Log: discard}
	config, err := TLSConfig(i.files)
	if err != nil {
		t.Fatal(err)
	}
	i.config = config
	return i
}

// who answers with what is known of the client's certificate.
func who(r *message.Request, w message.Responder) {
	text := "none"
	if r.ClientCertificate() != nil {
		text = fmt.Sprintf("verified: %v", r.TLS.Verified)
	}
	m := message.Response{Status: 200}
	_ = m.Body.SetBytes([]byte(text))
	_, _ = w.Respond(&m)
}

// ask sends a request over TLS and returns status and body in one line, or
// "handshake" where it came to none.
func ask(t *testing.T, address, host string, config *tls.Config, h2 bool) string {
	t.Helper()
	p := new(http.Protocols)
	p.SetHTTP1(!h2)
	p.SetHTTP2(h2)
	transport := &http.Transport{TLSClientConfig: config, Protocols: p}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequest(http.MethodGet, "https://"+address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	answer, err := (&http.Client{Transport: transport, Timeout: patience}).Do(r)
	if err != nil {
		return "handshake"
	}
	defer answer.Body.Close()
	body := make([]byte, 64)
	n, _ := answer.Body.Read(body)
	if answer.StatusCode != http.StatusOK {
		return fmt.Sprint(answer.StatusCode)
	}
	return "200 " + string(body[:n])
}

// tlsRow is one row of the table.
type tlsRow struct {
	name   string
	host   string
	change func(*tls.Config)
	want   string
}

// with shows a client's certificate, whatever authorities the server names.
func with(c tls.Certificate) func(*tls.Config) {
	return func(t *tls.Config) {
		t.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil }
	}
}

func (i *identities) rows() []tlsRow {
	client := x509.ExtKeyUsageClientAuth
	version := func(v uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, v }
	}
	suite := func(id uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{id} }
	}
	name := func(n string) func(*tls.Config) {
		return func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = n, true }
	}
	return []tlsRow{
		{"TLS 1.0", "", version(tls.VersionTLS10), "handshake"},
		{"TLS 1.1", "", version(tls.VersionTLS11), "handshake"},
		{"TLS 1.2", "", version(tls.VersionTLS12), "200 none"},
		{"TLS 1.3", "", version(tls.VersionTLS13), "200 none"},
		{"CBC", "", suite(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA), "handshake"},
		{"CBC with SHA-256", "", suite(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256), "handshake"},
		{"RC4", "", suite(tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA), "handshake"},
		{"GCM", "", suite(tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256), "200 none"},
		{"ChaCha20", "", suite(tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256), "200 none"},
		{"client of the authority", "", with(i.issue(client, nil)), "200 verified: true"},
		{"expired client", "", with(i.issue(client, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })), "200 verified: false"},
		{"client of tomorrow", "", with(i.issue(client, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) })), "200 verified: false"},
		{"client of another authority", "", with(i.foreign.issue(client, nil)), "200 verified: false"},
		{"server's certificate as client", "", with(i.issue(x509.ExtKeyUsageServerAuth, nil)), "200 verified: false"},
		{"code signer as client", "", with(i.issue(x509.ExtKeyUsageCodeSigning, nil)), "200 verified: false"},
		{"Host is SNI", "a.example", name("a.example"), "200 none"},
		{"Host is SNI in other case", "A.EXAMPLE:443", name("a.example"), "200 none"},
		{"Host is another name of the certificate", "c.example", name("a.example"), "200 none"},
		{"Host has another certificate", "b.example", name("a.example"), "421"},
		{"Host has the default certificate, SNI another", "a.example", name("b.example"), "421"},
		{"Host is unknown", "z.example", name("a.example"), "421"},
		{"SNI is unknown", "z.example", name("z.example"), "200 none"},
		{"no SNI", "anything.example", func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "", true }, "200 none"},
	}
}

// wrong returns the rows that a server does not answer as it should.
func (i *identities) wrong(t *testing.T, server *tls.Config) (wrong []string, total int) {
	t.Helper()
	_, address := start(t, Options{TLS: server, Handler: handlerFunc(who), Clock: i.clock})
	for _, row := range i.rows() {
		for _, h2 := range []bool{false, true} {
			config := &tls.Config{RootCAs: i.pool(), ServerName: "localhost"}
			row.change(config)
			host := row.host
			if host == "" {
				host = "localhost"
			}
			total++
			if got := ask(t, address, host, config, h2); got != row.want {
				wrong = append(wrong, fmt.Sprintf("%s, HTTP/2 %v: %s, want %s", row.name, h2, got, row.want))
			}
		}
	}
	return wrong, total
}

func TestS10_TLS(t *testing.T) {
	i := newIdentities(t)
	wrong, total := i.wrong(t, i.config)
	if len(wrong) > 0 {
		t.Errorf("the table of TLS has %d wrong rows:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	fmt.Printf("S10: %d of %d rows of the TLS table right (all)\n", total-len(wrong), total)
}

func TestS10_TLS_NegativeControl(t *testing.T) {
	i := newIdentities(t)
	loose := i.config.Clone()
	loose.MinVersion = tls.VersionTLS10
	loose.CipherSuites = append(loose.CipherSuites, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA)
	loose.ClientCAs = i.foreign.pool()
	wrong, total := i.wrong(t, loose)
	if len(wrong) < 5 {
		t.Errorf("a loose server has %d wrong rows: the table finds nothing", len(wrong))
	}
	fmt.Printf("S10: a server with old versions, a weak suite and another authority has %d of %d rows wrong (at least 5)\n", len(wrong), total)
}

// shown returns the serial number of the certificate that a server shows.
func shown(t *testing.T, address, name string) int64 {
	t.Helper()
	c, err := tls.Dial("tcp", address, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// shownSoon is shown, a few times until it is what is wanted: while one handshake
// reads the files again, others get what there is.
func shownSoon(t *testing.T, address, name string, want int64) (got int64) {
	t.Helper()
	for range 10 {
		if got = shown(t, address, name); got == want {
			break
		}
	}
	return got
}

func TestCertificatesAreReloaded(t *testing.T) {
	i := newIdentities(t)
	_, address := start(t, Options{TLS: i.config, Clock: i.clock})
	a, b := shown(t, address, "a.example"), shown(t, address, "b.example")
	if a == b || shown(t, address, "unknown.example") != a {
		t.Fatalf("a.example gets %d, b.example %d, others %d; want two, and the first for others", a, b, shown(t, address, "unknown.example"))
	}
	dir := filepath.Dir(i.files.Certificate)
	fresh := i.issue(x509.ExtKeyUsageServerAuth, nil, "a.example")
	writePair(t, dir, "a", fresh)
	touch(t, i.files.Certificate)
	if got := shown(t, address, "a.example"); got != a {
		t.Errorf("before the interval has passed the certificate is %d, want %d", got, a)
	}
	i.clock.Advance(ReloadInterval)
	want := fresh.Leaf.SerialNumber.Int64()
	if got := shownSoon(t, address, "a.example", want); got != want {
		t.Errorf("after the change the certificate is %d, want %d", got, want)
	}
	if err := os.WriteFile(i.files.Certificate, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	i.clock.Advance(ReloadInterval)
	if got := shown(t, address, "a.example"); got != want {
		t.Errorf("with a broken file the certificate is %d, want %d as before", got, want)
	}
}

// touch gives a file another time, however coarse the file system's clock is.
func touch(t *testing.T, name string) {
	t.Helper()
	if err := os.Chtimes(name, time.Now(), time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}

func TestTLSConfigErrors(t *testing.T) {
	i := newIdentities(t)
	none := filepath.Join(t.TempDir(), "none")
	tests := []struct {
		name   string
		change func(*TLSFiles)
		want   string
	}{
		{"no certificate", func(f *TLSFiles) { f.Certificate = none }, "reading the TLS certificate"},
		{"a key that is another's", func(f *TLSFiles) { f.Key = f.More[0].Key }, "with the key"},
		{"no authorities", func(f *TLSFiles) { f.ClientCAs = none }, "authorities"},
		{"authorities without a certificate", func(f *TLSFiles) { f.ClientCAs = f.Key }, "no certificate in PEM"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := i.files
			test.change(&files)
			if _, err := TLSConfig(files); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
