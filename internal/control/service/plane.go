// Package service is what stands between the management API and the store: each
// request is one transaction, in which the change is made, checked against
// everything else that is configured, and written to the audit log; or nothing
// happens.
package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// Checker looks at what a session changed before it is committed: whether
// gateways could run what results. It returns a problem that says what is wrong.
type Checker interface {
	Check(s *resource.Session) error
	// Committed says that what was checked last is durable.
	Committed(revision store.Revision)
}

// Plane is the management plane: all reads and writes go through it.
type Plane struct {
	env     *resource.Environment
	store   store.Store
	checker Checker
}

// New makes a plane over a store.
func New(env *resource.Environment, st store.Store, checker Checker) *Plane {
	env.Watch = st.Watch
	env.Hashing = resource.NewQueue("passwords", hashing, hashingWaits)
	env.Polling = resource.NewQueue("changes", polling, 0)
	return &Plane{env: env, store: st, checker: checker}
}

// Bounds of what is done outside of transactions.
const (
	// hashing is how many passwords are hashed at once, each of which takes a core
	// and 19 MiB; hashingWaits is how many callers wait for one of them to end.
	hashing, hashingWaits = 2, 256
	// polling is how many callers wait for changes at once.
	polling = 64
)

// Environment is what the plane's sessions share.
func (p *Plane) Environment() *resource.Environment { return p.env }

// Read calls f with a session over the latest state, and again with what it wants
// done outside of a transaction.
func (p *Plane) Read(ctx context.Context, call *resource.Call, f func(*resource.Session) error) error {
	for range maxFetches {
		err := p.store.View(ctx, func(r store.Reader) error {
			return f(resource.NewReader(ctx, p.env, call, r))
		})
		outside, ok := errors.AsType[*resource.Outside](err)
		if !ok {
			return outward(err)
		}
		call.Do(ctx, outside)
	}
	return problem.Validation("The request wants more than %d things done outside of a transaction.", maxFetches)
}

// ReadAt is Read at a revision.
func (p *Plane) ReadAt(ctx context.Context, call *resource.Call, at store.Revision, f func(*resource.Session) error) error {
	err := p.store.ViewAt(ctx, at, func(r store.Reader) error {
		return f(resource.NewReader(ctx, p.env, call, r))
	})
	return outward(err)
}

// Write calls f with a session that may write, checks and audits what it did,
// and commits. f may run again, so it must have no effect but through the
// session. Write returns when the change is durable.
func (p *Plane) Write(ctx context.Context, call *resource.Call, f func(*resource.Session) error) (store.Revision, error) {
	return p.write(ctx, call, f, false)
}

// Try is Write without the commit: it says what would be refused. The edits are
// those that f would have made.
func (p *Plane) Try(ctx context.Context, call *resource.Call, f func(*resource.Session) error) error {
	_, err := p.write(ctx, call, f, true)
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// errTried ends the transaction of Try.
var errTried = errors.New("tried")

// maxFetches bounds how many documents one change may link to.
const maxFetches = 20

// write runs a change, and runs it again with each document that it turns out
// to link to, with the secrets of vaults that it refers to, and with what it
// wants done elsewhere: no transaction waits for another host.
func (p *Plane) write(ctx context.Context, call *resource.Call, f func(*resource.Session) error, try bool) (store.Revision, error) {
	for range maxFetches {
		revision, err := p.attempt(ctx, call, f, try)
		if unread, ok := errors.AsType[*unreadError](err); ok {
			call.ReadSecrets(ctx, p.env.Vault, unread.refs)
			continue
		}
		if outside, ok := errors.AsType[*resource.Outside](err); ok {
			call.Do(ctx, outside)
			continue
		}
		missing, ok := errors.AsType[*resource.Unfetched](err)
		if !ok {
			return revision, err
		}
		call.Fetch(ctx, p.env.Fetcher, missing.Link)
	}
	return 0, problem.Validation("The request links to more than %d documents.", maxFetches)
}

// unreadError ends a transaction that needs secrets from vaults.
type unreadError struct{ refs []vault.Reference }

func (u *unreadError) Error() string {
	return fmt.Sprintf("%d secrets are not read yet", len(u.refs))
}

func (p *Plane) attempt(ctx context.Context, call *resource.Call, f func(*resource.Session) error, try bool) (store.Revision, error) {
	checked := false
	revision, err := p.store.Update(ctx, func(tx store.Tx) error {
		checked = false // The function may run again.
		s := resource.NewWriter(ctx, p.env, call, tx)
		err := f(s)
		if unread := s.Unread(); len(unread) > 0 {
			return &unreadError{unread} // What f made without them is not what was asked for.
		}
		if err != nil || len(s.Edits()) == 0 {
			return err
		}
		if p.checker != nil {
			if err := p.checker.Check(s); err != nil {
				return err
			}
			checked = true
		}
		if try {
			return errTried
		}
		return record(tx, s)
	})
	// What somebody else has checked, and not committed, is not to be taken for
	// what this change has committed.
	if err == nil && checked {
		p.checker.Committed(revision)
	}
	return revision, outward(err)
}

// record writes the audit entries of what a session did.
func record(tx store.Tx, s *resource.Session) error {
	chain, err := audit.Begin(tx)
	if err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	for _, edit := range s.Edits() {
		entry, err := entryOf(s, edit)
		if err != nil {
			return err
		}
		if err := chain.Append(entry); err != nil {
			return fmt.Errorf("writing the audit log: %w", err)
		}
	}
	return nil
}

func entryOf(s *resource.Session, edit resource.Edit) (audit.Entry, error) {
	before, after, err := edit.Masked()
	if err != nil {
		return audit.Entry{}, err
	}
	verb := resource.Put
	if edit.After == nil {
		verb = resource.Delete
	}
	return audit.Entry{
		Time: s.Now(), Actor: s.Call.Principal, ActorName: s.Call.Name, Source: s.Call.Source,
		Action: edit.Node.Permission(verb, edit.ID).String(), Resource: string(edit.ID),
		Correlation: s.Call.Correlation, Before: before, After: after, Outcome: audit.Succeeded,
	}, nil
}

// outward turns the store's errors into what callers of the API are told.
func outward(err error) error {
	var known *problem.Error
	switch {
	case err == nil || errors.As(err, &known) || errors.Is(err, errTried):
		return err
	case errors.Is(err, store.ErrConflict):
		return problem.New(statusConflict, problem.CodeConflict,
			"Other changes were made at the same time, too often; try again.").WithCause(err)
	case errors.Is(err, store.ErrUncertain):
		return problem.New(statusUnavailable, problem.CodeUnavailable,
			"The connection to the database was lost while the change was committed. It may have been made: "+
				"look before you try again.").WithCause(err)
	case errors.Is(err, store.ErrUnavailable):
		return problem.New(statusUnavailable, problem.CodeUnavailable,
			"The service does not reach its database at the moment. Nothing was changed; try again.").WithCause(err)
	case errors.Is(err, store.ErrInvalid):
		return problem.Validation("The request is outside of what the store can keep: %v.", err).WithCause(err)
	case errors.Is(err, store.ErrFutureRevision), errors.Is(err, store.ErrCompacted):
		return problem.Validation("The revision cannot be read: %v.", err).WithTarget("revision").WithCause(err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, store.ErrClosed):
		return problem.New(statusUnavailable, problem.CodeUnavailable, "The request could not be finished in time.").WithCause(err)
	default:
		return err
	}
}

// Statuses of HTTP, which this package knows by number only.
const (
	statusConflict    = 409
	statusUnavailable = 503
)
