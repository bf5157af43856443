package openid

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Limits of calls to providers.
const (
	// callTimeout bounds a call with its answer.
	callTimeout = 10 * time.Second
	// maxAnswer bounds an answer, in bytes: discovery documents, keys, tokens.
	maxAnswer = 1 << 20
	// maxHeader bounds the head of an answer, in bytes.
	maxHeader = 64 << 10
	// maxRedirects bounds the redirects of a discovery document.
	maxRedirects = 3
)

// privateRanges are networks of one's own, which Options.AllowPrivate allows.
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fc00::/7"),
}

// closedRanges are never called: what they reach is no provider, and may be a
// metadata service. They come before privateRanges.
var closedRanges = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.100.100.200/32"), netip.MustParsePrefix("168.63.129.16/32"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/128"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("fd00:ec2::/32"),
	netip.MustParsePrefix("fd20:ce::/32"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("ff00::/8"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
}

// errAddress is a provider at an address that is not called.
var errAddress = errors.New("the provider's host has an address that is not public (allow private ones for the portal, if it is meant)")

// mayDial decides on an address just before a connection is made to it, so that
// a name cannot lead elsewhere the second time it is looked up.
func mayDial(address string, allowPrivate bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", errAddress, address)
	}
	ip := at.Addr().Unmap().WithZone("")
	for _, r := range closedRanges {
		if r.Contains(ip) {
			return fmt.Errorf("%w: %s", errAddress, ip)
		}
	}
	for _, r := range privateRanges {
		if r.Contains(ip) && !allowPrivate {
			return fmt.Errorf("%w: %s", errAddress, ip)
		}
	}
	return nil
}

// newClient makes the client with which providers are called.
func newClient(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: callTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		return mayDial(address, o.AllowPrivate)
	}}
	transport := &http.Transport{
		// No proxy of the environment: behind one, no address could be checked.
		DialContext: dialer.DialContext, TLSClientConfig: o.TLS, TLSHandshakeTimeout: callTimeout, ResponseHeaderTimeout: callTimeout,
		MaxResponseHeaderBytes: maxHeader, MaxIdleConns: 8, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}
	return &http.Client{
		Timeout: callTimeout, Transport: bounded{transport},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			switch {
			case next.Method != http.MethodGet: // A code or a secret goes where it was sent, and nowhere else.
				return http.ErrUseLastResponse
			case len(before) > maxRedirects:
				return fmt.Errorf("the provider redirects more than %d times (limit maxRedirects)", maxRedirects)
			case before[0].URL.Scheme == "https" && next.URL.Scheme != "https":
				return errors.New("the provider redirects from https to " + next.URL.Scheme)
			}
			return nil
		},
	}
}

// bounded is a transport whose answers end with an error at maxAnswer.
type bounded struct{ *http.Transport }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.Transport.RoundTrip(r)
	if err == nil {
		response.Body = &boundedBody{response.Body, maxAnswer}
	}
	return response, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("the provider's answer has more than %d bytes (limit maxAnswer)", maxAnswer)
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
