// Package site runs the developer portal in a process: its flags, its listener,
// and how it reaches the management plane, in the same process or elsewhere.
package site

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/portal/mail"
)

// RolePortal is the role of a process that is a portal and nothing else.
const RolePortal = "portal"

// DefaultAddress is where the portal listens where nothing else is said.
const DefaultAddress = "127.0.0.1:8081"

// maxProxies bounds the list of trusted proxies.
const maxProxies = 100

// Flags say how the portal is served.
type Flags struct {
	Address          string
	URL              string
	Certificate, Key string
	// TLS asks for HTTPS without files: with certificates of the configuration's
	// host names, of ACME, or of the installation's own authority.
	TLS            bool
	TrustedProxies []string
	// Gateway is the address at which the portal reaches the gateway, where that
	// is not its public URL.
	Gateway string
	// GatewayName is the name of the gateway resource that answers there.
	GatewayName string
	SMTP        string
	Theme       string
	// PrivateProviders lets identity providers be in private networks.
	PrivateProviders bool
	// SignIn are the names of OpenID Connect providers of the service at which
	// visitors may sign in.
	SignIn []string

	// ClientID, SecretFile and TokenFile are how a portal in a process of its own
	// is known to the management plane.
	ClientID, SecretFile, TokenFile string

	flags *pflag.FlagSet
}

// Bind declares the flags.
func (f *Flags) Bind(flags *pflag.FlagSet) {
	f.flags = flags
	flags.StringVar(&f.Address, "portal", DefaultAddress,
		"address for the developer portal; empty for none. Where it is not given and taken, a free port is used; "+
			"with --role control there is a portal only where it is given")
	flags.StringVar(&f.URL, "portal-url", "",
		"URL at which visitors reach the portal, where it is not the address: https, or http on this machine")
	flags.StringVar(&f.Certificate, "portal-cert", "", "file with the portal's certificate chain (PEM), read again when it changes")
	flags.StringVar(&f.Key, "portal-key", "", "file with the certificate's private key (PEM)")
	flags.BoolVar(&f.TLS, "portal-tls", false,
		"serve the portal in HTTPS without --portal-cert: with the certificates of host names of the type DeveloperPortal, of ACME, "+
			"or of the installation's own authority")
	flags.StringSliceVar(&f.TrustedProxies, "portal-trusted-proxies", nil,
		"addresses or networks, by commas, of the proxies before the portal, whose X-Forwarded-For is believed")
	flags.StringVar(&f.Gateway, "portal-gateway", "", "URL at which the portal reaches the gateway, where it is not the gateway's public one")
	flags.StringVar(&f.GatewayName, "portal-gateway-name", "",
		"name of the gateway resource whose gateways the portal's test console calls, for traces; empty for the service's own (managed)")
	flags.StringVar(&f.SMTP, "smtp", "",
		"URL of the mail server for the portal's mail: smtp://USER@HOST:587 or smtps://USER@HOST:465, with ?password-file=FILE, "+
			"from=ADDRESS, ca=FILE, tls=none; without it mail stays in the outbox")
	flags.StringVar(&f.Theme, "theme", "", "folder with a theme for the portal, in the place of the one in the store")
	flags.StringSliceVar(&f.SignIn, "portal-sign-in", nil,
		"names, by commas, of OpenID Connect providers of the service at which visitors may sign in, besides its identity providers")
	flags.BoolVar(&f.PrivateProviders, "portal-private-providers", false, "let identity providers be at private and loopback addresses")
	flags.StringVar(&f.ClientID, "portal-client-id", "", "with --role portal: client id of its service principal")
	flags.StringVar(&f.SecretFile, "portal-client-secret-file", "", "file with that principal's secret, read again for each token")
	flags.StringVar(&f.TokenFile, "portal-token-file", "",
		"file with a token for the management API, in the place of a client id; it may change while the portal runs")
}

// Wanted says whether a process of a role has a portal.
func (f *Flags) Wanted(role string) bool {
	if f.Address == "" {
		return false
	}
	return role == RolePortal || role == "all" || role == "control" && f.given()
}

func (f *Flags) given() bool { return f.flags != nil && f.flags.Changed("portal") }

// Check says what is wrong with the flags of a process that has a portal.
func (f *Flags) Check(role string) error {
	var err error
	switch {
	case role != RolePortal && (f.ClientID != "" || f.SecretFile != "" || f.TokenFile != ""):
		err = errors.New("--portal-client-id, --portal-client-secret-file and --portal-token-file are for --role portal")
	case role == RolePortal && f.Address == "":
		err = errors.New("--role portal needs --portal, the address to listen on")
	case role == RolePortal && f.TokenFile == "" && (f.ClientID == "" || f.SecretFile == ""):
		err = errors.New("a portal needs to be known to the management plane: give --portal-client-id and --portal-client-secret-file, " +
			"or --portal-token-file; sallyport principal create makes a service principal")
	case f.TokenFile != "" && f.ClientID != "":
		err = errors.New("--portal-token-file and --portal-client-id are two ways to be known: give one")
	case (f.Certificate == "") != (f.Key == ""):
		err = errors.New("--portal-cert and --portal-key belong together: give both, or none")
	default:
		err = f.checkValues()
	}
	if err != nil {
		return &commandline.UsageError{Err: err}
	}
	return nil
}

// checkValues says what is wrong with single flags.
func (f *Flags) checkValues() error {
	if _, err := f.publicURL(""); err != nil {
		return err
	}
	if _, err := f.proxies(); err != nil {
		return err
	}
	if _, err := f.gateway(); err != nil {
		return err
	}
	if _, err := f.server(); err != nil {
		return err
	}
	if f.Theme == "" {
		return nil
	}
	if info, err := os.Stat(filepath.Clean(f.Theme)); err != nil || !info.IsDir() {
		return fmt.Errorf("--theme: %s is no folder that can be read", f.Theme)
	}
	return nil
}

// secure says whether the portal's own listener speaks TLS.
func (f *Flags) secure() bool { return f.TLS || f.Certificate != "" }

// publicURL is the address of the portal for visitors; address is where it
// listens.
func (f *Flags) publicURL(address string) (*url.URL, error) {
	if f.URL == "" {
		scheme := "http"
		if f.secure() {
			scheme = "https"
		}
		return &url.URL{Scheme: scheme, Host: reachable(address)}, nil
	}
	u, err := url.Parse(strings.TrimSuffix(f.URL, "/"))
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("--portal-url is %q: want https://HOST, without a path", f.URL)
	}
	switch {
	case u.Scheme == "http" && f.secure():
		return nil, errors.New("--portal-url is http://, and the portal has a certificate: give its https:// address")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("--portal-url is http:// on another machine: visitors' passwords would travel in clear text. " +
			"Give --portal-cert and --portal-key, or the https:// address of what ends TLS before the portal")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("--portal-url is %q: want https://HOST", f.URL)
	}
	return u, nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// reachable makes an address that this machine can call of one to listen on.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// proxies are the networks of trusted proxies.
func (f *Flags) proxies() (list []netip.Prefix, err error) {
	if len(f.TrustedProxies) > maxProxies {
		return nil, fmt.Errorf("--portal-trusted-proxies has %d entries, more than %d (maxProxies)", len(f.TrustedProxies), maxProxies)
	}
	for _, text := range f.TrustedProxies {
		text = strings.TrimSpace(text)
		if a, err := netip.ParseAddr(text); err == nil {
			list = append(list, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--portal-trusted-proxies: %q is neither an address nor a network", text)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

// gateway is the URL of the gateway for the portal; nil is the public one.
func (f *Flags) gateway() (*url.URL, error) {
	if f.Gateway == "" {
		return nil, nil //nolint:nilnil // Nothing given is no error.
	}
	u, err := url.Parse(f.Gateway)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--portal-gateway is %q: want http:// or https:// and a host", f.Gateway)
	}
	return u, nil
}

// server is the mail server; nil is none.
func (f *Flags) server() (*mail.Server, error) {
	if f.SMTP == "" {
		return nil, nil //nolint:nilnil // Nothing given is no error.
	}
	s, err := mail.ParseURL(f.SMTP)
	if err != nil {
		return nil, fmt.Errorf("--smtp: %w", err)
	}
	return s, nil
}
