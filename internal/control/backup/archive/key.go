package archive

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
)

const (
	// purpose begins what the backup's key encrypts, so that nothing else that
	// it encrypted passes for a master.
	purpose      = "sallyport backup"
	masterLength = 32
	saltLength   = 32
	// keyLength and prefixLength are those of an archive's key and of the part
	// of the nonces that belongs to it.
	keyLength    = 32
	prefixLength = 7
	derivation   = "sallyport backup archive 1"
	// maxMasters bounds the masters that an Opener remembers.
	maxMasters = 1000
)

// KeyEncrypter is a key that encrypts others, or the service that has it, as in
// package secret.
type KeyEncrypter interface {
	// Name says which key it is, without telling anything of it.
	Name() string
	// Encrypt encrypts a few bytes, Decrypt decrypts what Encrypt returned.
	Encrypt(ctx context.Context, plaintext []byte) ([]byte, error)
	Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error)
}

// Key is the backup's own key, ready to write archives. It may be used for many,
// concurrently, and asks the key's service once, when it is made.
type Key struct {
	name    string
	wrapped []byte
	master  []byte
}

// NewKey makes a new master and has it encrypted. It makes sure that the same
// key also decrypts it: a backup that nobody can open is none.
func NewKey(ctx context.Context, by KeyEncrypter) (*Key, error) {
	master := make([]byte, masterLength)
	_, _ = rand.Read(master)
	wrapped, err := by.Encrypt(ctx, append([]byte(purpose), master...))
	if err != nil {
		return nil, fmt.Errorf("encrypting with the backup's key %s: %w", by.Name(), err)
	}
	k := &Key{name: by.Name(), wrapped: wrapped, master: master}
	opened, err := unwrap(ctx, by, wrapped)
	if err != nil || !bytes.Equal(opened, master) {
		return nil, fmt.Errorf("trying the backup's key %s: it does not decrypt what it encrypted: %w", by.Name(), ErrKey)
	}
	return k, nil
}

// Name is the kind and the fingerprint of the backup's key.
func (k *Key) Name() string { return k.name }

// unwrap decrypts a master.
func unwrap(ctx context.Context, by KeyEncrypter, wrapped []byte) ([]byte, error) {
	plaintext, err := by.Decrypt(ctx, wrapped)
	if err != nil {
		return nil, err
	}
	master, ok := strings.CutPrefix(string(plaintext), purpose)
	if !ok || len(master) != masterLength {
		return nil, ErrKey
	}
	return []byte(master), nil
}

// KeyOpener opens what the backup's key encrypted.
type KeyOpener interface {
	// Master returns the master that the header's key says. Its error wraps
	// ErrKey where it has no key that opens it.
	Master(ctx context.Context, key KeyHeader) ([]byte, error)
}

// Opener opens archives with any of some keys: the one of today, and those of
// older archives. It remembers masters, so that the service of a key is asked
// once for all archives of one Key. It may be used concurrently.
type Opener struct {
	keys []KeyEncrypter

	mu      sync.Mutex
	masters map[string][]byte
}

// NewOpener returns an opener for these keys.
func NewOpener(keys ...KeyEncrypter) *Opener {
	return &Opener{keys: keys, masters: map[string][]byte{}}
}

// Master implements KeyOpener. Where a key has the name that the header says
// that one is tried, else all are: a name depends on where a key was read from.
func (o *Opener) Master(ctx context.Context, key KeyHeader) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if master := o.masters[string(key.Wrapped)]; master != nil {
		return master, nil
	}
	var refused error
	for _, k := range o.candidates(key.Name) {
		master, err := unwrap(ctx, k, key.Wrapped)
		if err != nil {
			refused = err
			continue
		}
		if len(o.masters) >= maxMasters {
			clear(o.masters)
		}
		o.masters[string(key.Wrapped)] = master
		return master, nil
	}
	if refused != nil {
		return nil, fmt.Errorf("it was written with the key %s: %w: %w", printable(key.Name), ErrKey, refused)
	}
	return nil, fmt.Errorf("it was written with the key %s: %w", printable(key.Name), ErrKey)
}

func (o *Opener) candidates(name string) []KeyEncrypter {
	for _, k := range o.keys {
		if k.Name() == name {
			return []KeyEncrypter{k}
		}
	}
	return o.keys
}

// printable is a name of a header as it may stand in an error.
func printable(name string) string {
	const longest = 64
	return fmt.Sprintf("%.*q", longest, name)
}

// derive makes the key of one archive, and the part of its nonces.
func derive(master, salt []byte) (key, prefix []byte, err error) {
	all, err := hkdf.Key(sha256.New, master, salt, derivation, keyLength+prefixLength)
	if err != nil {
		return nil, nil, fmt.Errorf("deriving the archive's key: %w", err)
	}
	return all[:keyLength], all[keyLength:], nil
}
