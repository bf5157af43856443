// Package oidc accepts the tokens of OpenID Connect issuers that are
// configured. Their keys are fetched when a token needs them, kept while the
// issuer does not answer, and asked for again at a bounded rate, whatever
// tokens come.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/access/bearer"
)

// Config says which tokens of an issuer are accepted and what becomes of their
// claims.
type Config struct {
	// Name stands before the ids of the issuer's principals, as in
	// "entra:0d1e…", so that no issuer can speak for the principals of another.
	// It has letters, digits, "-" and "_".
	Name string
	// Issuer is the claim "iss" of its tokens, and where its discovery document
	// is: an https URL, or http to this machine.
	Issuer string
	// Audiences are the values of which the claim "aud" has one. There is at
	// least one: tokens for others are none of ours.
	Audiences []string
	// PrincipalClaim is the claim with the principal's id; "" is "oid", and "sub"
	// where the token has none.
	PrincipalClaim string
	// GroupsClaim is the claim with groups, whose ids get the issuer's name too;
	// "" is "groups".
	GroupsClaim string
	// RolesClaim is the claim whose values Roles maps to roles; "" is "roles".
	RolesClaim string
	// Roles gives, for a value of the roles claim, a role by name or id at a
	// scope. It may be nil: then roles come from assignments only.
	Roles map[string]RoleAt
}

// RoleAt is a role at a scope.
type RoleAt struct {
	// Role is the name or the GUID of a role.
	Role string
	// Scope is a resource id, or "/".
	Scope string
}

// Verifier accepts the tokens of one issuer. It is an access.Verifier.
type Verifier struct {
	config Config
	grants map[string]access.Grant
	keys   *keySet
	clock  clock.Clock
}

// New checks a configuration. It asks nobody: the issuer need not be there when
// the program starts. The transport may be nil.
func New(config Config, transport http.RoundTripper, c clock.Clock) (*Verifier, error) {
	if err := config.Check(); err != nil {
		return nil, fmt.Errorf("the issuer %q: %w", config.Name, err)
	}
	if config.GroupsClaim == "" {
		config.GroupsClaim = "groups"
	}
	if config.RolesClaim == "" {
		config.RolesClaim = "roles"
	}
	v := &Verifier{config: config, clock: c, grants: map[string]access.Grant{}}
	for value, at := range config.Roles {
		role, ok := access.FindRole(at.Role)
		if !ok {
			return nil, fmt.Errorf("the issuer %q: there is no role %q", config.Name, at.Role)
		}
		scope, err := access.ParseScope(at.Scope)
		if err != nil {
			return nil, fmt.Errorf("the issuer %q: %w", config.Name, err)
		}
		v.grants[value] = access.Grant{Role: role, Scope: scope}
	}
	v.keys = newKeySet(config.Issuer, transport, c)
	return v, nil
}

// Check refuses a configuration that could not be used, or that would accept
// what is not for us. It looks at roles and scopes no further: New does.
func (c Config) Check() error {
	if c.Name == "" || strings.Trim(strings.ToLower(c.Name), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return errors.New("its name has to be made of letters, digits, - and _")
	}
	if len(c.Audiences) == 0 {
		return errors.New("it needs an audience: without one, tokens for anybody else would be accepted")
	}
	return checkURL(c.Issuer)
}

// checkURL refuses addresses at which somebody on the way could answer.
func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%q is not a URL with a host", s)
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%q is not an https URL", s)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Issuer is the claim "iss" of the tokens.
func (v *Verifier) Issuer() string { return v.config.Issuer }

// Verify returns the principal that a token was made for.
func (v *Verifier) Verify(ctx context.Context, token string) (access.Principal, error) {
	claims, err := bearer.Verify(ctx, token, v.keys, bearer.Rules{
		Issuer:    func(issuer string) bool { return issuer == v.config.Issuer },
		Audiences: v.config.Audiences,
		Now:       v.clock.Now(),
	})
	if err != nil {
		return access.Principal{}, err
	}
	return v.principal(claims)
}

// principal makes a principal of a token's claims.
func (v *Verifier) principal(claims bearer.Claims) (access.Principal, error) {
	id := claims.String(v.config.PrincipalClaim)
	if v.config.PrincipalClaim == "" {
		if id = claims.String("oid"); id == "" {
			id = claims.String("sub")
		}
	}
	if id == "" {
		return access.Principal{}, errors.New("it has no claim with the id of a principal")
	}
	p := access.Principal{ID: v.config.Name + ":" + id, Name: id}
	for _, claim := range []string{"preferred_username", "name", "email", "appid", "azp"} {
		if name := claims.String(claim); name != "" {
			p.Name = name
			break
		}
	}
	for _, group := range claims.Strings(v.config.GroupsClaim) {
		p.Groups = append(p.Groups, v.config.Name+":"+group)
	}
	for _, role := range claims.Strings(v.config.RolesClaim) {
		if grant, ok := v.grants[role]; ok {
			p.Grants = append(p.Grants, grant)
		}
	}
	return p, nil
}

// Times of the keys of an issuer.
const (
	// KeyLifetime is how long keys are used after the issuer last answered.
	KeyLifetime = 24 * time.Hour
	// RefreshInterval is after what time keys are asked for again.
	RefreshInterval = time.Hour
	// MinInterval is the least time between two attempts to fetch keys, whatever
	// tokens come meanwhile.
	MinInterval = 30 * time.Second
	// fetchTimeout bounds one attempt.
	fetchTimeout = 10 * time.Second
)
