// Package secret encrypts what must not be read in the database: keys,
// passwords, certificates, values of secret named values.
//
// It is envelope encryption. A data key encrypts values; the data keys are kept
// in the store, encrypted by a key-encryption key that is never there: a file,
// an environment variable or a key-management service has it. A sealed value
// names its data key and is bound to its place, so that it opens nowhere else.
package secret

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const (
	// Prefix begins every sealed value.
	Prefix = "sealed:v1:"
	// MaxPlaintextLength bounds what is sealed, in bytes.
	MaxPlaintextLength = 1 << 20
	// MaxContextLength bounds the place of a value, in bytes.
	MaxContextLength = 4096
	// MaxSealedLength bounds a sealed value, in bytes.
	MaxSealedLength = len(Prefix) + keyIDLength + 1 + (MaxPlaintextLength+nonceLength+tagLength+2)/3*4
)

const (
	// keyIDLength is that of the id of a data key, in hexadecimal digits.
	keyIDLength = 16
	// nonceLength and tagLength are those of XChaCha20-Poly1305, in bytes.
	nonceLength = 24
	tagLength   = 16
)

var (
	// ErrSealed is wrapped by every error of Open that is due to the sealed
	// value: it was changed, was cut off, is of another place, or is none.
	ErrSealed = errors.New("the sealed value does not open")
	// ErrUnknownKey is wrapped where a value was sealed with a data key that is
	// not there. It may be newer than this keyring: Refresh and try again.
	ErrUnknownKey = errors.New("its data key is not there")
	// ErrTooLarge is wrapped where a value is longer than MaxPlaintextLength or
	// its place than MaxContextLength.
	ErrTooLarge = errors.New("too large to seal")
)

// Sealer seals and opens values. A Keyring is one.
type Sealer interface {
	// Seal encrypts a value for one place: the context is the key of the record
	// and the path of the field, and the value opens with the same context only.
	Seal(plaintext []byte, context string) (sealed string, err error)
	// Open returns what was sealed.
	Open(sealed string, context string) ([]byte, error)
}

// IsSealed reports whether a string looks like a sealed value.
func IsSealed(s string) bool { return strings.HasPrefix(s, Prefix) }

// encoding is that of the bytes of a sealed value. It is strict, so that each
// value has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// seal encrypts with one data key. The result is
// Prefix, the key's id, ":", and base64url of nonce and ciphertext.
func seal(aead cipher.AEAD, keyID string, plaintext []byte, context string) (string, error) {
	if len(plaintext) > MaxPlaintextLength || len(context) > MaxContextLength {
		return "", fmt.Errorf("a value of %d bytes: %w", len(plaintext), ErrTooLarge)
	}
	box := make([]byte, nonceLength, nonceLength+len(plaintext)+tagLength)
	// Read never fails; a program without random numbers has ended in it.
	_, _ = rand.Read(box)
	box = aead.Seal(box, box[:nonceLength], plaintext, bound(keyID, context))
	return Prefix + keyID + ":" + encoding.EncodeToString(box), nil
}

// open decrypts the box of a sealed value.
func open(aead cipher.AEAD, keyID, box, context string) ([]byte, error) {
	// The decoder passes over line feeds, and then a value had many spellings.
	data, err := encoding.DecodeString(box)
	if err != nil || strings.ContainsAny(box, "\r\n") || len(data) < nonceLength+tagLength {
		return nil, fmt.Errorf("it is cut off or is not base64: %w", ErrSealed)
	}
	plaintext, err := aead.Open(nil, data[:nonceLength], data[nonceLength:], bound(keyID, context))
	if err != nil {
		return nil, fmt.Errorf("it was changed, or was sealed for another place: %w", ErrSealed)
	}
	return plaintext, nil
}

// bound is what a value is bound to: the format, its data key and its place.
func bound(keyID, context string) []byte {
	return []byte(Prefix + keyID + "\x00" + context)
}

// split takes a sealed value apart.
func split(sealed string) (keyID, box string, err error) {
	if len(sealed) > MaxSealedLength {
		return "", "", fmt.Errorf("it is longer than %d bytes: %w", MaxSealedLength, ErrSealed)
	}
	rest, ok := strings.CutPrefix(sealed, Prefix)
	if !ok {
		return "", "", fmt.Errorf("it does not begin with %q: %w", Prefix, ErrSealed)
	}
	keyID, box, ok = strings.Cut(rest, ":")
	if !ok || !isKeyID(keyID) {
		return "", "", fmt.Errorf("it names no data key: %w", ErrSealed)
	}
	return keyID, box, nil
}

// isKeyID reports whether s has the form of the id of a data key.
func isKeyID(s string) bool {
	return len(s) == keyIDLength && strings.Trim(s, "0123456789abcdef") == ""
}
