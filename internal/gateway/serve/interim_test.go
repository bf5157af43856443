package serve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// listener is a client that keeps the interim answers, too.
type listener struct {
	fakeClient
	told []string
}

// Inform keeps an interim answer.
func (l *listener) Inform(status int, h *message.Header) error {
	line := fmt.Sprint(status)
	for _, f := range h.Fields() {
		line += " " + f.Name + ": " + strings.Clone(f.Value)
	}
	l.told = append(l.told, line)
	return nil
}

// hinting answers with an interim answer, and 503 until the third attempt.
func hinting(b *fakeBackend) func(*policy.Call) error {
	return func(c *policy.Call) error {
		_ = c.Response.Discard()
		var h message.Header
		h.Add(message.NameOf("Link"), fmt.Sprintf("</%d>; rel=preload", b.calls))
		h.Add(message.NameOf("X-Powered-By"), "secret")
		if err := c.Inform(103, &h); err != nil {
			return err
		}
		c.Response.Status = 503
		if b.calls == 3 {
			c.Response.Status = 200
		}
		return nil
	}
}

// TestInterimAnswers passes interim answers through pipelines: those of attempts
// that are retried as well, each at once, and only as hints where policies of
// outbound are still to see the answer.
func TestInterimAnswers(t *testing.T) {
	const once, retry = `<backend><forward-request /></backend>`,
		`<backend><retry condition="@(context.Response.StatusCode == 503)" count="5" interval="0"><forward-request /></retry></backend>`
	document := func(backend, outbound string) string {
		return "<policies><inbound><base /></inbound>" + backend + "<outbound>" + outbound + "</outbound><on-error><base /></on-error></policies>"
	}
	tests := []struct {
		name, document, global string
		protocol               message.Protocol
		status                 int
		want                   []string
	}{
		{"whole", document(once, "<base />"), "", message.HTTP11, 503, []string{"103 Link: </1>; rel=preload X-Powered-By: secret"}},
		{"HTTP/2", document(once, ""), "", message.HTTP2, 503, []string{"103 Link: </1>; rel=preload X-Powered-By: secret"}},
		{"HTTP/3", document(once, ""), "", message.HTTP3, 503, []string{"103 Link: </1>; rel=preload X-Powered-By: secret"}},
		{"HTTP/1.0", document(once, ""), "", message.HTTP10, 503, nil},
		{"of attempts that are retried", document(retry, ""), "", message.HTTP11, 200, []string{
			"103 Link: </1>; rel=preload X-Powered-By: secret", "103 Link: </2>; rel=preload X-Powered-By: secret", "103 Link: </3>; rel=preload X-Powered-By: secret"}},
		{"hints alone", document(once, `<set-header name="X-Powered-By" exists-action="delete" />`), "", message.HTTP11, 503, []string{"103 Link: </1>; rel=preload"}},
		{"hints alone because of a broader scope", document(once, "<base />"), document(once, `<set-header name="X-Powered-By" exists-action="delete" />`),
			message.HTTP11, 503, []string{"103 Link: </1>; rel=preload"}},
		{"a broader scope that is not asked", document(once, ""), document(once, `<set-header name="X-Powered-By" exists-action="delete" />`),
			message.HTTP11, 503, []string{"103 Link: </1>; rel=preload X-Powered-By: secret"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.backend.answer = hinting(r.backend)
			resources := all(api("shop", anonymous), operation("shop", "GET", "/"), documentOf("apis/shop", test.document))
			if test.global != "" {
				resources = append(resources, documentOf("", strings.ReplaceAll(test.global, "<base />", "")))
			}
			r.use(t, resources...)
			q := get("https://gateway.example/shop/")
			q.Protocol = test.protocol
			w := &listener{}
			r.server.Serve(q, w)
			if diff := cmp.Diff(test.want, w.told); diff != "" || w.status != test.status {
				t.Errorf("answered %d, want %d; told (-want +got):\n%s", w.status, test.status, diff)
			}
		})
	}
}

// TestInterimLimits sends more interim answers than are passed on, over several
// calls of the backend; and the next request begins anew.
func TestInterimLimits(t *testing.T) {
	r := newRig(t)
	field := strings.Repeat("x", 100)
	r.backend.answer = func(c *policy.Call) error {
		for range policy.MaxInterim {
			var h message.Header
			h.Add(message.NameOf("Link"), field)
			if err := c.Inform(103, &h); err != nil {
				return err
			}
		}
		c.Response.Status = 503
		return nil
	}
	r.use(t, all(api("shop", anonymous), operation("shop", "GET", "/"), documentOf("apis/shop",
		`<policies><inbound /><backend><retry condition="@(true)" count="3" interval="0"><forward-request /></retry></backend><outbound /><on-error /></policies>`))...)
	for _, test := range []struct{ size, want int }{{100, policy.MaxInterim}, {5000, policy.MaxInterimBytes / 5004}, {20000, 0}, {100, policy.MaxInterim}} {
		field = strings.Repeat("x", test.size)
		w := &listener{}
		r.server.Serve(get("https://gateway.example/shop/"), w)
		if len(w.told) != test.want || w.status != 503 {
			t.Errorf("of interim answers with %d bytes %d were passed on, want %d, before %d", test.size, len(w.told), test.want, w.status)
		}
	}
}
