package issuer

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/sallyport/sallyport/internal/control/access"
)

const (
	grantCredentials = "client_credentials"
	grantDevice      = "urn:ietf:params:oauth:grant-type:device_code"
	// grantDeviceShort is what Microsoft's libraries call it.
	grantDeviceShort = "device_code"
	// defaultScope ends a scope that stands for everything of a resource.
	defaultScope = "/.default"
	// maxAudience bounds the audience that a client may ask for, in bytes.
	maxAudience = 256
	// maxClientID bounds the id of a client, in bytes.
	maxClientID = 64
)

// tokenAnswer is the answer of the token endpoint.
type tokenAnswer struct {
	Type        string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	ExtExpires  int    `json:"ext_expires_in"`
	ExpiresOn   int64  `json:"expires_on"`
	Resource    string `json:"resource,omitempty"`
	AccessToken string `json:"access_token"`
	Scope       string `json:"scope,omitempty"`
	// IDToken and ClientInfo are for clients that keep a list of who is signed
	// in.
	IDToken    string `json:"id_token,omitempty"`
	ClientInfo string `json:"client_info,omitempty"`
}

// token is the token endpoint.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request, info request) {
	if !i.limits.allow("token "+info.source, tokenRate) {
		tooMany(w)
		return
	}
	if err := r.ParseForm(); err != nil {
		fail(w, http.StatusBadRequest, "invalid_request", "The body is not a form, or is too long.")
		return
	}
	switch r.PostForm.Get("grant_type") {
	case grantCredentials:
		i.clientCredentials(w, r, info)
	case grantDevice, grantDeviceShort:
		i.deviceToken(w, r, info)
	case "":
		fail(w, http.StatusBadRequest, "invalid_request", "The parameter grant_type is missing.")
	default:
		fail(w, http.StatusBadRequest, "unsupported_grant_type",
			"Only client_credentials and device codes are possible here.")
	}
}

// clientCredentials gives a service principal with a secret a token.
func (i *Issuer) clientCredentials(w http.ResponseWriter, r *http.Request, info request) {
	audience, err := audienceOf(r.PostForm)
	if err != nil {
		fail(w, http.StatusBadRequest, "invalid_scope", err.Error())
		return
	}
	id, secret := credentials(r)
	if id == "" || secret == "" || len(id) > maxClientID {
		fail(w, http.StatusUnauthorized, "invalid_client", "A client id and a client secret are needed.")
		return
	}
	p, ok, wait := i.signIn(info, id, secret)
	switch {
	case wait:
		tooMany(w)
		return
	case !ok:
		w.Header().Set("WWW-Authenticate", `Basic realm="sallyport"`)
		fail(w, http.StatusUnauthorized, "invalid_client", "The client id or the client secret is wrong.")
		return
	}
	i.give(w, info, p, audience, r.PostForm, false)
}

// signIn compares a secret. Who is wrong too often has to wait, and nobody else
// at the same address has to.
func (i *Issuer) signIn(info request, id, secret string) (p access.ServicePrincipal, ok, wait bool) {
	failures := "failure " + info.source + " " + id[:min(len(id), maxClientID)]
	if i.limits.spent(failures, failureRate) {
		return p, false, true
	}
	p, ok = i.config.Directory.CheckSecret(id, secret)
	if !ok {
		i.limits.allow(failures, failureRate)
	}
	return p, ok, false
}

// credentials are the client's, from the form or from basic authentication,
// where they are form-encoded too (RFC 6749, 2.3.1).
func credentials(r *http.Request) (id, secret string) {
	user, password, ok := r.BasicAuth()
	if !ok {
		return r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	id, idErr := url.QueryUnescape(user)
	secret, secretErr := url.QueryUnescape(password)
	if idErr != nil || secretErr != nil {
		return "", ""
	}
	return id, secret
}

// audienceOf is the audience of the scope or the resource that a client asks
// for.
func audienceOf(form url.Values) (string, error) {
	audience := form.Get("resource")
	for scope := range strings.FieldsSeq(form.Get("scope")) {
		if resource, ok := strings.CutSuffix(scope, defaultScope); ok {
			audience = resource
		}
	}
	switch {
	case audience == "":
		return defaultAudience, nil
	case len(audience) > maxAudience:
		return "", errors.New("the scope is too long")
	}
	u, err := url.Parse(audience)
	if err != nil || u.Scheme != "" && u.Host == "" || strings.ContainsFunc(audience, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", errors.New("the scope is not that of a resource")
	}
	return audience, nil
}

// give answers with a token.
func (i *Issuer) give(w http.ResponseWriter, info request, p access.ServicePrincipal, audience string, form url.Values, person bool) {
	now := i.config.Clock.Now()
	expires := now.Add(TokenLifetime)
	token, err := i.mint(grant{principal: p, base: info.base, audience: audience, expires: expires})
	if err != nil {
		fail(w, http.StatusInternalServerError, "server_error", "The token could not be made.")
		return
	}
	// A second less, so that no client uses a token in its last moment.
	seconds := int(TokenLifetime/time.Second) - 1
	body := tokenAnswer{
		Type: "Bearer", ExpiresIn: seconds, ExtExpires: seconds, ExpiresOn: expires.Unix(),
		AccessToken: token, Scope: form.Get("scope"), Resource: form.Get("resource"),
	}
	if person {
		body.IDToken, body.ClientInfo, err = i.identity(info, p, form.Get("client_id"))
		if err != nil {
			fail(w, http.StatusInternalServerError, "server_error", "The token could not be made.")
			return
		}
	}
	answer(w, http.StatusOK, body)
}

// identity makes what tells a client who has signed in. It opens nothing.
func (i *Issuer) identity(info request, p access.ServicePrincipal, clientID string) (idToken, clientInfo string, err error) {
	now := i.config.Clock.Now()
	tenant := i.config.Directory.Tenant()
	idToken, err = i.sign(map[string]any{
		"iss": i.issuerAt(info.base), "aud": clientID, "sub": p.ObjectID, "oid": p.ObjectID, "tid": tenant,
		"iat": jwt.NewNumericDate(now), "nbf": jwt.NewNumericDate(now), "exp": jwt.NewNumericDate(now.Add(TokenLifetime)),
		"name": p.Name, "preferred_username": p.Name, "ver": "2.0", "idtyp": "identity",
	})
	if err != nil {
		return "", "", err
	}
	data, err := json.Marshal(map[string]string{"uid": p.ObjectID, "utid": tenant})
	return idToken, base64.RawURLEncoding.EncodeToString(data), err
}
