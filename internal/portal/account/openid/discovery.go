package openid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Limits of what is known of providers.
const (
	// metadataLife is how long metadata is used before it is read again. Keys
	// are read whenever a token names one that is not known.
	metadataLife = time.Hour
	// maxProviders bounds the metadata that is kept.
	maxProviders = 64
)

// algorithms are the signatures that are taken: none, and those with the
// client's secret, are not among them.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// metadata is what a provider says of itself (OpenID Connect Discovery 1.0).
type metadata struct {
	Issuer     string   `json:"issuer"`
	AuthURL    string   `json:"authorization_endpoint"`
	TokenURL   string   `json:"token_endpoint"`
	JWKSURL    string   `json:"jwks_uri"`
	UserURL    string   `json:"userinfo_endpoint"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`

	provider *oidc.Provider
	read     time.Time
}

// metadataOf returns the metadata of a provider, which may have been read before.
func (r *Relying) metadataOf(ctx context.Context, s *Settings) (*metadata, error) {
	r.mu.Lock()
	kept := r.known[s.discovery]
	r.mu.Unlock()
	if kept != nil && r.clock.Since(kept.read) < metadataLife {
		return kept, nil
	}
	m, err := r.discover(ctx, s)
	if err != nil {
		if kept != nil && !errors.Is(err, errMetadata) {
			return kept, nil // A provider that is slow to answer is the same still.
		}
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= maxProviders {
		clear(r.known)
	}
	r.known[s.discovery] = m
	return m, nil
}

// errMetadata is metadata that is not to be trusted.
var errMetadata = errors.New("the provider's metadata is not good")

func (r *Relying) discover(ctx context.Context, s *Settings) (*metadata, error) {
	m := &metadata{read: r.clock.Now()}
	if err := r.fetch(ctx, s.discovery, m); err != nil {
		return nil, err
	}
	if err := m.check(s, r.allowPrivate); err != nil {
		return nil, fmt.Errorf("%w: %w", errMetadata, err)
	}
	config := oidc.ProviderConfig{
		IssuerURL: m.Issuer, AuthURL: m.AuthURL, TokenURL: m.TokenURL, JWKSURL: m.JWKSURL, UserInfoURL: m.UserURL, Algorithms: algorithms,
	}
	// The provider reads keys later, when this request is long over.
	m.provider = config.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), r.http))
	return m, nil
}

func (r *Relying) fetch(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("reading the provider's metadata: %w", err)
	}
	response, err := r.http.Do(request)
	if err != nil {
		return fmt.Errorf("reading the provider's metadata: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // It is only read.
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("reading the provider's metadata: %s answers %s", address, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errMetadata, err)
	}
	return nil
}

// entraIssuer is the path of Entra's issuers: the tenant's id, and for B2C
// sometimes a policy.
var entraIssuer = regexp.MustCompile(
	`^/(?:tfp/)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\{tenantid\})(?:/[A-Za-z0-9_.-]+)?/v2\.0/?$`)

// check refuses metadata of another issuer, and endpoints without TLS.
func (m *metadata) check(s *Settings, insecure bool) error {
	if s.issuer != "" && m.Issuer != s.issuer {
		return fmt.Errorf("its issuer is %q, expected is %q", m.Issuer, s.issuer)
	}
	u, err := url.Parse(m.Issuer)
	if err != nil {
		return errors.New("its issuer is no URL")
	}
	if s.issuer == "" && (!strings.EqualFold(u.Host, s.host) || !entraIssuer.MatchString(u.Path)) {
		return fmt.Errorf("its issuer %q is none of %s", m.Issuer, s.host)
	}
	endpoints := []string{m.AuthURL, m.TokenURL, m.JWKSURL}
	if m.UserURL != "" { // Who a user is may stand in the token alone.
		endpoints = append(endpoints, m.UserURL)
	}
	for _, address := range endpoints {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !insecure) {
			return fmt.Errorf("its endpoint %q is no https address", address)
		}
	}
	if len(m.Algorithms) > 0 && !slices.ContainsFunc(m.Algorithms, func(a string) bool { return slices.Contains(algorithms, a) }) {
		return errors.New("it signs with no algorithm that is taken")
	}
	return nil
}

// tenantOf is the tenant's id in an issuer of Entra; "" where it has none.
func tenantOf(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil {
		return ""
	}
	if parts := entraIssuer.FindStringSubmatch(u.Path); parts != nil {
		return strings.ToLower(parts[1])
	}
	return ""
}

// allowed reports whether users of a tenant may sign in. Names of tenants are
// looked up: their metadata has the id.
func (r *Relying) allowed(ctx context.Context, s *Settings, tenant string) (bool, error) {
	if len(s.tenants) == 0 {
		return true, nil
	}
	for _, name := range s.tenants {
		if strings.EqualFold(name, tenant) {
			return true, nil
		}
		if !strings.Contains(name, ".") {
			continue
		}
		other := Settings{host: s.host}
		other.entra(s.host, name, "")
		m, err := r.metadataOf(ctx, &other)
		if err != nil {
			return false, err
		}
		if tenantOf(m.Issuer) == strings.ToLower(tenant) {
			return true, nil
		}
	}
	return false, nil
}
