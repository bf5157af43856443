package feed_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/traces"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/model"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const serviceID = resource.ID(resourcestest.Service)

// morning is when tests begin.
var morning = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

// node is one management node: a plane and its feed, on loopback.
type node struct {
	t     testing.TB
	store store.Store
	plane *service.Plane
	feed  *feed.Server
	clock *clock.Fake
	http  *httptest.Server
}

// rig says what a node is made of; the zero value is what most tests want.
type rig struct {
	store  store.Store
	limits feed.Limits
	clock  clock.Clock
}

// fast are limits that make no test wait.
var fast = feed.Limits{JoinsPerSecond: 1000, JoinBurst: 1000}

func environment(tb testing.TB, c clock.Clock) *resource.Environment {
	tb.Helper()
	registry, err := resources.Registry()
	if err != nil {
		tb.Fatal(err)
	}
	contracts, err := contract.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return &resource.Environment{Registry: registry, Contracts: contracts, Sealer: resourcestest.Sealer{},
		Clock: c, GatewayURL: func(string) string { return "http://gateway.example" }}
}

// newNode starts a node; that of an empty store makes the service.
func newNode(tb testing.TB, r rig) *node {
	tb.Helper()
	n := &node{t: tb, store: r.store, clock: clock.NewFake(morning)}
	var c clock.Clock = n.clock
	if r.clock != nil {
		c = r.clock
	}
	if n.store == nil {
		n.store = memory.New()
	}
	if r.limits == (feed.Limits{}) {
		r.limits = fast
	}
	env := environment(tb, c)
	if ledger, ok := n.store.(store.Ledger); ok {
		env.Traces = traces.New(traces.Options{Ledger: ledger, Sealer: env.Sealer, Clock: c, Log: slog.New(slog.NewTextHandler(tb.Output(), nil))})
		env.Usage = usage.New(usage.Options{Ledger: ledger, Clock: c, Log: slog.New(slog.NewTextHandler(tb.Output(), nil))})
	}
	n.plane = service.New(env, n.store, nil)
	n.feed = feed.New(feed.Options{
		Store: n.store, Environment: env, Service: serviceID, Release: "test", Limits: r.limits, Clock: c, Usage: env.Usage, Traces: env.Traces,
		Log: slog.New(slog.NewTextHandler(tb.Output(), nil)),
	})
	env.Instances = n.feed.Instances
	n.http = httptest.NewServer(n.feed)
	tb.Cleanup(n.close)
	if !n.has("") {
		n.put("", `{"location":"x","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A"}}`)
	}
	return n
}

func (n *node) close() {
	n.feed.Drain()
	n.http.Close()
	n.feed.Close()
}

func id(path string) resource.ID {
	if path == "" {
		return serviceID
	}
	return serviceID + "/" + resource.ID(path)
}

func (n *node) has(path string) (there bool) {
	n.t.Helper()
	n.read(func(s *resource.Session) (err error) {
		there, err = s.Has(id(path))
		return err
	})
	return there
}

func (n *node) read(f func(*resource.Session) error) {
	n.t.Helper()
	if err := n.plane.Read(context.Background(), &resource.Call{Principal: "t", Version: "2024-05-01"}, f); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) write(f func(*resource.Session) error) store.Revision {
	n.t.Helper()
	revision, err := n.plane.Write(context.Background(), &resource.Call{Principal: "t", Version: "2024-05-01"}, f)
	if err != nil {
		n.t.Fatal(err)
	}
	return revision
}

func (n *node) put(path, body string) store.Revision {
	n.t.Helper()
	object, err := contract.DecodeObject([]byte(body), 1<<20)
	if err != nil {
		n.t.Fatal(err)
	}
	return n.write(func(s *resource.Session) error {
		_, err := s.Put(id(path), object)
		return err
	})
}

func (n *node) remove(path string) {
	n.t.Helper()
	n.write(func(s *resource.Session) error { return s.Drop(id(path)) })
}

func (n *node) api(name string) {
	n.t.Helper()
	n.put("apis/"+name, `{"properties":{"displayName":"`+name+`","path":"`+name+`","protocols":["https"],"serviceUrl":"https://b.example"}}`)
	n.put("apis/"+name+"/operations/get", `{"properties":{"displayName":"Get","method":"GET","urlTemplate":"/"}}`)
}

func (n *node) value(name, value string) store.Revision {
	n.t.Helper()
	return n.put("namedValues/"+name, `{"properties":{"displayName":"`+name+`","value":"`+value+`"}}`)
}

func (n *node) gateway(name string) {
	n.t.Helper()
	n.put("gateways/"+name, `{"properties":{"locationData":{"name":"here"}}}`)
}

// token makes a token of a gateway for an hour.
func (n *node) token(name string) (token string) {
	n.t.Helper()
	n.write(func(s *resource.Session) (err error) {
		token, err = services.NewGatewayToken(s, id("gateways/"+name), s.Now().Add(time.Hour), false)
		return err
	})
	return token
}

// instances is what the management API says of a gateway's instances.
func (n *node) instances(name string) (found []map[string]any) {
	n.t.Helper()
	n.read(func(s *resource.Session) (err error) {
		found, err = n.feed.Instances(s, id("gateways/"+name))
		return err
	})
	return found
}

// gateway is a client of a feed: it keeps its document as the format says.
type gateway struct {
	t     testing.TB
	url   string
	token string
	// change may change a request.
	change func(*http.Request)

	position  *protocol.Position
	resources map[model.Key]wire.Line
	hello     protocol.Hello
	tracing   [][]string // The keys of debug tokens, as they came.
	documents int

	body   io.Closer
	frames *protocol.Reader
}

func (n *node) follower(token string) *gateway {
	return &gateway{t: n.t, url: n.http.URL, token: token}
}

// ask makes a request of the feed.
func (g *gateway) ask(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, g.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", protocol.TokenScheme+" "+g.token)
	r.Header.Set(protocol.HeaderInstance, "instance-1")
	r.Header.Set(protocol.HeaderFormats, "1")
	if p := g.position; p != nil {
		r.Header.Set(protocol.HeaderLineage, p.Lineage)
		r.Header.Set(protocol.HeaderRevision, strconv.FormatUint(p.Revision, 10))
		r.Header.Set(protocol.HeaderDigest, p.Digest.String())
	}
	if g.change != nil {
		g.change(r)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// join begins a feed; the error says with which status it was refused.
func (g *gateway) join() error {
	response, err := g.ask(context.Background(), http.MethodGet, protocol.ConfigurationPath, nil)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		return &refusedError{response.StatusCode, response.Header.Get("Retry-After"), string(text)}
	}
	g.body, g.frames = response.Body, protocol.NewReader(bufio.NewReader(response.Body))
	frame, err := g.frames.Read()
	if err != nil {
		return err
	}
	g.hello, err = protocol.DecodeHello(frame.Payload)
	return err
}

type refusedError struct {
	status int
	after  string
	body   string
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("%d, retry after %q: %s", e.status, e.after, e.body)
}

func (g *gateway) leave() {
	if g.body != nil {
		_ = g.body.Close()
	}
}

// errBye is wrapped by what a bye says.
var errBye = errors.New("bye")

// next reads a frame and takes it in, as docs/formats/feed.md says.
func (g *gateway) next() (protocol.Frame, error) {
	frame, err := g.frames.Read()
	for err == nil && frame.Type == protocol.TypeTracing {
		var t protocol.Tracing
		if t, err = protocol.DecodeTracing(frame.Payload); err == nil {
			g.tracing = append(g.tracing, t.Keys)
			frame, err = g.frames.Read()
		}
	}
	if err != nil {
		return frame, err
	}
	switch frame.Type {
	case protocol.TypeDocument:
		return frame, g.document(frame.Payload)
	case protocol.TypeDelta:
		return frame, g.delta(frame.Payload)
	case protocol.TypeCurrent:
		c, err := protocol.DecodeCurrent(frame.Payload)
		if err != nil {
			return frame, err
		}
		if c.Digest != g.position.Digest.String() || c.Revision != g.position.Revision {
			return frame, fmt.Errorf("current is %d %s, the gateway has %d %s", c.Revision, c.Digest, g.position.Revision, g.position.Digest)
		}
	case protocol.TypeBye:
		b, err := protocol.DecodeBye(frame.Payload)
		if err != nil {
			return frame, err
		}
		return frame, fmt.Errorf("%w: %s, after %d s", errBye, b.Reason, b.RetryAfterSeconds)
	}
	return frame, nil
}

func (g *gateway) document(payload []byte) error {
	digest, file, err := protocol.SplitDocument(payload)
	if err != nil {
		return err
	}
	const head, revisionAt = 68, 16 // As docs/formats/snapshot.md has them.
	if len(file) < head {
		return errors.New("the document ends within its head")
	}
	g.resources = map[model.Key]wire.Line{}
	var sum wire.Digest
	for i, text := range bytes.Split(bytes.TrimSuffix(file[head:], []byte("\n")), []byte("\n")) {
		if i == 0 {
			continue // It says how many follow.
		}
		// Decoding properties is not what these tests are about, and takes long.
		name, _, _ := bytes.Cut(bytes.TrimPrefix(text, []byte(`{"id":"`)), []byte(`"`))
		l := wire.Line{ID: model.ID(name), Text: text, Digest: sha256.Sum256(text)}
		g.resources[l.ID.Key()] = l
		sum = sum.Plus(l.Digest)
	}
	revision := binary.BigEndian.Uint64(file[revisionAt:])
	if sum != digest {
		return fmt.Errorf("the document's digest is %s, not %s", sum, digest)
	}
	g.position = &protocol.Position{Lineage: g.hello.Lineage, Revision: revision, Digest: digest}
	g.documents++
	return nil
}

func (g *gateway) delta(payload []byte) error {
	d, err := wire.ReadDelta(payload)
	if err != nil {
		return err
	}
	if d.Base != g.position.Revision {
		return fmt.Errorf("a delta from %d came at %d", d.Base, g.position.Revision)
	}
	digest := g.position.Digest
	drop := func(key model.Key) {
		if old, ok := g.resources[key]; ok {
			digest = digest.Minus(old.Digest)
			delete(g.resources, key)
		}
	}
	for _, id := range d.Delete {
		drop(id.Key())
	}
	for _, l := range d.Put {
		drop(l.ID.Key())
		g.resources[l.ID.Key()] = l
		digest = digest.Plus(l.Digest)
	}
	if digest != d.Digest {
		return fmt.Errorf("the digest after %d is %s, not %s", d.Revision, digest, d.Digest)
	}
	g.position = &protocol.Position{Lineage: g.position.Lineage, Revision: d.Revision, Digest: digest}
	return nil
}

// passes reads the next frame, which is of that kind; beats before it are passed
// over.
func (g *gateway) passes(kind protocol.Type) error {
	frame, err := g.next()
	for err == nil && frame.Type == protocol.TypeCurrent && kind != protocol.TypeCurrent {
		frame, err = g.next()
	}
	if err != nil || frame.Type != kind {
		return fmt.Errorf("%s came, not %s: %w", frame.Type, kind, err)
	}
	return nil
}

// wants demands the kind of the next frame.
func (g *gateway) wants(kind protocol.Type) {
	g.t.Helper()
	if err := g.passes(kind); err != nil {
		g.t.Fatal(err)
	}
}

// follows joins, and reads the first frame.
func (g *gateway) follows(kind protocol.Type) *gateway {
	g.t.Helper()
	if err := g.join(); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(g.leave)
	g.wants(kind)
	return g
}

func (g *gateway) has(path string) bool {
	_, ok := g.resources[model.ID(path).Key()]
	return ok
}
