package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// maxCode bounds an authorization code.
const maxCode = 8 << 10

// sessionOf names the visitor's session, to which tokens are bound, or is "" for
// guests.
func sessionOf(v page.Visitor) string {
	if !v.SignedIn() || v.Session == "" {
		return ""
	}
	return v.User + "/" + v.Session
}

// named is the issuer that a route's path names, for the API that it names.
func (c *console) named(x *page.Exchange) (*place, *issuer, error) {
	p, err := c.place(x)
	if err != nil {
		return nil, nil, err
	}
	i, err := c.issuers.find(x.R.Context(), p.API, client.Path(x.Value("kind"), x.Value("server")))
	return p, i, err
}

// authorize leads to an authorization server, from where the visitor comes back
// to callback with a code. A link leads here and no form: nothing is changed but
// what this session waits for.
func (c *console) authorize(x *page.Exchange) error {
	p, i, err := c.named(x)
	session := sessionOf(x.Visitor)
	switch {
	case err != nil:
		return c.issuerFailed(x, p, err)
	case i == nil || !i.Code || session == "":
		return x.Redirect(p.Path, "warn-no-grant")
	}
	verifier := rand.Text() + rand.Text() // 52 characters, 260 bits; RFC 7636 wants 43 to 128.
	redirect := x.Site.URL("/signin-oauth/code/callback/" + url.PathEscape(x.Value("server")))
	state := c.tokens.begin(session, pending{
		Issuer: i.Path, API: p.API.Name, Operation: p.Operation.Name, Redirect: redirect, verifier: verifier,
	})
	to, err := url.Parse(i.Authorize)
	if err != nil {
		return c.issuerFailed(x, p, &issuerError{err})
	}
	sum := sha256.Sum256([]byte(verifier))
	query := to.Query()
	for name, value := range map[string]string{
		"response_type": "code", "client_id": i.ClientID, "redirect_uri": redirect, "state": state, "scope": i.Scope,
		"code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method": "S256",
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	to.RawQuery = query.Encode()
	return x.Leave(to.String())
}

// callback takes the code with which an authorization server leads a visitor
// back, and exchanges it for a token.
func (c *console) callback(x *page.Exchange) error {
	query := x.R.URL.Query()
	session := sessionOf(x.Visitor)
	waiting, ok := c.tokens.take(session, query.Get("state"))
	if !ok || session == "" || !strings.HasSuffix(waiting.Issuer, "/"+url.PathEscape(x.Value("server"))) {
		return x.Redirect("/apis", "warn-stale")
	}
	back := consolePath(waiting.API, waiting.Operation)
	code := query.Get("code")
	if code == "" || len(code) > maxCode {
		return x.Redirect(back, "warn-token")
	}
	api, ok := c.catalogue.Current().API(waiting.API, reader(x.Visitor))
	if !ok {
		return x.Redirect("/apis", "warn-stale")
	}
	p := &place{API: api, Path: back}
	i, err := c.issuers.find(x.R.Context(), api, waiting.Issuer)
	if err != nil || i == nil {
		return c.issuerFailed(x, p, err)
	}
	t, err := c.issuers.exchange(x.R.Context(), i, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {waiting.Redirect}, "code_verifier": {waiting.verifier},
	})
	if err != nil {
		return c.issuerFailed(x, p, err)
	}
	c.tokens.put(session, t)
	return x.Redirect(back, "token")
}

// clientCredentials gets a token for the client that the service is at the
// authorization server, where that allows it.
func (c *console) clientCredentials(x *page.Exchange) error {
	p, i, err := c.named(x)
	session := sessionOf(x.Visitor)
	switch {
	case err != nil:
		return c.issuerFailed(x, p, err)
	case i == nil || !i.Client || session == "":
		return x.Redirect(p.Path, "warn-no-grant")
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if i.Scope != "" {
		form.Set("scope", i.Scope)
	}
	t, err := c.issuers.exchange(x.R.Context(), i, form)
	if err != nil {
		return c.issuerFailed(x, p, err)
	}
	c.tokens.put(session, t)
	return x.Redirect(p.Path, "token")
}

// forget drops a token.
func (c *console) forget(x *page.Exchange) error {
	p, err := c.place(x)
	if err != nil {
		return err
	}
	c.tokens.forget(sessionOf(x.Visitor), x.Form().Get(tokenField))
	return x.Redirect(p.Path, "token-ended")
}

// issuerFailed leads back to the console with what went wrong. What it was in
// detail is for the log: it is about the service's settings.
func (c *console) issuerFailed(x *page.Exchange, p *place, err error) error {
	if p == nil {
		return err
	}
	if _, ok := errors.AsType[*issuerError](err); !ok && err != nil {
		return err // The management plane's: the frame has a page for it.
	}
	if err != nil {
		x.Log().Warn("an authorization server gave no token", "api", p.API.Name, "error", err.Error())
	}
	return x.Redirect(p.Path, "warn-token")
}
