package serve

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/telemetry"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// metered is a rig that counts usage, with an API of a product, a subscription of
// a user's, and a cache.
func metered(t *testing.T) (*rig, *usage.Collector) {
	t.Helper()
	counted := usage.NewCollector()
	r := newRig(t, func(o *Options) { o.Recorder = telemetry.NewRecorder(nil, nil).WithUsage(counted) })
	list := []model.Resource{
		api("echo"), operation("echo", "GET", "/hello"), operation("echo", "POST", "/hello"),
		api("kept", func(a *model.API) { a.SubscriptionRequired = no }), operation("kept", "GET", "/hello"),
		documentOf("apis/echo", sections(`<inject />`, "")),
		documentOf("apis/kept", sections(`<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" downstream-caching-type="public" />`,
			`<cache-store duration="3600" />`)),
		documentOf("", `<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>`),
		&model.User{ID: model.NewID("users", "ann"), FirstName: "Ann", Email: "ann@example.com", State: model.UserActive},
		subscription("ada", "/products/starter", func(s *model.Subscription) { s.OwnerID = "/users/ann" }),
	}
	r.backend.answer = func(c *policy.Call) error {
		r.clock.Advance(2 * time.Millisecond)
		c.Backend.ID = "backend.example"
		c.Backend.Duration += 2 * time.Millisecond
		c.Response.Status = 200
		return c.Response.Body.SetBytes([]byte("hello"))
	}
	r.use(t, append(list, product("starter", "echo")...)...)
	return r, counted
}

// TestUsage counts what the gateway serves: each request once, whatever becomes of
// it, in the minute of its end.
func TestUsage(t *testing.T) {
	r, counted := metered(t)
	key := []string{"Ocp-Apim-Subscription-Key: ada-primary"}
	hello := func(fields ...string) { r.serve(get("https://gateway.example/echo/hello", fields...)) }
	hello(key...)
	hello()                                      // 401
	r.serve(get("https://gateway.example/away")) // 404
	r.serve(get("https://gateway.example/kept/hello"))
	r.serve(get("https://gateway.example/kept/hello")) // from the cache
	r.clock.Set(start.Add(59 * time.Second))
	r.inject = func(*policy.Call) error { r.clock.Advance(2 * time.Second); return nil }
	hello(key...) // over the edge of the minute
	r.inject = func(*policy.Call) error { panic("of the test") }
	hello(key...) // 500
	r.inject = nil
	r.server.Serve(get("https://gateway.example/echo/hello", key...), &fakeClient{gone: true})

	own := usage.Series{API: "echo", Operation: "get", Product: "starter", Subscription: "ada", User: "ann"}
	kept := usage.Series{API: "kept", Operation: "get"}
	next := start.Add(time.Minute)
	want := []usage.Row{
		{Minute: start, Totals: usage.Totals{Other: 1}},
		{Series: usage.Series{API: "echo", Operation: "get"}, Minute: start, Totals: usage.Totals{Blocked: 1}},
		{Series: own, Minute: start, Totals: usage.Totals{Success: 1}},
		{Series: kept, Minute: start, Totals: usage.Totals{Success: 2, CacheHits: 1, CacheMisses: 1}},
		{Series: own, Minute: next, Totals: usage.Totals{Success: 1, Failed: 1, Other: 1}},
	}
	got := counted.Drain()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(usage.Totals{}, "Whole", "Backend", "BytesIn", "BytesOut")); diff != "" {
		t.Fatal(diff)
	}
	if first := got[2].Totals; first.Backend.Count != 1 || first.Backend.Sum != 2000 || first.Whole.Sum != 2000 {
		t.Errorf("the latency is %+v", first)
	}
	if kept := got[3].Totals; kept.Backend.Count != 1 || kept.Whole.Count != 2 {
		t.Errorf("of two calls one called the backend: %+v", kept.Backend)
	}
	if diff := cmp.Diff(int64(0), r.server.InFlight()); diff != "" {
		t.Error(diff)
	}
}

// TestUsageCountsThousands serves many requests over many minutes.
func TestUsageCountsThousands(t *testing.T) {
	r, counted := metered(t)
	const n = 5000
	served := map[time.Time]uint64{}
	for i := range n {
		r.clock.Advance(time.Duration(i%700) * time.Millisecond)
		q := get("https://gateway.example/echo/hello")
		if i%3 > 0 {
			q.Header.Add(message.SubscriptionKey, "ada-primary")
		}
		r.serve(q)
		served[r.clock.Now().Truncate(time.Minute)]++
	}
	got := map[time.Time]uint64{}
	for _, row := range counted.Drain() {
		got[row.Minute] += row.Totals.Calls()
	}
	if diff := cmp.Diff(served, got); diff != "" {
		t.Error(diff)
	}
}
