package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/sallyport/sallyport/internal/client"
)

// Limits of talking to a mail server.
const (
	// deliveryTimeout bounds connecting, and then each message, whatever the
	// server does.
	deliveryTimeout = time.Minute
	// maxSecretFile bounds the file of a password or of certificates, in bytes.
	maxSecretFile = 1 << 20
	// maxReason bounds what is kept of a server's reply, in characters.
	maxReason = 300
)

// refusal is why a message was not delivered.
type refusal struct {
	// final refusals are not worth another attempt.
	final bool
	// broken says that the connection is of no use any more.
	broken bool
	reason string
}

// connection is a connection to a mail server that is ready for messages.
type connection struct {
	client *gomail.Client
	raw    net.Conn
	// release stops watching the context.
	release func() bool
}

// connect connects to the server, secures the connection and signs in. The end
// of the context closes the connection in the middle of anything.
func (s *Server) connect(ctx context.Context) (*connection, error) {
	c := &connection{}
	options, err := s.clientOptions()
	if err != nil {
		return nil, err
	}
	options = append(options, gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		raw, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c.raw = raw
		return s.implicit(ctx, raw)
	}))
	if c.client, err = gomail.NewClient(s.Host, options...); err != nil {
		return nil, fmt.Errorf("preparing for the mail server: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { c.drop() })
	if err := c.client.DialWithContext(ctx); err != nil {
		stop()
		c.drop()
		return nil, fmt.Errorf("connecting to the mail server %s: %w", s.Address(), err)
	}
	c.release = stop
	return c, nil
}

// implicit speaks TLS at once where that is asked for. The library would not
// give back the connection of a handshake that fails.
func (s *Server) implicit(ctx context.Context, raw net.Conn) (net.Conn, error) {
	if s.Security != ImplicitTLS {
		return raw, nil
	}
	config, err := s.tls()
	if err != nil {
		return nil, err
	}
	secured := tls.Client(raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = raw.Close() // The handshake's error is the one to tell.
		return nil, err
	}
	return secured, nil
}

func (s *Server) clientOptions() ([]gomail.Option, error) {
	config, err := s.tls()
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(cmp.Or(s.patience, deliveryTimeout)), gomail.WithTLSConfig(config)}
	switch s.Security {
	case ImplicitTLS:
		options = append(options, gomail.WithSSL())
	case ClearText:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.User == "" {
		return options, nil
	}
	password, err := readBounded(s.PasswordFile)
	if err != nil {
		return nil, fmt.Errorf("reading the password of the mail server: %w", err)
	}
	return append(options, gomail.WithUsername(s.User), gomail.WithPassword(strings.TrimRight(string(password), "\r\n")),
		gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin)), nil
}

func (s *Server) tls() (*tls.Config, error) {
	config := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if s.AuthoritiesFile == "" {
		return config, nil
	}
	pem, err := readBounded(s.AuthoritiesFile)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of the mail server: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the authorities of the mail server: %s holds no certificate", s.AuthoritiesFile)
	}
	return config, nil
}

func readBounded(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSecretFile {
		return nil, fmt.Errorf("%s has %d bytes (limit maxSecretFile, %d)", name, info.Size(), maxSecretFile)
	}
	return os.ReadFile(name) //nolint:gosec // The administrator names it.
}

// drop closes the connection without a word.
func (c *connection) drop() {
	if c.raw != nil {
		_ = c.raw.Close() // It may be closed already.
	}
}

// close takes leave of the server.
func (c *connection) close() {
	c.release()
	_ = c.client.Close() // The messages are settled; there is nothing to do about it.
	c.drop()
}

// deliver gives one message to the server. nil is that the server has taken it.
func (c *connection) deliver(m *gomail.Msg) *refusal {
	err := c.client.Send(m)
	if err == nil {
		return nil
	}
	r := &refusal{reason: oneLine(err.Error(), maxReason)}
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		r.broken = true
		return r
	}
	switch code := failed.ErrorCode(); {
	case failed.Reason == gomail.ErrSMTPReset:
		return nil // The message was taken before.
	case code == 0:
		r.broken = true
	case code >= 500:
		r.final = failed.Reason != gomail.ErrSMTPMailFrom && !strings.HasPrefix(failed.EnhancedStatusCode(), "5.7.")
	case code == serverGone:
		r.broken = true
	}
	return r
}

// serverGone is the reply of a server that closes the connection.
const serverGone = 421

// message makes what is sent of an entry of the outbox. Its Message-ID is the
// same at each attempt, so that mailboxes can know it again.
func message(id string, entry *client.Mail, bodies client.MailBodies, from, sender string, now time.Time) (*gomail.Msg, error) {
	to, err := address(entry.To)
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg()
	if err := m.FromFormat(oneLine(sender, maxSubject), from); err != nil {
		return nil, fmt.Errorf("the address of the sender: %w", err)
	}
	if err := m.To(to); err != nil {
		return nil, fmt.Errorf("the address of the recipient: %w", err)
	}
	m.Subject(oneLine(entry.Subject, maxSubject))
	m.SetDateWithValue(now)
	m.SetMessageIDWithValue(id + "@" + from[strings.LastIndexByte(from, '@')+1:])
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, bodies.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, bodies.HTML)
	return m, nil
}
