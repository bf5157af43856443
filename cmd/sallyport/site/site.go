package site

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// Limits of the portal's listener. A head that is longer than maxHead is answered
// 431 by net/http.
const (
	headTimeout  = 10 * time.Second
	readTimeout  = 30 * time.Second
	writeTimeout = 60 * time.Second
	idleTimeout  = 2 * time.Minute
	maxHead      = 32 << 10
	// drainTime is how long requests under way may take at the end.
	drainTime = 10 * time.Second
)

// Process is what the portal needs of its process.
type Process struct {
	// Service is the ARM id of the service.
	Service string
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics *telemetry.Metrics
	Health  *telemetry.Health
	// Access may be nil.
	Access *telemetry.AccessLog
	// Weight is what it means for the process that the portal is not ready.
	Weight telemetry.Weight
	// Own is the certificate of the installation's own authority, and TLS makes a
	// configuration with it and with those of ACME. Both may be nil.
	Own func() (tls.Certificate, error)
	TLS func(own tls.Certificate) *tls.Config
}

// Site is a portal that is being served. A nil Site is none, and its methods do
// nothing.
type Site struct {
	log       *slog.Logger
	url       *url.URL
	portal    *portal.Portal
	transport *Transport
	hosts     hostTable
	server    *http.Server
	cancel    context.CancelFunc
	served    chan struct{}
}

// Open begins to serve a portal that reaches the management plane over a
// Transport, which may be attached later. The portal says so until then.
func Open(ctx context.Context, f *Flags, p *Process) (*Site, error) {
	t := NewTransport()
	return open(ctx, f, p, t, client.Options{Service: p.Service, Transport: t})
}

func open(ctx context.Context, f *Flags, p *Process, t *Transport, to client.Options) (*Site, error) {
	l, err := f.listen(ctx, p.Log)
	if err != nil {
		return nil, err
	}
	s, err := serve(ctx, f, p, l, to)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s.transport = t
	return s, nil
}

// listen opens the socket. The default address gives way to another program.
func (f *Flags) listen(ctx context.Context, log *slog.Logger) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", f.Address)
	if errors.Is(err, syscall.EADDRINUSE) && !f.given() {
		log.Warn("another program uses the portal's address, so it has a free port: --portal gives it another", slog.String("address", f.Address))
		l, err = c.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listening on the address of the portal (--portal): %w", err)
	}
	return l, nil
}

// serve makes the portal and its server.
func serve(ctx context.Context, f *Flags, p *Process, l net.Listener, to client.Options) (s *Site, err error) {
	s = &Site{log: p.Log, served: make(chan struct{})}
	if s.url, err = f.publicURL(l.Addr().String()); err != nil {
		return nil, err
	}
	if s.url.Scheme == "http" && !loopbackAddress(l.Addr()) {
		p.Log.Warn("the portal listens to other machines in clear text: give --portal-cert, or --portal-url where something before it ends TLS")
	}
	o, err := f.options(p, s.url, to)
	if err != nil {
		return nil, err
	}
	var config *tls.Config
	if f.secure() {
		if config, err = s.tls(f, p); err != nil {
			return nil, err
		}
	}
	// The portal outlives ctx until Close, so that requests under way are served.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if s.portal, err = portal.New(running, o); err != nil {
		cancel()
		return nil, err
	}
	s.cancel = cancel
	p.Health.Add("portal", p.Weight, s.portal.Ready)
	p.Health.Add("portal: management plane", telemetry.Advice, s.portal.Stale)
	s.server = &http.Server{
		Handler: s.portal, ReadHeaderTimeout: headTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHead, TLSConfig: config,
		ErrorLog: slog.NewLogLogger(p.Log.Handler(), slog.LevelDebug),
	}
	go s.accept(l)
	p.Log.Info("accepting visitors of the portal", slog.String("url", s.url.String()), slog.String("address", l.Addr().String()))
	return s, nil
}

func loopbackAddress(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}

// accept serves until Close.
func (s *Site) accept(l net.Listener) {
	defer close(s.served)
	var err error
	if s.server.TLSConfig != nil {
		err = s.server.ServeTLS(l, "", "")
	} else {
		err = s.server.Serve(l)
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("the portal is no longer served", slog.Any("error", err))
	}
}

// options are those of the portal.
func (f *Flags) options(p *Process, public *url.URL, to client.Options) (o portal.Options, err error) {
	o = portal.Options{
		URL: public, AllowPrivateProviders: f.PrivateProviders, SignInProviders: f.SignIn, GatewayName: f.GatewayName,
		Clock: p.Clock, Log: p.Log, Metrics: p.Metrics, Access: p.Access,
	}
	if o.Client, err = client.New(to); err != nil {
		return o, err
	}
	if o.TrustedProxies, err = f.proxies(); err != nil {
		return o, err
	}
	if o.Gateway, err = f.gateway(); err != nil {
		return o, err
	}
	if o.Mail, err = f.server(); err != nil {
		return o, err
	}
	o.Theme = f.theme()
	return o, nil
}

func (f *Flags) theme() fs.FS {
	if f.Theme == "" {
		return nil
	}
	return os.DirFS(f.Theme)
}

// Attach lets the portal call the management plane.
func (s *Site) Attach(t http.RoundTripper) {
	if s != nil && s.transport != nil {
		s.transport.Attach(t)
	}
}

// Observe takes over the host names of a configuration.
func (s *Site) Observe(next *snapshot.Snapshot) {
	if s != nil {
		s.hosts.use(next)
	}
}

// URL is the portal's address, "" without one.
func (s *Site) URL() string {
	if s == nil {
		return ""
	}
	return s.url.String()
}

// For returns the address of the portal of a service, "" for any other's.
func (s *Site) For(service string) func(string) string {
	return func(name string) string {
		if !strings.EqualFold(name, service) {
			return ""
		}
		return s.URL()
	}
}

// Announce prints where the portal is.
func (s *Site) Announce(out io.Writer) {
	if s == nil {
		return
	}
	at := ""
	if s.url.String() != "http://"+DefaultAddress { // The command's default, which does not know what runs.
		at = " --portal-url " + s.url.String()
	}
	fmt.Fprintf(out, "Developer portal: %s/   (sallyport portal sign-in%s prints a link for its administrator)\n", s.url, at)
}

// Close ends the portal: requests under way are answered, for drainTime at most.
func (s *Site) Close() {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		s.log.Warn("requests to the portal were still under way", slog.Any("error", err))
		_ = s.server.Close() // They end without an answer.
	}
	<-s.served
	s.cancel()
	s.portal.Wait()
}
