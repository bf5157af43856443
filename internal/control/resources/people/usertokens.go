package people

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// Lives of tokens.
const (
	// maxTokenLife is how far ahead the expiry of a user's token may be.
	maxTokenLife = 30 * 24 * time.Hour
	// ssoLife is how long the link to a signed-in portal works.
	ssoLife = 5 * time.Minute
	// tokenTime is the form of the expiry in tokens, in UTC.
	tokenTime = "200601021504"
)

// userToken makes a token with which a user calls as it is: its name, the
// minute at which it expires, and a signature by a key of the tenant's access.
func userToken(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	properties, _ := in.Body["properties"].(map[string]any)
	expiry, _ := properties["expiry"].(string)
	at, err := time.Parse(time.RFC3339, expiry)
	if err != nil {
		return resource.Result{}, resource.Invalid("properties.expiry", "%q is no date and time", expiry).WithCause(err)
	}
	if at.After(s.Now().Add(maxTokenLife)) {
		return resource.Result{}, resource.Invalid("properties.expiry", "a token may live for 30 days at the most")
	}
	key := primaryKey
	if properties["keyType"] == "secondary" {
		key = secondaryKey
	}
	token, err := signedToken(s, e.ID, key, at.UTC().Format(tokenTime))
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{"value": token}}, nil
}

// ssoURL makes the link with which a user arrives at the portal signed in.
func ssoURL(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	token, err := SignInToken(s, e.ID)
	if err != nil {
		return resource.Result{}, err
	}
	place, _, err := s.Registry.Walk(string(e.ID.Service()))
	if err != nil {
		return resource.Result{}, err
	}
	service, err := s.Get(e.ID.Service())
	if err != nil {
		return resource.Result{}, err
	}
	answer, err := s.Answer(place.Node, service)
	if err != nil {
		return resource.Result{}, err
	}
	portal, _ := resource.At(answer, "properties.developerPortalUrl")
	return resource.Result{Body: map[string]any{"value": fmt.Sprint(portal) + "/signin-sso?token=" + url.QueryEscape(token)}}, nil
}

// SignInToken makes a token with which a user arrives at the portal signed in.
// It works for five minutes.
func SignInToken(s *resource.Session, user resource.ID) (string, error) {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // It never fails, crypto/rand says.
	// Each works once, so two of one minute must differ.
	return signedToken(s, user, primaryKey, s.Now().Add(ssoLife).UTC().Format(tokenTime)+"."+hex.EncodeToString(random))
}

// signedToken is "name&expiry&signature". The expiry may have a point behind it
// and something that makes it another.
func signedToken(s *resource.Session, user resource.ID, key, until string) (string, error) {
	tenant, err := s.Lookup(user.Service().Child("tenant", "access"))
	if err != nil {
		return "", err
	}
	if tenant == nil {
		return "", problem.New(statusConflict, problem.CodeConflict,
			"The service has no access keys to sign with: make them with tenant/access/regeneratePrimaryKey.").WithTarget("tenant/access")
	}
	secret, err := s.Reveal(tenant, key)
	if err != nil {
		return "", fmt.Errorf("reading the key of tokens: %w", err)
	}
	return user.Name() + "&" + until + "&" + tokenSignature(secret, user.Name(), until), nil
}

// statusConflict is the status of what another resource stands in the way of.
const statusConflict = 409
