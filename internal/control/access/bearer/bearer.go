// Package bearer checks bearer tokens: signed JSON web tokens, by rules that are
// the same for every issuer and narrower than the standards'.
//
// The signature is RSASSA-PKCS1-v1_5, RSASSA-PSS or ECDSA with SHA-2, nothing
// else: no "none", no shared secrets. The key decides what algorithm it may be
// used with. Keys in the token itself are not looked at.
package bearer

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/sallyport/sallyport/internal/control/access"
)

// Limits of tokens and keys.
const (
	// Skew is the difference between clocks that is forgiven.
	Skew = time.Minute
	// MaxKeyID bounds the id of a key, in bytes.
	MaxKeyID = 256
	// MinRSABits and MaxRSABits bound RSA keys: shorter ones are broken, longer
	// ones keep the processor busy.
	MinRSABits = 2048
	MaxRSABits = 8192
	// maxClaim bounds a claim that becomes part of a principal, in bytes.
	maxClaim = 256
	// maxGroups bounds the number of groups of a token.
	maxGroups = 1000
)

// Algorithms are those that a token may be signed with.
func Algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512,
		jose.PS256, jose.PS384, jose.PS512,
		jose.ES256, jose.ES384, jose.ES512,
	}
}

// Keys finds public keys.
type Keys interface {
	// Keys returns the keys with an id, of all those of the issuer where the id
	// is "". It returns none where there is none, and an error that wraps
	// access.ErrUnavailable where it cannot tell.
	Keys(ctx context.Context, id string) ([]jose.JSONWebKey, error)
}

// Rules are what a token's claims have to be.
type Rules struct {
	// Issuer decides on the claim "iss".
	Issuer func(issuer string) bool
	// Audiences are the values of which the claim "aud" has one, without the
	// slashes at their ends; where there are none any will do.
	Audiences []string
	// Now is the time.
	Now time.Time
}

// Claims are the claims of a token whose signature and times are right.
type Claims struct {
	jwt.Claims

	all map[string]any
}

// String returns a claim that is a string; "" where it is none, or too long.
func (c Claims) String(name string) string {
	s, _ := c.all[name].(string)
	if len(s) > maxClaim {
		return ""
	}
	return s
}

// Strings returns a claim that is a string or a list of strings.
func (c Claims) Strings(name string) []string {
	if s := c.String(name); s != "" {
		return []string{s}
	}
	list, _ := c.all[name].([]any)
	var all []string
	for _, v := range list[:min(len(list), maxGroups)] {
		if s, ok := v.(string); ok && s != "" && len(s) <= maxClaim {
			all = append(all, s)
		}
	}
	return all
}

// Verify checks a token and returns its claims. Errors say what is wrong and
// quote nothing of the token; they wrap access.ErrExpired and
// access.ErrUnavailable.
func Verify(ctx context.Context, token string, keys Keys, rules Rules) (Claims, error) {
	if len(token) > access.MaxTokenLength {
		return Claims{}, fmt.Errorf("it is longer than %d bytes", access.MaxTokenLength)
	}
	parsed, err := jwt.ParseSigned(token, Algorithms())
	if err != nil || len(parsed.Headers) != 1 || strings.Count(token, ".") != 2 {
		return Claims{}, errors.New("it is not a JSON web token that is signed with RS, PS or ES and SHA-2")
	}
	header := parsed.Headers[0]
	if _, critical := header.ExtraHeaders["crit"]; critical || !isTokenType(header) {
		return Claims{}, errors.New("it is a token of another type")
	}
	if len(header.KeyID) > MaxKeyID {
		return Claims{}, fmt.Errorf("its key id is longer than %d bytes", MaxKeyID)
	}
	key, err := choose(ctx, keys, header.KeyID, jose.SignatureAlgorithm(header.Algorithm))
	if err != nil {
		return Claims{}, err
	}
	var claims Claims
	if err := parsed.Claims(key, &claims.Claims, &claims.all); err != nil {
		if errors.Is(err, jose.ErrCryptoFailure) {
			return Claims{}, errors.New("its signature is wrong")
		}
		return Claims{}, errors.New("its claims cannot be read")
	}
	return claims, rules.check(claims)
}

// isTokenType reports whether the header's "typ" is that of an access token or
// of a plain JSON web token.
func isTokenType(h jose.Header) bool {
	typ, there := h.ExtraHeaders[jose.HeaderType]
	if !there {
		return true
	}
	s, _ := typ.(string)
	switch strings.TrimPrefix(strings.ToLower(s), "application/") {
	case "jwt", "at+jwt":
		return true
	}
	return false
}

// ParseKey reads a public key of an issuer; false where it is of a kind that is
// not known, or is not for checking signatures.
func ParseKey(raw json.RawMessage) (jose.JSONWebKey, bool) {
	var operations struct {
		Allowed []string `json:"key_ops"`
	}
	var k jose.JSONWebKey
	if json.Unmarshal(raw, &k) != nil || json.Unmarshal(raw, &operations) != nil || !k.IsPublic() || !k.Valid() {
		return jose.JSONWebKey{}, false
	}
	return k, operations.Allowed == nil || slices.Contains(operations.Allowed, "verify")
}

// choose finds the one key that fits the header.
func choose(ctx context.Context, keys Keys, id string, algorithm jose.SignatureAlgorithm) (any, error) {
	found, err := keys.Keys(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("its key: %w", err)
	}
	found = slices.DeleteFunc(slices.Clone(found), func(k jose.JSONWebKey) bool { return !Fits(k, algorithm) })
	switch len(found) {
	case 0:
		return nil, errors.New("its issuer has no key with its id for its algorithm")
	case 1:
		return found[0].Key, nil
	default:
		return nil, errors.New("several keys of its issuer fit; it has to name one of them")
	}
}

// Fits reports whether a public key may check signatures of an algorithm: it is
// of the algorithm's kind, of a size that is allowed, and not kept for anything
// else.
func Fits(k jose.JSONWebKey, algorithm jose.SignatureAlgorithm) bool {
	if k.Use != "" && k.Use != "sig" || k.Algorithm != "" && k.Algorithm != string(algorithm) {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		bits := key.N.BitLen()
		return bits >= MinRSABits && bits <= MaxRSABits && (algorithm[:2] == "RS" || algorithm[:2] == "PS")
	case *ecdsa.PublicKey:
		curves := map[jose.SignatureAlgorithm]string{jose.ES256: "P-256", jose.ES384: "P-384", jose.ES512: "P-521"}
		return curves[algorithm] == key.Curve.Params().Name
	}
	return false
}

// check compares the claims with the rules.
func (r Rules) check(c Claims) error {
	switch {
	case c.Expiry == nil:
		return errors.New("it does not say when it expires")
	case r.Now.After(c.Expiry.Time().Add(Skew)):
		return access.ErrExpired
	case c.NotBefore != nil && r.Now.Before(c.NotBefore.Time().Add(-Skew)):
		return errors.New("it is not valid yet")
	case c.IssuedAt != nil && r.Now.Before(c.IssuedAt.Time().Add(-Skew)):
		return errors.New("it was issued in the future")
	case !r.Issuer(c.Issuer):
		return errors.New("it is of another issuer")
	case len(r.Audiences) > 0 && !slices.ContainsFunc(c.Audience, r.accepts):
		return errors.New("it is for another audience")
	}
	return nil
}

// accepts reports whether an audience is one of the rules'. Clients put slashes
// at the end of a URL, or leave them out, as they like.
func (r Rules) accepts(audience string) bool {
	return slices.ContainsFunc(r.Audiences, func(a string) bool {
		return strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(audience, "/"))
	})
}
