package policies

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/policies/jose"
	"github.com/sallyport/sallyport/internal/policy"
)

// checkedToken is a token whose signature has been confirmed.
type checkedToken struct {
	compact string // as signed
	token   *jose.Token
	claims  jose.Value
	// provider is the identity provider whose key confirmed the token; nil for
	// a key of the document.
	provider *policy.Issuer
}

// read opens, reads and confirms a token.
func (s *validateJWTStep) read(c *policy.Call, compact string) (*checkedToken, error) {
	if jose.IsEncrypted(compact) {
		keys, err := evalKeys(c, s.keys.decryption, "", true)
		if err != nil {
			return nil, err
		}
		content, err := jose.Decrypt(compact, keys)
		if err != nil {
			return nil, err
		}
		compact = string(content)
	}
	token, err := jose.Parse(compact)
	if err != nil {
		return nil, err
	}
	claims, err := jose.ParseObject(token.Payload)
	if err != nil {
		return nil, err
	}
	t := &checkedToken{compact: compact, token: token, claims: claims}
	if token.Unsigned() {
		required, err := s.requireSigned.Eval(c)
		if err != nil {
			return nil, err
		}
		if required {
			return nil, tokenErrorf("TokenSignatureInvalid", "The token is not signed. Access denied.")
		}
		return t, nil
	}
	return t, s.confirm(c, t)
}

// confirm checks the signature with the keys of the document, then with those
// of each identity provider. That one of them cannot be reached only counts
// where no other confirms the token.
func (s *validateJWTStep) confirm(c *policy.Call, t *checkedToken) error {
	keys, err := evalKeys(c, s.keys.signing, t.token.KeyID, false)
	if err != nil {
		return err
	}
	_, failure := t.token.Verify(keys)
	if failure == nil {
		return nil
	}
	var unavailable error
	for i := range s.keys.configurations {
		issuer, err := s.provider(c, i, t.token.KeyID)
		if err != nil {
			unavailable = err
			continue
		}
		_, err = t.token.Verify(providerKeys(issuer, t.token.KeyID))
		if err == nil {
			t.provider = issuer
			return nil
		}
		failure = worse(failure, err)
	}
	if unavailable != nil {
		return unavailable
	}
	return failure
}

// worse returns the failure that says more: that a key refused the token rather
// than that there was none.
func worse(a, b error) error {
	if j, ok := errors.AsType[*jose.Error](a); ok && j.Reason == jose.NoKey {
		return b
	}
	return a
}

// provider returns the identity provider of the i-th openid-config.
func (s *validateJWTStep) provider(c *policy.Call, i int, keyID string) (*policy.Issuer, error) {
	url, err := s.keys.configurations[i].Eval(c)
	if err != nil {
		return nil, err
	}
	if c.Services.SigningKeys == nil {
		return nil, policy.ErrKeysUnavailable
	}
	return c.Services.SigningKeys.Issuer(c.Request.Context, url, keyID)
}

// providers returns the identity providers whose issuers a token may have: the
// one that confirmed it, or all for a key of the document.
func (s *validateJWTStep) providers(c *policy.Call, t *checkedToken) ([]*policy.Issuer, error) {
	if t.provider != nil {
		return []*policy.Issuer{t.provider}, nil
	}
	var all []*policy.Issuer
	for i := range s.keys.configurations {
		issuer, err := s.provider(c, i, "")
		if err != nil {
			return nil, err
		}
		all = append(all, issuer)
	}
	return all, nil
}

// check checks what a confirmed token says.
func (s *validateJWTStep) check(c *policy.Call, t *checkedToken) error {
	if err := s.checkTimes(c, t); err != nil {
		return err
	}
	if err := s.checkIssuer(c, t); err != nil {
		return err
	}
	if err := s.checkAudience(c, t); err != nil {
		return err
	}
	return s.checkClaims(c, t)
}

// checkTimes checks exp and nbf.
func (s *validateJWTStep) checkTimes(c *policy.Call, t *checkedToken) error {
	skew, err := s.skewOf(c)
	if err != nil {
		return err
	}
	required, err := s.requireExpiry.Eval(c)
	if err != nil {
		return err
	}
	now := c.Services.Clock.Now()
	expires, has, err := numericDate(&t.claims, "exp")
	switch {
	case err != nil:
		return err
	case !has && required:
		return tokenErrorf("JwtInvalid", "The token has no expiration time (exp).")
	case has && !now.Before(expires.Add(skew)):
		return tokenErrorf("TokenExpired", "The token has expired. Access denied.")
	}
	begins, has, err := numericDate(&t.claims, "nbf")
	if err != nil {
		return err
	}
	if has && now.Add(skew).Before(begins) {
		return tokenErrorf("JwtInvalid", "The token is not valid yet (nbf).")
	}
	return nil
}

// maxNumericDate is the latest time that a token may have: the end of the year
// 9999.
const maxNumericDate = 253402300799

// numericDate returns a claim that is a time in seconds (RFC 7519 §2).
func numericDate(claims *jose.Value, name string) (at time.Time, has bool, err error) {
	v, ok := claims.Get(name)
	if !ok {
		return time.Time{}, false, nil
	}
	if v.Kind == jose.Number {
		n, err := strconv.ParseFloat(v.Text, 64)
		if err == nil && n >= 0 && n <= maxNumericDate {
			whole, fraction := math.Modf(n)
			return time.Unix(int64(whole), int64(fraction*1e9)), true, nil
		}
	}
	return time.Time{}, false, tokenErrorf("JwtInvalid", "The token's %s is no time.", name)
}

// checkIssuer compares iss with the issuers of the document and with those of
// the identity providers. Where there are neither, any will do.
func (s *validateJWTStep) checkIssuer(c *policy.Call, t *checkedToken) error {
	if len(s.issuers) == 0 && len(s.keys.configurations) == 0 {
		return nil
	}
	v, ok := t.claims.Get("iss")
	if !ok || v.Kind != jose.Text {
		return tokenErrorf("TokenIssuerNotAllowed", "The token has no issuer (iss). Access denied.")
	}
	ok, err := containsText(c, s.issuers, v.Text)
	if err != nil || ok {
		return err
	}
	providers, err := s.providers(c, t)
	if err != nil {
		return err
	}
	for _, p := range providers {
		if v.Text == tenantIssuer(p.Name, &t.claims) {
			return nil
		}
	}
	return tokenErrorf("TokenIssuerNotAllowed", "The token's issuer is not allowed. Access denied.")
}

// tenantIssuer puts the token's tenant into the issuer of a configuration for
// several tenants, which has {tenantid} in its place. A tenant id has only
// letters, digits and hyphens.
func tenantIssuer(name string, claims *jose.Value) string {
	if !strings.Contains(name, "{tenantid}") {
		return name
	}
	tenant, ok := claims.Get("tid")
	if !ok || tenant.Kind != jose.Text || tenant.Text == "" {
		return name
	}
	for _, r := range tenant.Text {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' {
			return name
		}
	}
	return strings.ReplaceAll(name, "{tenantid}", tenant.Text)
}

// checkAudience compares aud, which is a text or a list of them.
func (s *validateJWTStep) checkAudience(c *policy.Call, t *checkedToken) error {
	if len(s.audiences) == 0 {
		return nil
	}
	v, ok := t.claims.Get("aud")
	if !ok {
		return tokenErrorf("TokenAudienceNotAllowed", "The token has no audience (aud). Access denied.")
	}
	for _, have := range claimValues(v, "") {
		ok, err := containsText(c, s.audiences, have)
		if err != nil || ok {
			return err
		}
	}
	return tokenErrorf("TokenAudienceNotAllowed", "The token's audience is not allowed. Access denied.")
}

// containsText reports whether one of the texts is the wanted one.
func containsText(c *policy.Call, list []policy.String, want string) (bool, error) {
	for i := range list {
		text, err := list[i].Eval(c)
		if err != nil {
			return false, err
		}
		if strings.TrimSpace(text) == want {
			return true, nil
		}
	}
	return false, nil
}
