package apim_test

import (
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// headers are headers in memory, in their order.
type headers [][]string

func (h headers) Get(name string) (string, bool) {
	v := h.Values(name)
	return strings.Join(v, ","), v != nil
}

func (h headers) Values(name string) []string {
	for _, line := range h {
		if strings.EqualFold(line[0], name) {
			return line[1:]
		}
	}
	return nil
}

func (h headers) Each(f func(name string, values []string) bool) {
	for _, line := range h {
		if !f(line[0], line[1:]) {
			return
		}
	}
}

func (h headers) Len() int { return len(h) }

// body is a body in memory that can be read once without preserve.
type body struct {
	text     string
	consumed bool
}

func (b *body) Present() bool { return b.text != "" }

func (b *body) Bytes(preserve bool) ([]byte, error) {
	if b.consumed {
		return nil, host.ErrConsumed
	}
	b.consumed = !preserve
	return []byte(b.text), nil
}

func (b *body) Charset() string { return "" }

// message is a request and a response in memory.
type message struct {
	headers headers
	body    *body
	url     host.URL
}

func (m *message) Headers() host.Headers { return m.headers }

func (m *message) Body() host.Body { return m.body }

func (m *message) Method() string { return "POST" }

func (m *message) URL() *host.URL { return &m.url }

func (m *message) OriginalURL() *host.URL { return &m.url }

func (m *message) ClientIP() string { return "203.0.113.7" }

func (m *message) Parameter(n int) (name, value string) {
	if n == 0 {
		return "id", "42"
	}
	return "", ""
}

func (m *message) Certificate() *host.Certificate { return nil }

func (m *message) StatusCode() int { return 404 }

func (m *message) StatusReason() string { return "Not Found" }

// variables are context.Variables in memory.
type variables struct {
	names  []string
	values map[string]value.Value
}

func (v *variables) Get(name string) (value.Value, bool) {
	x, ok := v.values[name]
	return x, ok
}

func (v *variables) Set(name string, x value.Value) {
	v.names = append(v.names, name)
	v.values[name] = x
}

func (v *variables) Each(f func(name string, v value.Value) bool) {
	for _, n := range v.names {
		if !f(n, v.values[n]) {
			return
		}
	}
}

func (v *variables) Len() int { return len(v.names) }

const token = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
	"eyJzdWIiOiJ1MSIsImF1ZCI6WyJhIiwiYiJdLCJleHAiOjE3MTA1MDAwMDAsImFkbWluIjp0cnVlLCJuIjp7ImEiOjF9fQ.sig"

// newContext returns a context with something of everything.
func newContext(c *expr.Compiler) *expr.Context {
	vars := &variables{values: map[string]value.Value{}}
	vars.Set("s", expr.StringValue("hello"))
	vars.Set("i", c.IntValue(7))
	vars.Set("nul", value.Nil)
	vars.Set("resp", c.ResponseValue(&message{headers: headers{{"Location", "/x"}}, body: &body{text: `{"a":5}`}}))
	limit := int32(5)
	at := time.Date(2024, 3, 15, 10, 30, 45, 0, time.UTC)
	return &expr.Context{
		Static: &host.Static{
			API: &host.API{ID: "orders", Name: "Orders", Protocols: []string{"https"}, KeyHeader: "Key", IsCurrentRevision: true,
				ServiceURL: &host.URL{Scheme: "https", Host: "b.example", Port: 8443, Path: "/svc"}},
			Operation:  &host.Operation{ID: "get", Method: "GET", URLTemplate: "/items/{id}"},
			Deployment: &host.Deployment{Region: "West Europe", GatewayID: "managed", IsManaged: true},
		},
		Product:      &host.Product{ID: "starter", Published: true, SubscriptionsLimit: &limit, Groups: []host.Group{{ID: "g", Name: "Developers"}}},
		Subscription: &host.Subscription{ID: "sub", Key: "k", Start: at},
		LastError:    &host.LastError{Source: "validate-jwt", Message: "JWT not present."},
		Request: &message{
			headers: headers{{"Authorization", token}, {"X-Many", "a", "b"}, {"X-Empty", ""}},
			body:    &body{text: `{"id":7}`},
			url:     host.URL{Scheme: "https", Host: "api.example", Port: 443, Path: "/items/42", RawQuery: "a=1&b=two&b=three&q=x%20y&empty="},
		},
		Response:  &message{body: &body{text: "a=1&b=x+y&a=2"}},
		Variables: vars,
		Now:       func() time.Time { return at.Add(1500 * time.Millisecond) },
		Timestamp: at,
		RequestID: [16]byte{0xd3, 0xb0, 0x73, 0x84},
	}
}
