package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// Principal is who makes a request.
type Principal struct {
	// ID is what roles are assigned to: the object id of a service principal of
	// this installation, or "issuer:claim" of a configured issuer.
	ID string
	// Name is for people.
	Name string
	// Groups are further ids to which roles may be assigned.
	Groups []string
	// Grants are roles that the principal's token brings.
	Grants []Grant
}

// Grant is a role at a scope.
type Grant struct {
	Role  *Role
	Scope Scope
}

// allows reports whether the grant permits something at a resource.
func (g Grant) allows(p Permission, resourceID string) bool {
	return g.Role != nil && g.Scope.contains(resourceID) && g.Role.allows(p)
}

// ServicePrincipal is a program, or a person, that this installation knows
// itself.
type ServicePrincipal struct {
	// AppID is the client id, with which it asks for tokens.
	AppID string `json:"appId"`
	// ObjectID is the id to which roles are assigned.
	ObjectID string `json:"objectId"`
	// Name is for people.
	Name string `json:"name"`
	// Created is when it was made.
	Created time.Time `json:"created"`
	// SecretHash is the SHA-256 of its secret in hexadecimal; empty where it has
	// none. The secret is 256 random bits, so there is nothing to guess, and
	// nothing that a slower hash would make harder.
	SecretHash string `json:"secretHash,omitempty"`
}

// Principal is the service principal as one that makes requests.
func (s ServicePrincipal) Principal() Principal {
	return Principal{ID: s.ObjectID, Name: s.Name}
}

// Credential is what a service principal signs in with. It is shown once.
type Credential struct {
	// Tenant is the directory of this installation.
	Tenant string
	// ClientID is the AppID of the service principal.
	ClientID string
	// Secret is its client secret; the store has only a hash.
	Secret string
}

// secretLength is that of a secret, in bytes before base64.
const secretLength = 32

// newSecret makes a secret and its hash.
func newSecret() (secret, hash string) {
	random := make([]byte, secretLength)
	_, _ = rand.Read(random)
	secret = base64.RawURLEncoding.EncodeToString(random)
	return secret, hashSecret(secret)
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// hasSecret compares a secret with the hash, in the same time for each.
func (s ServicePrincipal) hasSecret(secret string) bool {
	// A hash is never empty, so a principal without one has no secret.
	return subtle.ConstantTimeCompare([]byte(hashSecret(secret)), []byte(s.SecretHash)) == 1
}

// NewID returns a random GUID, as Azure's ids are.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	// Version 4, variant 1.
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
