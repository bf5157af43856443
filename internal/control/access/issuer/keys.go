package issuer

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// keysKey is the collection of the records of signing keys.
	keysKey store.Key = "sallyport/signingkeys"
	// maxKeys bounds the number of signing keys.
	maxKeys = 100
	// keyBits is the length of a signing key. Every client knows RS256.
	keyBits = 2048
	// lookInterval is the least time between two looks into the store for a key
	// that is not known.
	lookInterval = time.Second
	// followInterval is the time between two looks at the age of the key.
	followInterval = time.Hour

	actionRotate = "Sallyport.Access/signingKeys/rotate/action"
)

// keyRecord is the value of the record of a signing key.
type keyRecord struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	// Sealed is the private key, in PKCS #8.
	Sealed string `json:"sealed"`
}

// keySet is the signing keys, the oldest first.
type keySet struct {
	order    []*signingKey
	revision store.Revision
}

type signingKey struct {
	id      string
	created time.Time
	// made is the revision that made it: clocks of nodes differ, revisions follow
	// each other.
	made   store.Revision
	public jose.JSONWebKey
	signer jose.Signer
}

// signing is the newest key, or nil.
func (s *keySet) signing() *signingKey {
	if len(s.order) == 0 {
		return nil
	}
	return s.order[len(s.order)-1]
}

// Keys implements bearer.Keys. A key that is not known may be a new one of
// another node.
func (i *Issuer) Keys(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	if found := i.public(id); len(found) > 0 || id == "" {
		return found, nil
	}
	i.loading.Lock()
	now := i.config.Clock.Now()
	look := i.looked.IsZero() || now.Sub(i.looked) >= lookInterval
	if look {
		i.looked = now
	}
	i.loading.Unlock()
	if look {
		if err := i.load(ctx); err != nil {
			return nil, err
		}
	}
	return i.public(id), nil
}

// public are the public keys with an id; all where it is "".
func (i *Issuer) public(id string) []jose.JSONWebKey {
	var found []jose.JSONWebKey
	for _, k := range i.keys.Load().order {
		if id == "" || k.id == id {
			found = append(found, k.public)
		}
	}
	return found
}

// load reads the signing keys.
func (i *Issuer) load(ctx context.Context) error {
	i.loading.Lock()
	defer i.loading.Unlock()
	set := &keySet{}
	var records []store.Record
	err := i.config.Store.View(ctx, func(r store.Reader) (err error) {
		set.revision = r.Revision()
		records, err = r.List(keysKey, store.Page{Limit: maxKeys})
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the signing keys: %w", err)
	}
	known := i.keys.Load()
	for _, r := range records {
		key := known.find(r.Key.Name())
		if key == nil {
			if key, err = i.open(r); err != nil {
				return fmt.Errorf("signing key %s: %w", r.Key.Name(), err)
			}
		}
		set.order = append(set.order, key)
	}
	slices.SortFunc(set.order, func(a, b *signingKey) int { return cmp.Compare(a.made, b.made) })
	i.keys.Store(set)
	return nil
}

func (s *keySet) find(id string) *signingKey {
	if s == nil {
		return nil
	}
	for _, k := range s.order {
		if k.id == id {
			return k
		}
	}
	return nil
}

// open makes a signing key of its record.
func (i *Issuer) open(r store.Record) (*signingKey, error) {
	var record keyRecord
	if json.Unmarshal(r.Value, &record) != nil {
		return nil, errors.New("its record is not one")
	}
	der, err := i.config.Sealer.Open(record.Sealed, keyContext(r.Key))
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	private, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("it is not an RSA key")
	}
	public := jose.JSONWebKey{Key: &private.PublicKey, KeyID: record.ID, Algorithm: string(jose.RS256), Use: "sig"}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: private, KeyID: record.ID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, err
	}
	return &signingKey{id: record.ID, created: record.Created, made: r.Created, public: public, signer: signer}, nil
}

// keyContext is what the private key of a record is sealed for.
func keyContext(key store.Key) string { return string(key) + "#sealed" }

// Rotate makes a new signing key, with which tokens are signed from now on.
// Tokens of the old ones stay valid. by says who asked for it.
func (i *Issuer) Rotate(ctx context.Context, by audit.Entry) error { return i.add(ctx, by, false) }

// add makes a signing key, where first is set only if there is none.
func (i *Issuer) add(ctx context.Context, by audit.Entry, first bool) error {
	record, key, err := i.newKey()
	if err != nil {
		return fmt.Errorf("making a signing key: %w", err)
	}
	value, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("making a signing key: %w", err)
	}
	by.Time, by.Action, by.Outcome, by.Resource = record.Created, actionRotate, audit.Succeeded, "/"+string(key)
	_, err = i.config.Store.Update(ctx, func(tx store.Tx) error {
		others, err := tx.List(keysKey, store.Page{Limit: maxKeys})
		if err != nil || first && len(others) > 0 {
			return err
		}
		if len(others) >= maxKeys-1 {
			return fmt.Errorf("there are %d signing keys, and there may be no more", len(others))
		}
		for _, other := range others {
			var old keyRecord
			if json.Unmarshal(other.Value, &old) == nil && record.Created.Sub(old.Created) > keepAfter {
				if err := tx.Delete(other.Key); err != nil {
					return err
				}
			}
		}
		return errors.Join(tx.Put(key, by.Resource, value), audit.Append(tx, by))
	})
	if err != nil {
		return fmt.Errorf("making a signing key: %w", err)
	}
	return i.load(ctx)
}

// newKey makes a key and seals it for its record.
func (i *Issuer) newKey() (keyRecord, store.Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return keyRecord{}, "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return keyRecord{}, "", err
	}
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&private.PublicKey))
	record := keyRecord{ID: hex.EncodeToString(sum[:16]), Created: i.config.Clock.Now().UTC().Round(0)}
	key := keysKey.Child(record.ID)
	record.Sealed, err = i.config.Sealer.Seal(der, keyContext(key))
	return record, key, err
}

// Follow replaces the signing key when it is old, and learns of those of other
// nodes, until ctx ends.
func (i *Issuer) Follow(ctx context.Context) error {
	for {
		if err := clock.Sleep(ctx, i.config.Clock, followInterval); err != nil {
			return err
		}
		// A store that does not answer now does an hour later.
		if i.load(ctx) != nil {
			continue
		}
		if i.config.Clock.Since(i.keys.Load().signing().created) >= RotateAfter {
			_ = i.Rotate(ctx, audit.Entry{Actor: "sallyport", ActorName: "rotation"})
		}
	}
}
