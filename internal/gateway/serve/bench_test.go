package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	cachememory "github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/clock"
	countermemory "github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/telemetry"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// benchClient and benchBackend do as little as an engine can, so that what is
// measured is the gateway between them.
type benchClient struct{ status int }

func (*benchClient) Inform(int, *message.Header) error { return nil }

func (w *benchClient) Respond(m *message.Response) (message.Sent, error) {
	w.status = m.Status
	return message.Sent{HeadSent: true}, nil
}

// benchBackend reads what it is sent and answers with constants.
type benchBackend struct {
	answer []byte
	calls  atomic.Int64
	buf    [4096]byte
}

func (b *benchBackend) Forward(c *policy.Call, _ *policy.ForwardOptions) error {
	b.calls.Add(1)
	if c.Request.Body.Present() {
		r, err := c.Request.Body.Reader()
		if err != nil {
			return err
		}
		for err == nil {
			_, err = r.Read(b.buf[:])
		}
	}
	c.Response.Status = 200
	c.Response.Header.Set(message.ContentType, "text/plain")
	c.Response.Header.Set(message.Date, "Wed, 01 Jul 2026 12:00:00 GMT")
	return c.Response.Body.SetBytes(b.answer)
}

// benchBody is the body of a request as an engine has it: one for each
// connection, that counts what is read of it.
type benchBody struct{ left, read int64 }

func (b *benchBody) Read(p []byte) (int, error) {
	n := min(int64(len(p)), b.left)
	b.left, b.read = b.left-n, b.read+n
	if n == 0 {
		return 0, io.EOF
	}
	return int(n), nil
}

func (b *benchBody) Close() error     { b.left = 0; return nil }
func (b *benchBody) BytesRead() int64 { return b.read }

// The configuration that is measured in: that of a service with a past.
const (
	benchAPIs       = 1000
	benchOperations = 10
)

// benchKey is the key of a subscription to the product that all APIs are in.
const benchKey = "0123456789abcdef0123456789abcdef"

// sections is a document whose inbound and outbound hold some policies.
func sections(inbound, outbound string) string {
	return `<policies><inbound><base />` + inbound + `</inbound><backend><base /></backend><outbound><base />` + outbound +
		`</outbound><on-error><base /></on-error></policies>`
}

// benchConfig is a service of many APIs with operations, a product and a global
// policy, and 100 subscriptions.
func benchConfig(apis int) []model.Resource {
	var list []model.Resource
	names := make([]string, apis)
	for i := range apis {
		names[i] = fmt.Sprintf("service-%d", i)
		open := i%2 == 0
		list = append(list, api(names[i], func(a *model.API) {
			if open {
				a.SubscriptionRequired = no
			}
		}))
		for n := range benchOperations {
			list = append(list,
				operationNamed(names[i], fmt.Sprintf("get-%d", n), "GET", fmt.Sprintf("/orders/{id}/part-%d", n)),
				operationNamed(names[i], fmt.Sprintf("post-%d", n), "POST", fmt.Sprintf("/orders/{id}/part-%d", n)))
		}
	}
	list = append(list, product("starter", names...)...)
	for i := range 100 {
		list = append(list, subscription(fmt.Sprintf("customer-%d", i), "/products/starter", func(s *model.Subscription) {
			s.PrimaryKey, s.SecondaryKey = fmt.Sprintf("%032d", i), ""
		}))
	}
	return append(list,
		subscription("ada", "/products/starter", func(s *model.Subscription) { s.PrimaryKey = benchKey }),
		documentOf("", `<policies><inbound><set-header name="X-Gateway" exists-action="override"><value>sallyport</value></set-header></inbound>`+
			`<backend><forward-request /></backend><outbound><set-header name="Server" exists-action="delete" /></outbound><on-error /></policies>`),
		documentOf("products/starter", sections(`<rate-limit calls="2000000000" renewal-period="60" />`, "")),
		documentOf("apis/service-3", sections(`<set-header name="X-From" exists-action="override"><value>gateway</value></set-header>`, "")),
		documentOf("apis/service-5", sections(`<rate-limit-by-key calls="2000000000" renewal-period="60" counter-key="@(context.Subscription.Id)" />`+
			`<set-header name="X-From" exists-action="override"><value>gateway</value></set-header>`, "")),
		documentOf("apis/service-8", sections(`<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" downstream-caching-type="public">`+
			`<vary-by-header>Accept</vary-by-header></cache-lookup>`, `<cache-store duration="3600" />`)),
	)
}

// benchCases are the requests that are measured.
var benchCases = []struct {
	name, method, path, key string
	body                    int64
	limit                   float64 // allocations
	backend                 bool    // is called by every request
}{
	{"pass-through", "GET", "/service-4/orders/4711/part-3", "", 0, 0, true},
	{"pass-through with body", "POST", "/service-4/orders/4711/part-3", "", 10 << 10, 0, true},
	{"key, rate-limit, set-header", "GET", "/service-3/orders/4711/part-3", benchKey, 0, 0, true},
	{"key, rate-limit-by-key, set-header", "GET", "/service-5/orders/4711/part-3", benchKey, 0, 0, true},
	{"cache hit", "GET", "/service-8/orders/4711/part-3", "", 0, 0, false},
}

// benchRig is a server with everything that runs in production behind it.
type benchRig struct {
	server  *Server
	backend *benchBackend
	access  *telemetry.AccessLog
	request message.Request
	client  benchClient
	body    benchBody
	token   string // the debug token of its requests; "" is none
}

func newBenchRig(tb testing.TB, apis int) *benchRig {
	tb.Helper()
	r := newRig(tb)
	metrics, err := telemetry.NewMetrics(clock.System())
	if err != nil {
		tb.Fatal(err)
	}
	responses, err := cachememory.New[*cache.Response](cachememory.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	b := &benchRig{backend: &benchBackend{answer: make([]byte, 120)}}
	b.access = telemetry.NewAccessLog(io.Discard, telemetry.FormatJSON, telemetry.QueueOptions{})
	tb.Cleanup(func() { _ = b.access.Close(context.Background()) })
	r.services.Forwarder, r.services.Clock, r.services.Responses = b.backend, clock.System(), responses
	r.services.Counters = countermemory.New(countermemory.Options{})
	b.server = New(Options{
		Services: r.services, Recorder: telemetry.NewRecorder(metrics, b.access).WithUsage(usage.NewCollector()), Metrics: metrics, Log: slog.New(slog.DiscardHandler),
		Traces: tracing.New(clock.System()),
	})
	r.server = b.server
	r.use(tb, benchConfig(apis)...)
	return b
}

// The fields that an ordinary client sends.
var (
	userAgent      = message.UserAgent
	accept         = message.Accept
	acceptEncoding = message.AcceptEncoding
	traceParent    = message.NameOf("traceparent")
	debugHeader    = message.NameOf("Apim-Debug-Authorization")
	benchAddress   = netip.MustParseAddrPort("203.0.113.7:40000")
)

// one serves one request of a case.
func (b *benchRig) one(n int) {
	c, q := &benchCases[n], &b.request
	q.Reset()
	q.Method, q.Protocol, q.Client, q.Context = c.method, message.HTTP11, benchAddress, context.Background()
	q.URL = message.URL{Scheme: "https", Host: "gateway.example", Path: c.path}
	q.Header.Add(userAgent, "bench/1.0")
	q.Header.Add(accept, "*/*")
	q.Header.Add(acceptEncoding, "gzip")
	q.Header.Add(traceParent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if c.key != "" {
		q.Header.Add(message.SubscriptionKey, c.key)
	}
	if b.token != "" {
		q.Header.Add(debugHeader, b.token)
	}
	if c.body > 0 {
		b.body = benchBody{left: c.body}
		q.Body.SetStream(&b.body, c.body)
	}
	b.server.Serve(q, &b.client)
}

// cpuTime is the processor time that the process has used, which other
// processes of the machine disturb less than the time of day.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func BenchmarkServe(b *testing.B) {
	for n, c := range benchCases {
		b.Run(c.name, func(b *testing.B) {
			r := newBenchRig(b, benchAPIs)
			r.one(n)
			before, begin := r.access.Stats(), cpuTime(b)
			b.ReportAllocs()
			for b.Loop() {
				r.one(n)
			}
			b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N), "cpu-ns/op")
			after := r.access.Stats()
			b.ReportMetric(float64(after.Dropped-before.Dropped)/float64(after.Offered-before.Offered), "lines-dropped/op")
		})
	}
}

// TestServe_Allocations holds what the benchmark measures: in steady state a
// request allocates nothing between the two sides of the engine.
func TestServe_Allocations(t *testing.T) {
	if raceDetector {
		t.Skip("with the race detector, pools drop what is to be used again")
	}
	r := newBenchRig(t, 10)
	for n, c := range benchCases {
		for range 5000 {
			r.one(n) // What is used again grows to its size.
		}
		r.backend.calls.Store(0)
		got := testing.AllocsPerRun(2000, func() {
			r.one(n)
			if r.client.status != 200 {
				t.Fatalf("%s: answered %d", c.name, r.client.status)
			}
		})
		if got > c.limit {
			t.Errorf("%s: %v allocations a request, want %v", c.name, got, c.limit)
		}
		if called := r.backend.calls.Load() > 1; called != c.backend {
			t.Errorf("%s: the backend was called %d times", c.name, r.backend.calls.Load())
		}
		t.Logf("%s: %v allocations a request (%v)", c.name, got, c.limit)
	}
}
