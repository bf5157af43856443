package serve

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// everywhere probes the on-error of each scope.
func everywhere(resources ...any) []model.Resource {
	return all(append(resources,
		documentOf("", `<policies><inbound><inject /></inbound><backend><forward-request /></backend><outbound /><on-error><probe name="global" /></on-error></policies>`),
		documentOf("apis/echo", probes("api")), documentOf("apis/echo/operations/get", probes("operation")), documentOf("products/starter", probes("product")))...)
}

// TestLastError shows what on-error sees, and at which scopes it runs.
func TestLastError(t *testing.T) {
	config := everywhere(api("echo"), operation("echo", "GET", "/"), product("starter", "echo"), subscription("ada", "/products/starter"))
	key := "Ocp-Apim-Subscription-Key: ada-primary"
	tests := []struct {
		name, url string
		fields    []string
		set       func(*rig)
		want      []string
	}{
		{"no API", "/nothing", nil, nil, []string{"global error=configuration/OperationNotFound//backend/"}},
		{"no operation", "/echo/nothing", []string{key}, nil, []string{"global error=configuration/OperationNotFound//backend/", "api error"}},
		{"path refused", "/echo/%00", nil, nil, []string{"global error=configuration/PathRefused//backend/"}},
		{"missing key", "/echo", nil, nil, []string{"global error=authorization/SubscriptionKeyNotFound//inbound/", "api error", "operation error"}},
		{"invalid key", "/echo?subscription-key=x", nil, nil, []string{"global error=authorization/SubscriptionKeyInvalid//inbound/", "api error", "operation error"}},
		{"backend", "/echo", []string{key}, func(r *rig) {
			r.backend.answer = fault(&policy.Fault{Status: 500, Source: "forward-request", Reason: policy.ReasonBackendConnectionFailure})
		}, []string{"product in", "api in", "operation in", "global product=starter subscription=ada error=forward-request/BackendConnectionFailure/global/backend/forward-request[1]", "product error", "api error", "operation error"}},
		{"panic", "/echo", []string{key}, func(r *rig) { r.inject = func(*policy.Call) error { panic("boom") } },
			[]string{"global product=starter subscription=ada error=gateway/InternalServerError//inbound/", "product error", "api error", "operation error"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.use(t, config...)
			if tt.set != nil {
				tt.set(r)
			}
			w := r.serve(get("https://gateway.example"+tt.url, tt.fields...))
			var seen []string
			for _, s := range r.seen {
				if !strings.HasPrefix(s, "global") {
					s, _, _ = strings.Cut(s, " product=")
					s, _, _ = strings.Cut(s, " error=")
				}
				seen = append(seen, s)
			}
			if diff := cmp.Diff(tt.want, seen); diff != "" {
				t.Errorf("on-error (-want +got):\n%s", diff)
			}
			if log := r.records(t); len(log) != 1 || log[0].Status != w.status || log[0].Reason == "" {
				t.Errorf("answered %d, records %+v", w.status, log)
			}
		})
	}
}

// TestErrDone ends the pipeline in each section.
func TestErrDone(t *testing.T) {
	const answer = `<return-response><set-status code="299" /><set-header name="X-Section"><value>SECTION</value></set-header></return-response><probe name="too far" />`
	for _, section := range []string{"inbound", "backend", "outbound", "on-error"} {
		t.Run(section, func(t *testing.T) {
			text := `<policies><inbound><base /><probe name="inbound" /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`
			text = strings.Replace(text, "<"+section+"><base />", "<"+section+">"+strings.Replace(answer, "SECTION", section, 1), 1)
			r := newRig(t)
			r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"), documentOf("apis/echo", text))...)
			if section == "on-error" {
				r.backend.answer = fault(&policy.Fault{Status: 500, Source: "forward-request", Reason: policy.ReasonTimeout})
			}
			w := r.serve(get("https://gateway.example/echo"))
			if got, _ := w.header.Get(message.NameOf("X-Section")); w.status != 299 || got != section {
				t.Errorf("answered %s", w)
			}
			if strings.Contains(strings.Join(r.seen, " "), "too far") {
				t.Errorf("a policy behind the end ran: %v", r.seen)
			}
		})
	}
}

// TestNoAnswer answers 200 where nothing forwards the request, and 500 where a
// backend's status is none that can be sent.
func TestNoAnswer(t *testing.T) {
	r := newRig(t)
	r.use(t, all(api("silent", anonymous), operation("silent", "GET", "/"),
		documentOf("apis/silent", `<policies><inbound /><backend /><outbound><probe name="out" /></outbound><on-error /></policies>`),
		api("echo", anonymous), operation("echo", "GET", "/"))...)
	if w := r.serve(get("https://gateway.example/silent")); w.status != 200 || w.body != "" || len(r.seen) != 1 {
		t.Errorf("answered %s after %v", w, r.seen)
	}
	for _, status := range []int{0, 99, 100, 101, 103, 1000} {
		r.backend.answer = func(c *policy.Call) error { c.Response.Status = status; return nil }
		want := 500
		if status == 0 {
			want = 200
		}
		if w := r.serve(get("https://gateway.example/echo")); w.status != want {
			t.Errorf("a backend's status %d was answered with %d, want %d", status, w.status, want)
		}
	}
}

// TestClientGone neither answers a client that has gone nor calls it an error of
// the server.
func TestClientGone(t *testing.T) {
	gone := &message.ClientError{Err: errors.New("connection reset")}
	tests := []struct {
		name    string
		client  fakeClient
		answer  func(*policy.Call) error
		answers int
		status  int
		reason  string
	}{
		{"before the answer", fakeClient{}, func(*policy.Call) error { return gone }, 0, 0, "ClientConnectionFailure"},
		{"at the answer", fakeClient{gone: true}, nil, 1, 0, "ClientConnectionFailure"},
		{"in the answer's body", fakeClient{err: gone}, nil, 1, 200, "ClientConnectionFailure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"))...)
			r.backend.answer = tt.answer
			w := tt.client
			r.server.Serve(get("https://gateway.example/echo"), &w)
			log := r.records(t)
			if w.answers != tt.answers || len(log) != 1 || log[0].Status != tt.status || log[0].Reason != tt.reason {
				t.Errorf("answered %d times, records %+v", w.answers, log)
			}
			if text := r.log.String(); text != "" {
				t.Errorf("the log has %s", text)
			}
		})
	}
}

// TestBrokenBody answers a backend's body that fails before its first byte, and
// not one that breaks off later.
func TestBrokenBody(t *testing.T) {
	boom := errors.New("connection reset by backend")
	for _, tt := range []struct {
		name    string
		body    io.Reader
		answers int
		status  int
	}{
		{"at once", failingReader{boom}, 2, 500},
		{"later", io.MultiReader(strings.NewReader("half"), failingReader{boom}), 1, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"), documentOf("apis/echo", allowing("GET")))...)
			r.backend.answer = func(c *policy.Call) error {
				c.Response.Status = 200
				c.Response.Header.Set(message.ETag, `"1"`)
				c.Response.Body.SetStream(io.NopCloser(tt.body), -1)
				return nil
			}
			w := r.serve(get("https://gateway.example/echo", "Origin: https://site.example"))
			if w.answers != tt.answers || w.status != tt.status {
				t.Errorf("answered %d times, %s", w.answers, w)
			}
			if !w.header.Has(message.NameOf("Access-Control-Allow-Origin")) {
				t.Errorf("the answer has lost the fields for every answer: %s", w)
			}
			if tt.status == 500 && w.header.Has(message.ETag) {
				t.Errorf("the answer has a field of the one before it: %s", w)
			}
			if log := r.records(t); log[0].Reason != policy.ReasonBackendConnectionFailure || log[0].Status != tt.status {
				t.Errorf("record %+v", log[0])
			}
		})
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// TestRecord notes what was read, sent and matched, as the client sent it.
func TestRecord(t *testing.T) {
	r := newRig(t)
	r.use(t, all(api("echo", anonymous), operation("echo", "POST", "/{id}"),
		documentOf("apis/echo", strings.Replace(injecting, "<inject />", `<set-method>PUT</set-method><rewrite-uri template="/elsewhere" />`, 1)))...)
	w := r.serve(withBody(request("POST", "https://gateway.example/echo/1?secret=x"), strings.NewReader("twelve bytes")))
	if w.status != 200 || r.backend.method != "PUT" || r.backend.body != "twelve bytes" {
		t.Errorf("answered %s, backend got %s %q", w, r.backend.method, r.backend.body)
	}
	got := r.records(t)[0]
	got.RequestID = ""
	want := record{Method: "POST", Path: "/echo/1", Status: 200, API: "echo", Operation: "post", BytesIn: 12, BytesOut: 5, Revision: 7}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBodyOfBackendTooLarge does not blame the caller for the backend's body.
func TestBodyOfBackendTooLarge(t *testing.T) {
	r := newRig(t)
	r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"),
		documentOf("apis/echo", strings.Replace(injecting, "<outbound><base />", "<outbound><base /><inject />", 1)))...)
	r.backend.answer = func(c *policy.Call) error {
		c.Response.Status = 200
		c.Response.Body.SetStream(io.NopCloser(strings.NewReader("more than eight bytes")), -1)
		return nil
	}
	r.inject = func(c *policy.Call) error {
		if c.Section() != policy.Outbound {
			return nil
		}
		_, err := c.Response.Body.Buffer(8)
		return err
	}
	if w := r.serve(get("https://gateway.example/echo")); w.status != 500 || !strings.Contains(w.body, "activityId") {
		t.Errorf("answered %s", w)
	}
}

// connection is the backend's side of a change of protocol.
type connection struct {
	bytes.Buffer
	closed int
}

func (c *connection) Close() error {
	c.closed++
	return nil
}

// upgrading answers with a change of protocol.
func upgrading(side io.ReadWriteCloser) func(*policy.Call) error {
	return func(c *policy.Call) error {
		c.Response.Status, c.Response.Upgraded = 101, side
		return nil
	}
}

// TestUpgrade runs the policies on the handshake and joins the connections.
func TestUpgrade(t *testing.T) {
	r := newRig(t)
	r.use(t, all(api("echo"), operation("echo", "GET", "/"), documentOf("apis/echo", probes("api")), subscription("ada", "/apis"))...)
	side := &connection{}
	r.backend.answer = upgrading(side)
	q := get("wss://gateway.example/echo?subscription-key=ada-primary")
	q.Upgrade = "websocket"
	w := r.serve(q)
	if w.status != 101 || !w.joined || side.closed != 1 {
		t.Errorf("answered %s, joined %v, closed %d times", w, w.joined, side.closed)
	}
	if diff := cmp.Diff([]string{"api in subscription=ada"}, r.seen); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	refused := get("wss://gateway.example/echo")
	refused.Upgrade = "websocket"
	if w := r.serve(refused); w.status != 401 {
		t.Errorf("a handshake without a key was answered %d", w.status)
	}
}

// TestUpgrade_GivenUp closes the backend's connection where something else is
// answered after all.
func TestUpgrade_GivenUp(t *testing.T) {
	failing := func(c *policy.Call) error {
		if c.Section() == policy.Backend {
			return errors.New("no")
		}
		return nil
	}
	for _, tt := range []struct {
		name, after string
		inject      func(*policy.Call) error
		status      int
	}{
		{"failure", "<inject />", failing, 500},
		{"other answer", `<return-response><set-status code="299" /></return-response>`, nil, 299},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"),
				documentOf("apis/echo", strings.Replace(injecting, "<backend><base />", "<backend><base />"+tt.after, 1)))...)
			side := &connection{}
			r.backend.answer, r.inject = upgrading(side), tt.inject
			if w := r.serve(get("wss://gateway.example/echo")); w.status != tt.status || w.joined || side.closed != 1 {
				t.Errorf("answered %s, closed %d times", w, side.closed)
			}
		})
	}
}

// TestStream hands a body to the engine as a stream, unless a policy reads it.
func TestStream(t *testing.T) {
	for _, reads := range []bool{false, true} {
		r := newRig(t)
		r.use(t, all(api("echo", anonymous), operation("echo", "GET", "/"),
			documentOf("apis/echo", strings.Replace(injecting, "<outbound><base />", "<outbound><base /><inject />", 1)))...)
		source := &countingReader{source: strings.NewReader("data: 1\n\n")}
		r.backend.answer = func(c *policy.Call) error {
			c.Response.Status = 200
			c.Response.Body.SetStream(io.NopCloser(source), -1)
			return nil
		}
		r.inject = func(c *policy.Call) error {
			if c.Section() != policy.Outbound || !reads {
				return nil
			}
			_, err := c.Response.Body.Buffer(100)
			return err
		}
		before := -1
		w := &watchingClient{onRespond: func() { before = source.reads }}
		r.server.Serve(get("https://gateway.example/echo"), w)
		if (before > 0) != reads || w.body != "data: 1\n\n" {
			t.Errorf("read %d times before it was sent, with a policy that reads it: %v; sent %q", before, reads, w.body)
		}
	}
}

type countingReader struct {
	source io.Reader
	reads  int
}

func (r *countingReader) Read(p []byte) (int, error) {
	r.reads++
	return r.source.Read(p)
}

type watchingClient struct {
	fakeClient
	onRespond func()
}

func (w *watchingClient) Respond(m *message.Response) (message.Sent, error) {
	w.onRespond()
	return w.fakeClient.Respond(m)
}
