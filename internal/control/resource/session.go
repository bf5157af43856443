package resource

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/traces"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/problem"
)

// Sealer encrypts what is kept. The context is authenticated: what was sealed
// for one field of one resource opens nowhere else.
type Sealer interface {
	Seal(plaintext []byte, context string) (sealed string, err error)
	Open(sealed string, context string) ([]byte, error)
}

// Fetcher gets the documents that bodies link to, under limits.
type Fetcher interface {
	Fetch(ctx context.Context, url string) ([]byte, error)
}

// Environment is what all sessions share. It does not change.
type Environment struct {
	Registry  *Registry
	Contracts *contract.Set
	Sealer    Sealer
	Fetcher   Fetcher
	// Vault reads the secrets that are kept elsewhere; nil reads none.
	Vault    vault.Source
	Exporter Exporter
	Clock    clock.Clock
	// Indexes are what large collections are searched with; nil reads them whole.
	Indexes *Indexes
	// Counters shows and sets the counters of gateways; nil where the management
	// plane cannot reach them.
	Counters counter.Inspector
	// Usage has what gateways counted of calls; nil has nothing.
	Usage *usage.Book
	// Ledger keeps what changes all the time and has no history; nil keeps nothing.
	Ledger store.Ledger
	// Backups are where services are backed up to.
	Backups Backups
	// BackupStatus is how the continuous backup goes; nil where there is none.
	BackupStatus func() BackupStatus
	// Instances are the processes that run a gateway, as they are answered; nil
	// knows of none.
	Instances func(s *Session, gateway ID) ([]map[string]any, error)
	// Watch returns what is committed after a revision, as the store's Watch does.
	Watch func(ctx context.Context, after store.Revision) iter.Seq2[store.Change, error]
	// Hashing is the queue of those who wait for a password to be hashed, and
	// Polling that of those who wait for changes. Nil queues have no bound.
	Hashing, Polling *Queue
	// Location is where the installation runs: what a service's location is where
	// none is given.
	Location string
	// GatewayURL is the address at which the gateway of this installation
	// answers, for a service by its name.
	GatewayURL func(service string) string
	// Traces has what gateways recorded of calls with debug tokens; nil has nothing.
	Traces *traces.Book
	// PortalURL is the address of a service's developer portal; "" where there is
	// none in this installation. It may be nil.
	PortalURL func(service string) string
}

// Call is who asks for what: one request of the management API.
type Call struct {
	// Principal is the id of who calls, Name what it is called.
	Principal, Name string
	// ActingFor is the name of the user for whom a portal calls; "" for nobody.
	ActingFor string
	// Source is the address of the client, Correlation the id of the request.
	Source, Correlation string
	// Version is the api-version: "2024-05-01".
	Version string
	// Query holds the parameters of the URL, by names in lower case.
	Query map[string]string
	// Base is the external URL of the management API, without a slash at its end.
	Base string
	// Asked is the id that the request names, which may be another name of the
	// resource that is answered.
	Asked ID
	// Listing says that the call asks for a list of a collection.
	Listing bool
	// May reports whether the caller has a permission elsewhere than where the
	// call is. nil is the installation itself, which may do everything.
	May func(ctx context.Context, permission access.Permission, id ID) (bool, error)

	// fetched are the documents that were fetched for the call, by their URLs, and
	// secrets what was read from vaults.
	fetched map[string]fetched
	secrets map[vault.Reference]secretRead
	// done is what was done outside of its transactions.
	done map[string]done
}

// Bool reports whether a query parameter is "true".
func (c *Call) Bool(parameter string) bool {
	return c.Query[parameter] == "true" || c.Query[parameter] == "True"
}

// Session reads and writes entities in one transaction of the store.
type Session struct {
	*Environment
	Call   *Call
	ctx    context.Context
	reader store.Reader
	tx     store.Tx // Nil where the session only reads.
	edits  []Edit
	edited map[store.Key]int // Where in edits a resource is.
	// declaring is true while Declare prepares a resource.
	declaring bool
	// unread are the secrets that hooks have asked for and the call has not read.
	unread []vault.Reference
}

// Edit is one change that a session made, for the audit log and for publishing.
type Edit struct {
	ID ID
	// Before and After are the entity before and after; nil where there was none.
	Before, After *Entity
	Node          *Node
}

// NewReader begins a session that reads.
func NewReader(ctx context.Context, env *Environment, call *Call, r store.Reader) *Session {
	return &Session{Environment: env, Call: call, ctx: ctx, reader: r}
}

// NewWriter begins a session that may write.
func NewWriter(ctx context.Context, env *Environment, call *Call, tx store.Tx) *Session {
	return &Session{Environment: env, Call: call, ctx: ctx, reader: tx, tx: tx}
}

// Context is the request's.
func (s *Session) Context() context.Context { return s.ctx }

// Now is the time of day in UTC.
func (s *Session) Now() time.Time { return s.Clock.Now().UTC() }

// Stamp is the time of day as bodies have it.
func (s *Session) Stamp() string { return s.Now().Format("2006-01-02T15:04:05.9999999Z") }

// Edits are the changes so far, in their order.
func (s *Session) Edits() []Edit { return s.edits }

// Reader is the transaction below the session.
func (s *Session) Reader() store.Reader { return s.reader }

// Get returns the entity that is kept under the id, or a problem with the code
// ResourceNotFound.
func (s *Session) Get(id ID) (*Entity, error) {
	record, err := s.reader.Get(id.Key())
	if errors.Is(err, store.ErrNotFound) {
		return nil, s.absent(id)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", id, err)
	}
	return decode(record)
}

// Lookup is Get, with nil where there is no such entity.
func (s *Session) Lookup(id ID) (*Entity, error) {
	e, err := s.Get(id)
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.CodeNotFound {
		return nil, nil
	}
	return e, err
}

// Has reports whether the id names a resource that is kept.
func (s *Session) Has(id ID) (bool, error) {
	_, err := s.reader.Get(id.Key())
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (s *Session) absent(id ID) error {
	title := "Resource"
	if place, ok, err := s.Registry.Walk(string(id)); ok && err == nil {
		title = place.Node.Title
	}
	return problem.NotFound(title, string(id))
}

// Collection returns the entities of a collection, in the order of their names.
func (s *Session) Collection(collection ID) iter.Seq2[*Entity, error] {
	return s.scan(collection, func([]byte) bool { return true })
}

// Mentioning is Collection for who looks for the entities that refer to another:
// those whose records do not hold its name, in whatever case, are passed over
// without being decoded, which is most of the work. What mentions it need not
// refer to it.
func (s *Session) Mentioning(collection, other ID) iter.Seq2[*Entity, error] {
	name := strings.ToLower(other.Name())
	if strings.ContainsFunc(name, notPlain) {
		return s.Collection(collection) // JSON may spell it in other ways.
	}
	wanted, folded := []byte(name), []byte(nil)
	return s.scan(collection, func(value []byte) bool {
		folded = folded[:0]
		for _, c := range value {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			folded = append(folded, c)
		}
		return bytes.Contains(folded, wanted)
	})
}

// notPlain says of a character that JSON may spell it in several ways.
func notPlain(c rune) bool {
	return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' && c != '@'
}

// scan returns the entities of a collection whose records are wanted.
func (s *Session) scan(collection ID, wanted func(value []byte) bool) iter.Seq2[*Entity, error] {
	return func(yield func(*Entity, error) bool) {
		page := store.Page{Limit: pageOfScan}
		for {
			records, err := s.reader.List(collection.Key(), page)
			if err != nil {
				yield(nil, fmt.Errorf("listing %s: %w", collection, err))
				return
			}
			for _, record := range records {
				if !wanted(record.Value) {
					continue
				}
				e, err := decode(record)
				if !yield(e, err) || err != nil {
					return
				}
			}
			if len(records) < pageOfScan {
				return
			}
			page.After = records[len(records)-1].Key.Name()
		}
	}
}

// pageOfScan is how many records a scan reads at once.
const pageOfScan = 500

// Tree returns the entity, if it is there, and all that is kept below it.
func (s *Session) Tree(id ID) iter.Seq2[*Entity, error] {
	return func(yield func(*Entity, error) bool) {
		for record, err := range s.reader.Tree(id.Key()) {
			if err != nil {
				yield(nil, fmt.Errorf("reading what is below %s: %w", id, err))
				return
			}
			e, err := decode(record)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Resolve reads a reference in a body of a resource: a full id, or one relative
// to the workspace or service of the owner, as "/products/x". It fails, with a
// problem whose target is the field, where no kind has such an id.
func (s *Session) Resolve(owner ID, field, reference string) (ID, error) {
	full := reference
	switch service := ID(reference).Service(); {
	case service == "":
		full = string(scopeOf(owner, trimSlashes(reference))) + "/" + trimSlashes(reference)
	case strings.EqualFold(service.Name(), owner.Service().Name()):
		// The names of services are unique: whatever subscription and group stand
		// before this one's, it is the one.
		full = string(owner.Service() + ID(reference)[len(service):])
	}
	place, ok, err := s.Registry.Walk(full)
	if err != nil || !ok || place.Collection || place.Rest != "" {
		return "", Invalid(field, "%q is not the id of a resource; give one such as /products/NAME, or a full id", reference)
	}
	return place.ID, nil
}

// scopeOf is what a relative reference starts from: one that names a workspace
// itself starts from the service.
func scopeOf(owner ID, relative string) ID {
	const workspaces = "workspaces/"
	if len(relative) > len(workspaces) && strings.EqualFold(relative[:len(workspaces)], workspaces) {
		return owner.Service()
	}
	return owner.Scope()
}

func trimSlashes(s string) string {
	for s != "" && s[0] == '/' {
		s = s[1:]
	}
	return s
}

// Invalid is a problem with one field: status 400, code ValidationError.
func Invalid(field, format string, args ...any) *problem.Error {
	message := fmt.Sprintf(format, args...)
	return problem.Validation("One or more fields contain incorrect values:").
		WithTarget(field).
		WithDetails(problem.Detail{Code: problem.CodeValidation, Target: field, Message: message})
}

// Require resolves a reference and fails where it names nothing that is kept.
func (s *Session) Require(owner ID, field, reference string) (ID, error) {
	id, err := s.Resolve(owner, field, reference)
	if err != nil {
		return "", err
	}
	if found, err := s.Has(id); err != nil {
		return "", err
	} else if !found {
		return "", Invalid(field, "there is no %s", id)
	}
	return id, nil
}

// NewKey returns 128 random bits as 32 hexadecimal digits, the form of
// subscription keys.
func (s *Session) NewKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // It never fails, crypto/rand says.
	return hex.EncodeToString(b[:])
}
