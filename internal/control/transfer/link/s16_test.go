package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// hosts are spellings of places that nobody may reach through an import. Each
// is put before the port of a server that listens on all addresses.
var hosts = []string{
	"127.0.0.1", "127.0.0.1.", "127.1.2.3", "127.1", "127.0.1", "0.0.0.0", "0", "0.0.0.0.",
	"2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "0X7F.0X0.0X0.0X1", "017700000001", "0177.0.0.1", "0177.0.0.01", "127.0.0.0x1",
	"00000127.0.0.1", "4294967297",
	"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
	"[64:ff9b::7f00:1]", "[64:ff9b::169.254.169.254]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]",
	"[::1%25lo]", "[fe80::1%25lo]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[ff05::2]", "[fc00::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[100::1]",
	"169.254.169.254", "169.254.169.253", "169.254.0.1", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]",
	"168.63.129.16", "100.100.100.200", "100.64.0.1", "192.0.0.192",
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "[::ffff:10.0.0.1]", "0xa000001", "012.0.0.1",
	"198.18.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
	"localhost", "LOCALHOST", "localhost.", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "127.0.0.1%00", "127.0.0.1%2f",
	"a.example@127.0.0.1", "a.example:80@127.0.0.1",
	// Names, which the resolver of the tests knows.
	"loopback.example", "mapped.example", "metadata.example", "private.example", "unique-local.example", "both.example",
}

// schemes are other ways to reach a place; %s is host and port.
var schemes = []string{
	"file:///etc/passwd", "gopher://%s/_", "ftp://%s/", "dict://%s/", "ldap://%s/", "data:text/plain,a", "jar:http://%s!/", "unix:///run/a.sock",
	"//%s/", "http:%s", "javascript:alert(1)", "ws://%s/", "netdoc:///etc/passwd",
}

// names is what the resolver of the tests answers.
func names() map[string][]netip.Addr {
	parse := func(texts ...string) (out []netip.Addr) {
		for _, text := range texts {
			out = append(out, netip.MustParseAddr(text))
		}
		return out
	}
	return map[string][]netip.Addr{
		"loopback.example.":     parse("127.0.0.1"),
		"mapped.example.":       parse("::ffff:127.0.0.1"),
		"metadata.example.":     parse("169.254.169.254"),
		"private.example.":      parse("10.0.0.1", "192.168.0.1"),
		"unique-local.example.": parse("fd00:ec2::254"),
		"both.example.":         parse("127.0.0.1", "::1"),
		"localhost.":            parse("127.0.0.1", "::1"),
	}
}

// nameServer is a resolver that asks a DNS server of the test. Answer is asked
// for the addresses of each name.
func nameServer(t *testing.T, answer func(name string) []netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply, err := dnsReply(buffer[:n], answer); err == nil {
				if _, err := conn.WriteTo(reply, from); err != nil {
					return
				}
			}
		}
	})
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func dnsReply(query []byte, answer func(name string) []netip.Addr) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	m.Response, m.Authoritative = true, true
	m.Additionals = nil
	q := m.Questions[0]
	for _, a := range answer(q.Name.String()) {
		header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return m.Pack()
}

// everywhere starts a server on all addresses of the machine and returns its
// port.
func everywhere(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	if err := s.Listener.Close(); err != nil {
		t.Fatal(err)
	}
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// attacks are all URLs that must be refused.
func attacks(port string) (out []string) {
	for _, h := range hosts {
		out = append(out, "http://"+h+":"+port+"/latest/meta-data/", "https://"+h+":"+port+"/")
	}
	for _, s := range schemes {
		if strings.Contains(s, "%s") {
			s = fmt.Sprintf(s, "127.0.0.1:"+port)
		}
		out = append(out, s)
	}
	return out
}

func isRefused(err error) bool {
	var refused *refusedError
	return errors.As(err, &refused)
}

// TestS16_ServerSideRequestForgery fetches from all those places directly, and
// then by a redirect of a server that may be reached. Nothing may arrive.
func TestS16_ServerSideRequestForgery(t *testing.T) {
	var reached atomic.Int32
	port := everywhere(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	redirector := everywhere(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	}))
	known := names()
	f := New(Options{
		Allow:    []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")},
		Resolver: nameServer(t, func(name string) []netip.Addr { return known[strings.ToLower(name)] }),
	})
	tried, refused := 0, 0
	for _, attack := range attacks(port) {
		for _, u := range []string{attack, "http://127.0.0.2:" + redirector + "/?to=" + url.QueryEscape(attack)} {
			if strings.Contains(u, "?to=%2F%2F") || strings.Contains(u, "?to=http%3A127") {
				continue // A reference to the redirector's own scheme, which is tried as a URL.
			}
			tried++
			data, err := f.Fetch(t.Context(), u)
			if err == nil {
				t.Errorf("%s is fetched: %q", u, data)
				continue
			}
			if isRefused(err) || unusable(err) {
				refused++
				continue
			}
			t.Errorf("%s fails, but is not refused: %v", u, err)
		}
	}
	if reached.Load() != 0 {
		t.Errorf("%d requests arrived", reached.Load())
	}
	fmt.Printf("S16: importers: %d of %d links refused, %d arrived (limit: all refused, 0 arrived)\n", refused, tried, reached.Load())
}

// unusable reports whether the HTTP client itself refused a Location that is
// no URL.
func unusable(err error) bool {
	return strings.Contains(err.Error(), "failed to parse Location header")
}

// TestS16_ServerSideRequestForgery_NegativeControl shows that the server is
// reached by the same list where private addresses are allowed, and by a
// client without these rules.
func TestS16_ServerSideRequestForgery_NegativeControl(t *testing.T) {
	var reached atomic.Int32
	port := everywhere(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	known := names()
	resolver := nameServer(t, func(name string) []netip.Addr { return known[strings.ToLower(name)] })
	f := New(Options{AllowPrivate: true, Resolver: resolver})
	for _, h := range []string{"127.0.0.1", "127.1.2.3", "[::ffff:127.0.0.1]", "localhost", "loopback.example", "both.example"} {
		if _, err := f.Fetch(t.Context(), "http://"+h+":"+port+"/"); err != nil {
			t.Errorf("%s: %v", h, err)
		}
	}
	if reached.Load() != 6 {
		t.Errorf("%d of 6 arrived", reached.Load())
	}
	for _, h := range []string{"169.254.169.254", "2130706433", "metadata.example"} {
		if _, err := f.Fetch(t.Context(), "http://"+h+":"+port+"/"); !isRefused(err) {
			t.Errorf("%s: %v", h, err)
		}
	}
}

// rebound is a server and the name of it that is 127.0.0.2 until a request has
// come, and the loopback address after that.
func rebound(t *testing.T) (link string, resolver *net.Resolver, second *atomic.Int32) {
	t.Helper()
	var first atomic.Int32
	second = new(atomic.Int32)
	port := everywhere(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && strings.Contains(local.String(), "127.0.0.2") {
			first.Add(1)
			http.Redirect(w, r, "/again", http.StatusFound)
			return
		}
		second.Add(1)
	}))
	resolver = nameServer(t, func(string) []netip.Addr {
		if first.Load() == 0 {
			return []netip.Addr{netip.MustParseAddr("127.0.0.2")}
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	})
	return "http://rebound.example:" + port + "/", resolver, second
}

// TestS16_Rebinding has a name that is an allowed address when it is looked up
// first, and one that is not allowed after that.
func TestS16_Rebinding(t *testing.T) {
	link, resolver, second := rebound(t)
	f := New(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, Resolver: resolver})
	if _, err := f.Fetch(t.Context(), link); !isRefused(err) || second.Load() != 0 {
		t.Errorf("%d requests, %v", second.Load(), err)
	}
	fmt.Printf("S16: importers: a name that moves to the loopback address: %d arrived (limit: 0)\n", second.Load())
}

// TestS16_Rebinding_NegativeControl follows the same name where all of that is
// allowed.
func TestS16_Rebinding_NegativeControl(t *testing.T) {
	link, resolver, second := rebound(t)
	if _, err := New(Options{AllowPrivate: true, Resolver: resolver}).Fetch(t.Context(), link); err != nil || second.Load() != 1 {
		t.Errorf("%d requests, %v", second.Load(), err)
	}
}
