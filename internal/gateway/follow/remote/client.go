package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/follow"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// Client follows a feed.
type Client struct {
	o         Options
	endpoints []*url.URL
	http      *http.Client
	wait      backOff
	counts    counts

	mu    sync.Mutex
	state state
}

// New makes a client. It does nothing before Run.
func New(o Options) (*Client, error) {
	endpoints, err := o.endpoints()
	if err != nil {
		return nil, err
	}
	if err := feed.CheckInstance(o.Instance); err != nil {
		return nil, fmt.Errorf("the id of the gateway's instance: %w", err)
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Draining == nil {
		o.Draining = func() bool { return false }
	}
	c := &Client{o: o, endpoints: endpoints, wait: backOff{random: o.Random}}
	c.state.started = o.Clock.Now()
	c.state.contact = o.LastContact
	dialer := &net.Dialer{Timeout: DialTimeout}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSClientConfig: o.TLS, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: DialTimeout, ResponseHeaderTimeout: o.Timeout, MaxResponseHeaderBytes: MaxRefusal,
			MaxIdleConnsPerHost: 1, IdleConnTimeout: feed.MissedBeats * feed.HeartbeatInterval, DisableCompression: true,
		},
		// A redirect would take the token to who knows where.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if o.Metrics != nil {
		if err := c.register(o.Metrics); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Run follows until ctx ends. It comes back from every failure.
func (c *Client) Run(ctx context.Context) {
	defer c.http.CloseIdleConnections()
	defer c.remember()
	whole := false
	for n := 0; ctx.Err() == nil; n++ {
		at := c.endpoints[n%len(c.endpoints)]
		c.counts.attempts.Add(1)
		s := &session{c: c, at: at, whole: whole}
		err := s.run(ctx)
		if ctx.Err() != nil {
			return
		}
		whole = errors.Is(err, follow.ErrDiverged)
		if whole {
			c.counts.diverged.Add(1)
		}
		rest := c.pause(s, err)
		c.lost(at, err, rest)
		if clock.Sleep(ctx, c.o.Clock, rest) != nil {
			return
		}
	}
}

// pause is how long to wait after a feed has ended.
func (c *Client) pause(s *session, err error) time.Duration {
	if !s.begun.IsZero() && c.o.Clock.Since(s.begun) >= feed.SettledAfter {
		c.wait.reset()
	}
	var asked *retryError
	if errors.As(err, &asked) && asked.after > 0 {
		return c.wait.asked(asked.after)
	}
	return c.wait.next()
}

// retryError is an end of the feed after which the other side asks to wait.
type retryError struct {
	status int // 0 is bye
	after  time.Duration
	text   string
}

// Error says what the other side said.
func (e *retryError) Error() string { return e.text }

// lost notes that the feed has ended. The same reason is logged once.
func (c *Client) lost(at *url.URL, err error, rest time.Duration) {
	c.mu.Lock()
	c.state.connected = ""
	c.state.failures++
	said := c.state.reason == err.Error()
	c.state.reason, c.state.again = err.Error(), c.o.Clock.Now().Add(rest)
	c.mu.Unlock()
	level := slog.LevelWarn
	if said {
		level = slog.LevelDebug
	}
	at = &url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path}
	c.o.Log.Log(context.Background(), level, "the feed of the management plane is lost; the gateway goes on with what it has",
		slog.String("control", at.String()), slog.Any("error", err), slog.Duration("again", rest))
}
