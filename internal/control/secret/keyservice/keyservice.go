// Package keyservice opens key-encryption keys by URL: those of package secret,
// and those that a key-management service keeps and never gives away. It is a
// package of its own because it brings the clients of those services.
package keyservice

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"gocloud.dev/secrets"
	// These register themselves with the default URLMux.
	_ "gocloud.dev/secrets/awskms"
	_ "gocloud.dev/secrets/azurekeyvault"
	_ "gocloud.dev/secrets/gcpkms"
	_ "gocloud.dev/secrets/hashivault"
	"gocloud.dev/secrets/localsecrets"

	"github.com/sallyport/sallyport/internal/control/secret"
)

// callTimeout bounds one call of a key-management service.
const callTimeout = 30 * time.Second

// Open returns the key that a URL names: file://, env:// (see secret.OpenKey,
// which create is for), awskms://, azurekeyvault://, gcpkms://, hashivault:// or
// base64key://, as the Go CDK documents them. The result may be an io.Closer.
func Open(ctx context.Context, keyURL string, create bool) (secret.KeyEncrypter, error) {
	key, err := secret.OpenKey(keyURL, create)
	if !errors.Is(err, secret.ErrScheme) {
		return key, err
	}
	u, parseErr := url.Parse(keyURL)
	if parseErr != nil {
		return nil, err
	}
	// The packages below register themselves there, each with what finds its
	// credentials in the environment.
	services := secrets.DefaultURLMux()
	if !services.ValidKeeperScheme(u.Scheme) {
		return nil, fmt.Errorf("%w; there are file, env, %s", err, strings.Join(services.KeeperSchemes(), ", "))
	}
	keeper, err := services.OpenKeeperURL(ctx, u)
	if err != nil {
		if u.Scheme == localsecrets.Scheme {
			// Its errors may quote the URL, and the URL is the key.
			return nil, errors.New("the key-encryption key base64key://: it is not 32 bytes in base64")
		}
		return nil, fmt.Errorf("the key-encryption key %s://: %w", u.Scheme, err)
	}
	return &service{name: u.Scheme + ":" + secret.Fingerprint([]byte(keyURL)), keeper: keeper}, nil
}

// service is a key that a key-management service has.
type service struct {
	name   string
	keeper *secrets.Keeper
}

// Name is the kind of the service and a fingerprint of the URL.
func (s *service) Name() string { return s.name }

// Encrypt asks the service to encrypt.
func (s *service) Encrypt(ctx context.Context, plaintext []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return s.keeper.Encrypt(ctx, plaintext)
}

// Decrypt asks the service to decrypt.
func (s *service) Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return s.keeper.Decrypt(ctx, ciphertext)
}

// Close lets go of the client.
func (s *service) Close() error { return s.keeper.Close() }
