package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
)

// Limits of talking with authorization servers.
const (
	maxIssuerBytes = 256 << 10
	// metadataLife is how long an OpenID provider's metadata is used, and
	// maxMetadata of how many it is kept.
	metadataLife = 10 * time.Minute
	maxMetadata  = 64
)

// The collections of the management API that have issuers of tokens.
const (
	serversPath   = "authorizationServers"
	providersPath = "openidConnectProviders"
)

// issuer is an authorization server, or an OpenID Connect provider, as far as the
// console needs it.
type issuer struct {
	// Path is the resource's path: authorizationServers/main.
	Path, Name       string
	Authorize, Token string
	ClientID, Scope  string
	Code, Client     bool
	// InBody says that the client proves itself in the body and not by Basic.
	InBody  bool
	InQuery bool
	Extra   []client.TokenBodyParameter
}

// issuers knows authorization servers.
type issuers struct {
	client *client.Client
	clock  clock.Clock
	http   *http.Client
	// plain lets endpoints be without TLS.
	plain bool

	mu       sync.Mutex
	metadata map[string]metadata
}

// metadata is what an OpenID provider says of itself.
type metadata struct {
	Issuer    string `json:"issuer"`
	Authorize string `json:"authorization_endpoint"`
	Token     string `json:"token_endpoint"`
	read      time.Time
}

func newIssuers(o *Options) *issuers {
	return &issuers{
		client: o.Client, clock: o.Clock, plain: o.AllowPrivate, metadata: map[string]metadata{},
		http: openid.NewClient(openid.Options{AllowPrivate: o.AllowPrivate, TLS: o.TLS, Clock: o.Clock}),
	}
}

// issuersOf are the issuers whose tokens an API takes, by their paths.
func issuersOf(a *catalogue.API) []string {
	var paths []string
	if a.AuthorizationServer != "" {
		paths = append(paths, client.Path(serversPath, a.AuthorizationServer))
	}
	if a.OpenIDProvider != "" {
		paths = append(paths, client.Path(providersPath, a.OpenIDProvider))
	}
	return paths
}

// find reads an issuer of an API. It is not found where the API does not name it,
// or where it is not for the console.
func (s *issuers) find(ctx context.Context, a *catalogue.API, path string) (*issuer, error) {
	if !slices.Contains(issuersOf(a), path) {
		return nil, nil
	}
	if strings.HasPrefix(path, providersPath+"/") {
		return s.provider(ctx, a, path)
	}
	got, err := client.Get[server](ctx, s.client, path)
	if err != nil {
		return nil, fmt.Errorf("reading the authorization server: %w", err)
	}
	p := got.Properties
	if p.InConsole != nil && !*p.InConsole {
		return nil, nil
	}
	i := &issuer{
		Path: path, Name: p.DisplayName, Authorize: p.AuthorizationEndpoint, Token: p.TokenEndpoint, ClientID: p.ClientID, Scope: p.DefaultScope,
		Code:    slices.Contains(p.GrantTypes, "authorizationCode") || slices.Contains(p.GrantTypes, "authorizationCodeWithPkce"),
		Client:  slices.Contains(p.GrantTypes, "clientCredentials"),
		InBody:  slices.Contains(p.ClientAuthenticationMethod, "Body") || !slices.Contains(p.ClientAuthenticationMethod, "Basic"),
		InQuery: slices.Contains(p.BearerTokenSendingMethods, "query") && !slices.Contains(p.BearerTokenSendingMethods, "authorizationHeader"),
		Extra:   p.TokenBodyParameters,
	}
	if a.AuthorizationScope != "" {
		i.Scope = a.AuthorizationScope
	}
	if err := i.check(s.plain); err != nil {
		return nil, err
	}
	return i, nil
}

// server is an authorization server that says whether the console may use it;
// without a word it may.
type server struct {
	client.AuthorizationServer
	InConsole *bool `json:"useInTestConsole"`
}

// openIDProvider is the same for an OpenID Connect provider.
type openIDProvider struct {
	client.OpenIDProvider
	InConsole *bool `json:"useInTestConsole"`
}

// provider reads an OpenID Connect provider and what it says of itself.
func (s *issuers) provider(ctx context.Context, a *catalogue.API, path string) (*issuer, error) {
	got, err := client.Get[openIDProvider](ctx, s.client, path)
	if err != nil {
		return nil, fmt.Errorf("reading the OpenID Connect provider: %w", err)
	}
	if got.Properties.InConsole != nil && !*got.Properties.InConsole {
		return nil, nil
	}
	m, err := s.discover(ctx, got.Properties.MetadataEndpoint)
	if err != nil {
		return nil, err
	}
	i := &issuer{
		Path: path, Name: got.Properties.DisplayName, Authorize: m.Authorize, Token: m.Token, ClientID: got.Properties.ClientID,
		Scope: "openid", Code: true, InBody: true,
		InQuery: slices.Contains(a.BearerMethods, "query") && !slices.Contains(a.BearerMethods, "authorizationHeader"),
	}
	if err := i.check(s.plain); err != nil {
		return nil, err
	}
	return i, nil
}

// check refuses endpoints to which nobody can be sent, or no secret.
func (i *issuer) check(plain bool) error {
	for _, endpoint := range []string{i.Authorize, i.Token} {
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !plain) {
			return &issuerError{fmt.Errorf("%s has the endpoint %q, which is no https:// URL", i.Path, endpoint)}
		}
	}
	return nil
}

// issuerError is a fault of an authorization server, or of what is known of it.
type issuerError struct{ cause error }

func (e *issuerError) Error() string { return e.cause.Error() }
func (e *issuerError) Unwrap() error { return e.cause }

// discover reads an OpenID provider's metadata.
func (s *issuers) discover(ctx context.Context, endpoint string) (metadata, error) {
	now := s.clock.Now()
	s.mu.Lock()
	known, ok := s.metadata[endpoint]
	s.mu.Unlock()
	if ok && now.Sub(known.read) < metadataLife {
		return known, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, http.NoBody)
	if err != nil {
		return known, &issuerError{fmt.Errorf("the metadata endpoint %q is no URL: %w", endpoint, err)}
	}
	var m metadata
	if err := s.ask(req, &m); err != nil {
		if ok {
			return known, nil // What it said last is better than nothing.
		}
		return m, err
	}
	m.read = now
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.metadata) >= maxMetadata {
		clear(s.metadata)
	}
	s.metadata[endpoint] = m
	return m, nil
}

// ask makes a request of an issuer and reads its answer, which is JSON.
func (s *issuers) ask(req *http.Request, into any) error {
	req.Header.Set("Accept", "application/json")
	answer, err := s.http.Do(req)
	if err != nil {
		return &issuerError{fmt.Errorf("asking the authorization server: %w", err)}
	}
	defer answer.Body.Close() //nolint:errcheck // It is only read.
	raw, cut, err := readBounded(answer.Body, maxIssuerBytes)
	switch {
	case err != nil:
		return &issuerError{fmt.Errorf("reading the authorization server's answer: %w", err)}
	case cut:
		return &issuerError{fmt.Errorf("the authorization server's answer is longer than %d bytes", maxIssuerBytes)}
	case answer.StatusCode != http.StatusOK:
		return &issuerError{fmt.Errorf("the authorization server answered %d %s", answer.StatusCode, errorCode(raw))}
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return &issuerError{fmt.Errorf("the authorization server's answer is no JSON: %w", err)}
	}
	return nil
}

// errorCode is the code of an OAuth error, and nothing else of the answer: what
// it describes may hold secrets.
func errorCode(raw []byte) string {
	var e struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(raw, &e) != nil {
		return ""
	}
	return shorten(strings.Map(func(r rune) rune {
		if isControl(r) {
			return -1
		}
		return r
	}, e.Error), 60)
}

// granted is the answer of a token endpoint.
type granted struct {
	Access  string      `json:"access_token"`
	Type    string      `json:"token_type"`
	Expires json.Number `json:"expires_in"`
	Scope   string      `json:"scope"`
	ID      string      `json:"id_token"`
}

// exchange asks the token endpoint for a token. The client's secret is read from
// the management plane for it, and goes nowhere else.
func (s *issuers) exchange(ctx context.Context, i *issuer, form url.Values) (token, error) {
	secret, err := client.Post[client.ClientSecret](ctx, s.client, i.Path+"/listSecrets", nil)
	if err != nil {
		return token{}, fmt.Errorf("reading the client's secret: %w", err)
	}
	for _, p := range i.Extra {
		if !form.Has(p.Name) {
			form.Set(p.Name, p.Value)
		}
	}
	if i.InBody || secret.ClientSecret == "" {
		form.Set("client_id", i.ClientID)
		if secret.ClientSecret != "" {
			form.Set("client_secret", secret.ClientSecret)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.Token, io.NopCloser(strings.NewReader(form.Encode())))
	if err != nil {
		return token{}, &issuerError{fmt.Errorf("the token endpoint is no URL: %w", err)}
	}
	req.Header.Set("Content-Type", formMedia)
	if !i.InBody && secret.ClientSecret != "" {
		// RFC 6749, 2.3.1: both are encoded before they are joined.
		req.SetBasicAuth(url.QueryEscape(i.ClientID), url.QueryEscape(secret.ClientSecret))
	}
	var g granted
	if err := s.ask(req, &g); err != nil {
		return token{}, err
	}
	return s.keep(i, g)
}

// keep makes a token of what was granted.
func (s *issuers) keep(i *issuer, g granted) (token, error) {
	switch {
	case g.Access == "" || len(g.Access) > maxTokenBytes:
		return token{}, &issuerError{errors.New("the authorization server gave no token, or one that is too long")}
	case !strings.EqualFold(g.Type, "Bearer"):
		return token{}, &issuerError{errors.New("the authorization server gave a token that is no bearer token")}
	case checkField("", "Authorization", "Bearer "+g.Access) != nil:
		return token{}, &issuerError{errors.New("the authorization server gave a token that no header can carry")}
	}
	t := token{Issuer: i.Path, IssuerName: i.Name, InQuery: i.InQuery, Scope: shorten(g.Scope, 200), secret: g.Access}
	c := readClaims(g.Access)
	if t.Subject = c.subject(); t.Subject == "" {
		t.Subject = readClaims(g.ID).subject()
	}
	if seconds, err := g.Expires.Int64(); err == nil && seconds > 0 {
		t.Expires = s.clock.Now().Add(time.Duration(min(seconds, int64(maxTokenLife/time.Second))) * time.Second)
	} else if c.Expires > 0 {
		t.Expires = time.Unix(c.Expires, 0)
	}
	return t, nil
}
