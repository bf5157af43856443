package jose

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rsa"
	"math/big"
	"strings"
)

// Token is a signed token whose parts have been read. Its signature has not
// been confirmed before Verify says so.
type Token struct {
	Algorithm string // as the header has it
	KeyID     string // kid; empty for none
	Payload   []byte
	Header    Value

	signed    string // what the signature is of
	signature []byte
	algorithm *algorithm // nil for "none"
}

// Parse reads a compact JWS.
func Parse(compact string) (*Token, error) {
	if len(compact) > MaxTokenBytes {
		return nil, fail(Malformed, "the token is larger than %d bytes (MaxTokenBytes)", MaxTokenBytes)
	}
	first := strings.IndexByte(compact, '.')
	last := strings.LastIndexByte(compact, '.')
	if first < 0 || first == last || strings.Count(compact, ".") != 2 {
		return nil, fail(Malformed, "the token has not the three parts of a signed token")
	}
	header, err := parseHeader(compact[:first])
	if err != nil {
		return nil, err
	}
	t := &Token{Algorithm: header.text("alg"), KeyID: header.text("kid"), Header: header, signed: compact[:last]}
	if t.Payload, err = decodeBase64(compact[first+1 : last]); err != nil {
		return nil, err
	}
	if t.signature, err = decodeBase64(compact[last+1:]); err != nil {
		return nil, err
	}
	t.algorithm = algorithmNamed(t.Algorithm)
	if t.algorithm == nil && t.Algorithm != "none" {
		return nil, fail(Refused, "the token's algorithm is not supported")
	}
	return t, nil
}

// parseHeader reads a protected header and refuses what would change the
// meaning of the token in a way that is not understood here.
func parseHeader(part string) (Value, error) {
	if len(part) > MaxHeaderBytes*4/3+4 {
		return Value{}, fail(Malformed, "the token's header is larger than %d bytes (MaxHeaderBytes)", MaxHeaderBytes)
	}
	data, err := decodeBase64(part)
	if err != nil {
		return Value{}, err
	}
	header, err := ParseObject(data)
	if err != nil {
		return Value{}, err
	}
	for _, name := range [...]string{"crit", "b64"} {
		if _, ok := header.Get(name); ok {
			return Value{}, fail(Refused, "the token's header has %s, which is refused", name)
		}
	}
	for _, name := range [...]string{"alg", "kid", "enc"} {
		if v, ok := header.Get(name); ok && v.Kind != Text {
			return Value{}, fail(Malformed, "the token's header has %s as no text", name)
		}
	}
	return header, nil
}

// Unsigned reports whether the token says that it is not signed and has no
// signature.
func (t *Token) Unsigned() bool { return t.algorithm == nil && len(t.signature) == 0 }

// Verify confirms the signature with one of the keys and returns which. Keys of
// another kind than the token's algorithm are not tried.
func (t *Token) Verify(keys []Key) (*Key, error) {
	if t.algorithm == nil {
		return nil, fail(Refused, "the token is not signed")
	}
	tried := false
	for i := range keys {
		if !keys[i].suits(t.algorithm) {
			continue
		}
		tried = true
		if t.confirms(&keys[i]) {
			return &keys[i], nil
		}
	}
	if !tried {
		return nil, fail(NoKey, "there is no key for the token's algorithm")
	}
	return nil, fail(BadSignature, "the signature is not valid")
}

// confirms checks the signature with a key that suits the algorithm.
func (t *Token) confirms(k *Key) bool {
	a := t.algorithm
	if a.family == familyHMAC {
		mac := hmac.New(a.hash.New, k.secret)
		mac.Write([]byte(t.signed))
		return hmac.Equal(mac.Sum(nil), t.signature)
	}
	h := a.hash.New()
	h.Write([]byte(t.signed))
	digest := h.Sum(nil)
	switch pub := k.Public.(type) {
	case *rsa.PublicKey:
		return confirmsRSA(pub, a, digest, t.signature)
	case *ecdsa.PublicKey:
		return confirmsECDSA(pub, digest, t.signature)
	}
	return false
}

func confirmsRSA(pub *rsa.PublicKey, a *algorithm, digest, signature []byte) bool {
	if len(signature) != pub.Size() {
		return false
	}
	if a.family == familyPSS {
		return rsa.VerifyPSS(pub, a.hash, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	}
	return rsa.VerifyPKCS1v15(pub, a.hash, digest, signature) == nil
}

func confirmsECDSA(pub *ecdsa.PublicKey, digest, signature []byte) bool {
	size := curveBytes(pub.Curve)
	if len(signature) != 2*size {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	return ecdsa.Verify(pub, digest, r, s)
}
