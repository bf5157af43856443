package feed_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

const (
	manyAPIs       = 1000
	manyOperations = 10 // Of each API.
	followers      = 20
)

// bigNode is a node over SQLite with 1,000 APIs of 10 operations.
func bigNode(tb testing.TB) *node {
	tb.Helper()
	st, err := sqlite.Open(tb.Context(), tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := st.Close(); err != nil {
			tb.Error(err)
		}
	})
	n := newNode(tb, rig{store: st, clock: clock.System()})
	// It is written past the plane: what that checks is not what is measured.
	_, err = st.Update(tb.Context(), func(tx store.Tx) error {
		for i := range manyAPIs {
			if err := fill(tx, fmt.Sprintf("apis/api-%04d", i)); err != nil {
				return err
			}
		}
		return audit.Append(tx, audit.Entry{Time: morning, Actor: "t", Action: "t", Resource: "/t", Outcome: audit.Succeeded})
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// fill makes an API with its operations and a policy.
func fill(tx store.Tx, api string) error {
	put := func(path, properties string) error {
		return tx.Put(id(api+path).Key(), string(id(api+path)), []byte(`{"properties":`+properties+`}`))
	}
	if err := put("", `{"displayName":"`+api+`","path":"`+api+`","protocols":["https"],"serviceUrl":"https://b.example"}`); err != nil {
		return err
	}
	if err := put("/policies/policy", `{"format":"rawxml","value":"<policies><inbound><base /></inbound></policies>"}`); err != nil {
		return err
	}
	for i := range manyOperations {
		if err := put(fmt.Sprintf("/operations/op-%d", i), fmt.Sprintf(
			`{"displayName":"Op %d","method":"GET","urlTemplate":"/things/%d/{id}","templateParameters":[{"name":"id","type":"string","required":true}]}`, i, i)); err != nil {
			return err
		}
	}
	return nil
}

// reach commits changes, each of another kind of resource, and returns how long
// each took from its commit until all followers had it, the longest last.
func reach(tb testing.TB, n *node, changes int, delay time.Duration) []time.Duration {
	tb.Helper()
	token := n.token("managed")
	var all []*gateway
	for range followers {
		all = append(all, n.follower(token).follows(protocol.TypeDocument))
	}
	took := make([]time.Duration, 0, changes)
	for i := range changes {
		one(n, i)
		begin := time.Now()
		var arrived sync.WaitGroup
		for _, g := range all {
			arrived.Go(func() {
				time.Sleep(delay)
				if err := g.passes(protocol.TypeDelta); err != nil {
					tb.Error(err)
				}
			})
		}
		arrived.Wait()
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return took
}

// one makes a change.
func one(n *node, i int) {
	switch i % 3 {
	case 0:
		n.value("v", fmt.Sprint(i))
	case 1:
		n.put(fmt.Sprintf("subscriptions/s%d", i), fmt.Sprintf(`{"properties":{"displayName":"S","scope":"/apis/api-%04d","primaryKey":"p%d","secondaryKey":"s%d"}}`, i, i, i))
	default:
		n.put(fmt.Sprintf("apis/api-%04d/policies/policy", i), fmt.Sprintf(`{"properties":{"format":"rawxml","value":"<policies><inbound><!-- %d --></inbound></policies>"}}`, i))
	}
}

// maxReach is how long a change may take to reach 20 followers.
const maxReach = time.Second

// TestR5_ChangesReachFollowers commits 100 changes of 1,000 APIs, and has them
// read by 20 gateways.
func TestR5_ChangesReachFollowers(t *testing.T) {
	n := bigNode(t)
	took := reach(t, n, 100, 0)
	s := n.feed.Stats()
	fmt.Printf("R5: a change of %d APIs is with %d followers after %s (p50), %s (p99, limit %s); %d documents and %d deltas encoded for %d gateways\n",
		manyAPIs, followers, took[49].Round(time.Microsecond), took[98].Round(time.Microsecond), maxReach, s.Documents, s.Deltas, followers)
	if took[98] > maxReach || s.Documents != 1 || s.Deltas != 100 {
		t.Errorf("p99 %s, %+v", took[98], s)
	}
}

// TestR5_ChangesReachFollowers_NegativeControl has gateways that read late.
func TestR5_ChangesReachFollowers_NegativeControl(t *testing.T) {
	n := newNode(t, rig{clock: clock.System()})
	if took := reach(t, n, 1, maxReach); took[0] <= maxReach {
		t.Error("gateways that read late have no effect on the figure")
	}
}

func BenchmarkChangeToFollowers(b *testing.B) {
	n := bigNode(b)
	token := n.token("managed")
	var all []*gateway
	for range followers {
		all = append(all, n.follower(token).follows(protocol.TypeDocument))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		one(n, i%500)
		n.value("always", fmt.Sprint(i)) // The other may leave everything as it was.
		i++
		want := []byte(`"` + fmt.Sprint(i-1) + `"`)
		for _, g := range all {
			for !bytes.Contains(g.resources["namedvalues/always"].Text, want) {
				g.wants(protocol.TypeDelta)
			}
		}
	}
	s := n.feed.Stats()
	b.ReportMetric(float64(s.Deltas)/float64(i), "encoded/op")
	b.ReportMetric(float64(s.Bytes)/float64(s.Frames), "bytes/frame")
}

// BenchmarkJoin begins a feed with a whole document of 12,000 resources, which
// is encoded once.
func BenchmarkJoin(b *testing.B) {
	n := bigNode(b)
	token := n.token("managed")
	b.ReportAllocs()
	for b.Loop() {
		g := n.follower(token)
		if err := g.join(); err != nil {
			b.Fatal(err)
		}
		if _, err := g.frames.Read(); err != nil {
			b.Fatal(err)
		}
		g.leave()
	}
	b.ReportMetric(float64(n.feed.Stats().Documents), "encoded")
}
