package console

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// Limits of what is kept for sessions.
const (
	// maxWallets bounds the sessions that have tokens or sign-ins under way;
	// beyond it the one that was used longest ago is dropped.
	maxWallets = 10_000
	// maxTokens and maxPending bound both for one session.
	maxTokens  = 8
	maxPending = 8
	// maxTokenBytes bounds a token.
	maxTokenBytes = 16 << 10
	// maxTokenLife bounds how long a token is kept, and pendingLife how long a
	// sign-in at an authorization server may take.
	maxTokenLife = time.Hour
	pendingLife  = 10 * time.Minute
)

// token is an access token that a visitor got. Secret never leaves the server
// but in a request to the gateway.
type token struct {
	ID, Issuer, IssuerName string
	Subject, Scope         string
	Expires                time.Time
	// InQuery says that the token is sent as a query parameter.
	InQuery bool
	secret  string
}

// pending is a sign-in at an authorization server that is under way.
type pending struct {
	Issuer         string
	API, Operation string
	Redirect       string
	verifier       string
	ends           time.Time
}

// pocket is what one session has.
type pocket struct {
	tokens  []token
	pending map[string]pending
	used    time.Time
}

// wallet keeps tokens with the sessions that they belong to, in memory: a restart
// forgets them, and the visitor gets new ones.
type wallet struct {
	clock clock.Clock

	mu       sync.Mutex
	sessions map[string]*pocket
}

func newWallet(c clock.Clock) *wallet {
	return &wallet{clock: c, sessions: map[string]*pocket{}}
}

// pocketOf is the pocket of a session, without what has ended.
func (w *wallet) pocketOf(session string) *pocket {
	now := w.clock.Now()
	p := w.sessions[session]
	if p == nil {
		if len(w.sessions) >= maxWallets {
			w.drop()
		}
		p = &pocket{pending: map[string]pending{}}
		w.sessions[session] = p
	}
	p.used = now
	p.tokens = slices.DeleteFunc(p.tokens, func(t token) bool { return !t.Expires.After(now) })
	for state, one := range p.pending {
		if !one.ends.After(now) {
			delete(p.pending, state)
		}
	}
	return p
}

// drop forgets the session that was used longest ago.
func (w *wallet) drop() {
	oldest := ""
	for session, p := range w.sessions {
		if oldest == "" || p.used.Before(w.sessions[oldest].used) {
			oldest = session
		}
	}
	delete(w.sessions, oldest)
}

// begin notes a sign-in and returns its state, which nobody can guess.
func (w *wallet) begin(session string, p pending) (state string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	pocket := w.pocketOf(session)
	if len(pocket.pending) >= maxPending {
		first := ""
		for state, one := range pocket.pending {
			if first == "" || one.ends.Before(pocket.pending[first].ends) {
				first = state
			}
		}
		delete(pocket.pending, first)
	}
	p.ends = w.clock.Now().Add(pendingLife)
	state = rand.Text()
	pocket.pending[state] = p
	return state
}

// take ends a sign-in: a state works once, and in the session that began it only.
func (w *wallet) take(session, state string) (pending, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sessions[session] == nil {
		return pending{}, false
	}
	pocket := w.pocketOf(session)
	p, ok := pocket.pending[state]
	delete(pocket.pending, state)
	return p, ok
}

// put keeps a token. One of the same server takes the place of the one before.
func (w *wallet) put(session string, t token) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.pocketOf(session)
	p.tokens = slices.DeleteFunc(p.tokens, func(o token) bool { return o.Issuer == t.Issuer })
	if len(p.tokens) >= maxTokens {
		p.tokens = p.tokens[1:]
	}
	if limit := w.clock.Now().Add(maxTokenLife); t.Expires.IsZero() || t.Expires.After(limit) {
		t.Expires = limit
	}
	t.ID = rand.Text()
	p.tokens = append(p.tokens, t)
}

// list are the tokens of a session that some issuers gave.
func (w *wallet) list(session string, issuers []string) []token {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sessions[session] == nil {
		return nil
	}
	var found []token
	for _, t := range w.pocketOf(session).tokens {
		if slices.Contains(issuers, t.Issuer) {
			found = append(found, t)
		}
	}
	return found
}

// forget drops a token.
func (w *wallet) forget(session, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.sessions[session]; p != nil {
		p.tokens = slices.DeleteFunc(p.tokens, func(t token) bool { return t.ID == id })
	}
}

// claims are what is shown of a token. They are read and not checked: who the
// token is for is the gateway's to decide.
type claims struct {
	Subject string `json:"sub"`
	Name    string `json:"preferred_username"`
	Client  string `json:"client_id"`
	Party   string `json:"azp"`
	Expires int64  `json:"exp"`
}

// readClaims reads the claims of a token that is a JWT; others have none.
func readClaims(text string) claims {
	var c claims
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return c
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return claims{}
	}
	return c
}

// subject is whom the token is for, in words.
func (c claims) subject() string {
	for _, name := range []string{c.Name, c.Subject, c.Party, c.Client} {
		if name != "" {
			return shorten(name, 80)
		}
	}
	return ""
}
