package people

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// Costs of hashing a password with Argon2id: what OWASP asks for at least, about
// 20 ms on one core.
const (
	argonTime    = 2
	argonMemory  = 19 << 10 // In KiB.
	argonThreads = 1
	argonSalt    = 16
	argonLength  = 32
)

// Lengths of passwords, in characters and in bytes.
const (
	minPassword      = 8
	maxPasswordBytes = 1024
)

// hashPassword replaces a password that was given by its hash, in the form of
// the PHC string format. The hash is sealed in the store like other secrets.
//
// It is hashed outside of the transaction, in the queue of those who wait for
// that; a folder of configuration has its users' passwords hashed where it is.
func hashPassword(s *resource.Session, e *resource.Entity) error {
	password, given := e.Properties()["password"].(string)
	e.Unset("password")
	if !given {
		return nil
	}
	if utf8.RuneCountInString(password) < minPassword || len(password) > maxPasswordBytes {
		return resource.Invalid("properties.password", "a password has at least %d characters and at most %d bytes",
			minPassword, maxPasswordBytes)
	}
	if s.Declaring() {
		e.Set("passwordHash", hashOf(password))
		return nil
	}
	hash, err := hashQueued(s, e.ID, password)
	if err != nil {
		return err
	}
	e.Set("passwordHash", hash)
	return nil
}

// hashQueued hashes a password outside of the transaction.
func hashQueued(s *resource.Session, user resource.ID, password string) (any, error) {
	queue := s.Hashing
	return s.Outside("hashing the password of "+string(user.Key()), func(ctx context.Context) (any, error) {
		leave, err := queue.Enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		return hashOf(password), nil
	})
}

// hashOf is the hash of a password, with a salt of its own.
func hashOf(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // It never fails, crypto/rand says.
	hash := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonLength)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonTime, argonThreads, encode(salt), encode(hash))
}
