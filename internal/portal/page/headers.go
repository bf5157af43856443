package page

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// maxForwarded bounds the addresses that are read of X-Forwarded-For.
const maxForwarded = 16

// permissions turns off what no page of the portal needs.
const permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"

// security sets the headers that bound what a page may do and who may use it.
func (s *Site) security(x *Exchange) {
	h := x.W.Header()
	h.Set("Content-Security-Policy", policy(x.connect, x.submit))
	h.Set("X-Content-Type-Options", "nosniff")
	// With no-referrer, browsers would send forms with the origin "null".
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Permissions-Policy", permissions)
	s.transport(h)
}

func (s *Site) transport(h http.Header) {
	if s.Secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// policy is the content security policy, with the origins that a page may call
// and send forms to besides the portal's own.
func policy(connect, submit []string) string {
	with := func(origins []string) string {
		if len(origins) == 0 {
			return "'self'"
		}
		return "'self' " + strings.Join(origins, " ")
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src " +
		with(connect) + "; form-action " + with(submit) + "; frame-ancestors 'none'; base-uri 'none'"
}

// ClientAddress is the address of a request's client. What proxies say is
// believed only where the connection comes from one that is trusted, and then
// from the end, up to the first address that is no trusted proxy.
func (s *Site) ClientAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := peer.Addr().Unmap()
	if !s.trusts(address) {
		return address
	}
	list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(list) - 1; i >= max(0, len(list)-maxForwarded); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(list[i]))
		if err != nil {
			return address
		}
		address = next.Unmap().WithZone("")
		if !s.trusts(address) {
			return address
		}
	}
	return address
}

func (s *Site) trusts(a netip.Addr) bool {
	for _, p := range s.trustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func queryEscape(text string) string { return url.QueryEscape(text) }
