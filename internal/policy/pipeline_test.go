package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// full is a document with all sections, which notes its name around base.
func full(name string) string {
	var b strings.Builder
	b.WriteString("<policies>")
	for _, s := range []string{"inbound", "backend", "outbound", "on-error"} {
		b.WriteString("<" + s + `><note text="` + name + `" /><base /><note text="/` + name + `" /></` + s + ">")
	}
	return b.String() + "</policies>"
}

func TestPipeline(t *testing.T) {
	in := func(text string) string { return "<policies><inbound>" + text + "</inbound></policies>" }
	tests := []struct {
		name      string
		documents map[policy.Scope]string
		backend   error
		want      string
		status    int
	}{
		{"without documents", nil, nil, "forward", 200},
		{"an empty document", map[policy.Scope]string{policy.ScopeAPI: "<policies />"}, nil, "forward", 200},
		{"a section without base", map[policy.Scope]string{policy.ScopeAPI: "<policies><backend /></policies>"}, nil, "", 200},
		{"all sections", map[policy.Scope]string{policy.ScopeGlobal: full("g")}, nil,
			"inbound:g inbound:/g backend:g forward backend:/g outbound:g outbound:/g", 200},
		{"all scopes", map[policy.Scope]string{policy.ScopeGlobal: in(`<base/><note text="g"/>`), policy.ScopeWorkspace: in(`<base/><note text="w"/>`),
			policy.ScopeProduct: in(`<base/><note text="p"/>`), policy.ScopeAPI: in(`<base/><note text="a"/>`), policy.ScopeOperation: in(`<base/><note text="o"/>`)},
			nil, "inbound:g inbound:w inbound:p inbound:a inbound:o forward", 200},
		{"a scope without base", map[policy.Scope]string{policy.ScopeGlobal: in(`<note text="g"/>`), policy.ScopeProduct: in(`<note text="p"/>`), policy.ScopeAPI: in(`<base/><note text="a"/>`)},
			nil, "inbound:p inbound:a forward", 200},
		{"a scope without the section", map[policy.Scope]string{policy.ScopeGlobal: in(`<note text="g"/>`), policy.ScopeProduct: "<policies><outbound /></policies>", policy.ScopeAPI: in(`<base/><note text="a"/>`)},
			nil, "inbound:g inbound:a forward", 200},
		{"done", map[policy.Scope]string{policy.ScopeAPI: in(`<note text="1"/><group><done/><note text="2"/></group><note text="3"/>`)}, nil, "inbound:1", 200},
		{"failed inbound", map[policy.Scope]string{policy.ScopeAPI: "<policies><inbound><fail/><note text=\"x\"/></inbound><outbound><note text=\"x\"/></outbound><on-error><base/><note text=\"e\"/></on-error></policies>",
			policy.ScopeGlobal: "<policies><on-error><note text=\"ge\"/></on-error></policies>"}, nil, "inbound:fail on-error:ge on-error:e", 418},
		{"failed backend", map[policy.Scope]string{policy.ScopeAPI: "<policies><on-error><note text=\"e\"/></on-error></policies>"},
			&policy.Fault{Status: 500, Source: "forward-request", Reason: policy.ReasonTimeout}, "forward on-error:e", 500},
		{"failed on-error", map[policy.Scope]string{policy.ScopeAPI: "<policies><inbound><done/></inbound><on-error><fail/></on-error></policies>"}, nil, "", 200},
		{"failed twice", map[policy.Scope]string{policy.ScopeAPI: "<policies><on-error><note text=\"1\"/><fail/><note text=\"2\"/></on-error></policies>"},
			&policy.Fault{Status: 500, Source: "forward-request"}, "forward on-error:1 on-error:fail", 418},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := &notes{}
			c := n.call(t, test.documents)
			c.Services.Forwarder = backend{n: n, err: test.backend}
			fault := c.Run()
			if diff := cmp.Diff(test.want, n.String()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if c.Response.Status != test.status || (fault != nil) != (test.status >= 400) {
				t.Errorf("status %d, fault %v", c.Response.Status, fault)
			}
		})
	}
}

// TestFaultPlace looks at where a failure is said to have happened.
func TestFaultPlace(t *testing.T) {
	n := &notes{}
	c := n.call(t, map[policy.Scope]string{
		policy.ScopeAPI:     `<policies><inbound><base /></inbound></policies>`,
		policy.ScopeProduct: `<policies><inbound><note text="1"/><group><group /><group id="inner"><fail id="mine"/></group></group></inbound></policies>`,
	})
	fault := c.Run()
	want := &policy.Fault{Source: "fail", Reason: "Failed", Message: "it failed", Scope: "product", Section: "inbound",
		Path: "group[1]/group[2]/fail[1]", PolicyID: "mine", Status: 418, Public: true}
	if diff := cmp.Diff(want, fault); diff != "" {
		t.Errorf("fault (-want +got):\n%s", diff)
	}
	if e := c.Expr.LastError; e == nil || e.Source != "fail" || e.Path != want.Path || e.PolicyID != "mine" || e.Scope != "product" || c.Failure != fault {
		t.Errorf("LastError is %+v", e)
	}
}

// TestDefaultForwardPlace looks at the failure of the forwarding that no document
// asks for.
func TestDefaultForwardPlace(t *testing.T) {
	n := &notes{}
	c := n.call(t, nil)
	c.Services.Forwarder = backend{n: n, err: errors.New("no route")}
	fault := c.Run()
	if fault == nil || fault.Source != "forward-request" || fault.Path != "forward-request[1]" || fault.Section != "backend" || fault.Scope != "global" {
		t.Errorf("the fault is %+v", fault)
	}
}

// TestFaultOfErrors classifies what steps return.
func TestFaultOfErrors(t *testing.T) {
	tests := []struct {
		name    string
		section policy.Section
		err     error
		status  int
		reason  string
		body    string
	}{
		{"an error", policy.Inbound, errors.New("secret"), 500, policy.ReasonInternal, `{ "statusCode": 500, "message": "Internal server error", "activityId": "id" }`},
		{"an exception", policy.Inbound, &expr.Exception{Type: "System.Exception", Message: "m"}, 500, policy.ReasonExpressionEvaluationFailed,
			`{ "statusCode": 500, "message": "Internal server error", "activityId": "id" }`},
		{"the client", policy.Inbound, &message.ClientError{Err: errors.New("broken off")}, 400, policy.ReasonClientConnectionFailure,
			`{ "statusCode": 400, "message": "The request could not be read." }`},
		{"a body that is too large", policy.Inbound, &message.TooLargeError{Limit: 5}, 413, "BodyTooLarge",
			`{ "statusCode": 413, "message": "the body is larger than the 5 bytes that may be buffered" }`},
		{"a backend's body that is too large", policy.Outbound, &message.TooLargeError{Limit: 5}, 500, "BodyTooLarge",
			`{ "statusCode": 500, "message": "Internal server error", "activityId": "id" }`},
		{"a fault that tells something else", policy.Inbound, policy.NewFault(429, "s", "r", "long \"text\"\n").Telling("short \"text\"\x01"), 429, "r",
			`{ "statusCode": 429, "message": "short \"text\"\u0001" }`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			meta := &policy.Meta{Policy: "p", Path: "p[1]", Section: test.section, Scope: policy.ScopeAPI}
			steps := policy.Steps{{Step: policy.StepFunc(func(*policy.Call) error { return test.err }), Meta: meta}}
			n := &notes{}
			c := n.call(t, nil)
			var fault *policy.Fault
			if err := steps.Run(c); !errors.As(err, &fault) {
				t.Fatalf("the error is %v", err)
			}
			if fault.Status != test.status || fault.Reason != test.reason || fault.Path != "p[1]" {
				t.Errorf("the fault is %+v", fault)
			}
			if diff := cmp.Diff(test.body, string(fault.Body("id"))); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFailedAnswer looks at the answer to a failure, with its fields.
func TestFailedAnswer(t *testing.T) {
	n := &notes{}
	c := n.call(t, nil)
	fault := policy.NewFault(401, "authorization", "Missing", "no key").WithHeader(message.WWWAuthenticate, "Basic")
	fault.Phrase = "Access Denied"
	c.Fail(fault)
	if v, _ := c.Response.Header.Get(message.WWWAuthenticate); v != "Basic" || c.Response.Reason != "Access Denied" || c.Response.Status != 401 {
		t.Errorf("the answer is %+v", c.Response)
	}
	c.Fail(&policy.Fault{Status: 404, Empty: true})
	if c.Response.Body.Present() || c.Response.Status != 404 || c.Response.Header.Has(message.ContentType) {
		t.Errorf("the empty answer is %+v", c.Response)
	}
}

// finisher notes that it was run.
type finisher struct {
	n    *notes
	name string
}

// Finish notes the status of the answer.
func (f finisher) Finish(c *policy.Call) {
	f.n.add("finish:" + f.name)
	c.Response.Header.Set(message.NameOf("X-Finished"), f.name)
}

// Release notes what was sent.
func (f finisher) Release(_ *policy.Call, sent message.Sent) {
	if sent.HeadSent {
		f.n.add("release:" + f.name)
	}
}

// TestEnd runs what steps left to be done, each once, in order, also after a
// failure.
func TestEnd(t *testing.T) {
	n := &notes{}
	c := n.call(t, map[policy.Scope]string{policy.ScopeAPI: "<policies><inbound><fail /></inbound></policies>"})
	c.AtEnd(finisher{n, "1"})
	c.AtEnd(finisher{n, "2"})
	c.WhenSent(finisher{n, "1"})
	c.WhenSent(finisher{n, "2"})
	c.Pending.Set(message.NameOf("X-Pending"), "p")
	c.Pending.Add(message.SetCookie, "a=1")
	c.Pending.Add(message.SetCookie, "b=2")
	c.Run()
	c.Release(message.Sent{HeadSent: true})
	c.Release(message.Sent{HeadSent: true})
	if want := "inbound:fail finish:1 finish:2 release:1 release:2"; n.String() != want {
		t.Errorf("%s, want %s", n, want)
	}
	pending, _ := c.Response.Header.Get(message.NameOf("X-Pending"))
	cookies := c.Response.Header.Values(nil, message.SetCookie)
	if finished, _ := c.Response.Header.Get(message.NameOf("X-Finished")); finished != "2" || pending != "p" || len(cookies) != 2 {
		t.Errorf("the answer's header is %+v", c.Response.Header.Fields())
	}
}

// TestReset makes sure that nothing of a call is left in the next.
func TestReset(t *testing.T) {
	n := &notes{}
	c := n.call(t, nil)
	c.AtEnd(finisher{n, "1"})
	c.WhenSent(finisher{n, "1"})
	c.Pending.Set(message.NameOf("X-Pending"), "p")
	c.Parameters = append(c.Parameters, policy.Parameter{Name: "a", Value: "b"})
	c.Key, c.Backend.ID = "key", "b"
	c.Run()
	c.Reset()
	if c.Key != "" || c.Backend.ID != "" || c.Request != nil || len(c.Parameters) != 0 || c.Pending.Len() != 0 || c.Variables.Len() != 0 || c.Failure != nil {
		t.Errorf("the call is %+v", c)
	}
	n.list = nil
	c.Response = &message.Response{}
	c.Finish()
	c.Release(message.Sent{HeadSent: true})
	if len(n.list) > 0 {
		t.Errorf("the next call runs %s", n)
	}
}

// preflighter answers preflight requests of one origin.
type preflighter struct{ origin string }

// Run does nothing.
func (preflighter) Run(*policy.Call) error { return nil }

// Preflight answers where the origin is its own.
func (p preflighter) Preflight(c *policy.Call) (bool, error) {
	origin, _ := c.Request.Header.Get(message.Origin)
	if origin == "error" {
		return false, errors.New("failed")
	}
	return origin == p.origin, nil
}

// TestPreflight asks the cors policies of the chain, narrowest scope first.
func TestPreflight(t *testing.T) {
	n := &notes{}
	env := n.environment(t, map[string]string{"cors": `<fragment><cors origin="fragment" /></fragment>`})
	env.Policies = policy.NewRegistry(append(n.registry().All(), &policy.Spec{
		Name: "cors", Sections: policy.Inbound, Scopes: policy.AnyScope, Shape: policy.Shape{Attributes: []policy.Attribute{{Name: "origin"}}},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			origin, _ := c.String(el, "origin").Constant()
			return preflighter{origin}
		},
	})...)
	chain := func(texts map[policy.Scope]string) (ch policy.Chain) {
		for scope, text := range texts {
			doc, problems := policy.Compile(env, policy.Source{Text: []byte("<policies><inbound>" + text + "</inbound></policies>")}, scope)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			ch.Set(scope, doc)
		}
		return ch
	}
	both := chain(map[policy.Scope]string{policy.ScopeAPI: `<base /><cors origin="api" />`, policy.ScopeGlobal: `<include-fragment fragment-id="cors" />`})
	alone := chain(map[policy.Scope]string{policy.ScopeAPI: `<cors origin="api" />`, policy.ScopeGlobal: `<cors origin="global" />`})
	tests := []struct {
		name, origin string
		chain        policy.Chain
		want, fails  bool
	}{
		{"the API's", "api", both, true, false},
		{"the fragment's of the global document", "fragment", both, true, false},
		{"nobody's", "other", both, false, false},
		{"not inherited", "global", alone, false, false},
		{"failed", "error", both, false, true},
		{"without documents", "api", policy.Chain{}, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := n.call(t, nil)
			c.Chain = test.chain
			c.Request.Header.Set(message.Origin, test.origin)
			if answered, err := c.Preflight(); answered != test.want || (err != nil) != test.fails {
				t.Errorf("%v, %v", answered, err)
			}
		})
	}
}

// TestTypedValues evaluates attributes of each type, given, absent, and as
// expressions.
func TestTypedValues(t *testing.T) {
	tests := []struct {
		name, attributes, want string
		fails                  bool
	}{
		{"defaults", "", "3,yes,red", false},
		{"given", `number=" 5 " flag="FALSE" colour="blue"`, "5,no,blue", false},
		{"a named value", `number="{{five}}" colour="{{colour}}"`, "5,yes,blue", false},
		{"expressions", `number="@(1 + 1)" flag="@(context.Request.Method == "POST")"`, "2,no,red", false},
		{"an expression out of range", `number="@(context.Request.Url.Path.Length + 5)"`, "", true},
		{"an expression that fails", `flag="@(bool.Parse(context.Request.Method))"`, "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := &notes{}
			c := n.call(t, map[policy.Scope]string{policy.ScopeAPI: "<policies><inbound><typed a=\"1\" " + test.attributes + "><value>1</value></typed><done/></inbound></policies>"})
			fault := c.Run()
			if n.String() != test.want || (fault != nil) != test.fails {
				t.Errorf("%q, want %q (%v)", n, test.want, fault)
			}
		})
	}
}
