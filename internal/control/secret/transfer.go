package secret

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/sallyport/sallyport/internal/control/store"
)

// DataKey is a data key in clear: what a backup keeps of it under its own key,
// so that it can be encrypted by that of another installation.
type DataKey struct {
	ID      string
	Created time.Time
	Key     []byte
}

// DataKeys is the collection of the records of data keys.
func DataKeys() store.Key { return dataKeysKey }

// IsDataKey reports whether a key is that of the record of a data key.
func IsDataKey(key store.Key) bool { return key.Collection() == dataKeysKey }

// DataKey returns the data key of a record of the store, in clear.
func (k *Keyring) DataKey(ctx context.Context, r store.Record) (DataKey, error) {
	if known := k.keys.Load().byID[r.Key.Name()]; known != nil {
		return DataKey{ID: known.id, Created: known.created, Key: known.raw}, nil
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	return OpenDataKey(ctx, k.encrypter, r)
}

// OpenDataKey returns the data key of a record that a key-encryption key has
// encrypted.
func OpenDataKey(ctx context.Context, by KeyEncrypter, r store.Record) (DataKey, error) {
	record, raw, err := (&Keyring{encrypter: by}).unwrap(ctx, r)
	if err != nil {
		return DataKey{}, err
	}
	return DataKey{ID: record.ID, Created: record.Created, Key: raw}, nil
}

// Record returns the record of the data key in an installation with this
// key-encryption key. It makes sure that the record opens again: a key that may
// encrypt and not decrypt would lock everything away.
func (d DataKey) Record(ctx context.Context, by KeyEncrypter) (store.Record, error) {
	if !isKeyID(d.ID) || len(d.Key) != keyLength {
		return store.Record{}, fmt.Errorf("%q is no data key", d.ID)
	}
	value, err := wrap(ctx, by, dataKeyRecord{ID: d.ID, Created: d.Created.UTC()}, d.Key)
	if err != nil {
		return store.Record{}, err
	}
	key := dataKeysKey.Child(d.ID)
	record := store.Record{Key: key, ID: "/" + string(key), Value: value}
	if _, err := OpenDataKey(ctx, by, record); err != nil {
		return store.Record{}, fmt.Errorf("trying the key-encryption key: %w", err)
	}
	return record, nil
}

// WrappedBy is the name of the key-encryption key that encrypted the data key of
// a record; "" where it is no such record.
func WrappedBy(r store.Record) string {
	var record dataKeyRecord
	if json.Unmarshal(r.Value, &record) != nil {
		return ""
	}
	return record.EncryptedBy
}

// Opener opens sealed values with data keys in clear.
type Opener struct{ keyring *Keyring }

// NewOpener returns an opener for these keys.
func NewOpener(keys []DataKey) (*Opener, error) {
	all := &dataKeys{byID: map[string]*dataKey{}}
	for _, k := range keys {
		aead, err := chacha20poly1305.NewX(k.Key)
		if err != nil {
			return nil, fmt.Errorf("data key %s: %w", k.ID, err)
		}
		all.byID[k.ID] = &dataKey{id: k.ID, created: k.Created, raw: k.Key, aead: aead}
	}
	o := &Opener{keyring: &Keyring{}}
	o.keyring.keys.Store(all)
	return o, nil
}

// Open decrypts a sealed value of that place, as a Keyring does.
func (o *Opener) Open(sealed, context string) ([]byte, error) { return o.keyring.Open(sealed, context) }
