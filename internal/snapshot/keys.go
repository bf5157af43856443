package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/model"
)

// keyHash is the SHA-256 digest of a subscription key. Keys are looked up by
// it, so that the time a look-up takes says nothing of the keys there are.
type keyHash [sha256.Size]byte

// hashKey returns the digest of a key as it was presented.
func hashKey(key string) keyHash { return sha256.Sum256([]byte(key)) }

// grant is what a key gives: a subscription, until a time in nanoseconds since
// 1970.
type grant struct {
	subscription *Subscription
	until        int64
}

// endless is the time of keys that do not expire.
const endless = math.MaxInt64

// untilOf is the time at which a key ends to work.
func untilOf(expires *time.Time) int64 {
	switch {
	case expires == nil || expires.Year() > lastYear:
		return endless
	case expires.Year() < firstYear:
		return 0
	default:
		return expires.UnixNano()
	}
}

// firstYear and lastYear are those that nanoseconds since 1970 can tell.
const (
	firstYear = 1970
	lastYear  = 2200
)

// keyIndex finds subscriptions by key and by id. It is immutable.
type keyIndex struct {
	byKey sharded[keyHash, grant]
	byID  sharded[model.Key, *Subscription]
}

// newKeyIndex makes an empty index.
func newKeyIndex() keyIndex {
	return keyIndex{
		byKey: newSharded[keyHash, grant](func(h keyHash) uint32 { return binary.LittleEndian.Uint32(h[:]) }),
		byID: newSharded[model.Key, *Subscription](func(k model.Key) uint32 {
			h := fnv.New32a()
			_, _ = h.Write([]byte(k)) // A hash never fails to write.
			return h.Sum32()
		}),
	}
}

// keys are all keys of the subscription.
func (s *Subscription) keys() []model.SubscriptionKey {
	keys := s.Model.Keys()
	return keys[:]
}

// keyEditor derives an index.
type keyEditor struct {
	byKey *editor[keyHash, grant]
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
	for _, k := range slices.Backward(s.keys()) {
		// The last that is put counts: one that is both new and replaced is new.
		if k.Key != "" {
			e.byKey.put(hashKey(k.Key), grant{s, untilOf(k.Expires)})
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
	for _, k := range old.keys() {
		h := hashKey(k.Key)
		if at, ok := e.byKey.result.get(h); ok && at.subscription == old {
			e.byKey.remove(h)
		}
	}
}
