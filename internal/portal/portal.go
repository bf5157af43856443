// Package portal is the developer portal: the sections of its pages in one
// handler. It knows the rest of the product through the management API only.
package portal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/account"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/session"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// Options say what a Portal is made of.
type Options struct {
	// Client calls the management API as the portal. It is required.
	Client *client.Client
	// URL is the address under which visitors reach the portal; required.
	URL *url.URL
	// Gateway is the address at which the portal reaches the gateway where that
	// is not the gateway's public URL; nil is that one.
	Gateway *url.URL
	// GatewayName is the name of the gateway resource whose gateways answer there;
	// "" is the service's own.
	GatewayName string
	// Mail takes the messages; nil keeps them in the outbox.
	Mail *mail.Server
	// Theme is a folder with a theme that comes before the store's; nil is none.
	Theme fs.FS
	// TrustedProxies are the addresses of which X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// AllowPrivateProviders lets identity providers be in private networks.
	AllowPrivateProviders bool
	// SignInProviders are the names of OpenID Connect providers of the service at
	// which visitors may sign in; the others are for the console only.
	SignInProviders []string
	// Clock and Log are the machine's where they are nil; Metrics and Access may
	// be nil.
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics *telemetry.Metrics
	Access  *telemetry.AccessLog
}

// Portal is the developer portal as an http.Handler. Until it has read the
// management plane once, it answers 503.
type Portal struct {
	o        Options
	sessions *session.Manager
	mailer   *mail.Mailer
	pages    *telemetry.Pages
	site     atomic.Pointer[page.Site]
	index    atomic.Pointer[catalogue.Catalogue]
	settings atomic.Pointer[account.Settings]
	failed   atomic.Pointer[error]
	running  sync.WaitGroup
	observed func(page.Served)
	// assembled is closed when the sections are shown, or cannot be.
	assembled chan struct{}
}

// errStarting says that nothing has been read yet.
var errStarting = errors.New("the management plane has not been read yet")

// New begins a Portal, which runs until ctx ends; Wait then returns. It calls the
// management plane in the background, and fails only where the Options are wrong.
func New(ctx context.Context, o Options) (*Portal, error) {
	if o.Client == nil {
		return nil, errors.New("the portal has no client of the management API")
	}
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Portal{o: o, assembled: make(chan struct{})}
	if o.Metrics != nil {
		var err error
		if p.pages, err = o.Metrics.Pages(); err != nil {
			return nil, fmt.Errorf("counting the portal: %w", err)
		}
	}
	p.observed = p.observer()
	starting, err := page.New(p.frame(func() error { return errStarting }, nil))
	if err != nil {
		return nil, err
	}
	p.site.Store(starting)
	p.sessions = session.New(session.Options{Client: o.Client, Secure: o.URL.Scheme == "https", Clock: o.Clock, Log: o.Log})
	p.mailer = mail.New(mail.Options{Client: o.Client, Clock: o.Clock, Log: o.Log, Server: o.Mail, PortalURL: o.URL.String()})
	p.run(func() { p.start(ctx) })
	p.run(func() { p.sessions.Follow(ctx) })
	p.run(func() { p.mailer.Run(ctx) })
	return p, nil
}

// run runs f until Wait.
func (p *Portal) run(f func()) { p.running.Go(f) }

// Wait returns when all that the portal runs has ended, after its context has.
func (p *Portal) Wait() { p.running.Wait() }

// frame is what all sites of the portal have.
func (p *Portal) frame(ready func() error, sections []*page.Section) page.Options {
	return page.Options{
		URL: p.o.URL, Client: p.o.Client, Sections: sections, Clock: p.o.Clock, Log: p.o.Log, Ready: ready,
		TrustedProxies: p.o.TrustedProxies, Observe: p.observed,
	}
}

// start reads the catalogue and makes the site of all sections.
func (p *Portal) start(ctx context.Context) {
	defer close(p.assembled)
	settings := account.NewSettings(account.SettingsOptions{Client: p.o.Client, OpenID: p.o.SignInProviders, Clock: p.o.Clock, Log: p.o.Log})
	p.settings.Store(settings)
	p.run(func() { settings.Run(ctx) })
	index, err := catalogue.Follow(ctx, catalogue.Options{Client: p.o.Client, Clock: p.o.Clock, Log: p.o.Log, Changed: settings.Changed})
	p.run(func() { <-index.Done() })
	if err != nil {
		p.o.Log.Warn("the portal waits for the management plane", "error", err.Error())
	}
	<-settings.Tried()
	p.index.Store(index)
	if err := p.assemble(ctx, index, settings); err != nil {
		p.failed.Store(&err)
		p.o.Log.Error("the portal cannot be put together", "error", err.Error())
	}
}

// Ready says why the portal shows no pages yet; nil where it does.
func (p *Portal) Ready() error {
	if err := p.failed.Load(); err != nil {
		return *err
	}
	index := p.index.Load()
	if index == nil || index.Current().ReadAt().IsZero() {
		return errStarting
	}
	// Until it is known whether guests may read, they would be sent to sign in.
	if settings := p.settings.Load(); settings == nil || !settings.Known() {
		return errStarting
	}
	return nil
}

// Stale says since when the management plane has not been reached; nil where it
// has. Visitors go on reading meanwhile.
func (p *Portal) Stale() error {
	index := p.index.Load()
	if index == nil {
		return errStarting
	}
	return index.Status().Err
}

// Routes is the route table of the sections; empty while the portal starts.
func (p *Portal) Routes() []page.RouteInfo { return p.site.Load().Routes() }

// ServeHTTP implements http.Handler. /healthz and /readyz are for load balancers:
// they need no management plane, and say nothing of it.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz":
		answerHealth(w, nil)
	case "/readyz":
		answerHealth(w, p.Ready())
	default:
		p.site.Load().ServeHTTP(w, r)
	}
}

func answerHealth(w http.ResponseWriter, err error) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not ready\n")) // Nobody is left to tell.
		return
	}
	_, _ = w.Write([]byte("ok\n")) // As above.
}

// observer counts and logs what was served. Queries, which may hold tokens, are
// not in it.
func (p *Portal) observer() func(page.Served) {
	return func(s page.Served) {
		p.pages.Served(s.Route, s.Status, s.Took, s.Render)
		if p.o.Access == nil {
			return
		}
		p.o.Access.Offer(&telemetry.Record{
			Time: s.Began, RequestID: s.ID, ClientIP: s.Address, Method: s.Method, Host: p.o.URL.Host, Path: s.Path,
			Status: s.Status, Duration: s.Took, BytesOut: s.Bytes, UserID: s.User,
		})
	}
}
