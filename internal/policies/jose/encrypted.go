package jose

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // RSA-OAEP is defined with it (RFC 7518 §4.3); its weakness does not matter there.
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"strings"
)

// IsEncrypted reports whether a compact token has the five parts of a JWE.
func IsEncrypted(compact string) bool { return strings.Count(compact, ".") == 4 }

// contentEncryption is one way to encrypt content (RFC 7518 §5.1).
type contentEncryption struct {
	name string
	size int              // of the key, in bytes
	hash func() hash.Hash // of the MAC; nil for GCM
}

// contentEncryptions lists the ways to encrypt content.
var contentEncryptions = [...]contentEncryption{
	{"A128CBC-HS256", 32, sha256.New},
	{"A192CBC-HS384", 48, sha512.New384},
	{"A256CBC-HS512", 64, sha512.New},
	{"A128GCM", 16, nil},
	{"A192GCM", 24, nil},
	{"A256GCM", 32, nil},
}

// Decrypt opens a compact JWE with one of the keys and returns its content.
// Keys are used directly (dir), with AES key wrap or with RSA-OAEP; RSA1_5,
// which tells attackers about its padding, is refused, as is compression.
func Decrypt(compact string, keys []Key) ([]byte, error) {
	if len(compact) > MaxTokenBytes {
		return nil, fail(Malformed, "the token is larger than %d bytes (MaxTokenBytes)", MaxTokenBytes)
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 5 {
		return nil, fail(Malformed, "the token has not the five parts of an encrypted token")
	}
	header, err := parseHeader(parts[0])
	if err != nil {
		return nil, err
	}
	if _, ok := header.Get("zip"); ok {
		return nil, fail(Refused, "the token is compressed, which is refused")
	}
	enc := encryptionNamed(header.text("enc"))
	if enc == nil || !wraps(header.text("alg")) {
		return nil, fail(Refused, "the token's encryption is not supported")
	}
	var decoded [4][]byte
	for i := range decoded {
		if decoded[i], err = decodeBase64(parts[i+1]); err != nil {
			return nil, err
		}
	}
	s := sealed{header: header, enc: enc, key: decoded[0], iv: decoded[1], content: decoded[2], tag: decoded[3], additional: []byte(parts[0])}
	return s.openAny(keys)
}

func encryptionNamed(name string) *contentEncryption {
	for i := range contentEncryptions {
		if contentEncryptions[i].name == name {
			return &contentEncryptions[i]
		}
	}
	return nil
}

func wraps(alg string) bool {
	switch alg {
	case "dir", "A128KW", "A192KW", "A256KW", "RSA-OAEP", "RSA-OAEP-256":
		return true
	}
	return false
}

// sealed is an encrypted token whose parts have been decoded.
type sealed struct {
	header                            Value
	enc                               *contentEncryption
	key, iv, content, tag, additional []byte
}

// openAny tries the keys. All failures look alike, so that nobody learns how
// far an attempt came.
func (s *sealed) openAny(keys []Key) ([]byte, error) {
	alg := s.header.text("alg")
	for i := range keys {
		k := &keys[i]
		if !k.mayDecrypt() || (k.Algorithm != "" && k.Algorithm != alg && (alg != "dir" || k.Algorithm != s.enc.name)) {
			continue
		}
		contentKey, ok := s.unwrap(k, alg)
		if !ok || len(contentKey) != s.enc.size {
			continue
		}
		if content, ok := s.open(contentKey); ok {
			return content, nil
		}
	}
	return nil, fail(NotDecrypted, "no key opens the token")
}

// unwrap gets the content's key out of the token.
func (s *sealed) unwrap(k *Key, alg string) ([]byte, bool) {
	switch alg {
	case "dir":
		return k.secret, len(s.key) == 0 && k.secret != nil
	case "A128KW", "A192KW", "A256KW":
		if len(k.secret)*8 != int(alg[1]-'0')*100+int(alg[2]-'0')*10+int(alg[3]-'0') {
			return nil, false
		}
		return unwrapAES(k.secret, s.key)
	}
	if k.private == nil {
		return nil, false
	}
	h := sha256.New()
	if alg == "RSA-OAEP" {
		h = sha1.New() //nolint:gosec // As above.
	}
	key, err := rsa.DecryptOAEP(h, nil, k.private, s.key, nil)
	return key, err == nil
}

// unwrapAES undoes the AES key wrap of RFC 3394.
func unwrapAES(kek, wrapped []byte) ([]byte, bool) {
	block, err := aes.NewCipher(kek)
	if err != nil || len(wrapped)%8 != 0 || len(wrapped) < 24 {
		return nil, false
	}
	n := len(wrapped)/8 - 1
	out := append([]byte(nil), wrapped[8:]...)
	var buf [16]byte
	copy(buf[:8], wrapped)
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			step := binary.BigEndian.Uint64(buf[:8]) ^ uint64(n*j+i)
			binary.BigEndian.PutUint64(buf[:8], step)
			copy(buf[8:], out[(i-1)*8:i*8])
			block.Decrypt(buf[:], buf[:])
			copy(out[(i-1)*8:], buf[8:])
		}
	}
	intact := subtle.ConstantTimeCompare(buf[:8], []byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6})
	return out, intact == 1
}

// open decrypts the content after confirming that nobody changed it.
func (s *sealed) open(key []byte) ([]byte, bool) {
	if s.enc.hash == nil {
		return s.openGCM(key)
	}
	half := len(key) / 2
	mac := hmac.New(s.enc.hash, key[:half])
	mac.Write(s.additional)
	mac.Write(s.iv)
	mac.Write(s.content)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s.additional))*8))
	if len(s.tag) != half || !hmac.Equal(mac.Sum(nil)[:half], s.tag) {
		return nil, false
	}
	block, err := aes.NewCipher(key[half:])
	if err != nil || len(s.iv) != aes.BlockSize || len(s.content) == 0 || len(s.content)%aes.BlockSize != 0 {
		return nil, false
	}
	out := make([]byte, len(s.content))
	cipher.NewCBCDecrypter(block, s.iv).CryptBlocks(out, s.content)
	return unpad(out)
}

// unpad removes PKCS #7 padding. The MAC has been checked before, so that what
// this tells cannot be asked about chosen texts.
func unpad(out []byte) ([]byte, bool) {
	pad := int(out[len(out)-1])
	if pad == 0 || pad > aes.BlockSize {
		return nil, false
	}
	for _, b := range out[len(out)-pad:] {
		if int(b) != pad {
			return nil, false
		}
	}
	return out[:len(out)-pad], true
}

func (s *sealed) openGCM(key []byte) ([]byte, bool) {
	block, err := aes.NewCipher(key)
	if err != nil || len(s.iv) != 12 || len(s.tag) != 16 {
		return nil, false
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, false
	}
	out, err := gcm.Open(nil, s.iv, append(s.content, s.tag...), s.additional)
	return out, err == nil
}
