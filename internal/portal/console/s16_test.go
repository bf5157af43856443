package console

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// elsewhere are ways to name another host than the gateway, for each place in
// which a visitor may write something.
func elsewhere(host string) []string {
	port := host[strings.LastIndexByte(host, ':')+1:]
	list := []string{
		"//" + host, "///" + host, `\\` + host, `/\` + host, `\/` + host, "http://" + host, "http:/" + host, "http:" + host, "//" + host + "/..",
		"@" + host, "x@" + host, ":x@" + host, "." + host, ".." + host, "../../..//" + host, "..%2f..%2f@" + host, "%2f%2f" + host, "%252f%252f" + host,
		"/%09/" + host, "\t//" + host, "#@" + host, "?@" + host, "/..;/" + host, "..;x/" + host, "%00@" + host, "\x00@" + host,
		"\r\nHost: " + host, "%0d%0aHost: " + host, " HTTP/1.1\r\nHost: " + host + "\r\n\r\nGET / HTTP/1.1\r\n", "://" + host, "[::1]:" + port, "[::ffff:127.0.0.1]:" + port,
		"0x7f000001:" + port, "2130706433:" + port, "0177.0.0.1:" + port, "127.1:" + port, "localhost:" + port, "169.254.169.254", "metadata.google.internal",
		"file:///etc/passwd", "gopher://" + host, "unix:/var/run/docker.sock", "javascript:alert(1)", "*", ".", "..", "./", "../", "....//", "/;@" + host,
	}
	return list
}

// places are the fields in which a visitor may write something, each with what
// makes it part of a request that is otherwise good.
var places = []struct {
	name string
	with func(value string) []string
}{
	{"a path parameter", func(v string) []string { return []string{"path.id", v} }},
	{"a query parameter", func(v string) []string { return []string{"path.id", "7", "query.size", v} }},
	{"a name of a query parameter", func(v string) []string { return []string{"path.id", "7", "query." + v, "x"} }},
	{"another path parameter", func(v string) []string { return []string{"path.id", "7", "path.host", v} }},
	{"a query line", func(v string) []string { return []string{"path.id", "7", "morequery", "a=" + v + "\n" + v} }},
	{"a header", func(v string) []string { return []string{"path.id", "7", "header.X-Trace-Name", v} }},
	{"a name of a header", func(v string) []string { return []string{"path.id", "7", "header." + v, "x"} }},
	{"host", func(v string) []string { return []string{"path.id", "7", "header.Host", v} }},
	{"forwarded host", func(v string) []string { return []string{"path.id", "7", "moreheaders", "X-Forwarded-Host: " + v} }},
	{"a header line", func(v string) []string { return []string{"path.id", "7", "moreheaders", "X-A: " + v + "\n" + v} }},
	{"a body", func(v string) []string { return []string{"path.id", "7", "media", "text/plain", "body", v} }},
	{"a media type", func(v string) []string { return []string{"path.id", "7", "media", v} }},
	{"a field of a form", func(v string) []string { return []string{"path.id", "7", "media", formMedia, "form." + v, v} }},
	{"a key", func(v string) []string { return []string{"path.id", "7", "key", "typed", "typedkey", v} }},
	{"a subscription", func(v string) []string { return []string{"path.id", "7", "key", v} }},
	{"a token", func(v string) []string { return []string{"path.id", "7", "token", v} }},
	{"fields that there are not", func(v string) []string {
		return []string{"path.id", "7", "url", v, "gateway", v, "base", v, "host", v, "method", v, "api", v, "template", v}
	}},
}

// dialled has a proxy send what a visitor wrote and returns what it would have
// dialled, and whether anything was refused before.
func dialled(t *testing.T, tg *target, guard bool, pairs []string) (addresses []string, refused bool) {
	t.Helper()
	d := &draft{Fields: url.Values{}, Files: map[string]upload{}}
	for i := 0; i < len(pairs); i += 2 {
		d.Fields.Add(pairs[i], pairs[i+1])
	}
	out, err := d.build(tg)
	if err != nil {
		return nil, true
	}
	c := &console{}
	p := &place{API: apiForTests}
	if err := c.addKey(context.Background(), &page.Exchange{R: requestForTests(t)}, p, d, out); err != nil {
		return nil, true
	}
	known := tg.Gateway
	proxy := newProxy(clock.System(), func() *url.URL { return known }, nil, nil)
	inner := proxy.transport.DialContext
	stop := errors.New("nothing is dialled in this test")
	proxy.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if guard {
			// The guard comes first, as it does outside of tests.
			cancelled, cancel := context.WithCancel(ctx)
			cancel()
			if _, err := inner(cancelled, network, address); errors.Is(err, errElsewhere) {
				return nil, err
			}
		}
		addresses = append(addresses, address)
		return nil, stop
	}
	answer, _, err := proxy.send(t.Context(), out)
	if err == nil {
		_ = answer.Body.Close()
		t.Errorf("%v was answered", pairs)
	}
	return addresses, false
}

func requestForTests(t *testing.T) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestS16_ConsoleReachesTheGatewayOnly writes every way to another host into
// every place, for several URL templates: only the gateway is dialled.
func TestS16_ConsoleReachesTheGatewayOnly(t *testing.T) {
	tried, refusals, elsewhereDialled := 0, 0, 0
	for _, template := range []string{"/orders/{id}", "/{*id}", "/{id}", "{id}", "/a/{id}.json?host={host}", "/{host}/*"} {
		for _, place := range places {
			for _, value := range elsewhere("127.0.0.1:9") {
				tg := &target{Gateway: mustURL(t, "http://gate.invalid:8080"), Template: template, Method: http.MethodPost}
				addresses, refused := dialled(t, tg, true, place.with(value))
				if tried++; refused {
					refusals++
				}
				for _, a := range addresses {
					if a != "gate.invalid:8080" {
						elsewhereDialled++
						t.Errorf("%s, %q in %s: dialled %s", template, value, place.name, a)
					}
				}
			}
		}
	}
	fmt.Printf("S16: console: %d of %d requests led elsewhere, %d were refused (0)\n", elsewhereDialled, tried, refusals)
}

// TestS16_ConsoleReachesTheGatewayOnly_NegativeControl joins a value to the
// gateway's URL as it is, without the guard: it leads elsewhere.
func TestS16_ConsoleReachesTheGatewayOnly_NegativeControl(t *testing.T) {
	found := 0
	for _, value := range elsewhere("127.0.0.1:9") {
		u, err := url.Parse("http://gate.invalid" + value)
		if err != nil || u.Host == "gate.invalid" || u.Host == "" {
			continue
		}
		out := &outgoing{Method: http.MethodGet, URL: u}
		proxy := newProxy(clock.System(), func() *url.URL { return nil }, nil, nil)
		proxy.transport.DialContext = func(_ context.Context, _, address string) (net.Conn, error) {
			if !strings.HasPrefix(address, "gate.invalid:80") {
				found++
			}
			return nil, errElsewhere
		}
		if answer, _, err := proxy.send(t.Context(), out); err == nil {
			_ = answer.Body.Close()
		}
	}
	if found == 0 {
		t.Error("a URL that is only joined together led nowhere else: the test would see nothing")
	}
}

// TestProxy_RefusesElsewhere calls the guard itself: it dials the gateway alone,
// whatever a URL says, and dials nothing before the gateway is known.
func TestProxy_RefusesElsewhere(t *testing.T) {
	gateway := newListener(t, nil)
	other := newListener(t, nil)
	for _, known := range []*url.URL{nil, mustURL(t, gateway.URL)} {
		p := newProxy(clock.System(), func() *url.URL { return known }, nil, nil)
		answer, _, err := p.send(t.Context(), &outgoing{Method: http.MethodGet, URL: mustURL(t, other.URL)})
		if err == nil {
			_ = answer.Body.Close()
		}
		if !errors.Is(err, errElsewhere) {
			t.Errorf("got %v", err)
		}
	}
	if len(other.requests()) != 0 {
		t.Error("another host was called")
	}
}
