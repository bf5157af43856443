package secret

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// keyLength is that of every key here, in bytes.
const keyLength = 32

// maxKeyFile bounds what is read of a key file, in bytes.
const maxKeyFile = 1024

// KeyEncrypter is the key-encryption key, or the service that has it.
type KeyEncrypter interface {
	// Name says which key it is, without telling anything of it.
	Name() string
	// Encrypt encrypts a few bytes, Decrypt decrypts what Encrypt returned.
	Encrypt(ctx context.Context, plaintext []byte) ([]byte, error)
	Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error)
}

// ErrNoKey is wrapped where the file or the variable of a key is not there.
var ErrNoKey = errors.New("the key is not there")

// ErrScheme is wrapped where the URL of a key has a scheme that OpenKey does not
// know; package keyservice knows more.
var ErrScheme = errors.New("no such kind of key")

// OpenKey returns the key that a URL names: "file:///path" or "env://NAME", each
// with 32 bytes, plain (in a file only), in base64 or in hexadecimal. Where
// create is set and the file is not there it is made, with a new key, readable
// by its owner only.
func OpenKey(keyURL string, create bool) (KeyEncrypter, error) {
	u, err := url.Parse(keyURL)
	if err != nil {
		// The error of Parse quotes the URL, which may hold a key.
		return nil, errors.New("the URL of the key-encryption key is not a URL")
	}
	switch u.Scheme {
	case "file":
		path := filepath.FromSlash(u.Path)
		key, err := readKeyFile(path)
		if errors.Is(err, ErrNoKey) && create {
			key, err = createKeyFile(path)
		}
		if err != nil {
			return nil, fmt.Errorf("the key-encryption key in %s: %w", path, err)
		}
		return newLocalKey("file", key)
	case "env":
		name := u.Host + u.Path
		key, err := parseKey([]byte(os.Getenv(name)))
		if err != nil {
			return nil, fmt.Errorf("the key-encryption key in the environment variable %s: %w", name, err)
		}
		return newLocalKey("env", key)
	default:
		return nil, fmt.Errorf("the key-encryption key %s://: %w", u.Scheme, ErrScheme)
	}
}

// readKeyFile reads a key, from a file that others may not read.
func readKeyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, ErrNoKey
	case err != nil:
		return nil, err
	case info.Size() > maxKeyFile:
		return nil, fmt.Errorf("the file is longer than %d bytes", maxKeyFile)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0:
		return nil, fmt.Errorf("every user of the machine may use the file (mode %04o); chmod 600 it", info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(data) == keyLength {
		return data, nil
	}
	return parseKey(data)
}

// parseKey reads a key in base64, of either alphabet, or in hexadecimal.
func parseKey(data []byte) ([]byte, error) {
	s := strings.TrimSpace(string(data))
	if s == "" {
		return nil, ErrNoKey
	}
	if key, err := hex.DecodeString(s); err == nil && len(key) == keyLength {
		return key, nil
	}
	s = strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(s)
	key, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || len(key) != keyLength {
		return nil, fmt.Errorf("it is not %d bytes in base64", keyLength)
	}
	return key, nil
}

// createKeyFile makes a new key and a file with it. It does not replace a file
// that came to be meanwhile.
func createKeyFile(path string) ([]byte, error) {
	key := make([]byte, keyLength)
	_, _ = rand.Read(key)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return readKeyFile(path)
	}
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	return key, syncFolder(filepath.Dir(path))
}

// syncFolder makes a new file in a folder outlive a loss of power: values that
// nobody can open any more would be worse than none.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// localKey is a key that this program holds itself.
type localKey struct {
	name string
	aead cipher.AEAD
}

func newLocalKey(kind string, key []byte) (*localKey, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("the key-encryption key: %w", err)
	}
	return &localKey{name: kind + ":" + Fingerprint(key), aead: aead}, nil
}

// Fingerprint names a key, or whatever else has at least 128 bits that nobody
// knows, without telling anything of it.
func Fingerprint(key []byte) string {
	sum := sha256.Sum256(append([]byte("sallyport key-encryption key\x00"), key...))
	return hex.EncodeToString(sum[:8])
}

// Name is the kind of the key's source and its fingerprint.
func (k *localKey) Name() string { return k.name }

// Encrypt encrypts under a new nonce, which the result begins with.
func (k *localKey) Encrypt(_ context.Context, plaintext []byte) ([]byte, error) {
	nonce := make([]byte, nonceLength)
	_, _ = rand.Read(nonce)
	return k.aead.Seal(nonce, nonce, plaintext, nil), nil
}

// Decrypt decrypts what Encrypt returned.
func (k *localKey) Decrypt(_ context.Context, ciphertext []byte) ([]byte, error) {
	if len(ciphertext) < nonceLength {
		return nil, ErrSealed
	}
	plaintext, err := k.aead.Open(nil, ciphertext[:nonceLength], ciphertext[nonceLength:], nil)
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}
