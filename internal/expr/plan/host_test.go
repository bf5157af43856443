package plan_test

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// headers are the headers of a request in memory.
type headers map[string][]string

func (h headers) Get(name string) (string, bool) {
	v := h.Values(name)
	if len(v) == 1 {
		return v[0], true
	}
	return strings.Join(v, ","), v != nil
}

func (h headers) Values(name string) []string {
	for k, v := range h {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

func (h headers) Each(f func(name string, values []string) bool) {
	for k, v := range h {
		if !f(k, v) {
			return
		}
	}
}

func (h headers) Len() int { return len(h) }

// body is a body in memory.
type body string

func (b body) Present() bool { return b != "" }

func (b body) Bytes(bool) ([]byte, error) { return []byte(b), nil }

func (b body) Charset() string { return "utf-8" }

// request is a request in memory.
type request struct {
	headers headers
	body    body
	url     host.URL
}

func (r *request) Headers() host.Headers { return r.headers }

func (r *request) Body() host.Body { return r.body }

func (r *request) Method() string { return "GET" }

func (r *request) URL() *host.URL { return &r.url }

func (r *request) OriginalURL() *host.URL { return &r.url }

func (r *request) ClientIP() string { return "203.0.113.7" }

func (r *request) Parameter(n int) (name, value string) {
	if n == 0 {
		return "id", "42"
	}
	return "", ""
}

func (r *request) Certificate() *host.Certificate { return nil }

// variables are context.Variables in memory.
type variables map[string]value.Value

func (v variables) Get(name string) (value.Value, bool) {
	x, ok := v[name]
	return x, ok
}

func (v variables) Set(name string, x value.Value) { v[name] = x }

func (v variables) Each(f func(name string, v value.Value) bool) {
	for k, x := range v {
		if !f(k, x) {
			return
		}
	}
}

func (v variables) Len() int { return len(v) }

// newContext returns a context with a few of everything.
func newContext(c *expr.Compiler) *expr.Context {
	return &expr.Context{
		Static: &host.Static{API: &host.API{ID: "orders", Name: "Orders", Path: "orders"}, Operation: &host.Operation{ID: "get"}},
		Request: &request{
			headers: headers{"x-number": {"42"}, "x-many": {"a", "b"}, "content-type": {"application/json"}},
			body:    `{"id":7,"name":"Widget","tags":["a","b"]}`,
			url:     host.URL{Scheme: "https", Host: "api.example.org", Port: 443, Path: "/orders/42", RawQuery: "a=1&b=two&b=three"},
		},
		Variables: variables{"s": expr.StringValue("hello"), "i": c.IntValue(7), "b": c.BoolValue(true), "nul": value.Nil},
	}
}
