package console

import (
	"cmp"
	"crypto/tls"
	"embed"
	"io/fs"
	"log/slog"
	"net/url"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/reference"
)

//go:embed templates
var templates embed.FS

//go:embed assets
var assets embed.FS

// Options say what the console works with.
type Options struct {
	// Catalogue has the APIs that visitors see.
	Catalogue interface{ Current() *catalogue.Index }
	// Library has the descriptions of APIs; it may be nil.
	Library *reference.Library
	// Client calls the management API as the portal.
	Client *client.Client
	// Gateway is the address at which the portal reaches the gateway,
	// "http://10.0.0.5:8080", where that is not the gateway's public URL. Requests
	// carry the public host name nevertheless.
	Gateway *url.URL
	// GatewayName is the name of the gateway resource whose gateways answer there,
	// which traces are asked of; "" is the service's own.
	GatewayName string
	// TLS says which certificates of the gateway, and of authorization servers,
	// are believed; nil is the machine's choice.
	TLS *tls.Config
	// Clock and Log are the machine's where they are nil.
	Clock clock.Clock
	Log   *slog.Logger
	// AllowPrivate lets authorization servers be in private networks.
	AllowPrivate bool
}

// console is the section with its state.
type console struct {
	catalogue interface{ Current() *catalogue.Index }
	library   *reference.Library
	client    *client.Client
	clock     clock.Clock
	log       *slog.Logger
	proxy     *proxy
	gate      *gate
	issuers   *issuers
	tokens    *wallet
	// traces is the path of the gateway whose traces are read.
	traces string
}

// New makes the console's section: pages under /console/, and the address to
// which authorization servers lead back, /signin-oauth/code/callback/{server}.
func New(o Options) *page.Section {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &console{
		catalogue: o.Catalogue, library: o.Library, client: o.Client, clock: o.Clock, log: o.Log,
		gate: newGate(), tokens: newWallet(o.Clock), traces: "gateways/" + url.PathEscape(cmp.Or(o.GatewayName, managedGateway)) + "/",
	}
	c.proxy = newProxy(o.Clock, c.gateway, o.Gateway, o.TLS)
	c.issuers = newIssuers(&o)
	return &page.Section{
		Name: "console", Routes: c.routes(), Templates: below(templates, "templates"), Assets: below(assets, "assets"),
		Notices: map[page.Notice]string{ //nolint:gosec // They are sentences.
			"token":         "You have a token. It stays on the server, and is used for what you send.",
			"token-ended":   "The token was forgotten.",
			"warn-token":    "The authorization server gave no token. Nothing was changed; try it again, or ask who looks after this portal.",
			"warn-stale":    "This sign-in took too long, or began in another session. Begin it again.",
			"warn-no-grant": "This authorization server has no flow that the console can use: authorization code or client credentials.",
		},
	}
}

func (c *console) routes() []page.Route {
	// One limit for all that makes the portal call others.
	limit := &page.Limit{Name: "console", Events: callsPerMinute, Per: time.Minute}
	at := "/console/{api}/{operation}"
	return []page.Route{
		{Pattern: "GET " + at, Run: c.show},
		{Pattern: "POST " + at, Run: c.submit, Limit: limit, MaxBody: maxFormBytes},
		{Pattern: "POST " + at + "/send", Run: c.stream, Limit: limit, MaxBody: maxFormBytes, Streams: true},
		{Pattern: "GET " + at + "/authorize/{kind}/{server}", Needs: page.SignedIn, Run: c.authorize, Limit: limit},
		{Pattern: "POST " + at + "/token/{kind}/{server}", Needs: page.SignedIn, Run: c.clientCredentials, Limit: limit},
		{Pattern: "POST " + at + "/forget", Needs: page.SignedIn, Run: c.forget, Limit: limit},
		{Pattern: "GET /signin-oauth/code/callback/{server}", Needs: page.SignedIn, Run: c.callback, Limit: limit},
	}
}

// below is a folder of files that were embedded, which is always there.
func below(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return embed.FS{}
	}
	return sub
}
