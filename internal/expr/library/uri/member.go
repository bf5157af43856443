package uri

import (
	"net/netip"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// class is the type Uri.
func class(c *value.Call) value.Type { return object.Of(c.Thread).Named("System.Uri") }

func newURI(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "uriString"); e != nil {
		return value.Nil, e
	}
	kind := int64(absoluteOnly)
	if len(c.Args) > 1 {
		kind = c.Int(1)
	}
	r, e := parse(c.Result, c.Go(0), kind)
	if e != nil {
		return value.Nil, e
	}
	return value.OfObject(r), nil
}

// argument is a Uri, or a string read as one of any kind.
func argument(c *value.Call, i int, param string) (*reference, *value.Exception) {
	if r, ok := c.Object(i).(*reference); ok {
		return r, nil
	}
	if e := c.NotNull(i, param); e != nil {
		return nil, e
	}
	if s := strings.TrimSpace(c.Go(i)); strings.HasPrefix(s, "/") {
		return &reference{class: class(c), original: c.Go(i), relative: true}, nil
	}
	return parse(class(c), c.Go(i), relativeOrAbsolute)
}

func newRelative(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "baseUri"); e != nil {
		return value.Nil, e
	}
	base := of(c.Args[0])
	if base.relative {
		return value.Nil, value.OutOfRange("baseUri", "This operation is not supported for a relative URI.")
	}
	ref, e := argument(c, 1, "relativeUri")
	if e != nil {
		return value.Nil, e
	}
	r, e := combine(base, ref)
	if e != nil {
		return value.Nil, e
	}
	return value.OfObject(r), nil
}

func tryCreate(c *value.Call) (value.Value, *value.Exception) {
	const result = 2
	c.Args[result] = value.Nil
	if c.Args[0].IsNull() {
		return c.ReturnBool(false)
	}
	r, e := parse(class(c), c.Go(0), c.Int(1))
	if e != nil {
		return c.ReturnBool(false)
	}
	c.Args[result] = value.OfObject(r)
	return c.ReturnBool(true)
}

func tryCombine(c *value.Call) (value.Value, *value.Exception) {
	const result = 2
	c.Args[result] = value.Nil
	v, e := newRelative(c)
	if e != nil {
		return c.ReturnBool(false)
	}
	c.Args[result] = v
	return c.ReturnBool(true)
}

// isWellFormed reports whether a reference is escaped already.
func isWellFormed(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return c.ReturnBool(false)
	}
	s := c.Go(0)
	r, e := parse(nil, s, c.Int(1))
	if e != nil || r.scheme == "file" && strings.HasPrefix(s, "/") {
		return c.ReturnBool(false)
	}
	return c.ReturnBool(escape(s) == s || len(escape(s)) <= len(s))
}

func isBaseOf(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "uri"); e != nil {
		return value.Nil, e
	}
	base, r := of(c.Args[0]), of(c.Args[1])
	if base.relative {
		return c.ReturnBool(false)
	}
	if r.relative {
		return c.ReturnBool(true)
	}
	dir := base.path[:strings.LastIndexByte(base.path, '/')+1]
	return c.ReturnBool(base.left() == r.left() && strings.HasPrefix(r.path, dir))
}

func makeRelative(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "uri"); e != nil {
		return value.Nil, e
	}
	base, r := of(c.Args[0]), of(c.Args[1])
	if base.relative {
		return value.Nil, relativeError()
	}
	if r.relative || base.left() != r.left() {
		return c.Args[1], nil
	}
	text := difference(base.path, r.path) + r.query + r.fragment
	return value.OfObject(&reference{class: c.Result, original: text, relative: true}), nil
}

// difference is the path that leads from one to another.
func difference(from, to string) string {
	common := 0
	for i := 0; i < len(from) && i < len(to) && from[i] == to[i]; i++ {
		if from[i] == '/' {
			common = i + 1
		}
	}
	if from == to {
		return ""
	}
	rest := strings.Repeat("../", strings.Count(from[common:], "/")) + to[common:]
	if rest == "" {
		return "./"
	}
	return rest
}

func leftPart(c *value.Call) (value.Value, *value.Exception) {
	r := of(c.Args[0])
	if r.relative {
		return value.Nil, relativeError()
	}
	const scheme, authority, path = 0, 1, 2
	switch c.Int(1) {
	case scheme:
		if r.hierarchy {
			return c.ReturnString(r.scheme + "://")
		}
		return c.ReturnString(r.scheme + ":")
	case authority:
		return c.ReturnString(r.left())
	case path:
		return c.ReturnString(r.left() + r.path)
	default:
		return c.ReturnString(r.left() + r.path + r.query)
	}
}

func equal(c *value.Call) bool {
	if c.Args[0].IsNull() || c.Args[1].IsNull() {
		return c.Args[0].IsNull() && c.Args[1].IsNull()
	}
	return of(c.Args[0]).EqualTo(c.Args[1])
}

func same(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(equal(c)) }

func other(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(!equal(c)) }

func isLoopback(r *reference) bool {
	host := strings.Trim(r.host, "[]")
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || host == "loopback" || err == nil && addr.IsLoopback() || r.scheme == "file" && host == ""
}

// nameType is UriHostNameType's number of a host.
func nameType(host string) int64 {
	const unknown, basic, dns, ipv4, ipv6 = 0, 1, 2, 3, 4
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case host == "":
		return unknown
	case err == nil && addr.Is4():
		return ipv4
	case err == nil:
		return ipv6
	case strings.ContainsAny(host, " /?#@:[]<>%"):
		return unknown
	case strings.HasPrefix(host, "."):
		return basic
	default:
		return dns
	}
}

func checkHostName(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnInt(nameType(c.Go(0)))
}

func hostNameType(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	r := of(o)
	if r.relative {
		return 0, relativeError()
	}
	const basic = 1
	if r.host == "" {
		return basic, nil
	}
	return nameType(r.host), nil
}
