package listen

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// takeHTTP1 makes a message of a request whose head the connection has checked.
// The engine's own reading of the fields is not used: it has lost their order
// and spelling.
func takeHTTP1(dst *message.Request, c *conn, r *http.Request) *Refusal {
	h := c.nextHead()
	dst.Method, dst.Protocol, dst.Upgrade = h.method, h.protocol, h.upgrade
	dst.Header.CopyFrom(&h.fields)
	authority := h.authority
	if authority == "" {
		authority = c.LocalAddr().String() // HTTP/1.0 need not say whom it means.
	}
	return takeTarget(dst, c, r, authority, h.target)
}

// takeTarget takes what both versions of HTTP have in common.
func takeTarget(dst *message.Request, c *conn, r *http.Request, authority, target string) *Refusal {
	dst.Context, dst.Client = r.Context(), c.client
	dst.URL.Scheme = "http"
	if c.secure != nil {
		dst.URL.Scheme, dst.TLS = "https", &c.secure.TLS
	}
	takeAuthority(&dst.URL, authority)
	if !c.secure.serves(dst.URL.Host) {
		return refusedMisdirected
	}
	var query string
	dst.URL.Path, query, _ = strings.Cut(target, "?")
	dst.URL.Query = canonicalQuery(query)
	return nil
}

// takeAuthority divides an authority that has been found valid.
func takeAuthority(dst *message.URL, authority string) {
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		host, port = authority[:i], authority[i+1:]
	}
	dst.Host = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if n, err := strconv.ParseUint(port, 10, 16); err == nil && n != uint64(message.DefaultPort(dst.Scheme)) {
		dst.Port = uint16(n)
	}
}

// canonicalQuery escapes what a query may not hold as it is.
func canonicalQuery(query string) string {
	if inSet(&queryBytes, query) {
		return query
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(query)+16)
	for i := range len(query) {
		if c := query[i]; queryBytes[c] {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&0xf])
		}
	}
	return string(b)
}

// takeHTTP2 makes a message of a request of HTTP/2. The engine has checked names
// and values; what it lets through of RFC 9113 §8.3 is checked here.
func takeHTTP2(dst *message.Request, c *conn, r *http.Request) *Refusal {
	dst.Method, dst.Protocol = r.Method, message.HTTP2
	if refused := checkHTTP2(r); refused != nil {
		return refused
	}
	if refused := takeFields(dst, r.Header); refused != nil {
		return refused
	}
	return takeTarget(dst, c, r, r.Host, r.RequestURI)
}

// checkHTTP2 checks the pseudo-fields of a request of HTTP/2.
func checkHTTP2(r *http.Request) *Refusal {
	target := []byte(r.RequestURI)
	switch {
	case len(r.Method) > MaxMethodBytes:
		return refusedLongMethod
	case !message.ValidFieldName(r.Method):
		return refusedMethod
	case len(target) > MaxTargetBytes:
		return refusedLongTarget
	case len(target) == 0 || (target[0] != '/' && string(target) != "*"):
		return refusedTarget
	case r.Host == "":
		return refusedNoHost
	case !validAuthority(r.Host):
		return refusedHost
	}
	switch hosts := r.Header["Host"]; {
	case len(hosts) > 1:
		return refusedHosts
	case len(hosts) == 1 && !sameAuthority(hosts[0], r.Host):
		return refusedOtherHost
	case len(r.Header) > MaxFields:
		return refusedManyFields
	}
	if refused := checkLengthHTTP2(r); refused != nil {
		return refused
	}
	return checkTarget([]byte(r.Method), target)
}

// checkLengthHTTP2 refuses a length that is not that of the data (RFC 9113
// §8.1.1). While there are data, the engine counts them.
func checkLengthHTTP2(r *http.Request) *Refusal {
	lengths := r.Header["Content-Length"]
	if len(lengths) == 0 {
		return nil
	}
	if n, ok := readDecimal(lengths[0]); !ok || len(lengths) > 1 || n != r.ContentLength {
		return refusedLength
	}
	return nil
}

// takeFields takes the fields of HTTP/2, in the order of their names: the engine
// has lost the one in which they came.
func takeFields(dst *message.Request, h http.Header) *Refusal {
	var space [MaxFields]string
	names := space[:0]
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := message.NameOf(name)
		switch {
		case n.Is(message.Host), isConnectionField(n):
			continue
		case n.Is(message.Expect) && !message.EqualFold(h[name][0], "100-continue"):
			return refusedExpect
		case isTwin(name):
			return refusedTwin
		}
		for _, v := range h[name] {
			if len(v) > MaxFieldBytes {
				return refusedLongField
			}
			if !message.ValidFieldValue(v) {
				return refusedFieldValue
			}
			dst.Header.Add(n, v)
		}
	}
	return nil
}
