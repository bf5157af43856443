package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
	"slices"
)

const (
	// MinRSABits is the size of the smallest RSA key that is used.
	MinRSABits = 2048
	// MaxRSABits is the size of the largest, so that no key costs without end.
	MaxRSABits = 8192
	// MaxKeys is the most keys of a set that are used.
	MaxKeys = 128
	// MaxKeySetBytes is the longest key set that is read.
	MaxKeySetBytes = 512 << 10
	// MaxSecretBytes is the longest symmetric key.
	MaxSecretBytes = 4 << 10
)

// Key is a key that confirms signatures or opens encrypted tokens. It is not
// changed after it has been made.
type Key struct {
	ID string
	// Algorithm is the only algorithm that the key may be used with; empty for
	// all that suit its kind.
	Algorithm string
	// Public is an *rsa.PublicKey or *ecdsa.PublicKey; nil for a symmetric key.
	Public crypto.PublicKey

	secret  []byte
	private *rsa.PrivateKey
	use     string
	ops     []string
}

// Symmetric makes a key of a shared secret.
func Symmetric(id string, secret []byte) (Key, error) {
	if len(secret) == 0 || len(secret) > MaxSecretBytes {
		return Key{}, fail(BadKey, "a symmetric key must have between 1 and %d bytes", MaxSecretBytes)
	}
	return Key{ID: id, secret: secret}, nil
}

// Public makes a key of a public key, after checking that it is sound.
func Public(id string, key crypto.PublicKey) (Key, error) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if err := checkRSA(k); err != nil {
			return Key{}, err
		}
	case *ecdsa.PublicKey:
		if curveBytes(k.Curve) == 0 {
			return Key{}, fail(BadKey, "the key's curve is not supported: P-256, P-384 and P-521 are")
		}
	default:
		return Key{}, fail(BadKey, "the key is neither RSA nor ECDSA")
	}
	return Key{ID: id, Public: key}, nil
}

// Private makes a key that opens tokens encrypted for its public half.
func Private(id string, key crypto.PrivateKey) (Key, error) {
	k, ok := key.(*rsa.PrivateKey)
	if !ok {
		return Key{}, fail(BadKey, "only RSA keys open encrypted tokens")
	}
	if err := checkRSA(&k.PublicKey); err != nil {
		return Key{}, err
	}
	return Key{ID: id, private: k}, nil
}

// Modulus makes an RSA key of its modulus and exponent in base64url.
func Modulus(id, n, e string) (Key, error) {
	modulus, err := decodeBase64(n)
	if err != nil {
		return Key{}, fail(BadKey, "the modulus is not base64url")
	}
	exponent, err := decodeBase64(e)
	if err != nil || len(exponent) == 0 || len(exponent) > 4 {
		return Key{}, fail(BadKey, "the exponent is not base64url of 1 to 4 bytes")
	}
	return Public(id, &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())})
}

// ParseKey reads a JSON Web Key (RFC 7517): RSA, EC or oct.
func ParseKey(v *Value) (Key, error) {
	key, err := parseMaterial(v)
	key.ID, key.Algorithm, key.use = v.text("kid"), v.text("alg"), v.text("use")
	if ops, ok := v.Get("key_ops"); ok {
		key.ops = []string{}
		for _, op := range ops.Items {
			key.ops = append(key.ops, op.Text)
		}
	}
	return key, err
}

// parseMaterial reads the part of a key that depends on its type.
func parseMaterial(v *Value) (Key, error) {
	switch v.text("kty") {
	case "RSA":
		return Modulus("", v.text("n"), v.text("e"))
	case "EC":
		return parseEC(v)
	case "oct":
		secret, err := decodeBase64(v.text("k"))
		if err != nil {
			return Key{}, fail(BadKey, "the key is not base64url")
		}
		return Symmetric("", secret)
	}
	return Key{}, fail(BadKey, "the key's type is not supported: RSA, EC and oct are")
}

func parseEC(v *Value) (Key, error) {
	var curve elliptic.Curve
	switch v.text("crv") {
	case "P-256":
		curve = elliptic.P256()
	case "P-384":
		curve = elliptic.P384()
	case "P-521":
		curve = elliptic.P521()
	default:
		return Key{}, fail(BadKey, "the key's curve is not supported: P-256, P-384 and P-521 are")
	}
	point := []byte{4}
	for _, name := range []string{"x", "y"} {
		coordinate, err := decodeBase64(v.text(name))
		if err != nil || len(coordinate) != curveBytes(curve) {
			return Key{}, fail(BadKey, "a coordinate of the key has not the length of its curve")
		}
		point = append(point, coordinate...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return Key{}, fail(BadKey, "the key is no point of its curve")
	}
	return Public("", key)
}

// curveBytes returns the length of a coordinate, or 0 for another curve.
func curveBytes(c elliptic.Curve) int {
	switch c {
	case elliptic.P256():
		return 32
	case elliptic.P384():
		return 48
	case elliptic.P521():
		return 66
	}
	return 0
}

// ParseKeySet reads a JSON Web Key Set and returns the keys that can confirm
// signatures. Keys of other kinds and purposes, and keys that are not sound,
// are left out; so is every key whose id another one has, because a signature
// would then not say which was meant, and every symmetric key where there are
// public ones, because whoever reads the set could sign with it.
func ParseKeySet(data []byte) ([]Key, error) {
	if len(data) > MaxKeySetBytes {
		return nil, fail(BadKey, "the key set is larger than %d bytes (MaxKeySetBytes)", MaxKeySetBytes)
	}
	set, err := ParseObject(data)
	if err != nil {
		return nil, err
	}
	list, ok := set.Get("keys")
	if !ok || list.Kind != Array {
		return nil, fail(BadKey, "the key set has no array of keys")
	}
	var keys []Key
	count := map[string]int{}
	public := false
	for i := range list.Items {
		// A key that is not sound still makes its id ambiguous.
		key, err := ParseKey(&list.Items[i])
		if key.mayVerify() {
			count[key.ID]++
		}
		if err == nil && key.mayVerify() && len(keys) < MaxKeys {
			keys = append(keys, key)
			public = public || key.Public != nil
		}
	}
	return slices.DeleteFunc(keys, func(k Key) bool {
		return (k.ID != "" && count[k.ID] > 1) || (public && k.Public == nil)
	}), nil
}

// mayVerify reports whether the key's use and operations allow to confirm
// signatures.
func (k *Key) mayVerify() bool {
	return (k.use == "" || k.use == "sig") && (k.ops == nil || slices.Contains(k.ops, "verify"))
}

// mayDecrypt reports whether the key's use and operations allow to open tokens.
func (k *Key) mayDecrypt() bool {
	return (k.use == "" || k.use == "enc") &&
		(k.ops == nil || slices.Contains(k.ops, "decrypt") || slices.Contains(k.ops, "unwrapKey"))
}

// suits reports whether the key can be used with an algorithm.
func (k *Key) suits(a *algorithm) bool {
	if !k.mayVerify() || (k.Algorithm != "" && k.Algorithm != a.name) {
		return false
	}
	switch a.family {
	case familyHMAC:
		return k.Public == nil && len(k.secret) >= a.hash.Size()
	case familyRSA, familyPSS:
		_, ok := k.Public.(*rsa.PublicKey)
		return ok
	case familyECDSA:
		pub, ok := k.Public.(*ecdsa.PublicKey)
		return ok && pub.Curve.Params().Name == a.curve
	}
	return false
}
