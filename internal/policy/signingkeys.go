package policy

import (
	"context"
	"crypto"
	"errors"
)

// ErrKeysUnavailable says that the signing keys of an identity provider could
// not be fetched and that none are kept: no fault of the caller's.
var ErrKeysUnavailable = errors.New("the signing keys cannot be fetched")

// SigningKeys knows the signing keys of identity providers. It outlives
// snapshots, so that a change of configuration fetches nothing again.
type SigningKeys interface {
	// Issuer returns what an OpenID configuration says, fetched when it is not
	// known yet. A key id that is not among the known keys may cause another
	// fetch. The error wraps ErrKeysUnavailable.
	Issuer(ctx context.Context, configurationURL, keyID string) (*Issuer, error)
}

// Issuer is an identity provider as its OpenID configuration describes it. It
// is immutable.
type Issuer struct {
	Name string // the issuer of its tokens; may hold {tenantid}
	Keys []SigningKey
}

// SigningKey is a public key that an identity provider signs with. It has been
// checked to be sound.
type SigningKey struct {
	ID        string
	Algorithm string // the only algorithm it may be used with; empty for any that suits
	Key       crypto.PublicKey
}

// Has reports whether the issuer has a key with that id.
func (i *Issuer) Has(keyID string) bool {
	for k := range i.Keys {
		if i.Keys[k].ID == keyID {
			return true
		}
	}
	return false
}
