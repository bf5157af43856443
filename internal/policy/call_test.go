package policy_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

func TestVariables(t *testing.T) {
	var v policy.Variables
	if _, ok := v.Get("a"); ok || v.Len() != 0 {
		t.Error("the zero Variables has something")
	}
	for _, name := range []string{"b", "a", "b", "A"} {
		v.Set(name, value.OfGo(name+"!"))
	}
	var order []string
	v.Each(func(name string, _ value.Value) bool {
		order = append(order, name)
		return len(order) < 3
	})
	if diff := cmp.Diff([]string{"b", "a", "A"}, order); diff != "" || v.Len() != 3 {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	v.Each(func(string, value.Value) bool { order = nil; return false })
	if got, ok := v.Get("b"); !ok || got.StringOrNull().Go() != "b!" {
		t.Errorf("b is %v", got)
	}
	v.Reset()
	if _, ok := v.Get("b"); ok || v.Len() != 0 {
		t.Error("a variable has outlived Reset")
	}
}

func TestConcurrency(t *testing.T) {
	n := policy.NewConcurrency()
	first, second := n.Enter("k", 2), n.Enter("k", 2)
	if first == nil || second == nil || n.Enter("k", 2) != nil || n.Enter("other", 1) == nil || n.Inside("k") != 2 {
		t.Fatal("the places are not what they should be")
	}
	for range 2 { // Closing it again does nothing.
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n.Inside("k") != 1 || n.Enter("k", 2) == nil || n.Enter("k", 0) != nil {
		t.Error("a place was not given back, or twice")
	}
}

// TestConcurrency_KeyEnds takes places under a key of which the first caller's
// memory is used for something else while others are inside.
func TestConcurrency_KeyEnds(t *testing.T) {
	n, memory := policy.NewConcurrency(), &message.Arena{}
	first, second := n.Enter(memory.Concat("k", "ey"), 3), n.Enter("key", 3)
	memory.Poison('Z')
	third := n.Enter("key", 3)
	if first == nil || second == nil || third == nil || n.Enter("key", 3) != nil || n.Inside("key") != 3 || n.Inside("ZZZ") != 0 {
		t.Errorf("%d and %d are inside", n.Inside("key"), n.Inside("ZZZ"))
	}
	for _, place := range []*policy.Place{first, second, third} {
		if err := place.Close(); err != nil {
			t.Error(err)
		}
	}
	if n.Inside("key") != 0 {
		t.Errorf("%d are still inside", n.Inside("key"))
	}
}

func TestConcurrencyTogether(t *testing.T) {
	const limit, callers = 5, 40
	n := policy.NewConcurrency()
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for range 100 {
				if place := n.Enter("k", limit); place != nil {
					if inside := n.Inside("k"); inside > limit {
						t.Errorf("%d are inside", inside)
					}
					_ = place.Close()
				}
			}
		})
	}
	wait.Wait()
	if n.Inside("k") != 0 {
		t.Errorf("%d places are still taken", n.Inside("k"))
	}
}

// TestDestination changes base URL and path.
func TestDestination(t *testing.T) {
	base := func(text string) *message.URL {
		u, err := message.ParseURL(text)
		if err != nil {
			t.Fatal(err)
		}
		return &u
	}
	c := (&notes{}).call(t, nil)
	c.Request.URL.Path = "/items/1"
	for _, step := range []struct {
		do       func()
		url      string
		relative string
	}{
		{func() { c.SetBaseURL(base("https://one.example/base/")) }, "https://one.example/base/items/1", "/items/1"},
		{func() { c.SetBaseURL(base("http://two.example:8080")) }, "http://two.example:8080/items/1", "/items/1"},
		{func() { c.SetRelativePath("other") }, "http://two.example:8080/other", "/other"},
		{func() { c.SetBaseURL(base("https://three.example/a/b//")) }, "https://three.example/a/b/other", "/other"},
		{func() { c.SetRelativePath("") }, "https://three.example/a/b", ""},
		{func() { c.SetBaseURL(base("https://four.example/")) }, "https://four.example/", ""},
	} {
		step.do()
		if got := c.Request.URL.String(); got != step.url || c.RelativePath() != step.relative {
			t.Errorf("%s with %q, want %s with %q", got, c.RelativePath(), step.url, step.relative)
		}
	}
	c.SetBackend("orders", &model.Backend{Type: model.BackendOfBackends}, policy.ScopeProduct)
	if b := c.Expression().Backend; b == nil || b.ID != "orders" || !b.Pool || c.Destination.Scope != policy.ScopeProduct {
		t.Errorf("the backend is %+v", b)
	}
	if c.DropBackend(); c.Expression().Backend != nil || c.Destination.Backend != nil {
		t.Error("the backend is still there")
	}
}

// TestExpressionSeesTheMessages looks at a call through the eyes of expressions.
func TestExpressionSeesTheMessages(t *testing.T) {
	c := (&notes{}).call(t, nil)
	c.Request.Header.Add(message.NameOf("X-A"), "1")
	c.Request.Header.Add(message.NameOf("x-a"), "2")
	c.Request.URL.Query = "q=1"
	c.Parameters = []policy.Parameter{{Name: "id", Value: "7"}}
	r := c.Expression().Request
	h := r.Headers()
	joined, _ := h.Get("x-A")
	authority, _ := h.Get("HOST")
	if joined != "1,2" || authority != "gateway.example" || h.Len() != 2 || len(h.Values("X-A")) != 2 || h.Values("host")[0] != "gateway.example" {
		t.Errorf("headers: %q, %q, %d", joined, authority, h.Len())
	}
	var names []string
	h.Each(func(name string, _ []string) bool { names = append(names, name); return true })
	if diff := cmp.Diff([]string{"Host", "X-A"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	c.Request.Header.Set(message.Host, "set.example")
	if authority, _ = h.Get("host"); authority != "set.example" || h.Len() != 2 {
		t.Errorf("Host is %q after a policy has set it", authority)
	}
	name, id := r.Parameter(0)
	beyond, _ := r.Parameter(1)
	if r.Method() != "GET" || r.ClientIP() != "192.0.2.1" || name != "id" || id != "7" || beyond != "" || r.Certificate() != nil {
		t.Errorf("method %s, address %s, parameter %s=%s", r.Method(), r.ClientIP(), name, id)
	}
	if u, o := r.URL(), r.OriginalURL(); u.Host != "backend.example" || u.Port != 443 || u.RawQuery != "q=1" || o.Path != "/echo/a" {
		t.Errorf("URLs %+v and %+v", u, o)
	}
	if c.Expression().Response != nil {
		t.Error("there is a response before there is one")
	}
	c.Response.Status = 404
	if answer := c.Expression().Response; answer.StatusCode() != 404 || answer.StatusReason() != "Not Found" || answer.Body().Present() {
		t.Error("the response is not what it should be")
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func deflated(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestExpressionReadsBodies reads bodies as expressions do, decoded and bounded.
func TestExpressionReadsBodies(t *testing.T) {
	const limit = 1000
	zeros := strings.Repeat("0", 100*limit)
	tests := []struct {
		name     string
		encoding string
		data     []byte
		want     string
		fails    string
	}{
		{"plain", "", []byte("text"), "text", ""},
		{"gzip", "GZIP ", gzipped(t, "text"), "text", ""},
		{"deflate with its header", "deflate", deflated(t, "text"), "text", ""},
		{"deflate without", "deflate", deflated(t, "text")[2:], "text", ""},
		{"an encoding that is not known", "br", []byte("raw"), "raw", ""},
		{"gzip that is none", "gzip", []byte("text"), "", "reading gzip content"},
		{"gzip that is cut off", "gzip", gzipped(t, strings.Repeat("text", 50))[:20], "", "decoding the content"},
		{"too large", "", []byte(zeros), "", "1000 bytes"},
		{"small, and too large unfolded", "gzip", gzipped(t, zeros), "", "1000 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := (&notes{}).call(t, nil)
			c.Services.BufferLimit = limit
			if test.encoding != "" {
				c.Request.Header.Set(message.ContentEncoding, test.encoding)
			}
			c.Request.Body.SetStream(io.NopCloser(bytes.NewReader(test.data)), -1)
			body := c.Expression().Request.Body()
			for range 2 { // Preserved, it can be read again.
				got, err := body.Bytes(true)
				if test.fails != "" {
					if err == nil || !strings.Contains(err.Error(), test.fails) {
						t.Errorf("error %v, want one with %q", err, test.fails)
					}
					continue
				}
				if err != nil || string(got) != test.want {
					t.Errorf("%q, %v", got, err)
				}
			}
			if test.fails != "" {
				return
			}
			if got, err := body.Bytes(false); err != nil || string(got) != test.want {
				t.Errorf("%q, %v", got, err)
			}
			if _, err := body.Bytes(false); !errors.Is(err, host.ErrConsumed) {
				t.Errorf("a consumed body gives %v", err)
			}
		})
	}
}

func TestCharset(t *testing.T) {
	for contentType, want := range map[string]string{
		"": "", "text/plain": "", "text/plain; charset=utf-16": "utf-16", `text/plain;CHARSET="iso-8859-1"`: "iso-8859-1", "text/plain; =": "",
	} {
		c := (&notes{}).call(t, nil)
		if contentType != "" {
			c.Request.Header.Set(message.ContentType, contentType)
		}
		if got := c.Expression().Request.Body().Charset(); got != want {
			t.Errorf("%q has the charset %q, want %q", contentType, got, want)
		}
	}
}

// TestMessageOfSections looks at which message policies work on.
func TestMessageOfSections(t *testing.T) {
	c := (&notes{}).call(t, nil)
	c.Services.Forwarder = backend{n: &notes{}}
	request, answer := &c.Request.Header, &c.Response.Header
	for section, want := range map[policy.Section]*message.Header{
		policy.Inbound: request, policy.Backend: request, policy.Outbound: answer, policy.OnError: answer,
	} {
		if err := c.RunSection(section); err != nil {
			t.Fatal(err)
		}
		if header, _ := c.Message(); header != want || c.StatusOf() != c.Response {
			t.Errorf("%s works on another message", section)
		}
	}
	built := &message.Response{}
	done := c.Build(policy.Building{Header: &built.Header, Body: &built.Body, Response: built})
	if header, body := c.Message(); header != &built.Header || body != &built.Body || c.StatusOf() != built {
		t.Error("policies inside do not work on the message that is built")
	}
	if done(); c.StatusOf() != c.Response {
		t.Error("policies outside work on the message that was built")
	}
}

func TestNames(t *testing.T) {
	if got := policy.AnySection.String(); got != "inbound, backend, outbound, on-error" {
		t.Errorf("sections %q", got)
	}
	if got := policy.AnyScope.String(); got != "operation, api, product, workspace, global" {
		t.Errorf("scopes %q", got)
	}
	r := (&notes{}).registry()
	if r.Lookup("note") == nil || r.Lookup("nothing") != nil || r.All()[0].Name != "note" {
		t.Error("the registry does not find what it has")
	}
}

// TestCountOnce counts a call once in each counter.
func TestCountOnce(t *testing.T) {
	c := (&notes{}).call(t, nil)
	for i, test := range []struct {
		name, key string
		want      bool
	}{{"a", "k", true}, {"a", "k", false}, {"a", "l", true}, {"b", "k", true}, {"b", "k", false}} {
		if got := c.CountOnce(test.name, test.key, 0); got != test.want {
			t.Errorf("%d: %v", i, got)
		}
	}
	c.Reset()
	if !c.CountOnce("a", "k", 0) {
		t.Error("the next call has been counted already")
	}
}
