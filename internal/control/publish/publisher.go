// Package publish turns what the store holds into what gateways run: a change
// is compiled before it is committed, and refused where it does not compile; what
// was committed is handed to the gateway of the process as a snapshot, and
// followed from the other nodes of an installation.
package publish

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// Options are what a Publisher needs.
type Options struct {
	Store       store.Store
	Environment *resource.Environment
	// Settings are what snapshots are compiled with: those of the gateway, where
	// the process has one.
	Settings *snapshot.Settings
	// Serves tells for which service Use is called; Use gets each snapshot of it
	// that was committed, the newest last. Both may be nil.
	Serves func(service resource.ID) bool
	Use    func(*snapshot.Snapshot)
	Log    *slog.Logger
	Clock  clock.Clock
}

// Publisher keeps a compiled snapshot of each service of the installation. It
// is safe for concurrent use.
type Publisher struct {
	o  Options
	mu sync.Mutex
	// revision is the one that services are at; those of services that were not
	// changed since may say an older one.
	revision store.Revision
	services map[store.Key]*published
	// pending is what the transaction that was checked last would make.
	pending *candidate
}

// published is one service as it is committed.
type published struct {
	id ID
	// current is nil where what is stored does not compile, as after an upgrade
	// to a release that refuses more.
	current *snapshot.Snapshot
}

// ID is the full id of a service.
type ID = resource.ID

// candidate is what a transaction would make of services.
type candidate struct {
	revision store.Revision
	services map[store.Key]*published
}

// New makes a publisher. Start fills it.
func New(o Options) *Publisher {
	return &Publisher{o: o, services: map[store.Key]*published{}}
}

// Start compiles everything that is stored, and hands over what is served. A
// service that does not compile is logged, and can be mended through the API.
func (p *Publisher) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.o.Store.View(ctx, func(r store.Reader) error {
		s := resource.NewReader(ctx, p.o.Environment, &resource.Call{}, r)
		return p.load(s)
	})
}

// load compiles everything at the session's revision.
func (p *Publisher) load(s *resource.Session) error {
	ids, err := services(s)
	if err != nil {
		return err
	}
	p.services = map[store.Key]*published{}
	for _, id := range ids {
		doc, err := Document(s, id)
		if err != nil {
			return err
		}
		snap, problems := compile(doc, p.o.Settings)
		p.report(id, problems)
		p.services[id.Key()] = &published{id: id, current: snap}
		p.handOver(id, snap)
	}
	p.revision = s.Reader().Revision()
	return nil
}

// handOver gives a snapshot to the gateway of the process.
func (p *Publisher) handOver(id ID, snap *snapshot.Snapshot) {
	if snap == nil || p.o.Use == nil || p.o.Serves == nil || !p.o.Serves(id) {
		return
	}
	p.o.Use(snap)
}

func (p *Publisher) report(id ID, problems problem.Problems) {
	for _, one := range problems {
		if one.Severity == problem.SeverityError {
			p.o.Log.Error("the stored configuration does not compile", slog.String("service", string(id)), slog.String("problem", one.String()))
		}
	}
}

// Current returns the snapshot of a service as it is committed, or nil.
func (p *Publisher) Current(service ID) *snapshot.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.services[service.Key()]; at != nil {
		return at.current
	}
	return nil
}

// Follow takes in the changes that other nodes commit, until ctx ends. What was
// committed through this process was handed over when it was.
func (p *Publisher) Follow(ctx context.Context) error {
	p.mu.Lock()
	from := p.revision
	p.mu.Unlock()
	for change, err := range p.o.Store.Watch(ctx, from) {
		if err != nil {
			return fmt.Errorf("following the store: %w", err)
		}
		if err := p.reach(ctx, change.Revision); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// reach takes in everything up to a revision, where it is not there yet.
func (p *Publisher) reach(ctx context.Context, revision store.Revision) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.revision >= revision {
		return nil
	}
	return p.o.Store.View(ctx, func(r store.Reader) error {
		return p.catchUp(resource.NewReader(ctx, p.o.Environment, &resource.Call{}, r))
	})
}
