package visitors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// Measures of the proofs of work that were used. They are in the ledger: what
// lasts half an hour needs no history, and no place in a backup.
const (
	// proofPrefix begins the keys of their accounts; what follows is the second in
	// which the proof ends, so that those which have ended stand first.
	proofPrefix = "proof/"
	// maxProofLife bounds how far ahead a proof ends. With what one portal takes at
	// most within the life of a proof (100,000) it bounds how many are kept.
	maxProofLife = time.Hour
	// proofGrace is how long a proof is kept after its end: the clocks of portals
	// are not quite this one.
	proofGrace = 5 * time.Minute
	// maxProofSends is how often one form uses a proof: what failed after it was
	// used, or was not answered, is sent again.
	maxProofSends = 5
	// tidiedProofs bounds those that have ended and go with each that comes.
	tidiedProofs = 100
)

// proofRoute is the action sallyportSpendProof: it notes that a proof of work was
// used, for one form at all portals of a service.
func proofRoute() resource.Route {
	return resource.Route{
		Method: "POST", Path: ofService + string(access.SpendProof), Permission: access.Portal.Action(access.SpendProof),
		Body: "SallyportSpendProofParameters", Run: spendProof,
	}
}

func spendProof(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
	service := in.ID.Service()
	if _, err := s.Get(service); err != nil {
		return resource.Result{}, err
	}
	proof, _ := in.Body["proof"].(string)
	if raw, err := hex.DecodeString(proof); err != nil || len(raw) != sha256.Size {
		return resource.Result{}, resource.Invalid("proof", "it is no SHA-256 in hexadecimal digits")
	}
	form, err := formOf(in.Body)
	if err != nil {
		return resource.Result{}, err
	}
	text, _ := in.Body["expires"].(string)
	expires, err := time.Parse(time.RFC3339, text)
	now := s.Now()
	if err != nil || expires.After(now.Add(maxProofLife)) || expires.Before(now.Add(-proofGrace)) {
		return resource.Result{}, resource.Invalid("expires", "it is no time within the next hour")
	}
	if s.Ledger == nil {
		return resource.Result{}, problem.New(statusUnavailable, problem.CodeUnavailable, "This store keeps no ledger.")
	}
	key := proofKey(expires, service, proof)
	used, err := s.Outside("using the proof "+key, func(ctx context.Context) (any, error) {
		return useProof(ctx, s.Ledger, key, form, now)
	})
	if err != nil {
		return resource.Result{}, err
	}
	if used == true {
		return resource.Result{}, problem.New(statusConflict, problem.CodeConflict, "The proof was used before.").WithTarget("proof")
	}
	return resource.Result{Body: map[string]any{"proof": proof, "expires": stamp(expires)}}, nil
}

// formOf is the digest of the form that a proof is used for; nil where none is
// given.
func formOf(body map[string]any) ([]byte, error) {
	text, _ := body["form"].(string)
	if text == "" {
		return nil, nil
	}
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != sha256.Size {
		return nil, resource.Invalid("form", "it is no SHA-256 in hexadecimal digits")
	}
	return raw, nil
}

// useProof notes a proof, and reports whether it was noted before: for another
// form, or for this one too often. One whose note is in doubt is asked for again by
// the same form.
func useProof(ctx context.Context, ledger store.Ledger, key string, form []byte, now time.Time) (used bool, err error) {
	err = ledger.Post(ctx, func(tx store.LedgerTx) error {
		if _, err := tx.Remove(proofPrefix, proofTime(now.Add(-proofGrace)), tidiedProofs); err != nil {
			return err
		}
		found, err := tx.Balances([]string{key})
		if err != nil {
			return err
		}
		note := found[key]
		if used = !mayUse(note, form); used {
			return nil
		}
		sends := byte(1)
		if len(note) > 0 {
			sends = note[0] + 1
		}
		return tx.Set([]store.Account{{Key: key, Value: append([]byte{sends}, form...)}})
	})
	if err != nil {
		return false, fmt.Errorf("noting that a proof was used: %w", err)
	}
	return used, nil
}

// mayUse says whether a form may use a proof with this note: how often it was used,
// and the form's digest. Earlier releases note no form.
func mayUse(note, form []byte) bool {
	return len(note) == 0 || len(form) > 0 && bytes.Equal(note[1:], form) && note[0] < maxProofSends
}

// proofTime begins the keys of proofs that end in a second.
func proofTime(t time.Time) string { return fmt.Sprintf("%s%012d", proofPrefix, max(0, t.Unix())) }

func proofKey(expires time.Time, service resource.ID, proof string) string {
	of := sha256.Sum256([]byte(strings.ToLower(string(service))))
	return proofTime(expires) + "/" + hex.EncodeToString(of[:8]) + "/" + strings.ToLower(proof)
}
