package message_test

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
)

// lines are the field lines of a header, "Name: value".
func lines(h *message.Header) []string {
	var list []string
	for _, f := range h.Fields() {
		list = append(list, f.Name+": "+f.Value)
	}
	return list
}

func TestHeader(t *testing.T) {
	n := message.NameOf
	tests := []struct {
		name   string
		change func(h *message.Header)
		want   []string
	}{
		{"as it was", func(*message.Header) {}, []string{"Host: a", "x-own: 1", "Cookie: b", "X-Own: 2"}},
		{"added", func(h *message.Header) { h.Add(n("X-Own"), "3") }, []string{"Host: a", "x-own: 1", "Cookie: b", "X-Own: 2", "X-Own: 3"}},
		{"set where there are several", func(h *message.Header) { h.Set(n("X-OWN"), "3") }, []string{"Host: a", "X-OWN: 3", "Cookie: b"}},
		{"set where there is none", func(h *message.Header) { h.Set(n("X-New"), "3") }, []string{"Host: a", "x-own: 1", "Cookie: b", "X-Own: 2", "X-New: 3"}},
		{"set by a well-known name", func(h *message.Header) { h.Set(message.Host, "b") }, []string{"Host: b", "x-own: 1", "Cookie: b", "X-Own: 2"}},
		{"deleted", func(h *message.Header) {
			if !h.Delete(n("x-OWN")) || h.Delete(n("x-own")) {
				t.Error("Delete does not say what it did")
			}
		}, []string{"Host: a", "Cookie: b"}},
		{"filtered", func(h *message.Header) { h.Filter(func(f message.Field) bool { return f.Value < "b" }) }, []string{"Host: a", "x-own: 1", "X-Own: 2"}},
		{"reset", func(h *message.Header) { h.Reset() }, nil},
		{"copied", func(h *message.Header) {
			var c message.Header
			c.CopyFrom(h)
			c.Set(message.Host, "other")
			h.Add(n("X-Len"), c.Fields()[0].Value)
		}, []string{"Host: a", "x-own: 1", "Cookie: b", "X-Own: 2", "X-Len: other"}},
		{"the zero name", func(h *message.Header) { h.Delete(message.Name{}) }, []string{"Host: a", "x-own: 1", "Cookie: b", "X-Own: 2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var h message.Header
			h.Add(n("Host"), "a")
			h.Add(n("x-own"), "1")
			h.Add(message.Cookie, "b")
			h.Add(n("X-Own"), "2")
			test.change(&h)
			if diff := cmp.Diff(test.want, lines(&h)); diff != "" || h.Len() != len(test.want) {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeader_LookUp(t *testing.T) {
	var h message.Header
	own := message.NameOf("X-Own")
	h.Add(own, "1")
	h.Add(message.NameOf("x-OWN"), "2")
	first, ok := h.Get(message.NameOf("x-own"))
	joined, all := h.Joined(own, ", ")
	if first != "1" || !ok || joined != "1, 2" || !all || !h.Has(own) {
		t.Errorf("%q, %q", first, joined)
	}
	if diff := cmp.Diff([]string{"0", "1", "2"}, h.Values([]string{"0"}, own)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if _, ok := h.Get(message.Host); ok || h.Has(message.Host) {
		t.Error("there is a Host")
	}
	if _, ok := h.Joined(message.Host, ","); ok {
		t.Error("there is a Host to join")
	}
	if n := testing.AllocsPerRun(100, func() {
		h.Has(message.NameOf("x-other"))
		h.Get(message.ContentType)
	}); n != 0 {
		t.Errorf("looking up allocates %v times", n)
	}
}

func TestName(t *testing.T) {
	for _, name := range []string{
		"Accept", "TE", "Host", "Content-Type", "Ocp-Apim-Subscription-Key", "Access-Control-Request-Headers", "WWW-Authenticate", "X-Forwarded-For",
	} {
		n := message.NameOf(strings.ToUpper(name))
		if !n.WellKnown() || n.Canonical() != name || n.String() != strings.ToUpper(name) || !n.Is(message.NameOf(strings.ToLower(name))) {
			t.Errorf("%s: %q, well known %v", name, n.Canonical(), n.WellKnown())
		}
	}
	own := message.NameOf("X-Own")
	if own.WellKnown() || !own.Is(message.NameOf("x-own")) || own.Is(message.NameOf("x-owm")) || own.Is(message.Host) || message.Host.Is(own) {
		t.Error("a name that is not well known is taken for another")
	}
	if message.NameOf(strings.Repeat("x", 100)).WellKnown() || message.NameOf("").WellKnown() {
		t.Error("a name of no length, or a long one, is well known")
	}
}

// TestWellKnownNames makes sure that no two of them are taken for one.
func TestWellKnownNames(t *testing.T) {
	all := []message.Name{
		message.Accept, message.AcceptEncoding, message.AcceptLanguage, message.Age, message.Authorization, message.CacheControl, message.Connection,
		message.ContentEncoding, message.ContentLength, message.ContentType, message.Cookie, message.Date, message.ETag, message.Expect, message.Expires,
		message.Forwarded, message.Host, message.IfModifiedSince, message.IfNoneMatch, message.KeepAlive, message.LastModified, message.Location, message.Origin,
		message.ProxyAuthenticate, message.ProxyAuthorization, message.ProxyConnection, message.RetryAfter, message.Server, message.SetCookie, message.SubscriptionKey,
		message.TE, message.Trailer, message.TransferEncoding, message.Upgrade, message.UserAgent, message.Vary, message.Via, message.WWWAuthenticate,
	}
	for i, a := range all {
		for j, b := range all {
			if a.Is(b) != (i == j) {
				t.Errorf("%s and %s", a, b)
			}
		}
	}
}

func TestEqualFold(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{{"", "", true}, {"aZ", "Az", true}, {"a", "b", false}, {"a", "aa", false}, {"\u212a", "k", false}, {"[", "{", false}, {"@", "`", false}} {
		if got := message.EqualFold(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: %v", test.a, test.b, got)
		}
	}
}

func TestValid(t *testing.T) {
	for text, want := range map[string]bool{"X-Own": true, "a!#$%&'*+-.^_`|~9": true, "": false, "a b": false, "a:": false, "a\n": false, "é": false, "(": false} {
		if message.ValidFieldName(text) != want {
			t.Errorf("the name %q", text)
		}
	}
	for text, want := range map[string]bool{"": true, "a b\tc é \xff": true, "a\r": false, "a\n": false, "\x00": false, "\x7f": false} {
		if message.ValidFieldValue(text) != want {
			t.Errorf("the value %q", text)
		}
	}
}

func TestReasonPhrase(t *testing.T) {
	for status, want := range map[int]string{100: "Continue", 200: "OK", 418: "", 429: "Too Many Requests", 511: "Network Authentication Required", 512: "", 99: "", -1: ""} {
		if got := message.StatusText(status); got != want {
			t.Errorf("%d: %q", status, got)
		}
	}
	if r := (&message.Response{Status: 200, Reason: "Fine"}); r.ReasonPhrase() != "Fine" {
		t.Error("a response's own phrase is not told")
	}
}

func TestRequest(t *testing.T) {
	leaf := &x509.Certificate{}
	r := message.Request{TLS: &message.TLS{PeerCertificates: []*x509.Certificate{leaf}}}
	if r.ClientCertificate() != leaf {
		t.Error("the client's certificate is not found")
	}
	for p, want := range map[message.Protocol]string{message.HTTP10: "HTTP/1.0", message.HTTP11: "HTTP/1.1", message.HTTP2: "HTTP/2", 0: "HTTP/?"} {
		if p.String() != want {
			t.Errorf("%d is written %s", p, p)
		}
	}
	cause := errors.New("gone")
	if err := (&message.ClientError{Err: cause}); !errors.Is(err, cause) || err.Error() != "client: gone" {
		t.Errorf("the error is %v", err)
	}
}

func TestForConnection(t *testing.T) {
	for _, name := range []string{"TE", "Trailer", "upgrade", "Connection", "Keep-Alive", "content-length", "Proxy-Connection", "Transfer-Encoding"} {
		if !message.NameOf(name).ForConnection() {
			t.Errorf("%s is for one connection", name)
		}
	}
	for _, name := range []string{"Expires", "Expect", "Host", "Date", "X-Upgrade", "Content-Type", "Proxy-Authorization"} {
		if message.NameOf(name).ForConnection() {
			t.Errorf("%s is not for one connection", name)
		}
	}
}
