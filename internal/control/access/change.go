package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Limits of a directory.
const (
	// MaxPrincipalName bounds the name of a service principal, in characters.
	MaxPrincipalName = 120
	// MaxPrincipalID bounds the id of a principal, in bytes.
	MaxPrincipalID = 512
	// MaxTokenLifetime bounds the lifetime of a token of CreateToken.
	MaxTokenLifetime = 366 * 24 * time.Hour
)

var (
	// ErrNoPrincipal is wrapped where there is no such service principal.
	ErrNoPrincipal = errors.New("there is no such service principal")
	// ErrNoAssignment is wrapped where there is no such role assignment.
	ErrNoAssignment = errors.New("there is no such role assignment")
	// ErrNoToken is wrapped where there is no such token.
	ErrNoToken = errors.New("there is no such token")
	// ErrInvalid is wrapped where a name, an id, a role or a scope is not one.
	ErrInvalid = errors.New("not valid")
	// ErrLastOwner refuses to remove the last Owner of everything: nobody could
	// give roles any more.
	ErrLastOwner = errors.New("it is the last assignment of the role Owner at /")
	// errTaken says that somebody else did the first start.
	errTaken = errors.New("there is a directory already")
)

// Token is a long-lived token that was made for a service principal. The store
// knows its id, and not the token.
type Token struct {
	// ID is the claim "jti" of the token.
	ID string `json:"id"`
	// Name says what it is for.
	Name string `json:"name"`
	// ObjectID is that of the service principal.
	ObjectID string `json:"objectId"`
	// Created and Expires say when it is valid.
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// Bootstrap makes, in a store without a directory, a tenant and the service
// principal "administrator" with the role Owner for everything, and returns its
// credential, which nobody can get again. In a store that has a directory it
// does nothing and returns nil.
func (d *Directory) Bootstrap(ctx context.Context) (*Credential, error) {
	if d.Tenant() != "" {
		return nil, nil
	}
	credential := Credential{Tenant: NewID()}
	p := d.newPrincipal("administrator")
	credential.ClientID, credential.Secret = p.AppID, ""
	credential.Secret, p.SecretHash = newSecret()
	owner := Assignment{ID: NewID(), PrincipalID: p.ObjectID, RoleID: ownerID, Scope: "/", Created: p.Created}
	by := audit.Entry{Actor: "sallyport", ActorName: "first start"}
	err := d.update(ctx, by, ServicePrincipals.Write(), principalsKey.Child(p.AppID), func(tx store.Tx) error {
		if _, err := tx.Get(tenantKey); !errors.Is(err, store.ErrNotFound) {
			return errors.Join(err, errTaken)
		}
		return errors.Join(
			put(tx, tenantKey, credential.Tenant),
			put(tx, principalsKey.Child(p.AppID), p),
			put(tx, assignmentsKey.Child(owner.ID), owner))
	})
	if errors.Is(err, errTaken) {
		return nil, d.Refresh(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("making the first service principal: %w", err)
	}
	return &credential, nil
}

func (d *Directory) newPrincipal(name string) ServicePrincipal {
	return ServicePrincipal{AppID: NewID(), ObjectID: NewID(), Name: name, Created: d.clock.Now().UTC().Round(0)}
}

// CreatePrincipal makes a service principal, without any role, and returns the
// credential that it signs in with. by says who makes it.
func (d *Directory) CreatePrincipal(ctx context.Context, by audit.Entry, name string) (ServicePrincipal, Credential, error) {
	if name == "" || utf8.RuneCountInString(name) > MaxPrincipalName || !utf8.ValidString(name) {
		return ServicePrincipal{}, Credential{}, fmt.Errorf("the name of a service principal has 1 to %d characters: %w",
			MaxPrincipalName, ErrInvalid)
	}
	p := d.newPrincipal(name)
	var secret string
	secret, p.SecretHash = newSecret()
	err := d.update(ctx, by, ServicePrincipals.Write(), principalsKey.Child(p.AppID), func(tx store.Tx) error {
		return put(tx, principalsKey.Child(p.AppID), p)
	})
	if err != nil {
		return ServicePrincipal{}, Credential{}, fmt.Errorf("making a service principal: %w", err)
	}
	return p, Credential{Tenant: d.Tenant(), ClientID: p.AppID, Secret: secret}, nil
}

// RenewSecret gives a service principal another secret; the old one is refused
// from then on.
func (d *Directory) RenewSecret(ctx context.Context, by audit.Entry, appID string) (Credential, error) {
	key := principalsKey.Child(strings.ToLower(appID))
	secret, hash := newSecret()
	err := d.update(ctx, by, ServicePrincipals.Write(), key, func(tx store.Tx) error {
		p, err := getPrincipal(tx, key)
		if err != nil {
			return err
		}
		p.SecretHash = hash
		return put(tx, key, p)
	})
	if err != nil {
		return Credential{}, fmt.Errorf("renewing the secret of a service principal: %w", err)
	}
	return Credential{Tenant: d.Tenant(), ClientID: appID, Secret: secret}, nil
}

func getPrincipal(tx store.Tx, key store.Key) (p ServicePrincipal, err error) {
	record, err := tx.Get(key)
	if errors.Is(err, store.ErrNotFound) {
		return p, fmt.Errorf("%s: %w", key.Name(), ErrNoPrincipal)
	}
	if err != nil {
		return p, err
	}
	err = json.Unmarshal(record.Value, &p)
	return p, err
}

// RevokePrincipal removes a service principal, its role assignments and its
// tokens. Tokens that it has are refused from then on.
func (d *Directory) RevokePrincipal(ctx context.Context, by audit.Entry, appID string) error {
	key := principalsKey.Child(strings.ToLower(appID))
	err := d.update(ctx, by, ServicePrincipals.Delete(), key, func(tx store.Tx) error {
		p, err := getPrincipal(tx, key)
		if err != nil {
			return err
		}
		var gone []store.Key
		for record, err := range tx.Tree(directoryKey) {
			if err != nil {
				return err
			}
			if owner(record) == p.ObjectID {
				gone = append(gone, record.Key)
			}
		}
		for _, k := range gone {
			if err := tx.Delete(k); err != nil {
				return err
			}
		}
		return keepOwner(tx)
	})
	if err != nil {
		return fmt.Errorf("revoking a service principal: %w", err)
	}
	return nil
}

// owner is the object id of the service principal that a record belongs to.
func owner(r store.Record) string {
	var ids struct {
		ObjectID    string `json:"objectId"`
		PrincipalID string `json:"principalId"`
	}
	if r.Key == tenantKey || json.Unmarshal(r.Value, &ids) != nil {
		return ""
	}
	return ids.ObjectID + ids.PrincipalID
}

// Assign gives a role, by its name or GUID, to a principal at a scope. The id is
// the assignment's own; "" makes one. Giving the same again is no error.
func (d *Directory) Assign(ctx context.Context, by audit.Entry, id, principalID, role, scope string) (Assignment, error) {
	r, ok := FindRole(role)
	if !ok {
		return Assignment{}, fmt.Errorf("there is no role %q: %w", role, ErrInvalid)
	}
	s, err := ParseScope(scope)
	if err != nil {
		return Assignment{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if principalID == "" || len(principalID) > MaxPrincipalID || !utf8.ValidString(principalID) {
		return Assignment{}, fmt.Errorf("the id of a principal has 1 to %d bytes: %w", MaxPrincipalID, ErrInvalid)
	}
	if id == "" {
		id = NewID()
	}
	if !IsID(id) {
		return Assignment{}, fmt.Errorf("the id of a role assignment is a GUID: %w", ErrInvalid)
	}
	a := Assignment{ID: strings.ToLower(id), PrincipalID: principalID, RoleID: r.ID, Scope: s.String(), Created: d.clock.Now().UTC().Round(0)}
	key := assignmentsKey.Child(a.ID)
	err = d.update(ctx, by, RoleAssignments.Write(), key, func(tx store.Tx) error { return put(tx, key, a) })
	if err != nil {
		return Assignment{}, fmt.Errorf("assigning the role %s: %w", r.Name, err)
	}
	return a, nil
}

// Unassign takes a role assignment back.
func (d *Directory) Unassign(ctx context.Context, by audit.Entry, id string) error {
	key := assignmentsKey.Child(strings.ToLower(id))
	err := d.update(ctx, by, RoleAssignments.Delete(), key, func(tx store.Tx) error {
		err := tx.Delete(key)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("%s: %w", id, ErrNoAssignment)
		}
		return errors.Join(err, keepOwner(tx))
	})
	if err != nil {
		return fmt.Errorf("removing a role assignment: %w", err)
	}
	return nil
}

// keepOwner refuses a transaction that leaves no Owner of everything.
func keepOwner(tx store.Tx) error {
	for record, err := range tx.Tree(assignmentsKey) {
		if err != nil {
			return err
		}
		var a Assignment
		if err := json.Unmarshal(record.Value, &a); err != nil {
			return err
		}
		if a.RoleID == ownerID && a.Scope == "/" {
			return nil
		}
	}
	return ErrLastOwner
}

// update writes the directory, with an entry in the audit log that has what
// became of the record with the key, and reads it anew.
func (d *Directory) update(ctx context.Context, by audit.Entry, permission Permission, key store.Key, f func(store.Tx) error) error {
	by.Time, by.Action, by.Resource, by.Outcome = d.clock.Now(), permission.String(), "/"+string(key), audit.Succeeded
	_, err := d.store.Update(ctx, func(tx store.Tx) error {
		before, err := masked(tx, key)
		if err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		after, err := masked(tx, key)
		if err != nil {
			return err
		}
		entry := by
		entry.Before, entry.After = before, after
		return audit.Append(tx, entry)
	})
	if err != nil {
		return err
	}
	return d.Refresh(ctx)
}

// masked is a record as the audit log may have it; nil where there is none.
func masked(tx store.Tx, key store.Key) (json.RawMessage, error) {
	r, err := tx.Get(key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return audit.Mask(r.Value, []string{"secretHash"}), nil
}

func put(tx store.Tx, key store.Key, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return tx.Put(key, "/"+string(key), data)
}

// IsID reports whether s has the form of a GUID.
func IsID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}
