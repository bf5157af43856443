package access

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// MaxTokenLength bounds a bearer token, in bytes.
const MaxTokenLength = 16 << 10

// statusUnauthorized and statusForbidden are those of HTTP.
const (
	statusUnauthorized = 401
	statusForbidden    = 403
)

// ErrExpired is wrapped by a Verifier where a token was valid once.
var ErrExpired = errors.New("the token has expired")

// ErrUnavailable is wrapped by a Verifier that cannot tell, because its issuer's
// keys cannot be had.
var ErrUnavailable = errors.New("the keys of the issuer cannot be had")

// Verifier checks the tokens of one issuer.
type Verifier interface {
	// Issuer is the claim "iss" of its tokens.
	Issuer() string
	// Verify returns the principal that a token was made for. Its errors are for
	// logs and clients: they quote nothing of the token.
	Verify(ctx context.Context, token string) (Principal, error)
}

// Authenticator finds out who makes a request.
type Authenticator struct {
	embedded Verifier
	others   map[string]Verifier
}

// NewAuthenticator takes the embedded issuer, which gets every token that is not
// of one of the others, and may be nil.
func NewAuthenticator(embedded Verifier, others ...Verifier) *Authenticator {
	a := &Authenticator{embedded: embedded, others: map[string]Verifier{}}
	for _, v := range others {
		a.others[v.Issuer()] = v
	}
	return a
}

// Authenticate returns the principal of a request's Authorization header. The
// error is a *problem.Error with the status 401, or 503 where the issuer's keys
// cannot be had.
func (a *Authenticator) Authenticate(ctx context.Context, authorization string) (Principal, error) {
	if authorization == "" {
		return Principal{}, unauthorized("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Principal{}, unauthorized("AuthenticationFailed", "Authentication failed. The 'Authorization' header has no bearer token.")
	}
	if len(token) > MaxTokenLength {
		return Principal{}, unauthorized("InvalidAuthenticationToken", "The access token is longer than %d bytes.", MaxTokenLength)
	}
	v := a.verifier(token)
	if v == nil {
		return Principal{}, unauthorized("InvalidAuthenticationToken", "The access token is not of an issuer that is configured.")
	}
	p, err := v.Verify(ctx, token)
	switch {
	case err == nil && p.ID != "":
		return p, nil
	case err == nil:
		return Principal{}, unauthorized("InvalidAuthenticationToken", "The access token names no principal.")
	case errors.Is(err, ErrUnavailable):
		return Principal{}, problem.New(503, problem.CodeUnavailable, "The access token cannot be checked now: %w.", err)
	case errors.Is(err, ErrExpired):
		return Principal{}, unauthorized("ExpiredAuthenticationToken", "The access token has expired.")
	}
	return Principal{}, unauthorized("InvalidAuthenticationToken", "The access token is invalid: %w.", err)
}

func unauthorized(code, format string, args ...any) error {
	return problem.New(statusUnauthorized, code, format, args...)
}

// verifier is the one for the issuer that the token names. What it names is not
// believed: the verifier checks it, with the issuer's keys.
func (a *Authenticator) verifier(token string) Verifier {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	var claims struct {
		Issuer string `json:"iss"`
	}
	data, err := base64.RawURLEncoding.DecodeString(payload)
	if err == nil && json.Unmarshal(data, &claims) == nil {
		if v, ok := a.others[claims.Issuer]; ok {
			return v
		}
	}
	return a.embedded
}

// Forbidden is the error for a principal that may not do something: status 403,
// with the code AuthorizationFailed, which clients of Azure know.
func Forbidden(p Principal, permission Permission, resourceID string) error {
	return problem.New(statusForbidden, problem.CodeForbidden,
		"The client '%s' with object id '%s' has no role that permits the action '%s' at the scope '%s'. An owner of the scope can assign one.",
		nameOf(p), p.ID, permission, resourceID)
}

func nameOf(p Principal) string {
	if p.Name == "" {
		return p.ID
	}
	return p.Name
}

// Challenge is the header WWW-Authenticate of an answer 401: where tokens are to
// be had, and what is wrong with the one that came.
func Challenge(authorizationURI string, err error) string {
	header := fmt.Sprintf("Bearer authorization_uri=%q", authorizationURI)
	var e *problem.Error
	if !errors.As(err, &e) || e.Code == "AuthenticationFailed" {
		return header
	}
	return header + fmt.Sprintf(", error=\"invalid_token\", error_description=%q", e.Message)
}
