package console

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
)

// Times of reading where the gateway is.
const (
	// gatewayAge is how old what is known may be before it is read again.
	gatewayAge = time.Minute
	// gatewayTimeout bounds reading it.
	gatewayTimeout = 5 * time.Second
)

// gatewayAddress knows the public URL of the service's gateway. What was read
// last stays in use while the management plane does not answer.
type gatewayAddress struct {
	client *client.Client
	clock  clock.Clock
	log    *slog.Logger

	mu    sync.Mutex
	read  time.Time
	known atomic.Pointer[url.URL]
}

// current is what is known now, or nil.
func (g *gatewayAddress) current() *url.URL { return g.known.Load() }

// get is the gateway's URL, read again where it is old, or nil where it was
// never read.
func (g *gatewayAddress) get(ctx context.Context) *url.URL {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.clock.Now(); g.read.IsZero() || now.Sub(g.read) >= gatewayAge {
		g.refresh(ctx, now)
	}
	return g.known.Load()
}

func (g *gatewayAddress) refresh(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, gatewayTimeout)
	defer cancel()
	service, err := client.Get[client.Service](ctx, g.client, "")
	if err != nil {
		g.log.Warn("where the gateway is could not be read", "error", err.Error())
		if g.known.Load() != nil {
			g.read = now // What is known is used, and not asked for with each call.
		}
		return
	}
	if u := publicURL(service.Properties); u != nil {
		g.known.Store(u)
		g.read = now
	}
}

// publicURL is the URL at which visitors reach the gateway: that of the host name
// that is the default one, else the built-in.
func publicURL(s client.Service) *url.URL {
	u, err := url.Parse(s.GatewayURL)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil
	}
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/")}
	for _, h := range s.HostnameConfigurations {
		if h.Type == "Proxy" && h.Default && h.HostName != "" && !strings.EqualFold(h.HostName, u.Host) {
			if named, err := url.Parse("https://" + h.HostName); err == nil && named.Host == h.HostName {
				return named
			}
		}
	}
	return u
}
