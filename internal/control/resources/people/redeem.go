package people

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/visitors"
)

// redeem is the action sallyportRedeem: it does what a one-time token is for, and
// ends the token, in one transaction.
func redeem(s *resource.Session, in resource.Input) (resource.Result, error) {
	text := func(name string) string { value, _ := in.Body[name].(string); return value }
	user, email, err := visitors.TakeToken(s, in.ID.Service(), text("token"), text("purpose"))
	if err != nil {
		return resource.Result{}, err
	}
	patch := map[string]any{}
	switch text("purpose") {
	case visitors.Signup:
		if err := chosen(s, user, text("password")); err != nil {
			return resource.Result{}, err
		}
		patch["state"] = stateActive
	case visitors.Password:
		patch["state"], patch["password"] = stateActive, text("password") // The address is proved by it, too.
	case visitors.Email:
		patch["email"], patch["identities"] = email, renamed(user, email)
	case visitors.Invitation:
		patch["state"], patch["password"] = stateActive, text("password")
		for _, name := range []string{"firstName", "lastName"} {
			if given := text(name); given != "" {
				patch[name] = given
			}
		}
	}
	place, ok, err := s.Registry.Walk(string(user.ID))
	if err != nil || !ok {
		return resource.Result{}, err
	}
	if _, err := s.Change(place.Node, resource.Object(patch), user); err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{"user": user.ID.Name()}}, nil
}

// chosen checks that whoever confirms an address knows the password that the
// account was made with: somebody else may have made it, and waits for the owner
// of the address to follow the link.
func chosen(s *resource.Session, user *resource.Entity, password string) error {
	hash, err := s.Reveal(user, "passwordHash")
	if err != nil || hash == "" {
		return err
	}
	right, err := verified(s, password, hash)
	if err == nil && !right {
		err = resource.Invalid("password", "the password is not the one that this account was made with")
	}
	return err
}

// renamed are the identities of a user with another address where it signs in
// with that and a password.
func renamed(user *resource.Entity, email string) []any {
	list, _ := user.Properties()["identities"].([]any)
	next := make([]any, 0, len(list))
	for _, each := range list {
		identity, _ := each.(map[string]any)
		if provider, _ := identity["provider"].(string); provider == basic {
			identity = map[string]any{"provider": basic, "id": email}
		}
		next = append(next, identity)
	}
	return next
}

// basic is the provider of users who sign in with an address and a password.
const basic = "Basic"

// redeemSignOn is the action sallyportRedeemSignOn: it says which user a token of
// generateSsoUrl or of users/{u}/token is for, once.
func redeemSignOn(s *resource.Session, in resource.Input) (resource.Result, error) {
	text, _ := in.Body["token"].(string)
	name, rest, _ := strings.Cut(text, "&")
	until, signature, ok := strings.Cut(rest, "&")
	when, _, _ := strings.Cut(until, ".")
	expires, err := time.Parse(tokenTime, when)
	if !ok || err != nil || name == "" || strings.ContainsAny(name, "/\\\x00\n") || s.Now().After(expires) {
		return resource.Result{}, visitors.RefusedToken()
	}
	service := in.ID.Service()
	tenant, err := s.Lookup(service.Child("tenant", "access"))
	if err != nil {
		return resource.Result{}, err
	}
	signed := false
	if tenant != nil {
		for _, key := range keyNames {
			secret, err := s.Reveal(tenant, key)
			if err != nil {
				return resource.Result{}, err
			}
			signed = signed || secret != "" && hmac.Equal([]byte(tokenSignature(secret, name, until)), []byte(signature))
		}
	}
	user, err := s.Lookup(service.Child("users", name))
	if err != nil {
		return resource.Result{}, err
	}
	if !signed || user == nil || user.Text("state") != stateActive {
		return resource.Result{}, visitors.RefusedToken()
	}
	if err := visitors.UseOnce(s, service, text, expires); err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{"user": user.ID.Name()}}, nil
}

// tokenSignature signs a user's name and the expiry of its token.
func tokenSignature(secret, name, expiry string) string {
	mac := hmac.New(sha512.New, []byte(secret))
	_, _ = mac.Write([]byte(name + "\n" + expiry)) // A hash never fails to write.
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
