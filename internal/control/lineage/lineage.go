// Package lineage keeps the id of a line of revisions. A store gets one when it
// is first asked for, and a restore makes it anew: revisions can be compared
// within one lineage only.
package lineage

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Key is that of the record.
const Key store.Key = "sallyport/lineage"

// actionRenew is the audit log's.
const actionRenew = "Sallyport.Management/lineage/renew/action"

const (
	idLength = 16 // In bytes.
	// maxIDLength bounds the id of a record, in bytes.
	maxIDLength = 256
)

// record is the value of the record.
type record struct {
	ID   string    `json:"id"`
	Made time.Time `json:"made"`
}

// errMissing says that the store has no lineage yet.
var errMissing = errors.New("the store has no lineage")

// Of returns the lineage of a store, and makes one where there is none; now is
// the time of day.
func Of(ctx context.Context, st store.Store, now time.Time) (string, error) {
	var id string
	err := st.View(ctx, func(r store.Reader) (err error) {
		id, err = In(r)
		return err
	})
	if errors.Is(err, errMissing) {
		_, err = st.Update(ctx, func(tx store.Tx) (err error) {
			if id, err = In(tx); errors.Is(err, errMissing) { // Another node may have been faster.
				id, err = Renew(tx, now)
			}
			return err
		})
	}
	if err != nil {
		return "", fmt.Errorf("reading the store's lineage: %w", err)
	}
	return id, nil
}

// In returns the lineage of the state that is read. Where the store has none
// there is an error, for which Missing is true.
func In(r store.Reader) (string, error) {
	found, err := r.Get(Key)
	if errors.Is(err, store.ErrNotFound) {
		return "", errMissing
	}
	if err != nil {
		return "", err
	}
	var kept record
	if err := json.Unmarshal(found.Value, &kept); err != nil || kept.ID == "" || len(kept.ID) > maxIDLength {
		return "", errors.New("the record of the lineage is not one")
	}
	return kept.ID, nil
}

// Missing reports whether an error of In says that there is no lineage yet.
func Missing(err error) bool { return errors.Is(err, errMissing) }

// Renew gives the store a new lineage, in the transaction of what makes its
// revisions incomparable with those before, and an entry of the audit log. A
// caller that appends entries itself uses Put.
func Renew(tx store.Tx, now time.Time) (string, error) {
	id, err := Put(tx, now)
	if err != nil {
		return "", err
	}
	err = audit.Append(tx, audit.Entry{
		Time: now.UTC(), Actor: "system", ActorName: "sallyport", Action: actionRenew,
		Resource: "/" + string(Key), Outcome: audit.Succeeded,
	})
	if err != nil {
		return "", fmt.Errorf("renewing the lineage: %w", err)
	}
	return id, nil
}

// Put is Renew without an entry of the audit log.
func Put(tx store.Tx, now time.Time) (string, error) {
	var random [idLength]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("renewing the lineage: %w", err)
	}
	made := record{ID: hex.EncodeToString(random[:]), Made: now.UTC()}
	value, err := json.Marshal(made)
	if err != nil {
		return "", fmt.Errorf("renewing the lineage: %w", err)
	}
	if err := tx.Put(Key, "/"+string(Key), value); err != nil {
		return "", fmt.Errorf("renewing the lineage: %w", err)
	}
	return made.ID, nil
}
