package serve

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/cache"
	cachememory "github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/clock"
	countermemory "github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is the time at which every test begins.
var start = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// newCompiler makes the expression compiler, which all tests share.
var newCompiler = sync.OnceValues(expr.NewCompiler)

// rig is a server with a fake clock and a fake backend.
type rig struct {
	clock    *clock.Fake
	backend  *fakeBackend
	services *policy.Services
	settings *snapshot.Settings
	server   *Server
	seen     []string // what steps named probe have noted
	inject   func(*policy.Call) error
	log      bytes.Buffer
	access   *telemetry.AccessLog
	lines    bytes.Buffer
}

// newRig makes a server without a configuration.
func newRig(tb testing.TB, options ...func(*Options)) *rig {
	tb.Helper()
	r := &rig{clock: clock.NewFake(start), backend: &fakeBackend{}}
	responses, err := cachememory.New[*cache.Response](cachememory.Options{Clock: r.clock})
	if err != nil {
		tb.Fatal(err)
	}
	compiler, err := newCompiler()
	if err != nil {
		tb.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&r.log, nil))
	r.services = &policy.Services{
		Counters: countermemory.New(countermemory.Options{Clock: r.clock}), Responses: responses,
		Clock: r.clock, Log: log, Concurrency: policy.NewConcurrency(), Forwarder: r.backend,
	}
	r.settings = &snapshot.Settings{
		Policies: r.registry(), Expressions: compiler, Services: r.services,
		Deployment: host.Deployment{Region: "local"},
	}
	r.access = telemetry.NewAccessLog(&r.lines, telemetry.FormatJSON, telemetry.QueueOptions{})
	tb.Cleanup(func() { _ = r.access.Close(context.Background()) })
	o := Options{Services: r.services, Recorder: telemetry.NewRecorder(nil, r.access), Log: log}
	for _, set := range options {
		set(&o)
	}
	r.server = New(o)
	return r
}

// registry is all policies, and two for tests: probe notes its name with what it
// sees, and inject does what the test says.
func (r *rig) registry() *policy.Registry {
	name := policy.Shape{Attributes: []policy.Attribute{{Name: "name"}}}
	return policy.NewRegistry(append(policies.All().All(),
		&policy.Spec{Name: "probe", Sections: policy.AnySection, Scopes: policy.AnyScope, Shape: name,
			Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
				text := c.String(el, "name")
				return policy.StepFunc(func(c *policy.Call) error {
					name, err := text.Eval(c)
					r.seen = append(r.seen, describe(c, name))
					return err
				})
			}},
		&policy.Spec{Name: "inject", Sections: policy.AnySection, Scopes: policy.AnyScope,
			Compile: func(*policy.Compiler, *document.Element) policy.Step {
				return policy.StepFunc(func(c *policy.Call) error {
					if r.inject == nil {
						return nil
					}
					return r.inject(c)
				})
			}})...)
}

// describe says what a step sees of a call.
func describe(c *policy.Call, name string) string {
	parts := []string{name}
	if c.Product != nil {
		parts = append(parts, "product="+c.Product.ID.Name())
	}
	if c.Subscription != nil {
		parts = append(parts, "subscription="+c.Expr.Subscription.ID)
	}
	if c.User != nil {
		parts = append(parts, "user="+c.Expr.User.ID)
	}
	if e := c.Expr.LastError; e != nil {
		parts = append(parts, "error="+strings.Join([]string{e.Source, e.Reason, e.Scope, e.Section, e.Path}, "/"))
	}
	return strings.Join(parts, " ")
}

// use compiles resources and makes them the configuration.
func (r *rig) use(tb testing.TB, resources ...model.Resource) *snapshot.Snapshot {
	tb.Helper()
	snap, problems := compile(r, resources)
	if problems.HasErrors() {
		tb.Fatal(problems)
	}
	r.server.Use(snap)
	return snap
}

func compile(r *rig, resources []model.Resource) (*snapshot.Snapshot, problem.Problems) {
	return snapshot.Compile(&snapshot.Document{Revision: 7, Resources: resources}, r.settings)
}

// records ends the access log and returns its lines.
func (r *rig) records(tb testing.TB) []record {
	tb.Helper()
	if err := r.access.Close(context.Background()); err != nil {
		tb.Fatal(err)
	}
	var all []record
	decoder := json.NewDecoder(bytes.NewReader(r.lines.Bytes()))
	for decoder.More() {
		var one record
		if err := decoder.Decode(&one); err != nil {
			tb.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// record is a line of the access log.
type record struct {
	RequestID    string `json:"request_id"`
	Method       string `json:"method"`
	Path         string `json:"path"`
	Status       int    `json:"status"`
	API          string `json:"api"`
	Operation    string `json:"operation"`
	Product      string `json:"product"`
	Source       string `json:"error_source"`
	Reason       string `json:"error_reason"`
	BytesIn      int64  `json:"bytes_in"`
	BytesOut     int64  `json:"bytes_out"`
	Revision     uint64 `json:"revision"`
	Subscription string `json:"subscription"`
}

// get makes a GET request for a URL with header fields "Name: value".
func get(url string, fields ...string) *message.Request { return request("GET", url, fields...) }

func request(method, url string, fields ...string) *message.Request {
	u, err := message.ParseURL(url)
	if err != nil {
		u = message.URL{Scheme: "https", Host: "gateway.example", Path: url}
		u.Path, u.Query, _ = strings.Cut(url, "?")
	}
	r := &message.Request{Method: method, URL: u, Protocol: message.HTTP11, Context: context.Background(),
		Client: netip.MustParseAddrPort("203.0.113.7:40000")}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		r.Header.Add(message.NameOf(name), value)
	}
	return r
}

// withBody gives a request a body that streams.
func withBody(r *message.Request, body io.Reader) *message.Request {
	r.Body.SetStream(io.NopCloser(body), -1)
	return r
}

// serve answers a request.
func (r *rig) serve(q *message.Request) *fakeClient {
	w := &fakeClient{}
	r.server.Serve(q, w)
	return w
}

// fakeClient is an engine that keeps what was answered.
type fakeClient struct {
	answers int
	status  int
	reason  string
	header  message.Header
	body    string
	joined  bool
	// gone says that the client has gone before anything could be sent.
	gone bool
	err  error
	// explode panics in the middle of sending.
	explode bool
}

// Inform does nothing.
func (*fakeClient) Inform(int, *message.Header) error { return nil }

// Respond reads the answer to its end.
func (w *fakeClient) Respond(m *message.Response) (message.Sent, error) {
	w.answers++
	if w.gone {
		_ = m.Body.Close()
		return message.Sent{}, &message.ClientError{Err: io.ErrClosedPipe}
	}
	if w.explode {
		panic("the engine explodes")
	}
	if m.Upgraded != nil {
		w.status, w.joined = m.Status, true
		return message.Sent{HeadSent: true}, m.Upgraded.Close()
	}
	var data []byte
	if !m.Body.Consumed() {
		source, err := m.Body.Reader()
		if err != nil {
			return message.Sent{}, err
		}
		if data, err = io.ReadAll(source); err != nil && len(data) == 0 {
			return message.Sent{}, err
		} else if err != nil {
			w.err = err
		}
	}
	w.status, w.reason, w.body = m.Status, m.ReasonPhrase(), string(data)
	w.header.Reset()
	w.header.CopyFrom(&m.Header)
	if err := m.Body.Close(); err != nil {
		return message.Sent{HeadSent: true}, err
	}
	return message.Sent{HeadSent: true, Bytes: int64(len(data))}, w.err
}

// String writes the answer as a golden file has it.
func (w *fakeClient) String() string {
	var b strings.Builder
	b.WriteString(cmp.Or(strings.TrimSpace(strings.Join([]string{itoa(w.status), w.reason}, " ")), "nothing") + "\n")
	for _, f := range w.header.Fields() {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	if w.body != "" {
		b.WriteString("\n" + w.body + "\n")
	}
	return b.String()
}

func itoa(n int) string {
	text, _ := json.Marshal(n)
	return string(text)
}

// fakeBackend answers 200 and keeps what it was sent.
type fakeBackend struct {
	calls  int
	url    string
	method string
	header message.Header
	body   string
	answer func(*policy.Call) error
}

// Forward answers a call.
func (b *fakeBackend) Forward(c *policy.Call, _ *policy.ForwardOptions) error {
	b.calls++
	b.url, b.method = strings.Clone(c.Request.URL.String()), c.Request.Method
	b.header.CopyFrom(&c.Request.Header)
	if c.Request.Body.Present() {
		source, err := c.Request.Body.Reader()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(source)
		if err != nil {
			return err
		}
		b.body = string(data)
	}
	if b.answer != nil {
		return b.answer(c)
	}
	c.Response.Status = 200
	return c.Response.Body.SetBytes([]byte("hello"))
}
