package policies

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// injection is what would start another header line, or a second answer.
const injection = "ok\r\nX-Injected: yes\r\n\r\n<script>"

// evil is a request field with an injection.
var evil = []string{"X-Evil", injection}

// headerWriter is a policy that writes a header from a value that an attacker
// might have a hand in: a named value {{evil}}, or a field of the request.
type headerWriter struct {
	name    string
	inbound string
	fields  []string // of the request, name and value in turn
	method  string   // GET where empty
}

// headerWriters is the table of all policies that write headers, in all the
// places where a value can come from. A policy that writes a header adds its
// rows here.
var headerWriters = []headerWriter{
	{name: "authentication-basic username", inbound: `<authentication-basic username="{{evil}}" password="b" />`},
	{name: "authentication-basic password", inbound: `<authentication-basic username="a" password="{{evil}}" />`},
	{name: "rate-limit header name", inbound: `<rate-limit calls="1" renewal-period="60" remaining-calls-header-name="{{evil}}" />`},
	{name: "rate-limit retry header name", inbound: `<rate-limit calls="1" renewal-period="60" retry-after-header-name="{{evil}}" />`},
	{name: "rate-limit-by-key total header name", inbound: `<rate-limit-by-key calls="1" renewal-period="60" counter-key="k" total-calls-header-name="{{evil}}" />`},
	{name: "rate-limit-by-key key", inbound: `<rate-limit-by-key calls="1" renewal-period="60" counter-key="{{evil}}" remaining-calls-header-name="X-Left" />`},
	{name: "check-header message", inbound: `<check-header name="x-a" failed-check-httpcode="400" failed-check-error-message="{{evil}}" ignore-case="true" />`},
	{name: "check-header value told", inbound: `<check-header name="x-a" failed-check-httpcode="400"><value>b</value></check-header>`, fields: []string{"x-a", injection}},
	{name: "check-header name", inbound: `<check-header name="{{evil}}" failed-check-httpcode="400" />`},
	{name: "validate-jwt message", inbound: `<validate-jwt header-name="Authorization" failed-validation-error-message="{{evil}}" require-signed-tokens="false" />`},
	{name: "validate-jwt token", inbound: `<validate-jwt header-name="Authorization" require-signed-tokens="false" />`, fields: []string{"Authorization", "Bearer " + injection}},
	{name: "cors origin of the caller", inbound: anyOriginCORS, fields: []string{"Origin", injection}},
	{name: "cors origin of the document", inbound: `<cors><allowed-origins><origin>{{evil}}</origin></allowed-origins></cors>`, fields: []string{"Origin", injection}},
	{name: "cors preflight origin", inbound: anyOriginCORS, method: "OPTIONS", fields: []string{"Origin", injection, "Access-Control-Request-Method", "GET"}},
	{name: "cors preflight method", inbound: anyOriginCORS, method: "OPTIONS", fields: []string{"Origin", "https://a.example", "Access-Control-Request-Method", injection}},
	{name: "cors preflight headers", inbound: anyOriginCORS, method: "OPTIONS", fields: []string{"Origin", "https://a.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "x-a, " + injection}},
	{name: "cors exposed header", inbound: `<cors><allowed-origins><origin>*</origin></allowed-origins><expose-headers><header>{{evil}}</header></expose-headers></cors>`, fields: []string{"Origin", "https://a.example"}},
	{name: "authentication-basic expression", inbound: `<authentication-basic username="` + evilHeader + `" password="b" />`, fields: evil},
	{name: "check-header name expression", inbound: `<check-header name="` + evilHeader + `" failed-check-httpcode="400" />`, fields: evil},
	{name: "check-header message expression", inbound: `<check-header name="x-a" failed-check-httpcode="400" failed-check-error-message="` + evilHeader + `" />`, fields: evil},
	{name: "validate-jwt message expression", inbound: `<validate-jwt header-name="x-a" failed-validation-error-message="` + evilHeader + `" />`, fields: evil},
	{name: "rate-limit-by-key key expression", inbound: `<rate-limit-by-key calls="1" renewal-period="60" counter-key="` + evilHeader + `" remaining-calls-header-name="X-Left" />`, fields: evil},
	{name: "cors origin expression", inbound: `<cors><allowed-origins><origin>` + evilHeader + `</origin></allowed-origins></cors>`, fields: append([]string{"Origin", injection}, evil...)},
	{name: "cors exposed header expression", inbound: `<cors><allowed-origins><origin>*</origin></allowed-origins><expose-headers><header>` + evilHeader + `</header></expose-headers></cors>`, fields: append([]string{"Origin", "https://a.example"}, evil...)},
	{name: "set-header expression", inbound: `<set-header name="X-A"><value>` + evilHeader + `</value></set-header>`, fields: evil},
	{name: "set-header name expression", inbound: `<set-header name="` + evilHeader + `"><value>a</value></set-header>`, fields: evil},
	{name: "set-status expression", inbound: `<return-response><set-status code="400" reason="` + evilHeader + `" /></return-response>`, fields: evil},
	{name: "set-header value", inbound: `<set-header name="X-A"><value>{{evil}}</value></set-header>`},
	{name: "set-header name", inbound: `<set-header name="{{evil}}"><value>a</value></set-header>`},
	{name: "set-status reason", inbound: `<return-response><set-status code="400" reason="{{evil}}" /></return-response>`},
	{name: "set-query-parameter value", inbound: `<set-query-parameter name="a"><value>{{evil}}</value></set-query-parameter>`},
	{name: "set-query-parameter name", inbound: `<set-query-parameter name="{{evil}}"><value>a</value></set-query-parameter>`},
	{name: "set-query-parameter expression", inbound: `<set-query-parameter name="` + evilHeader + `"><value>` + evilHeader + `</value></set-query-parameter>`, fields: evil},
	{name: "rewrite-uri template", inbound: `<rewrite-uri template="/a{{evil}}?b={{evil}}" />`},
	{name: "rewrite-uri expression", inbound: `<rewrite-uri template="` + evilHeader + `" />`, fields: evil},
	{name: "rewrite-uri query of an expression", inbound: `<rewrite-uri template="@("/a?b=" + context.Request.Headers.GetValueOrDefault("X-Evil", ""))" />`, fields: evil},
	{name: "rewrite-uri parameter in the path", inbound: `<rewrite-uri template="/a/{evil}" />`},
	{name: "rewrite-uri parameter in the query", inbound: `<rewrite-uri template="/a?b={evil}" />`},
	{name: "set-method", inbound: `<set-method>{{evil}}</set-method>`},
	{name: "set-method expression", inbound: `<set-method>` + evilHeader + `</set-method>`, fields: evil},
	{name: "set-backend-service base URL", inbound: `<set-backend-service base-url="https://a.example/{{evil}}" />`},
	{name: "set-backend-service base URL expression", inbound: `<set-backend-service base-url="@("https://a.example/?q=" + context.Request.Headers.GetValueOrDefault("X-Evil", ""))" />`, fields: evil},
	{name: "mock-response content type", inbound: `<mock-response content-type="{{evil}}" />`},
	{name: "set-header append expression", inbound: `<set-header name="X-A" exists-action="append"><value>a</value><value>` + evilHeader + `</value></set-header>`, fields: evil},
	{name: "set-header Host expression", inbound: `<set-header name="Host"><value>` + evilHeader + `</value></set-header>`, fields: evil},
	{name: "trace", inbound: `<trace source="{{evil}}" severity="error"><message>{{evil}}</message><metadata name="{{evil}}" value="{{evil}}" /></trace>`},
	{name: "trace expression", inbound: `<trace source="a" severity="error"><message>` + evilHeader + `</message><metadata name="` + evilHeader + `" value="` + evilHeader + `" /></trace>`, fields: evil},
	{name: "return-response header", inbound: `<return-response><set-header name="X-A"><value>{{evil}}</value></set-header></return-response>`},
}

// evilHeader is an expression that gives what the caller sent.
const evilHeader = `@(context.Request.Headers.GetValueOrDefault("X-Evil", ""))`

const anyOriginCORS = `<cors><allowed-origins><origin>*</origin></allowed-origins><allowed-methods><method>*</method></allowed-methods><allowed-headers><header>*</header></allowed-headers></cors>`

func TestS19_PoliciesWriteOneHeaderLine(t *testing.T) {
	injected := 0
	for _, tt := range headerWriters {
		t.Run(tt.name, func(t *testing.T) {
			for _, line := range writtenBy(t, All(), tt) {
				if severalLines(line) {
					injected++
					t.Errorf("wrote %q", line)
				}
			}
		})
	}
	t.Logf("S19: %d injections by %d policies and values (0)", injected, len(headerWriters))
}

// writtenBy returns everything that a policy wrote into the request that is
// forwarded and into the answer. A document that is refused writes nothing.
func writtenBy(t *testing.T, policies *policy.Registry, w headerWriter) []string {
	t.Helper()
	r := newRig(t)
	r.policies = policies
	r.namedValues["evil"] = injection
	var logged logTexts
	r.services.Log = slog.New(&logged)
	if problems := r.compile(t, policy.ScopeProduct, w.inbound); len(problems) > 0 {
		return nil
	}
	method := w.method
	if method == "" {
		method = "GET"
	}
	var written []string
	for range 2 { // the second call meets a used-up limit
		c := r.call(method, "/echo", w.fields...)
		c.Parameters = []policy.Parameter{{Name: "evil", Value: injection}}
		sent := map[string]bool{}
		for _, f := range c.Request.Header.Fields() {
			sent[f.Name+f.Value] = true // what the caller himself sends is the engine's to refuse
		}
		r.run(t, c)
		for _, f := range r.forwarded.Fields() {
			if !sent[f.Name+f.Value] {
				written = append(written, f.Name+": "+f.Value)
			}
		}
		for _, f := range c.Response.Header.Fields() {
			written = append(written, f.Name+": "+f.Value)
		}
		written = append(written, c.Response.Reason, c.Request.Method, c.Request.URL.String())
	}
	return append(written, logged...)
}

// logTexts is a log that keeps names and values as they are, as a handler may that
// does not escape them.
type logTexts []string

// Enabled keeps every level.
func (*logTexts) Enabled(context.Context, slog.Level) bool { return true }

// Handle keeps the texts of a record.
func (l *logTexts) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		*l = append(*l, a.Key+"="+a.Value.String())
		return true
	})
	return nil
}

// WithAttrs returns the handler: records carry their own.
func (l *logTexts) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup returns the handler, as WithAttrs does.
func (l *logTexts) WithGroup(string) slog.Handler { return l }

// severalLines reports whether a text is more than one header line.
func severalLines(text string) bool { return strings.ContainsAny(text, "\r\n\x00") }

// TestS19_PoliciesWriteOneHeaderLine_NegativeControl shows that the table finds
// a policy that writes what it is given.
func TestS19_PoliciesWriteOneHeaderLine_NegativeControl(t *testing.T) {
	echo := &policy.Spec{
		Name: "echo", Sections: policy.Inbound, Scopes: everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{{Name: "value"}}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			value := c.String(el, "value")
			return policy.StepFunc(func(c *policy.Call) error {
				text, err := value.Eval(c)
				c.Pending.Set(message.NameOf("X-Echo"), text)
				return err
			})
		},
	}
	written := writtenBy(t, policy.NewRegistry(echo), headerWriter{inbound: `<echo value="{{evil}}" />`})
	if !slices.ContainsFunc(written, severalLines) {
		t.Errorf("a header with a line break is not found in %q", written)
	}
}
