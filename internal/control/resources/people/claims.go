package people

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// claimKey is the name of the record that holds the key of the claims' names.
const claimKey = "key"

// claimKind keeps which resource has a value that no other of the service may
// have: the key of a subscription, the address of a user. The name of a claim is
// a keyed digest of the value, so that finding it takes one look and the
// database does not tell what the value is. Nothing of it is ever answered.
func claimKind() *resource.Node {
	return resource.New(access.Subscriptions, resource.Kind{
		Collection: "claims", Title: "Claim", Internal: true,
		Secrets: []resource.Secret{{Path: "properties.key"}},
	})
}

// claim notes that the owner has the value. It reports whether another resource
// has it already, of which has says so; a claim of a resource that is gone, or
// has another value now, counts for nothing.
func claim(s *resource.Session, owner resource.ID, what, value string, has func(*resource.Entity) (bool, error)) (taken bool, err error) {
	id, err := claimID(s, owner, what, value)
	if err != nil {
		return false, err
	}
	old, err := s.Lookup(id)
	if err != nil {
		return false, err
	}
	if old != nil && !refersTo(old, "owner", owner) {
		holder, err := s.Lookup(resource.ID(old.Text("owner")))
		if err != nil {
			return false, err
		}
		if holder != nil {
			if still, err := has(holder); err != nil || still {
				return still, err
			}
		}
	}
	return false, s.Store(id, resource.Object(map[string]any{"owner": string(owner)}))
}

// release forgets the owner's claim to the value.
func release(s *resource.Session, owner resource.ID, what, value string) error {
	if value == "" {
		return nil
	}
	id, err := claimID(s, owner, what, value)
	if err != nil {
		return err
	}
	old, err := s.Lookup(id)
	if err != nil || old == nil || !refersTo(old, "owner", owner) {
		return err
	}
	return s.Drop(id)
}

// claimID is the id of the claim to a value in the owner's service.
func claimID(s *resource.Session, owner resource.ID, what, value string) (resource.ID, error) {
	service := owner.Service()
	key, err := keyOfClaims(s, service)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(what + "\x00" + value)) // A hash never fails to write.
	return service.Child("claims", hex.EncodeToString(mac.Sum(nil))), nil
}

// keyOfClaims returns the key of the digests, which it makes where there is
// none.
func keyOfClaims(s *resource.Session, service resource.ID) (string, error) {
	id := service.Child("claims", claimKey)
	e, err := s.Lookup(id)
	if err != nil {
		return "", err
	}
	if e == nil {
		key := s.NewKey() + s.NewKey()
		return key, s.Store(id, resource.Object(map[string]any{"key": key}))
	}
	key, err := s.Reveal(e, "key")
	if err != nil {
		return "", fmt.Errorf("reading the key of claims: %w", err)
	}
	return key, nil
}

// folded is the form of an e-mail address in which two are compared.
func folded(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
