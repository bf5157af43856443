package resource

import (
	"context"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Outside ends a transaction that needs something done for which no transaction
// may wait, as writing to a storage elsewhere. Whoever runs the transaction has
// it done, with Call.Do, and runs it again.
type Outside struct {
	what string
	do   func(ctx context.Context) (any, error)
}

// Error says what is to be done.
func (o *Outside) Error() string { return o.what + " is to be done outside of a transaction" }

// done is what came of something that was done outside.
type done struct {
	result any
	err    error
}

// Do does what a transaction of the call needs, and keeps what came of it for
// the next one.
func (c *Call) Do(ctx context.Context, o *Outside) {
	if c.done == nil {
		c.done = map[string]done{}
	}
	result, err := o.do(ctx)
	c.done[o.what] = done{result, err}
}

// Outside returns what came of something that is done outside of the
// transaction. The first time it fails, with an Outside, which actions return as
// it is before they write anything.
func (s *Session) Outside(what string, do func(ctx context.Context) (any, error)) (any, error) {
	if was, ok := s.Call.done[what]; ok {
		return was.result, was.err
	}
	return nil, &Outside{what: what, do: do}
}

// Backups are the backups of services, in the place that the installation backs
// up to.
type Backups interface {
	// Put writes a backup under the names that a caller gave it, and notes which
	// service it was asked for.
	Put(ctx context.Context, names []string, service ID) error
	// Get reads what a backup holds of the service that it was made of; nil where
	// there is no such backup.
	Get(ctx context.Context, names []string) (*BackedUp, error)
}

// BackupStatus is how the continuous backup of an installation goes, as far as this
// node knows.
type BackupStatus struct {
	// Kept says that there is one.
	Kept bool
	// Taken is when the last one was taken, Proved when one was last read back and
	// compared, and Failed when one of these last failed after that; zero for never.
	Taken, Proved, Failed time.Time
	// Overdue says that none has been proved for too long.
	Overdue bool
}

// BackedUp is a service as a backup holds it.
type BackedUp struct {
	Service ID
	// Records are the service and everything below it.
	Records []store.Record
	// Sealer opens their secrets.
	Sealer Sealer
}

// Entities are the records as entities, with all secrets in clear.
func (b *BackedUp) Entities(s *Session) ([]*Entity, error) {
	env := *s.Environment
	env.Sealer = b.Sealer
	then := &Session{Environment: &env, Call: s.Call, ctx: s.ctx}
	all := make([]*Entity, 0, len(b.Records))
	for _, record := range b.Records {
		e, err := decode(record)
		if err != nil {
			return nil, err
		}
		place, err := then.at(e.ID)
		if err != nil {
			return nil, err
		}
		if err := then.Open(place.Node, e, true); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}
