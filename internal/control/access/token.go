package access

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Tokens returns the long-lived tokens that were made, the oldest first.
func (d *Directory) Tokens() []Token {
	return slices.SortedFunc(maps.Values(d.state.Load().tokens), func(a, b Token) int {
		return a.Created.Compare(b.Created)
	})
}

// RegisterToken takes a long-lived token for a service principal into the
// directory. The issuer then makes the token itself.
func (d *Directory) RegisterToken(ctx context.Context, by audit.Entry, appID, name string, lifetime time.Duration) (Token, error) {
	if lifetime <= 0 || lifetime > MaxTokenLifetime {
		return Token{}, fmt.Errorf("a token may be valid for at most %v", MaxTokenLifetime)
	}
	if utf8.RuneCountInString(name) > MaxPrincipalName || !utf8.ValidString(name) {
		return Token{}, fmt.Errorf("the name of a token has at most %d characters", MaxPrincipalName)
	}
	p, ok := d.state.Load().byAppID[strings.ToLower(appID)]
	if !ok {
		return Token{}, fmt.Errorf("making a token for %s: %w", appID, ErrNoPrincipal)
	}
	// Times in tokens have whole seconds.
	now := d.clock.Now().UTC().Truncate(time.Second)
	t := Token{ID: NewID(), Name: name, ObjectID: p.ObjectID, Created: now, Expires: now.Add(lifetime)}
	key := tokensKey.Child(t.ID)
	err := d.update(ctx, by, ServicePrincipals.Action(CreateToken), key, func(tx store.Tx) error {
		if err := removeExpired(tx, now); err != nil {
			return err
		}
		return put(tx, key, t)
	})
	if err != nil {
		return Token{}, fmt.Errorf("making a token: %w", err)
	}
	return t, nil
}

// removeExpired removes tokens that are valid no more.
func removeExpired(tx store.Tx, now time.Time) error {
	state := directoryState{tokens: map[string]Token{}}
	for record, err := range tx.Tree(tokensKey) {
		if err != nil {
			return err
		}
		if err := state.add(record); err != nil {
			return err
		}
	}
	for id, t := range state.tokens {
		if t.Expires.After(now) {
			continue
		}
		if err := tx.Delete(tokensKey.Child(id)); err != nil {
			return err
		}
	}
	return nil
}

// RevokeToken makes a long-lived token invalid.
func (d *Directory) RevokeToken(ctx context.Context, by audit.Entry, id string) error {
	key := tokensKey.Child(strings.ToLower(id))
	err := d.update(ctx, by, ServicePrincipals.Delete(), key, func(tx store.Tx) error {
		err := tx.Delete(key)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("%s: %w", id, ErrNoToken)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("revoking a token: %w", err)
	}
	return nil
}

// Holder returns the service principal that a token of this installation was
// made for; false where it was revoked. tokenID is "" for the short-lived
// tokens, of which the directory knows nothing.
func (d *Directory) Holder(objectID, tokenID string) (ServicePrincipal, bool) {
	state := d.state.Load()
	p, ok := state.byObjectID[strings.ToLower(objectID)]
	if !ok {
		return ServicePrincipal{}, false
	}
	if tokenID == "" {
		return p, true
	}
	t, ok := state.tokens[tokenID]
	return p, ok && t.ObjectID == p.ObjectID
}
