package serve

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// benchClient and benchBackend do nothing, so that what is measured is the
// gateway between them.
type benchClient struct{ status int }

func (*benchClient) Inform(int, *message.Header) error { return nil }

func (w *benchClient) Respond(m *message.Response) (message.Sent, error) {
	w.status = m.Status
	return message.Sent{HeadSent: true}, nil
}

type benchBackend struct{ answer []byte }

func (b *benchBackend) Forward(c *policy.Call, _ *policy.ForwardOptions) error {
	c.Response.Status = 200
	c.Response.Header.Set(message.ContentType, "text/plain")
	return c.Response.Body.SetBytes(b.answer)
}

// benchCases are the two requests that are measured end to end too.
var benchCases = []struct {
	name   string
	config []model.Resource
	fields [][2]string
}{
	{
		"pass-through",
		all(api("echo", anonymous), operation("echo", "GET", "/orders/{id}")),
		nil,
	},
	{
		"key and set-header",
		all(api("echo"), operation("echo", "GET", "/orders/{id}"),
			documentOf("apis/echo", `<policies><inbound><base /><set-header name="X-From" exists-action="override"><value>gateway</value></set-header></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`),
			product("starter", "echo"), subscription("ada", "/products/starter", func(s *model.Subscription) { s.PrimaryKey = "0123456789abcdef0123456789abcdef" })),
		[][2]string{{"Ocp-Apim-Subscription-Key", "0123456789abcdef0123456789abcdef"}},
	},
}

// benchServer serves one of the cases with everything that runs in production
// behind it, but for the access log.
func benchServer(tb testing.TB, n int) (*Server, func()) {
	tb.Helper()
	r := newRig(tb)
	metrics, err := telemetry.NewMetrics(clock.System())
	if err != nil {
		tb.Fatal(err)
	}
	r.services.Forwarder, r.services.Clock = &benchBackend{answer: []byte("hello")}, clock.System()
	r.server = New(Options{
		Services: r.services, Recorder: telemetry.NewRecorder(metrics, nil), Metrics: metrics, Log: slog.New(slog.DiscardHandler),
	})
	r.use(tb, benchCases[n].config...)
	q, w := &message.Request{}, &benchClient{}
	names := make([]message.Name, len(benchCases[n].fields))
	for i, f := range benchCases[n].fields {
		names[i] = message.NameOf(f[0])
	}
	host := message.NameOf("User-Agent")
	client := netip.MustParseAddrPort("203.0.113.7:40000")
	return r.server, func() {
		q.Reset()
		q.Method, q.Protocol, q.Client, q.Context = "GET", message.HTTP11, client, context.Background()
		q.URL = message.URL{Scheme: "https", Host: "gateway.example", Path: "/echo/orders/4711"}
		q.Header.Add(host, "bench")
		for i, f := range benchCases[n].fields {
			q.Header.Add(names[i], f[1])
		}
		r.server.Serve(q, w)
		if w.status != 200 {
			tb.Fatalf("answered %d", w.status)
		}
	}
}

func BenchmarkServe(b *testing.B) {
	for n, c := range benchCases {
		b.Run(c.name, func(b *testing.B) {
			_, one := benchServer(b, n)
			b.ReportAllocs()
			for b.Loop() {
				one()
			}
		})
	}
}

// maxAllocations is how often one request may allocate here: for its id, and for
// the path that joins the backend's with its own.
const maxAllocations = 2

// TestServe_Allocations holds what the benchmark measures.
func TestServe_Allocations(t *testing.T) {
	for n, c := range benchCases {
		_, one := benchServer(t, n)
		one()
		if got := testing.AllocsPerRun(1000, one); got > maxAllocations {
			t.Errorf("%s: %v allocations a request, want at most %d", c.name, got, maxAllocations)
		}
	}
}
