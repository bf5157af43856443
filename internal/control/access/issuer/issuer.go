// Package issuer is an OAuth 2.0 authorization server for installations that
// have none: client credentials and device codes, for the service principals of
// the directory. It answers at the addresses at which clients of Azure look for
// Microsoft Entra ID, so that they need nothing but another host.
//
// It is one tenant under whatever name a client calls it: its tokens name the
// tenant that it is.
package issuer

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/access/bearer"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Lifetimes.
const (
	// TokenLifetime is that of the tokens of the token endpoint.
	TokenLifetime = time.Hour
	// RotateAfter is the age at which Follow replaces the signing key.
	RotateAfter = 90 * 24 * time.Hour
	// keepAfter is how long a signing key is kept after it was made: until no
	// token of it can be valid.
	keepAfter = RotateAfter + access.MaxTokenLifetime + 24*time.Hour
)

// defaultAudience is that of tokens whose client asked for none.
const defaultAudience = "https://management.azure.com/"

// Config is what an Issuer needs.
type Config struct {
	// Store has the signing keys, sealed by Sealer.
	Store  store.Store
	Sealer secret.Sealer
	// Directory has the service principals.
	Directory *access.Directory
	// BaseURL is where clients find the issuer, without a slash at its end, as in
	// "https://manage.example.com"; where it is empty each request's own host.
	BaseURL string
	// Audiences are those for which Verify accepts tokens; where there are none,
	// any for which the issuer has made one.
	Audiences []string
	// Clock tells the time.
	Clock clock.Clock
	// Log gets what callers are not told; nil discards it.
	Log *slog.Logger
}

// Issuer makes and checks tokens. It is an access.Verifier. All methods may be
// called concurrently.
type Issuer struct {
	config  Config
	keys    atomic.Pointer[keySet]
	loading sync.Mutex
	// looked is when the store was last asked for a key that is not known.
	looked  time.Time
	devices *devices
	limits  *limiter
}

// Open reads the signing keys, and makes the first where there is none.
func Open(ctx context.Context, config Config) (*Issuer, error) {
	notes, ok := config.Store.(store.Notebook)
	if !ok {
		return nil, errors.New("opening the issuer of tokens: the store keeps no notes")
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	i := &Issuer{config: config, devices: newDevices(notes, config.Clock), limits: newLimiter(config.Clock)}
	if err := i.load(ctx); err != nil {
		return nil, err
	}
	if i.keys.Load().signing() != nil {
		return i, nil
	}
	by := audit.Entry{Actor: "sallyport", ActorName: "first start"}
	if err := i.add(ctx, by, true); err != nil {
		return nil, err
	}
	return i, nil
}

// Issuer is the claim "iss" of tokens that are made for no request. Tokens of
// requests name the address at which the client found the issuer.
func (i *Issuer) Issuer() string { return i.issuerAt(i.config.BaseURL) }

func (i *Issuer) issuerAt(base string) string {
	if base == "" {
		base = "https://localhost"
	}
	return base + "/" + i.config.Directory.Tenant() + "/v2.0"
}

// grant is what a token is made of.
type grant struct {
	principal access.ServicePrincipal
	base      string
	audience  string
	expires   time.Time
	// tokenID is the id of a long-lived token, "" for others.
	tokenID string
}

// accessClaims are the claims of an access token, named as Entra names them.
type accessClaims struct {
	jwt.Claims

	AppID    string `json:"appid"`
	AppIDACR string `json:"appidacr"`
	Provider string `json:"idp"`
	Kind     string `json:"idtyp"`
	ObjectID string `json:"oid"`
	Tenant   string `json:"tid"`
	UniqueID string `json:"uti"`
	Version  string `json:"ver"`
	AppName  string `json:"app_displayname,omitempty"`
}

// mint makes an access token.
func (i *Issuer) mint(g grant) (string, error) {
	now := i.config.Clock.Now()
	claims := accessClaims{
		Claims: jwt.Claims{
			Issuer:   i.issuerAt(g.base),
			Subject:  g.principal.ObjectID,
			Audience: jwt.Audience{g.audience},
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now),
			Expiry: jwt.NewNumericDate(g.expires),
			ID:     g.tokenID,
		},
		AppID: g.principal.AppID, AppIDACR: "1", Kind: "app", ObjectID: g.principal.ObjectID,
		Provider: i.issuerAt(g.base), Tenant: i.config.Directory.Tenant(),
		UniqueID: random(16), Version: "1.0", AppName: g.principal.Name,
	}
	return i.sign(claims)
}

// sign makes a token of claims, with the newest key.
func (i *Issuer) sign(claims any) (string, error) {
	key := i.keys.Load().signing()
	token, err := jwt.Signed(key.signer).Claims(claims).Serialize()
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return token, nil
}

// random is a text of n random bytes.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// CreateToken makes a long-lived token for a service principal, which is named
// by its client id. The token can be revoked by its id and is shown once. by
// says who makes it.
func (i *Issuer) CreateToken(
	ctx context.Context, by audit.Entry, appID, name string, lifetime time.Duration,
) (string, access.Token, error) {
	t, err := i.config.Directory.RegisterToken(ctx, by, appID, name, lifetime)
	if err != nil {
		return "", access.Token{}, err
	}
	p, _ := i.config.Directory.Holder(t.ObjectID, t.ID)
	audience := defaultAudience
	if len(i.config.Audiences) > 0 {
		audience = i.config.Audiences[0]
	}
	token, err := i.mint(grant{principal: p, base: i.config.BaseURL, audience: audience, expires: t.Expires, tokenID: t.ID})
	return token, t, err
}

// newToken is how long after it was made a token may be unknown here, because
// another node or a command made it.
const newToken = time.Minute

// holder finds the service principal of a token. One that was made a moment ago
// elsewhere is looked for in the store: whoever got it uses it at once.
func (i *Issuer) holder(ctx context.Context, claims bearer.Claims) (access.ServicePrincipal, bool) {
	p, ok := i.config.Directory.Holder(claims.String("oid"), claims.ID)
	if ok || claims.IssuedAt == nil || i.config.Clock.Now().After(claims.IssuedAt.Time().Add(newToken)) {
		return p, ok
	}
	if err := i.config.Directory.Refresh(ctx); err != nil {
		return p, false
	}
	return i.config.Directory.Holder(claims.String("oid"), claims.ID)
}

// Verify returns the service principal that a token was made for. A token whose
// principal was revoked, or that was revoked itself, is refused.
func (i *Issuer) Verify(ctx context.Context, token string) (access.Principal, error) {
	// Only this issuer signs with its keys, so the host in "iss", which is the
	// one that the client happened to call, decides nothing.
	tenant := "/" + i.config.Directory.Tenant() + "/v2.0"
	claims, err := bearer.Verify(ctx, token, i, bearer.Rules{
		Issuer:    func(issuer string) bool { return strings.HasSuffix(issuer, tenant) },
		Audiences: i.config.Audiences,
		Now:       i.config.Clock.Now(),
	})
	if err != nil {
		return access.Principal{}, err
	}
	// What else it signs, such as a device flow's token for the client itself,
	// gives access to nothing.
	if claims.String("idtyp") != "app" {
		return access.Principal{}, errors.New("it is no access token")
	}
	p, ok := i.holder(ctx, claims)
	if !ok {
		return access.Principal{}, errors.New("it was revoked, or its service principal was")
	}
	return p.Principal(), nil
}
