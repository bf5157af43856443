package jose

import (
	"crypto"
	_ "crypto/sha256" // SHA-256, for the algorithms below.
	_ "crypto/sha512" // SHA-384 and SHA-512.
)

// family is the kind of key that an algorithm needs.
type family uint8

const (
	familyHMAC family = iota + 1
	familyRSA
	familyPSS
	familyECDSA
)

// algorithm is one way to sign.
type algorithm struct {
	name   string
	family family
	hash   crypto.Hash
	curve  string // for ECDSA
}

// algorithms lists the ways to sign (RFC 7518 §3.1). "none" is not among them.
var algorithms = [...]algorithm{
	{"RS256", familyRSA, crypto.SHA256, ""},
	{"RS384", familyRSA, crypto.SHA384, ""},
	{"RS512", familyRSA, crypto.SHA512, ""},
	{"PS256", familyPSS, crypto.SHA256, ""},
	{"PS384", familyPSS, crypto.SHA384, ""},
	{"PS512", familyPSS, crypto.SHA512, ""},
	{"ES256", familyECDSA, crypto.SHA256, "P-256"},
	{"ES384", familyECDSA, crypto.SHA384, "P-384"},
	{"ES512", familyECDSA, crypto.SHA512, "P-521"},
	{"HS256", familyHMAC, crypto.SHA256, ""},
	{"HS384", familyHMAC, crypto.SHA384, ""},
	{"HS512", familyHMAC, crypto.SHA512, ""},
}

// algorithmNamed returns the algorithm with exactly that name, or nil.
func algorithmNamed(name string) *algorithm {
	for i := range algorithms {
		if algorithms[i].name == name {
			return &algorithms[i]
		}
	}
	return nil
}
