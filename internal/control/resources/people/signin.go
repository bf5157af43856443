package people

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/visitors"
	"github.com/sallyport/sallyport/internal/problem"
)

// ofService is where routes of a service begin.
const ofService = "subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/Microsoft.ApiManagement/service/{service}/"

// Routes are the routes that are no part of a kind: additions to the API with
// which visitors of a portal prove who they are.
func Routes() []resource.Route {
	route := func(name access.Action, body string, run func(*resource.Session, resource.Input) (resource.Result, error)) resource.Route {
		return resource.Route{
			Method: "POST", Path: ofService + string(name), Permission: access.Portal.Action(name), Body: body, Writes: true,
			Run: func(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
				if _, err := s.Get(in.ID.Service()); err != nil {
					return resource.Result{}, err
				}
				return run(s, in)
			},
		}
	}
	return []resource.Route{
		route(access.SignIn, "SallyportSignInParameters", signIn),
		route(access.Redeem, "SallyportRedeemParameters", redeem),
		route(access.RedeemSignOn, "SallyportRedeemSignOnParameters", redeemSignOn),
	}
}

// absentHash is what the passwords of users who are not there, or have none, are
// compared with, so that it takes as long to refuse them. No password has it: it
// is no hash of anything.
var absentHash = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
	strings.Repeat("A", base64.RawStdEncoding.EncodedLen(argonSalt)), strings.Repeat("A", base64.RawStdEncoding.EncodedLen(argonLength)))

// errCredentials is the refusal of a sign-in, whatever is wrong with it.
func errCredentials() error {
	return problem.New(statusUnauthorized, "InvalidCredentials", "The e-mail address or the password is not right.").WithTarget("email")
}

// statusUnauthorized is a status of HTTP, which this package knows by number only.
const statusUnauthorized = 401

// signIn is the action sallyportSignIn: it says whose address and password these
// are. Unknown, wrong and blocked are refused alike, after the same work.
func signIn(s *resource.Session, in resource.Input) (resource.Result, error) {
	email, _ := in.Body["email"].(string)
	password, _ := in.Body["password"].(string)
	user, err := userByEmail(s, in.ID.Service(), email)
	if err != nil {
		return resource.Result{}, err
	}
	hash := ""
	if user != nil {
		if hash, err = s.Reveal(user, "passwordHash"); err != nil {
			return resource.Result{}, err
		}
	}
	right, err := verified(s, password, hash)
	if err != nil {
		return resource.Result{}, err
	}
	if !right || !visitors.MaySignIn(user) {
		return resource.Result{}, errCredentials()
	}
	return resource.Result{Body: map[string]any{"user": user.ID.Name(), "state": user.Text("state")}}, nil
}

// userByEmail finds a user by its address; nil where there is none.
func userByEmail(s *resource.Session, service resource.ID, email string) (*resource.Entity, error) {
	wanted := folded(email)
	id, err := claimID(s, service, emailClaim, wanted)
	if err != nil {
		return nil, err
	}
	holder := service.Child("users", Administrator) // It is made without a claim.
	if e, err := s.Lookup(id); err != nil {
		return nil, err
	} else if e != nil {
		holder = resource.ID(e.Text("owner"))
	}
	user, err := s.Lookup(holder)
	if err != nil || user == nil || folded(user.Text("email")) != wanted {
		return nil, err
	}
	return user, nil
}

// verified compares a password with a hash outside of the transaction, in the
// queue of those who wait for that. An empty hash takes as long and is wrong.
func verified(s *resource.Session, password, hash string) (bool, error) {
	compared := hash
	if compared == "" {
		compared = absentHash
	}
	sum := sha256.Sum256([]byte(compared))
	queue := s.Hashing
	found, err := s.Outside("comparing a password with "+hex.EncodeToString(sum[:]), func(ctx context.Context) (any, error) {
		leave, err := queue.Enter(ctx)
		if err != nil {
			return false, err
		}
		defer leave()
		return matches(password, compared), nil
	})
	right, _ := found.(bool)
	return right && hash != "", err
}

// matches reports whether a hash in the PHC string format is that of a password.
func matches(password, phc string) bool {
	if len(password) > maxPasswordBytes {
		password = "" // No password is that long; it takes as long to say so.
	}
	var version int
	var memory, rounds uint32
	var threads uint8
	parts := strings.Split(phc, "$")
	if len(parts) != phcParts || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &rounds, &threads); err != nil {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	costly := memory > maxHashMemory || rounds > maxHashTime || len(want) > maxHashLength
	if err != nil || costly || len(want) == 0 || rounds == 0 || threads == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, rounds, memory, threads, uint32(len(want))) //nolint:gosec // It is bounded.
	return subtle.ConstantTimeCompare(got, want) == 1 && password != ""
}

// Bounds of hashes that are compared with: those that this program made, with
// room for costs that rise. phcParts is how many parts the format has.
const (
	phcParts      = 6
	maxHashLength = 64
	maxHashMemory = 256 << 10 // In KiB.
	maxHashTime   = 16
)
