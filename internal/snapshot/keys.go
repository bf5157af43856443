package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/fnv"

	"github.com/sallyport/sallyport/internal/model"
)

// keyHash is the SHA-256 digest of a subscription key. Keys are looked up by
// it, so that the time a look-up takes says nothing of the keys there are.
type keyHash [sha256.Size]byte

// hashKey returns the digest of a key as it was presented.
func hashKey(key string) keyHash { return sha256.Sum256([]byte(key)) }

// keyIndex finds subscriptions by key and by id. It is immutable.
type keyIndex struct {
	byKey sharded[keyHash, *Subscription]
	byID  sharded[model.Key, *Subscription]
}

// newKeyIndex makes an empty index.
func newKeyIndex() keyIndex {
	return keyIndex{
		byKey: newSharded[keyHash, *Subscription](func(h keyHash) uint32 { return binary.LittleEndian.Uint32(h[:]) }),
		byID: newSharded[model.Key, *Subscription](func(k model.Key) uint32 {
			h := fnv.New32a()
			_, _ = h.Write([]byte(k)) // A hash never fails to write.
			return h.Sum32()
		}),
	}
}

// keyEditor derives an index.
type keyEditor struct {
	byKey *editor[keyHash, *Subscription]
	byID  *editor[model.Key, *Subscription]
}

func (x keyIndex) edit() *keyEditor {
	return &keyEditor{byKey: x.byKey.edit(), byID: x.byID.edit()}
}

func (e *keyEditor) index() keyIndex {
	return keyIndex{byKey: e.byKey.result, byID: e.byID.result}
}

// put adds or replaces a subscription with its keys.
func (e *keyEditor) put(s *Subscription) {
	id := s.Model.ID.Key()
	e.remove(id)
	e.byID.put(id, s)
	for _, key := range []string{s.Model.PrimaryKey, s.Model.SecondaryKey} {
		if key != "" {
			e.byKey.put(hashKey(key), s)
		}
	}
}

// remove removes a subscription with its keys. A key that another
// subscription has taken over meanwhile stays with that one.
func (e *keyEditor) remove(id model.Key) {
	old, ok := e.byID.result.get(id)
	if !ok {
		return
	}
	e.byID.remove(id)
	for _, key := range []string{old.Model.PrimaryKey, old.Model.SecondaryKey} {
		h := hashKey(key)
		if at, ok := e.byKey.result.get(h); ok && at == old {
			e.byKey.remove(h)
		}
	}
}
