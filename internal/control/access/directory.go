package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

// The records of a Directory: a collection each, and one record.
const (
	directoryKey   store.Key = "sallyport/directory"
	tenantKey      store.Key = directoryKey + "/tenant"
	principalsKey  store.Key = directoryKey + "/principals"
	assignmentsKey store.Key = directoryKey + "/assignments"
	tokensKey      store.Key = directoryKey + "/tokens"
)

// followPause is the time after which Follow begins anew where the store's
// watch ended.
const followPause = time.Second

// Assignment gives a role to a principal at a scope.
type Assignment struct {
	// ID is the assignment's own GUID.
	ID string `json:"id"`
	// PrincipalID is the id of a principal or of a group.
	PrincipalID string `json:"principalId"`
	// RoleID is the GUID of the role.
	RoleID string `json:"roleId"`
	// Scope is a resource id, or "/".
	Scope string `json:"scope"`
	// Created is when it was made.
	Created time.Time `json:"created"`
}

// Directory holds the principals, the assignments and the tokens of an
// installation in memory, as they are in the store. All methods may be called
// concurrently. Those that ask read memory only; those that change write the
// store and are in effect when they return.
type Directory struct {
	store store.Store
	clock clock.Clock

	state   atomic.Pointer[directoryState]
	loading sync.Mutex
}

// directoryState is one state of the directory. It is never written.
type directoryState struct {
	revision    store.Revision
	tenant      string
	byAppID     map[string]ServicePrincipal
	byObjectID  map[string]ServicePrincipal
	assignments map[string][]Grant // By the principal's id, folded.
	listed      []Assignment
	tokens      map[string]Token // By id.
}

// OpenDirectory reads the directory of a store.
func OpenDirectory(ctx context.Context, s store.Store, c clock.Clock) (*Directory, error) {
	d := &Directory{store: s, clock: c}
	if err := d.Refresh(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Refresh reads the directory anew. Where that fails the last state stays.
func (d *Directory) Refresh(ctx context.Context) error {
	d.loading.Lock()
	defer d.loading.Unlock()
	state := &directoryState{
		byAppID: map[string]ServicePrincipal{}, byObjectID: map[string]ServicePrincipal{},
		assignments: map[string][]Grant{}, tokens: map[string]Token{},
	}
	err := d.store.View(ctx, func(r store.Reader) error {
		state.revision = r.Revision()
		for record, err := range r.Tree(directoryKey) {
			if err != nil {
				return err
			}
			if err := state.add(record); err != nil {
				return fmt.Errorf("record %s: %w", record.Key, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading principals and roles: %w", err)
	}
	d.state.Store(state)
	return nil
}

// add takes a record into the state.
func (s *directoryState) add(r store.Record) error {
	switch r.Key.Collection() {
	case principalsKey:
		var p ServicePrincipal
		if err := json.Unmarshal(r.Value, &p); err != nil {
			return err
		}
		s.byAppID[strings.ToLower(p.AppID)] = p
		s.byObjectID[strings.ToLower(p.ObjectID)] = p
	case assignmentsKey:
		var a Assignment
		if err := json.Unmarshal(r.Value, &a); err != nil {
			return err
		}
		grant, err := a.grant()
		if err != nil {
			return err
		}
		id := strings.ToLower(a.PrincipalID)
		s.assignments[id] = append(s.assignments[id], grant)
		s.listed = append(s.listed, a)
	case tokensKey:
		var t Token
		if err := json.Unmarshal(r.Value, &t); err != nil {
			return err
		}
		s.tokens[t.ID] = t
	case directoryKey:
		return json.Unmarshal(r.Value, &s.tenant)
	}
	return nil
}

// grant is what the assignment gives.
func (a Assignment) grant() (Grant, error) {
	role, ok := FindRole(a.RoleID)
	if !ok {
		return Grant{}, fmt.Errorf("there is no role %q", a.RoleID)
	}
	scope, err := ParseScope(a.Scope)
	return Grant{Role: role, Scope: scope}, err
}

// Follow takes over what other nodes change, until ctx ends.
func (d *Directory) Follow(ctx context.Context) error {
	for {
		err := d.follow(ctx)
		if errors.Is(err, store.ErrClosed) {
			return err
		}
		if err := clock.Sleep(ctx, d.clock, followPause); err != nil {
			return err
		}
		// What was missed while nobody watched is read as a whole.
		_ = d.Refresh(ctx)
	}
}

func (d *Directory) follow(ctx context.Context) error {
	for change, err := range d.store.Watch(ctx, d.state.Load().revision) {
		if err != nil {
			return err
		}
		ours := slices.ContainsFunc(change.Versions, func(v store.Version) bool { return v.Key.Within(directoryKey) })
		if !ours {
			continue
		}
		if err := d.Refresh(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Tenant is the id of the directory, a GUID; "" before Bootstrap.
func (d *Directory) Tenant() string { return d.state.Load().tenant }

// Principals returns the service principals, by name.
func (d *Directory) Principals() []ServicePrincipal {
	return slices.SortedFunc(maps.Values(d.state.Load().byAppID), func(a, b ServicePrincipal) int {
		return strings.Compare(a.Name+"\x00"+a.AppID, b.Name+"\x00"+b.AppID)
	})
}

// Find returns the service principal with a client id, an object id or a name,
// in any case of letters. A name that two have finds neither.
func (d *Directory) Find(nameOrID string) (ServicePrincipal, bool) {
	state := d.state.Load()
	id := strings.ToLower(nameOrID)
	if p, ok := state.byAppID[id]; ok {
		return p, true
	}
	if p, ok := state.byObjectID[id]; ok {
		return p, true
	}
	var found []ServicePrincipal
	for _, p := range state.byAppID {
		if strings.EqualFold(p.Name, nameOrID) {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return ServicePrincipal{}, false
	}
	return found[0], true
}

// Assignments returns every assignment, in the order of their ids.
func (d *Directory) Assignments() []Assignment {
	return slices.Clone(d.state.Load().listed)
}

// Allow reports whether a principal may do something with a resource, named by
// its full id.
func (d *Directory) Allow(p Principal, permission Permission, resourceID string) bool {
	for grant := range d.grants(p) {
		if grant.allows(permission, resourceID) {
			return true
		}
	}
	return false
}

// Holds reports whether a principal has just this role, by its id, at a
// resource; a role that gives more is another one.
func (d *Directory) Holds(p Principal, roleID, resourceID string) bool {
	for grant := range d.grants(p) {
		if grant.Role != nil && grant.Role.ID == roleID && grant.Scope.contains(resourceID) {
			return true
		}
	}
	return false
}

// Reaches reports whether a principal has any role at a scope, above it or
// below it: whether it may know that the scope is there, as Azure shows a
// subscription to everyone who has a role somewhere in it.
func (d *Directory) Reaches(p Principal, scopeID string) bool {
	scope, err := ParseScope(scopeID)
	if err != nil {
		return false
	}
	for grant := range d.grants(p) {
		if grant.Scope.contains(scopeID) || scope.contains(grant.Scope.String()) {
			return true
		}
	}
	return false
}

// grants yields everything that a principal was given.
func (d *Directory) grants(p Principal) func(yield func(Grant) bool) {
	assignments := d.state.Load().assignments
	return func(yield func(Grant) bool) {
		for _, g := range p.Grants {
			if !yield(g) {
				return
			}
		}
		for i := -1; i < len(p.Groups); i++ {
			id := p.ID
			if i >= 0 {
				id = p.Groups[i]
			}
			for _, g := range assignments[strings.ToLower(id)] {
				if !yield(g) {
					return
				}
			}
		}
	}
}

// CheckSecret returns the service principal that a client id and a secret
// belong to. It takes the same time for an id that nobody has.
func (d *Directory) CheckSecret(clientID, secret string) (ServicePrincipal, bool) {
	p, known := d.state.Load().byAppID[strings.ToLower(clientID)]
	if !p.hasSecret(secret) || !known {
		return ServicePrincipal{}, false
	}
	return p, true
}
