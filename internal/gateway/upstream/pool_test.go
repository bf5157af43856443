package upstream

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// newPool makes a pool of backends that answer with their name, or fail where
// the path says their name. An item is "name", "name:priority" or
// "name:priority:weight".
func newPool(t *testing.T, affinity string, items ...string) *rig {
	t.Helper()
	g := newRig(t, Options{})
	pool := &model.BackendPool{}
	if affinity != "" {
		pool.SessionAffinity = &model.SessionAffinity{SessionID: &model.SessionID{Source: "cookie", Name: affinity}}
	}
	for _, item := range items {
		parts := strings.Split(item, ":")
		name := parts[0]
		one := model.BackendPoolItem{ID: "/backends/" + name}
		for i, to := range []**int{&one.Priority, &one.Weight} {
			if len(parts) > i+1 {
				*to = new(int)
				_, _ = fmt.Sscan(parts[i+1], *to)
			}
		}
		pool.Services = append(pool.Services, one)
		g.add(name, breaking(serve(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, name) {
				w.WriteHeader(http.StatusInternalServerError)
			}
			_, _ = w.Write([]byte(name))
		}).URL, 1))
	}
	g.add("pool", &model.Backend{Type: model.BackendOfBackends, Pool: pool})
	return g
}

// members calls a pool so often and returns who answered.
func (g *rig) answers(t *testing.T, n int, path, cookie string) string {
	t.Helper()
	var got []string
	for range n {
		c := g.to(t, "pool")
		c.SetRelativePath("/" + path)
		if cookie != "" {
			c.Request.Header.Add(message.Cookie, cookie)
		}
		body, err := g.forward(c, &policy.DefaultForward)
		if err != nil {
			body = g.status(c)
		}
		got = append(got, body)
	}
	return strings.Join(got, "")
}

func TestPool(t *testing.T) {
	tests := []struct {
		name  string
		items []string
		fail  string // members that fail first
		want  string
	}{
		{"in turns", []string{"a", "b", "c"}, "", "abcabcab"},
		{"by weight", []string{"a:0:3", "b:0:1"}, "", "aabaaaba"},
		{"by priority", []string{"a:1", "b:2"}, "", "aaaaaaaa"},
		{"the next priority", []string{"a:1", "b:2", "c:2"}, "a", "bcbcbcbc"},
		{"without the one that is open", []string{"a", "b", "c"}, "b", "acacacac"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newPool(t, "", test.items...)
			for name := range strings.FieldsSeq(test.fail) {
				g.ask(t, name, name)
			}
			if diff := cmp.Diff(test.want, g.answers(t, 8, "", "")); diff != "" {
				t.Errorf("who answered (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPoolIsEmptyWhenAllAreOpen(t *testing.T) {
	g := newPool(t, "", "a:1", "b:2")
	g.ask(t, "a", "a")
	g.clock.Advance(20 * time.Second)
	g.ask(t, "b", "b")
	if got := g.ask(t, "pool", ""); got != "503 after 40" {
		t.Errorf("got %s, want 503 and the time until the first member closes", got)
	}
	g.clock.Advance(40 * time.Second)
	if got := g.answers(t, 2, "", ""); got != "aa" {
		t.Errorf("afterwards %s answered, want a", got)
	}
}

func TestPoolFollowsTheConfiguration(t *testing.T) {
	g := newPool(t, "", "a", "b")
	_ = g.answers(t, 2, "", "")
	next := &directory{backends: map[string]*model.Backend{"pool": g.backends["pool"], "b": g.backends["b"]}}
	g.directory = next
	if got := g.answers(t, 2, "", ""); got != "bb" {
		t.Errorf("with a configuration without a, %s answered", got)
	}
}

func TestSessionAffinity(t *testing.T) {
	g := newPool(t, "Session", "a", "b")
	c := g.to(t, "pool")
	if _, err := g.forward(c, &policy.DefaultForward); err != nil {
		t.Fatal(err)
	}
	set, _ := c.Pending.Get(message.SetCookie)
	pair, attributes, _ := strings.Cut(set, ";")
	if attributes != " Path=/; HttpOnly; Secure" || strings.Contains(pair, "backends") {
		t.Errorf("the cookie is %q", set)
	}
	if got := g.answers(t, 4, "", "x=1; "+pair); got != "aaaa" {
		t.Errorf("with the cookie %s answered, want a", got)
	}
	g.ask(t, "a", "a")
	if got := g.answers(t, 2, "", pair); got != "bb" {
		t.Errorf("with the member's breaker open %s answered, want b", got)
	}
}
