package feed_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/feed"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// beat posts a heartbeat and returns the status.
func (g *gateway) beat(body string) int {
	g.t.Helper()
	response, err := g.ask(g.t.Context(), http.MethodPost, protocol.HeartbeatPath, []byte(body))
	if err != nil {
		g.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		g.t.Error(err)
	}
	return response.StatusCode
}

func encode(tb testing.TB, h protocol.Heartbeat) string {
	tb.Helper()
	raw, err := json.Marshal(h)
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

// TestInstances follows, beats, falls behind and goes out of contact.
func TestInstances(t *testing.T) {
	n := newNode(t, rig{})
	g := n.follower(n.token("managed")).follows(protocol.TypeDocument)
	if got := n.instances("managed"); got != nil {
		t.Errorf("before the first heartbeat there are %v", got)
	}
	h := protocol.Heartbeat{Instance: "instance-1", Release: "r", Region: "west", Host: "h", Lineage: g.position.Lineage,
		Revision: g.position.Revision, Digest: g.position.Digest.String(), Started: morning, Health: protocol.HealthDegraded,
		Problems: []protocol.Problem{{Resource: "apis/x", Element: "policy", Message: "m"}}}
	if got := g.beat(encode(t, h)); got != http.StatusNoContent {
		t.Fatalf("the status is %d", got)
	}
	want := map[string]any{"region": "west", "host": "h", "release": "r", "state": "connected", "lineage": h.Lineage,
		"revision": h.Revision, "digest": h.Digest, "inStep": true, "health": protocol.HealthDegraded, "problems": h.Problems,
		"started": "2026-01-01T09:00:00Z"}
	look := func(on *node) map[string]any {
		t.Helper()
		found := on.instances("managed")
		if len(found) != 1 || found[0]["name"] != "instance-1" || found[0]["id"] != string(id("gateways/managed/sallyportInstances/instance-1")) {
			t.Fatalf("%v", found)
		}
		properties, _ := found[0]["properties"].(map[string]any)
		if _, ok := properties["lastHeartbeat"].(string); !ok {
			t.Errorf("%v", properties)
		}
		delete(properties, "lastHeartbeat") // By the clock of the machine.
		return properties
	}
	if diff := cmp.Diff(want, look(n)); diff != "" {
		t.Error(diff)
	}
	other := newNode(t, rig{store: n.store})
	if diff := cmp.Diff(want, look(other)); diff != "" {
		t.Errorf("on another node, which no gateway follows: %s", diff)
	}
	n.value("v", "1")
	g.wants(protocol.TypeDelta)
	if look(n)["inStep"] != false || look(other)["inStep"] != false {
		t.Error("a gateway that has said nothing since the change is in step")
	}
}

// TestOutOfContact lets time pass by the notes' own clock.
func TestOutOfContact(t *testing.T) {
	n := newNode(t, rig{limits: feed.Limits{Heartbeat: time.Nanosecond, JoinsPerSecond: 1000, JoinBurst: 1000}})
	g := n.follower(n.token("managed"))
	if got := g.beat(`{"instance":"instance-1","health":"ok"}`); got != http.StatusNoContent {
		t.Fatalf("the status is %d", got)
	}
	properties, _ := n.instances("managed")[0]["properties"].(map[string]any)
	if properties["state"] != "outOfContact" || properties["inStep"] != false {
		t.Errorf("%v", properties)
	}
}

// TestHostileHeartbeats posts what is no heartbeat, and too many.
func TestHostileHeartbeats(t *testing.T) {
	n := newNode(t, rig{})
	token := n.token("managed")
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"nothing", "", 400},
		{"another instance's", `{"instance":"instance-2","health":"ok"}`, 400},
		{"a long one", `{"instance":"instance-1","health":"ok","host":"` + strings.Repeat("x", protocol.MaxHeartbeat) + `"}`, 400},
		{"problems that grow", `{"instance":"instance-1","health":"ok","problems":[` +
			strings.Repeat(`{"message":"`+strings.Repeat("<", 1200)+`"},`, 49) + `{"message":"m"}]}`, 204},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := &gateway{t: t, url: n.http.URL, token: token}
			if got := g.beat(tt.body); got != tt.want {
				t.Errorf("the status is %d, want %d", got, tt.want)
			}
		})
	}
	g := n.follower(token)
	taken := 0
	for range 100 {
		if g.beat(`{"instance":"instance-1","health":"ok"}`) == http.StatusNoContent {
			taken++
		}
	}
	if taken > feed.HeartbeatBurst {
		t.Errorf("%d of 100 heartbeats at once were taken", taken)
	}
	n.clock.Advance(10 * time.Second)
	if got := g.beat(`{"instance":"instance-1","health":"ok"}`); got != http.StatusNoContent {
		t.Errorf("after a while the status is %d", got)
	}
}

// TestTooManyInstances makes up one instance after the other.
func TestTooManyInstances(t *testing.T) {
	n := newNode(t, rig{})
	n.gateway("edge")
	g, refused := n.follower(n.token("edge")), 0
	name := ""
	g.change = func(r *http.Request) { r.Header.Set(protocol.HeaderInstance, name) }
	for i := range feed.MaxInstances + 10 {
		name = "i" + strings.Repeat("x", i%50) + string(rune('a'+i/50%26))
		name += string(rune('a' + i/1300))
		if g.beat(`{"instance":"`+name+`","health":"ok"}`) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 10 || len(n.instances("edge")) != feed.MaxInstances {
		t.Errorf("%d were refused, and %d are there", refused, len(n.instances("edge")))
	}
	if got := g.beat(`{"instance":"` + name + `","health":"ok"}`); got != http.StatusTooManyRequests {
		t.Errorf("one that was refused is answered with %d when it comes again", got)
	}
	name = "iaa"
	if got := g.beat(`{"instance":"` + name + `","health":"ok"}`); got != http.StatusNoContent {
		t.Errorf("one that is there is answered with %d when it comes again", got)
	}
}

// TestSpread tells gateways how long all of them take to come back.
func TestSpread(t *testing.T) {
	n := newNode(t, rig{limits: feed.Limits{JoinsPerSecond: 2, JoinBurst: 5}})
	var g *gateway
	for range 5 {
		g = n.follower(n.token("managed")).follows(protocol.TypeDocument)
	}
	response, err := g.ask(t.Context(), http.MethodPost, protocol.HeartbeatPath, []byte(`{"instance":"instance-1","health":"ok"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get(protocol.HeaderSpread); got != "3" {
		t.Errorf("five feeds at two a second are told %q seconds, want 3", got)
	}
}
