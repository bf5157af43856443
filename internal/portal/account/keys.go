package account

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/client"
)

// Purposes of the portal's keys.
const (
	proofPurpose  = "proof"
	cookiePurpose = "signin"
)

// keys are the portal's keys, which the management plane makes and keeps. They
// never change, so that each is read once.
type keys struct {
	client *client.Client
	known  atomic.Pointer[map[string][]byte]
}

// read reads the keys where they are not known yet.
func (k *keys) read(ctx context.Context) error {
	if k.known.Load() != nil {
		return nil
	}
	known := map[string][]byte{}
	for _, purpose := range []string{proofPurpose, cookiePurpose} {
		got, err := client.Post[client.PortalKey](ctx, k.client, "sallyportPortalKey", client.KeyPurpose{Purpose: purpose})
		if err != nil {
			return fmt.Errorf("reading a key of the portal: %w", err)
		}
		known[purpose] = got.Key
	}
	k.known.Store(&known)
	return nil
}

// get returns the key of a purpose, at once. It fails where they were not read yet.
func (k *keys) get(purpose string) ([]byte, error) {
	known := k.known.Load()
	if known == nil {
		return nil, errNotRead()
	}
	return (*known)[purpose], nil
}
