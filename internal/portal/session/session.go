// Package session knows visitors of the portal by a cookie. The management plane
// keeps the sessions, without what proves them; a portal keeps those that it has
// seen in memory for a while, so that a page costs no call and visitors stay who
// they are while the management plane is away.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// Limits of sessions.
const (
	// IdleLife is how long a session lives without a request.
	IdleLife = 12 * time.Hour
	// AbsoluteLife is how long a session lives at most.
	AbsoluteLife = 7 * 24 * time.Hour
	// SeenEvery is how often the time of the last request is written.
	SeenEvery = 10 * time.Minute
	// FreshFor is how long what is known of a session is believed without asking:
	// a session that was ended at another portal is refused within that time, or
	// at once where the changes of the management plane tell.
	FreshFor = 30 * time.Second
	// MaxCached bounds the sessions in memory. Of more, those that were not used
	// for the longest are asked for again.
	MaxCached = 20_000
	// MaxLookups bounds the questions to the management plane at one time, and
	// lookupTime each. Visitors beyond it are told that the portal is not sure.
	MaxLookups = 32
	lookupTime = 3 * time.Second
	// awayFor is how long nothing is asked after the management plane did not
	// answer.
	awayFor = 2 * time.Second
	// maxAgent bounds what is kept of a browser's name.
	maxAgent = 200
	// maxCookie bounds the cookie that is looked at.
	maxCookie = 600
	// secretBytes is the size of what proves a session.
	secretBytes = 32
)

// cookieName is the cookie's name, without the prefix that TLS gives it.
const cookieName = "sallyport"

// collection is where a user's sessions are.
const collection = "sallyportSessions"

// Options say what a Manager works with.
type Options struct {
	Client *client.Client
	// Secure says that visitors reach the portal over TLS.
	Secure bool
	// Clock, Log and Random are the machine's where they are nil.
	Clock  clock.Clock
	Log    *slog.Logger
	Random io.Reader
}

// Manager begins, finds and ends sessions. It is safe for concurrent use.
type Manager struct {
	client  *client.Client
	secure  bool
	clock   clock.Clock
	log     *slog.Logger
	random  io.Reader
	known   *cache
	lookups chan struct{}
	away    atomic.Int64 // The time in Unix nanoseconds until which nothing is asked.
}

// New makes a Manager of which no session is known yet.
func New(o Options) *Manager {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return &Manager{
		client: o.Client, secure: o.Secure, clock: o.Clock, log: o.Log, random: o.Random,
		known: newCache(), lookups: make(chan struct{}, MaxLookups),
	}
}

// proof is what a cookie holds.
type proof struct {
	user, id string
	secret   []byte
}

func (p proof) key() string { return p.user + "/" + p.id }

func (p proof) path() string { return client.Path("users", p.user, collection, p.id) }

var encoding = base64.RawURLEncoding

// text is the cookie's value: the user, the session and the secret.
func (p proof) text() string {
	return encoding.EncodeToString([]byte(p.user)) + "." + p.id + "." + encoding.EncodeToString(p.secret)
}

// parse reads a cookie's value. It says false for what no Manager has made.
func parse(text string) (proof, bool) {
	parts := strings.Split(text, ".")
	if len(text) > maxCookie || len(parts) != 3 || !isID(parts[1]) {
		return proof{}, false
	}
	user, err := encoding.Strict().DecodeString(parts[0])
	if err != nil || len(user) == 0 {
		return proof{}, false
	}
	secret, err := encoding.Strict().DecodeString(parts[2])
	if err != nil || len(secret) != secretBytes {
		return proof{}, false
	}
	return proof{strings.ToLower(string(user)), parts[1], secret}, true
}

// isID says whether a text is an id as newID makes them.
func isID(text string) bool {
	if len(text) != hex.EncodedLen(16) {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Begin ends the visitor's session, if there is one, and begins a new one, with a
// new id and secret, for a user who has just signed in. provider says how:
// "Basic" for a password. When it returns, the management plane has the session.
func (m *Manager) Begin(x *page.Exchange, user, provider string) error {
	if err := m.end(x); err != nil && !client.IsNotFound(err) {
		return err
	}
	p, err := m.newProof(user)
	if err != nil {
		return err
	}
	now := m.clock.Now().UTC()
	verifier := sha256.Sum256(p.secret)
	agent := x.R.UserAgent()
	s := client.Session{
		Created: now, LastSeen: now, Expires: now.Add(AbsoluteLife), Address: x.Address().String(),
		Agent: strings.ToValidUTF8(agent[:min(len(agent), maxAgent)], ""), Provider: provider, Verifier: hex.EncodeToString(verifier[:]),
	}
	if _, err := client.Put[client.Session](x.R.Context(), m.client.ActingFor(user), p.path(), s, client.IfNew()); err != nil {
		return err
	}
	m.setCookie(x.W, p.text(), AbsoluteLife)
	m.log.Info("a visitor signed in", "user", user, "session", p.id, "provider", provider, "request_id", x.ID)
	return nil
}

func (m *Manager) newProof(user string) (proof, error) {
	raw := make([]byte, 16+secretBytes)
	if _, err := io.ReadFull(m.random, raw); err != nil {
		return proof{}, err
	}
	return proof{strings.ToLower(user), hex.EncodeToString(raw[:16]), raw[16:]}, nil
}

// End ends the visitor's session and takes the cookie away. It fails, and the
// session goes on, where the management plane does not acknowledge the end.
func (m *Manager) End(x *page.Exchange) error {
	if err := m.end(x); err != nil {
		return err
	}
	m.setCookie(x.W, "", -1)
	return nil
}

func (m *Manager) end(x *page.Exchange) error {
	p, ok := m.read(x.R)
	// A cookie whose secret is wrong ends nobody's session.
	if !ok || !x.Visitor.SignedIn() || x.Visitor.Session != p.id {
		return nil
	}
	return m.EndOne(x.R.Context(), p.user, p.id)
}

// EndOne ends one session of a user; one that is gone has ended.
func (m *Manager) EndOne(ctx context.Context, user, id string) error {
	p := proof{user: strings.ToLower(user), id: id}
	if err := client.Delete(ctx, m.client.ActingFor(user), p.path()); err != nil && !client.IsNotFound(err) {
		return err
	}
	m.known.put(p.key(), &entry{gone: true, read: m.clock.Now()})
	return nil
}

// EndAll ends all sessions of a user but one, which may be "".
func (m *Manager) EndAll(ctx context.Context, user, except string) error {
	list, err := m.List(ctx, user)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range list {
		if s.Name != except {
			errs = append(errs, m.EndOne(ctx, user, s.Name))
		}
	}
	return errors.Join(errs...)
}

// List are the sessions of a user, without what proves them.
func (m *Manager) List(ctx context.Context, user string) ([]client.Resource[client.Session], error) {
	return client.All[client.Session](ctx, m.client.ActingFor(user), client.Path("users", user, collection))
}

// Changed makes the Manager ask again about what has changed in the management
// plane: paths below the service, as Changes has them. complete is false where
// more may have changed than that.
func (m *Manager) Changed(paths []string, complete bool) {
	if !complete {
		m.known.stale(func(string) bool { return true })
		return
	}
	users, all := map[string]bool{}, false
	for _, path := range paths {
		parts := strings.Split(strings.ToLower(path), "/")
		switch {
		case len(parts) > 1 && parts[0] == "users":
			users[parts[1]] = true
		case parts[0] == "groups", parts[0] == "workspaces" && (len(parts) == 2 || len(parts) > 2 && parts[2] == "groups"):
			all = true
		}
	}
	if all || len(users) > 0 {
		m.known.stale(func(key string) bool {
			user, _, _ := strings.Cut(key, "/")
			return all || users[user]
		})
	}
}

// read is the proof in a request's cookie.
func (m *Manager) read(r *http.Request) (proof, bool) {
	c, err := r.Cookie(page.CookieName(m.secure, cookieName))
	if err != nil {
		return proof{}, false
	}
	return parse(c.Value)
}

// setCookie sets the cookie, or takes it away where life is negative.
func (m *Manager) setCookie(w http.ResponseWriter, value string, life time.Duration) {
	age := int(life / time.Second)
	if life < 0 {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the portal has TLS; on loopback browsers would refuse it.
		Name: page.CookieName(m.secure, cookieName), Value: value, Path: "/", MaxAge: age,
		Secure: m.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Cached is the number of sessions in memory.
func (m *Manager) Cached() int { return m.known.len() }

// entry is what is known of a session. It does not change once it is in the
// cache, but for what is atomic or guarded.
type entry struct {
	verifier [sha256.Size]byte
	visitor  page.Visitor
	expires  time.Time
	read     time.Time // When the management plane was asked.
	gone     bool      // There is no such session, or it has ended.

	used    atomic.Int64 // The last request, in Unix nanoseconds.
	written atomic.Int64 // What the management plane has of it.
	aged    atomic.Bool  // To be asked for again at the next request.
	asking  sync.Mutex   // Held by the one who asks again.
}
