package serve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// bomb panics in the n-th step that runs, counted from 1; 0 is never.
type bomb struct{ ran, at int }

// armed is a registry in which every step of every policy can panic.
func (b *bomb) armed() *policy.Registry {
	var specs []*policy.Spec
	for _, s := range policies.All().All() {
		armed, compile := *s, s.Compile
		armed.Compile = func(c *policy.Compiler, el *document.Element) policy.Step {
			step := compile(c, el)
			if step == nil {
				return nil
			}
			return policy.StepFunc(func(c *policy.Call) error {
				if b.ran++; b.ran == b.at {
					panic("the bomb in " + armed.Name)
				}
				return step.Run(c)
			})
		}
		specs = append(specs, &armed)
	}
	return policy.NewRegistry(specs...)
}

// everyPolicy uses the policies that can stand together in one document.
const everyPolicy = `<policies>
<inbound>
	<base />
	<check-header name="X-Asked" failed-check-httpcode="400" failed-check-error-message="no" ignore-case="true"><value>yes</value></check-header>
	<ip-filter action="allow"><address>203.0.113.7</address></ip-filter>
	<cors><allowed-origins><origin>https://site.example</origin></allowed-origins></cors>
	<rate-limit-by-key calls="100" renewal-period="60" counter-key="k" />
	<quota-by-key calls="100" renewal-period="3600" counter-key="k" />
	<limit-concurrency key="in" max-count="1"><set-variable name="v" value="1" /></limit-concurrency>
	<choose><when condition="@(true)"><set-header name="X-In" exists-action="override"><value>1</value></set-header></when></choose>
	<set-query-parameter name="q" exists-action="override"><value>1</value></set-query-parameter>
	<set-method>POST</set-method>
	<rewrite-uri template="/elsewhere" />
	<set-backend-service base-url="https://other.example" />
	<authentication-basic username="a" password="b" />
	<trace source="test"><message>passing</message></trace>
	<set-body>text</set-body>
	<include-fragment fragment-id="shared" />
</inbound>
<backend><retry condition="@(false)" count="1" interval="0"><limit-concurrency key="out" max-count="1"><forward-request /></limit-concurrency></retry></backend>
<outbound>
	<base />
	<set-status code="201" />
	<set-header name="X-Out" exists-action="append"><value>1</value></set-header>
	<choose><when condition="@(context.Response.StatusCode == 201)"><return-response><set-status code="202" /><set-body>done</set-body></return-response></when></choose>
</outbound>
<on-error><base /><set-header name="X-Error" exists-action="override"><value>1</value></set-header></on-error>
</policies>`

// bombed is a server with everyPolicy, whose steps can panic.
func bombed(t *testing.T) (*rig, *bomb) {
	t.Helper()
	b := &bomb{}
	r := newRig(t)
	r.settings.Policies = b.armed()
	r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"), documentOf("apis/echo", everyPolicy),
		&model.PolicyFragment{ID: "policyFragments/shared", Value: `<fragment><set-variable name="w" value="2" /></fragment>`, Format: model.PolicyRawXML})...)
	return r, b
}

func bombedRequest() *message.Request {
	return get("https://gateway.example/echo", "X-Asked: yes", "Origin: https://site.example")
}

// TestPanicInPolicy panics in every step, one after the other.
func TestPanicInPolicy(t *testing.T) {
	r, b := bombed(t)
	normal := r.serve(bombedRequest())
	steps := b.ran
	if normal.status != 202 || steps < 25 {
		t.Fatalf("without a panic: %d steps, %s", steps, normal)
	}
	survived := 0
	for n := 1; n <= steps; n++ {
		r, b := bombed(t)
		b.at = n
		failed := r.serve(bombedRequest())
		b.at = 0
		next := r.serve(bombedRequest())
		log := r.records(t)
		switch {
		case failed.status != 500 || failed.answers != 1 || !failed.header.Has(message.NameOf("X-Error")):
			t.Errorf("step %d: answered %s", n, failed)
		case next.String() != normal.String():
			t.Errorf("step %d: the next request was answered %s", n, next)
		case !strings.Contains(r.log.String(), "the bomb in") || !strings.Contains(r.log.String(), "panic_test.go"):
			t.Errorf("step %d: no panic with its stack in the log: %s", n, r.log.String())
		case r.services.Concurrency.Inside("in")+r.services.Concurrency.Inside("out")+r.server.InFlight() != 0:
			t.Errorf("step %d: something is still held", n)
		case len(log) != 2 || log[0].Status != 500:
			t.Errorf("step %d: records %+v", n, log)
		default:
			survived++
		}
	}
	t.Logf("%d of %d panics of policy steps answered with 500 and without effect on the next request (all)", survived, steps)
}

// TestPanicInPolicy_NegativeControl runs the same steps without the server.
func TestPanicInPolicy_NegativeControl(t *testing.T) {
	r, b := bombed(t)
	r.serve(bombedRequest())
	steps := b.ran
	escaped := 0
	for n := 1; n <= steps; n++ {
		b.ran, b.at = 0, n
		x := newExchange()
		r.server.prepare(x, bombedRequest())
		if f := r.server.route(x); f != nil {
			t.Fatal(f)
		}
		func() {
			defer func() {
				if recover() != nil {
					escaped++
				}
			}()
			x.call.Run()
		}()
	}
	if escaped != steps {
		t.Errorf("%d of %d panics came through", escaped, steps)
	}
}

// ends panics at the end of the pipeline, or when the answer has been sent.
type ends struct {
	name  string
	panic bool
	ran   *[]string
}

func (e ends) Finish(*policy.Call) {
	*e.ran = append(*e.ran, "finish "+e.name)
	if e.panic {
		panic("the finisher " + e.name)
	}
}

func (e ends) Release(*policy.Call, message.Sent) {
	*e.ran = append(*e.ran, "release "+e.name)
	if e.panic {
		panic("the releaser " + e.name)
	}
}

// TestPanicAtTheEnd runs what else is left to be done, each once.
func TestPanicAtTheEnd(t *testing.T) {
	for _, when := range []string{"finish", "release"} {
		t.Run(when, func(t *testing.T) {
			r := newRig(t)
			r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"), documentOf("apis/echo", injecting))...)
			var ran []string
			r.inject = func(c *policy.Call) error {
				for _, name := range []string{"a", "b", "c"} {
					e := ends{name, name == "b", &ran}
					if when == "finish" {
						c.AtEnd(e)
					} else {
						c.WhenSent(e)
					}
				}
				return nil
			}
			w := r.serve(get("https://gateway.example/echo"))
			want, status := fmt.Sprintf("[%[1]s a %[1]s b %[1]s c]", when), 200
			if when == "finish" {
				status = 500
			}
			if fmt.Sprint(ran) != want || w.status != status || w.answers != 1 {
				t.Errorf("ran %v, want %s; answered %s", ran, want, w)
			}
			if log := r.records(t); len(log) != 1 || r.server.InFlight() != 0 {
				t.Errorf("records %+v, in flight %d", log, r.server.InFlight())
			}
		})
	}
}

// TestPanicInEngine lets a panic of the engine through, after what is left to be
// done has been done.
func TestPanicInEngine(t *testing.T) {
	r := newRig(t)
	r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"), documentOf("apis/echo", injecting))...)
	var ran []string
	r.inject = func(c *policy.Call) error { c.WhenSent(ends{"a", false, &ran}); return nil }
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not reach the engine, which would take the answer for complete")
			}
		}()
		r.server.Serve(get("https://gateway.example/echo"), &fakeClient{explode: true})
	}()
	log := r.records(t)
	if len(ran) != 1 || r.server.InFlight() != 0 || len(log) != 1 || log[0].Reason != policy.ReasonInternal || log[0].Status != 0 {
		t.Errorf("ran %v, in flight %d, records %+v", ran, r.server.InFlight(), log)
	}
	if !strings.Contains(r.log.String(), "rig_test.go") {
		t.Errorf("no stack in the log: %s", r.log.String())
	}
}

// TestPanicInForwarder is a panic outside any policy.
func TestPanicInForwarder(t *testing.T) {
	r := newRig(t)
	r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"))...)
	r.backend.answer = func(*policy.Call) error { panic("boom") }
	if w := r.serve(get("https://gateway.example/echo")); w.status != 500 || !strings.Contains(w.body, "activityId") {
		t.Errorf("answered %s", w)
	}
}
