// Package hosts wires the certificates of a gateway: those of files, of the
// configuration's host names, and of an ACME authority; and tells when they
// expire.
package hosts

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// Options is what certificates are made of.
type Options struct {
	Flags
	// Listen is the address of HTTPS.
	Listen Address
	// Data is the folder in which issued certificates are kept.
	Data    string
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics *telemetry.Metrics
	Health  *telemetry.Health
}

// Hosts is the certificates of a running gateway.
type Hosts struct {
	// TLS chooses the certificate for each client.
	TLS *listen.Hosts
	// Expiries tells when certificates expire; others may watch theirs with it.
	Expiries *telemetry.Expiries

	o      Options
	issuer *issuer // nil without ACME
	needed atomic.Bool
	later  atomic.Pointer[func() bool]
}

// New reads files and certificates that are kept. Nothing is asked of the network
// before Start.
func New(o Options) (*Hosts, error) {
	if err := o.check(o.Data, o.Listen); err != nil {
		return nil, &commandline.UsageError{Err: err}
	}
	h := &Hosts{o: o}
	var err error
	if h.issuer, err = newIssuer(o); err != nil {
		return nil, err
	}
	choice := listen.HostsOptions{
		Files: listen.TLSFiles{Certificate: o.Certificate, Key: o.Key, ClientCAs: o.ClientCA}, Clock: o.Clock, Log: o.Log,
	}
	if h.issuer != nil {
		choice.Issued = h.issuer
	}
	if h.TLS, err = listen.NewHosts(choice); err != nil {
		return nil, errors.Join(err, h.issuer.close())
	}
	h.Expiries, err = telemetry.WatchExpiries(telemetry.ExpiryOptions{Metrics: o.Metrics, Health: o.Health, Log: o.Log, Clock: o.Clock})
	if err != nil {
		return nil, errors.Join(err, h.issuer.close())
	}
	h.Expiries.WatchFunc("listener", h.own)
	return h, nil
}

// Observe takes over the host names of a snapshot, before requests are served
// from it.
func (h *Hosts) Observe(s *snapshot.Snapshot) {
	table := s.Hosts()
	if table == nil {
		return // It was made where nothing is served.
	}
	h.TLS.Use(table)
	var list []telemetry.Expiry
	for _, one := range table.All() {
		if one.Certificate != nil {
			list = append(list, telemetry.Expiry{Name: one.Name, NotAfter: one.Certificate.Leaf.NotAfter})
		}
	}
	h.Expiries.Watch("host", list)
	list = nil
	for id, c := range s.Certificates {
		list = append(list, telemetry.Expiry{Name: id, NotAfter: c.Leaf.NotAfter})
	}
	h.Expiries.Watch("backend", list)
	list = nil
	for _, a := range table.Authorities() {
		list = append(list, telemetry.Expiry{Name: a.Certificate.Subject.String(), NotAfter: a.Certificate.NotAfter})
	}
	h.Expiries.Watch("client authority", list)
	if table.HasCertificates() {
		h.need()
	}
}

// own are the certificates that are not of the configuration: files may be
// replaced at any time, and those of ACME are renewed.
func (h *Hosts) own() (list []telemetry.Expiry) {
	for _, leaf := range append(h.TLS.FileLeaves(), h.issuer.leaves()...) {
		list = append(list, telemetry.Expiry{Name: nameOf(leaf), NotAfter: leaf.NotAfter})
	}
	return list
}

func nameOf(leaf *x509.Certificate) string {
	if len(leaf.DNSNames) > 0 {
		return leaf.DNSNames[0]
	}
	return leaf.Subject.String()
}

// Wanted reports whether HTTPS is to be served: where there is a certificate, or
// --listen-tls is given.
func (h *Hosts) Wanted() bool {
	return h.o.Listen.Value != "" && (h.o.Listen.Given || h.TLS.Serves())
}

// Enforces reports whether the flags ask for HTTPS, so that the gateway itself and
// nothing before it ends TLS.
func (h *Hosts) Enforces() bool {
	return h.o.Listen.Value != "" && (h.o.Listen.Given || h.o.Certificate != "" || h.issuer != nil)
}

// WhenWanted calls f when a configuration brings the first certificate, and again
// with each one that follows until it returns true.
func (h *Hosts) WhenWanted(f func() bool) {
	h.later.Store(&f)
	if h.needed.Load() {
		h.need()
	}
}

func (h *Hosts) need() {
	h.needed.Store(true)
	if f := h.later.Swap(nil); f != nil && !(*f)() {
		h.later.Store(f)
	}
}

// Handler answers the challenges of the ACME authority, and leaves everything
// else to the next handler.
func (h *Hosts) Handler(next message.Handler) message.Handler {
	if h.issuer == nil {
		return next
	}
	return &challenges{next: next}
}

// Start begins to get and to renew certificates, with the listeners at two
// addresses; one may be empty.
func (h *Hosts) Start(http, https string) {
	if h.issuer != nil {
		h.issuer.start(http, https)
	}
}

// Management returns the configuration of TLS for another listener of the
// process, with its own certificate and those of ACME.
func (h *Hosts) Management(own tls.Certificate) *tls.Config {
	c := &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	if h == nil || h.issuer == nil {
		return c
	}
	c.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if h.issuer.Has(hello.ServerName) {
			return h.issuer.Certificate(hello)
		}
		return &own, nil
	}
	return c
}

// Close ends what runs in the background.
func (h *Hosts) Close() error {
	err := h.issuer.close()
	h.Expiries.Close()
	return err
}
