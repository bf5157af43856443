package secret

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// dataKeysKey is the collection of the records of data keys.
	dataKeysKey store.Key = "sallyport/datakeys"
	// MaxDataKeys bounds the number of data keys of a store. All are kept: the
	// history of a record may need the oldest.
	MaxDataKeys = 1000
	// rewrapTries is how often Rewrap begins anew because a data key was made
	// meanwhile.
	rewrapTries = 5
)

// Actions of the audit log.
const (
	actionRotate = "Sallyport.Management/encryption/rotate/action"
	actionRewrap = "Sallyport.Management/encryption/rewrap/action"
)

// errChanged says that the data keys are not what they were when they were read.
var errChanged = errors.New("the data keys were changed meanwhile")

// dataKeyRecord is the value of the record of a data key.
type dataKeyRecord struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	// EncryptedBy is the name of the key-encryption key.
	EncryptedBy string `json:"encryptedBy"`
	// Key is the encrypted key. What was encrypted is the id, then the key, so
	// that two records cannot change places.
	Key []byte `json:"key"`
}

// Initialised reports whether a store has data keys. Where it has none a new
// key-encryption key may be made; where it has some a new one would open none.
func Initialised(ctx context.Context, s store.Store) (bool, error) {
	count := 0
	err := s.View(ctx, func(r store.Reader) (err error) {
		count, err = r.Count(dataKeysKey)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("looking for data keys: %w", err)
	}
	return count > 0, nil
}

// load replaces the data keys by those of the store. It decrypts only those
// that it does not know. The caller holds changing.
func (k *Keyring) load(ctx context.Context) error {
	var records []store.Record
	next := &dataKeys{byID: map[string]*dataKey{}}
	err := k.store.View(ctx, func(r store.Reader) (err error) {
		next.revision = r.Revision()
		records, err = r.List(dataKeysKey, store.Page{Limit: MaxDataKeys})
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the data keys: %w", err)
	}
	known := k.keys.Load()
	for _, r := range records {
		var key *dataKey
		if known != nil {
			key = known.byID[r.Key.Name()]
		}
		if key == nil {
			if key, err = k.decrypt(ctx, r); err != nil {
				return err
			}
		}
		next.byID[key.id] = key
		next.order = append(next.order, key)
	}
	slices.SortFunc(next.order, func(a, b *dataKey) int {
		// A restore makes several at one revision.
		return cmp.Or(cmp.Compare(a.made, b.made), a.created.Compare(b.created), strings.Compare(a.id, b.id))
	})
	if known != nil && len(known.order) > 0 && len(next.order) == 0 {
		return errors.New("reading the data keys: the store has lost them")
	}
	k.keys.Store(next)
	return nil
}

// decrypt makes a data key of its record.
func (k *Keyring) decrypt(ctx context.Context, r store.Record) (*dataKey, error) {
	record, raw, err := k.unwrap(ctx, r)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(raw)
	if err != nil {
		return nil, fmt.Errorf("data key %s: %w", record.ID, err)
	}
	return &dataKey{id: record.ID, created: record.Created, made: r.Created, raw: raw, aead: aead}, nil
}

// unwrap decrypts the key of a record.
func (k *Keyring) unwrap(ctx context.Context, r store.Record) (record dataKeyRecord, raw []byte, err error) {
	id := r.Key.Name()
	if json.Unmarshal(r.Value, &record) != nil || record.ID != id || !isKeyID(id) {
		return record, nil, fmt.Errorf("the record of data key %q is not one", id)
	}
	plaintext, err := k.encrypter.Decrypt(ctx, record.Key)
	if err != nil {
		if name := k.encrypter.Name(); name != record.EncryptedBy {
			return record, nil, fmt.Errorf("data key %s is encrypted by the key-encryption key %s, which is not the one that is configured (%s): %w",
				id, record.EncryptedBy, name, err)
		}
		return record, nil, fmt.Errorf("data key %s: %w", id, err)
	}
	if len(plaintext) != keyIDLength+keyLength || string(plaintext[:keyIDLength]) != id {
		return record, nil, fmt.Errorf("data key %s: it is the key of another record: %w", id, ErrSealed)
	}
	return record, plaintext[keyIDLength:], nil
}

// wrap encrypts a data key and returns the value of its record.
func wrap(ctx context.Context, by KeyEncrypter, record dataKeyRecord, raw []byte) ([]byte, error) {
	encrypted, err := by.Encrypt(ctx, append([]byte(record.ID), raw...))
	if err != nil {
		return nil, fmt.Errorf("encrypting data key %s: %w", record.ID, err)
	}
	record.EncryptedBy, record.Key = by.Name(), encrypted
	return json.Marshal(record)
}

// add makes a new data key in the store; where it is to be the first only if
// there is none.
func (k *Keyring) add(ctx context.Context, by audit.Entry, first bool) (created time.Time, err error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	random := make([]byte, keyIDLength/2+keyLength)
	_, _ = rand.Read(random)
	record := dataKeyRecord{
		ID:      hex.EncodeToString(random[:keyIDLength/2]),
		Created: k.clock.Now().UTC().Round(0),
	}
	value, err := wrap(ctx, k.encrypter, record, random[keyIDLength/2:])
	if err != nil {
		return time.Time{}, err
	}
	by.Time, by.Action, by.Outcome = record.Created, actionRotate, audit.Succeeded
	by.Resource = "/" + string(dataKeysKey.Child(record.ID))
	_, err = k.store.Update(ctx, func(tx store.Tx) error {
		others, err := tx.List(dataKeysKey, store.Page{Limit: MaxDataKeys})
		if err != nil || first && len(others) > 0 {
			return err
		}
		if err := k.mayAdd(others); err != nil {
			return err
		}
		if err := tx.Put(dataKeysKey.Child(record.ID), by.Resource, value); err != nil {
			return err
		}
		return audit.Append(tx, by)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("making a data key: %w", err)
	}
	return record.Created, nil
}

// mayAdd refuses a data key where there are too many, and where the others are
// encrypted by a key-encryption key that this node does not have: the next
// start would need both.
func (k *Keyring) mayAdd(others []store.Record) error {
	if len(others) >= MaxDataKeys {
		return fmt.Errorf("there are %d data keys, and there may be no more", len(others))
	}
	for _, r := range others {
		var record dataKeyRecord
		if json.Unmarshal(r.Value, &record) != nil || record.EncryptedBy != k.encrypter.Name() {
			return fmt.Errorf("data key %s is encrypted by the key-encryption key %s, this node has %s; start it with the other one",
				r.Key.Name(), record.EncryptedBy, k.encrypter.Name())
		}
	}
	return nil
}

// Rewrap encrypts all data keys with another key-encryption key, in one
// transaction, while values are sealed and opened. After it a start needs the
// new key, and the old one may be thrown away. Values stay as they are. by says
// who asked for it.
func (k *Keyring) Rewrap(ctx context.Context, next KeyEncrypter, by audit.Entry) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	for range rewrapTries {
		err := k.rewrap(ctx, next, by)
		if errors.Is(err, errChanged) {
			continue
		}
		if err != nil {
			return fmt.Errorf("encrypting the data keys anew: %w", err)
		}
		k.encrypter = next
		return nil
	}
	return fmt.Errorf("encrypting the data keys anew: %w", errChanged)
}

func (k *Keyring) rewrap(ctx context.Context, next KeyEncrypter, by audit.Entry) error {
	var records []store.Record
	err := k.store.View(ctx, func(r store.Reader) (err error) {
		records, err = r.List(dataKeysKey, store.Page{Limit: MaxDataKeys})
		return err
	})
	if err != nil {
		return err
	}
	values := make([][]byte, len(records))
	for i, r := range records {
		record, raw, err := k.unwrap(ctx, r)
		if err != nil {
			return err
		}
		if values[i], err = wrap(ctx, next, record, raw); err != nil {
			return err
		}
		// A key that may encrypt and not decrypt would lock everything away.
		check := &Keyring{encrypter: next}
		if _, _, err := check.unwrap(ctx, store.Record{Key: r.Key, Value: values[i]}); err != nil {
			return fmt.Errorf("trying the new key-encryption key: %w", err)
		}
	}
	by.Time, by.Action, by.Outcome = k.clock.Now(), actionRewrap, audit.Succeeded
	by.Resource = "/" + string(dataKeysKey)
	_, err = k.store.Update(ctx, func(tx store.Tx) error {
		now, err := tx.List(dataKeysKey, store.Page{Limit: MaxDataKeys})
		if err != nil {
			return err
		}
		if !slices.EqualFunc(now, records, sameRecord) {
			return errChanged
		}
		for i, r := range records {
			if err := tx.Put(r.Key, r.ID, values[i]); err != nil {
				return err
			}
		}
		return audit.Append(tx, by)
	})
	return err
}

func sameRecord(a, b store.Record) bool {
	return a.Key == b.Key && bytes.Equal(a.Value, b.Value)
}
