package secret

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
)

// ActivationDelay is the time between the making of a data key and its first
// use, in which the other management nodes learn of it. The first data key of a
// store is used at once.
const ActivationDelay = 10 * time.Second

// followPause is the time after which Follow begins anew where the store's
// watch ended.
const followPause = time.Second

// Keyring is the Sealer over the data keys of a store. It seals with the newest
// and opens with any of them. All methods may be called concurrently; Seal and
// Open touch neither the store nor the key-encryption key.
type Keyring struct {
	store store.Store
	clock clock.Clock

	// keys is replaced as a whole, by whoever holds changing.
	keys     atomic.Pointer[dataKeys]
	changing sync.Mutex
	// encrypter is guarded by changing.
	encrypter KeyEncrypter
}

// dataKeys are the data keys, the oldest first.
type dataKeys struct {
	byID  map[string]*dataKey
	order []*dataKey
	// revision is the one of the store at which they were read.
	revision store.Revision
}

// dataKey is one data key, ready for use.
type dataKey struct {
	id      string
	created time.Time
	// made is the revision that made it: clocks of nodes differ, revisions follow
	// each other.
	made store.Revision
	// raw is the key itself, for backups.
	raw  []byte
	aead cipher.AEAD
}

// OpenKeyring reads the data keys of a store, and makes the first where there is
// none. It fails where the key-encryption key is not the one that they were
// encrypted with.
func OpenKeyring(ctx context.Context, s store.Store, encrypter KeyEncrypter, c clock.Clock) (*Keyring, error) {
	k := &Keyring{store: s, clock: c, encrypter: encrypter}
	if err := k.Refresh(ctx); err != nil {
		return nil, err
	}
	if len(k.keys.Load().order) > 0 {
		return k, nil
	}
	by := audit.Entry{Actor: "sallyport", ActorName: "first start"}
	if _, err := k.add(ctx, by, true); err != nil {
		return nil, err
	}
	if err := k.Refresh(ctx); err != nil {
		return nil, err
	}
	return k, nil
}

// Seal encrypts a value for one place, under the newest data key that is in
// use.
func (k *Keyring) Seal(plaintext []byte, context string) (string, error) {
	key := k.current()
	return seal(key.aead, key.id, plaintext, context)
}

// Open decrypts a sealed value of that place. Its errors say nothing of the
// value; they wrap ErrSealed, or ErrUnknownKey.
func (k *Keyring) Open(sealed, context string) ([]byte, error) {
	id, box, err := split(sealed)
	if err != nil {
		return nil, err
	}
	key, ok := k.keys.Load().byID[id]
	if !ok {
		return nil, fmt.Errorf("data key %s: %w", id, ErrUnknownKey)
	}
	return open(key.aead, id, box, context)
}

// Reseal returns the value sealed with the data key that Seal uses now, and
// whether that is another than it was sealed with.
func (k *Keyring) Reseal(sealed, context string) (resealed string, changed bool, err error) {
	id, _, err := split(sealed)
	if err != nil {
		return "", false, err
	}
	if id == k.current().id {
		return sealed, false, nil
	}
	plaintext, err := k.Open(sealed, context)
	if err != nil {
		return "", false, err
	}
	resealed, err = k.Seal(plaintext, context)
	return resealed, err == nil, err
}

// current is the newest data key that every node knows.
func (k *Keyring) current() *dataKey {
	order := k.keys.Load().order
	known := k.clock.Now().Add(-ActivationDelay)
	for i := len(order) - 1; i > 0; i-- {
		if !order[i].created.After(known) {
			return order[i]
		}
	}
	return order[0]
}

// Rotate makes a new data key. Values are sealed with it from the time that is
// returned; those that are sealed already keep theirs, until Reseal. by says who
// asked for it; its time, action, resource and outcome are filled in.
func (k *Keyring) Rotate(ctx context.Context, by audit.Entry) (effective time.Time, err error) {
	created, err := k.add(ctx, by, false)
	if err != nil {
		return time.Time{}, err
	}
	return created.Add(ActivationDelay), k.Refresh(ctx)
}

// Refresh reads the data keys anew. Where that fails those that are known stay.
func (k *Keyring) Refresh(ctx context.Context) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	return k.load(ctx)
}

// Follow learns of data keys that other nodes make, until ctx ends.
func (k *Keyring) Follow(ctx context.Context) error {
	for {
		err := k.follow(ctx)
		if errors.Is(err, store.ErrClosed) {
			return err
		}
		if err := clock.Sleep(ctx, k.clock, followPause); err != nil {
			return err
		}
		// What was missed while nobody watched is read as a whole. Where that
		// fails too, the next watch begins where the last one did.
		_ = k.Refresh(ctx)
	}
}

// follow reads the data keys again after each change of them.
func (k *Keyring) follow(ctx context.Context) error {
	for change, err := range k.store.Watch(ctx, k.keys.Load().revision) {
		if err != nil {
			return err
		}
		for _, v := range change.Versions {
			if v.Key.Within(dataKeysKey) {
				if err := k.Refresh(ctx); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}
