package hosts

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/telemetry"
)

func TestMain(m *testing.M) {
	// A job of the ACME client that waits for its next attempt ends with its
	// context, a moment after close, and what keeps its locks within seconds; its
	// limiter of requests lives with the process.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.(*RingBufferRateLimiter).loop"),
		goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh"),
		goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.(*jobManager).worker"))
}

// logBuffer is a log that a test reads.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write takes a record.
func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// rig is the listeners of a gateway with ACME.
type rig struct {
	t     *testing.T
	hosts *Hosts
	log   *logBuffer
	https string
	stop  func()
}

// answer is the gateway behind the challenges.
type answer struct{}

// Serve answers every request.
func (answer) Serve(_ *message.Request, w message.Responder) {
	m := message.Response{Status: 204}
	_, _ = w.Respond(&m)
}

// run starts the listeners at two addresses.
func run(t *testing.T, data, http, https string, flags Flags) *rig {
	t.Helper()
	r := &rig{t: t, log: &logBuffer{}, https: https}
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	metrics, err := telemetry.NewMetrics(clock.System())
	if err != nil {
		t.Fatal(err)
	}
	r.hosts, err = New(Options{Flags: flags, Listen: Address{Value: https, Given: true}, Data: data, Clock: clock.System(), Log: log,
		Metrics: metrics, Health: telemetry.NewHealth()})
	if err != nil {
		t.Fatal(err)
	}
	var servers []*listen.Server
	var all sync.WaitGroup
	serve := func(address string, o listen.Options) {
		if address == "" {
			return
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		o.Log = slog.New(slog.DiscardHandler)
		s := listen.New(o)
		servers = append(servers, s)
		all.Go(func() { _ = s.Serve(l) })
	}
	serve(http, listen.Options{Handler: r.hosts.Handler(answer{})})
	serve(https, listen.Options{Handler: answer{}, Hosts: r.hosts.TLS})
	r.hosts.Start(http, https)
	r.stop = sync.OnceFunc(func() {
		for _, s := range servers {
			_ = s.Close()
		}
		all.Wait()
		if err := r.hosts.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Log(r.log.text())
		}
	})
	return r
}

// issuer returns who has issued the certificate for a name, and its serial
// number; the error is that of the handshake.
func (r *rig) issuer(name string) (issuer, serial string, err error) {
	c, err := tls.Dial("tcp", r.https, &tls.Config{ServerName: name, InsecureSkipVerify: true}) //nolint:gosec // The certificate is what is looked at.
	if err != nil {
		return "", "", err
	}
	defer c.Close()
	leaf := c.ConnectionState().PeerCertificates[0]
	if err := leaf.VerifyHostname(name); err != nil {
		return "", "", err
	}
	return leaf.Issuer.CommonName, leaf.SerialNumber.String(), nil
}

// TestACME gets certificates from a real authority, over each of the challenges,
// keeps them over a restart without it, and renews them.
func TestACME(t *testing.T) {
	for _, challenge := range []string{"HTTP-01", "TLS-ALPN-01"} {
		t.Run(challenge, func(t *testing.T) {
			data, http, https := t.TempDir(), freeAddress(t), freeAddress(t)
			authority := newPebble(t, portOf(t, http), portOf(t, https), time.Hour)
			if challenge == "TLS-ALPN-01" {
				http = ""
			}
			flags := Flags{ACME: ACMEFlags{Hosts: []string{"api.gateway.test", "manage.gateway.test"}, Email: "ops@gateway.test",
				Directory: authority.directory, CA: authority.ca}}
			own := filepath.Join(data, "own")
			selfSigned(t, own+".pem", own+".key", "own.gateway.test")
			flags.Certificate, flags.Key = own+".pem", own+".key"

			// The authority is down: what is at hand is shown.
			r := run(t, data, http, https, flags)
			if issuer, _, err := r.issuer("own.gateway.test"); err != nil || issuer != "own.gateway.test" {
				t.Errorf("without the authority: %s, %v", issuer, err)
			}
			r.stop()

			// It is there: the certificates come while requests are served.
			authority.start()
			r = run(t, data, http, https, flags)
			var serials []string
			for _, name := range flags.ACME.Hosts {
				eventually(t, "a certificate for "+name, func() bool {
					issuer, serial, err := r.issuer(name)
					if err == nil && strings.HasPrefix(issuer, "Pebble") {
						serials = append(serials, serial)
						return true
					}
					return false
				})
			}
			if proof := strings.Contains(r.log.text(), "tls-alpn-01"); http == "" && !proof {
				t.Error("the challenge was another one")
			}
			management := r.hosts.Management(tls.Certificate{})
			if c, err := management.GetCertificate(&tls.ClientHelloInfo{ServerName: "manage.gateway.test"}); err != nil || c.Leaf.VerifyHostname("manage.gateway.test") != nil {
				t.Errorf("the management API's certificate: %v", err)
			}
			renew(t, r, flags.ACME.Hosts[0], serials[0])
			r.stop()

			// It is gone again: a restart shows what was kept.
			authority.stop()
			r = run(t, data, http, https, flags)
			if issuer, _, err := r.issuer("api.gateway.test"); err != nil || !strings.HasPrefix(issuer, "Pebble") {
				t.Errorf("after a restart without the authority: %s, %v", issuer, err)
			}
			keptToTheUser(t, data)
		})
	}
}

// renew asks for a new certificate while a connection is served.
func renew(t *testing.T, r *rig, name, before string) {
	t.Helper()
	c, err := tls.Dial("tcp", r.https, &tls.Config{ServerName: name, InsecureSkipVerify: true}) //nolint:gosec // As above.
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := r.hosts.issuer.magic.RenewCertSync(t.Context(), name, true); err != nil {
		t.Fatal(err)
	}
	if _, err := r.hosts.issuer.magic.CacheManagedCertificate(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	for _, old := range r.hosts.issuer.cache.AllMatchingCertificates(name) {
		if old.Leaf.SerialNumber.String() == before {
			r.hosts.issuer.cache.Remove([]string{old.Hash()})
		}
	}
	if _, serial, err := r.issuer(name); err != nil || serial == before {
		t.Errorf("after a renewal the certificate is %s, was %s: %v", serial, before, err)
	}
	if _, err := fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", name); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 12)
	if _, err := c.Read(line); err != nil || string(line) != "HTTP/1.1 204" {
		t.Errorf("the connection from before answers %q, %v", line, err)
	}
}

// keptToTheUser fails for a private key that others may read.
func keptToTheUser(t *testing.T, data string) {
	t.Helper()
	keys := 0
	err := filepath.WalkDir(filepath.Join(data, acmeFolder), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".key") {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("%s has the mode %s", path, info.Mode())
		}
		keys++
		return err
	})
	if err != nil || keys == 0 {
		t.Errorf("%d keys: %v", keys, err)
	}
}

// TestChallenges leaves to the gateway what is no challenge of ours.
func TestChallenges(t *testing.T) {
	h := (&Hosts{issuer: &issuer{}}).Handler(answer{})
	for _, path := range []string{"/", challengePath, challengePath + "unknown"} {
		w := &recorder{}
		r := &message.Request{Method: "GET"}
		r.URL.Path, r.URL.Host = path, "api.gateway.test"
		h.Serve(r, w)
		if w.status != 204 {
			t.Errorf("%s is answered with %d", path, w.status)
		}
	}
	if got := (&Hosts{}).Handler(answer{}); got != (answer{}) {
		t.Error("without ACME the handler is another one")
	}
	if _, found := certmagic.GetACMEChallenge("api.gateway.test"); found {
		t.Error("there is a challenge")
	}
}

// recorder keeps the status of an answer.
type recorder struct {
	message.Responder
	status int
}

// Respond keeps the status.
func (w *recorder) Respond(m *message.Response) (message.Sent, error) {
	w.status = m.Status
	return message.Sent{}, nil
}

func TestFlags(t *testing.T) {
	acme := func(change func(*ACMEFlags)) Flags {
		f := Flags{ACME: ACMEFlags{Hosts: []string{"b.example", "A.example.", "b.example"}, Directory: letsEncrypt}}
		change(&f.ACME)
		return f
	}
	nothing := func(*ACMEFlags) {}
	tests := []struct {
		name    string
		flags   Flags
		data    string
		address Address
		want    string
	}{
		{"nothing", Flags{ACME: ACMEFlags{Directory: letsEncrypt}}, "", Address{Value: ":8443"}, ""},
		{"half a pair", Flags{Certificate: "c"}, "", Address{}, "--tls-key"},
		{"authorities without HTTPS", Flags{ClientCA: "c"}, "", Address{Value: ":8443"}, "--client-ca needs HTTPS"},
		{"authorities with host names", Flags{ClientCA: "c", ACME: ACMEFlags{Directory: letsEncrypt}}, "", Address{Value: ":1", Given: true}, ""},
		{"no address", Flags{Certificate: "c", Key: "k", ACME: ACMEFlags{Directory: letsEncrypt}}, "", Address{Given: true}, "--listen-tls is empty"},
		{"an address to write to, and no hosts", Flags{ACME: ACMEFlags{Email: "a@b", Directory: letsEncrypt}}, "", Address{}, "need --acme-host"},
		{"no folder", acme(nothing), "", Address{}, "--data"},
		{"all is well", acme(nothing), "d", Address{}, ""},
		{"a wildcard", acme(func(f *ACMEFlags) { f.Hosts = []string{"*.example"} }), "d", Address{}, "wildcards"},
		{"an address", acme(func(f *ACMEFlags) { f.Hosts = []string{"127.0.0.1"} }), "d", Address{}, "addresses"},
		{"in clear text", acme(func(f *ACMEFlags) { f.Directory = "http://ca.example/" }), "d", Address{}, "https://"},
		{"too many", acme(func(f *ACMEFlags) { f.Hosts = make([]string, maxACMEHosts+1) }), "d", Address{}, "maxACMEHosts"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.flags.check(test.data, test.address)
			if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if test.name == "all is well" && strings.Join(test.flags.ACME.Hosts, " ") != "a.example b.example" {
				t.Errorf("hosts %v", test.flags.ACME.Hosts)
			}
		})
	}
}

// TestWanted begins HTTPS when the first certificate comes, and tries again where
// that fails.
func TestWanted(t *testing.T) {
	r := run(t, t.TempDir(), freeAddress(t), freeAddress(t), Flags{ACME: ACMEFlags{Directory: letsEncrypt}})
	h := r.hosts
	h.o.Listen.Given = false
	if h.Wanted() {
		t.Error("HTTPS is wanted without certificates")
	}
	calls, fail := 0, errors.New("the port is taken")
	h.WhenWanted(func() bool {
		calls++
		return fail == nil
	})
	if calls != 0 {
		t.Error("it began before there was a certificate")
	}
	h.need()
	fail = nil
	h.need()
	h.need()
	if calls != 2 {
		t.Errorf("it was tried %d times, want 2: the second worked", calls)
	}
	if _, err := directoryRoots(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("authorities are read from a file that is not there")
	}
	var none *x509.CertPool
	if pool, err := directoryRoots(""); err != nil || pool != none {
		t.Errorf("without a file: %v, %v", pool, err)
	}
}
