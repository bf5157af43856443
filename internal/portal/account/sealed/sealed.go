// Package sealed keeps what the portal needs to know between two requests in the
// visitor's cookie, where the visitor can neither read nor change it: it
// survives a restart of the portal and is understood by all portals of a
// service, which share the key.
package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// MaxText bounds a sealed text, in bytes: browsers keep no cookie beyond 4 KiB.
const MaxText = 3800

// Why a text is not opened.
var (
	// ErrForged is a text that was not sealed with this key for this purpose.
	ErrForged = errors.New("the cookie is not of this portal")
	// ErrExpired is a text whose time has passed.
	ErrExpired = errors.New("the cookie is too old")
)

// envelope is what is encrypted.
type envelope[T any] struct {
	Until int64 `json:"u"`
	Value T     `json:"v"`
}

// Seal encrypts a value (AES-256-GCM) for a purpose until a time. The key has 32
// bytes.
func Seal[T any](key []byte, purpose string, until time.Time, value T) (string, error) {
	box, err := newBox(key)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(envelope[T]{until.Unix(), value})
	if err != nil {
		return "", fmt.Errorf("sealing a cookie: %w", err)
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // It never fails, crypto/rand says.
	text := base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, raw, []byte(purpose)))
	if len(text) > MaxText {
		return "", fmt.Errorf("sealing a cookie: it has %d bytes (limit MaxText, %d)", len(text), MaxText)
	}
	return text, nil
}

// Open returns what was sealed with the key for the purpose, if its time has not
// passed.
func Open[T any](key []byte, purpose string, now time.Time, text string) (T, error) {
	var e envelope[T]
	box, err := newBox(key)
	if err != nil {
		return e.Value, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(text) > MaxText || len(raw) < box.NonceSize() {
		return e.Value, ErrForged
	}
	opened, err := box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], []byte(purpose))
	if err != nil || json.Unmarshal(opened, &e) != nil {
		return *new(T), ErrForged
	}
	if !now.Before(time.Unix(e.Until, 0)) {
		return *new(T), ErrExpired
	}
	return e.Value, nil
}

func newBox(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != 32 {
		return nil, errors.New("sealing a cookie: the key does not have 32 bytes")
	}
	return cipher.NewGCM(block)
}
