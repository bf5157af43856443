package message

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// URL is a URL in parts. Path and Query are in their escaped form, exactly as
// they are matched and forwarded.
type URL struct {
	Scheme string // "http", "https", "ws" or "wss"; lower case
	Host   string // name or address without port, lower case; an IPv6 address without its brackets
	Port   uint16 // 0 for the scheme's default port
	Path   string // begins with "/" or is empty
	Query  string // without the "?"
}

// ParseURL reads an absolute URL of a backend or of a policy. User information
// and fragments are refused: neither can be forwarded.
func ParseURL(text string) (URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return URL{}, fmt.Errorf("reading URL: %w", err)
	}
	switch {
	case u.Scheme == "" || u.Host == "":
		return URL{}, fmt.Errorf("URL %q is not absolute: write it with scheme and host", text)
	case u.User != nil:
		return URL{}, errors.New("URL has user information: use the credentials of a backend")
	case u.Fragment != "":
		return URL{}, fmt.Errorf("URL %q has a fragment", text)
	}
	out := URL{
		Scheme: strings.ToLower(u.Scheme), Host: strings.ToLower(u.Hostname()),
		Path: u.EscapedPath(), Query: escapeRawQuery(u.RawQuery),
	}
	switch out.Scheme {
	case "http", "https", "ws", "wss":
	default:
		return URL{}, fmt.Errorf("URL %q has the scheme %q: http, https, ws and wss are served", text, u.Scheme)
	}
	if out.Host == "" {
		return URL{}, fmt.Errorf("URL %q has no host", text)
	}
	if !validHost(out.Host) {
		return URL{}, fmt.Errorf("URL %q has the host %q: write a name in ASCII (as xn--...), or an address without zone", text, out.Host)
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return URL{}, fmt.Errorf("URL %q has the port %q: 1 to 65535 is possible", text, p)
		}
		if n != uint64(DefaultPort(out.Scheme)) {
			out.Port = uint16(n)
		}
	}
	return out, nil
}

// validHost reports whether a host is spelled as names and addresses are.
func validHost(host string) bool {
	if strings.IndexByte(host, ':') >= 0 {
		address, err := netip.ParseAddr(host)
		return err == nil && address.Zone() == ""
	}
	for i := range len(host) {
		c := lower(host[i])
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("-._", rune(c)) {
			return false
		}
	}
	return true
}

// escapeRawQuery escapes what cannot stand in a query. What is escaped already
// stays as it is.
func escapeRawQuery(query string) string {
	if strings.IndexFunc(query, neverInQuery) < 0 {
		return query
	}
	var b strings.Builder
	for i := range len(query) {
		if neverInQuery(rune(query[i])) {
			fmt.Fprintf(&b, "%%%02X", query[i])
			continue
		}
		b.WriteByte(query[i])
	}
	return b.String()
}

// neverInQuery reports whether a byte, or a character that has more than one, has
// to be escaped in a query (RFC 3986 §3.4).
func neverInQuery(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}#", r)
}

// DefaultPort returns the port that a scheme means when none is written, or 0.
func DefaultPort(scheme string) uint16 {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	}
	return 0
}

// EffectivePort returns the port, the scheme's default where none is written.
func (u *URL) EffectivePort() uint16 {
	if u.Port != 0 {
		return u.Port
	}
	return DefaultPort(u.Scheme)
}

// Authority returns host and port as a Host field has them: brackets around an
// IPv6 address, the port only where it is not the scheme's default.
func (u *URL) Authority() string {
	v6 := strings.IndexByte(u.Host, ':') >= 0
	if u.Port == 0 && !v6 {
		return u.Host
	}
	return string(u.AppendAuthority(make([]byte, 0, len(u.Host)+8)))
}

// AppendAuthority appends what Authority returns.
func (u *URL) AppendAuthority(dst []byte) []byte {
	if strings.IndexByte(u.Host, ':') >= 0 {
		dst = append(dst, '[')
		dst = append(dst, u.Host...)
		dst = append(dst, ']')
	} else {
		dst = append(dst, u.Host...)
	}
	if u.Port != 0 {
		dst = append(dst, ':')
		dst = strconv.AppendUint(dst, uint64(u.Port), 10)
	}
	return dst
}

// AppendTarget appends the origin-form request target: path and query.
func (u *URL) AppendTarget(dst []byte) []byte {
	if u.Path == "" {
		dst = append(dst, '/')
	}
	dst = append(dst, u.Path...)
	if u.Query != "" {
		dst = append(dst, '?')
		dst = append(dst, u.Query...)
	}
	return dst
}

// String returns the whole URL.
func (u *URL) String() string {
	b := make([]byte, 0, len(u.Scheme)+len(u.Host)+len(u.Path)+len(u.Query)+16)
	b = append(b, u.Scheme...)
	b = append(b, "://"...)
	return string(u.AppendTarget(u.AppendAuthority(b)))
}

// QueryParameter returns the decoded value of the first query parameter with
// exactly that name, and whether there is one. It allocates only where the
// value is escaped. A parameter whose escapes are broken has its raw value.
func (u *URL) QueryParameter(name string) (string, bool) {
	for p := range u.QueryParameters() {
		if p.nameIs(name) {
			return p.Value(), true
		}
	}
	return "", false
}

// QueryParameters ranges over the query's parameters in order.
func (u *URL) QueryParameters() func(yield func(Parameter) bool) {
	return func(yield func(Parameter) bool) {
		rest := u.Query
		for rest != "" {
			var part string
			part, rest, _ = strings.Cut(rest, "&")
			if part == "" {
				continue
			}
			name, value, _ := strings.Cut(part, "=")
			if !yield(Parameter{RawName: name, RawValue: value, Raw: part}) {
				return
			}
		}
	}
}

// Parameter is one parameter of a query, in its escaped form.
type Parameter struct {
	RawName  string
	RawValue string
	Raw      string // the parameter as it stands, with its "=" if it has one
}

// Name returns the decoded name.
func (p Parameter) Name() string { return unescapeQuery(p.RawName) }

// Value returns the decoded value.
func (p Parameter) Value() string { return unescapeQuery(p.RawValue) }

func (p Parameter) nameIs(name string) bool {
	if p.RawName == name {
		return true
	}
	return strings.ContainsAny(p.RawName, "%+") && p.Name() == name
}

func unescapeQuery(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	out, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return out
}

// EscapeQuery escapes a query parameter's name or value. A space becomes %20,
// which every reader of a query understands; "+" is one for forms only.
func EscapeQuery(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
