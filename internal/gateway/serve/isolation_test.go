package serve

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// full leaves traces everywhere: variables, pending fields, a backend, a product,
// a subscription, a user.
const full = `<policies><inbound><base /><cors><allowed-origins><origin>https://site.example</origin></allowed-origins><expose-headers><header>X-A</header></expose-headers></cors>
<set-variable name="secret" value="of A" /><set-header name="X-A"><value>of A</value></set-header><set-backend-service backend-id="special" /><inject /></inbound>
<backend><base /></backend><outbound><base /><set-header name="X-Out"><value>of A</value></set-header></outbound><on-error><base /><probe name="full" /></on-error></policies>`

func isolationConfig() []model.Resource {
	return all(api("full"), operation("full", "GET", "/{a}/{b}"), documentOf("apis/full", full),
		api("plain", anonymous), operation("plain", "GET", "/"), documentOf("apis/plain", injecting),
		product("starter", "full"), documentOf("products/starter", probes("product")),
		&model.User{ID: "users/ada", Email: "ada@example.com", FirstName: "Ada", LastName: "L"},
		subscription("ada", "/products/starter", func(s *model.Subscription) { s.OwnerID = "/users/ada" }),
		&model.Backend{ID: "backends/special", URL: "https://special.example", Protocol: "http"},
		documentOf("", `<policies><inbound /><backend><forward-request /></backend><outbound /><on-error><probe name="global" /></on-error></policies>`))
}

// oneExchange makes the server use one exchange for every request.
func oneExchange(r *rig) *exchange {
	x := newExchange()
	r.server.exchanges.New = func() any { return x }
	return x
}

// firsts are requests that go before another.
var firsts = map[string]func(*rig) *message.Request{
	"answered": func(*rig) *message.Request {
		return get("https://gateway.example/full/1/2?secret=a", "Ocp-Apim-Subscription-Key: ada-primary", "Origin: https://site.example")
	},
	"failed": func(r *rig) *message.Request {
		r.inject = func(*policy.Call) error { return errors.New("failing") }
		return get("https://gateway.example/full/1/2", "Ocp-Apim-Subscription-Key: ada-primary", "Origin: https://site.example")
	},
	"invalid key": func(*rig) *message.Request {
		return get("https://gateway.example/full/1/2", "Ocp-Apim-Subscription-Key: secret-of-a")
	},
	"unmatched": func(*rig) *message.Request { return get("https://gateway.example/full/1/2/3/4") },
	"preflight": func(*rig) *message.Request {
		return request("OPTIONS", "https://gateway.example/full/1/2?subscription-key=ada-primary", "Origin: https://site.example", "Access-Control-Request-Method: GET")
	},
	"with a body": func(*rig) *message.Request {
		return withBody(get("https://gateway.example/full/1/2", "Ocp-Apim-Subscription-Key: ada-primary"), strings.NewReader("of A"))
	},
}

// TestNothingIsLeft compares a request behind another with the same one alone.
func TestNothingIsLeft(t *testing.T) {
	seconds := map[string]func() *message.Request{
		"plain":   func() *message.Request { return get("https://gateway.example/plain") },
		"refused": func() *message.Request { return get("/full/%2e%2e/x") },
	}
	for first, a := range firsts {
		for second, b := range seconds {
			t.Run(first+" then "+second, func(t *testing.T) {
				alone := newRig(t)
				alone.use(t, isolationConfig()...)
				want := observed(alone, b())
				after := newRig(t)
				after.use(t, isolationConfig()...)
				x := oneExchange(after)
				after.serve(a(after))
				after.inject, after.seen = nil, nil
				*after.backend = fakeBackend{}
				if diff := cmp.Diff(newExchange(), x, everyField...); diff != "" {
					t.Errorf("left in the exchange (-fresh +used):\n%s", diff)
				}
				if diff := cmp.Diff(want, observed(after, b())); diff != "" {
					t.Errorf("(-alone +after):\n%s", diff)
				}
			})
		}
	}
}

// TestBrokenExchangeIsDropped takes a new exchange after a panic, and only then.
func TestBrokenExchangeIsDropped(t *testing.T) {
	r := newRig(t)
	r.use(t, isolationConfig()...)
	used := map[*exchange]bool{}
	r.server.exchanges.New = func() any { x := newExchange(); used[x] = true; return x }
	var broken *policy.Call
	r.inject = func(c *policy.Call) error { broken = c; panic("boom") }
	r.serve(get("https://gateway.example/plain"))
	for range 100 {
		r.inject = func(c *policy.Call) error {
			if c == broken {
				t.Error("the exchange of a panic was used again")
			}
			return nil
		}
		r.serve(get("https://gateway.example/plain"))
	}
	if len(used) < 2 {
		t.Errorf("%d exchanges were made", len(used))
	}
}

// everyField compares exchanges to their last field; memory that is kept for the
// next request is empty, and the match is overwritten by it.
var everyField = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmpopts.EquateEmpty(),
	cmpopts.IgnoreTypes(route.Match{}),
}

// observed is everything that a request leads to.
func observed(r *rig, q *message.Request) string {
	var seen []string
	r.inject = func(c *policy.Call) error {
		variables := 0
		for range c.Variables.Len() {
			variables++
		}
		seen = append(seen, fmt.Sprintf("%d variables, %v, %+v, %v, %d pending, %v %v %+v %q", variables, c.Parameters, c.Expr.Subscription,
			c.Expr.Product == nil && c.Expr.User == nil && c.Expr.Backend == nil && c.Expr.LastError == nil, c.Pending.Len(), c.Failure, c.Response.Header.Fields(), c.Destination, c.Key))
		return nil
	}
	w := r.serve(q)
	return fmt.Sprint(ids.ReplaceAllString(w.String(), "id"), r.seen, seen, r.backend.url, r.backend.header.Fields(), r.backend.body)
}

// TestSnapshotIsPinned swaps the configuration while a request is inside a
// policy.
func TestSnapshotIsPinned(t *testing.T) {
	r := newRig(t)
	config := func(name, url string) []model.Resource {
		return all(api("echo", anonymous, func(a *model.API) { a.ServiceURL = url }), operation("echo", "GET", "/"),
			documentOf("apis/echo", strings.Replace(probes(name), "<inbound><base />", "<inbound><base /><inject />", 1)),
			documentOf("", strings.ReplaceAll(strings.Replace(probes(name+" global"), "<backend><base />", "<backend><forward-request />", 1), "<base />", "")))
	}
	r.use(t, config("old", "https://old.example")...)
	r.inject = func(*policy.Call) error {
		if r.server.Snapshot().Revision() == 7 {
			snap, problems := compile(r, config("new", "https://new.example"))
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			r.server.Use(snap)
		}
		return nil
	}
	r.serve(get("https://gateway.example/echo"))
	if diff := cmp.Diff([]string{"old global in", "old in", "old global out", "old out"}, r.seen); diff != "" || !strings.HasPrefix(r.backend.url, "https://old.example") {
		t.Errorf("backend %s (-want +got):\n%s", r.backend.url, diff)
	}
	r.seen, r.inject = nil, nil
	r.serve(get("https://gateway.example/echo"))
	if len(r.seen) != 4 || !strings.HasPrefix(r.seen[0], "new") || !strings.HasPrefix(r.backend.url, "https://new.example") {
		t.Errorf("the next request saw %v and went to %s", r.seen, r.backend.url)
	}
}

// canaries are keys that must not be in any log.
var canaries = []string{"canary+key/with=signs", "canary-secondary", "canary-unknown"}

// leaks returns the canaries that are in the logs.
func leaks(t *testing.T, r *rig) []string {
	t.Helper()
	r.records(t)
	text := r.log.String() + r.lines.String()
	var found []string
	for _, c := range canaries {
		if strings.Contains(text, c) || strings.Contains(text, url.QueryEscape(c)) {
			found = append(found, c)
		}
	}
	return found
}

// canaryRequests sends each key in each place into each kind of failure.
func canaryRequests(t *testing.T) (*rig, int) {
	t.Helper()
	r := newRig(t)
	r.use(t, all(api("echo"), operation("echo", "GET", "/"), documentOf("apis/echo", injecting),
		subscription("canary", "/apis", func(s *model.Subscription) { s.PrimaryKey, s.SecondaryKey = canaries[0], canaries[1] }))...)
	kinds := []func(*policy.Call) error{
		nil,
		func(c *policy.Call) error { return errors.New("failing with " + c.Request.URL.String() + " " + c.Key) },
		func(c *policy.Call) error { panic("panicking with " + c.Request.URL.String() + " " + c.Key) },
		func(c *policy.Call) error {
			return &policy.Fault{Status: 502, Source: "x", Reason: "y", Message: "message " + c.Key, Err: &url.Error{Op: "Get", URL: c.Request.URL.String(), Err: errors.New("refused")}}
		},
	}
	n := 0
	for _, key := range canaries {
		for _, kind := range kinds {
			r.inject = kind
			for _, target := range []string{"/echo", "/nothing"} {
				r.serve(get("https://gateway.example"+target, "Ocp-Apim-Subscription-Key: "+key))
				r.serve(get("https://gateway.example" + target + "?subscription-key=" + url.QueryEscape(key)))
				n += 2
			}
		}
	}
	return r, n
}

// TestS20_SubscriptionKeysStayOutOfLogs looks for keys in the access log and in
// the log.
func TestS20_SubscriptionKeysStayOutOfLogs(t *testing.T) {
	r, n := canaryRequests(t)
	found := leaks(t, r)
	if len(found) > 0 {
		t.Errorf("in the logs: %v\n%s%s", found, r.log.String(), r.lines.String())
	}
	if !strings.Contains(r.log.String(), redacted) {
		t.Error("nothing was taken out: the test proves nothing")
	}
	t.Logf("S20: %d subscription keys in the logs of %d requests (0)", len(found), n)
}

// TestS20_SubscriptionKeysStayOutOfLogs_NegativeControl logs what a failure says
// as it is.
func TestS20_SubscriptionKeysStayOutOfLogs_NegativeControl(t *testing.T) {
	r, _ := canaryRequests(t)
	x := newExchange() // It knows of no key.
	r.server.logFault(x, &policy.Fault{Status: 500, Message: "calling https://x.example?k=" + url.QueryEscape(canaries[0])})
	if len(leaks(t, r)) == 0 {
		t.Error("a key in the log was not found")
	}
}
