package listen

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// takeTarget takes where a request goes.
func takeTarget(dst *message.Request, c *peer, r *http.Request, authority, target string) *http1.Refusal {
	dst.Context, dst.Client = r.Context(), c.client
	dst.URL.Scheme = "http"
	if c.secure != nil {
		dst.URL.Scheme, dst.TLS = "https", &c.secure.TLS
	}
	http1.TakeAuthority(&dst.URL, authority)
	if !c.secure.serves(dst.URL.Host) {
		return http1.RefusedMisdirected
	}
	var query string
	dst.URL.Path, query, _ = strings.Cut(target, "?")
	dst.URL.Query = http1.CanonicalQuery(query)
	return nil
}

// takeRequest makes a message of a request of HTTP/2 or HTTP/3. The engine has
// checked names and values; what it lets through of RFC 9113 §8.3 and RFC 9114
// §4.3 is checked here.
func takeRequest(dst *message.Request, c *peer, r *http.Request) *http1.Refusal {
	dst.Method, dst.Protocol = r.Method, c.protocol
	if refused := checkHead(r); refused != nil {
		return refused
	}
	if refused := takeFields(dst, r.Header); refused != nil {
		return refused
	}
	return takeTarget(dst, c, r, r.Host, r.RequestURI)
}

// checkHead checks the pseudo-fields of a request.
func checkHead(r *http.Request) *http1.Refusal {
	target := []byte(r.RequestURI)
	switch {
	case len(r.Method) > http1.MaxMethodBytes:
		return http1.RefusedLongMethod
	case !message.ValidFieldName(r.Method):
		return http1.RefusedMethod
	case len(target) > http1.MaxTargetBytes:
		return http1.RefusedLongTarget
	case len(target) == 0 || (target[0] != '/' && string(target) != "*"):
		return http1.RefusedTarget
	case r.Host == "":
		return http1.RefusedNoHost
	case !http1.ValidAuthority(r.Host):
		return http1.RefusedHost
	}
	switch hosts := r.Header["Host"]; {
	case len(hosts) > 1:
		return http1.RefusedHosts
	case len(hosts) == 1 && !http1.SameAuthority(hosts[0], r.Host):
		return http1.RefusedOtherHost
	case fieldCount(r.Header) > http1.MaxFields:
		return http1.RefusedManyFields
	}
	if refused := checkLength(r); refused != nil {
		return refused
	}
	return http1.CheckTarget([]byte(r.Method), target)
}

// fieldCount returns how many field lines there are.
func fieldCount(h http.Header) (n int) {
	for _, values := range h {
		n += len(values)
	}
	return n
}

// checkLength refuses a length that is not that of the data (RFC 9113 §8.1.1,
// RFC 9114 §4.1.2). While there are data, the engine counts them.
func checkLength(r *http.Request) *http1.Refusal {
	lengths := r.Header["Content-Length"]
	if len(lengths) == 0 {
		return nil
	}
	if n, ok := http1.ReadDecimal(lengths[0]); !ok || len(lengths) > 1 || n != r.ContentLength {
		return http1.RefusedLength
	}
	return nil
}

// takeFields takes the fields, in the order of their names: the engine
// has lost the one in which they came.
func takeFields(dst *message.Request, h http.Header) *http1.Refusal {
	var space [http1.MaxFields]string
	names := space[:0]
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := message.NameOf(name)
		switch {
		case n.Is(message.Host), n.ForConnection():
			continue
		case n.Is(message.Expect) && !message.EqualFold(h[name][0], "100-continue"):
			return http1.RefusedExpect
		case http1.IsTwin(name):
			return http1.RefusedTwin
		}
		for _, v := range h[name] {
			if len(v) > http1.MaxFieldBytes {
				return http1.RefusedLongField
			}
			if !message.ValidFieldValue(v) {
				return http1.RefusedFieldValue
			}
			dst.Header.Add(n, v)
		}
	}
	return nil
}
