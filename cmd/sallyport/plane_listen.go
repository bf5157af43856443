package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
)

// managementOptions are the flags of the management API.
type managementOptions struct {
	listen, insecure string
	url              string
	certificate, key string
	oidc             string
	gatewayCA        string
}

func (m *managementOptions) bind(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&m.listen, "management", "127.0.0.1:9443", "address for the management API, in HTTPS")
	f.StringVar(&m.insecure, "management-http", "",
		"address for the management API in clear text, in the place of --management: behind what ends TLS")
	f.StringVar(&m.url, "management-url", "", "URL at which clients reach the management API, where it is not the address they call")
	f.StringVar(&m.certificate, "management-cert", "",
		"file with its certificate chain (PEM); one of an authority of its own where it is empty")
	f.StringVar(&m.key, "management-key", "", "file with the certificate's private key (PEM)")
	f.StringVar(&m.oidc, "oidc", "",
		"file with the OpenID Connect issuers whose tokens the management API accepts beside its own (YAML or JSON)")
	f.StringVar(&m.gatewayCA, "gateway-client-ca", "",
		"file with the authorities (PEM) of which separate gateways must show a client certificate beside their token")
}

// gatewayCAs reads the authorities of separate gateways; nil where none are
// asked for.
func (m *managementOptions) gatewayCAs() (*x509.CertPool, error) {
	if m.gatewayCA == "" {
		return nil, nil //nolint:nilnil // No pool asks for no certificate.
	}
	if m.insecure != "" {
		return nil, &commandline.UsageError{Err: errors.New("--gateway-client-ca needs --management: there are no certificates in clear text")}
	}
	return installation.GatewayAuthorities(m.gatewayCA)
}

// listen opens the socket of the management API.
func (s *plane) listen(ctx context.Context) (net.Listener, string, error) {
	m := &s.o.management
	if m.insecure != "" {
		l, err := listenOn(ctx, "--management-http", m.insecure)
		return l, "http", err
	}
	pair, err := s.certificate()
	if err != nil {
		return nil, "", err
	}
	l, err := listenOn(ctx, "--management", m.listen)
	if err != nil {
		return nil, "", err
	}
	config := s.p.hosts.Management(pair)
	if m.gatewayCA != "" {
		config.ClientAuth = tls.RequestClientCert // The feed demands and checks it; other clients need none.
	}
	return tls.NewListener(l, config), "https", nil
}

// certificate is the one that was given, or the installation's own.
func (s *plane) certificate() (tls.Certificate, error) {
	m := &s.o.management
	if (m.certificate == "") != (m.key == "") {
		return tls.Certificate{}, &commandline.UsageError{Err: errors.New(
			"--management-cert and --management-key belong together: give both, or none")}
	}
	if m.certificate != "" {
		pair, err := tls.LoadX509KeyPair(m.certificate, m.key)
		if err != nil {
			return tls.Certificate{}, fmt.Errorf("reading the management API's certificate: %w", err)
		}
		return pair, nil
	}
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if h, _, err := net.SplitHostPort(m.listen); err == nil && h != "" && h != "0.0.0.0" && h != "::" && h != "127.0.0.1" {
		hosts = append(hosts, h)
	}
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	return installation.Certificate(s.o.data, hosts, s.p.clock.Now())
}
