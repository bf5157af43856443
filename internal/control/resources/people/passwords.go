package people

import (
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
func hashPassword(e *resource.Entity) error {
	password, given := e.Properties()["password"].(string)
	e.Unset("password")
	if !given {
		return nil
	}
	if utf8.RuneCountInString(password) < minPassword || len(password) > maxPasswordBytes {
		return resource.Invalid("properties.password", "a password has at least %d characters and at most %d bytes",
			minPassword, maxPasswordBytes)
	}
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // It never fails, crypto/rand says.
	hash := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonLength)
	encode := base64.RawStdEncoding.EncodeToString
	e.Set("passwordHash", fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonTime, argonThreads, encode(salt), encode(hash)))
	return nil
}
