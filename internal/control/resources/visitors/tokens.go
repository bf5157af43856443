package visitors

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// The purposes of one-time tokens.
const (
	Signup     = "signup"
	Password   = "password"
	Email      = "email"
	Invitation = "invitation"
)

// Limits of one-time tokens.
const (
	// maxTokens is how many tokens of a purpose a user has; one more makes the
	// oldest worth nothing.
	maxTokens = 5
	// maxTokenLife is how far ahead the end of a token may be.
	maxTokenLife = 30 * 24 * time.Hour
	// secretLength is the length of what only the holder knows, in bytes.
	secretLength = 32
	// maxToken bounds a token that is read, in bytes.
	maxToken = 1024
)

// tokens is the collection in which a user's one-time tokens are kept.
const tokens = "sallyportOneTimeTokens"

// tokenKind keeps a user's one-time tokens: of each the hash. Nothing of it is
// ever answered.
func tokenKind() *resource.Node {
	return resource.New(access.Users, resource.Kind{
		Collection: tokens, Title: "Token", Internal: true, Live: true,
		Secrets: []resource.Secret{{Path: "properties.hash"}},
	})
}

// errToken is the refusal of a token, whatever is wrong with it.
func errToken() error {
	return problem.New(statusBadRequest, "InvalidToken",
		"The link is not valid any more: it was used, it is too old, or a newer one was sent.").WithTarget("token")
}

// NewToken is the action sallyportTokens: it makes a token for one of the
// purposes, which is answered this once.
func NewToken(s *resource.Session, user *resource.Entity, in resource.Input) (resource.Result, error) {
	purpose, _ := in.Body["purpose"].(string)
	email, _ := in.Body["email"].(string)
	if user.Text("state") != stateActive && user.Text("state") != statePending {
		return resource.Result{}, resource.Invalid("userId", "the user %s is %s", user.ID.Name(), user.Text("state"))
	}
	given, _ := in.Body["expires"].(string)
	expires, err := time.Parse(time.RFC3339, given)
	if err != nil || !expires.After(s.Now()) || expires.After(s.Now().Add(maxTokenLife)) {
		return resource.Result{}, resource.Invalid("expires", "a token ends in the future, in %d days at the most", maxTokenLife/(24*time.Hour))
	}
	if (purpose == Email) != (email != "") {
		return resource.Result{}, resource.Invalid("email", "a token for a new address has one, and no other token has")
	}
	collection := user.ID + "/" + tokens
	err = makeRoom(s, collection, maxTokens, created, func(e *resource.Entity) bool { return e.Text("purpose") == purpose })
	if err != nil {
		return resource.Result{}, err
	}
	var random [secretLength]byte
	_, _ = rand.Read(random[:]) // It never fails, crypto/rand says.
	secret := base64.RawURLEncoding.EncodeToString(random[:])
	hash := hashOf(secret)
	properties := map[string]any{"purpose": purpose, "expires": stamp(expires), "created": s.Stamp(), "hash": hash}
	if email != "" {
		properties["email"] = email
	}
	if err := s.Store(collection+"/"+resource.ID(hash[:idLength]), resource.Object(properties)); err != nil {
		return resource.Result{}, err
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(user.ID.Name())) + "." + secret
	return resource.Result{Body: map[string]any{"token": text}}, nil
}

// idLength is how much of its hash names a token, in hexadecimal digits.
const idLength = 24

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// TakeToken finds what a one-time token is for and ends it, with all others of its
// purpose that the user has. email is the address of a token for one.
func TakeToken(s *resource.Session, service resource.ID, text, purpose string) (user *resource.Entity, email string, err error) {
	name, secret, ok := strings.Cut(text, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(name)
	if !ok || err != nil || len(text) > maxToken || len(decoded) == 0 || bytes.ContainsAny(decoded, "/\\\x00") {
		return nil, "", errToken()
	}
	id := service.Child("users", string(decoded))
	if user, err = s.Lookup(id); err != nil || !MaySignIn(user) {
		return nil, "", cmpError(err, errToken())
	}
	hash := hashOf(secret)
	token, err := s.Lookup(id.Child(tokens, hash[:idLength]))
	if err != nil || token == nil {
		return nil, "", cmpError(err, errToken())
	}
	kept, err := s.Reveal(token, "hash")
	if err != nil {
		return nil, "", err
	}
	if subtle.ConstantTimeCompare([]byte(kept), []byte(hash)) != 1 || over(s, token) || token.Text("purpose") != purpose {
		return nil, "", errToken()
	}
	all, err := collect(s, id+"/"+tokens)
	if err != nil {
		return nil, "", err
	}
	for _, e := range slices.DeleteFunc(all, func(e *resource.Entity) bool { return e.Text("purpose") != purpose && !over(s, e) }) {
		if err := s.Drop(e.ID); err != nil {
			return nil, "", err
		}
	}
	return user, token.Text("email"), nil
}

// cmpError is the first of two errors, or the second where there is none.
func cmpError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
