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

// members are the members of a pool, as one snapshot resolves them.
type members struct {
	directory policy.Directory
	list      []member
}

// member is a member of a pool.
type member struct {
	*endpoint
	priority, weight int
	token            string // that binds a session to it
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

// membersOf returns the members of a pool.
func (m *Manager) membersOf(c *policy.Call, pool *endpoint) []member {
	if known := pool.members.Load(); known != nil && known.directory == c.Directory {
		return known.list
	}
	fresh := &members{directory: c.Directory}
	if pool.backend.Pool != nil {
		for _, item := range pool.backend.Pool.Services {
			if one, ok := m.memberOf(c, pool, item); ok {
				fresh.list = append(fresh.list, one)
			}
		}
	}
	pool.members.Store(fresh)
	return fresh.list
}

// memberOf resolves one item of a pool.
func (m *Manager) memberOf(c *policy.Call, pool *endpoint, item model.BackendPoolItem) (member, bool) {
	ref, err := model.ParseReference(pool.backend.ID, item.ID)
	if err != nil {
		return member{}, false
	}
	b := c.Directory.Backend(ref.String())
	if b == nil || b.IsPool() {
		return member{}, false
	}
	one := member{endpoint: m.endpoint(b), weight: 1, token: affinityToken(b.ID)}
	if item.Priority != nil {
		one.priority = *item.Priority
	}
	if item.Weight != nil {
		one.weight = *item.Weight
	}
	return one, true
}

// candidates appends to dst the members of a pool of the best priority that has
// any whose breaker is closed. Without any, wait is the time until the first
// one closes.
func candidates(dst, all []member, now time.Time) (list []member, wait time.Duration) {
	for _, one := range all {
		if d := one.state.breaker.openFor(now); d > 0 {
			if wait == 0 || d < wait {
				wait = d
			}
			continue
		}
		switch {
		case len(dst) > 0 && one.priority > dst[0].priority:
			continue
		case len(dst) > 0 && one.priority < dst[0].priority:
			dst = dst[:0]
		}
		dst = append(dst, one)
	}
	return dst, wait
}

// choose picks a member of a pool: the one that the session is bound to if it
// can be called, otherwise the one whose turn it is.
func choose(c *policy.Call, pool *endpoint, list []member) member {
	name := affinityCookie(pool.backend)
	if name == "" {
		return pool.state.turns.next(list)
	}
	if bound := cookie(&c.Request.Header, name); bound != "" {
		for _, one := range list {
			if bound == one.token {
				return one
			}
		}
	}
	chosen := pool.state.turns.next(list)
	text := name + "=" + chosen.token + "; Path=/; HttpOnly"
	if c.Original.Scheme == "https" {
		text += "; Secure"
	}
	c.Pending.Add(message.SetCookie, text)
	return chosen
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
func affinityToken(id model.ID) string {
	sum := sha256.Sum256([]byte("affinity " + string(id.Key())))
	return hex.EncodeToString(sum[:8])
}

// cookie returns the value of a request's cookie, or "".
func cookie(h *message.Header, name string) string {
	for _, f := range h.Fields() {
		if !f.Is(message.Cookie) {
			continue
		}
		for pair := range strings.SplitSeq(f.Value, ";") {
			if k, v, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && k == name {
				return v
			}
		}
	}
	return ""
}
