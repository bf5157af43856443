package feed_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/control/store"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// noise is text that does not compress.
func noise(size int) string {
	raw := make([]byte, size/2)
	_, _ = rand.Read(raw) // It never fails.
	return hex.EncodeToString(raw)
}

// fragments are so much that a document with them does not fit into the buffers
// of sockets.
func (n *node) fragments() {
	n.t.Helper()
	const size = 500_000
	// They are written past the plane: what that checks takes long.
	_, err := n.store.Update(n.t.Context(), func(tx store.Tx) error {
		for i := range 20 {
			at := id(fmt.Sprintf("policyFragments/f%d", i))
			if err := tx.Put(at.Key(), string(at), []byte(`{"properties":{"format":"rawxml","value":"<fragment><!-- `+noise(size)+` --></fragment>"}}`)); err != nil {
				return err
			}
		}
		return audit.Append(tx, audit.Entry{Time: morning, Actor: "t", Action: "t", Resource: "/t", Outcome: audit.Succeeded})
	})
	if err != nil {
		n.t.Fatal(err)
	}
}

// TestSlowGateway has one gateway that does not read, and one that does: the
// first is cut off, the second gets every change meanwhile.
func TestSlowGateway(t *testing.T) {
	n := newNode(t, rig{clock: clock.System(), limits: feed.Limits{WriteTimeout: 200 * time.Millisecond, JoinsPerSecond: 1000, JoinBurst: 1000}})
	n.fragments()
	token := n.token("managed")
	conn, err := net.Dial("tcp", n.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	request := "GET " + protocol.ConfigurationPath + " HTTP/1.1\r\nHost: x\r\nAuthorization: GatewayKey " + token +
		"\r\nSallyport-Instance: slow\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	reads := n.follower(token).follows(protocol.TypeDocument)
	for i := 0; n.feed.Stats().Feeds > 1; i++ { // Until the slow one is gone.
		n.value("v", fmt.Sprint(i))
		reads.wants(protocol.TypeDelta)
	}
	n.value("v", "last")
	reads.wants(protocol.TypeDelta)
}

// TestFallenBehind holds a gateway up until what it lacks is not kept any more.
func TestFallenBehind(t *testing.T) {
	n := newNode(t, rig{limits: feed.Limits{MaxDeltas: 2, JoinsPerSecond: 1000, JoinBurst: 1000}})
	n.fragments()
	g := n.follower(n.token("managed"))
	if err := g.join(); err != nil { // The document is not read: it does not fit into the sockets.
		t.Fatal(err)
	}
	defer g.leave()
	for i := range 5 {
		n.value("v", fmt.Sprint(i))
	}
	if got := g.bye(); !strings.Contains(got, "fallen behind") {
		t.Errorf("the gateway is told %q", got)
	}
}

// TestFeedOutlivesTimeouts has a listener whose timeouts for requests are shorter
// than a beat, with HTTP/1.1 and HTTP/2, and clients with certificates.
func TestFeedOutlivesTimeouts(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("HTTP/2 %v", h2), func(t *testing.T) {
			n := newNode(t, rig{clock: clock.System(), limits: feed.Limits{Beat: 400 * time.Millisecond, JoinsPerSecond: 1000, JoinBurst: 1000}})
			s := httptest.NewUnstartedServer(n.feed)
			s.EnableHTTP2 = h2
			s.Config.ReadTimeout, s.Config.WriteTimeout, s.Config.ReadHeaderTimeout = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
			s.StartTLS()
			t.Cleanup(func() { n.feed.Drain(); s.Close() })
			client := s.Client()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+protocol.ConfigurationPath, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", protocol.TokenScheme+" "+n.token("managed"))
			r.Header.Set(protocol.HeaderInstance, "i")
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			if (response.ProtoMajor == 2) != h2 {
				t.Fatalf("the protocol is %s", response.Proto)
			}
			frames := protocol.NewReader(response.Body)
			for _, want := range []protocol.Type{protocol.TypeHello, protocol.TypeTracing, protocol.TypeDocument, protocol.TypeCurrent, protocol.TypeCurrent} {
				if f, err := frames.Read(); err != nil || f.Type != want {
					t.Fatalf("%s, %v; want %s", f.Type, err, want)
				}
			}
			n.value("v", "1")
			if f, err := frames.Read(); err != nil || f.Type != protocol.TypeDelta {
				t.Fatalf("%s, %v", f.Type, err)
			}
		})
	}
}

// TestTooManyFeeds reaches MaxFeeds.
func TestTooManyFeeds(t *testing.T) {
	n := newNode(t, rig{limits: feed.Limits{MaxFeeds: 2, JoinsPerSecond: 1000, JoinBurst: 1000}})
	token := n.token("managed")
	first := n.follower(token).follows(protocol.TypeDocument)
	n.follower(token).follows(protocol.TypeDocument)
	if got := n.follower(token).status(); got != http.StatusTooManyRequests {
		t.Errorf("the status is %d", got)
	}
	first.leave()
	for n.feed.Stats().Feeds > 1 {
		n.value("v", noise(8)) // The server notices when it writes, at the latest.
	}
	n.follower(token).follows(protocol.TypeDocument)
}

// TestRamp has more gateways come at once than are let in: each is told a time of
// its own.
func TestRamp(t *testing.T) {
	n := newNode(t, rig{limits: feed.Limits{JoinsPerSecond: 10, JoinBurst: 5}})
	token, waits := n.token("managed"), map[string]int{}
	for range 35 {
		g := n.follower(token)
		if refused, ok := errors.AsType[*refusedError](g.join()); ok {
			waits[refused.after]++
		} else {
			waits["none"]++
		}
		g.leave()
	}
	if waits["none"] != 5 || waits["1"] > 10 || waits["2"] != 10 || waits["3"] != 10 || waits["4"] == 0 {
		t.Errorf("%v", waits)
	}
	n.clock.Advance(time.Second)
	n.follower(token).follows(protocol.TypeDocument)
}

// TestClientCertificates demands certificates of an authority.
func TestClientCertificates(t *testing.T) {
	n := newNode(t, rig{})
	good, foreign := newAuthority(t), newAuthority(t)
	demanding := feed.New(feed.Options{Store: n.store, Environment: n.plane.Environment(), Service: serviceID, Limits: fast,
		ClientCAs: good.pool, Clock: n.clock, Log: quiet(t)})
	s := httptest.NewUnstartedServer(demanding)
	s.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(func() { demanding.Drain(); s.Close(); demanding.Close() })
	token := n.token("managed")
	for _, tt := range []struct {
		name string
		cert *tls.Certificate
		want int
	}{
		{"none", nil, 403},
		{"of another authority", foreign.issue(t, morning.Add(time.Hour), true), 403},
		{"expired", good.issue(t, morning.Add(-time.Hour), true), 403},
		{"for servers", good.issue(t, morning.Add(time.Hour), false), 403},
		{"good", good.issue(t, morning.Add(time.Hour), true), 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			transport := s.Client().Transport.(*http.Transport).Clone()
			defer transport.CloseIdleConnections()
			if tt.cert != nil {
				transport.TLSClientConfig.Certificates = []tls.Certificate{*tt.cert}
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+protocol.ConfigurationPath, bytes.NewReader(nil))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", protocol.TokenScheme+" "+token)
			r.Header.Set(protocol.HeaderInstance, "i")
			response, err := transport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != tt.want {
				t.Errorf("the status is %d, want %d", response.StatusCode, tt.want)
			}
		})
	}
}
