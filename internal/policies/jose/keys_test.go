package jose

import (
	"crypto/rsa"
	"encoding/json"
	"math/big"
)

// decryptionKey reads a JSON Web Key that opens tokens.
func decryptionKey(data json.RawMessage) (Key, error) {
	v, err := ParseObject(data)
	if err != nil {
		return Key{}, err
	}
	key, err := ParseKey(&v)
	if err != nil || key.Public == nil {
		return key, err
	}
	pub, ok := key.Public.(*rsa.PublicKey)
	if !ok {
		return Key{}, fail(BadKey, "not an RSA key")
	}
	number := func(name string) *big.Int {
		b, err := decodeBase64(v.text(name))
		if err != nil {
			return new(big.Int)
		}
		return new(big.Int).SetBytes(b)
	}
	private := &rsa.PrivateKey{PublicKey: *pub, D: number("d"), Primes: []*big.Int{number("p"), number("q")}}
	private.Precompute()
	opener, err := Private(key.ID, private)
	opener.Algorithm, opener.use, opener.ops = key.Algorithm, key.use, key.ops
	return opener, err
}
