package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// resealAtOnce bounds the records that one transaction seals anew: others
	// write between two.
	resealAtOnce = 100
	// resealRounds is how often all records are looked through for what others
	// have sealed with an older key meanwhile.
	resealRounds = 3
	// maxDepth bounds the nesting of a record.
	maxDepth = 100

	actionReseal = "Sallyport.Management/encryption/reseal/action"
)

// Resealed is what ResealAll did.
type Resealed struct {
	// Records were looked through in the last round, Values sealed anew in all.
	Records, Values int
	// Left are the resources with text that looks sealed and does not open.
	Left []string
}

// ResealAll seals every secret of the latest state with the newest data key, in
// small transactions, while values are sealed and opened. Those of the history
// keep the key that they were sealed with. It may be ended at any time, and
// begun again: what is done stays done. progress may be nil; by says who asked
// for it.
func (k *Keyring) ResealAll(ctx context.Context, by audit.Entry, progress func(done, total int)) (Resealed, error) {
	var all Resealed
	if err := k.awaitNewest(ctx); err != nil {
		return all, err
	}
	for range resealRounds {
		old, records, err := k.sealedOlder(ctx)
		all.Records = records
		if err != nil || len(old) == 0 {
			return all, err
		}
		for done := 0; done < len(old); {
			n := min(resealAtOnce, len(old)-done)
			values, left, err := k.resealRecords(ctx, old[done:done+n], by)
			if err != nil {
				return all, fmt.Errorf("sealing secrets anew: %w", err)
			}
			all.Values += values
			for _, id := range left {
				if !slices.Contains(all.Left, id) {
					all.Left = append(all.Left, id)
				}
			}
			if done += n; progress != nil {
				progress(done, len(old))
			}
		}
	}
	return all, nil
}

// awaitNewest waits until the newest data key is in use, which it is
// ActivationDelay after its making.
func (k *Keyring) awaitNewest(ctx context.Context) error {
	order := k.keys.Load().order
	newest := order[len(order)-1]
	if len(order) == 1 || k.current() == newest {
		return nil
	}
	return clock.Sleep(ctx, k.clock, newest.created.Add(ActivationDelay).Sub(k.clock.Now()))
}

// sealedOlder are the keys of the records that have something sealed with
// another data key than the newest.
func (k *Keyring) sealedOlder(ctx context.Context) (keys []store.Key, records int, err error) {
	current := []byte(Prefix + k.current().id + ":")
	err = k.store.View(ctx, func(r store.Reader) error {
		keys, records = nil, 0
		for record, err := range r.Tree("") {
			if err != nil {
				return err
			}
			records++
			if bytes.Count(record.Value, []byte(`"`+Prefix)) > bytes.Count(record.Value, append([]byte{'"'}, current...)) {
				keys = append(keys, record.Key)
			}
		}
		return nil
	})
	if err != nil {
		return nil, records, fmt.Errorf("looking for sealed values: %w", err)
	}
	return keys, records, nil
}

// resealRecords seals what a few records hold anew, in one transaction.
func (k *Keyring) resealRecords(ctx context.Context, keys []store.Key, by audit.Entry) (values int, left []string, err error) {
	by.Time, by.Action, by.Outcome = k.clock.Now(), actionReseal, audit.Succeeded
	by.Resource = "/" + string(dataKeysKey)
	_, err = k.store.Update(ctx, func(tx store.Tx) error {
		values, left = 0, nil
		for _, key := range keys {
			record, err := tx.Get(key)
			if errors.Is(err, store.ErrNotFound) {
				continue // It has gone meanwhile.
			}
			if err != nil {
				return err
			}
			n, err := k.resealRecord(tx, record)
			if errors.Is(err, ErrSealed) || errors.Is(err, ErrUnknownKey) {
				left = append(left, record.ID)
				continue
			}
			if err != nil {
				return err
			}
			values += n
		}
		if values == 0 {
			return nil
		}
		return audit.Append(tx, by)
	})
	return values, left, err
}

// resealRecord seals what one record holds anew. A sealed value is the same text
// in JSON as it is itself, so the rest of the record stays as it is, byte for
// byte.
func (k *Keyring) resealRecord(tx store.Tx, record store.Record) (values int, err error) {
	var tree any
	if err := json.Unmarshal(record.Value, &tree); err != nil {
		return 0, fmt.Errorf("%s: the record is not JSON: %w", record.ID, err)
	}
	next := record.Value
	err = eachSealed(tree, "", 0, func(at, sealed string) error {
		resealed, changed, err := k.Reseal(sealed, string(record.Key)+"#"+at)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", at, record.ID, err)
		}
		if changed {
			values++
			next = bytes.Replace(next, []byte(sealed), []byte(resealed), 1)
		}
		return nil
	})
	if err != nil || values == 0 {
		return 0, err
	}
	return values, tx.Put(record.Key, record.ID, next)
}

// eachSealed calls f for each sealed value of a tree, with the path that it was
// sealed for: "properties.credentials.header.x.*".
func eachSealed(node any, at string, depth int, f func(at, sealed string) error) error {
	if depth > maxDepth {
		return fmt.Errorf("the record is nested more than %d deep", maxDepth)
	}
	switch n := node.(type) {
	case string:
		if !strings.HasPrefix(n, Prefix) {
			return nil
		}
		return f(strings.TrimPrefix(at, "."), n)
	case map[string]any:
		for name, value := range n {
			if err := eachSealed(value, at+"."+name, depth+1, f); err != nil {
				return err
			}
		}
	case []any:
		for _, value := range n {
			// The place in a list is no part of the path: elements may move.
			if err := eachSealed(value, at+".*", depth+1, f); err != nil {
				return err
			}
		}
	}
	return nil
}
