package site

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
	"github.com/sallyport/sallyport/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const service = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso"

func flagsOf(t *testing.T, args ...string) *Flags {
	t.Helper()
	f := &Flags{}
	set := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.Bind(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFlags(t *testing.T) {
	tests := []struct {
		name, role string
		args       []string
		wrong      string
	}{
		{"nothing", "all", nil, ""},
		{"loopback", "all", []string{"--portal-url", "http://localhost:8081"}, ""},
		{"clear text", "all", []string{"--portal-url", "http://portal.example"}, "clear text"},
		{"behind a proxy", "all", []string{"--portal-url", "https://portal.example/", "--portal-trusted-proxies", "10.0.0.0/8,192.0.2.1"}, ""},
		{"path", "all", []string{"--portal-url", "https://portal.example/x"}, "without a path"},
		{"proxy", "all", []string{"--portal-trusted-proxies", "everybody"}, "neither an address nor a network"},
		{"half a certificate", "all", []string{"--portal-cert", "x"}, "belong together"},
		{"clear text with a certificate", "all", []string{"--portal-tls", "--portal-url", "http://localhost"}, "has a certificate"},
		{"mail", "all", []string{"--smtp", "ftp://x"}, "--smtp"},
		{"theme", "all", []string{"--theme", "/nowhere/at/all"}, "--theme"},
		{"gateway", "all", []string{"--portal-gateway", "10.0.0.1"}, "--portal-gateway"},
		{"credentials in process", "all", []string{"--portal-client-id", "x"}, "--role portal"},
		{"apart without credentials", "portal", nil, "known to the management plane"},
		{"apart with two", "portal", []string{"--portal-client-id", "x", "--portal-client-secret-file", "y", "--portal-token-file", "z"}, "give one"},
		{"apart", "portal", []string{"--portal-token-file", "z"}, ""},
		{"apart without an address", "portal", []string{"--portal", "", "--portal-token-file", "z"}, "needs --portal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := flagsOf(t, tt.args...).Check(tt.role)
			if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
				t.Errorf("got %v, want %q", err, tt.wrong)
			}
		})
	}
}

func TestWanted(t *testing.T) {
	tests := []struct {
		role string
		args []string
		want bool
	}{
		{"all", nil, true}, {"all", []string{"--portal", ""}, false}, {"control", nil, false},
		{"control", []string{"--portal", DefaultAddress}, true}, {"gateway", []string{"--portal", DefaultAddress}, false}, {"portal", nil, true},
	}
	for _, tt := range tests {
		if got := flagsOf(t, tt.args...).Wanted(tt.role); got != tt.want {
			t.Errorf("role %s with %v has a portal: %v", tt.role, tt.args, got)
		}
	}
}

func process(t *testing.T) *Process {
	t.Helper()
	m, err := telemetry.NewMetrics(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Process{Service: service, Clock: clock.System(), Log: slog.New(slog.DiscardHandler), Metrics: m, Health: telemetry.NewHealth()}
}

// get asks a portal for a page.
func get(t *testing.T, c *http.Client, address string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// The portal starts before the management plane, says so, and ends in order.
func TestThePortalStartsWithoutTheManagementPlane(t *testing.T) {
	s, err := Open(t.Context(), flagsOf(t, "--portal", "127.0.0.1:0"), process(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if status, body := get(t, c, s.URL()+"/"); status != http.StatusServiceUnavailable || !strings.Contains(body, "The portal is starting") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := get(t, c, s.URL()+"/healthz"); status != http.StatusOK {
		t.Errorf("not alive: %d", status)
	}
	said := &strings.Builder{}
	s.Announce(said)
	if want := "sign-in --portal-url " + s.URL() + " prints"; !strings.Contains(said.String(), want) {
		t.Errorf("%q does not have %q", said, want)
	}
	var none *Site
	none.Attach(nil)
	none.Observe(nil)
	none.Announce(io.Discard)
	none.Close()
	if none.URL() != "" || none.For("contoso")("contoso") != "" || s.For("contoso")("Contoso") != s.URL() || s.For("contoso")("other") != "" {
		t.Error("the addresses are wrong")
	}
}

// pair makes a certificate for a name, and its files.
func pair(t *testing.T, name string) (tls.Certificate, string, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert, private := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, private: {Type: "PRIVATE KEY", Bytes: text}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made, err := tls.LoadX509KeyPair(cert, private)
	if err != nil {
		t.Fatal(err)
	}
	return made, cert, private
}

// Host names of the configuration have their own certificates; all others get
// that of the files.
func TestCertificatesAreChosenByHost(t *testing.T) {
	_, cert, key := pair(t, "portal.example")
	own, _, _ := pair(t, "developers.contoso.example")
	s, err := Open(t.Context(), flagsOf(t, "--portal", "127.0.0.1:0", "--portal-cert", cert, "--portal-key", key), process(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.hosts.current.Store(hosts.NewTable([]*hosts.Host{{Name: "developers.contoso.example", Certificate: &own}}, nil))
	if !strings.HasPrefix(s.URL(), "https://") {
		t.Errorf("the URL is %s", s.URL())
	}
	for ask, want := range map[string]string{
		"developers.contoso.example": "developers.contoso.example", "portal.example": "portal.example", "other.example": "portal.example",
	} {
		d := &tls.Dialer{Config: &tls.Config{ServerName: ask, InsecureSkipVerify: true}} //nolint:gosec // It looks at what is shown.
		conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL(), "https://"))
		if err != nil {
			t.Fatal(err)
		}
		if got := conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName; got != want {
			t.Errorf("%s was shown %s, want %s", ask, got, want)
		}
		_ = conn.Close()
	}
}

func TestTheTransportFailsUntilThereIsAManagementPlane(t *testing.T) {
	transport := NewTransport()
	c, err := client.New(client.Options{Service: service, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	put := func(ctx context.Context) error {
		_, err := client.Put[client.Group](ctx, c, "groups/x", client.Group{DisplayName: "x"})
		return err
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := put(short); !client.IsUnavailable(err) {
		t.Errorf("without a management plane: %v", err)
	}
	waited := make(chan error)
	go func() { waited <- put(t.Context()) }()
	transport.Attach(answering(http.StatusOK, `{"name":"x"}`))
	if err := <-waited; err != nil {
		t.Errorf("with one that starts while a call waits for it: %v", err)
	}
	transport.Attach(nil)
	if err := put(t.Context()); !client.IsUnavailable(err) {
		t.Errorf("without it again: %v", err)
	}
}

// roundTrip is a transport of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int, body string) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.WriteHeader(status)
		_, _ = w.WriteString(body)
		answer := w.Result()
		answer.Request = r
		return answer, nil
	})
}

// A node that does not answer is left for the next one.
func TestNodesAreTriedInTurn(t *testing.T) {
	var asked []string
	n := &nodes{to: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.Host)
		if r.URL.Host == "a.example" {
			return nil, errors.New("no route")
		}
		return answering(http.StatusOK, "{}").RoundTrip(r)
	})}
	for _, host := range []string{"a.example", "b.example"} {
		n.urls = append(n.urls, &url.URL{Scheme: "https", Host: host})
	}
	c, err := client.New(client.Options{BaseURL: "https://a.example", Service: service, Transport: n})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := client.Get[client.Group](t.Context(), c, "groups/x"); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(asked, ","); got != "a.example,b.example,b.example" {
		t.Errorf("asked %s", got)
	}
}

// Tokens are exchanged before they end; while that fails, the old one is used for
// as long as it works.
func TestCredentialsRenewTokens(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	issued, down := 0, false
	now := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	c := &credentials{id: "app", file: secret, clock: now, base: "https://control.example", http: &http.Client{Transport: roundTrip(
		func(r *http.Request) (*http.Response, error) {
			if err := r.ParseForm(); err != nil || r.PostForm.Get("client_secret") != "s3cret" || r.PostForm.Get("client_id") != "app" {
				return answering(http.StatusUnauthorized, `{"error_description":"bad secret"}`).RoundTrip(r)
			}
			if down {
				return nil, errors.New("no route")
			}
			issued++
			text, _ := json.Marshal(map[string]any{"access_token": fmt.Sprint("token ", issued), "expires_in": 3600})
			return answering(http.StatusOK, string(text)).RoundTrip(r)
		})}}
	token := func(want string) {
		t.Helper()
		got, err := c.get(context.Background())
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
		if err != nil && (!client.IsUnavailable(err) || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("the error is %v", err)
		}
	}
	token("token 1")
	now.Advance(30 * time.Minute)
	token("token 1")
	down = true
	now.Advance(26 * time.Minute)
	token("token 1")
	now.Advance(4 * time.Minute)
	token("")
	down = false
	token("") // Nothing is asked again at once.
	now.Advance(renewAgain)
	token("token 2")
	if err := os.WriteFile(secret, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	now.Advance(2 * time.Hour)
	token("")
}

func TestControl(t *testing.T) {
	tests := []struct {
		name  string
		c     Control
		wrong string
	}{
		{"none", Control{}, "needs --control"},
		{"clear text", Control{URLs: []string{"http://control.example:9443"}}, "clear text"},
		{"loopback", Control{URLs: []string{"http://127.0.0.1:9443"}}, ""},
		{"no URL", Control{URLs: []string{"control.example"}}, "no URL"},
		{"authority", Control{URLs: []string{"https://control.example"}, CA: "/nowhere"}, "authorities"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := tt.c.transport()
			if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
				t.Errorf("%v, %v, want %q", n, err, tt.wrong)
			}
		})
	}
}
