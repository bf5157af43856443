package issuer

import (
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
)

// Limits of requests.
const (
	// maxForm bounds the body of a request, in bytes.
	maxForm = 64 << 10
	// maxHost bounds the host that a client calls, in bytes.
	maxHost = 255
	// maxTenant bounds the name by which a client calls the tenant, in bytes.
	maxTenant = 128
)

// route is a path below the tenant's name.
type route struct {
	method, path string
	serve        func(*Issuer, http.ResponseWriter, *http.Request, request)
}

// routes are all that the issuer answers, for each tenant. The same things have
// several addresses: those of Entra's second and first version, and of AD FS,
// whose tenant is "adfs".
var routes = []route{
	{http.MethodGet, "/.well-known/openid-configuration", (*Issuer).discovery},
	{http.MethodGet, "/v2.0/.well-known/openid-configuration", (*Issuer).discovery},
	{http.MethodGet, "/discovery/instance", (*Issuer).instance},
	{http.MethodGet, "/discovery/keys", (*Issuer).publicKeys},
	{http.MethodGet, "/discovery/v2.0/keys", (*Issuer).publicKeys},
	{http.MethodPost, "/oauth2/token", (*Issuer).token},
	{http.MethodPost, "/oauth2/v2.0/token", (*Issuer).token},
	{http.MethodPost, "/oauth2/devicecode", (*Issuer).deviceCode},
	{http.MethodPost, "/oauth2/v2.0/devicecode", (*Issuer).deviceCode},
	{http.MethodGet, "/oauth2/device", (*Issuer).devicePage},
	{http.MethodPost, "/oauth2/device", (*Issuer).deviceApproval},
	{http.MethodGet, "/oauth2/authorize", (*Issuer).authorize},
	{http.MethodGet, "/oauth2/v2.0/authorize", (*Issuer).authorize},
}

// request is what all handlers need to know of one.
type request struct {
	// tenant is the name by which the client calls the tenant.
	tenant string
	// base is the URL at which the client found the issuer.
	base string
	// source is the address of the client.
	source string
	// v2 says that the path is one of the second version.
	v2 bool
}

// url is an address below the tenant.
func (r request) url(path string) string { return r.base + "/" + r.tenant + path }

// oauth is the address of an endpoint of the same version as the request's.
func (r request) oauth(endpoint string) string {
	if r.v2 {
		return r.url("/oauth2/v2.0/" + endpoint)
	}
	return r.url("/oauth2/" + endpoint)
}

// Owns reports whether a path is one of the issuer's: whoever shares its host
// with other handlers asks first.
func Owns(path string) bool {
	_, rest := split(path)
	return rest != ""
}

// split takes the tenant off a path. The rest is that of a route, or "" where
// there is none. The command line of Azure, told that the issuer is at /adfs,
// looks below that for a tenant that is no GUID.
func split(path string) (tenant, rest string) {
	if tenant, rest = splitOnce(path); rest != "" {
		return tenant, rest
	}
	if below, ok := strings.CutPrefix(path, "/adfs/"); ok {
		return splitOnce("/" + below)
	}
	return "", ""
}

func splitOnce(path string) (tenant, rest string) {
	tenant, rest, _ = strings.Cut(strings.TrimLeft(path, "/"), "/")
	rest = "/" + rest
	if !isTenant(tenant) || !slices.ContainsFunc(routes, func(r route) bool { return r.path == rest }) {
		return "", ""
	}
	return tenant, rest
}

// isTenant reports whether a path segment may be the name of a tenant: a GUID, a
// domain or a word that is not the beginning of other paths.
func isTenant(s string) bool {
	if s == "" || len(s) > maxTenant {
		return false
	}
	switch strings.ToLower(s) {
	case "subscriptions", "providers", "tenants", "metadata":
		return false
	}
	return strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// ServeHTTP answers the requests of Owns; 404 to others.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tenant, rest := split(r.URL.Path)
	if rest == "" {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	base, ok := i.base(r)
	if !ok {
		fail(w, http.StatusBadRequest, "invalid_request", "The Host header is not one.")
		return
	}
	info := request{tenant: tenant, base: base, source: source(r), v2: strings.Contains(rest, "/v2.0/")}
	for _, each := range routes {
		if each.path == rest && (each.method == r.Method || each.method == http.MethodGet && r.Method == http.MethodHead) {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			each.serve(i, w, r, info)
			return
		}
	}
	fail(w, http.StatusMethodNotAllowed, "invalid_request", "There is no such method here.")
}

// base is the URL at which the client found the issuer. Clients refuse an issuer
// that names another host than the one that they called.
func (i *Issuer) base(r *http.Request) (string, bool) {
	if i.config.BaseURL != "" {
		return i.config.BaseURL, true
	}
	allowed := strings.Trim(strings.ToLower(r.Host), "abcdefghijklmnopqrstuvwxyz0123456789.-:[]")
	if r.Host == "" || len(r.Host) > maxHost || allowed != "" {
		return "", false
	}
	if r.TLS == nil {
		return "http://" + r.Host, true
	}
	return "https://" + r.Host, true
}

func source(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A client that has gone away gets nothing.
	_, _ = w.Write(data)
}

// oauthError is the form of errors of OAuth 2.0, with the fields that clients of
// Entra look at too.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
	Codes       []int  `json:"error_codes"`
}

// fail answers with an error of OAuth 2.0.
func fail(w http.ResponseWriter, status int, code, description string) {
	answer(w, status, oauthError{Error: code, Description: description, Codes: []int{}})
}

// discovery answers with the addresses of everything.
func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request, info request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                i.issuerAt(info.base),
		"authorization_endpoint":                info.oauth("authorize"),
		"token_endpoint":                        info.oauth("token"),
		"device_authorization_endpoint":         info.oauth("devicecode"),
		"jwks_uri":                              info.url("/discovery/v2.0/keys"),
		"grant_types_supported":                 []string{"client_credentials", grantDevice},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
		"response_types_supported":              []string{"token"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile"},
		"claims_supported":                      []string{"sub", "iss", "aud", "exp", "iat", "nbf", "oid", "appid", "tid"},
		"tenant_region_scope":                   nil,
	})
}

// instance answers that this host is the only one of its cloud.
func (i *Issuer) instance(w http.ResponseWriter, r *http.Request, info request) {
	info.v2 = true
	host := strings.TrimPrefix(strings.TrimPrefix(info.base, "https://"), "http://")
	answer(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": info.url("/v2.0/.well-known/openid-configuration"),
		"api-version":               r.URL.Query().Get("api-version"),
		"metadata":                  []any{map[string]any{"preferred_network": host, "preferred_cache": host, "aliases": []string{host}}},
	})
}

// publicKeys answers with the keys that tokens can be checked with.
func (i *Issuer) publicKeys(w http.ResponseWriter, _ *http.Request, _ request) {
	w.Header().Set("Cache-Control", "max-age=300")
	answer(w, http.StatusOK, map[string]any{"keys": i.public("")})
}

// authorize refuses: there are no people here who could sign in on a page.
func (i *Issuer) authorize(w http.ResponseWriter, _ *http.Request, _ request) {
	fail(w, http.StatusBadRequest, "unsupported_response_type",
		"Signing in on a page is not possible here. Use a service principal with a secret, or a device code.")
}
