// Package installation opens what the management plane of one installation is
// made of: the store, the keys, the kinds of resources, and what publishes to
// the gateway of the process.
package installation

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/named"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/refresh"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources"
	"github.com/sallyport/sallyport/internal/control/resources/apis"
	"github.com/sallyport/sallyport/internal/control/resources/people"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/secret/keyservice"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/traces"
	"github.com/sallyport/sallyport/internal/control/transfer/link"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// Options say what to open.
type Options struct {
	// Data is the folder of the installation.
	Data string
	// Store is the URL of the store: "sqlite:PATH", "postgres://…" or "memory:".
	// "" is SQLite in Data.
	Store string
	// Key is the URL of the key that encrypts all others; "" is a file in Data,
	// made at the first start.
	Key string
	// OIDC is a file with the OpenID Connect issuers whose tokens the management
	// API accepts beside its own; "" has none.
	OIDC string
	// Names are those of the service that the process serves.
	Names Names
	// GatewayURL is where the gateway of the process answers.
	GatewayURL string
	// AllowPrivateLinks lets imports fetch documents from private addresses.
	AllowPrivateLinks bool
	// Vault says which secrets that are kept elsewhere are read.
	Vault Vault
	// Settings and Use belong to the gateway of the process; Use may be nil.
	Settings *snapshot.Settings
	Use      func(*snapshot.Snapshot)
	// Inspector shows and sets the counters of gateways; nil where they cannot be
	// reached.
	Inspector counter.Inspector
	// GatewayCAs, where it is not nil, are the authorities without a certificate of
	// which no separate gateway is heard.
	GatewayCAs *x509.CertPool
	// Release is the version of the program.
	Release string
	// Backups opens the place to which the management API backs services up, at
	// its first use; nil has none. Counters are in those backups; they may be nil.
	Backups  func(ctx context.Context, to *ship.Options) error
	Counters counter.Keeper
	// KeepUsage is how long what gateways count of calls is kept.
	KeepUsage usage.Retention
	Log       *slog.Logger
	Clock     clock.Clock
}

// Names are the parts of the id of a service.
type Names struct {
	Subscription, ResourceGroup, Service, Location string
}

// ID is the id of the service.
func (n Names) ID() resource.ID {
	return resource.ID("/subscriptions/" + n.Subscription + "/resourceGroups/" + n.ResourceGroup +
		"/providers/Microsoft.ApiManagement/service/" + n.Service)
}

// Installation is an open installation.
type Installation struct {
	backups   *named.Backups
	Store     store.Store
	Keys      *secret.Keyring
	Plane     *service.Plane
	Publisher *publish.Publisher
	Names     Names
	issuers   []access.Verifier
	// gatewayCAs and release are what the feed needs of Options.
	gatewayCAs *x509.CertPool
	release    string
	log        *slog.Logger
	stop       context.CancelFunc
	following  chan struct{}
	// closeVault ends connections to key vaults.
	closeVault func()
}

// System is who acts where the program acts itself.
func System(action string) *resource.Call {
	return &resource.Call{Principal: "system", Name: "sallyport", Correlation: action, Version: "2024-05-01"}
}

// Open opens an installation. It does not follow changes before Follow.
func Open(ctx context.Context, o Options) (*Installation, error) {
	issuers, err := openIssuers(o.OIDC, o.Names, o.Clock)
	if err != nil {
		return nil, err
	}
	st, err := OpenStore(ctx, o.StoreURL(), o.Clock)
	if err != nil {
		return nil, err
	}
	in, err := assemble(ctx, o, st)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	in.issuers = issuers
	return in, nil
}

// StoreURL is the URL of the store.
func (o *Options) StoreURL() string {
	if o.Store != "" {
		return o.Store
	}
	return "sqlite:" + filepath.Join(o.Data, "store")
}

// assemble makes everything that stands on the store.
func assemble(ctx context.Context, o Options, st store.Store) (*Installation, error) {
	keys, err := openKeys(ctx, o, st)
	if err != nil {
		return nil, err
	}
	registry, err := resources.Registry()
	if err != nil {
		return nil, fmt.Errorf("preparing the management API: %w", err)
	}
	contracts, err := contract.Load()
	if err != nil {
		return nil, fmt.Errorf("preparing the management API: %w", err)
	}
	secrets, closeVault, err := o.Vault.open()
	if err != nil {
		return nil, err
	}
	env := &resource.Environment{
		Registry: registry, Contracts: contracts, Sealer: keys, Clock: o.Clock, Exporter: apis.Exporter{},
		Fetcher:    link.New(link.Options{AllowPrivate: o.AllowPrivateLinks}),
		Vault:      secrets,
		Indexes:    resource.NewIndexes(),
		Location:   o.Names.Location,
		Counters:   o.Inspector,
		GatewayURL: func(string) string { return o.GatewayURL },
	}
	if ledger, ok := st.(store.Ledger); ok {
		env.Ledger = ledger
		env.Traces = traces.New(traces.Options{Ledger: ledger, Sealer: keys, Clock: o.Clock, Log: o.Log})
		env.Usage = usage.New(usage.Options{Ledger: ledger, Keep: o.KeepUsage, Clock: o.Clock, Log: o.Log})
	}
	backups := o.backups(st, keys)
	if backups != nil {
		env.Backups = backups
	}
	in := &Installation{
		backups: backups, gatewayCAs: o.GatewayCAs, release: o.Release, Store: st, Keys: keys, Names: o.Names, log: o.Log, closeVault: closeVault,
	}
	in.Publisher = publish.New(publish.Options{
		Store: st, Environment: env, Settings: o.Settings, Use: o.Use, Log: o.Log, Clock: o.Clock,
		Serves: func(id resource.ID) bool { return id.Equal(o.Names.ID()) },
	})
	in.Plane = service.New(env, st, in.Publisher)
	return in, nil
}

// backups are the backups of services.
func (o *Options) backups(st store.Store, keys *secret.Keyring) *named.Backups {
	if o.Backups == nil {
		return nil
	}
	from := backup.Source{Store: st, Keys: keys, Counters: o.Counters, Clock: o.Clock, Release: o.Release}
	return named.New(named.Options{Source: from, Open: o.Backups})
}

// Usage is what gateways counted of calls; nil where the store keeps none.
func (in *Installation) Usage() *usage.Book { return in.Plane.Environment().Usage }

// openKeys opens the key of the installation and what it encrypts.
func openKeys(ctx context.Context, o Options, st store.Store) (*secret.Keyring, error) {
	url, create := o.Key, false
	if url == "" {
		made, err := secret.Initialised(ctx, st)
		if err != nil {
			return nil, fmt.Errorf("looking for the installation's keys: %w", err)
		}
		path, err := filepath.Abs(filepath.Join(o.Data, "key"))
		if err != nil {
			return nil, fmt.Errorf("looking for the installation's keys: %w", err)
		}
		// A store that holds secrets never gets another key by accident.
		url, create = "file://"+filepath.ToSlash(path), !made
	}
	encrypter, err := keyservice.Open(ctx, url, create)
	if err != nil {
		return nil, err
	}
	return secret.OpenKeyring(ctx, st, encrypter, o.Clock)
}

// Follow compiles what is stored, hands it to the gateway, and follows changes
// until Close.
func (in *Installation) Follow(ctx context.Context) error {
	if err := in.Publisher.Start(ctx); err != nil {
		return fmt.Errorf("publishing what is stored: %w", err)
	}
	ctx, in.stop = context.WithCancel(context.WithoutCancel(ctx))
	in.following = make(chan struct{})
	go func() {
		defer close(in.following)
		var tasks sync.WaitGroup
		tasks.Go(func() {
			if err := in.Keys.Follow(ctx); err != nil && ctx.Err() == nil {
				in.log.Error("keys of other nodes are no longer followed", slog.Any("error", err))
			}
		})
		tasks.Go(func() { _ = refresh.New(in.Plane, in.log).Run(ctx) }) // It ends when ctx does, and says nothing else.
		if book := in.Usage(); book != nil {
			tasks.Go(func() { book.Run(ctx) })
		}
		if book := in.Plane.Environment().Traces; book != nil {
			tasks.Go(func() { book.Run(ctx) })
		}
		tasks.Go(func() { in.index(ctx) })
		in.follow(ctx)
		tasks.Wait()
	}()
	return nil
}

// index makes ready what large lists are searched with. Whoever searches before
// waits for it, or makes it.
func (in *Installation) index(ctx context.Context) {
	err := in.Plane.Read(ctx, &resource.Call{}, func(s *resource.Session) error { return people.Index(s, in.Names.ID()) })
	if err != nil && ctx.Err() == nil {
		in.log.Warn("lists of users and subscriptions are not indexed yet", slog.Any("error", err))
	}
}

// followAgain is how long following rests after it failed.
const followAgain = time.Second

// follow takes in the changes of other nodes until ctx ends; what fails is
// tried again.
func (in *Installation) follow(ctx context.Context) {
	failures := publish.NewFailures(in.Plane.Environment().Clock)
	for ctx.Err() == nil {
		err := in.Publisher.Follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if !failures.Told(err) {
			in.log.Error("changes of other nodes are not followed until the store answers again", slog.Any("error", err))
		}
		timer := in.Plane.Environment().Clock.NewTimer(followAgain)
		select {
		case <-ctx.Done():
		case <-timer.C():
		}
		timer.Stop()
	}
}

// Close ends everything.
func (in *Installation) Close() error {
	if in.stop != nil {
		in.stop()
		<-in.following
	}
	in.closeVault()
	if in.backups != nil {
		if err := in.backups.Close(); err != nil {
			in.log.Debug("closing the place of backups", slog.Any("error", err))
		}
	}
	return in.Store.Close()
}
