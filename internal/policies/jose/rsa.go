package jose

import (
	"crypto/rsa"
	"math/big"
)

// checkRSA refuses RSA keys that confirm nothing: too small, with an exponent
// that does not scramble, or made by the generator that CVE-2017-15361 (ROCA)
// is about, whose keys can be factored.
func checkRSA(k *rsa.PublicKey) error {
	bits := k.N.BitLen()
	switch {
	case bits < MinRSABits || bits > MaxRSABits:
		return fail(BadKey, "the RSA key has %d bits: between %d and %d are possible", bits, MinRSABits, MaxRSABits)
	case k.E < 3 || k.E&1 == 0:
		return fail(BadKey, "the RSA key's exponent is not an odd number from 3")
	case k.N.Bit(0) == 0:
		return fail(BadKey, "the RSA key's modulus is even")
	case fromWeakGenerator(k.N):
		return fail(BadKey, "the RSA key comes from a generator whose keys can be factored (CVE-2017-15361)")
	}
	return nil
}

// weakPrimes are the primes whose residues give the keys of the weak generator
// away.
var weakPrimes = [...]int64{
	3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
	89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
}

// fromWeakGenerator reports whether a modulus is, modulo each of the primes, a
// power of 65537: what all keys of the weak generator are and others almost
// never.
func fromWeakGenerator(n *big.Int) bool {
	var residue, prime big.Int
	for _, p := range weakPrimes {
		r := residue.Mod(n, prime.SetInt64(p)).Int64()
		if !isPower(65537%p, r, p) {
			return false
		}
	}
	return true
}

// isPower reports whether r is a power of g modulo the prime p.
func isPower(g, r, p int64) bool {
	for x, i := int64(1), int64(0); i < p; i++ {
		if x == r {
			return true
		}
		x = x * g % p
	}
	return false
}
