package policies

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// document makes a text the only document, of the API.
func (r *rig) document(tb testing.TB, text string) {
	tb.Helper()
	r.chain = policy.Chain{}
	r.add(tb, policy.ScopeAPI, text)
}

// testExpressions makes the compiler of these tests, once.
var testExpressions = sync.OnceValues(expr.NewCompiler)

// add makes a text the document of a scope.
func (r *rig) add(tb testing.TB, scope policy.Scope, text string) {
	tb.Helper()
	expressions, err := testExpressions()
	if err != nil {
		tb.Fatal(err)
	}
	env := &policy.Environment{Policies: r.policies, Expressions: expressions, Services: r.services}
	doc, problems := policy.Compile(env, policy.Source{Text: []byte(text), File: "policy.xml", Resource: "apis/echo"}, scope)
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	r.chain.Set(scope, doc)
}

// cached is a document with a response cache, whose attributes are more than the
// least.
func cached(lookup, store string) string {
	return `<policies><inbound><cache-lookup vary-by-developer="false" vary-by-developer-groups="false" ` + lookup + ` /></inbound>` +
		`<backend><forward-request /></backend><outbound><cache-store ` + store + ` /></outbound></policies>`
}

// origin is a backend for calls at the same time.
type origin struct {
	calls  atomic.Int64
	answer func(c *policy.Call, call int64) error
}

func (o *origin) Forward(c *policy.Call, _ *policy.ForwardOptions) error {
	c.Response.Status = 200
	return o.answer(c, o.calls.Add(1))
}

// crowd takes calls through the policies at the same time.
type crowd struct {
	rig    *rig
	origin *origin
	wait   sync.WaitGroup
	bodies sync.Map
}

func newCrowd(t *testing.T, document string, answer func(c *policy.Call, call int64) error) *crowd {
	t.Helper()
	r := newRig(t)
	c := &crowd{rig: r, origin: &origin{answer: answer}}
	r.services.Forwarder, r.services.Flights = c.origin, cache.NewFlights(cache.FlightOptions{Clock: r.clock})
	r.document(t, document)
	return c
}

// add makes a call in the background.
func (w *crowd) add(ctx context.Context) {
	w.wait.Go(func() {
		c := w.rig.call("GET", "/echo")
		c.Request.Context = ctx
		contained(c)
		body := ""
		if reader, err := c.Response.Body.Reader(); err == nil {
			data, _ := io.ReadAll(reader) //nolint:errcheck // A call that is given up has no body.
			body = string(data)
		}
		w.bodies.Store(c, body)
		c.Release(message.Sent{HeadSent: true})
	})
}

// contained runs a call as the gateway does, which answers after a panic.
func contained(c *policy.Call) {
	defer func() {
		if recover() != nil {
			c.Fail(&policy.Fault{Status: 500})
		}
	}()
	c.Run()
}

// settle waits until so many calls wait for one.
func (w *crowd) settle(waiting uint64) {
	for w.rig.services.Flights.Stats().Waited < waiting {
		time.Sleep(time.Millisecond)
	}
	w.rig.clock.BlockUntil(int(waiting)) //nolint:gosec // There are few.
}

// got counts the bodies that were answered.
func (w *crowd) got() map[string]int {
	w.wait.Wait()
	all := map[string]int{}
	w.bodies.Range(func(_, body any) bool { all[body.(string)]++; return true }) //nolint:forcetypeassert // add stores texts.
	return all
}

// TestCacheOneFetches lets many equal calls find nothing at the same time.
func TestCacheOneFetches(t *testing.T) {
	const others = 20
	released := errors.New("the backend is gone")
	for _, tt := range []struct {
		name   string
		store  string
		answer func(c *policy.Call) error // of the first call
		cancel bool                       // whether the first caller gives up
		late   bool                       // whether the first call takes too long
		again  bool                       // whether the backend is called again
	}{
		{name: "kept"},
		{name: "kept as it streams", answer: func(c *policy.Call) error {
			c.Response.Body.SetStream(io.NopCloser(slow{}), -1)
			return nil
		}},
		{name: "not kept", answer: func(c *policy.Call) error {
			c.Response.Header.Add(message.SetCookie, "a=b")
			return nil
		}, again: true},
		{name: "fails", answer: func(*policy.Call) error { return released }, again: true},
		{name: "answers 503", answer: func(c *policy.Call) error {
			c.Response.Status = 503
			return nil
		}, again: true},
		{name: "panics", answer: func(*policy.Call) error { panic("a mistake") }, again: true},
		{name: "given up", answer: func(*policy.Call) error { return context.Canceled }, cancel: true, again: true},
		{name: "takes too long", late: true, again: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hold := make(chan struct{})
			w := newCrowd(t, cached("", `duration="60"`), func(c *policy.Call, call int64) error {
				if call > 1 {
					return c.Response.Body.SetBytes([]byte("other"))
				}
				<-hold
				if tt.answer != nil {
					return tt.answer(c)
				}
				return c.Response.Body.SetBytes([]byte("first"))
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w.add(ctx)
			for w.origin.calls.Load() == 0 {
				time.Sleep(time.Millisecond)
			}
			for range others {
				w.add(t.Context())
			}
			w.settle(others)
			if tt.late {
				w.rig.clock.Advance(cache.DefaultFlightWait)
				for w.origin.calls.Load() < 2 {
					time.Sleep(time.Millisecond)
				}
			}
			if tt.cancel {
				cancel()
			}
			close(hold)
			got := w.got()
			if again := w.origin.calls.Load() > 1; again != tt.again || !again && got["first"] != others+1 {
				t.Errorf("the backend was called %d times, want again %v: %v", w.origin.calls.Load(), tt.again, got)
			}
			if stats := w.rig.services.Flights.Stats(); stats.Flying != 0 {
				t.Errorf("afterwards %+v", stats)
			}
		})
	}
}

// slow is a body in two parts.
type slow struct{}

func (slow) Read(p []byte) (int, error) { return copy(p, "first"), io.EOF }

// TestCacheWaitsForNobodyTwice has a call look up twice, and no one store.
func TestCacheWaitsForNobodyTwice(t *testing.T) {
	const lookup = `<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" />`
	w := newCrowd(t, `<policies><inbound><base />`+lookup+`</inbound><backend><forward-request /></backend></policies>`,
		func(c *policy.Call, _ int64) error { return c.Response.Body.SetBytes([]byte("body")) })
	w.rig.add(t, policy.ScopeGlobal, `<policies><inbound>`+lookup+`</inbound></policies>`)
	for range 3 {
		w.add(t.Context())
		w.wait.Wait()
	}
	if s := w.rig.services.Flights.Stats(); s.Waited != 0 || s.Led != 1 || s.Flying != 0 || len(w.got()) != 1 {
		t.Errorf("%+v, want one that leads and none that waits, since nothing is stored", s)
	}
}

// stubborn is an external cache that does not remove.
type stubborn struct{ cache.None[cache.Value] }

func (stubborn) Delete(context.Context, string) error { return errors.New("no answer") }

// TestCacheRemovalFails removes from a cache that does not confirm it.
func TestCacheRemovalFails(t *testing.T) {
	for attribute, status := range map[string]int{
		"": 200, `fail-on-cache-removal-error="true"`: 500, `fail-on-cache-removal-error="@(context.Request.Method == "PUT")"`: 200,
		`fail-on-cache-removal-error="true" caching-type="internal"`: 200,
	} {
		r := newRig(t)
		r.services.External = &cache.External{}
		r.services.External.Use(&cache.Pair{Values: stubborn{}})
		r.mustCompile(t, `<cache-remove-value key="k" `+attribute+` />`)
		c := r.call("GET", "/echo")
		fault := r.run(t, c)
		if c.Response.Status != status || (fault != nil) != (status == 500) {
			t.Errorf("%q: %d, %v; want %d", attribute, c.Response.Status, fault, status)
		}
	}
}

// TestCacheTypesChoose looks up where documents say.
func TestCacheTypesChoose(t *testing.T) {
	for _, tt := range []struct {
		name     string
		outside  bool
		internal bool // whether it is in the internal cache afterwards
		external bool
	}{
		{"internal", true, true, false},
		{"external", true, false, true},
		{"external", false, false, false},
		{"prefer-external", true, false, true},
		{"prefer-external", false, true, false},
	} {
		r, other := newRig(t), newRig(t)
		r.services.External = &cache.External{}
		if tt.outside {
			r.services.External.Use(&cache.Pair{Responses: other.services.Responses})
		}
		r.document(t, cached(`caching-type="`+tt.name+`"`, `duration="60"`))
		r.backend = func(c *policy.Call) error { return c.Response.Body.SetBytes([]byte("body")) }
		var key string
		c := r.call("GET", "/echo")
		r.run(t, c)
		key = c.Lookup.Key
		_, internal := r.services.Responses.Get(t.Context(), key)
		_, external := other.services.Responses.Get(t.Context(), key)
		if internal != tt.internal || external != tt.external {
			t.Errorf("%s, %v: kept inside %v, outside %v", tt.name, tt.outside, internal, external)
		}
		r.backend = func(*policy.Call) error { return errors.New("it is called again") }
		if fault := r.run(t, r.call("GET", "/echo")); (fault == nil) != (tt.internal || tt.external) {
			t.Errorf("%s, %v: %v", tt.name, tt.outside, fault)
		}
	}
}
