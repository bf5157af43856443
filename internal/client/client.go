// Package client is the Go client of the management API: what the developer
// portal, and other programs of ours that are no part of the management plane,
// know of it.
//
// A Client is bound to one service. Paths are those below it, "users/ann"; parts
// that come from outside go through Path. Answers, pages and times are bounded.
// Only calls that change nothing are tried again; whoever wants to send a change
// twice makes it safe with IfNew or IfMatch.
package client

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// Version is the api-version that a Client speaks.
const Version = "2024-05-01"

// ActingForHeader names the user for whom the portal calls. The management API
// believes it from principals with the role of the portal only.
const ActingForHeader = "X-Sallyport-Acting-For"

// inProcess is the address of an API that has none, because the transport calls
// its handler.
const inProcess = "http://sallyport.invalid"

// Limits of the connections that a Client makes itself.
const (
	dialTimeout   = 5 * time.Second
	tlsTimeout    = 5 * time.Second
	idleTimeout   = 60 * time.Second
	maxIdle       = 32
	maxConnection = 128
)

// Options say which service a Client is for, and how to reach it.
type Options struct {
	// BaseURL is the address of the management API, without a path. It may be
	// empty where the Transport calls a handler of this process.
	BaseURL string
	// Service is the ARM id of the service: /subscriptions/…/service/{name}.
	Service string
	// Transport is a transport of the Client's own where it is nil.
	Transport http.RoundTripper
	// Token gives the bearer token of each call. It is nil where the transport
	// authenticates.
	Token func(context.Context) (string, error)
	// Clock is the system's where it is nil.
	Clock clock.Clock
}

// Client calls the management API of one service. It is safe for use by many
// goroutines.
type Client struct {
	base, service string
	http          *http.Client
	token         func(context.Context) (string, error)
	actingFor     string
	clock         clock.Clock
}

// New makes a Client. It calls nothing.
func New(o Options) (*Client, error) {
	if o.BaseURL == "" && o.Transport != nil {
		o.BaseURL = inProcess
	}
	u, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("the address of the management API: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the address of the management API is %q: want http:// or https:// and a host", u.Redacted())
	}
	service := "/" + strings.Trim(o.Service, "/")
	if !strings.HasPrefix(strings.ToLower(service), "/subscriptions/") {
		return nil, fmt.Errorf("the id of the service is %q: want /subscriptions/…/service/{name}", o.Service)
	}
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	transport := o.Transport
	if transport == nil {
		transport = newTransport()
	}
	return &Client{
		base: strings.TrimSuffix(u.String(), "/"), service: service, token: o.Token, clock: o.Clock,
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // A token goes nowhere else.
		}},
	}, nil
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: headTimeout,
		IdleConnTimeout:       idleTimeout,
		MaxIdleConns:          maxIdle,
		MaxIdleConnsPerHost:   maxIdle,
		MaxConnsPerHost:       maxConnection,
		ForceAttemptHTTP2:     true,
	}
}

// ActingFor returns a Client whose calls are audited as made by the portal for
// the user with that name; "" is nobody.
func (c *Client) ActingFor(user string) *Client {
	other := *c
	other.actingFor = user
	return &other
}

// Service is the ARM id of the service that the Client is for.
func (c *Client) Service() string { return c.service }

// ID is the full ARM id of what a path below the service names.
func (c *Client) ID(path string) string { return c.service + "/" + strings.Trim(path, "/") }

// CloseIdle closes the connections that wait for a next call.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }
