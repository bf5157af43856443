package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plane is a management plane, whose calls fail while it is away.
type plane struct {
	*resourcestest.Server
	away atomic.Bool
	// before, where it is set, sees each request and may fail it.
	before func(*http.Request) error
}

func newPlane(t *testing.T) *plane {
	t.Helper()
	return &plane{Server: resourcestest.New(t, nil)}
}

// RoundTrip calls the API's handler.
func (p *plane) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.away.Load() {
		return nil, errors.New("connection refused")
	}
	if p.before != nil {
		if err := p.before(r); err != nil {
			return nil, err
		}
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result(), nil
}

func (p *plane) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{Service: resourcestest.Service, Transport: p})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// mailer makes a Mailer that gives messages to a server, which may be nil.
func (p *plane) mailer(t *testing.T, server *Server) *Mailer {
	t.Helper()
	return New(Options{Client: p.client(t), Clock: p.Clock, Server: server, PortalURL: "https://portal.example"})
}

// outbox are the messages in the outbox by their recipients.
func (p *plane) outbox(t *testing.T) map[string]client.Mail {
	t.Helper()
	all, err := client.All[client.Mail](t.Context(), p.client(t), outbox)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]client.Mail{}
	for _, m := range all {
		found[m.Properties.To] = m.Properties
	}
	return found
}

// send puts a confirmation for an address into the outbox.
func send(t *testing.T, m *Mailer, to string) {
	t.Helper()
	err := m.Send(t.Context(), "ConfirmSignUpIdentityDefault", Recipient{Email: to, FirstName: "Ann", LastName: "Archer"},
		map[string]string{"ConfirmUrl": "https://portal.example/confirm?token=t0ken&x=1"})
	if err != nil {
		t.Fatal(err)
	}
}

// round runs one round and fails the test if it fails.
func round(t *testing.T, m *Mailer) {
	t.Helper()
	if _, err := m.round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// postbox is a real SMTP server that keeps what it takes.
type postbox struct {
	*smtp.Server
	addr  *net.TCPAddr
	roots string

	// These decide on commands, where they are set.
	onMail, onRcpt func(address string) error
	onData         func(c *smtp.Conn, to string) error

	mu    sync.Mutex
	taken []letterTaken
	users []string
}

type letterTaken struct{ from, to, text string }

func (p *postbox) letters() []letterTaken {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]letterTaken(nil), p.taken...)
}

// newPostbox starts a server on loopback with a certificate for 127.0.0.1.
func newPostbox(t *testing.T, change func(*postbox)) *postbox {
	t.Helper()
	p := &postbox{}
	p.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &postSession{box: p, conn: c}, nil }))
	p.ErrorLog = discard{}
	p.Domain = "mail.test"
	p.MaxMessageBytes = 1 << 20
	p.TLSConfig, p.roots = certificate(t)
	if change != nil {
		change(p)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr, _ = l.Addr().(*net.TCPAddr)
	p.serve(t, l)
	return p
}

func (p *postbox) serve(t *testing.T, l net.Listener) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Serve(l) // It ends when it is closed.
	}()
	t.Cleanup(func() {
		_ = p.Close() // It may be closed already.
		_ = l.Close() // The server does not know it if it was closed at once.
		<-done
	})
}

// server is the URL of the box with STARTTLS.
func (p *postbox) server() *Server {
	return &Server{Host: "127.0.0.1", Port: p.addr.Port, AuthoritiesFile: p.roots, From: "portal@sallyport.example"}
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

type postSession struct {
	box      *postbox
	conn     *smtp.Conn
	from, to string
}

func (s *postSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *postSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "portal" || password != "s3cret" {
			return smtp.ErrAuthFailed
		}
		s.box.mu.Lock()
		defer s.box.mu.Unlock()
		s.box.users = append(s.box.users, user)
		return nil
	}), nil
}

func (s *postSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	if s.box.onMail != nil {
		return s.box.onMail(from)
	}
	return nil
}

func (s *postSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.box.onRcpt != nil {
		return s.box.onRcpt(to)
	}
	return nil
}

func (s *postSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.box.onData != nil {
		if err := s.box.onData(s.conn, s.to); err != nil {
			return err
		}
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.taken = append(s.box.taken, letterTaken{s.from, s.to, string(text)})
	return nil
}

func (s *postSession) Reset()        {}
func (s *postSession) Logout() error { return nil }

// certificate makes one for 127.0.0.1, and a file with it as an authority.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, file
}

// cancelled is a context that a test ends.
func cancelled(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}
