package link

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// refusedError says that a rule of this package refused a URL or an address.
type refusedError struct{ reason string }

func (e *refusedError) Error() string { return e.reason }

func refuse(format string, args ...any) error {
	return &refusedError{reason: fmt.Sprintf(format, args...)}
}

// parseURL reads a URL and refuses what may not be fetched whatever the
// options.
func parseURL(text string) (*url.URL, error) {
	if len(text) > MaxURLLength {
		return nil, refuse("its URL has %d bytes (limit MaxURLLength, %d)", len(text), MaxURLLength)
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, refuse("it is not a URL")
	}
	return u, checkURL(u)
}

func checkURL(u *url.URL) error {
	host := u.Hostname()
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("its scheme is not http or https")
	case u.Opaque != "" || host == "":
		return refuse("it names no host")
	case u.User != nil:
		return refuse("it holds a user name or a password, which would be stored and logged")
	}
	for i := range len(host) {
		if c := host[i]; c <= ' ' || c >= 0x7f {
			return refuse("its host has characters other than ASCII; write it as in xn--bcher-kva.example")
		}
	}
	if _, err := netip.ParseAddr(host); err != nil && endsInNumber(host) {
		return refuse("its host is an IP address in an unusual form; write four decimal numbers, as in 192.0.2.1")
	}
	return nil
}

// endsInNumber reports whether a host would be read as an IPv4 address by
// those that take decimal, octal and hexadecimal numbers: 2130706433, 0x7f.1,
// 0177.0.0.1.
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	if hexadecimal, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hexadecimal, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// checkRedirect is that of the HTTP client: each URL is checked as the first.
func checkRedirect(next *http.Request, before []*http.Request) error {
	if len(before) > MaxRedirects {
		return refuse("it is redirected more than %d times (limit MaxRedirects)", MaxRedirects)
	}
	if len(next.URL.String()) > MaxURLLength {
		return refuse("it is redirected to a URL longer than %d bytes (limit MaxURLLength)", MaxURLLength)
	}
	if before[len(before)-1].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return refuse("it is redirected from https to %s", next.URL.Scheme)
	}
	if err := checkURL(next.URL); err != nil {
		return fmt.Errorf("a redirect: %w", err)
	}
	return nil
}

// Refusal returns why a rule of this package refused a URL or an address, or ""
// where the error is none of these.
func Refusal(err error) string {
	if refused, ok := errors.AsType[*refusedError](err); ok {
		return refused.reason
	}
	return ""
}

// Dialled decides on an address, HOST:PORT, just before a connection is made to
// it, for others who call hosts that somebody else has chosen.
func (o *Options) Dialled(address string) error { return o.checkDialled(address) }

// checkDialled decides on an address just before a connection is made to it.
func (o *Options) checkDialled(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return refuse("its host has no address")
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return refuse("its host has no IP address")
	}
	return o.check(addr)
}

func (o *Options) check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	for _, p := range o.Allow {
		if p.Contains(addr) {
			return nil
		}
	}
	r, ok := reservedRange(addr)
	if !ok || r.private && o.AllowPrivate {
		return nil
	}
	return refuse("its host has %s address; only public addresses are fetched from, unless the installation allows others", r.what)
}

// reserved is a range of addresses that are not public.
type reserved struct {
	prefix netip.Prefix
	// what stands before the word address in an error.
	what string
	// private ranges are those that AllowPrivate allows.
	private bool
}

// reservedRanges are those of the registries of special addresses (RFC 6890
// and its updates), with the address of Azure's host agent, which is public
// and answers as metadata services do. The first that fits counts.
var reservedRanges = []reserved{
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback", true},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private", true},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private", true},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private", true},
	{netip.MustParsePrefix("100.100.100.200/32"), "a metadata service's", false},
	{netip.MustParsePrefix("100.64.0.0/10"), "a shared", true},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local", false},
	{netip.MustParsePrefix("168.63.129.16/32"), "a metadata service's", false},
	{netip.MustParsePrefix("0.0.0.0/8"), "an unspecified", false},
	{netip.MustParsePrefix("192.0.0.0/24"), "a reserved", false},
	{netip.MustParsePrefix("192.0.2.0/24"), "a documentation", false},
	{netip.MustParsePrefix("192.88.99.0/24"), "a reserved", false},
	{netip.MustParsePrefix("198.18.0.0/15"), "a benchmarking", false},
	{netip.MustParsePrefix("198.51.100.0/24"), "a documentation", false},
	{netip.MustParsePrefix("203.0.113.0/24"), "a documentation", false},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast", false},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved", false},

	{netip.MustParsePrefix("::1/128"), "a loopback", true},
	{netip.MustParsePrefix("::/128"), "an unspecified", false},
	{netip.MustParsePrefix("fd00:ec2::/32"), "a metadata service's", false},
	{netip.MustParsePrefix("fd20:ce::/32"), "a metadata service's", false},
	{netip.MustParsePrefix("fc00::/7"), "a unique local", true},
	{netip.MustParsePrefix("fe80::/10"), "a link-local", false},
	{netip.MustParsePrefix("ff00::/8"), "a multicast", false},
	{netip.MustParsePrefix("2001::/23"), "a reserved", false},
	{netip.MustParsePrefix("2001:db8::/32"), "a documentation", false},
	{netip.MustParsePrefix("2002::/16"), "a 6to4", false},
	{netip.MustParsePrefix("3fff::/20"), "a documentation", false},
}

var (
	// globalIPv6 is all of IPv6 that is assigned for public use.
	globalIPv6 = netip.MustParsePrefix("2000::/3")
	// nat64 addresses stand for the IPv4 address in their last four bytes
	// (RFC 6052).
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// reservedRange returns the range that says why an address is not public. It
// is false for a public one.
func reservedRange(addr netip.Addr) (reserved, bool) {
	if nat64.Contains(addr) {
		b := addr.As16()
		r, ok := reservedRange(netip.AddrFrom4([4]byte(b[12:])))
		r.private = false
		return r, ok
	}
	for _, r := range reservedRanges {
		if r.prefix.Contains(addr) {
			return r, true
		}
	}
	return reserved{what: "a reserved"}, addr.Is6() && !globalIPv6.Contains(addr)
}
