package serve

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/message"
)

// debugToken makes a token for traces of an API.
func debugToken(key, api string, expires time.Time) string {
	signed := "p=tracing&aid=" + api + "&ex=" + expires.Format("20060102150405")
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write([]byte(signed))
	return signed + "&sn=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// tracedRig is a rig whose gateway believes tokens that "k" signed.
func tracedRig(t *testing.T) (*rig, *tracing.Traces) {
	t.Helper()
	var traces *tracing.Traces
	r := newRig(t, func(o *Options) {
		traces = tracing.New(o.Services.Clock)
		traces.Use(func(context.Context) ([]string, error) { return []string{"k"}, nil })
		o.Traces = traces
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
	entries, ok := traces.Find(id)
	if !ok {
		t.Fatal("the trace is not there")
	}
	got := fmt.Sprint(entries)
	for _, want := range []string{"x-a:map[set:[not shown]]", "choose", "mine: seen", "transfer-response"} {
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
	entries, ok := traces.Find(id)
	if got := fmt.Sprint(entries); w.status != 401 || !ok || !strings.Contains(got, "denied:SubscriptionKeyInvalid") || strings.Contains(got, "canary") {
		t.Errorf("answered %d, trace %s", w.status, got)
	}
}
