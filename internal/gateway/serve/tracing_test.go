package serve

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// debugToken makes a token for traces of an API.
func debugToken(key, api string, expires time.Time) string {
	signed := "p=tracing&aid=" + api + "&ex=" + expires.Format("20060102150405")
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write([]byte(signed))
	return signed + "&sn=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// delivered are traces as they come to the management plane.
type delivered chan []byte

// next is the next trace: its id, and all that it says.
func (d delivered) next(t *testing.T) (id, text string) {
	t.Helper()
	body := <-d
	one, err := feed.DecodeTrace(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return one.ID, string(body)
}

// tracedRig is a rig whose gateway believes tokens that "k" signed.
func tracedRig(t *testing.T) (*rig, delivered) {
	t.Helper()
	traces := make(delivered, 10)
	r := newRig(t, func(o *Options) {
		o.Traces = tracing.New(o.Services.Clock)
		o.Traces.Know([]string{"k"})
		o.Traces.Ship(tracing.Shipping{
			Instance: "instance-1", Random: func() float64 { return 0 }, Log: o.Log,
			Deliver: func(_ context.Context, body []byte) error {
				traces <- body
				return nil
			},
		})
		t.Cleanup(o.Traces.Close)
	})
	r.use(t, api("echo", anonymous), operation("echo", "GET", "/"), api("keys"), operation("keys", "GET", "/"),
		documentOf("apis/echo", `<policies><inbound><base /><set-header name="X-A" exists-action="override"><value>secret</value></set-header>
			<choose><when condition="@(context.Tracing)"><trace source="mine"><message>seen</message></trace></when></choose></inbound>
			<backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`))
	return r, traces
}

// TestTrace calls with a debug token: the answer names the trace, which tells what
// each policy did, and the token goes no further.
func TestTrace(t *testing.T) {
	r, traces := tracedRig(t)
	w := r.serve(get("https://gateway.example/echo", "Apim-Debug-Authorization: "+debugToken("k", "echo", start.Add(time.Hour))))
	id, ok := w.header.Get(message.NameOf("Apim-Trace-Id"))
	if w.status != 200 || !ok {
		t.Fatalf("answered %d with %v", w.status, w.header.Fields())
	}
	named, got := traces.next(t)
	if named != id {
		t.Errorf("the trace is %s, the answer says %s", named, id)
	}
	for _, want := range []string{`"x-a":{"set":"[not shown]"}`, "choose", "mine: seen", "transfer-response"} {
		if !strings.Contains(got, want) {
			t.Errorf("the trace does not have %s: %s", want, got)
		}
	}
	if strings.Contains(got, "secret") || strings.Contains(got, "sn=") {
		t.Errorf("the trace has what is secret: %s", got)
	}
}

// TestTrace_Refused calls without a good token: nothing is recorded, and the call
// is answered as it would be.
func TestTrace_Refused(t *testing.T) {
	tests := []struct{ name, url, token, field string }{
		{"another key", "https://gateway.example/echo", debugToken("x", "echo", start.Add(time.Hour)), ""},
		{"over", "https://gateway.example/echo", debugToken("k", "echo", start.Add(-time.Hour)), "Apim-Debug-Authorization-Expired"},
		{"another API", "https://gateway.example/echo", debugToken("k", "keys", start.Add(time.Hour)), "Apim-Debug-Authorization-WrongAPI"},
		{"no API", "https://gateway.example/nowhere", debugToken("k", "keys", start.Add(time.Hour)), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, _ := tracedRig(t)
			w := r.serve(get(test.url, "Apim-Debug-Authorization: "+test.token))
			if w.header.Has(message.NameOf("Apim-Trace-Id")) || test.field != "" && !w.header.Has(message.NameOf(test.field)) {
				t.Errorf("the answer has %v", w.header.Fields())
			}
			if got, ok := r.backend.header.Get(message.NameOf("Apim-Debug-Authorization")); ok {
				t.Errorf("the backend got %q", got)
			}
		})
	}
}

// TestTrace_Denied records a call that the key keeps out.
func TestTrace_Denied(t *testing.T) {
	r, traces := tracedRig(t)
	w := r.serve(get("https://gateway.example/keys", "Apim-Debug-Authorization: "+debugToken("k", "keys", start.Add(time.Hour)), "Ocp-Apim-Subscription-Key: canary"))
	id, _ := w.header.Get(message.NameOf("Apim-Trace-Id"))
	named, got := traces.next(t)
	if w.status != 401 || named != id || !strings.Contains(got, `"denied":"SubscriptionKeyInvalid"`) || strings.Contains(got, "canary") {
		t.Errorf("answered %d, trace %s", w.status, got)
	}
}
