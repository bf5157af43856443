package site

import (
	"crypto/tls"
	"errors"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// hostTable has the certificates of host names of the portal that are in the
// configuration.
type hostTable struct{ current atomic.Pointer[hosts.Table] }

func (t *hostTable) use(s *snapshot.Snapshot) {
	if table := s.PortalHosts(); table != nil {
		t.current.Store(table)
	}
}

// find is the certificate for a host name, or nil.
func (t *hostTable) find(name string) *tls.Certificate {
	table := t.current.Load()
	if table == nil || name == "" {
		return nil
	}
	if h := table.Find(name); h != nil {
		return h.Certificate
	}
	return nil
}

// tls chooses certificates by the host that a client names: of the configuration,
// of ACME, and then the one of files or the installation's own.
func (s *Site) tls(f *Flags, p *Process) (*tls.Config, error) {
	fallback, err := f.fallback(p)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if c := s.hosts.find(hello.ServerName); c != nil {
				return c, nil
			}
			return fallback(hello)
		},
	}, nil
}

type chooser func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// fallback chooses for names that the configuration does not have.
func (f *Flags) fallback(p *Process) (chooser, error) {
	var own chooser
	if f.Certificate != "" {
		config, err := listen.TLSConfig(listen.TLSFiles{Certificate: f.Certificate, Key: f.Key, Clock: p.Clock, Log: p.Log})
		if err != nil {
			return nil, err
		}
		own = config.GetCertificate
	} else {
		if p.Own == nil {
			return nil, errors.New("--portal-tls: this process has no authority of its own: give --portal-cert and --portal-key")
		}
		pair, err := p.Own()
		if err != nil {
			return nil, err
		}
		own = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	if p.TLS == nil {
		return own, nil
	}
	// With an empty certificate of its own, what comes from there is of ACME.
	issued := p.TLS(tls.Certificate{}).GetCertificate
	if issued == nil {
		return own, nil
	}
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if c, err := issued(hello); err == nil && c != nil && len(c.Certificate) > 0 {
			return c, nil
		}
		return own(hello)
	}, nil
}
