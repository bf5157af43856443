package session

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// Find implements page.Sessions. A cookie that proves no session is taken away,
// unless that cannot be known now.
func (m *Manager) Find(w http.ResponseWriter, r *http.Request) page.Found {
	name := page.CookieName(m.secure, cookieName)
	if _, err := r.Cookie(name); err != nil {
		return page.Found{Visitor: page.Guest()}
	}
	p, ok := m.read(r)
	if !ok {
		m.setCookie(w, "", -1)
		return page.Found{Visitor: page.Guest()}
	}
	e := m.lookup(r.Context(), p)
	if e == nil {
		return page.Found{Visitor: page.Guest(), Secret: p.secret, Unsure: true}
	}
	sum := sha256.Sum256(p.secret)
	now := m.clock.Now()
	if e.gone || subtle.ConstantTimeCompare(sum[:], e.verifier[:]) != 1 {
		m.setCookie(w, "", -1)
		return page.Found{Visitor: page.Guest()}
	}
	if last := time.Unix(0, e.used.Load()); now.After(e.expires) || now.Sub(last) > IdleLife {
		m.expire(r.Context(), p, e)
		m.setCookie(w, "", -1)
		return page.Found{Visitor: page.Guest()}
	}
	e.used.Store(now.UnixNano())
	m.noteSeen(r.Context(), p, e, now)
	return page.Found{Visitor: e.visitor, Secret: p.secret}
}

// expire ends a session that was not used for too long. Where the management
// plane is away, its own time ends it.
func (m *Manager) expire(ctx context.Context, p proof, e *entry) {
	if m.EndOne(ctx, p.user, p.id) != nil {
		m.known.put(p.key(), &entry{gone: true, read: e.read})
	}
}

// lookup returns what is known of a session: from memory where it is fresh, or
// else from the management plane. While that is away, what was known goes on; nil
// is a session of which nothing is known.
func (m *Manager) lookup(ctx context.Context, p proof) *entry {
	e := m.known.get(p.key())
	now := m.clock.Now()
	if e == nil {
		return m.ask(ctx, p, nil)
	}
	if now.Sub(e.read) < FreshFor && !e.aged.Load() || e.gone && now.Sub(e.read) < FreshFor {
		return e
	}
	if !e.asking.TryLock() {
		return e // Somebody is asking; until then the old holds.
	}
	defer e.asking.Unlock()
	if newer := m.ask(ctx, p, e); newer != nil {
		return newer
	}
	return e
}

// ask asks the management plane about a session, unless it is away or too many
// are asking. It returns nil where nothing was learned.
func (m *Manager) ask(ctx context.Context, p proof, old *entry) *entry {
	now := m.clock.Now()
	if now.UnixNano() < m.away.Load() {
		return nil
	}
	select {
	case m.lookups <- struct{}{}:
		defer func() { <-m.lookups }()
	default:
		return nil
	}
	// What one visitor waits for is of use to the others: it is not given up with
	// the visitor's request.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTime)
	defer cancel()
	e, err := m.load(ctx, p)
	switch {
	case client.IsNotFound(err), isNoName(err):
		e = &entry{gone: true, read: now}
	case err != nil:
		m.away.Store(m.clock.Now().Add(awayFor).UnixNano())
		m.log.Warn("a session could not be looked up", "user", p.user, "session", p.id, "error", err.Error())
		return nil
	}
	e.read = now
	if old != nil && !e.gone {
		e.used.Store(max(e.used.Load(), old.used.Load()))
		e.written.Store(max(e.written.Load(), old.written.Load()))
	}
	m.known.put(p.key(), e)
	return e
}

// isNoName says that the management plane has refused a name: no user is called
// as the cookie says. Taken for its absence, anybody's cookie would keep the
// portal from asking about the sessions of others, and so those that have ended
// would go on.
func isNoName(err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	return ok && p.Status == http.StatusBadRequest
}

// load reads a session with its user and the user's groups.
func (m *Manager) load(ctx context.Context, p proof) (*entry, error) {
	s, err := client.Get[client.Session](ctx, m.client, p.path())
	if err != nil {
		return nil, err
	}
	verifier, err := hex.DecodeString(s.Properties.Verifier)
	if err != nil || len(verifier) != sha256.Size {
		return nil, problem.NotFound("Session", p.id)
	}
	user, err := client.Get[client.User](ctx, m.client, client.Path("users", p.user))
	if err != nil {
		return nil, err
	}
	if user.Properties.State != "active" {
		return nil, problem.NotFound("Session", p.id)
	}
	groups, err := client.All[client.Group](ctx, m.client, client.Path("users", p.user, "groups"),
		client.Query("sallyportWorkspaces", "true"))
	if err != nil {
		return nil, err
	}
	e := &entry{visitor: visitor(user, groups, p.id), expires: s.Properties.Expires}
	copy(e.verifier[:], verifier)
	e.used.Store(s.Properties.LastSeen.UnixNano())
	e.written.Store(s.Properties.LastSeen.UnixNano())
	return e, nil
}

func visitor(user client.Resource[client.User], groups []client.Resource[client.Group], session string) page.Visitor {
	u := user.Properties
	v := page.Visitor{
		User: user.Name, Name: strings.TrimSpace(u.FirstName + " " + u.LastName), Email: u.Email, Session: session,
	}
	if v.Name == "" {
		v.Name = u.Email
	}
	for _, g := range groups {
		v.Groups = append(v.Groups, strings.ToLower(client.Qualify(g.Properties.Workspace, g.Name)))
	}
	// Who is signed in is a developer, whatever the list says.
	if !slices.Contains(v.Groups, client.Developers) {
		v.Groups = append(v.Groups, client.Developers)
	}
	v.Admin = slices.Contains(v.Groups, client.Administrators)
	return v
}

// noteSeen writes the time of the last request where the management plane's is
// older than SeenEvery. It does not matter where that fails, but for a session
// that has ended meanwhile.
func (m *Manager) noteSeen(ctx context.Context, p proof, e *entry, now time.Time) {
	written := e.written.Load()
	if now.UnixNano()-written < int64(SeenEvery) || now.UnixNano() < m.away.Load() || !e.written.CompareAndSwap(written, now.UnixNano()) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTime)
	defer cancel()
	_, err := client.Post[struct{}](ctx, m.client, p.path()+"/seen", nil)
	switch {
	case client.IsNotFound(err):
		e.aged.Store(true)
	case err != nil:
		m.away.Store(m.clock.Now().Add(awayFor).UnixNano())
		m.log.Warn("the last use of a session could not be noted", "user", p.user, "session", p.id, "error", err.Error())
	}
}
