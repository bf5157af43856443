package serve

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// viewEngine calls the server as an engine does whose messages are views: all
// texts of a request, and of the backend's answer, are over memory that is used
// for something else once Serve has returned.
type viewEngine struct {
	*rig
	metrics *telemetry.Metrics
	poison  bool
	memory  []*message.Arena
	reached *policy.Call    // what the backend got in this exchange, or nil
	out     strings.Builder // what clients got
	last    func() string   // what else is left at the end, or nil
}

// viewPoison is what memory is overwritten with.
const viewPoison = 'Z'

// poisonedText is found in what has kept a view.
var poisonedText = strings.Repeat(string(rune(viewPoison)), 4)

func newViewEngine(tb testing.TB, poison bool) *viewEngine {
	tb.Helper()
	metrics, err := telemetry.NewMetrics(clock.NewFake(start))
	if err != nil {
		tb.Fatal(err)
	}
	e := &viewEngine{metrics: metrics, poison: poison}
	e.rig = newRig(tb, func(o *Options) { o.Metrics = metrics })
	e.server.recorder = telemetry.NewRecorder(metrics, e.access)
	e.backend.answer = e.answer
	return e
}

// view returns a text over memory that ends with the exchange.
func (e *viewEngine) view(text string) string {
	a := &message.Arena{}
	e.memory = append(e.memory, a)
	return a.Concat(text, "")
}

// answer is the backend's, which tells what it got.
func (e *viewEngine) answer(c *policy.Call) error {
	e.reached = c
	who, _ := c.Request.Header.Get(message.NameOf("X-Who"))
	c.Response.Status = 200
	if strings.HasSuffix(c.Request.URL.Path, "/broken") {
		c.Response.Status = 503
	}
	c.Backend.ID, c.Backend.Status = c.Request.URL.Host, c.Response.Status
	c.Response.Reason = e.view("Fine")
	c.Response.Header.Add(message.NameOf(e.view("X-Answer")), e.view(fmt.Sprintf("%d to %s at %s", e.backend.calls, who, e.backend.url)))
	c.Response.Header.Add(message.Vary, e.view("X-Who"))
	c.Response.Header.Add(message.ContentType, e.view("text/plain"))
	c.Response.Body.SetStream(io.NopCloser(strings.NewReader("body for "+who)), -1)
	return nil
}

// call serves one request, "METHOD /path X-Name=value ...", and overwrites what
// it was made of.
func (e *viewEngine) call(line string) {
	parts := strings.Fields(line)
	path, query, _ := strings.Cut(parts[1], "?")
	q := &message.Request{
		Method: e.view(parts[0]), Protocol: message.HTTP11, Client: netip.MustParseAddrPort("203.0.113.7:40000"), Context: context.Background(),
		URL: message.URL{Scheme: "https", Host: e.view("gateway.example"), Path: e.view(path), Query: e.view(query)},
	}
	for _, field := range parts[2:] {
		name, value, _ := strings.Cut(field, "=")
		q.Header.Add(message.NameOf(e.view(name)), e.view(value))
	}
	if parts[0] == "POST" {
		q.Body.SetStream(io.NopCloser(strings.NewReader("sent")), 4)
	}
	w := e.serve(q)
	fmt.Fprintf(&e.out, "%s\n%s\n", line, w)
	if e.poison {
		e.overwrite()
	}
	e.memory, e.reached = nil, nil
	e.clock.Advance(1e9)
}

// overwrite uses the memory of the exchange for something else: that of the
// engine, and that of the server itself. A pool may have let go of the exchange,
// and does so at random under the race detector, so that of the call which the
// backend saw is taken from there as well.
func (e *viewEngine) overwrite() {
	for _, a := range e.memory {
		a.Poison(viewPoison)
	}
	x := e.server.exchanges.Get().(*exchange)
	x.call.Arena.Poison(viewPoison)
	e.server.exchanges.Put(x)
	if e.reached != nil {
		e.reached.Arena.Poison(viewPoison)
	}
}

// changing finds what is never the same: the ids of requests, which are random,
// and the times of the log.
var changing = regexp.MustCompile(`\btime=\S+|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// transcript is everything that is left of the exchanges.
func (e *viewEngine) transcript(tb testing.TB) string {
	tb.Helper()
	e.records(tb)
	b := &e.out
	b.WriteString("access log:\n" + e.lines.String() + "log:\n" + e.log.String() + "seen:\n" + strings.Join(e.seen, "\n") + "\ncounters:\n")
	if inspector, ok := e.services.Counters.(counter.Inspector); ok {
		for _, r := range inspector.List(counter.Filter{}) {
			fmt.Fprintf(b, "%s %s %s %+v\n", r.Name, r.Key, r.Period, r.Used)
		}
	}
	page := httptest.NewRecorder()
	telemetry.Admin(e.metrics, telemetry.NewHealth()).ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for line := range strings.Lines(page.Body.String()) {
		if strings.HasPrefix(line, "sallyport_request") {
			b.WriteString(line)
		}
	}
	if e.last != nil {
		b.WriteString("kept:\n" + e.last())
	}
	return changing.ReplaceAllString(b.String(), "...")
}

// viewConfig has policies that keep something from one request to the next.
func viewConfig() []model.Resource {
	keeping := `<set-variable name="who" value="@(context.Request.Headers.GetValueOrDefault("X-Who", "nobody"))" />` +
		`<rate-limit-by-key calls="3" renewal-period="300" counter-key="@((string)context.Variables["who"])" remaining-calls-header-name="X-Left" />` +
		`<quota-by-key calls="4" bandwidth="100" renewal-period="3600" counter-key="@("quota of " + context.Request.Headers.GetValueOrDefault("X-Who", ""))" />` +
		`<trace source="test" severity="error"><message>@(context.Request.OriginalUrl.Path + " by " + (string)context.Variables["who"])</message></trace>` +
		`<limit-concurrency key="@(context.Request.Headers.GetValueOrDefault("X-Who", ""))" max-count="2"><probe name="inside" /></limit-concurrency>`
	caching := `<cache-lookup vary-by-developer="true" vary-by-developer-groups="false"><vary-by-header>Accept</vary-by-header></cache-lookup>`
	return all(
		api("limits"), operation("limits", "GET", "/orders/{id}"), operation("limits", "POST", "/orders/{id}"),
		api("cached"), operation("cached", "GET", "/orders/{id}"),
		documentOf("apis/limits", `<policies><inbound><base />`+keeping+`</inbound><backend><base /></backend><outbound><base />`+
			`<choose><when condition="@(context.Response.StatusCode == 503)"><return-response><set-status code="502" /></return-response></when></choose></outbound>`+
			`<on-error><base /><set-header name="X-Why"><value>@(context.LastError.Reason + " " + context.Request.Url.Path)</value></set-header></on-error></policies>`),
		documentOf("apis/cached", sections(caching, `<cache-store duration="3600" />`)),
		product("starter", "limits", "cached"),
		subscription("ada", "/products/starter"), subscription("grace", "/products/starter"),
	)
}

// viewCalls is what is played. Keys come back, so that it shows who has kept
// one; the answers that are cached come back too.
var viewCalls = []string{
	"GET /limits/orders/1 X-Who=alpha Ocp-Apim-Subscription-Key=ada-primary",
	"POST /limits/orders/2?a=b X-Who=beta Ocp-Apim-Subscription-Key=grace-primary",
	"GET /limits/orders/3 X-Who=alpha Ocp-Apim-Subscription-Key=ada-primary",
	"GET /limits/orders/broken X-Who=alpha Ocp-Apim-Subscription-Key=ada-primary",
	"GET /limits/orders/5 X-Who=alpha Ocp-Apim-Subscription-Key=ada-primary",
	"GET /limits/orders/6 X-Who=beta Ocp-Apim-Subscription-Key=nobody",
	"GET /limits/orders/7 X-Who=beta",
	"GET /nothing/here X-Who=beta",
	"PATCH /limits/orders/8 X-Who=beta Ocp-Apim-Subscription-Key=ada-primary",
	"GET /cached/orders/1 X-Who=alpha Accept=text/plain Ocp-Apim-Subscription-Key=ada-primary",
	"GET /cached/orders/1 X-Who=beta Accept=text/plain Ocp-Apim-Subscription-Key=ada-primary",
	"GET /cached/orders/1 X-Who=alpha Accept=text/plain Ocp-Apim-Subscription-Key=ada-primary",
	"GET /cached/orders/1 X-Who=beta Accept=text/plain Ocp-Apim-Subscription-Key=ada-primary",
	"GET /cached/orders/1 X-Who=alpha Accept=text/plain Ocp-Apim-Subscription-Key=grace-primary",
	"GET /limits/orders/%C3%A9?q=%20 X-Who=gamma Ocp-Apim-Subscription-Key=ada-secondary",
	"POST /limits/orders/10 X-Who=beta Ocp-Apim-Subscription-Key=grace-primary",
}

// playViews plays the calls, with memory that is overwritten behind each or that
// is not.
func playViews(t *testing.T, poison bool, change func(*viewEngine)) string {
	t.Helper()
	e := newViewEngine(t, poison)
	change(e)
	e.use(t, viewConfig()...)
	for _, line := range viewCalls {
		e.call(line)
	}
	return e.transcript(t)
}

// TestServe_KeepsNoView plays requests of which nothing may be kept, and compares
// with what happens where the memory is left alone.
func TestServe_KeepsNoView(t *testing.T) {
	nothing := func(*viewEngine) {}
	got, want := playViews(t, true, nothing), playViews(t, false, nothing)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with the memory overwritten (-without +with):\n%s", diff)
	}
	if strings.Contains(got, poisonedText) {
		t.Errorf("something was kept that has been overwritten:\n%s", got)
	}
	for _, part := range []string{"body for alpha", `"path":"/limits/orders/1"`, "429 ", "502 ", "401 ", "404 ", "Age: ", "rate-limit-by-key alpha", "quota-by-key quota of beta"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q did not happen:\n%s", part, got)
		}
	}
}

// TestServe_KeepsNoView_NegativeControl keeps what came with the first request,
// of the engine's memory and of the server's own.
func TestServe_KeepsNoView_NegativeControl(t *testing.T) {
	for _, tt := range []struct {
		name string
		of   func(*policy.Call) string
	}{
		{"the path of the client", func(c *policy.Call) string { return c.Original.Path }},
		{"a header", func(c *policy.Call) string { v, _ := c.Request.Header.Get(message.NameOf("X-Who")); return v }},
		{"the path of the backend", func(c *policy.Call) string { return c.Request.URL.Path }},
		{"the id of the request", func(c *policy.Call) string { return c.ID }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keep := func(e *viewEngine) {
				var kept []string
				answer := e.backend.answer
				e.backend.answer = func(c *policy.Call) error {
					kept = append(kept, tt.of(c))
					return answer(c)
				}
				e.last = func() string { return strings.Join(kept, "\n") }
			}
			if with, without := playViews(t, true, keep), playViews(t, false, keep); with == without || !strings.Contains(with, poisonedText) {
				t.Error("what was kept is not found")
			}
		})
	}
}
