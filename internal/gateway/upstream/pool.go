package upstream

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// turns gives the members of a pool their turns by smooth weighted round robin:
// over any stretch each member gets its share, and a heavy one is not called
// several times in a row where another could be.
type turns struct {
	mu      sync.Mutex
	current map[string]int
}

// member is a member of a pool that can be called now.
type member struct {
	id       string
	backend  *model.Backend
	priority int
	weight   int
}

// next returns the member whose turn it is. The members have one priority.
func (t *turns) next(members []member) member {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == nil {
		t.current = map[string]int{}
	}
	total, best := 0, 0
	for i := range members {
		weight := max(members[i].weight, 1)
		total += weight
		t.current[members[i].id] += weight
		if t.current[members[i].id] > t.current[members[best].id] {
			best = i
		}
	}
	t.current[members[best].id] -= total
	return members[best]
}

// candidates returns the members of a pool of the best priority that has any
// whose breaker is closed. Without any, wait is the time until the first one
// closes.
func (m *Manager) candidates(c *policy.Call, pool *model.Backend) (list []member, wait time.Duration) {
	now := m.clock.Now()
	for _, item := range pool.Pool.Services {
		mem, ok := memberOf(c, pool, item)
		if !ok {
			continue
		}
		if d := m.state(mem.id).breaker.openFor(now); d > 0 {
			if wait == 0 || d < wait {
				wait = d
			}
			continue
		}
		switch {
		case len(list) > 0 && mem.priority > list[0].priority:
			continue
		case len(list) > 0 && mem.priority < list[0].priority:
			list = list[:0]
		}
		list = append(list, mem)
	}
	return list, wait
}

// memberOf resolves one item of a pool.
func memberOf(c *policy.Call, pool *model.Backend, item model.BackendPoolItem) (member, bool) {
	ref, err := model.ParseReference(pool.ID, item.ID)
	if err != nil {
		return member{}, false
	}
	b := c.Directory.Backend(ref.String())
	if b == nil || b.IsPool() {
		return member{}, false
	}
	mem := member{id: b.ID.String(), backend: b, weight: 1}
	if item.Priority != nil {
		mem.priority = *item.Priority
	}
	if item.Weight != nil {
		mem.weight = *item.Weight
	}
	return mem, true
}

// choose picks a member of a pool: the one that the session is bound to if it
// can be called, otherwise the one whose turn it is.
func (m *Manager) choose(c *policy.Call, pool *model.Backend, list []member) member {
	state := m.state(pool.ID.String())
	if name := affinityCookie(pool); name != "" {
		bound := cookie(&c.Request.Header, name)
		for _, mem := range list {
			if bound != "" && bound == affinityToken(mem.id) {
				return mem
			}
		}
		chosen := state.turns.next(list)
		c.Pending.Add(message.SetCookie, name+"="+affinityToken(chosen.id)+"; Path=/; HttpOnly")
		return chosen
	}
	return state.turns.next(list)
}

// affinityCookie returns the name of the cookie that binds sessions of a pool
// to a member, or "".
func affinityCookie(pool *model.Backend) string {
	a := pool.Pool.SessionAffinity
	if a == nil || a.SessionID == nil || !strings.EqualFold(a.SessionID.Source, "cookie") || !message.ValidFieldName(a.SessionID.Name) {
		return ""
	}
	return a.SessionID.Name
}

// affinityToken names a member in a cookie without telling its id.
func affinityToken(id string) string {
	sum := sha256.Sum256([]byte("affinity " + id))
	return hex.EncodeToString(sum[:8])
}

// cookie returns the value of a request's cookie, or "".
func cookie(h *message.Header, name string) string {
	for _, f := range h.Fields() {
		if !f.Is(message.Cookie) {
			continue
		}
		for _, pair := range strings.Split(f.Value, ";") {
			if k, v, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && k == name {
				return v
			}
		}
	}
	return ""
}
