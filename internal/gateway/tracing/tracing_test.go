package tracing

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

var start = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// sign makes a token as the management plane does.
func sign(key, api string, expires time.Time) string {
	signed := "p=tracing&aid=" + api + "&ex=" + expires.Format(secondForm)
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write([]byte(signed))
	return signed + "&sn=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// newCall is a call of the API "echo" with a debug token, or with none.
func newCall(token string, fields ...string) *policy.Call {
	c := &policy.Call{ID: "trace-1", Begin: start, Request: &message.Request{Method: "GET", Context: context.Background()}, Response: &message.Response{}}
	c.Request.URL = message.URL{Scheme: "https", Host: "gate.example", Path: "/echo", Query: "key=canary-1"}
	c.Original = c.Request.URL
	c.API = &model.API{ID: "apis/echo", Path: "echo"}
	if token != "" {
		c.Request.Header.Set(debugAuthorization, token)
	}
	for i := 0; i < len(fields); i += 2 {
		c.Request.Header.Set(message.NameOf(fields[i]), fields[i+1])
	}
	return c
}

func TestBegin(t *testing.T) {
	good := sign("k", "echo", start.Add(time.Hour))
	tests := []struct {
		name, token string
		records     bool
		answers     message.Name
	}{
		{"good", good, true, traceID},
		{"in another case", sign("k", "ECHO", start.Add(time.Hour)), true, traceID},
		{"the second key", sign("k2", "echo", start.Add(time.Hour)), true, traceID},
		{"none", "", false, message.Name{}},
		{"nonsense", "x", false, message.Name{}},
		{"another key", sign("other", "echo", start.Add(time.Hour)), false, message.Name{}},
		{"the empty key", sign("", "echo", start.Add(time.Hour)), false, message.Name{}},
		{"over", sign("k", "echo", start), false, debugExpired},
		{"for another API", sign("k", "other", start.Add(time.Hour)), false, debugWrongAPI},
		{"for too long", sign("k", "echo", start.Add(maxLife+time.Second)), false, message.Name{}},
		{"changed", strings.Replace(good, "aid=echo", "aid=othr", 1), false, message.Name{}},
		{"cut", good[:len(good)-4], false, message.Name{}},
		{"long", good + strings.Repeat("A", maxToken), false, message.Name{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			traces := New(clock.NewFake(start))
			traces.Use(func(context.Context) ([]string, error) { return []string{"k", "k2", ""}, nil })
			c := newCall(test.token)
			r := traces.Begin(c)
			if (r != nil) != test.records || (c.Tracer != nil) != test.records || c.Expr.Tracing != test.records {
				t.Errorf("records: %v", r != nil)
			}
			if c.Request.Header.Has(debugAuthorization) {
				t.Error("the token goes on to the backend")
			}
			if n := c.Pending.Len(); test.answers != (message.Name{}) && !c.Pending.Has(test.answers) || test.answers == (message.Name{}) && n != 0 {
				t.Errorf("the answer has %v", c.Pending.Fields())
			}
		})
	}
}

// TestBegin_Workspaces calls an API of the service and those of two workspaces that
// are called the same: the token of each traces its own calls alone.
func TestBegin_Workspaces(t *testing.T) {
	apis := map[model.ID]string{
		"apis/orders": "orders", "workspaces/sales/apis/orders": "sales:orders", "workspaces/ops/apis/orders": "ops:orders",
		"workspaces/sales/apis/orders;rev=2": "sales:orders;rev=2",
	}
	for called := range apis {
		for meant, name := range apis {
			traces := New(clock.NewFake(start))
			traces.Use(func(context.Context) ([]string, error) { return []string{"k"}, nil })
			c := newCall(sign("k", name, start.Add(time.Hour)))
			c.API = &model.API{ID: called, Path: "orders"}
			records := traces.Begin(c) != nil
			if records != (called == meant) || c.Pending.Has(debugWrongAPI) == records {
				t.Errorf("a call of %s with a token for %s is recorded: %v", called, meant, records)
			}
		}
	}
}

// TestKeys reads keys at most every keysLife, also while that fails, and goes on
// with what is known.
func TestKeys(t *testing.T) {
	fake := clock.NewFake(start)
	traces := New(fake)
	reads, fails := 0, false
	traces.Use(func(context.Context) ([]string, error) {
		if reads++; fails {
			return nil, errors.New("away")
		}
		return []string{"k"}, nil
	})
	begin := func() bool { return traces.Begin(newCall(sign("k", "echo", start.Add(time.Hour)))) != nil }
	if first, second := begin(), begin(); !first || !second || reads != 1 {
		t.Fatalf("keys were read %d times", reads)
	}
	fails = true
	fake.Advance(keysLife)
	if first, second := begin(), begin(); !first || !second || reads != 2 {
		t.Errorf("keys were read %d times, or those that were known were forgotten", reads)
	}
	if New(fake).Begin(newCall(sign("k", "echo", start.Add(time.Hour)))) != nil {
		t.Error("a gateway without keys records")
	}
	var none *Traces
	none.Use(nil)
	none.Know(nil)
	none.Ship(Shipping{})
	none.Finish(none.Begin(newCall("x")), newCall("x"), 0, nil)
	none.Close()
}

// find returns a trace that waits.
func find(traces *Traces, id string) (map[string][]Entry, bool) {
	for _, t := range traces.queue.waiting {
		if t.ID == id {
			return t.Sections, true
		}
	}
	return nil, false
}

// record makes a trace in which a step does something.
func record(t *testing.T, traces *Traces, id string, fields []string, step policy.StepFunc) *Trace {
	t.Helper()
	traces.Use(func(context.Context) ([]string, error) { return []string{"k"}, nil })
	c := newCall(sign("k", "echo", start.Add(time.Hour)), fields...)
	c.ID = id
	r := traces.Begin(c)
	if r == nil {
		t.Fatal("nothing is recorded")
	}
	r.Authorised(c, "canary-key", nil)
	meta := &policy.Meta{Policy: "set-header", Path: "set-header[1]", Section: policy.Inbound, Scope: policy.ScopeGlobal}
	err := r.Step(c, meta, step)
	fault, _ := errors.AsType[*policy.Fault](err)
	traces.Finish(r, c, 5, fault)
	return r.trace
}

func TestStep(t *testing.T) {
	traces := New(clock.NewFake(start))
	record(t, traces, "one", []string{"Accept", "a/b", "X-Gone", "x"}, func(c *policy.Call) error {
		c.Request.Header.Set(message.NameOf("Content-Type"), "text/plain")
		c.Request.Header.Delete(message.NameOf("X-Gone"))
		c.Request.Method = "POST"
		c.Response.Status = 201
		return nil
	})
	entries, ok := find(traces, "one")
	if !ok {
		t.Fatal("the trace is not there")
	}
	got := fmt.Sprint(entries["inbound"])
	for _, want := range []string{"api-inspector", "authorization", "set-header", "content-type:map[set:text/plain]", "x-gone:removed", "method:map[from:GET to:POST]", "status:map[from:0 to:201]"} {
		if !strings.Contains(got, want) {
			t.Errorf("the trace does not have %s: %s", want, got)
		}
	}
	if !strings.Contains(fmt.Sprint(entries["outbound"]), "status:201") {
		t.Errorf("the end is missing: %v", entries["outbound"])
	}
}

// TestS20_TracesHoldNoSecrets puts secrets into every part of a call: a trace has
// none of them.
func TestS20_TracesHoldNoSecrets(t *testing.T) {
	hits, parts := secretsIn(t, true)
	fmt.Printf("S20: %d secrets in traces of a call with %d (0)\n", hits, parts)
	if hits != 0 {
		t.Errorf("%d secrets are in the trace", hits)
	}
}

// TestS20_TracesHoldNoSecrets_NegativeControl writes the secrets where values are
// shown: the test sees them.
func TestS20_TracesHoldNoSecrets_NegativeControl(t *testing.T) {
	if hits, _ := secretsIn(t, false); hits == 0 {
		t.Error("secrets that are shown were not seen")
	}
}

func secretsIn(t *testing.T, hide bool) (hits, parts int) {
	t.Helper()
	names := []string{"Authorization", "Ocp-Apim-Subscription-Key", "Cookie", "X-Api-Key", "X-Anything", "Proxy-Authorization", "X-Functions-Key"}
	if !hide {
		names = []string{"User-Agent"}
	}
	fields := []string{}
	for i, name := range names {
		fields = append(fields, name, fmt.Sprintf("canary-%d", i))
	}
	traces := New(clock.NewFake(start))
	record(t, traces, "one", fields, func(c *policy.Call) error {
		c.Request.Header.Set(message.NameOf("X-Backend-Key"), "canary-set")
		c.Request.URL.Query = "code=canary-query"
		c.Response.Header.Set(message.SetCookie, "s=canary-cookie")
		c.Expr.Trace("called with canary-key")
		return &policy.Fault{Status: 500, Source: "set-header", Reason: "ExpressionEvaluationFailed", Message: "cannot read canary-value", Err: errors.New("canary-error")}
	})
	entries, _ := find(traces, "one")
	return strings.Count(fmt.Sprint(entries), "canary"), len(names) + 6
}

// TestBounds bounds one trace.
func TestBounds(t *testing.T) {
	traces := New(clock.NewFake(start))
	long := record(t, traces, "long", nil, func(c *policy.Call) error {
		for range 10 * maxEntries {
			c.Expr.Trace(strings.Repeat("x", 2*maxMessage))
		}
		return nil
	})
	count := 0
	for _, list := range long.Sections {
		count += len(list)
	}
	size := len(fmt.Sprint(long.Sections))
	if count > maxEntries+1 || size > 2*maxBytes || !strings.Contains(fmt.Sprint(long.Sections["outbound"]), "left-out") {
		t.Errorf("a trace has %d entries of %d bytes", count, size)
	}
	if long.size < size/2 || long.size > 2*size {
		t.Errorf("a trace of %d bytes counts as %d", size, long.size)
	}
}

func TestTimespan(t *testing.T) {
	if got := timespan(298*time.Millisecond + 331500*time.Nanosecond); got != "00:00:00.2983315" {
		t.Error(got)
	}
}

func FuzzReadToken(f *testing.F) {
	f.Add(sign("k", "echo", start))
	f.Add("p=tracing&aid=a&sn=&ex=&sn=")
	f.Fuzz(func(t *testing.T, text string) {
		if read, ok := readToken(text); ok && (read.api == "" || !strings.HasPrefix(text, read.signed+"&sn=")) {
			t.Fatalf("%q was read as %+v", text, read)
		}
	})
}
