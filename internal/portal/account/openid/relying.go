package openid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/sallyport/sallyport/internal/clock"
)

// Options say how providers are reached.
type Options struct {
	// AllowPrivate lets providers be in private networks and on this machine,
	// and there without TLS.
	AllowPrivate bool
	// TLS is nil for the system's authorities.
	TLS *tls.Config
	// Clock is the system's where it is nil.
	Clock clock.Clock
}

// Relying is the portal as providers know it: the relying party. It is safe for
// use by many goroutines.
type Relying struct {
	http         *http.Client
	clock        clock.Clock
	allowPrivate bool

	mu    sync.Mutex
	known map[string]*metadata
}

// New makes a Relying. It calls nothing.
func New(o Options) *Relying {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	return &Relying{http: newClient(o), clock: o.Clock, allowPrivate: o.AllowPrivate, known: map[string]*metadata{}}
}

// CloseIdle closes the connections that wait for a next call.
func (r *Relying) CloseIdle() { r.http.CloseIdleConnections() }

// Attempt is what has to come back as it was sent, or is needed then. It belongs
// into a cookie that nobody can read or change.
type Attempt struct {
	Provider string `json:"p"`
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	// Return is the path to which the visitor goes in the end.
	Return string `json:"r,omitempty"`
}

// Identity is who has signed in, as the provider says.
type Identity struct {
	// Kind and ID are the identity: nothing else is compared to known users.
	Kind string `json:"k"`
	ID   string `json:"i"`
	// Email may be empty. Verified says that the provider knows it for the
	// user's own.
	Email     string `json:"e,omitempty"`
	Verified  bool   `json:"v,omitempty"`
	FirstName string `json:"f,omitempty"`
	LastName  string `json:"l,omitempty"`
}

// ErrRefused is a sign-in that the provider, the visitor or a check refused.
var ErrRefused = errors.New("the sign-in was refused")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, args...))
}

// Begin returns the address at the provider that the visitor is sent to, and
// what to keep until the visitor comes back to redirect.
func (r *Relying) Begin(ctx context.Context, s *Settings, redirect string) (string, Attempt, error) {
	m, err := r.metadataOf(ctx, s)
	if err != nil {
		return "", Attempt{}, err
	}
	a := Attempt{Provider: s.Name, State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier()}
	return s.oauth(m, redirect).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

func random() string {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw) // It never fails, crypto/rand says.
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (s *Settings) oauth(m *metadata, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: s.ClientID, ClientSecret: s.Secret, RedirectURL: redirect, Endpoint: m.provider.Endpoint(),
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// Complete takes the query with which a visitor came back, exchanges the code
// and returns who has signed in. An error that is none of ErrRefused is one of
// reaching the provider.
func (r *Relying) Complete(ctx context.Context, s *Settings, redirect string, a Attempt, query url.Values) (Identity, error) {
	if a.State == "" || a.Provider != s.Name || subtle.ConstantTimeCompare([]byte(a.State), []byte(query.Get("state"))) != 1 {
		return Identity{}, refused("the answer does not belong to a sign-in that this browser began")
	}
	if code := query.Get("error"); code != "" {
		return Identity{}, refused("the provider answers %.60q", code)
	}
	m, err := r.metadataOf(ctx, s)
	if err != nil {
		return Identity{}, err
	}
	if issuer := query.Get("iss"); issuer != "" && issuer != m.Issuer && tenantOf(m.Issuer) != "{tenantid}" { // RFC 9207.
		return Identity{}, refused("the answer is of another issuer")
	}
	ctx = oidc.ClientContext(ctx, r.http)
	token, err := s.oauth(m, redirect).Exchange(ctx, query.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		if failed, ok := errors.AsType[*oauth2.RetrieveError](err); ok && failed.Response.StatusCode/100 == 4 {
			return Identity{}, refused("the provider does not take the code: %.60q", failed.ErrorCode)
		}
		return Identity{}, fmt.Errorf("exchanging the code of a sign-in: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return Identity{}, refused("the provider sent no ID token")
	}
	who, subject, err := r.verify(ctx, s, m, a.Nonce, raw)
	if err == nil && who.Email == "" && m.UserURL != "" {
		s.ask(ctx, m, token, subject, &who)
	}
	return who, err
}

// ask asks the provider for what the token does not say of the user. What it
// does not answer, the visitor types.
func (s *Settings) ask(ctx context.Context, m *metadata, token *oauth2.Token, subject string, who *Identity) {
	info, err := m.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	var c claims
	if err != nil || info.Subject != subject || info.Claims(&c) != nil {
		return
	}
	more := s.identity(subject, &c)
	who.Email, who.Verified = more.Email, more.Verified
	if who.FirstName == "" && who.LastName == "" {
		who.FirstName, who.LastName = more.FirstName, more.LastName
	}
}

// claims are what is read of an ID token.
type claims struct {
	Tenant          string   `json:"tid"`
	Object          string   `json:"oid"`
	AuthorizedParty string   `json:"azp"`
	Email           string   `json:"email"`
	Emails          []string `json:"emails"`
	Verified        any      `json:"email_verified"`
	Given           string   `json:"given_name"`
	Family          string   `json:"family_name"`
	Name            string   `json:"name"`
}

// verify checks an ID token: signature, issuer, audience, time, nonce, tenant.
func (r *Relying) verify(ctx context.Context, s *Settings, m *metadata, nonce, raw string) (who Identity, subject string, err error) {
	templated := tenantOf(m.Issuer) == "{tenantid}"
	verifier := m.provider.VerifierContext(ctx, &oidc.Config{
		ClientID: s.ClientID, SupportedSigningAlgs: algorithms, Now: r.clock.Now, SkipIssuerCheck: templated,
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return Identity{}, "", refused("the ID token is not good: %w", err)
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return Identity{}, "", refused("the claims of the ID token cannot be read: %w", err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return Identity{}, "", refused("the ID token is for another sign-in")
	case token.Subject == "":
		return Identity{}, "", refused("the ID token names nobody")
	case len(token.Audience) > 1 && c.AuthorizedParty != s.ClientID:
		return Identity{}, "", refused("the ID token was made for another client")
	case templated && (c.Tenant == "" || token.Issuer != strings.ReplaceAll(m.Issuer, "{tenantid}", c.Tenant)):
		return Identity{}, "", refused("the ID token's issuer is not its tenant")
	}
	if s.issuer == "" {
		tenant := tenantOf(token.Issuer)
		ok, err := r.allowed(ctx, s, tenant)
		if err != nil {
			return Identity{}, "", err
		}
		if !ok || tenant == "" {
			return Identity{}, "", refused("the tenant %.40q is none of those that may sign in here", tenant)
		}
	}
	return s.identity(token.Subject, &c), token.Subject, nil
}

// identity reads who it is. Entra's addresses are whatever a tenant has written
// there, so they are never taken for verified.
func (s *Settings) identity(subject string, c *claims) Identity {
	i := Identity{Kind: s.Kind, ID: subject, Email: c.Email, FirstName: c.Given, LastName: c.Family}
	if s.issuer == "" && c.Object != "" {
		i.ID = c.Object
	}
	if i.Email == "" && len(c.Emails) > 0 {
		i.Email = c.Emails[0]
	}
	if s.issuer != "" {
		i.Verified = c.Verified == true || c.Verified == "true"
	}
	if i.FirstName == "" && i.LastName == "" {
		i.FirstName, i.LastName, _ = strings.Cut(strings.TrimSpace(c.Name), " ")
	}
	return i
}
