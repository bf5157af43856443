package mail

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"
)

// Security says how a connection to the mail server is protected.
type Security int

// The kinds of Security.
const (
	// StartTLS begins in clear text and goes on only if the server then speaks
	// TLS with a certificate that is good for its name.
	StartTLS Security = iota
	// ImplicitTLS speaks TLS from the first byte.
	ImplicitTLS
	// ClearText is for a mail server on the same machine.
	ClearText
)

// Ports of mail servers for messages that are handed in (RFC 6409, RFC 8314).
const (
	submissionPort  = 587
	submissionsPort = 465
)

// Server is a mail server that takes messages, as an SMTP URL names it.
type Server struct {
	Host     string
	Port     int
	Security Security
	// User is the name to sign in with; "" is without signing in.
	User string
	// PasswordFile holds the password. It is read for each connection, so that
	// a password can be exchanged without a restart.
	PasswordFile string
	// AuthoritiesFile holds certificates (PEM) that the server's is checked
	// against instead of the system's; "" is the system's.
	AuthoritiesFile string
	// From is the address of the sender; "" is the service's
	// notificationSenderEmail.
	From string

	// patience is deliveryTimeout where it is 0.
	patience time.Duration
}

// Address is HOST:PORT.
func (s *Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// urlForm is how an SMTP URL is written.
const urlForm = "write smtp://[USER@]HOST[:587] or smtps://[USER@]HOST[:465], " +
	"with ?password-file=FILE, from=ADDRESS, ca=FILE, tls=none as needed"

// ParseURL reads the URL of a mail server: smtp://user@host:587 (STARTTLS, which
// the server must offer) or smtps://user@host:465 (TLS from the first byte).
// Its query may have password-file, from, ca, and tls=none for a server without
// TLS and without signing in.
func ParseURL(text string) (*Server, error) {
	u, err := url.Parse(text)
	if err != nil { // The error of url.Parse would repeat a password.
		return nil, errors.New("the SMTP URL cannot be read: " + urlForm)
	}
	s := &Server{Host: u.Hostname(), User: u.User.Username(), Port: submissionPort}
	if _, given := u.User.Password(); given {
		return nil, errors.New("the SMTP URL holds a password, which everybody who lists processes could read: " +
			"put it into a file and name that with ?password-file=FILE")
	}
	switch {
	case s.Host == "" || u.Path != "" && u.Path != "/" || u.Fragment != "" || u.Opaque != "":
		return nil, fmt.Errorf("the SMTP URL names no server: %s", urlForm)
	case u.Scheme == "smtps":
		s.Security, s.Port = ImplicitTLS, submissionsPort
	case u.Scheme != "smtp":
		return nil, fmt.Errorf("the SMTP URL has the scheme %q: %s", u.Scheme, urlForm)
	}
	if port := u.Port(); port != "" {
		if s.Port, err = strconv.Atoi(port); err != nil || s.Port < 1 || s.Port > 65535 {
			return nil, fmt.Errorf("the SMTP URL has the port %q: %s", port, urlForm)
		}
	}
	if err := s.options(u.RawQuery); err != nil {
		return nil, err
	}
	return s, nil
}

// options reads the query of an SMTP URL.
func (s *Server) options(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("the query of the SMTP URL cannot be read: %s", urlForm)
	}
	for name, given := range values {
		value := given[len(given)-1]
		switch name {
		case "password-file":
			s.PasswordFile = value
		case "ca":
			s.AuthoritiesFile = value
		case "from":
			if s.From, err = address(value); err != nil {
				return fmt.Errorf("from= of the SMTP URL: %w", err)
			}
		case "tls":
			if value != "none" || s.Security == ImplicitTLS {
				return fmt.Errorf("tls=%s of the SMTP URL is not known: %s", value, urlForm)
			}
			s.Security = ClearText
		default:
			return fmt.Errorf("the SMTP URL has %q in its query: %s", name, urlForm)
		}
	}
	switch {
	case s.User != "" && s.PasswordFile == "":
		return errors.New("the SMTP URL names a user and no password: add ?password-file=FILE")
	case s.User == "" && s.PasswordFile != "":
		return errors.New("the SMTP URL names a password file and no user: write smtp://USER@HOST")
	case s.User != "" && s.Security == ClearText:
		return errors.New("the SMTP URL asks for signing in without TLS, which would show the password to the network: " +
			"leave tls=none or the user out")
	}
	return nil
}

// Limits of an address (RFC 5321, 4.5.3.1).
const maxAddress = 254

// address checks an e-mail address, which may have no name beside it and no
// character that a header field or an SMTP command would read as its end.
func address(text string) (string, error) {
	if len(text) > maxAddress {
		return "", fmt.Errorf("the address has %d bytes (limit maxAddress, %d)", len(text), maxAddress)
	}
	for _, r := range text {
		if breaks(r) || r == '<' || r == '>' || r == ',' || r == ';' {
			return "", fmt.Errorf("%q is no e-mail address", text)
		}
	}
	parsed, err := netmail.ParseAddress(text)
	if err != nil || parsed.Address != text {
		return "", fmt.Errorf("%q is no e-mail address", text)
	}
	return text, nil
}
